"""Whether kinks on groups and on random labels are read off as they are, and what is derived."""

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import check_grad

from theory import circuits
from theory.questions import harder_width
from theory.questions.group_tables import both, dihedral, permutations
from theory.questions.harder_width import (
    ENOUGH,
    FEW,
    FEWER,
    GROUPS,
    LABELS,
    MANY,
    POINTS,
    SCRATCH,
    SIZES,
    SMALL,
    WIDE,
)
from theory.theories import THEORIES, enough_group_units
from theory.trial import outcomes

SEEDS = list(POINTS["seed"])


def along(name, values, numbers=None):
    return xr.DataArray(list(values if numbers is None else numbers), {name: list(values)}, name)


def made(kinks, labels, many=(22, 24, 26), half=0.0, wide=0.0, in_use=20.0):
    """Runs whose objectives bend at so many units, by group and by number of labels."""
    rng = np.random.default_rng(0)
    scatter = along("seed", SEEDS, np.exp(0.004 * rng.standard_normal(len(SEEDS))))
    width, units = along("width", POINTS["width"]), along("units", (*FEWER, *ENOUGH))

    def bent(at, enough):
        return (1 + 0.05 * (at / enough) ** 4) * scatter

    pool = bent(along("group", GROUPS, kinks), width)
    tilted = pool * (width / WIDE[0]).clip(min=1) ** wide
    random = [bent(along("labels", LABELS, at), units) for at in (labels, many)]
    memory = xr.concat(random, along("per_label", (FEW, MANY)))
    middle = 12 * (along("hidden", SCRATCH) / 32) ** half * along("small", SMALL, (1, 1))
    return xr.Dataset(
        {
            "pool_objective": 0.1 * tilted,
            "pool_residual": 0 * pool,
            "active": in_use + 0 * pool,
            "test_accuracy": 1 + 0 * pool,
            "random_objective": 0.02 * memory * (units / ENOUGH[0]).clip(min=1) ** wide,
            "random_residual": 0 * memory,
            "scratch_accuracy": 1 / (1 + (middle / along("size", SIZES)) ** 8) + 0 * scatter,
        }
    )


def verdicts(runs):
    found = outcomes(harder_width, THEORIES, harder_width.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def test_kinks_and_exponents_are_read_off():
    found = harder_width.measure(made((18, 24, 30, 45), (30, 40, 50), half=-0.1, wide=0.02))
    kinks = found["waves_kink"].low.mean("seed")
    assert kinks.values == pytest.approx([18, 24, 30, 45], rel=0.07)
    assert found["memory_kink"].low.mean("seed").values == pytest.approx([30, 40, 50], rel=0.07)
    many = found["memory_kink_many"].low.mean("seed").values
    assert many == pytest.approx([22, 24, 26], rel=0.07)
    assert found["waves_ratio"].low.mean() == pytest.approx(1.5, rel=0.05)
    assert found["waves_ratio_small"].low.mean() == pytest.approx(0.75, rel=0.05)
    assert found["memory_trend"].low.mean() == pytest.approx(1, abs=0.1)
    assert found["half_way"].low.mean() == pytest.approx(-0.1, abs=0.02)
    for name in ("waves_wide", "memory_wide"):
        assert found[name].mean() == pytest.approx(0.02, abs=0.01), name


def test_what_theories_say_can_hold_and_be_missed():
    derived = [enough_group_units.units_missed(group) for group in GROUPS]
    ours = [
        ("group costs", name)
        for name in ("waves_ratio", "waves_ratio_small", "waves_kink", "waves_wide")
    ]
    ours += [
        ("derived costs", name)
        for name in ("memory_kink", "memory_trend", "memory_kink_many", "memory_wide")
    ]
    found = verdicts(made(derived, LABELS, LABELS, half=-0.1, in_use=60.0))
    assert {found[each] for each in ours} == {"holds"}
    assert found["units in use", "waves_kink"] == "refuted"
    assert found["competing capacities", "half_way"] == "holds"
    found = verdicts(made((40, 40, 40, 40), (22, 22, 22), half=0.1, wide=-0.1, in_use=40.0))
    assert {found[each] for each in ours} == {"refuted"}
    assert found["units in use", "waves_kink"] == "holds"
    assert found["competing capacities", "half_way"] == "refuted"


@pytest.mark.parametrize("group", GROUPS)
def test_tables_are_of_groups_with_representations_of_real_type(group):
    found = harder_width.irreps_of(group)
    order = len(harder_width.table(group))
    assert sum(each.functions for each in found) == order
    assert {each.kind for each in found} == {"real"}


def test_two_groups_have_as_many_elements_and_other_dimensions():
    deltas = [
        [each.delta for each in harder_width.irreps_of(group)] for group in ("A_5", "D_5 x S_3")
    ]
    assert deltas == [[1, 3, 3, 4, 5], [1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 4, 4]]
    assert [sum(np.square(each)) for each in deltas] == [60, 60]


def test_products_of_groups_are_theirs():
    table = both(permutations(3), dihedral(4))
    assert table[0].tolist() == list(range(48))
    # Elements of two factors commute.
    for one in range(6):
        for other in range(8):
            assert table[8 * one, other] == table[other, 8 * one] == 8 * one + other


def test_all_sizes_fit_into_the_pool():
    for group in SMALL:
        assert (
            SIZES[-1] * len(harder_width.table(group)) <= harder_width.pool(group, 7200).train.size
        )


@pytest.mark.parametrize("units", [6.0, 1e6])
def test_the_gradient_is_that_of_the_objective(units):
    price = enough_group_units.GroupPrice(harder_width.irreps_of("S_4"))
    start = np.random.default_rng(1).normal(size=8)
    apart = check_grad(
        lambda x: price._objective(x, units)[0], lambda x: price._objective(x, units)[1], start
    )
    assert apart < 1e-5


def test_with_many_units_it_is_the_circuit_that_is_expected():
    """The same formula as `expected_circuit`, which has the norm and no objective."""
    for group in ("S_4", "A_5"):
        representations = harder_width.irreps_of(group)
        price = enough_group_units.GroupPrice(representations)
        norm = circuits.expected_circuit(representations, harder_width.L2).norm
        penalty = harder_width.L2 / 2 * norm**2
        least = price.least(200.0)
        # The loss is a small part of it.
        assert penalty < least < 1.25 * penalty
        units = circuits.expected_circuit(representations, harder_width.L2).units
        assert price.least(1.02 * units) == pytest.approx(least, rel=2e-3)
        assert price.least(0.5 * units) > 1.1 * least
