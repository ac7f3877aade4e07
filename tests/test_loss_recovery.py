"""The step at which the test loss falls below that of guessing, before the accuracy rises."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import MinimalModel, crossing_update, descend, fit_step, minimal, runs
from theory.measures import loss_recovery_step

paper = MinimalModel.paper


@settings(max_examples=50)
@given(st.floats(1e-6, 50.0), st.integers(3, 10**6))
def test_at_the_crossing_the_test_loss_is_below_that_of_guessing(weight, labels):
    model = paper(num_labels=labels)
    level = minimal.weights(model, [weight, weight])
    assert minimal.test_loss(model, level).item() < np.log(labels)
    assert minimal.test_loss(model, 0 * level).item() == pytest.approx(np.log(labels), rel=1e-14)


def test_golden_order_of_events():
    run = descend(paper(), steps=5100)
    fit, recovery = fit_step(run).item(), loss_recovery_step(run, 113).item()
    peak, crossing = run.test_loss.argmax("step").item(), crossing_update(run).item()
    assert (int(np.ceil(fit)), peak, recovery, crossing) == (172, 732, 4077, 5010)


def test_the_loss_recovers_before_each_crossing_of_a_sweep():
    model = paper([1.0, 1.2, 1.4], second_subweight=([0.01, 0.05], 1.0))
    run = descend(model, steps=12_000, record_every=1)
    recovery, crossing = loss_recovery_step(run, 113), crossing_update(run)
    assert recovery.sizes == crossing.sizes
    assert np.all(recovery < crossing)


def test_a_loss_that_stays_above_never_recovers():
    model = paper()
    assert np.isnan(loss_recovery_step(descend(model, steps=2000), 113).item())
    leads = paper(second_subweight=(1.0, 0.1))
    run = descend(leads, steps=500)
    assert loss_recovery_step(run, 113).item() <= 1


def test_a_run_without_test_loss_is_refused():
    run = descend(paper(), steps=3).drop_vars("test_loss")
    with pytest.raises(ValueError, match="test_loss"):
        loss_recovery_step(run, 113)


def test_a_loss_in_another_unit_has_no_level_of_guessing():
    run = runs.from_columns([0, 1], loss_units="1", test_loss=[0.1, 0.0])
    with pytest.raises(ValueError, match=r"^test_loss must be in nat, got '1'"):
        loss_recovery_step(run, num_labels=5)


@pytest.mark.parametrize(
    ("loss", "step"),
    [([2, 1, 0.1], 20), ([0.1, 0.1, 0.1], 0), ([0.1, 2, 2], np.nan), ([2, np.nan, 0.1], 20)],
)
def test_a_log_recovers_at_a_record(loss, step):
    run = runs.from_columns([0, 10, 20], gaps=True, test_loss=loss)
    assert loss_recovery_step(run, num_labels=2).item() == pytest.approx(step, nan_ok=True)
