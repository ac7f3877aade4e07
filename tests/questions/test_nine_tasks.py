"""Whether prices, places and exponents on other tasks are read off as they are."""

import numpy as np
import pytest
import xarray as xr

from theory.networks import TwoLayer
from theory.questions import nine_tasks, operations
from theory.questions.nine_tasks import (
    COMING_DOWN,
    GROUPS,
    PARTS_OF_HALF,
    PENALTIES,
    SEEDS,
    UNSEEN,
    VARIED,
)
from theory.questions.operations import CASES, FIXED, PRICED, SHARES
from theory.questions.practice import pool_of
from theory.theories import THEORIES, group_costs
from theory.trial import outcomes

#: What `group_costs.equal_cost` says, rounded: it takes seconds.
DERIVED = {"xy, D_14": 10.3, "xy, D_15": 12.0}


@pytest.fixture(autouse=True)
def _derived(monkeypatch):
    monkeypatch.setattr(group_costs, "equal_cost", DERIVED.__getitem__)


def along(name, values, numbers=None):
    return xr.DataArray(list(values if numbers is None else numbers), {name: list(values)}, name)


def made(over=1.0, steep=200.0, exponents=(1 / 3, 0.0), slope=0.0, costs=None, memory=0.2):
    """Runs of tasks whose half-way sizes are `over` equal cost; two tasks have none in the pool."""
    half = {case: (of.half or 10.0) / over for case, of in CASES.items()}
    costs = {**half, **(costs or DERIVED)}
    rng = np.random.default_rng(0)
    scatter = along("seed", SEEDS, 1 + 1e-3 * rng.standard_normal(len(SEEDS)))
    share, priced = along("share", SHARES), along("priced", PRICED)
    pool = nine_tasks.setting("pool", along("case", CASES)).rename(case="every")
    cost = along("every", CASES, costs.values())
    cost[-2:] = 3 * pool[-2:]
    guess = nine_tasks.setting("half", along("case", COMING_DOWN))
    place = over * along("case", COMING_DOWN, [costs[case] for case in COMING_DOWN]) / guess
    right = scatter / scatter / (1 + (place / along("part", PARTS_OF_HALF)) ** steep)
    l2 = along("l2", PENALTIES)
    varied = right.sel(case=list(VARIED), part=list(FIXED)).rename(case="varied", part="fixed")
    return xr.Dataset(
        {
            "test_accuracy": right,
            "test_logit": right,
            "train_logit": 1 + 0 * right,
            "residual": 0 * right,
            "shuffled_objective": 0.05 * share**0.7 * scatter + 0 * pool,
            "pool_objective": 0.05 * (cost / pool) ** 0.7 * scatter,
            "shuffled_price": 20 * share ** exponents[0] * scatter + 0 * pool,
            "own_price": 20 * priced ** exponents[1] * scatter + 0 * pool,
            "memory": memory + 0 * priced * scatter * pool,
            "pool_accuracy": 1 + 0 * scatter * pool,
            "varied_accuracy": varied + slope * np.log10(l2 / operations.L2),
        }
    )


def verdicts(runs):
    found = outcomes(nine_tasks, THEORIES, nine_tasks.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def test_places_widths_and_exponents_are_read_off():
    found = nine_tasks.measure(made(over=0.9, steep=10.0, exponents=(0.3, 0.05), slope=0.1))
    assert found["half_over_cost"].low.values == pytest.approx(0.9, rel=0.02)
    assert found["width"].low.values == pytest.approx(81 ** (1 / 10), rel=0.02)
    assert found["memorising_exponent"].values == pytest.approx(0.3)
    assert found["circuit_exponent"].values == pytest.approx(0.05)
    assert found["accuracy_slope"].values == pytest.approx(0.1, abs=1e-6)
    assert found["equal_cost"].low.values == pytest.approx(11.5, rel=0.15)
    groups = found["equal_cost_groups"].low.mean("seed").values
    assert groups == pytest.approx([DERIVED[case] for case in GROUPS], rel=0.02)


def test_the_circuit_alone_is_cheaper_by_its_memory():
    runs = made(exponents=(1 / 3, 0.0))
    memory = xr.DataArray([0.4, 0.1], {"priced": list(PRICED)}, "priced")
    found = nine_tasks.measure(runs.assign(memory=memory + 0 * runs.memory))
    expected = np.log(0.9 / 0.6) / 6 / np.log(PRICED[1] / PRICED[0])
    assert found["circuit_exponent"].values == pytest.approx(expected)
    assert found["generalising_exponent"].values == pytest.approx(0.0, abs=1e-9)


def test_a_task_whose_labels_cost_as_if_shuffled_has_no_equal_cost_in_the_pool():
    found = nine_tasks.measure(made())["equal_cost_all"]
    last = {"case": list(CASES)[-1]}
    pool = nine_tasks.setting("pool", along("case", CASES)).sel(last)
    assert found.low.sel(last).values == pytest.approx(float(pool))
    assert np.isinf(found.high.sel(last)).all()


def test_a_network_that_had_not_grokked_tells_nothing():
    runs = made()
    never = runs.assign(pool_accuracy=runs.pool_accuracy.where(runs["seed"] != SEEDS[0], 0.3))
    found = nine_tasks.measure(never)
    assert np.isinf(found["half_over_cost"].high.sel(seed=SEEDS[0])).all()
    assert found["circuit_exponent"].sel(seed=SEEDS[0]).isnull().all()


def test_what_theories_say_can_hold_and_be_missed():
    model = [("minimal model", name) for name in ("half_over_cost", "width", "circuit_exponent")]
    model += [("minimal model", name) for name in ("memorising_exponent", "accuracy_slope")]
    costs = [("group costs", "equal_cost_groups"), ("derived costs", "memorising_exponent")]
    found = verdicts(made(steep=60.0))
    assert {found[each] for each in model + costs} == {"holds"}
    assert found["one-sided mixing", "width"] == "refuted"
    missed = made(0.85, 12.0, (-0.1, 0.2), 0.2, costs=dict.fromkeys(DERIVED, 13.0))
    found = verdicts(missed)
    assert {found[each] for each in model + costs} == {"refuted"}


def test_both_laws_can_hold_and_be_missed():
    near = verdicts(made(over=0.86, steep=10.4))
    assert near["empirical line", "weights_over_cost"] == "holds"
    assert near["empirical line", "half_over_cost"] == "holds"
    assert near["empirical line", "width"] == near["one-sided mixing", "width"] == "holds"
    far = verdicts(made(over=1.15, steep=40.0, costs=dict.fromkeys(DERIVED, 9.0)))
    for name in ("empirical line", "one-sided mixing"):
        assert far[name, "weights_over_cost"] == far[name, "width"] == "refuted"


def test_shuffled_labels_are_the_same_ones_on_the_same_examples():
    pool = pool_of(operations.task_of("x^2+y^2, m = 29"), 3)
    places = pool.train[:100]
    found = operations.shuffled(pool, places, 3)
    labels, others = (each.task.labels[places] for each in (pool, found))
    assert sorted(labels) == sorted(others)
    assert (labels == others).mean() < 0.2
    np.testing.assert_array_equal(found.train, places)
    np.testing.assert_array_equal(found.test, pool.test)
    np.testing.assert_array_equal(found.task.labels[pool.test], pool.task.labels[pool.test])


def test_all_sizes_fit_into_the_pool():
    for case in COMING_DOWN:
        assert (
            operations.size_of(case, PARTS_OF_HALF[-1])
            <= pool_of(operations.task_of(case), 0).train.size
        )
    assert set(UNSEEN) <= set(CASES)


def test_groups_are_groups():
    for case in GROUPS:
        found = operations.irreps_of(case)
        assert sum(each.functions for each in found) == operations.task_of(case).num_labels


def test_a_small_instance_runs_once(tmp_path, monkeypatch):
    small = {"xy, S_4": operations.Case(lambda: operations._turns(3), 4.0)}
    for module in (operations, nine_tasks):
        monkeypatch.setattr(module, "CASES", small)
    monkeypatch.setattr(operations, "_network", lambda: TwoLayer(16))
    monkeypatch.setattr(nine_tasks, "VARIED", tuple(small))
    monkeypatch.setattr(nine_tasks, "PENALTIES", PENALTIES[:1])
    operations.task_of.cache_clear()
    points = {"case": list(small), "part": [0.8], "seed": [1]}
    found = nine_tasks.run(tmp_path, points)
    assert found.residual.max() <= 1e-3
    assert found.shuffled_price.notnull().all()
    monkeypatch.setattr(operations, "gone_on", None)
    xr.testing.assert_identical(nine_tasks.run(tmp_path, points), found)
    operations.task_of.cache_clear()
    operations._grokked.cache_clear()
