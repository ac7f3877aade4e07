"""Whether the second try of tables that grow reads off what it should, and what is said of it."""

import numpy as np
import pytest
import xarray as xr

from theory import circuits
from theory.questions import fraction_again as asked
from theory.questions.delay_and_decay import L2_OF_SIZE
from theory.questions.fixed_fraction import SAME_PART, UPDATES, size_of
from theory.questions.fraction_again import ABOVE, POINTS
from theory.theories import THEORIES
from theory.trial import outcomes


def made(delay=-0.6, same=0.8):
    """Runs with these exponents, a little scattered."""
    coords = {name: list(values) for name, values in POINTS.items()}
    scatter = np.exp(0.05 * np.random.default_rng(0).standard_normal([4, 3, 10]))
    some = xr.DataArray(scatter, coords, list(coords))
    growth = some["modulus"] / 60
    half = 150 + 300 * growth ** xr.where(some["known"] == SAME_PART, same, delay) * some
    return xr.Dataset({"fits": 150 + 0 * some, "half": half, "updates": UPDATES + 0 * some})


def said_of(runs):
    found = outcomes(asked, THEORIES, asked.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


@pytest.mark.parametrize(
    ("runs", "name", "verdict"),
    [
        ({}, "delay_exponent", "holds"),
        ({"delay": -1.2}, "delay_exponent", "refuted"),
        ({"delay": 0.3}, "delay_exponent", "refuted"),
        ({}, "same_part_exponent", "refuted"),
        ({"same": -0.25}, "same_part_exponent", "holds"),
    ],
)
def test_what_the_model_says_can_hold_and_be_missed(runs, name, verdict):
    assert said_of(made(**runs))["minimal model", name] == verdict


def test_fractions_are_above_the_critical_size():
    parts = [
        size_of(modulus, known) / float(circuits.critical_size(modulus, L2_OF_SIZE))
        for known, moduli in ABOVE.items()
        for modulus in moduli
    ]
    assert min(parts) > 1.33
