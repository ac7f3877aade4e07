"""Whether exponents in the number of answers are those of the runs."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import answers
from theory.questions.answers import (
    ALL,
    DEALT,
    PARTS_OF_MIDDLE,
    POINTS,
    RANDOM,
    SHARED,
    SUMS,
    THIRD,
)
from theory.theories import THEORIES
from theory.trial import outcomes

MODULI, SEEDS = POINTS["modulus"], POINTS["seed"]


def made(half, cost, memory=1 / 3, waves=None):
    """Runs with exponents of half-way and equal cost, by the way of the answers."""
    waves = waves or {}
    coords = {"modulus": list(MODULI), "answers": [ALL, SUMS, DEALT], "seed": list(SEEDS)}
    part = xr.DataArray(list(PARTS_OF_MIDDLE), {"part": list(PARTS_OF_MIDDLE)}, "part")
    random = xr.DataArray(list(RANDOM), {"random": list(RANDOM)}, "random")
    ones = xr.DataArray(np.ones((3, 3, 10)), coords, list(coords))

    def by_way(exponents):
        ways = xr.DataArray(
            [SHARED ** -exponents.get(way, 0.0) for way in coords["answers"]],
            {"answers": coords["answers"]},
            "answers",
        )
        return ones * ways

    middle = xr.DataArray([answers.MIDDLE[way] for way in coords["answers"]], dims="answers")
    at = by_way(half) / middle.assign_coords(answers=coords["answers"])
    pool_norm = xr.DataArray([waves.get(way, 1.0) for way in coords["answers"]], dims="answers")
    norm = ones * 40 * np.sqrt(pool_norm.assign_coords(answers=coords["answers"]))
    few = xr.DataArray([1.0, SHARED**-memory], {"labels": [ALL, THIRD]}, "labels")
    seeds = ones.isel(answers=0, drop=True)
    costs = by_way(cost)
    at_cost = xr.concat([costs.sel(answers=way, drop=True) for way in (ALL, SUMS)], "labels")
    at_cost = at_cost.assign_coords(labels=[ALL, THIRD])
    # Dealt out, labels cost what they do as sums; the pool's objective makes the difference.
    risen = (costs.sel(answers=DEALT) / costs.sel(answers=SUMS)) ** 0.7
    return xr.Dataset(
        {
            "test_accuracy": 1 / (1 + (at / part) ** 8),
            "parameter_norm": ones * (part > 0),
            "residual": 0 * ones * (part > 0),
            "pool_norm": norm,
            "pool_logit": 10 * ones,
            "pool_objective": 0.05 * ones.where(ones["answers"] != DEALT, risen),
            "pool_units": 25 * ones,
            "pool_test": ones,
            "pool_residual": 0 * ones,
            "random_norm": np.sqrt(seeds * few) * random ** (1 / 3),
            "random_logit": 10 * seeds * (few > 0) * (random > 0),
            "random_objective": 0.05 * (random / (12 * at_cost)) ** 0.7,
            "random_residual": 0 * seeds * (few > 0) * (random > 0),
        }
    )


def verdicts(runs):
    found = outcomes(answers, THEORIES, answers.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def test_exponents_are_read_off():
    runs = made({SUMS: 0.2, DEALT: -0.3}, {SUMS: 0.25, DEALT: -0.35}, memory=0.3)
    found = answers.measure(runs)
    for name, value in (
        ("half_sums", 0.2),
        ("half_dealt", -0.3),
        ("cost_sums", 0.25),
        ("cost_dealt", -0.35),
        ("memory", 0.3),
    ):
        assert found[name].low.values == pytest.approx(value, abs=0.02), name


def test_what_derived_costs_say_can_hold_and_be_missed():
    held = made(
        {SUMS: 0.41, DEALT: -0.35},
        {SUMS: 0.41, DEALT: -0.35},
        memory=0.32,
        waves={SUMS: 0.596, DEALT: 0.908},
    )
    found = verdicts(held)
    ours = {name: each for (theory, name), each in found.items() if theory == "derived costs"}
    assert set(ours.values()) == {"holds"}
    assert found["coverage of answers", "half_dealt"] == "refuted"
    assert found["coverage of answers", "half_sums"] == "holds"
    missed = made(
        {SUMS: -0.1, DEALT: 0.05},
        {SUMS: -0.3, DEALT: 0.3},
        memory=0.1,
        waves={SUMS: 1.0, DEALT: 1.2},
    )
    found = verdicts(missed)
    ours = {name: each for (theory, name), each in found.items() if theory == "derived costs"}
    del ours["half_over_cost"]
    assert set(ours.values()) == {"refuted"}


def test_answers_are_shared_by_as_many_sums():
    for way in (SUMS, DEALT):
        counts = np.bincount(answers.answers_of(39, way, 6300))
        assert counts.tolist() == [SHARED] * 13
    pool = answers.pool_at(39, DEALT, 6300)
    a, b = pool.task.inputs.T
    assert np.array_equal(pool.task.labels, answers.answers_of(39, DEALT, 6300)[(a + b) % 39])
    assert pool.task.num_labels == 13
