"""Whether the second try of sums that are dealt once has time enough, and can be missed."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import endless_sums
from theory.questions import sums_again as asked
from theory.questions.sums_again import POINTS, UPDATES
from theory.theories import THEORIES
from theory.trial import outcomes

WHOLE, WITHOUT = "delay without end of data", "a rule for the streamed part"
MODEL = "minimal model"


def made(apart=1.3, fresh=1.0):
    """Runs with these ratios, a little scattered."""
    coords = {name: list(values) for name, values in POINTS.items()}
    scatter = np.exp(0.05 * np.random.default_rng(0).standard_normal([2, 20]))
    seen = 1000 * xr.DataArray(scatter, coords, list(coords))
    return xr.Dataset(
        {
            "seen": seen,
            "fresh": fresh * seen,
            "near": fresh * seen,
            "apart": apart * fresh * seen,
            "updates": 0 * seen + 2660,
            "lowest": 0 * seen,
            "ended": 0.5 + 0 * seen,
        }
    )


def said_of(runs):
    found = outcomes(asked, THEORIES, asked.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


@pytest.mark.parametrize(
    ("runs", "theory", "name", "verdict"),
    [
        ({"apart": 1.25}, WHOLE, "apart_over_near", "holds"),
        ({"apart": 1.25}, WITHOUT, "apart_over_near", "holds"),
        ({"apart": 1.13}, WHOLE, "apart_over_near", "open"),
        ({"apart": 1.03}, WHOLE, "apart_over_near", "refuted"),
        ({}, MODEL, "fresh_over_seen", "holds"),
        ({"fresh": 1.2}, MODEL, "fresh_over_seen", "refuted"),
        ({"fresh": 1.2}, WHOLE, "fresh_over_seen", "holds"),
    ],
)
def test_what_theories_say_can_hold_and_be_missed(runs, theory, name, verdict):
    assert said_of(made(**runs))[theory, name] == verdict


def test_a_network_that_ran_out_of_time_is_a_bound():
    runs = made()
    late = runs.assign(apart=runs.apart.where(runs["seed"] > POINTS["seed"][0]))
    low, high = asked.measure(late)["apart_over_near"]
    np.testing.assert_allclose(low.isel(seed=0), 2660 / runs.near.isel(seed=0))
    assert np.isinf(high.isel(seed=0)).all()
    assert np.isfinite(high.isel(seed=slice(1, None))).all()


@pytest.mark.parametrize("modulus", UPDATES)
def test_each_table_is_used_up(modulus):
    fewest = endless_sums.training_of(modulus, 0.0, 0, UPDATES[modulus])
    assert fewest.steps == UPDATES[modulus]
    with pytest.raises(ValueError, match="dealt must be at most"):
        endless_sums.training_of(modulus, 0.0, 0, UPDATES[modulus] + 20)
