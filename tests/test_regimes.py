"""The regimes told from runs of models and from anybody's log."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import MinimalModel, descend, runs
from theory.measures import REGIMES, regime
from theory.minimal import (
    at_size,
    descend_in_stages,
    equilibrium,
    largest_decay,
    size_at_accuracy,
    train_loss,
    with_spread,
)

STEPS = [0, 10, 20, 1000, 2000]


def log(test_accuracy, train_loss=(4.0, 0.1, 0.1, 0.1, 0.1)):
    return runs.from_columns(STEPS, train_loss=train_loss, test_accuracy=test_accuracy)


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("comprehension", log([0, 0.9, 1, 1, 1])),
        ("grokking", log([0, 0, 0, 0, 1])),
        ("semi-grokking", log([0, 0, 0, 0.3, 0.6])),
        ("memorisation", log([0, 0, 0, 0, 0.04])),
        ("memorisation", log([0, 1, 1, 1, 0.04])),  # generalised once and lost it
        ("collapse", log([0, 0, 0, 0, 1], train_loss=[4, 0.1, 0.1, 0.1, 0.8])),
        ("collapse", log([0, 0, 0, 0, 0], train_loss=[4, 4, 4, 4, 4])),
    ],
)
def test_each_regime(name, run):
    assert regime(run).item() == name


def test_all_regimes_are_named():
    assert len(set(REGIMES)) == 5


def test_late_is_a_multiple_of_the_time_to_fit():
    run = log([0, 0, 1, 1, 1])
    # It fits between 0 and 10 and generalises at 19.5.
    fit = 10 * (4 - np.log(2)) / 3.9
    assert regime(run, late=19.5 / fit * 1.001).item() == "comprehension"
    assert regime(run, late=19.5 / fit * 0.999).item() == "grokking"


def test_the_threshold_counts_from_both_ends():
    assert regime(log([0, 0, 0, 0, 0.85]), threshold=0.8).item() == "grokking"
    assert regime(log([0, 0, 0, 0, 0.85]), threshold=0.9).item() == "semi-grokking"
    assert regime(log([0, 0, 0, 0, 0.15]), threshold=0.9).item() == "semi-grokking"
    assert regime(log([0, 0, 0, 0, 0.15]), threshold=0.8).item() == "memorisation"


def test_borders_belong_to_the_regimes_that_the_words_say():
    # It fits at step 5 and generalises at step 20.
    run = log([0, 0, 0.75, 1, 1], train_loss=[2 * np.log(2), 0, 0, 0, 0])
    assert regime(run, late=4.0, threshold=0.75).item() == "comprehension"
    assert regime(run, late=3.999, threshold=0.75).item() == "grokking"
    assert regime(log([0, 0, 0, 0, 0.75]), threshold=0.75).item() == "grokking"
    assert regime(log([0, 0, 0, 0, 0.25]), threshold=0.75).item() == "memorisation"
    unfit = log([0, 0, 0, 0, 1], train_loss=[4, 0.1, 0.1, 0.1, np.log(2)])
    assert regime(unfit).item() == "collapse"


def test_the_paper_preset_and_its_ablations():
    decay = xr.DataArray([0.005, 0.005, 0.005, 0.3], dims="case")
    start = xr.DataArray([0.005, 0.5, 0.005, 0.005], dims="case")
    norm = xr.DataArray([2.0, 2.0, 0.5, 2.0], dims="case")
    model = MinimalModel.paper(
        weight_decay=decay, second_subweight=(start, 1.0), param_norm=(1.0, norm)
    )
    expected = ["grokking", "comprehension", "memorisation", "collapse"]
    assert regime(descend_in_stages(model)).values.tolist() == expected


def test_a_delay_longer_than_the_run_reads_as_memorisation():
    run = descend(MinimalModel.paper(), 6000)
    assert regime(run).item() == "grokking"
    assert regime(run.isel(step=slice(5000))).item() == "memorisation"


@pytest.mark.parametrize("weight_decay", [0.002, 0.01])
def test_semi_grokking_lies_between_the_sizes_of_the_thresholds_for_any_decay(weight_decay):
    ends = size_at_accuracy([0.05, 0.95], 400, 1.2, 0.3).values
    sizes = np.array([ends[0] / 1.02, ends[0] * 1.02, ends[1] / 1.02, ends[1] * 1.02])
    model = at_size(MinimalModel.paper(weight_decay=weight_decay, param_norm=(1.0, 0.05)), sizes)
    run = with_spread(model, descend_in_stages(model), spread=0.3)
    expected = ["memorisation", "semi-grokking", "semi-grokking", "grokking"]
    assert regime(run).values.tolist() == expected


@settings(max_examples=10)
@given(
    st.floats(0.3, 1.99) | st.just(2.0), st.integers(3, 10**6), st.floats(0.5, 5.0), st.booleans()
)
def test_at_the_largest_decay_the_equilibrium_is_about_to_fit(kappa, labels, norm, half):
    def model(decay):
        paper = MinimalModel.paper(kappa, decay, labels, param_norm=(1.0, norm))
        return MinimalModel(paper.circuits, kappa, decay, labels, half)

    decay = float(largest_decay(model(0.0)))
    for factor in (1 - 1e-3, 1.0, 1 + 1e-3):
        there = model(decay * factor)
        loss = float(train_loss(there, equilibrium(there).weight.isel(point=0)))
        if factor == 1:
            assert loss == pytest.approx(np.log(2), rel=1e-9)
        else:
            assert (loss < np.log(2)) == (factor < 1)


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_descent_collapses_at_the_largest_decay(factor):
    decay = factor * float(largest_decay(MinimalModel.paper()))
    found = regime(descend_in_stages(MinimalModel.paper(weight_decay=decay))).item()
    assert (found == "collapse") == (factor > 1)


def late_log(steps, test_accuracy):
    return runs.from_columns(steps, train_loss=[0.1, 0.1, 0.1], test_accuracy=test_accuracy)


def test_a_late_start_is_judged_where_it_can_be():
    # It fits at step 500 or before.
    assert regime(late_log([500, 5000, 9000], [0, 0, 1])).item() == "grokking"
    assert regime(late_log([500, 600, 700], [0, 0, 0])).item() == "memorisation"
    for steps, accuracy in [([500, 600, 700], [0, 0, 1]), ([500, 600, 700], [1, 1, 1])]:
        with pytest.raises(ValueError, match=r"^run must start early enough .* got 500"):
            regime(late_log(steps, accuracy))


def test_the_thresholds_hold_up_to_rounding():
    assert regime(log([0, 0, 0, 0, 0.05])).item() == "memorisation"
    assert regime(log([0, 0, 0, 0, 0.95 - 1e-8])).item() == "grokking"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: regime(log([0, 0, 0, 0, 1]), late=0.5), "late must be at least 1"),
        (lambda: regime(log([0, 0, 0, 0, 1]), threshold=0.5), "threshold must be above 0.5"),
        (lambda: regime(log([0, 0, 0, 0, 1]).drop_vars("test_accuracy")), "test_accuracy"),
        (lambda: largest_decay(MinimalModel.paper(kappa=3)), "kappa must be at most 2"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
