"""Whether delays by the size of a batch are read off, and what theories say can be missed."""

import numpy as np
import pytest
import xarray as xr

from theory.questions import batch_noise
from theory.questions.batch_noise import ADAM, ADAMW, ALL, DESCENT, POINTS
from theory.theories import THEORIES
from theory.trial import outcomes

COORDS = {name: list(values) for name, values in POINTS.items()}


def made(log_delay, fits=200.0):
    """Runs whose delay goes with the batch, with every way, a little scattered."""
    rng = np.random.default_rng(0)
    sizes = [len(values) for values in COORDS.values()]
    scatter = xr.DataArray(np.exp(0.01 * rng.standard_normal(sizes)), COORDS, list(COORDS))
    batch = scatter["batch"].where(scatter["batch"] != ALL, 800)
    whole = fits + 0 * scatter
    return xr.Dataset(
        {
            "fits": whole,
            "half": fits + np.exp(log_delay(batch)) * scatter,
            "updates": whole + 1e6,
            "lowest_after": 0 * scatter + 0.5,
            "test_accuracy": 0 * scatter,
            "parameter_norm": 0 * scatter + 1,
        }
    )


def verdicts(runs):
    found = outcomes(batch_noise, THEORIES, batch_noise.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def arrhenius(batch):
    return 5 + batch / 40


def indifferent(batch):
    return 7 + 0 * batch


def smooth(batch):
    return np.log(1000 - 6800 / batch)


@pytest.mark.parametrize(
    ("log_delay", "two_phases", "model"),
    [
        (arrhenius, ("holds", "holds"), ("refuted", "refuted")),
        (indifferent, ("open", "holds"), ("holds", "holds")),
        (smooth, ("holds", "refuted"), ("refuted", "refuted")),
    ],
)
def test_what_theories_say_can_hold_and_be_missed(log_delay, two_phases, model):
    found = verdicts(made(log_delay))
    for theory, said in (("two phases", two_phases), ("minimal model", model)):
        assert (found[theory, "noisy"], found[theory, "large_step"]) == said, theory


def test_noise_that_lengthens_the_delay_refutes_that_it_carries_over_a_barrier():
    found = verdicts(made(lambda batch: 6 + 8 / batch))
    assert {found["two phases", name] for name in ("noisy", "adam_noisy")} == {"refuted"}


def test_ratios_are_of_one_way_and_two_batches():
    runs = made(smooth)
    slower = runs.assign(half=runs.half.where(runs["way"] == DESCENT, runs.half + 300))
    before, after = (batch_noise.measure(each) for each in (runs, slower))
    for name in ("noisy", "large_step", "small_step", "total"):
        np.testing.assert_array_equal(before[name].low, after[name].low)
    assert before["noisy"].low.mean() == pytest.approx(150 / 991.5, rel=0.02)
    assert before["large_step"].low.mean() == pytest.approx(893.75 / 787.5, rel=0.02)
    assert before["small_step"].low.mean() == pytest.approx(787.5 / 575, rel=0.02)
    late = 350 / 1191.5
    for name in ("adam_late", "adamw_late"):
        assert before[name].low.mean() == pytest.approx(late, rel=0.02)


def test_of_a_network_that_fits_later_no_delay_is_known():
    runs = made(smooth)
    late = runs["batch"] == 8
    torn = runs.assign(fits=runs.fits.where(~late, np.nan))
    low, high = batch_noise.measure(torn)["noisy"]
    assert (low == 0).all()
    assert np.isinf(high).all()
    assert verdicts(torn)["two phases", "noisy"] == "open"


def test_a_batch_is_drawn_from_the_examples(monkeypatch):
    seen = {}

    def caught(training, right):
        seen[len(seen)] = training
        return xr.Dataset({"fits": 1.0})

    monkeypatch.setattr(batch_noise, "passages", caught)
    for way, batch in ((DESCENT, ALL), (ADAM, 16), (ADAMW, 64)):
        batch_noise.again(33, way, batch, 1)
    stages = [training.stages[0] for training in seen.values()]
    assert [stage.batch_size for stage in stages] == [None, 16, 64]
    assert len({stage.examples.size for stage in stages}) == 1
    # The rate does not go with the batch.
    assert [stage.optimiser.learning_rate for stage in stages] == [0.1, 1e-3, 1e-3]
