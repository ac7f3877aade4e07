"""Whether half-way sizes by width are read off as they are, and what is said of them."""

import numpy as np
import pytest
import xarray as xr

from theory import circuits
from theory.questions import grokked_width as asked
from theory.questions.grokked_width import FEW, L2, POINTS, RANDOM, SIZES
from theory.theories import THEORIES
from theory.trial import outcomes

MODEL, COSTS, CAPACITY = "minimal model", "derived costs", "competing capacities"


def made(few=-0.15, enough=0.0, cost=0.0, even=0.0):
    """Runs with these exponents in the width; beyond 64 units `enough` alone."""
    coords = {name: list(values) for name, values in POINTS.items() if name != "part"}
    scatter = np.exp(0.01 * np.random.default_rng(0).standard_normal([3, 4, 10]))
    noise = xr.DataArray(scatter, coords, list(coords))
    part = xr.DataArray(list(SIZES), {"part": list(SIZES)}, "part")
    random = xr.DataArray(list(RANDOM), {"random": list(RANDOM)}, "random")
    narrow = (noise["width"].clip(max=FEW[-1]) / FEW[-1]).astype(float)
    wide = (noise["width"].clip(min=FEW[-1]) / FEW[-1]).astype(float)
    half, equal = 0.9 * narrow**few * wide**enough * noise, narrow**cost
    weights = 0.9 * narrow**even
    return xr.Dataset(
        {
            "test_accuracy": 1 / (1 + (half / part) ** 8),
            "train_logit": 10 + 0 * part * noise,
            "test_logit": 10 / (1 + (weights / part) ** 8) + 0 * noise,
            "random_objective": 0.055 * (random / equal) ** 0.5 + 0 * noise,
            "pool_objective": 0.055 + 0 * noise,
            "pool_accuracy": 1 + 0 * noise,
            "residual": 0 * part * noise,
            "moved": 0 * part * noise,
            "gained": 0 * noise.isel(modulus=0, drop=True),
        }
    )


def said_of(runs):
    found = outcomes(asked, THEORIES, asked.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def test_exponents_are_read_off():
    found = asked.measure(made(few=-0.2, enough=0.1, cost=0.05, even=-0.1))
    for name, value in {
        "half_way_few": -0.2,
        "half_over_cost_few": -0.25,
        "half_way_enough": 0.1,
        "even_over_cost_few": -0.15,
        "cost_few": 0.05,
    }.items():
        assert found[name].low.mean() == pytest.approx(value, abs=0.02), name
        assert set(found[name].low.dims) == {"modulus", "seed"}


@pytest.mark.parametrize(
    ("runs", "theory", "name", "verdict"),
    [
        ({}, MODEL, "half_over_cost_few", "refuted"),
        ({"few": 0.0}, MODEL, "half_over_cost_few", "holds"),
        # Whatever half-way does, it may follow what both cost.
        ({"cost": -0.15}, MODEL, "half_over_cost_few", "holds"),
        ({}, MODEL, "even_over_cost_few", "holds"),
        ({"even": -0.15}, MODEL, "even_over_cost_few", "refuted"),
        ({}, COSTS, "half_way_enough", "holds"),
        ({"enough": 0.15}, COSTS, "half_way_enough", "refuted"),
        ({}, CAPACITY, "half_way_few", "holds"),
        ({"few": 0.1}, CAPACITY, "half_way_few", "refuted"),
    ],
)
def test_what_theories_say_can_hold_and_be_missed(runs, theory, name, verdict):
    assert said_of(made(**runs))[theory, name] == verdict


def test_a_network_that_never_gets_half_right_is_a_bound():
    runs = made()
    wrong = runs.assign(test_accuracy=runs.test_accuracy.where(runs["width"] > FEW[0], 0.1))
    low, high = asked.measure(wrong)["half_way_few"]
    # With the fewest it is beyond all sizes, so that it falls the more steeply.
    assert np.isneginf(low).all()
    assert (high < 0).all()


def test_a_network_that_has_grokked_goes_on_with_a_part_of_its_pool():
    few, many = (asked.again(27, 24, part, 1) for part in (SIZES[0], SIZES[-1]))
    assert few.test_accuracy < 0.5 < many.test_accuracy
    assert many.residual < 1e-3
    assert abs(asked.longer(24, 1).gained) < 0.1
    priced = asked.costs(27, 24, 1)
    assert (priced.random_objective.diff("random") > 0).all()
    assert priced.pool_accuracy > 0.8
    assert asked.size_of(27, 1.0) == round(float(circuits.critical_size(27, L2)))
