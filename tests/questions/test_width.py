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


def made(kinks, labels, exponent=-0.5, falling=0.0, wide=0.0, late=1.5):
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
    fits = 500 * (few / 17) ** -0.5 * scatter
    half = fits * late
    return xr.Dataset(
        {
            "fits": 400 * timed**exponent * scatter,
            "half": 700 * timed**exponent * scatter,
            "test_accuracy": 0 * timed * scatter,
            "parameter_norm": 1 + 0 * timed * scatter,
            "falling_half": 700 * along("falling", FALLING) ** falling * scatter,
            "few_fits": fits,
            "few_half": half,
            "random_fits": half * (few / 17) ** -0.7,
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
    runs = made((19, 20, 21), (25, 27, 35), exponent=-0.4, falling=0.1, wide=0.1, late=1.3)
    found = width.measure(runs)
    kinks = found["waves_kink"].low.mean("seed")
    assert kinks.values == pytest.approx([19, 20, 21], rel=0.05)
    assert found["memory_kink"].low.mean("seed").values == pytest.approx([25, 27, 35], rel=0.07)
    for name, value in (
        ("fits_exponent", -0.4),
        ("half_exponent", -0.4),
        ("half_falling", 0.1),
        ("late_exponent", 0.0),
    ):
        assert found[name].mean() == pytest.approx(value, abs=0.01), name
    assert found["half_way_wide"].low.mean() == pytest.approx(0.1, abs=0.02)
    assert found["equal_width"].low.mean() == pytest.approx(17, rel=0.02)
    assert found["late_at_equal"].low.mean() == pytest.approx(1.3, rel=0.02)


def test_what_theories_say_can_hold_and_be_missed():
    derived = [enough_units.units_missed(modulus) for modulus in MODULI]
    found = verdicts(made(derived, MODULI, late=1.0, wide=0.03))
    for theory, name in (
        ("derived costs", "waves_kink"),
        ("derived costs", "memory_kink"),
        ("derived costs", "half_way_wide"),
        ("equal moves", "fits_exponent"),
        ("equal moves", "half_exponent"),
        ("equal times", "late_at_equal"),
    ):
        assert found[theory, name] == "holds", name
    assert found["competing capacities", "half_way_wide"] == "refuted"
    found = verdicts(made((40, 40, 40), (14, 14, 14), exponent=-0.1, wide=-0.2, late=1.7))
    for theory, name in (
        ("derived costs", "waves_kink"),
        ("derived costs", "memory_kink"),
        ("derived costs", "half_way_wide"),
        ("equal moves", "fits_exponent"),
        ("equal moves", "half_exponent"),
        ("equal times", "late_at_equal"),
    ):
        assert found[theory, name] == "refuted", name
    assert found["competing capacities", "half_way_wide"] == "holds"


def test_labels_that_are_not_fitted_take_longer():
    runs = made((19, 20, 21), (25, 27, 35))
    slow = runs.assign(random_fits=runs.random_fits.where(runs["few"] > FEW[0]))
    found = width.equal_width(slow)
    assert np.isfinite(found.high).all()
    assert found.low.mean() == pytest.approx(17, rel=0.05)


def test_the_best_number_of_units_is_the_one_that_is_derived():
    """The least of F over units is where `expected_units` has it."""
    units = np.linspace(12, 60, 400)
    found = [enough_units.objective(35, each) for each in units]
    best = units[int(np.argmin(found))]
    assert best == pytest.approx(float(circuits.expected_units(35, width.L2)), rel=0.1)
    missed = enough_units.units_missed(35)
    ratio = enough_units.objective(35, missed) / min(found)
    assert ratio == pytest.approx(width.MISSED, abs=0.005)
