import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory import networks

each_loss = pytest.mark.parametrize(
    "loss", [networks.CrossEntropy, networks.ExactCrossEntropy, networks.MeanSquaredError]
)


@st.composite
def logits_and_labels(draw):
    """Small whole logits, so that ties are common."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    examples, num_labels = draw(st.integers(1, 8)), draw(st.integers(2, 6))
    logits = rng.integers(-2, 3, size=(examples, num_labels)).astype(float)
    return logits, rng.integers(num_labels, size=examples)


@given(logits_and_labels())
def test_everything_against_a_loop_over_examples(case):
    logits, labels = case
    losses, hits, leads = [], [], []
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        losses.append(math.log(sum(math.exp(logit) for logit in row)) - row[label])
        hits.append((row[label] == max(row)) / row.count(max(row)))
        leads.append(row[label] - max(row[:label] + row[label + 1 :]))
    squares = [
        (logit - (k == label)) ** 2
        for row, label in zip(logits, labels, strict=True)
        for k, logit in enumerate(row)
    ]
    assert networks.mean_squared_error(logits, labels)[0] == pytest.approx(np.mean(squares))
    loss, probabilities = networks.cross_entropy(logits, labels)
    assert loss == pytest.approx(np.mean(losses), rel=1e-12, abs=1e-15)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    assert networks.accuracy(logits, labels) == pytest.approx(np.mean(hits), rel=1e-12)
    assert networks.margin(logits, labels) == pytest.approx(np.mean(leads), rel=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1e4, 1e30])
def test_huge_logits_do_not_overflow(dtype, size):
    logits = np.array([[size, -size, 0], [size, -size, 0]], dtype)
    loss, probabilities = networks.cross_entropy(logits, np.array([0, 2]))
    assert loss == pytest.approx(size / 2, rel=1e-6)
    np.testing.assert_array_equal(probabilities, [[1, 0, 0], [1, 0, 0]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_loss_of_certain_predictions_is_never_negative(dtype):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(1000, 5)).astype(dtype)
    labels = logits.argmax(axis=1)
    logits[np.arange(1000), labels] += 30
    assert 0 <= networks.cross_entropy(logits, labels)[0] < 1e-10


def test_small_loss_of_large_logits_is_exact():
    loss, _ = networks.cross_entropy(np.array([[1e4, 1e4 - 20]]), np.array([0]))
    assert loss == pytest.approx(math.exp(-20), rel=1e-6, abs=0)


@given(num_labels=st.integers(2, 200))
def test_equal_logits_are_at_chance(num_labels):
    logits, labels = np.zeros((3, num_labels)), np.array([0, 1, num_labels - 1])
    assert networks.accuracy(logits, labels) == pytest.approx(1 / num_labels)
    loss, _ = networks.cross_entropy(logits, labels)
    assert loss == pytest.approx(math.log(num_labels))
    assert networks.margin(logits, labels) == 0


def test_arguments_are_left_alone():
    logits, labels = np.array([[1.0, 2.0]]), np.array([0])
    _, probabilities = networks.cross_entropy(logits, labels)
    before = probabilities.copy()
    networks.cross_entropy_backward(probabilities, labels)
    networks.margin(logits, labels)
    np.testing.assert_array_equal(logits, [[1, 2]])
    np.testing.assert_array_equal(probabilities, before)


@each_loss
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(case=logits_and_labels(), temperature=st.sampled_from([0.5, 1.0, 4.0]))
def test_temperature_divides_the_logits(loss, dtype, case, temperature):
    logits, labels = case[0].astype(dtype), case[1]
    warm, plain = loss(temperature), loss()
    value, kept = warm.forward(logits, labels)
    expected, plainly_kept = plain.forward(logits / temperature, labels)
    assert value == expected
    d_logits = warm.backward(kept, labels)
    np.testing.assert_array_equal(d_logits * temperature, plain.backward(plainly_kept, labels))
    assert d_logits.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(logits, case[0])


@given(case=logits_and_labels(), scale=st.sampled_from([0.0, 1.0, 9.0]))
def test_the_exact_cross_entropy_is_the_cross_entropy(case, scale):
    logits, labels = scale * case[0], case[1]
    value, errors = networks.exact_cross_entropy(logits, labels)
    expected, probabilities = networks.cross_entropy(logits, labels)
    assert value == pytest.approx(expected, abs=1e-14)
    d_logits = networks.ExactCrossEntropy().backward(errors, labels)
    plain = networks.cross_entropy_backward(probabilities, labels)
    np.testing.assert_allclose(d_logits, plain, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("lead", [5.0, 17.0, 40.0, 80.0])
def test_no_error_is_rounded_away_in_single_precision(lead):
    logits, labels = np.array([[0.0, lead, 0.0]]), np.array([1])
    value, errors = networks.exact_cross_entropy(logits.astype("float32"), labels)
    truth = 2 * np.exp(-lead) / (1 + 2 * np.exp(-lead))
    assert value == pytest.approx(np.log1p(2 * np.exp(-lead)), rel=1e-5)
    assert -errors[0, 1] == pytest.approx(truth, rel=1e-5)
    assert errors.dtype == np.float32
    _, probabilities = networks.cross_entropy(logits.astype("float32"), labels)
    collapsed = networks.cross_entropy_backward(probabilities, labels)[0, 1] == 0
    assert collapsed == (lead > 24 * np.log(2) + np.log(2))


@pytest.mark.parametrize(
    ("dtype", "exact", "subnormal", "gone"),
    [("float32", 87, 95, 105), ("float64", 708, 740, 746)],
)
def test_errors_fade_where_numbers_end(dtype, exact, subnormal, gone):
    def error(lead):
        logits = np.array([[lead, 0.0]], dtype)
        return -float(networks.exact_cross_entropy(logits, np.array([0]))[1][0, 0])

    assert error(exact) == pytest.approx(np.exp(-exact), rel=1e-5)
    assert 0 < error(subnormal) < np.finfo(dtype).tiny
    assert error(gone) == 0


def test_what_is_wrong_beyond_doubt_costs_its_lead():
    value, errors = networks.exact_cross_entropy(np.array([[0.0, 300.0]]), np.array([0]))
    assert value == pytest.approx(300)
    np.testing.assert_allclose(errors, [[-1, 1]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(case=logits_and_labels(), smoothing=st.floats(0.01, 0.99))
def test_smoothed_labels_are_the_right_one_and_a_part_of_all(dtype, case, smoothing):
    logits, labels = case[0].astype(dtype), case[1]
    loss, num_labels = networks.SmoothedCrossEntropy(smoothing), logits.shape[1]
    value, probabilities = loss.forward(logits, labels)
    values, slopes = [], []
    for row, label in zip(case[0].tolist(), labels.tolist(), strict=True):
        total = sum(math.exp(logit) for logit in row)
        for k, logit in enumerate(row):
            target = (1 - smoothing) * (k == label) + smoothing / num_labels
            values.append(-target * math.log(math.exp(logit) / total))
            slopes.append((math.exp(logit) / total - target) / labels.size)
    error = 1e-6 if dtype == "float32" else 1e-13
    assert value == pytest.approx(sum(values) / labels.size, rel=5 * error)
    d_logits = loss.backward(probabilities, labels)
    np.testing.assert_allclose(d_logits.ravel(), slopes, rtol=0, atol=error)
    assert d_logits.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(logits, case[0])
    np.testing.assert_array_equal(probabilities, loss.forward(logits, labels)[1])


@given(smoothing=st.floats(0.01, 0.99), num_labels=st.integers(2, 60))
def test_smoothed_labels_have_a_best_lead(smoothing, num_labels):
    """log(1 + q(1 - s)/s): less is worse, and so is more. What is left is the labels' entropy."""
    loss, labels = networks.SmoothedCrossEntropy(smoothing), np.array([1])
    lead = math.log(1 + num_labels * (1 - smoothing) / smoothing)
    values, slopes = [], []
    for each in (lead - 0.1, lead, lead + 0.1):
        logits = np.zeros((1, num_labels))
        logits[0, 1] = each
        value, probabilities = loss.forward(logits, labels)
        values.append(value)
        slopes.append(loss.backward(probabilities, labels)[0, 1])
    assert slopes[0] < 0 < slopes[2]
    assert slopes[1] == pytest.approx(0, abs=1e-14)
    assert values[1] < min(values[0], values[2])
    wrong = smoothing / num_labels
    right = 1 - smoothing + wrong
    entropy = -right * math.log(right) - (num_labels - 1) * wrong * math.log(wrong)
    assert values[1] == pytest.approx(entropy, rel=1e-12)


def test_smoothing_holds_what_the_plain_loss_would_drive_on():
    loss, labels = networks.SmoothedCrossEntropy(0.1), np.array([0])
    _, probabilities = loss.forward(np.array([[1e4, -1e4]], "float32"), labels)
    np.testing.assert_allclose(loss.backward(probabilities, labels), [[0.05, -0.05]], rtol=1e-6)


def test_losses_name_their_units():
    assert networks.CrossEntropy() == networks.CrossEntropy(temperature=1.0)
    assert networks.CrossEntropy.units == "nat"
    assert networks.ExactCrossEntropy.units == "nat"
    assert networks.MeanSquaredError.units == "1"
    assert networks.SmoothedCrossEntropy.units == "nat"


@each_loss
@pytest.mark.parametrize("temperature", [0, -1, np.nan, "warm"])
def test_bad_temperature(loss, temperature):
    with pytest.raises(ValueError, match=rf"temperature must be .*got {temperature!r}"):
        loss(temperature)


@pytest.mark.parametrize("smoothing", [0, 1, -0.1, np.nan, "some"])
def test_bad_smoothing(smoothing):
    with pytest.raises(ValueError, match=rf"smoothing must be .*got {smoothing!r}"):
        networks.SmoothedCrossEntropy(smoothing)
