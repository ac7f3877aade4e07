"""The smooth law is read backwards where it holds."""

import numpy as np
import pytest
import xarray as xr

from theory.minimal import transition_width
from theory.questions.ungrokking import MODULI, SEEDS, SIZES
from theory.theories.implied_kappa import implied_kappa
from worlds import along, transition


def costs(beta, spread):
    """Costs of memorising as a power of D, at losses that cross that of the comparison."""
    sizes, seeds = along("per_label", SIZES), along("seed", [0, 1, 2])
    l2, labels = along("l2", [1e-5, 1e-4, 1e-3]), along("labels", ["balanced", "sums"])
    norm = 20.0 * sizes ** (beta + 0.001 * (seeds - 1)) * (l2 / 1e-4) ** -0.05
    shape = norm * (labels == labels)
    # The spread is that of the whole pool at the middle strength.
    spread = xr.where((l2 == 1e-4) & (sizes == SIZES[-1]), spread, 3 * spread)
    return xr.Dataset(
        {
            "parameter_norm": shape,
            "train_loss": 0.01 * l2 / 1e-4 * (shape / shape),
            "train_logit": 10.0 * shape / shape,
            "train_spread": 10.0 * spread * shape / shape,
            "test_logit": 8.0 * shape / shape,
            "test_spread": 8.0 * spread * shape / shape,
            "test_accuracy": shape / shape,
        }
    )


@pytest.mark.parametrize("kappa", [1.2, 1.5])
def test_the_width_of_the_smooth_law_implies_its_kappa(kappa):
    beta, spread = 0.4, 0.4
    width = float(np.exp(transition_width(kappa, spread, beta)))
    curve = transition(along("per_label", SIZES), 11.0, width)
    places = along("modulus", MODULI) * along("seed", SEEDS)
    runs = xr.Dataset({"test_accuracy": curve.broadcast_like(places)})
    found = implied_kappa(runs, costs(beta, spread))
    # Straight lines between the sizes of the ladder cost a few parts in a thousand.
    assert found.estimate == pytest.approx(kappa, rel=0.01)
    assert found.low < found.estimate < found.high
    assert found.high - found.low < 0.02
