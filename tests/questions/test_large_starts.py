"""Whether times from large starts are read off in units of decay."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import large_starts
from theory.questions.large_starts import ADAMW, DESCENT, DIGITS, POINTS, SCALES, WAYS
from theory.theories import THEORIES
from theory.trial import outcomes

COORDS = {name: list(values) for name, values in POINTS.items()}


def along(name, values):
    return xr.DataArray(list(values), {name: COORDS[name]}, name)


def made(slope, dearer=2.0, late=1.0):
    """Runs with a slope in units of decay, and random labels so many times as dear."""
    rng = np.random.default_rng(0)
    sizes = [len(values) for values in COORDS.values()]
    scatter = xr.DataArray(np.exp(0.01 * rng.standard_normal(sizes)), COORDS, list(COORDS))
    falls = along("way", [WAYS[way].falls for way in COORDS["way"]])
    scale = along("scale", SCALES)
    generalises = (1000 + slope * np.log(scale / SCALES[1]) / falls) * scatter
    labels = xr.DataArray([1.0, np.sqrt(dearer)], {"labels": ["own", "random"]}, "labels")
    start = xr.DataArray([1.0, 1.02], {"start": [SCALES[0], SCALES[-1]]}, "start")
    ends = scatter.isel(way=0, scale=0, drop=True) * labels * start
    return xr.Dataset(
        {
            "fits": generalises / xr.where(scale == 1, late, 5.0),
            "generalises": generalises,
            "norm": 0 * scatter + 30,
            "pushed": 0 * scatter,
            "test_accuracy": 0 * scatter,
            "parameter_norm": 0 * scatter + 1,
            "end_norm": 12 * ends,
            "end_train": 0 * ends + 1,
            "end_test": 0 * ends + 0.9,
        }
    )


def verdicts(runs):
    found = outcomes(large_starts, THEORIES, large_starts.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


@pytest.mark.parametrize("slope", [0.4, 1.0])
def test_slopes_are_in_units_of_decay(slope):
    found = large_starts.measure(made(slope))
    for name in ("slope_digits", "slope_descent", "slope_adamw"):
        assert found[name].mean() == pytest.approx(slope, abs=0.05), name


def test_what_theories_say_can_hold_and_be_missed():
    found = verdicts(made(1.0))
    held = {name for (theory, name), each in found.items() if each == "holds"}
    assert held >= {
        "slope_digits",
        "slope_descent",
        "slope_adamw",
        "late_small",
        "late_large",
        "cheaper_small",
        "cheaper_large",
    }
    found = verdicts(made(0.6, dearer=0.8, late=3.0))
    for theory, name in (
        ("Omnigrok", "slope_digits"),
        ("Omnigrok", "slope_descent"),
        ("Omnigrok", "slope_adamw"),
        ("Omnigrok", "late_small"),
        ("minimal model", "cheaper_small"),
        ("minimal model", "cheaper_large"),
    ):
        assert found[theory, name] == "refuted", name


def test_a_slope_needs_all_of_its_starts():
    runs = made(1.0)
    torn = runs.assign(generalises=runs.generalises.where(runs["scale"] != SCALES[-1]))
    assert large_starts.measure(torn)["slope_digits"].isnull().all()


def test_decay_alone_takes_the_norm_down_by_e_in_the_unit_of_time():
    """With nothing to learn: one update of each optimiser after many, by decay only."""
    for way in (DIGITS, DESCENT, ADAMW):
        given, theta = WAYS[way], np.ones(3)
        state = given.optimiser.start(theta)
        if way == DESCENT:
            # Momentum needs a while to carry the penalty on.
            for update in range(2000):
                given.optimiser.step(theta, np.zeros(3), state, update)
            ratio = (theta[0]) ** (1 / 2000)
        else:
            given.optimiser.step(theta, np.zeros(3), state, 0)
            ratio = theta[0]
        assert -np.log(ratio) == pytest.approx(given.falls, rel=0.02), way


def test_a_start_is_scaled_as_a_whole_and_has_seen_nothing():
    split = large_starts.examples_of(ADAMW, "small", 6450)
    usual, large = (
        large_starts._training(WAYS[ADAMW], split, scale, 10, 6450).first_parameters().flat
        for scale in (1, 8)
    )
    np.testing.assert_allclose(large, 8 * usual)
    assert np.intersect1d(split.train, split.test).size == 0
