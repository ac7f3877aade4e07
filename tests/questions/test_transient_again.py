"""Whether the second look at rises follows them for longer, by the same measures."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import transient
from theory.questions import transient_again as asked
from theory.questions.transient_again import POINTS, RECORDS
from theory.theories import THEORIES
from theory.trial import outcomes


def made(step=0.0):
    """Runs that rise evenly but for one step, with noise in what each frequency has."""
    coords = {name: list(values) for name, values in POINTS.items()} | {"updates": list(RECORDS)}
    rng = np.random.default_rng(0)
    gain = np.full((3, 10, len(RECORDS) - 1), 1.0)
    gain[..., 12] += step
    gain += 0.05 * rng.standard_normal(gain.shape)
    rise = np.pad(gain.cumsum(axis=-1), [(0, 0), (0, 0), (1, 0)])
    accuracy = xr.DataArray(0.98 * rise / rise[..., -1:], coords, list(coords))
    shares = 1 + 0.1 * rng.standard_normal((*accuracy.shape, 5))
    strength = xr.DataArray(shares, {**coords, "frequency": range(1, 6)}, [*coords, "frequency"])
    return xr.Dataset(
        {
            "accuracy": accuracy,
            "strength": strength,
            "train_logit": 10 + 0 * accuracy,
            "test_logit": 10 * accuracy,
        }
    )


@pytest.mark.parametrize(("step", "verdict"), [(0.0, "refuted"), (30.0, "holds")])
def test_what_authors_guess_can_hold_and_be_missed(step, verdict):
    found = outcomes(asked, THEORIES, asked.measure(made(step)))
    told = {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}
    assert told["authors' guesses", "largest_step"] == verdict


def test_records_go_on_from_those_before():
    assert RECORDS[: len(transient.RECORDS)] == transient.RECORDS
    assert RECORDS[-1] > 4 * transient.RECORDS[-1]


def test_a_network_has_more_examples_and_more_time(monkeypatch):
    monkeypatch.setattr(asked, "RECORDS", (20, 40))
    run = asked.again(37, 1)
    assert run["updates"].values.tolist() == [20, 40]
    training = transient.training_of(37, 1, asked.PER_LABEL, 40)
    assert training.split.train.size == round(9.8 * 37)
    assert training.steps == 40
