"""No test example is ever trained on, and what is measured of a network is what it says."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special

from theory.networks import (
    Adam,
    AdamW,
    Checkpoint,
    Stage,
    Training,
    advance,
    trigonometric_share,
)
from theory.networks.tasks import fingerprints
from theory.questions import practice
from theory.questions.practice import (
    POOL,
    Subject,
    continued,
    described,
    grokked,
    imbalance,
    memorised,
    settled,
)
from theory.questions.readings import objective

SUBJECT = Subject(modulus=7, width=8, seed=3)
ADAM, ADAMW = Adam(3e-3, 1e-3), AdamW(3e-3, 0.1, epsilon=0.1)


@pytest.fixture
def done(monkeypatch):
    """Short first stages, and every training that is done, with its end."""
    trainings = []

    def kept(training, **options):
        run, end = advance(training, **options)
        trainings.append((training, end))
        return run, end

    monkeypatch.setattr(practice, "advance", kept)
    monkeypatch.setattr(practice, "FIRST", Stage(practice.FIRST.optimiser, 15))
    return trainings


subjects = st.builds(Subject, st.integers(5, 31), st.just(8), st.integers(0, 10**6))


@given(subjects, st.data())
def test_examples_come_from_the_pool_and_fewer_are_a_part_of_more(subject, data):
    split, total = subject.split, subject.modulus**2
    assert split.train.size == round(POOL * total)
    assert sorted([*split.train, *split.test]) == list(range(total))
    most = split.train.size / subject.modulus
    fewer, more = sorted(data.draw(st.lists(st.floats(1, most), min_size=2, max_size=2)))
    few, many = subject.examples(fewer), subject.examples(more)
    assert few.size == round(fewer * subject.modulus)
    assert set(few) <= set(many) <= set(split.train)
    assert np.all(np.diff(many) > 0)


@given(subjects)
def test_subjects_are_told_apart_by_their_seeds(subject):
    other = Subject(subject.modulus, subject.width, subject.seed + 1)
    assert not np.array_equal(subject.split.train, other.split.train)
    assert not np.array_equal(subject.examples(2.0), other.examples(2.0))


@pytest.mark.parametrize("per_label", [0.0, 0.01, -1.0, 5.7, 1e9, float("nan")])
def test_a_size_that_the_pool_does_not_have_is_refused(per_label):
    message = rf"^per_label must ask for 1 to 39 examples, got {per_label} for a label"
    with pytest.raises(ValueError, match=message):
        SUBJECT.examples(per_label)


@pytest.mark.parametrize("per_label", [1 / 7, 39 / 7])
def test_one_example_and_the_whole_pool_are_allowed(per_label):
    assert SUBJECT.examples(per_label).size == round(7 * per_label)


def test_no_stage_trains_on_what_is_only_tested_on(done):
    start = settled(SUBJECT, grokked(SUBJECT), ADAM, 10)
    for per_label in (1.0, 3.0, 39 / 7):
        continued(SUBJECT, start, ADAMW, 10, SUBJECT.examples(per_label))
    for labels in ("balanced", "independent", "sums"):
        memorised(SUBJECT, 3.0, labels, ADAM, 10)
    assert len(done) == 2 + 3 + 3 * 2
    pool, tests = SUBJECT.split.train, SUBJECT.split.test
    for training, end in done:
        (stage,) = training.stages
        assert set(training.places(stage)) <= set(pool)
        assert set(tests) <= set(training.split.test)
        tested = fingerprints(training.split.task, training.split.test)
        assert not np.isin(tested, end.trained_on).any()
        assert not np.isin(fingerprints(SUBJECT.split.task, tests), end.trained_on).any()


def test_stages_follow_each_other(done):
    first = grokked(SUBJECT)
    second = settled(SUBJECT, first, ADAM, 10)
    continued(SUBJECT, second, ADAMW, 20, SUBJECT.examples(3.0))
    stages = [training.stages[0] for training, _ in done]
    assert stages == [practice.FIRST, Stage(ADAM, 10), Stage(ADAMW, 20, SUBJECT.examples(3.0))]
    assert [training.start for training, _ in done] == [None, first, second]


@pytest.mark.parametrize("per_label", [2.0, 3.4])
def test_balanced_labels_come_equally_often_and_random_ones_do_not(done, per_label):
    counts = {}
    for labels in ("balanced", "independent", "sums"):
        memorised(SUBJECT, per_label, labels, ADAM, 10)
        (first, _), (then, _) = done[-2:]
        assert first.split == then.split
        np.testing.assert_array_equal(then.split.train, SUBJECT.examples(per_label))
        own = then.split.task.labels[then.split.train]
        counts[labels] = np.bincount(own, minlength=7)
        sums = SUBJECT.split.task.labels[then.split.train]
        assert np.array_equal(own, sums) == (labels == "sums")
    assert np.ptp(counts["balanced"]) <= 1
    assert np.ptp(counts["independent"]) > 1


def test_what_is_kept_is_of_the_end_and_of_four_fifths_of_the_way(done):
    start, examples = grokked(SUBJECT), SUBJECT.examples(3.0)
    found = continued(SUBJECT, start, ADAM, 50, examples)
    stage = Stage(ADAM, 50, examples)
    training = Training(SUBJECT.network, SUBJECT.split, (stage,), SUBJECT.seed, start=start)
    run, end = advance(training, record_every=10, measurements=(trigonometric_share,))
    for name in (*practice._KEPT, "trigonometric_share"):
        assert found[name].item() == run[name].sel(step=50).item()
    for name in ("test_accuracy", "parameter_norm"):
        assert found[f"{name}_before"].item() == run[name].sel(step=40).item()
    assert found["imbalance"].item() == imbalance(SUBJECT, end, ADAM, examples)
    assert dict(found.sizes) == {}


def logits_of(parameters, places, modulus):
    """The logits of the two-layer network, written out."""
    x, y = np.divmod(places, modulus)
    hidden = (parameters["E"][x] + parameters["E"][modulus + y]) ** 2
    return hidden @ parameters["W"]


def checkpoint(theta, subject=SUBJECT):
    """A checkpoint with these parameters."""
    parameters = subject.network.zeros(subject.split.task, "float64")
    parameters.flat[:] = theta
    return Checkpoint.given(parameters, subject.split.task, [])


def test_a_network_is_described_as_by_hand():
    rng, size = np.random.default_rng(0), SUBJECT.network.zeros(SUBJECT.split.task, "float64")
    end = checkpoint(rng.normal(size=size.flat.size))
    examples, task = SUBJECT.examples(3.0), SUBJECT.split.task
    found = described(SUBJECT, end, task, examples)
    leads, rivals = {}, {}
    for name, places in {"train": examples, "test": SUBJECT.split.test}.items():
        rows = logits_of(end.parameters, places, 7)
        right = [row[task.labels[at]] - row.mean() for row, at in zip(rows, places, strict=True)]
        wrong = [
            np.delete(row, task.labels[at]).max() - row.mean()
            for row, at in zip(rows, places, strict=True)
        ]
        leads[name], rivals[name] = right, np.mean(wrong)
    expected = {
        "train_logit": np.mean(leads["train"]),
        "train_spread": np.std(leads["train"]),
        "test_logit": np.mean(leads["test"]),
        "test_spread": np.std(leads["test"]),
        "test_rival": rivals["test"],
    }
    assert found == pytest.approx(expected, rel=1e-5)


TINY = Subject(modulus=5, width=4, seed=0)
PLACES = TINY.examples(3.0)


def losses(thetas):
    """The train loss of the tiny network at many parameters, shape (many, 60)."""
    first, second = thetas[:, :40].reshape(-1, 10, 4), thetas[:, 40:].reshape(-1, 4, 5)
    x, y = np.divmod(PLACES, 5)
    logits = (first[:, x] + first[:, 5 + y]) ** 2 @ second
    right = logits[:, np.arange(PLACES.size), (x + y) % 5]
    return np.mean(special.logsumexp(logits, axis=2) - right, axis=1)


def gradient(theta, step=1e-5):
    """Its derivative, by central differences."""
    moves = step * np.eye(theta.size)
    return (losses(theta + moves) - losses(theta - moves)) / (2 * step)


def penalty(optimiser, theta):
    """What is added to the loss, with its derivative: L2, or the barrier of AdamW's box."""
    if isinstance(optimiser, Adam):
        return optimiser.l2 / 2 * theta @ theta, optimiser.l2 * theta
    epsilon, decay = optimiser.epsilon, optimiser.weight_decay
    x = decay * abs(theta)
    if np.any(x >= 1):
        return np.inf, np.zeros_like(theta)
    return epsilon / decay * np.sum(-x - np.log1p(-x)), epsilon * x / (1 - x) * np.sign(theta)


@pytest.mark.parametrize("optimiser", [Adam(3e-3, 0.02), AdamW(3e-3, 0.2, epsilon=0.1)])
def test_imbalance_is_what_is_left_over_of_the_decay_and_nothing_at_rest(optimiser):
    start = 0.5 * np.random.default_rng(1).normal(size=60)
    pull = gradient(start)
    if isinstance(optimiser, Adam):
        decay = optimiser.l2 * start
    else:
        pull, decay = pull / (abs(pull) + optimiser.epsilon), optimiser.weight_decay * start
    expected = np.linalg.norm(pull + decay) / np.linalg.norm(decay)
    found = imbalance(TINY, checkpoint(start, TINY), optimiser, PLACES)
    assert found == pytest.approx(expected, rel=1e-6)
    assert found > 0.5
    rest = optimize.minimize(
        lambda theta: losses(theta[None])[0] + penalty(optimiser, theta)[0],
        start,
        jac=lambda theta: gradient(theta) + penalty(optimiser, theta)[1],
        options={"gtol": 1e-8},
    ).x
    assert np.linalg.norm(rest) > 1
    assert imbalance(TINY, checkpoint(rest, TINY), optimiser, PLACES) < 1e-3


def test_objective_is_the_loss_with_its_penalty():
    runs = xr.Dataset({"train_loss": 0.5, "parameter_norm": 3.0})
    assert objective(runs, 0.1).item() == pytest.approx(0.5 + 0.05 * 9)
    strengths = xr.DataArray([0.0, 0.2], {"l2": [0.0, 0.2]}, "l2")
    assert objective(runs, strengths).values == pytest.approx([0.5, 1.4])
