"""Whether delays at a fixed fraction are read off as they are, and what is said of them."""

from functools import cache

import numpy as np
import pytest
import xarray as xr

from theory import circuits
from theory.questions import fixed_fraction as asked
from theory.questions.fixed_fraction import (
    ABOVE,
    BELOW,
    FRACTIONS,
    LESS,
    MODULI,
    PART_OF_SIZE,
    POINTS,
    SAME_PART,
    UPDATES,
)
from theory.theories import THEORIES, growing_tables
from theory.theories.times import separate, shared
from theory.trial import outcomes

MODEL, REPAIRED = "minimal model", "one-sided mixing"


def made(delay=-1.2, same=0.5, fits=0.3, below=0.0):
    """Runs with these exponents, a little scattered; `below` is a share of the seeds."""
    coords = {name: list(values) for name, values in POINTS.items()}
    scatter = np.exp(0.01 * np.random.default_rng(0).standard_normal([4, 3, 6]))
    some = xr.DataArray(scatter, coords, list(coords))
    growth = some["modulus"] / 50
    exponent = xr.where(some["known"] == SAME_PART, same, delay)
    fitted = 150 * growth**fits + 0 * some
    half = fitted + 300 * growth**exponent * some
    found = xr.DataArray(np.arange(6) < below * 6, {"seed": coords["seed"]}, "seed")
    never = (half["modulus"] == BELOW) & (half["known"] == LESS) & ~found
    return xr.Dataset(
        {
            "fits": fitted,
            "half": half.where(~never),
            "updates": UPDATES + 0 * some,
            "test_accuracy": 0 * some,
            "parameter_norm": some,
        }
    )


@cache
def said_of(**given):
    found = outcomes(asked, THEORIES, asked.measure(made(**given)))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def test_what_is_measured_is_read_off():
    found = asked.measure(made(delay=-0.8, same=0.2, below=0.5))
    for name, value in (("delay_exponent", -0.8), ("same_part_exponent", 0.2)):
        low, high = found[name]
        np.testing.assert_array_equal(low, high)
        assert low.mean() == pytest.approx(value, abs=0.02), name
    assert found["delay_exponent"].low["known"].values.tolist() == list(FRACTIONS)
    assert found["below"].mean() == pytest.approx(0.5)
    assert found["late"].min() > 1
    # Late over fit falls less, for the fit comes later, too.
    flat = asked.measure(made(delay=0.0, fits=0.0))["late_exponent"].low
    assert flat.mean() == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize(
    ("runs", "theory", "name", "verdict"),
    [
        ({}, MODEL, "delay_exponent", "refuted"),
        ({"delay": -0.45}, MODEL, "delay_exponent", "holds"),
        ({"delay": -0.3}, REPAIRED, "delay_exponent", "holds"),
        ({"delay": 0.3}, REPAIRED, "delay_exponent", "refuted"),
        ({}, MODEL, "late_exponent", "refuted"),
        ({"delay": -0.12, "fits": 0.2}, MODEL, "late_exponent", "holds"),
        ({}, MODEL, "same_part_exponent", "refuted"),
        ({"same": -0.2}, MODEL, "same_part_exponent", "holds"),
        ({}, MODEL, "below", "holds"),
        ({"below": 1.0}, MODEL, "below", "refuted"),
    ],
)
def test_what_theories_say_can_hold_and_be_missed(runs, theory, name, verdict):
    assert said_of(**runs)[theory, name] == verdict


def test_a_network_that_is_given_up_bounds_what_it_says():
    runs = made()
    last = (runs["modulus"] == MODULI[-1]) & (runs["known"] == "0.5")
    low, high = asked.measure(runs.assign(half=runs.half.where(~last)))["delay_exponent"]
    bounded = np.isinf(high).all("seed")
    assert bounded.sel(known="0.5")
    assert not bounded.sel(known=LESS)
    # It took longer than it was given.
    assert (low > asked.measure(runs)["delay_exponent"].low).sel(known="0.5").all()


def test_sizes_are_fractions_or_the_same_part():
    assert asked.size_of(51, LESS) == round(0.35 * 51**2)
    size = asked.size_of(51, SAME_PART)
    assert size == pytest.approx(PART_OF_SIZE * float(circuits.critical_size(51, 1e-4)), abs=0.5)
    parts = {
        (known, modulus): asked.size_of(modulus, known)
        / float(circuits.critical_size(modulus, asked.L2_OF_SIZE))
        for known in FRACTIONS
        for modulus in MODULI
    }
    assert min(parts[known, modulus] for known in ABOVE for modulus in ABOVE[known]) > 1.16
    assert parts[LESS, BELOW] < 0.9


@pytest.mark.parametrize("maker", [separate(1.4), shared])
def test_the_models_delay_shrinks_as_memory_gets_dearer(maker):
    fits, generalises = growing_tables.times(maker, 51, "0.5")
    later_fits, sooner = growing_tables.times(maker, 101, "0.5")
    assert fits < later_fits < sooner < generalises
    assert growing_tables.late_exponent(maker, "0.5", (51, 101)) < 0


def test_a_network_is_followed_until_half_is_right():
    run = asked.again(33, "0.5", 1)
    assert run.fits < run.half <= run.updates < UPDATES
