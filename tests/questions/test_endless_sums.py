"""Whether sums that are dealt once are read off as they are, and what is said of them."""

from functools import cache

import numpy as np
import pytest
import xarray as xr

from theory.networks import accuracy, advance
from theory.questions import endless_sums as asked
from theory.questions.endless_sums import (
    BATCH,
    CASES,
    DECAY,
    FREE,
    POINTS,
    RECORD,
    SLOTS,
    SMALL,
    TESTED,
    UPDATES,
)
from theory.questions.infinite_data import ASKED
from theory.theories import THEORIES
from theory.trial import outcomes

WHOLE, WITHOUT = "delay without end of data", "a rule for the streamed part"
MODEL = "minimal model"


def made(apart=1.3, fresh=1.0, free=1.0, ended=None):
    """Runs with these ratios, a little scattered; `free` is a share of the seeds."""
    coords = {name: list(values) for name, values in POINTS.items()}
    sizes = [len(values) for values in coords.values()]
    scatter = np.exp(0.01 * np.random.default_rng(0).standard_normal(sizes))
    seen = 1000 * xr.DataArray(scatter, coords, list(coords))
    region = apart * fresh * seen
    learned = xr.DataArray(
        np.arange(len(coords["seed"])) < free * len(coords["seed"]), {"seed": coords["seed"]}
    )
    region = region.where((region["way"] != FREE) | learned)
    return xr.Dataset(
        {
            "seen": seen,
            "fresh": fresh * seen,
            "near": fresh * seen,
            "apart": region if ended is None else region.where(region["way"] != DECAY),
            "updates": 0 * seen + (ended or 3100),
            "lowest": 0 * seen,
            "ended": 0.5 + 0 * seen,
            "test_accuracy": 0 * seen,
            "parameter_norm": seen,
        }
    )


@cache
def said_of(**given):
    found = outcomes(asked, THEORIES, asked.measure(made(**given)))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def test_what_is_measured_is_read_off():
    found = asked.measure(made(apart=1.7, fresh=1.2, free=0.4))
    for name, value in (("apart_over_near", 1.7), ("fresh_over_seen", 1.2)):
        low, high = found[name]
        np.testing.assert_array_equal(low, high)
        assert low.mean() == pytest.approx(value, rel=0.03), name
        assert set(low.dims) == {"case", "seed"}
    assert found["without_decay"].mean() == pytest.approx(0.4)
    assert found["updates"]["mark"].values.tolist() == list(ASKED)


@pytest.mark.parametrize(
    ("runs", "theory", "name", "verdict"),
    [
        ({}, WHOLE, "apart_over_near", "holds"),
        ({"apart": 1.03}, WHOLE, "apart_over_near", "refuted"),
        ({"apart": 1.1}, WHOLE, "apart_over_near", "open"),
        ({}, WITHOUT, "apart_over_near", "holds"),
        ({"apart": 1.03}, WITHOUT, "apart_over_near", "refuted"),
        ({"free": 0.0}, WITHOUT, "without_decay", "holds"),
        ({}, WITHOUT, "without_decay", "refuted"),
        ({}, MODEL, "fresh_over_seen", "holds"),
        ({"fresh": 1.3}, MODEL, "fresh_over_seen", "refuted"),
        ({"fresh": 1.3}, WHOLE, "fresh_over_seen", "holds"),
        # All that ended before are at least twice as late.
        ({"ended": 2000}, WHOLE, "apart_over_near", "holds"),
    ],
)
def test_what_theories_say_can_hold_and_be_missed(runs, theory, name, verdict):
    assert said_of(**runs)[theory, name] == verdict


def test_of_a_region_where_other_rules_go_wrong_the_model_says_nothing():
    assert (MODEL, "apart_over_near") not in said_of()


def test_what_is_not_known_is_no_ratio():
    runs = made()
    never = runs.assign(near=runs.near.where(False), apart=runs.apart.where(False))
    low, high = asked.measure(never)["apart_over_near"]
    assert (low == 0).all()
    assert np.isinf(high).all()


def test_a_table_is_dealt_out_once_and_its_region_never(monkeypatch):
    monkeypatch.setattr(asked, "TESTED", 200)
    modulus = 20
    split = asked.examples(modulus, 2000, 3)
    task, small = split.task, split.task.inputs[:, :2] < SMALL * modulus
    assert len(np.unique(task.inputs, axis=0)) == len(task.inputs) == 2600
    comes, near, apart = slice(2200), slice(2200, 2400), slice(2400, None)
    assert not small[comes].all(axis=1).any()
    assert small[apart].all()
    assert (small[near] == [True, False]).all()
    # Neighbours are dealt, too, but for those that are asked.
    assert (small[comes] == [True, False]).all(axis=1).mean() > 0.1
    assert set(task.labels[apart]) == set(range(modulus))
    np.testing.assert_array_equal(task.labels, task.inputs.sum(axis=1) % modulus)
    assert split.train.size == 2000


def test_a_table_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match=r"dealt must be at most .*, got 8000"):
        asked.examples(20, 8000, 3)


def test_every_table_has_enough_for_all_updates():
    for modulus in CASES.values():
        part = np.ceil(SMALL * modulus) / modulus
        comes = modulus**SLOTS * (1 - part**2) - TESTED
        assert comes > UPDATES * BATCH + TESTED


def test_accuracy_is_of_what_came_since_the_last_record(monkeypatch):
    monkeypatch.setattr(asked, "STRETCH", RECORD)
    training = asked.training_of(30, 0.0, 1, 2 * RECORD)
    run = asked.followed(training)
    _, end = advance(training)
    places = np.arange(RECORD * BATCH, 2 * RECORD * BATCH)
    inputs = asked.NETWORK.encode(training.split.task, places, "float32")
    logits = asked.NETWORK.forward(end.parameters, inputs).logits
    assert run.seen[-1] == pytest.approx(accuracy(logits, training.split.task.labels[places]))
    assert run.fresh[-1] < 0.1 < run.seen[-1]
    # Every example that was dealt was trained on once.
    assert end.trained_on.size == training.steps * BATCH


def test_marks_are_first_passages():
    step = np.arange(0, 1001, 200)
    run = xr.Dataset(
        {
            "seen": ("step", [0.0, 0.6, 1.0, 1.0, 1.0, 1.0]),
            "fresh": ("step", [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]),
            "near": ("step", [0.0, 0.1, 0.2, 0.8, 1.0, 1.0]),
            "apart": ("step", [0.1, 0.05, 0.02, 0.01, 0.0, 0.4]),
            "test_accuracy": ("step", np.linspace(0, 0.5, 6)),
            "parameter_norm": ("step", np.arange(1.0, 7.0)),
        },
        {"step": step},
    )
    found = asked.summary(run)
    assert [found[name].item() for name in ASKED[:3]] == pytest.approx([500 / 3, 300, 500])
    assert np.isnan(found.apart)
    assert found.lowest == pytest.approx(0.02)  # at 600 neighbours are past half
    assert found.ended == pytest.approx(0.4)
    assert found.parameter_norm == 2
