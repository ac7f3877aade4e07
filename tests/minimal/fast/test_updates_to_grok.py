"""The number of updates to grok is the one that a recorded run shows."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import strategies
from theory import Circuit, MinimalModel, crossing_update, descend, runs
from theory.minimal import updates_to_grok

STEPS = 150


def diagram(side):
    """A corner of the paper's phase diagram."""
    norm = xr.DataArray(np.linspace(1.05, 4, side), dims="norm")
    return MinimalModel.paper(kappa=np.linspace(1.0, 1.95, side), param_norm=(1.0, norm))


@given(strategies.tame_models(), st.sampled_from([0.01, 0.3]))
@settings(max_examples=40)
def test_it_is_the_crossing_of_the_recorded_run(model, rate):
    try:
        run = descend(model, STEPS, rate)
    except runs.DivergedError:
        assume(False)
    found = updates_to_grok(model, STEPS, rate)
    np.testing.assert_array_equal(found, crossing_update(run))
    assert found.dims == model.swept.dims


@pytest.mark.parametrize("pool", [1, 5, 8192])
def test_it_does_not_depend_on_which_cells_are_under_way(monkeypatch, pool):
    monkeypatch.setattr(sys.modules["theory.minimal.fast.updates_to_grok"], "_POOL", pool)
    model = diagram(6)
    expected = crossing_update(descend(model, 700, 0.3))
    assert 0 < np.isnan(expected).sum() < expected.size
    np.testing.assert_array_equal(updates_to_grok(model, 700, 0.3), expected)


def test_a_weight_thrown_below_zero_does_not_end_the_search():
    circuits = (
        Circuit("G", 1.0, True, 0.0, 1e-3),
        Circuit("M", 2.0, False, 1.5, 1.5),
        Circuit("N", 6.0, False, 0.5, 3.0),
    )
    model = MinimalModel(circuits, 1.2, 0.01, 113)
    run = descend(model, STEPS, 0.5)
    assert np.any(run.weight.sel(circuit="N") < 0)
    assert updates_to_grok(model, STEPS, 0.5).item() == crossing_update(run).item() == 84


def test_cells_may_differ_in_which_circuits_are_right():
    def each(one, other):
        return xr.DataArray([one, other], dims="swap")

    circuits = (
        Circuit("A", each(1.0, 2.0), each(1.0, 0.0), 0.0, each(0.005, 1.0)),
        Circuit("B", each(2.0, 1.0), each(0.0, 1.0), 0.0, each(1.0, 0.005)),
    )
    both = MinimalModel(circuits, 1.2, 0.005, 113)
    assert updates_to_grok(both, 6000).values.tolist() == [5010, 5010]
    alone = MinimalModel((Circuit("A", 1.0, each(1.0, 0.0)),), 1.2, 0.005, 113)
    np.testing.assert_array_equal(updates_to_grok(alone, 40), [1, np.nan])


def test_a_level_update_is_none_that_leads():
    """From equal starts both weights are equal after one update, before costs tell them apart."""
    model = MinimalModel((Circuit("G", 1.0, True), Circuit("M", 2.0, False)), 1.2, 0.005, 113)
    assert updates_to_grok(model, 5).item() == crossing_update(descend(model, 5)).item() == 2


def test_the_paper_crosses_at_the_known_updates():
    model = MinimalModel.paper(weight_decay=[0.0025, 0.005, 0.01])
    assert updates_to_grok(model, 10_000).values.tolist() == [9303, 5010, 2751]


@pytest.mark.parametrize("steps", [5009, 5010])
def test_it_ends_with_the_last_update(steps):
    found = updates_to_grok(MinimalModel.paper(), steps).item()
    assert found == 5010 if steps == 5010 else np.isnan(found)


def test_a_start_beyond_the_crossing_takes_no_update():
    circuits = (Circuit("G", 1.0, True, 1.0, 1.0), Circuit("M", 2.0, False, 0.5, 1.0))
    assert updates_to_grok(MinimalModel(circuits, 1.2, 0.005, 113), 5) == 0


@pytest.mark.parametrize(
    ("kappa", "rate", "start"),
    [(2 / 3, 0.022, (0.2, 5.0)), (1.0, 0.3, (0.5, 2.0)), (1.1, 0.3, (0.5, 2.0))],
)
def test_a_weight_that_overshoots_zero_is_followed_below_it(kappa, rate, start):
    circuits = (Circuit("A", 1.0, True, 0.0, 0.05), Circuit("B", 1.0, False, *start))
    for names in (1, -1):
        right = tuple(replace(c, generalises=c.name == "AB"[::names][0]) for c in circuits)
        model = MinimalModel(right, kappa, 1.0, 113)
        run = descend(model, 100, rate)
        assert run.weight.sel(circuit="B").min() < 0
        np.testing.assert_array_equal(updates_to_grok(model, 100, rate), crossing_update(run))


def test_an_even_penalty_also_pulls_a_negative_weight_up():
    # r = 4: w^r is then positive at w = -0.2, where the penalty is -|w|^r.
    circuits = (Circuit("A", 1.0, True, 0.0, 1.7), Circuit("B", 1.0, False, 1.4, 0.4))
    model = MinimalModel(circuits, 0.4, 1.0, 113)
    assert model.r == 4
    run = descend(model, 5, 0.3)
    assert run.weight.sel(circuit="B").min() < 0
    assert updates_to_grok(model, 5, 0.3).item() == crossing_update(run).item() == 3


def test_a_swept_rate_is_a_dimension():
    found = updates_to_grok(MinimalModel.paper(), 6000, [0.01, 0.02])
    assert found.dims == ("learning_rate",)
    assert found.values[0] == 5010


def test_an_overflow_is_refused():
    with pytest.raises(runs.DivergedError, match="smaller learning_rate"):
        updates_to_grok(MinimalModel.paper(kappa=0.1), 200, 50.0)


def steep(generalising, memorising):
    """Return a model with r = 4 whose larger weights overflow within a few updates."""
    circuits = (Circuit("G", 1.0, True, *generalising), Circuit("M", 1.0, False, *memorising))
    return MinimalModel(circuits, 0.4, 1.0, 113)


def test_an_overflow_beyond_the_last_update_does_not_matter():
    model = steep((0.0, 0.05), (2.0, 3.0))
    assert np.isnan(crossing_update(descend(model, 2, 0.08)))
    assert np.isnan(updates_to_grok(model, 2, 0.08))
    with pytest.raises(runs.DivergedError, match="overflowed in 1 cells within 3 updates"):
        updates_to_grok(model, 3, 0.08)


def test_an_overflow_after_the_crossing_does_not_matter():
    model = steep((0.0, 4.2), (0.0, 0.05))
    with pytest.raises(runs.DivergedError):
        descend(model, 6, 0.08)
    assert updates_to_grok(model, 6, 0.08) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "steps must be an integer"),
        ({"steps": 5, "learning_rate": 0.0}, "learning_rate must be above 0"),
        ({"steps": 5, "threshold": 2.0}, "threshold must be at most 1"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        updates_to_grok(MinimalModel.paper(), **arguments)
