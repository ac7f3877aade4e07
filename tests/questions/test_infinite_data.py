"""Whether times on a stream are read off runs as they are, and what is said of them."""

from functools import cache

import numpy as np
import pytest
import xarray as xr

from theory.networks import (
    Adam,
    SparseParityOutside,
    Stage,
    Training,
    accuracy,
    advance,
    cross_entropy,
)
from theory.networks.data import drawn
from theory.questions import infinite_data as asked
from theory.questions.infinite_data import (
    ASKED,
    BATCH,
    FREE,
    IDLE,
    IDLE_STREAM,
    L2,
    MARK,
    MIXED,
    POINTS,
    RECORD,
    SIZE,
    SIZES,
    SMALLEST,
    STREAM,
    TIMES,
    WAYS,
    WEAK,
    WEAK_SIZE,
    WEAKER,
)
from theory.theories import THEORIES, endless
from theory.trial import outcomes

SEEDS = list(POINTS["seed"])
WHOLE, WITHOUT = "delay without end of data", "a rule for the streamed part"
MODEL = "minimal model"


def made(
    fresh=1.0,
    apart=1.5,
    idle=1.0,
    late_decay=-0.17,
    in_data=1.0,
    delay=-2.0,
    delay_decay=-0.17,
    free=1.0,
):
    """Runs with these ratios and exponents, a little scattered; `free` is a share of the seeds."""
    coords = {name: list(values) for name, values in POINTS.items()}
    sizes = [len(values) for values in coords.values()]
    scatter = np.exp(0.01 * np.random.default_rng(0).standard_normal(sizes))
    known = xr.DataArray(scatter, coords, list(coords))
    size = xr.DataArray([WAYS[way].times or np.nan for way in WAYS], {"way": list(WAYS)}, "way")
    weak = size["way"] == WEAK_SIZE
    decay = xr.where(weak, (WEAK / L2) ** delay_decay, 1.0)
    seen = 100 + 0 * known
    found = (seen + 300 * size**delay * decay * known).where(size.notnull(), fresh * seen)
    near = found + 10
    stream = (apart - 1) * near.sel(way=STREAM, drop=True)
    lag = {
        WEAKER: stream * (WEAK / L2) ** late_decay,
        IDLE_STREAM: (idle - 1) * near.sel(way=IDLE_STREAM, drop=True),
        **dict.fromkeys((*SIZES, WEAK_SIZE), stream / in_data),
    }
    region = near + known * xr.concat([lag.get(way, stream) for way in WAYS], known["way"])
    learned = xr.DataArray(np.arange(len(SEEDS)) < free * len(SEEDS), {"seed": SEEDS}, "seed")
    return xr.Dataset(
        {
            "seen": seen,
            "fresh": found,
            "near": near,
            "apart": region.where((region["way"] != FREE) | learned),
            "updates": 0 * seen + asked.UPDATES,
            "surplus": 0.1 * known,
            "apart_then": 0.5 * known,
            "test_accuracy": 0.5 * known,
            "parameter_norm": known,
        }
    )


@cache
def said_of(**given):
    return verdicts(made(**given))


def verdicts(runs):
    found = outcomes(asked, THEORIES, asked.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def test_what_is_measured_is_read_off():
    found = asked.measure(
        made(fresh=1.2, apart=1.7, idle=1.3, late_decay=-0.3, in_data=0.8, delay_decay=-0.5)
    )
    for name, value in (
        ("apart_over_near", 1.7),
        ("apart_decay", -0.3),
        ("apart_in_data", 0.8),
        ("delay_decay", -0.5),
        ("delay_exponent", -2.0),
        ("fresh_over_seen", 1.2),
        ("idle_over_near", 1.3),
    ):
        low, high = found[name]
        np.testing.assert_array_equal(low, high)
        assert low.mean() == pytest.approx(value, rel=0.03), name
        assert set(low.dims) == {"bits", "parity", "seed"}
    assert asked.measure(made(free=0.4))["without_decay"].mean() == pytest.approx(0.4)
    assert found["delay"].sel(times=1).mean() == pytest.approx(300, rel=0.02)
    assert found["updates"]["mark"].values.tolist() == list(ASKED)


@pytest.mark.parametrize(
    ("runs", "theory", "name", "verdict"),
    [
        ({}, WHOLE, "apart_over_near", "holds"),
        ({"apart": 1.15}, WHOLE, "apart_over_near", "open"),
        ({"apart": 1.03}, WHOLE, "apart_over_near", "refuted"),
        ({}, WITHOUT, "apart_over_near", "holds"),
        ({"apart": 1.03}, WITHOUT, "apart_over_near", "refuted"),
        ({}, WITHOUT, "apart_decay", "holds"),
        ({"late_decay": -0.08}, WITHOUT, "apart_decay", "open"),
        ({"late_decay": 0.0}, WITHOUT, "apart_decay", "refuted"),
        ({"late_decay": -0.35}, WITHOUT, "apart_decay", "refuted"),
        ({}, WITHOUT, "apart_in_data", "holds"),
        ({"in_data": 0.6}, WITHOUT, "apart_in_data", "refuted"),
        ({"in_data": 1.6}, WITHOUT, "apart_in_data", "refuted"),
        ({"free": 0.0}, WITHOUT, "without_decay", "holds"),
        ({}, WITHOUT, "without_decay", "refuted"),
        ({}, MODEL, "delay_decay", "holds"),
        ({"delay_decay": -0.4}, MODEL, "delay_decay", "refuted"),
        ({"delay": -0.25}, MODEL, "delay_exponent", "holds"),
        ({}, MODEL, "delay_exponent", "refuted"),
        ({}, MODEL, "fresh_over_seen", "holds"),
        ({"fresh": 1.3}, MODEL, "fresh_over_seen", "refuted"),
        ({"idle": 1.02}, MODEL, "idle_over_near", "holds"),
        ({"idle": 1.3}, MODEL, "idle_over_near", "refuted"),
        ({"fresh": 1.3}, WHOLE, "fresh_over_seen", "holds"),
        ({}, WHOLE, "fresh_over_seen", "refuted"),
        ({"idle": 1.3}, WHOLE, "idle_over_near", "holds"),
        ({"idle": 1.02}, WHOLE, "idle_over_near", "refuted"),
    ],
)
def test_what_theories_say_can_hold_and_be_missed(runs, theory, name, verdict):
    assert said_of(**runs)[theory, name] == verdict


def test_of_a_region_where_other_rules_go_wrong_the_model_says_nothing():
    assert not {about for about in endless.OF_ENDLESS_DATA if about[1].startswith("apart")}


def test_a_run_that_ended_before_bounds_what_it_says():
    runs = made()
    late = runs.assign(apart=runs.apart.where(runs["way"] != STREAM))
    low, high = asked.measure(late)["apart_over_near"]
    np.testing.assert_array_equal(low, (runs.updates / runs.near).sel(way=STREAM, drop=True))
    assert np.isinf(high).all()
    assert verdicts(late)[WITHOUT, "apart_over_near"] == "holds"
    ladder = runs.assign(fresh=runs.fresh.where(runs["way"] != SIZE))
    low, high = asked.measure(ladder)["delay_decay"]
    assert np.isfinite(low).all()
    assert np.isinf(high).all()


def test_a_delay_that_is_shorter_than_a_record_is_bounded_from_above():
    along = xr.DataArray([160.0, 103.0, 98.0, np.nan], dims="case")
    seen, updates = (xr.full_like(along, value) for value in (100, 500))
    runs = xr.Dataset({"seen": seen, "fresh": along, "updates": updates})
    low, high = asked.log_delay(runs, "seen", "fresh")
    np.testing.assert_allclose(np.exp(low), [60, 0, 0, 400])
    np.testing.assert_allclose(np.exp(high), [60, RECORD, RECORD, np.inf])


@pytest.mark.parametrize("parity", list(SMALLEST))
def test_regions_have_both_answers_and_neighbours_that_are_streamed(parity):
    matter = {MIXED: parity - 1, IDLE: 0}
    for region, signs in matter.items():
        places = asked.region_of(region, parity)
        assert sum(place < parity for place in places) == signs
        assert len(set(places)) == parity
        stream = SparseParityOutside(30, parity, places)
        task = asked.examples(stream, 20, 400, 3).task
        near, inside = slice(420, 820), slice(820, 1220)
        assert (task.inputs[inside][:, places] == -1).all()
        turned = task.inputs[near] != task.inputs[inside]
        assert np.unique(np.nonzero(turned)[1]).tolist() == [places[-1]]
        assert turned[:, places[-1]].all()
        np.testing.assert_array_equal(task.labels[near], task.labels[inside])
        np.testing.assert_array_equal(task.labels, task.inputs[:, :parity].prod(axis=1) == -1)
        # Nobody passes by guessing one answer.
        assert 0.4 < task.labels[inside].mean() < 0.6
        shown = task.inputs[:420][:, places]
        assert not (shown == -1).all(axis=1).any()


@pytest.mark.parametrize("streams", [True, False])
def test_losses_are_of_what_was_just_seen_of_fresh_examples_of_neighbours_and_the_region(streams):
    stream = SparseParityOutside(30, 2, (0, 2))
    split = asked.examples(stream, 300, 50, 1)
    stage = Stage(Adam(3e-3), 24, stream if streams else split.train, 40)
    training = Training(asked.NETWORK, split, (stage,), 1)
    run = asked.followed(training)
    _, end = advance(training)

    def read(task, places):
        inputs = asked.NETWORK.encode(task, places, "float32")
        logits = asked.NETWORK.forward(end.parameters, inputs).logits
        labels = task.labels[places]
        return float(cross_entropy(logits, labels)[0]), accuracy(logits, labels)

    batches = [read(*drawn(training, stage, step)) for step in range(24 - RECORD, 24)]
    tested = [read(split.task, np.arange(start, start + 50)) for start in (300, 350, 400)]
    for name, (loss, right) in zip(ASKED, [np.mean(batches, axis=0), *tested], strict=True):
        assert run[name][-1] == pytest.approx(loss, rel=1e-5), name
        assert run[f"right_{name}"][-1] == pytest.approx(right), name
    assert run["step"].values.tolist() == list(range(0, 25, RECORD))


def test_a_stream_ends_once_all_is_known():
    run = asked.again(30, 2, STREAM, 3)
    assert run.seen < run.near < run.apart < run.updates < asked.UPDATES
    assert run.updates % asked.STRETCH == 0
    assert run.apart > run.updates - asked.STRETCH


def test_a_stream_brings_no_example_twice():
    stream = SparseParityOutside(38, 2, (0, 2))
    split = asked.examples(stream, 9, 9, 1)
    training = Training(asked.NETWORK, split, (Stage(Adam(3e-3), 50, stream, BATCH),), 1)
    _, end = advance(training)
    assert end.trained_on.size == 50 * BATCH


def test_marks_are_first_passages_of_losses():
    step = np.arange(0, 49, 8)
    run = xr.Dataset(
        {
            "seen": ("step", [0.7, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0]),
            "fresh": ("step", [0.7, 0.6, 0.5, 0.1, 0.2, 0.1, 0.0]),
            "near": ("step", [0.7, 0.6, 0.5, 0.3, 0.05, 0.0, 0.0]),
            "apart": ("step", [0.7, 0.8, 3.0, 2.0, 1.0, 0.5, 0.2]),
            "right_seen": ("step", [0.5, 0.8, 1, 1, 1, 1, 1]),
            "right_fresh": ("step", [0.5, 0.5, 0.7, 0.95, 1, 1, 1]),
            # A guess that is right at the start is no knowledge.
            "right_apart": ("step", [1.0, 0.9, 0.0, 0.1, 0.2, 0.5, 0.8]),
            "test_accuracy": ("step", np.linspace(0, 0.6, 7)),
            "parameter_norm": ("step", np.arange(1.0, 8.0)),
        },
        {"step": step},
    )
    found = asked.summary(run)
    assert found.seen == pytest.approx(8 + 8 * (0.5 - MARK) / 0.5)
    assert found.fresh == pytest.approx(16 + 8 * (0.5 - MARK) / 0.4)
    assert found.near == pytest.approx(24 + 8 * (0.3 - MARK) / 0.25)
    assert np.isnan(found.apart)
    assert found.apart_then == pytest.approx(0.1 + 0.1 * (found.near.item() - 24) / 8)
    assert found.surplus == pytest.approx(0.3)
    assert found.updates == 48
    assert found.test_accuracy == pytest.approx(0.3)
    assert found.parameter_norm == 4


def test_sizes_grow_with_signs():
    assert asked.size_of(38, 2, 1.0) == 6 * 38
    assert [asked.size_of(50, 3, times) for times in TIMES] == [2000, 2700, 3600, 4800]
    assert min(asked.size_of(n, k, 1.0) for n in POINTS["bits"] for k in SMALLEST) > BATCH
    assert [WAYS[name].times for name in SIZES] == list(TIMES)
    assert WAYS[SIZE].times == WAYS[WEAK_SIZE].times


def test_memory_that_costs_without_bound_leaves_no_delay():
    assert endless.later() == pytest.approx(1, abs=0.01)
    fits, generalises = endless.times([2.0], [4.0], L2)
    assert generalises > 2 * fits


def test_the_model_groks_by_decay_alone():
    assert endless.groks_without_decay() == 0
    strong, weak = (endless.delays([2.0], [4.0], l2) for l2 in (L2, WEAK))
    assert weak > 1.2 * strong


def test_the_dearer_the_other_circuit_the_shorter_the_delay():
    found = endless.delays([1.4, 2.0], endless.DEARER, L2)
    alone = endless.delays([2.0], endless.DEARER[-1:], L2)
    assert found[-1, -1] == pytest.approx(alone.item(), rel=1e-9)
    assert (np.diff(found) < 0).all()
    assert -0.2 < min(endless.decay_exponents()) < max(endless.decay_exponents()) < -0.13
    assert -0.31 < min(endless.data_exponents()) < max(endless.data_exponents()) < -0.15
