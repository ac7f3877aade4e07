"""Whether kinks and exponents in the width are read off as they are."""

import numpy as np
import pytest
import xarray as xr

from theory import circuits
from theory.questions import width
from theory.questions.width import (
    FALLING,
    FEW,
    NARROW,
    PARTS_OF_SIZE,
    POINTS,
    SCRATCH,
    TIMED,
    WIDE,
)
from theory.theories import THEORIES, enough_units
from theory.trial import outcomes

MODULI = list(POINTS["modulus"])
COORDS = {"modulus": MODULI, "seed": list(POINTS["seed"])}


def along(name, values):
    return xr.DataArray(list(values), {name: list(values)}, name)


def made(kinks, labels, time=-1 / 3, norm=1 / 6, falling=1 / 6, wide=0.0, late=1.5):
    """Runs whose objectives bend at so many units, by modulus, and with these exponents."""
    rng = np.random.default_rng(0)
    sizes = [len(values) for values in COORDS.values()]
    scatter = xr.DataArray(np.exp(0.005 * rng.standard_normal(sizes)), COORDS, list(COORDS))
    units, part = along("units", (*NARROW, *WIDE)), along("part", PARTS_OF_SIZE)
    few, timed, hidden = along("few", FEW), along("width", TIMED), along("hidden", SCRATCH)
    bent = [
        1 + 0.05 * (along("modulus", MODULI).copy(data=np.array(at)) / units) ** 4
        for at in (kinks, labels)
    ]
    half_way = (hidden / 64) ** wide
    fits = 500 * (few / 20) ** -0.5 * scatter
    half = fits * late
    return xr.Dataset(
        {
            "fits": 400 * timed**time * scatter,
            "half": 700 * timed**time * scatter,
            "fit_norm": 10 * timed**norm * scatter,
            "test_accuracy": 0 * timed * scatter,
            "parameter_norm": 1 + 0 * timed * scatter,
            "falling_half": 700 * along("falling", FALLING) ** falling * scatter,
            "few_fits": fits,
            "few_half": half,
            "random_fits": half * (few / 20) ** -0.7,
            "pool_objective": 0.055 * bent[0] * scatter,
            "random_objective": 0.055 * bent[1] * scatter,
            "residual": 0 * units * scatter,
            "scratch_accuracy": 1 / (1 + (half_way / part) ** 8) * xr.ones_like(scatter),
        }
    )


def verdicts(runs):
    found = outcomes(width, THEORIES, width.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def test_kinks_and_exponents_are_read_off():
    runs = made((19, 21, 24), (20, 25, 31), time=-0.4, norm=0.1, falling=0.1, wide=0.1, late=1.3)
    found = width.measure(runs)
    kinks = found["waves_kink"].low.mean("seed")
    assert kinks.values == pytest.approx([19, 21, 24], rel=0.05)
    assert found["memory_kink"].low.mean("seed").values == pytest.approx([20, 25, 31], rel=0.07)
    exponent = np.log(24 / 19) / np.log(45 / 27)
    assert found["waves_kink_trend"].low.mean() == pytest.approx(exponent, abs=0.05)
    for name, value in (
        ("fits_exponent", -0.4),
        ("half_exponent", -0.4),
        ("fit_norm_exponent", 0.1),
        ("half_falling", 0.1),
    ):
        assert found[name].mean() == pytest.approx(value, abs=0.01), name
    assert found["half_way_wide"].low.mean() == pytest.approx(0.1, abs=0.02)
    assert found["equal_width"].low.mean() == pytest.approx(20, rel=0.02)
    assert found["late_at_equal"].low.mean() == pytest.approx(1.3, rel=0.02)


def test_what_theories_say_can_hold_and_be_missed():
    derived = [enough_units.units_missed(modulus) for modulus in MODULI]
    found = verdicts(made(derived, MODULI, late=1.0, wide=0.03))
    ours = (
        ("derived costs", "waves_kink"),
        ("derived costs", "memory_kink"),
        ("derived costs", "waves_kink_trend"),
        ("derived costs", "memory_kink_trend"),
        ("derived costs", "half_way_wide"),
        ("equal moves", "fits_exponent"),
        ("equal moves", "half_exponent"),
        ("equal moves", "fit_norm_exponent"),
        ("equal moves", "half_falling"),
        ("equal times", "late_at_equal"),
    )
    assert {found[each] for each in ours} == {"holds"}
    assert found["competing capacities", "half_way_wide"] == "refuted"
    missed = made(
        (30, 40, 55), (14, 14, 14), time=-0.6, norm=0.0, falling=-0.1, wide=-0.2, late=1.7
    )
    found = verdicts(missed)
    assert {found[each] for each in ours} == {"refuted"}
    assert found["competing capacities", "half_way_wide"] == "holds"
    assert found["competing capacities", "half_way_narrow"] == "holds"


def test_all_sizes_fit_into_the_pool():
    for modulus in MODULI:
        for part in (*PARTS_OF_SIZE, width.TIMED_PART):
            split = width.some_of(modulus, part, 6800)
            assert np.intersect1d(split.train, split.test).size == 0


def test_labels_that_are_not_fitted_take_longer():
    runs = made((19, 21, 24), (20, 25, 31))
    slow = runs.assign(random_fits=runs.random_fits.where(runs["few"] > FEW[0]))
    found = width.equal_width(slow)
    assert np.isfinite(found.high).all()
    # What has not come is taken to come then, so the place is known by its two neighbours only.
    assert FEW[0] < found.low.mean() < FEW[1]


def test_the_best_number_of_units_is_the_one_that_is_derived():
    """The least of F over units is where `expected_units` has it."""
    units = np.linspace(12, 60, 400)
    found = [enough_units.objective(35, each) for each in units]
    best = units[int(np.argmin(found))]
    assert best == pytest.approx(float(circuits.expected_units(35, width.L2)), rel=0.1)
    missed = enough_units.units_missed(35)
    ratio = enough_units.objective(35, missed) / min(found)
    assert ratio == pytest.approx(width.MISSED, abs=0.005)
