"""Whether rises are told from takeovers, and what is said of them."""

from functools import cache

import numpy as np
import pytest
import xarray as xr

from theory.questions import transient as asked
from theory.questions.transient import POINTS, RECORDS
from theory.theories import THEORIES
from theory.trial import outcomes

GUESS, MIXED = "authors' guesses", "one-sided mixing"
FREQUENCIES = 6


def made(step=0.0, with_turnover=0.0, with_memory=0.6, moved=0.1):
    """Runs that rise evenly but for one step, with gains that go with other things so much."""
    coords = {name: list(values) for name, values in POINTS.items()}
    rng = np.random.default_rng(0)
    sizes = (*map(len, coords.values()), len(RECORDS) - 1)

    def noise():
        return rng.standard_normal(sizes)

    own, other, third = noise(), noise(), noise()
    even = np.full(sizes, 0.95 / sizes[-1])
    even[..., 12] += step
    gain = even * 0.95 / even.sum(axis=-1, keepdims=True) + 2e-3 * own
    turned = moved / 20 + moved / 200 * mixed(own, other, with_turnover)
    forgotten = 0.02 + 2e-3 * mixed(own, third, with_memory)
    accuracy, gone, memory = (from_zero(each) for each in (gain, turned, forgotten))
    share = np.zeros((*accuracy.shape, FREQUENCIES))
    share[..., 0], share[..., 1] = 1 - gone, gone
    dims = (*coords, "updates")
    coords["updates"] = list(RECORDS)
    return xr.Dataset(
        {
            "accuracy": (dims, accuracy),
            "strength": ((*dims, "frequency"), 5 * share),
            "train_logit": (dims, 10 + 0 * memory),
            "test_logit": (dims, 10 * memory),
            "test_accuracy": (dims[:-1], accuracy[..., 0]),
            "parameter_norm": (dims[:-1], 1 + accuracy[..., 0]),
        },
        {**coords, "frequency": np.arange(1, FREQUENCIES + 1)},
    )


def mixed(one, other, correlation):
    return correlation * one + (1 - correlation**2) ** 0.5 * other


def from_zero(gains):
    return np.pad(gains.cumsum(axis=-1), [(0, 0)] * (gains.ndim - 1) + [(1, 0)])


@cache
def said_of(**given):
    found = outcomes(asked, THEORIES, asked.measure(made(**given)))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


@pytest.mark.parametrize("correlation", [0.0, 0.4, 0.9])
def test_correlations_are_read_off(correlation):
    found = asked.measure(made(with_turnover=correlation, with_memory=correlation))
    for name in ("with_turnover", "with_memory"):
        assert found[name].mean() == pytest.approx(correlation, abs=0.1), name


def test_what_all_do_at_one_time_is_no_correlation():
    runs = made(with_memory=0.0)
    # A jump of all networks at one record, in both.
    late = xr.where(runs["updates"] > RECORDS[15], 0.1, 0.0)
    moved = runs.assign(
        accuracy=runs.accuracy + late, test_logit=runs.test_logit + 10 * late * runs.accuracy**0
    )
    found = asked.measure(moved)["with_memory"]
    assert abs(found.mean()) < 0.15


def test_steps_and_moves_are_read_off():
    found = asked.measure(made(moved=0.6))
    assert found["moved"].mean() == pytest.approx(0.6, rel=0.05)
    assert found["largest_step"].mean() < 0.12
    assert asked.measure(made(step=1.0))["largest_step"].mean() > 0.5


def test_only_what_is_right_in_part_counts():
    accuracy = xr.DataArray([0.0, 0.2, 0.05, 0.5, 0.95, 0.8], dims="updates")
    assert asked.in_part(accuracy).values.tolist() == [False, True, True, True, False]
    never = xr.full_like(accuracy, 0.05)
    assert not asked.in_part(never).any()


def test_of_a_network_that_learned_nothing_nothing_is_known():
    runs = made()
    none = runs.assign(accuracy=0.05 * runs.accuracy)
    found = asked.measure(none)
    for name in ("largest_step", "with_turnover", "with_memory", "moved", "with_number"):
        assert found[name].isnull().all(), name


@pytest.mark.parametrize(
    ("runs", "theory", "name", "verdict"),
    [
        ({}, GUESS, "largest_step", "refuted"),
        ({"step": 1.0}, GUESS, "largest_step", "holds"),
        ({}, GUESS, "with_turnover", "refuted"),
        ({"with_turnover": 0.8}, GUESS, "with_turnover", "holds"),
        ({"with_turnover": 0.5}, GUESS, "with_turnover", "open"),
        ({}, GUESS, "moved", "refuted"),
        ({"moved": 0.9}, GUESS, "moved", "holds"),
        ({"with_memory": 0.8}, MIXED, "with_memory", "holds"),
        ({"with_memory": 0.0}, MIXED, "with_memory", "refuted"),
    ],
)
def test_what_theories_say_can_hold_and_be_missed(runs, theory, name, verdict):
    assert said_of(**runs)[theory, name] == verdict


def test_a_network_is_the_same_in_parts_as_in_one():
    training = asked.training_of(39, 3)
    parts = asked.followed(training, (20, 40))
    whole = asked.followed(training, (40,))
    xr.testing.assert_identical(
        parts.sel(updates=40).drop_attrs(), whole.sel(updates=40).drop_attrs()
    )
    assert parts.sizes["frequency"] == 22
    assert (parts.strength.sel(frequency=slice(20, None)) == 0).all()
