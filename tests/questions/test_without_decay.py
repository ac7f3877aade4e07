"""Whether what becomes of a network without decay is read off as it is."""

import numpy as np
import pytest
import xarray as xr
from scipy.integrate import solve_ivp

from theory import circuits
from theory.minimal import descend, descend_with
from theory.networks import (
    Adam,
    CrossEntropy,
    ExactCrossEntropy,
    MeanSquaredError,
    Stage,
    Training,
    TwoLayer,
    advance,
    modular_addition,
)
from theory.questions import without_decay
from theory.questions.passages import EARLY
from theory.questions.without_decay import (
    ADAM,
    ADAM_EXACT,
    DESCENT,
    FITTED,
    PARTS_OF_RUN,
    POINTS,
    SQUARES,
    TINY_EXACT,
    TINY_ROUNDED,
    WAYS,
    along,
    course,
    looked_into,
)
from theory.theories import THEORIES
from theory.theories.margin_maximisation import faster
from theory.theories.undecayed import model, share
from theory.trial import outcomes

MODULUS = POINTS["modulus"][1]
LATE_LOSS, PULL = 6e-5, 10.5
FIT_ACCURACY, FIT_SHARE = 0.1, 0.2


def made(right, shares, pace=1.0, cosine=0.8):
    """Runs with accuracies and shares at the end, by way, a little scattered.

    ``pace`` is how many times as fast 1/loss grows in the last half as in the quarter before.
    """
    rng = np.random.default_rng(0)
    coords = {name: list(values) for name, values in POINTS.items()}
    dims, sizes = list(coords), [len(values) for values in coords.values()]
    part = xr.DataArray(list(PARTS_OF_RUN), {"part": list(PARTS_OF_RUN)}, "part")
    ones = xr.DataArray(np.ones(sizes), coords, dims)
    noise = xr.DataArray(0.002 * rng.standard_normal(sizes), coords, dims)

    def by_way(values):
        found = [values.get(way, 0.5) for way in WAYS]
        return xr.DataArray(found, {"way": list(WAYS)}, "way")

    grown = (part - 0.5) * xr.where(part > 0.5, pace * (1 + noise), 1.0)
    return xr.Dataset(
        {
            "fits": 300 * ones,
            "fit_accuracy": FIT_ACCURACY * ones,
            "fit_share": FIT_SHARE * ones,
            "along": cosine * (ones + noise),
            "test_accuracy": 0.05 * ones,
            "parameter_norm": 30 * ones,
            "accuracy": FIT_ACCURACY + (by_way(right) + noise - FIT_ACCURACY) * part,
            # At a quarter it is twice what it is at half.
            "loss": LATE_LOSS / (1 + 2 * grown).clip(min=0.1),
            "norm": 50 * ones * part**0.1,
            "train_lead": 40 * ones * part,
            "test_lead": 40 * (by_way(shares) + noise) * part,
            "pull": PULL * ones * (part > 0),
            "certain": ones * (part > 0.4),
        }
    )


def verdicts(runs):
    found = outcomes(without_decay, THEORIES, without_decay.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def test_quantities_are_those_of_the_ways():
    right = {
        ADAM: 0.6,
        ADAM_EXACT: 0.63,
        TINY_ROUNDED: 0.4,
        TINY_EXACT: 0.8,
        DESCENT: 0.12,
        SQUARES: 0.97,
    }
    found = without_decay.measure(made(right, {TINY_EXACT: 0.7, DESCENT: 0.35}, pace=1.3))
    assert list(found) == [quantity.name for quantity in without_decay.QUANTITIES]
    for name, value in (
        ("adam_gain", 0.5),
        ("rounding", 0.4),
        ("share", 0.7),
        ("accuracy", 0.8),
        ("descent_loss", 1.3),
        ("along", 0.8),
        ("epsilon", 0.17),
        ("usual_rounding", 0.03),
        ("descent_gain", 0.02),
        ("descent_share", 0.15),
        ("squares_accuracy", 0.97),
        ("pull", PULL),
    ):
        assert found[name].values == pytest.approx(value, abs=0.011), name
    assert found["losses"].sel(part=0.25).values == pytest.approx(2 * LATE_LOSS)
    assert found["losses"].sel(part=0.5).values == pytest.approx(LATE_LOSS)


def test_a_run_that_never_fits_has_no_gain():
    runs = made({}, {})
    first = (runs["seed"] == POINTS["seed"][0]) & (runs["way"] == ADAM)
    runs = runs.assign({n: runs[n].where(~first) for n in ("fits", "fit_accuracy", "fit_share")})
    found = without_decay.measure(runs)
    assert np.isnan(found["adam_gain"].isel(seed=0)).all()
    assert np.isfinite(found["adam_gain"].isel(seed=slice(1, None))).all()
    assert np.isfinite(found["usual_rounding"]).all()


def test_what_the_theories_say_can_hold():
    right = {
        ADAM: 0.11,
        ADAM_EXACT: 0.5,
        TINY_ROUNDED: 0.2,
        TINY_EXACT: float(circuits.test_accuracy(0.6)),
        DESCENT: 0.12,
        SQUARES: 1.0,
    }
    pace = faster(2 * LATE_LOSS, LATE_LOSS, PULL)
    found = verdicts(made(right, {TINY_EXACT: 0.4, DESCENT: FIT_SHARE}, pace=pace))
    for theory, name in (
        ("decay is needed", "adam_gain"),
        ("decay is needed", "descent_gain"),
        ("minimal model", "share"),
        ("minimal model", "descent_share"),
        ("softmax collapse", "usual_rounding"),
        ("softmax collapse", "along"),
        ("one-sided mixing", "accuracy"),
        ("solution of cosines", "squares_accuracy"),
        ("larger margins", "descent_loss"),
    ):
        assert found[theory, name] == "holds", (theory, name)
    found = verdicts(made({TINY_ROUNDED: 0.2}, {}))
    for name in ("rounding", "epsilon"):
        assert found["softmax collapse", name] == "holds"


def test_what_the_theories_say_can_be_missed():
    right = {
        ADAM: 0.7,
        ADAM_EXACT: 0.5,
        TINY_ROUNDED: 0.9,
        TINY_EXACT: 0.8,
        DESCENT: 0.5,
        SQUARES: 0.6,
    }
    found = verdicts(made(right, {TINY_EXACT: 0.9, DESCENT: 0.4}, pace=1.0, cosine=0.5))
    said = {
        (theory.name, name)
        for theory in THEORIES
        for about, name in theory.predicts
        if about == "without_decay"
    }
    assert len(said) == 11
    assert {found[each] for each in said} == {"refuted"}


def test_misses_of_either_sign_do_not_make_up_for_each_other():
    law = float(circuits.test_accuracy(0.6))
    runs = made({TINY_EXACT: law}, {TINY_EXACT: 0.4})
    off = xr.DataArray([0.15, 0.0, -0.15], {"modulus": runs["modulus"]}, "modulus")
    assert verdicts(runs)["one-sided mixing", "accuracy"] == "holds"
    missed = verdicts(runs.assign(accuracy=runs.accuracy + off))
    assert missed["one-sided mixing", "accuracy"] == "open"


SPLIT = modular_addition(11).split(90, rng=0)
EXAMPLES = SPLIT.train[:60]


def trained(loss, steps=600):
    return Training(TwoLayer(32), SPLIT, (Stage(Adam(1e-2), steps, EXAMPLES),), 0, loss)


@pytest.mark.parametrize("loss", [ExactCrossEntropy(), MeanSquaredError()], ids=str)
def test_a_course_is_that_of_the_run(loss):
    found = course(trained(loss), EXAMPLES)
    whole, end = advance(trained(loss), record_every=50, measurements=(looked_into,))
    assert found.test_accuracy.item() == whole.test_accuracy.sel(step=EARLY).item()
    assert found.parameter_norm.item() == whole.parameter_norm.sel(step=EARLY).item()
    assert found.accuracy.values[-1] == whole.test_accuracy[-1].item()
    assert found.loss.sel(part=0.25).item() == whole.train_loss.sel(step=150).item()
    assert found.test_lead.sel(part=0.5).item() == whole.test_lead.sel(step=300).item()
    assert found.along == along(trained(loss), EXAMPLES, end)
    first = whole["step"].values[whole.train_loss.values < FITTED][0]
    assert found.fits == first
    assert found.fit_accuracy == whole.test_accuracy.sel(step=first)
    assert found.fit_share == (whole.test_lead / whole.train_lead).sel(step=first)


def test_a_course_may_never_fit(monkeypatch):
    monkeypatch.setattr(without_decay, "FITTED", 0.0)
    found = course(trained(CrossEntropy()), EXAMPLES)
    assert np.isnan([found.fits, found.fit_accuracy, found.fit_share]).all()
    assert np.isfinite(found.accuracy).all()


def test_the_cosine_is_that_of_a_small_step():
    training = trained(ExactCrossEntropy(), steps=300)
    _, end = advance(training, record_every=300)
    network, task = training.network, training.split.task
    inputs, labels = network.encode(task, EXAMPLES, "float64"), task.labels[EXAMPLES]

    def loss(flat):
        theta = network.zeros(task, "float64")
        theta.flat[:] = flat
        return CrossEntropy().forward(network.forward(theta, inputs).logits, labels)[0]

    theta, step = end.parameters.flat.astype(float), 1e-5

    def falls(direction):
        ahead, behind = (loss(theta + sign * step * direction) for sign in (1, -1))
        return (behind - ahead) / (2 * step)

    gradient = np.array([falls(each) for each in np.eye(theta.size)])
    expected = theta @ gradient / np.linalg.norm(theta) / np.linalg.norm(gradient)
    assert along(training, EXAMPLES, end) == pytest.approx(expected, rel=1e-4)


def outcome(logits, labels):
    stretch = np.array(logits, "float32"), np.array(labels)
    return type("Outcome", (), {"stretches": lambda _: iter([stretch])})()


def test_leads_and_certainty_are_those_of_the_logits():
    train = outcome([[30.0, 0.0, 0.0], [0.0, 3.0, 0.0]], [0, 1])
    snapshot = type("Snapshot", (), {"train": train, "test": outcome([[0.0, 0.0, 6.0]], [0])})()
    found = looked_into(snapshot)
    assert found["train_lead"] == pytest.approx((20 + 2) / 2)
    assert found["test_lead"] == pytest.approx(-2)
    assert found["certain"] == 0.5
    # The second example's errors are all that counts.
    assert found["pull"] == pytest.approx(3, abs=1e-9)


def test_rivals_pull_by_their_errors():
    train = outcome([[0.0, 8.0, 8.0 - np.log(3)], [5.0, 0.0, 0.0]], [2, 0])
    snapshot = type("Snapshot", (), {"train": train, "test": train})()
    first = np.exp([-8.0, 0.0]) / (np.exp(-8.0) + 1 + 1 / 3)
    second = np.exp(-5) / (1 + 2 * np.exp(-5))
    lead = first @ [8 - np.log(3), -np.log(3)] + 2 * second * 5
    expected = lead / (first.sum() + 2 * second)
    assert looked_into(snapshot)["pull"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("degree", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("rivals", [1.0, 40.0])
def test_the_inverse_of_the_loss_is_that_of_the_flow(degree, rivals):
    """Of one lead s that grows as its loss times s to the power 2 - 2/L, from any origin."""
    times = np.array([100.0, 350.0, 850.0]) + 70
    flow = solve_ivp(
        lambda _, lead: rivals * np.exp(-lead) * lead ** (2 - 2 / degree),
        (0.0, times[-1]),
        [2.0],
        rtol=1e-10,
        atol=1e-12,
        dense_output=True,
    )
    leads = flow.sol(times)[0]
    early, late, last = rivals * np.exp(-leads)
    expected = (1 / last - 1 / late) / (1 / late - 1 / early) / 2
    assert faster(early, late, leads[1], degree) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "wrong", [(np.nan, 1e-4, 10.0), (1e-4, 2e-4, 10.0), (2e-4, 1e-4, 0.5), (2e-4, 1e-4, np.nan)]
)
def test_no_pace_where_the_loss_says_nothing(wrong):
    assert np.isnan(faster(*wrong))


@pytest.mark.parametrize("kappa", [1.2, 2.0, 3.0])
@pytest.mark.parametrize("starts", [(1e-2, 1.0), (1e-3, 0.1), (0.1, 0.1)])
def test_without_decay_memory_of_the_minimal_model_stays_ahead(starts, kappa):
    run = descend_with(model(*starts, kappa), 2000, Adam(1e-3, epsilon=1e-30), 100)
    rising = share(run)[1:]
    assert (rising < 0.5).all()
    assert (rising.diff("step") > -1e-9).all()
    assert rising.values == pytest.approx(
        share(descend_with(model(*starts), 2000, Adam(1e-3, epsilon=1e-30), 100))[1:].values
    )
    slow = share(descend(model(*starts, kappa), 2000, 0.1, 100))[1:]
    assert np.ptp(slow.values) < 1e-9


def test_the_share_is_that_of_what_the_logits_would_be():
    run = descend(model(0.3, 0.4), 10, 0.1, 10).isel(step=[-1])
    general, memory = (run.weight.sel(circuit=name).item() for name in run["circuit"].values)
    test = np.zeros(MODULUS)
    test[0], test[1] = general, memory
    train = np.zeros(MODULUS)
    train[0] = general + memory
    expected = (test[0] - test.mean()) / (train[0] - train.mean())
    assert share(run).item() == pytest.approx(expected)
