"""Whether times on a stream are read off runs as they are, and what is said of them."""

import numpy as np
import pytest
import xarray as xr

from theory.networks import (
    Adam,
    CrossEntropy,
    SparseParityOutside,
    Stage,
    Training,
    accuracy,
    advance,
)
from theory.networks.data import drawn
from theory.questions import infinite_data as asked
from theory.questions.infinite_data import (
    AT_REST,
    BATCH,
    FREE,
    IDLE,
    IDLE_STREAM,
    L2,
    MIXED,
    ONLY,
    ONLY_STREAM,
    PARTS_OF_SIZE,
    POINTS,
    RANDOM,
    RECORD,
    SIZES,
    SMALLEST,
    STREAM,
    WAYS,
    WEAK,
    WEAKER,
)
from theory.theories import THEORIES, endless
from theory.trial import outcomes

SEEDS = list(POINTS["seed"])


def made(
    fresh=1.0,
    idle=1.0,
    mixed=1.5,
    free=1.0,
    delay=-2.0,
    gap=-2.0,
    only=0.0,
    decay=-0.2,
    updates=2400.0,
):
    """Runs with these ratios and exponents, a little scattered; `free` is a share of the seeds."""
    coords = {name: list(values) for name, values in POINTS.items()}
    sizes = [len(values) for values in coords.values()]
    scatter = np.exp(0.01 * np.random.default_rng(0).standard_normal(sizes))
    known = xr.DataArray(scatter, coords, list(coords))
    part = xr.DataArray([WAYS[way].part or np.nan for way in WAYS], {"way": list(WAYS)}, "way")
    seen = 100 * known
    late = seen + 300 * part**delay * known
    found = late.where(part.notnull(), fresh * seen)
    stream = (mixed - 1) * fresh * seen.sel(way=STREAM, drop=True)
    excess = xr.concat(
        [stream * {WEAKER: (WEAK / L2) ** decay, STREAM: 1.0}.get(way, 2.0) for way in WAYS],
        known["way"],
    )
    excess = excess.where(excess["way"] != IDLE_STREAM, (idle - 1) * found)
    apart = found + excess
    learned = xr.DataArray(np.arange(len(SEEDS)) < free * len(SEEDS), {"seed": SEEDS}, "seed")
    apart = apart.where((apart["way"] != FREE) | learned).where(apart["way"] != ONLY_STREAM)
    per_bit = xr.DataArray(list(AT_REST), {"per_bit": list(AT_REST)}, "per_bit")
    random = xr.DataArray(list(RANDOM), {"random": list(RANDOM)}, "random")
    seeds = known.isel(parity=0, way=0, drop=True)
    parity = known.isel(way=0, drop=True)
    # Log-odds of 5, at which random labels cost D^.8 in squared norm, and a parity 4 or 12.
    loss = np.log1p(np.exp(-5.0))
    cost = xr.DataArray([4.0, 12.0], {"parity": list(SMALLEST)}, "parity")
    memory = np.sqrt(5 * 2 * random**0.8) * seeds**0.01
    return xr.Dataset(
        {
            "seen": seen,
            "fresh": found,
            "apart": apart,
            "updates": 0 * seen + updates,
            "surplus": 0.1 * seen,
            "apart_then": 0 * seen,
            "apart_end": only + 0 * seen,
            "test_accuracy": 0 * seen,
            "parameter_norm": seen,
            "rest_gap": 1e-4 * seeds * per_bit ** float(gap),
            "rest_norm": seeds * (per_bit > 0),
            "rest_before": seeds * (per_bit > 0),
            "random_loss": loss + 0 * seeds * random,
            "random_norm": memory,
            "random_before": memory,
            "parity_loss": loss + 0 * parity,
            "parity_norm": np.sqrt(5 * cost) + 0 * parity,
            "parity_before": np.sqrt(5 * cost) + 0 * parity,
        }
    )


def verdicts(runs):
    found = outcomes(asked, THEORIES, asked.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def test_what_is_measured_is_read_off():
    found = asked.measure(made(fresh=1.2, idle=1.3, mixed=1.7, free=0.4, decay=-0.3))
    for name, value in (
        ("fresh_over_seen", 1.2),
        ("idle_over_fresh", 1.3),
        ("mixed_over_fresh", 1.7),
        ("delay_exponent", -2.0),
        ("decay_exponent", -0.3),
        ("left_over", 0.5),
    ):
        low, high = found[name]
        assert low.values == pytest.approx(value, rel=0.06), name
        np.testing.assert_array_equal(low, high)
    assert found["without_decay"].mean() == pytest.approx(0.4)
    assert found["gap_exponent"].values == pytest.approx(-2.0)
    assert found["memory_exponent"].values == pytest.approx(0.4)
    assert found["memory_price"].sel(random=8).values == pytest.approx(2 * 8**0.8, rel=0.01)
    assert found["price"].sel(parity=3).values == pytest.approx(12)
    assert found["weight"].values == pytest.approx(5)
    pull = 1 / (1 + np.exp(5.0))
    kappa = np.mean([L2 * 2 * random**0.8 / pull for random in RANDOM])
    assert found["memory_kappa"].values == pytest.approx(kappa, rel=0.01)
    assert found["still_moving"].max() == 0


def test_what_the_theories_say_can_hold():
    found = verdicts(made(delay=-0.2, gap=-1.05, decay=-0.4))
    for theory, name in (
        ("minimal model", "fresh_over_seen"),
        ("minimal model", "idle_over_fresh"),
        ("minimal model", "delay_exponent"),
        ("delay without end of data", "mixed_over_fresh"),
        ("a rule for the streamed part", "mixed_over_fresh"),
        ("a rule for the streamed part", "decay_exponent"),
        ("least degree", "without_decay"),
        ("least degree", "only_region"),
        ("parameters over data", "gap_exponent"),
    ):
        assert found[theory, name] == "holds", (theory, name)
    found = verdicts(made(fresh=1.3, idle=1.4, mixed=1.0, free=0.0))
    for theory, name in (
        ("delay without end of data", "fresh_over_seen"),
        ("delay without end of data", "idle_over_fresh"),
        ("minimal model", "mixed_over_fresh"),
        ("a rule for the streamed part", "without_decay"),
    ):
        assert found[theory, name] == "holds", (theory, name)


def test_what_the_theories_say_can_be_missed():
    found = verdicts(
        made(fresh=1.3, idle=1.4, mixed=1.6, delay=-2.0, gap=-1.9, only=0.5, decay=0.3)
    )
    for theory, name in (
        ("minimal model", "fresh_over_seen"),
        ("minimal model", "idle_over_fresh"),
        ("minimal model", "mixed_over_fresh"),
        ("minimal model", "delay_exponent"),
        ("minimal model", "gap_exponent"),
        ("a rule for the streamed part", "without_decay"),
        ("a rule for the streamed part", "decay_exponent"),
        ("least degree", "only_region"),
        ("parameters over data", "gap_exponent"),
    ):
        assert found[theory, name] == "refuted", (theory, name)
    found = verdicts(made(fresh=0.9, idle=0.9, mixed=0.9, free=0.1))
    for theory, name in (
        ("delay without end of data", "fresh_over_seen"),
        ("delay without end of data", "idle_over_fresh"),
        ("delay without end of data", "mixed_over_fresh"),
        ("a rule for the streamed part", "mixed_over_fresh"),
        ("least degree", "without_decay"),
    ):
        assert found[theory, name] == "refuted", (theory, name)


def test_a_gap_as_steep_as_the_model_has_it_holds():
    runs = made()
    measured = asked.measure(runs)
    said = endless.gap_exponent(measured["memory_exponent"], measured["memory_kappa"]).mean()
    assert said < -2.5
    assert verdicts(made(gap=float(said)))["minimal model", "gap_exponent"] == "holds"


def test_a_run_that_ended_before_bounds_what_it_says():
    runs = made()
    late = runs.assign(apart=runs.apart.where(runs["way"] != STREAM))
    low, high = asked.measure(late)["mixed_over_fresh"]
    np.testing.assert_array_equal(low, (runs.updates / runs.fresh).sel(way=STREAM, drop=True))
    assert np.isinf(high).all()
    assert verdicts(late)["minimal model", "mixed_over_fresh"] == "refuted"


def test_a_delay_that_is_shorter_than_a_record_is_bounded_from_above():
    def runs(*fresh):
        along = xr.DataArray(list(fresh), dims="case")
        seen, updates = (xr.full_like(along, value) for value in (100, 500))
        return xr.Dataset({"seen": seen, "fresh": along, "updates": updates})

    low, high = asked.log_delay(runs(160.0, 103.0, 98.0, np.nan), "seen", "fresh")
    np.testing.assert_allclose(np.exp(low), [60, 0, 0, 400])
    np.testing.assert_allclose(np.exp(high), [60, RECORD, RECORD, np.inf])


def test_regions_are_given_by_signs_that_matter_or_not():
    for parity in SMALLEST:
        matter = {
            region: sum(place < parity for place in asked.region_of(region, parity))
            for region in (MIXED, IDLE, ONLY)
        }
        assert matter == {MIXED: 2, IDLE: 0, ONLY: 2}
        assert len(asked.region_of(MIXED, parity)) == len(asked.region_of(IDLE, parity)) == 3
        assert len(asked.region_of(ONLY, parity)) == 2


@pytest.mark.parametrize("streams", [True, False])
def test_accuracies_are_of_what_was_just_seen_of_fresh_examples_and_of_the_region(streams):
    stream, rng = SparseParityOutside(30, 2, (0, 1, 2)), np.random.default_rng(1)
    parts = [stream.draw(rng, 300), stream.draw(rng, 50), stream.draw_left_out(rng, 50)]
    split = asked.joined(parts, 1)
    stage = Stage(Adam(3e-3), 24, stream if streams else split.train, 40)
    training = Training(asked.NETWORK, split, (stage,), 1)
    run = asked.followed(training)
    _, end = advance(training)

    def right(task, places):
        inputs = asked.NETWORK.encode(task, places, "float32")
        logits = asked.NETWORK.forward(end.parameters, inputs).logits
        return accuracy(logits, task.labels[places])

    batches = [drawn(training, stage, step) for step in range(24 - RECORD, 24)]
    assert run.seen[-1] == np.mean([right(*batch) for batch in batches])
    assert run.fresh[-1] == right(parts[1], np.arange(50))
    assert run.apart[-1] == right(parts[2], np.arange(50))
    assert run["step"].values.tolist() == list(range(0, 25, RECORD))


def test_a_stream_ends_once_all_is_known_and_never_shows_the_region():
    run = asked.again(38, 2, IDLE_STREAM, 3)
    assert run.seen < run.updates < WAYS[IDLE_STREAM].updates
    assert run.updates % asked.STRETCH == 0
    assert run.apart_end > asked.RIGHT
    stream = SparseParityOutside(38, 2, asked.region_of(MIXED, 2))
    shown = stream.draw(np.random.default_rng(0), 1000).inputs
    assert not (shown[:, list(asked.region_of(MIXED, 2))] == -1).all(axis=1).any()


def test_a_stream_brings_no_example_twice():
    stream, rng = SparseParityOutside(38, 2, (0, 1, 2)), np.random.default_rng(1)
    split = asked.joined([stream.draw(rng, 9), stream.draw_left_out(rng, 9)], 1)
    training = Training(asked.NETWORK, split, (Stage(Adam(3e-3), 50, stream, BATCH),), 1)
    _, end = advance(training)
    assert end.trained_on.size == 50 * BATCH


def test_marks_are_first_passages():
    step = np.arange(0, 49, 8)
    run = xr.Dataset(
        {
            "seen": ("step", [0.5, 0.8, 1, 1, 1, 1, 1]),
            "fresh": ("step", [0.5, 0.5, 0.7, 0.95, 1, 1, 1]),
            "apart": ("step", [0.5, 0.2, 0.0, 0.1, 0.2, 0.5, 0.8]),
            "test_accuracy": ("step", np.linspace(0, 0.6, 7)),
            "parameter_norm": ("step", np.arange(1.0, 8.0)),
        },
        {"step": step},
        attrs=asked.followed(_short()).attrs,
    )
    found = asked.summary(run)
    assert found.seen == pytest.approx(12)
    assert found.fresh == pytest.approx(16 + 8 * 0.2 / 0.25)
    assert np.isnan(found.apart)
    assert found.apart_then == pytest.approx(0.1 * 0.8)
    assert found.surplus == pytest.approx(0.3)
    assert (found.updates, found.apart_end) == (48, 0.8)
    assert found.test_accuracy == pytest.approx(0.3)
    assert found.parameter_norm == 4


def _short():
    stream, rng = SparseParityOutside(10, 2, (0, 1, 2)), np.random.default_rng(1)
    split = asked.joined([stream.draw(rng, 5), stream.draw_left_out(rng, 5)], 1)
    return Training(asked.NETWORK, split, (Stage(Adam(3e-3), 8, stream, 5),), 1)


def test_the_loss_at_rest_is_that_of_even_cases():
    stream, rng = SparseParityOutside(12, 2, (2, 3, 4)), np.random.default_rng(1)
    split = asked.joined([stream.draw(rng, 60), stream.draw(rng, 20)], 1)
    _, end = advance(Training(asked.NETWORK, split, (Stage(Adam(3e-3), 20),), 1))
    task, places = split.task, split.train

    def loss(some):
        inputs = asked.NETWORK.encode(task, some, "float32")
        logits = asked.NETWORK.forward(end.parameters, inputs).logits.astype(float)
        return CrossEntropy().forward(logits, task.labels[some])[0]

    case = (task.inputs[places, :2] == 1) @ [1, 2]
    by_case = [loss(places[case == each]) for each in range(4)]
    assert asked._even_loss(end, task, places) == pytest.approx(np.mean(by_case))
    assert abs(loss(places) - np.mean(by_case)) > 0.01


def test_sizes_grow_with_signs():
    assert asked.size_of(38, 2, 1.0) == 6 * 38
    assert [asked.size_of(50, 3, part) for part in PARTS_OF_SIZE] == [2000, 2700, 3600, 4800]
    assert min(asked.size_of(n, k, 1.0) for n in POINTS["bits"] for k in SMALLEST) > BATCH
    assert [WAYS[name].part for name in SIZES] == list(PARTS_OF_SIZE)


def test_memory_that_costs_without_bound_leaves_no_delay():
    assert endless.later(1e3) == pytest.approx(1, abs=0.01)
    assert endless.later(10.0) > 1.2


def test_the_model_groks_by_decay_alone():
    assert endless.groks(0.0) == 0
    assert endless.groks(L2) == 1


def test_the_models_delay_falls_the_faster_the_faster_memory_gets_dear():
    few = endless.delay_exponents(asked.measure(made()))
    assert few.sizes == {"kappa": 3, "bits": 3, "parity": 2}
    assert np.all((few < -0.05) & (few > -0.8))
    runs = made()
    steep = runs.assign(random_norm=runs.random_norm * (runs["random"] / RANDOM[-1]) ** 0.2)
    assert np.all(endless.delay_exponents(asked.measure(steep)) < few)


def test_a_model_of_the_networks_degree_has_no_gap():
    beta, kappa = xr.DataArray(0.5), xr.DataArray([1.0, 1.2, 2.0, 2.1], dims="case")
    np.testing.assert_allclose(endless.gap_exponent(beta, kappa), [-1, -1.5, np.nan, np.nan])


@pytest.mark.parametrize(
    ("parity", "left_out", "right"),
    [
        # x_1 + x_2 - 1 is of degree one, and wrong where both are -1.
        (2, (0, 1), 0.0),
        (3, (0, 1), 0.0),
        # A sign that does not matter as well: nothing of lower degree fits.
        (2, (0, 1, 2), 1.0),
        (3, (0, 1, 3), 1.0),
        (2, (0, 2), 1.0),
        (3, (3, 4, 5), 1.0),
        # One sign that is never -1: it may as well be left out.
        (1, (0,), 0.0),
        (2, (0,), 0.0),
    ],
)
def test_the_function_of_least_degree(parity, left_out, right):
    assert endless.least_degree(parity, left_out) == right
