"""Whether the court finds the truth about mixtures where it is known, and small instances run."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from theory import circuits
from theory.networks import modular_addition, permutation
from theory.questions import exceptions, mixtures, mixtures_elsewhere, nearest, shared_units
from theory.questions.descended import POOL, nested
from theory.theories import (
    HOMOGENEOUS,
    LINE,
    MEAN_FIELD,
    MINIMAL_MODEL,
    ONE_SIDED,
    SYMMETRIC,
    mixing,
)
from theory.theories.rule_and_exceptions import SEPARATE, SHARED, norm_with
from theory.trial import outcomes

SEEDS = [1, 2, 3, 4]
NEAR = xr.DataArray(1 + 0.002 * np.array([-1.0, 1, -1, 1]), {"seed": SEEDS}, "seed")
LAWS = {"one": mixing.one_sided, "line": mixing.line, "two": mixing.symmetric}


def verdicts(question, theory, runs):
    found = outcomes(question, [theory], question.measure(runs))
    return {each.quantity.name: each.judgement.verdict for each in found if not each.place}


def world(share, separate=False):
    """Networks that obey a law, with one right logit, and all memory in wave units."""
    blank = xr.Dataset(coords={"case": list(mixtures.CASES)})
    steps = [*mixtures.LADDER, POOL]
    modulus, l2 = (mixtures.setting(name, blank) for name in ("modulus", "l2"))
    critical = mixtures.critical(blank)
    top = 0.8 * modulus**2 / critical
    size = xr.concat(
        [xr.full_like(critical, step) if np.isfinite(step) else top for step in steps],
        xr.DataArray(steps, dims="step", name="step"),
    )
    memory = xr.apply_ufunc(share, size) * NEAR
    logit = xr.full_like(memory, 10.0)
    pool_norm = (3.12 * modulus * logit ** (2 / 3) * (critical / 4 / modulus) ** (2 / 3)) ** 0.5
    saved = xr.apply_ufunc(
        lambda low, high: mixing.norm_against_pool(share, low, high), size, top, vectorize=True
    )
    norm = pool_norm * saved
    alone = pool_norm.isel(step=0, drop=True)
    if separate:
        norm = pool_norm * ((1 - memory) ** (2 / 3) + (size * memory) ** (2 / 3)) ** 0.5
    rise = l2 / 3 * (norm**2 * memory)
    middle = (rise + rise.shift(step=1)) / 2
    objective = 0.1 + (middle * np.log(size).diff("step")).cumsum("step").reindex(step=steps)
    rungs = list(mixtures.RANDOM)
    at = xr.DataArray(rungs, {"random_step": rungs}, "random_step")
    ones = xr.ones_like(memory)
    return xr.Dataset(
        {
            "train_logit": logit,
            "test_logit": logit * (1 - memory),
            "test_accuracy": circuits.test_accuracy(memory.clip(0, 1)),
            "parameter_norm": norm,
            "objective": objective.fillna(0.1),
            "wave_norm": norm**2 * (1 - 0.1 * memory),
            "wave_train_logit": logit,
            "wave_test_logit": logit * (1 - memory),
            "cut_train_accuracy": ones,
            "cut_test_accuracy": ones,
            "wave_units": 20 * ones,
            "units": 20 * ones,
            "residual": 1e-4 * ones,
            "moved": 0.1 * ones,
            "random_logit": 10 * ones.isel(step=0, drop=True) * xr.ones_like(at, float),
            "random_norm": alone * at ** (1 / 3),
            "random_objective": 0.1 * xr.ones_like(at, float),
            "expected_share": memory.mean("seed"),
            "expected_norm": norm.mean("seed"),
            "expected_right_logit": logit.mean("seed"),
            "expected_memory_norm": 0.3 * norm.mean("seed"),
        }
    )


@pytest.mark.parametrize(
    ("law", "theory"), [("one", ONE_SIDED), ("line", LINE), ("two", SYMMETRIC)]
)
def test_the_law_of_a_world_holds(law, theory):
    found = verdicts(mixtures, theory, world(LAWS[law]))
    wanted = (
        "equal_weights",
        "share_at_equal_cost",
        "share_at_double",
        "norm_at_equal_cost",
        "decay_drift",
        "modulus_drift",
    )
    assert {name: found[name] for name in wanted} == dict.fromkeys(wanted, "holds")


@pytest.mark.parametrize(("law", "theory"), [("line", ONE_SIDED), ("one", LINE), ("two", LINE)])
def test_another_law_is_refuted(law, theory):
    found = verdicts(mixtures, theory, world(LAWS[law]))
    assert found["equal_weights"] == found["share_at_double"] == "refuted"


def test_the_mean_field_is_held_against_the_runs():
    found = verdicts(mixtures, MEAN_FIELD, world(mixing.line))
    assert found["share_at_double"] == "holds"
    bare = world(mixing.line).assign(expected_share=world(mixing.symmetric).expected_share)
    assert verdicts(mixtures, MEAN_FIELD, bare)["share_at_double"] == "refuted"


def test_separate_circuits_are_told_from_shared_ones():
    shared = verdicts(shared_units, ONE_SIDED, world(mixing.one_sided))
    assert shared["norm_over_separate"] == shared["memory_in_waves"] == "holds"
    assert shared["identity_below"] == shared["identity_above"] == "holds"
    assert (
        verdicts(shared_units, MINIMAL_MODEL, world(mixing.one_sided))["norm_over_separate"]
        == "refuted"
    )
    apart = world(mixing.one_sided, separate=True)
    assert verdicts(shared_units, MINIMAL_MODEL, apart)["norm_over_separate"] == "holds"


def test_a_drift_is_that_of_one_case_over_another():
    runs = world(mixing.line)
    shifted = world(mixing.one_sided)
    strong = runs["case"] == "79, strong"
    runs = runs.assign(
        {
            name: xr.where(strong, shifted[name], runs[name])
            for name in ("test_logit", "train_logit")
        }
    )
    drift = mixtures.measure(runs)["decay_drift"].low
    there = mixing.half(mixing.line) / mixing.half(mixing.one_sided)
    assert float(drift.mean()) == pytest.approx(there, rel=0.02)
    assert verdicts(mixtures, LINE, runs)["decay_drift"] == "refuted"


def test_a_law_is_ahead_of_another_only_where_it_is_nearer():
    measured = mixtures.measure(world(mixing.line))
    found, size = measured["share"], measured["relative_size"]
    right, other = (xr.apply_ufunc(LAWS[name], size) for name in ("line", "one"))
    assert nearest.ahead(found, right, other)
    assert not nearest.ahead(found, other, right)
    assert not nearest.ahead(found, right, right)


def test_a_step_off_the_ladder_is_not_known():
    curve = xr.DataArray([0.0, 1.0], {"step": [1.0, np.e]}, "step")
    at = xr.DataArray([0.5, np.e**0.5, 4.0], dims="case")
    assert mixtures.read_off(curve, at).values == pytest.approx([np.nan, 0.5, np.nan], nan_ok=True)


def test_errors_are_root_mean_squares_where_all_speak():
    found = xr.DataArray([[0.0, 0.0], [1.0, 1.0]], {"step": [0.5, 1.0], "seed": [1, 2]})
    late = found["step"] > 0.7
    said = {"right": found, "off": found + 0.5, "silent": found.where(late) + 0.1}
    errors = nearest.errors(found, said)
    assert errors.sel(law="right").values == pytest.approx(0)
    assert errors.sel(law="off").values == pytest.approx(0.5)
    assert errors.sel(law="silent").values == pytest.approx(0.1)


def exceptional(penalty):
    """Networks whose exceptions cost what a penalty says."""
    price = 24.0
    steps = list(exceptions.PER_LABEL)
    logit = 10.0
    bare = price * logit ** (1 / 3)
    size = circuits.pool_size(bare, logit, exceptions.MODULUS) / exceptions.MODULUS
    over = [1.0, *(norm_with(penalty, price, size, each) for each in steps[1:])]
    norm = bare * xr.DataArray(over, {"per_label": steps}, "per_label") * NEAR
    ones = xr.ones_like(norm)
    return xr.Dataset(
        {
            "parameter_norm": norm,
            "train_logit": logit * ones,
            **dict.fromkeys(
                ("test_logit", "test_accuracy", "memorised", "false_logit", "true_logit", "moved"),
                ones,
            ),
        }
    )


def test_the_cost_of_exceptions_tells_shared_from_separate_units():
    assert verdicts(exceptions, ONE_SIDED, exceptional(SHARED)) == {"norm_with_exceptions": "holds"}
    assert verdicts(exceptions, HOMOGENEOUS, exceptional(SHARED)) == {
        "norm_with_exceptions": "refuted"
    }
    assert verdicts(exceptions, HOMOGENEOUS, exceptional(SEPARATE)) == {
        "norm_with_exceptions": "holds"
    }


def test_small_networks_come_down(monkeypatch):
    monkeypatch.setitem(mixtures.CASES, "small", mixtures.Case(23, 1e-3))
    monkeypatch.setattr(mixtures, "LADDER", (0.7, 1.2))
    monkeypatch.setattr(mixtures, "RANDOM", (0.7,))
    found = mixtures.again("small", 1, width=48)
    assert dict(found.sizes) == {"step": 3, "random_step": 1}
    assert (found.residual < 4e-4).all()
    share = 1 - found.test_logit / found.train_logit
    assert share[0] > share[1] > share[2]
    assert found.test_accuracy[2] > 0.95


def test_a_network_learns_its_exceptions():
    found = exceptions.again(1, modulus=23, sizes=(0.0, 2.0))
    assert found.memorised[1] == 1
    assert found.parameter_norm[1] > found.parameter_norm[0]
    assert found.false_logit[1] > found.true_logit[1]
    assert np.isnan(found.memorised[0])


def test_exceptions_are_other_labels_and_nothing_else():
    task = modular_addition(23)
    places = np.arange(0, 200, 5)
    changed = exceptions._false(task, places, seed=1).labels != task.labels
    assert np.flatnonzero(changed).tolist() == places.tolist()


def test_sizes_are_nested_and_never_seen_before():
    pool = modular_addition(23).split(400, rng=1)
    few, many = nested(pool, [50, 100], seed=1)
    assert set(few) < set(many) <= set(pool.train)
    with pytest.raises(ValueError, match="sizes must be from 1 to 400, got \\[401\\]"):
        nested(pool, [401], seed=1)


def test_another_kind_comes_down_at_parts_of_its_own_equal_cost(monkeypatch):
    small = replace(
        mixtures_elsewhere.CASES["S_4"],
        task=lambda: permutation("xy", 3),
        updates=60,
        memorised=(2.0, 3.0),
    )
    monkeypatch.setattr(mixtures_elsewhere, "CASES", {"S_3": small})
    monkeypatch.setattr(mixtures_elsewhere, "LADDER", (0.6, 30.0))
    found = mixtures_elsewhere.again("S_3", 1)
    assert found.test_accuracy.notnull().values.tolist() == [True, False]
    assert found.pool_train_logit > 0
    assert found.random_objective[0] < found.random_objective[1]


def test_a_law_goes_with_the_price_of_memory():
    blank = xr.Dataset(coords={"case": list(mixtures_elsewhere.CASES), "seed": SEEDS})
    ones = xr.ones_like(blank["case"], float) * xr.ones_like(blank["seed"], float)
    predicts = LINE.predicts["mixtures_elsewhere", "equal_weights"]
    said = predicts({"pool_over_cost": 2.0 * ones}).value
    assert said.sel(case="S_4") == pytest.approx(0.79)
    assert predicts({"pool_over_cost": 1.2 * ones}).error > 0.1
    assert said.sel(case="cubes") == pytest.approx(0.79 ** (2 / 3))
