"""Whether what becomes of a network without decay is read off as it is."""

import numpy as np
import pytest
import xarray as xr
from scipy.integrate import solve_ivp

from theory import circuits, measures
from theory.networks import (
    Adam,
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
    ADAM_SQUARES,
    DECAYED,
    DESCENT,
    FITS,
    PARTS_OF_RUN,
    POINTS,
    SMALL,
    SMALL_DOUBLE,
    SMALL_EXACT,
    SQUARES,
    WAYS,
    course,
    looked_into,
)
from theory.theories import THEORIES
from theory.theories.margin_maximisation import loss_exponent
from theory.theories.undecayed import by_adam, by_descent, risen, share
from theory.trial import outcomes

FIT_ACCURACY, FIT_UPDATES = 0.1, 300.0


def made(right, shares=None, loss_power=-1.17, norm_power=0.25, collapsed=0.5, stops=True):
    """Runs with accuracies and shares at the end, by way, a little scattered."""
    rng = np.random.default_rng(0)
    coords = {name: list(values) for name, values in POINTS.items()}
    dims, sizes = list(coords), [len(values) for values in coords.values()]
    part = xr.DataArray(list(PARTS_OF_RUN), {"part": list(PARTS_OF_RUN)}, "part")
    ones = xr.DataArray(np.ones(sizes), coords, dims)
    noise = xr.DataArray(0.002 * rng.standard_normal(sizes), coords, dims)

    def by_way(values, otherwise):
        found = [values.get(way, otherwise) for way in WAYS]
        return xr.DataArray(found, {"way": list(WAYS)}, "way")

    updates = by_way({way: each.updates for way, each in WAYS.items()}, 0)
    since = ones * (part * updates - FIT_UPDATES).clip(min=1)
    loss = 1e-4 * since**loss_power / since.sel(part=0.25, drop=True) ** loss_power
    end = by_way(right, 0.5) + noise
    norm = 50 * (-np.log(loss)) ** norm_power
    return xr.Dataset(
        {
            "fits": FIT_UPDATES * ones,
            "fit_accuracy": FIT_ACCURACY * ones,
            "fit_share": 0.2 * ones,
            "collapses": 2000 * ones,
            "collapse_accuracy": collapsed * ones,
            "collapse_norm": norm.sel(part=1.0, drop=True) / (1 if stops else 1.7),
            "most": end,
            "test_accuracy": 0.05 * ones,
            "parameter_norm": 30 * ones,
            "accuracy": FIT_ACCURACY + (end - FIT_ACCURACY) * part,
            "loss": loss,
            "norm": norm,
            "train_lead": 40 * ones * (part > 0),
            "test_lead": 40 * (by_way(shares or {}, 0.5) + noise) * (part > 0),
            "certain": ones * (part > 0.4),
        }
    )


def verdicts(runs):
    found = outcomes(without_decay, THEORIES, without_decay.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def mixed(memory):
    return float(circuits.test_accuracy(memory))


def test_differences_are_those_of_the_ways():
    right = {
        ADAM: 0.6,
        ADAM_EXACT: 0.63,
        SMALL: 0.4,
        SMALL_EXACT: 0.8,
        SMALL_DOUBLE: 0.75,
        DESCENT: 0.12,
        SQUARES: 0.97,
        ADAM_SQUARES: 0.99,
        DECAYED: 1.0,
    }
    runs = made(right, {SMALL_EXACT: 0.7, DESCENT: 0.35}, stops=False)
    found = without_decay.measure(runs)
    for name, value in (
        ("adam_gain", 0.5),
        ("descent_gain", 0.02),
        ("squares_accuracy", 0.97),
        ("adam_squares_accuracy", 0.99),
        ("decayed_accuracy", 1.0),
        ("rounding", 0.4),
        ("epsilon", 0.17),
        ("usual_rounding", 0.03),
        ("double", 0.35),
        ("share", 0.7),
        ("accuracy", 0.8),
        ("descent_share", 0.15),
        ("after_collapse", -0.1),
        ("norm_after_collapse", 1.7),
        ("descent_loss", -1.17),
        ("margin_power", 4.0),
        ("since_fit", (15_000 - 300) / (3750 - 300)),
    ):
        assert found[name].values == pytest.approx(value, abs=0.011), name
    assert (found["half_share"].sel(way=DESCENT) == 0).all()
    assert (found["half_share"].sel(way=ADAM) == 1).all()
    # From a quarter to all of the updates what is left is three quarters of a straight rise.
    assert 0.5 < float(found["rising"].sel(way=ADAM).mean()) < 0.75


def test_what_the_theories_say_can_hold():
    found = verdicts(
        made(
            {
                ADAM: 0.13,
                ADAM_EXACT: 0.78,
                SMALL: 0.5,
                SMALL_EXACT: mixed(0.53),
                SMALL_DOUBLE: 0.8,
                DESCENT: 0.12,
                SQUARES: 1.0,
                ADAM_SQUARES: 1.0,
                DECAYED: 1.0,
            },
            {SMALL_EXACT: 0.47, DESCENT: 0.2},
            norm_power=1 / 3,
        )
    )
    for name in ("adam_gain", "descent_gain"):
        assert found["decay is needed", name] == "holds"
    for name in ("adam_gain", "descent_gain", "share", "descent_share", "decayed_accuracy"):
        assert found["minimal model", name] == "holds"
    for name in ("double", "after_collapse", "norm_after_collapse", "margin_power"):
        assert found["softmax collapse", name] == "holds"
    assert found["one-sided mixing", "accuracy"] == "holds"
    assert found["solution of cosines", "squares_accuracy"] == "holds"
    assert found["larger margins", "descent_loss"] == "holds"
    found = verdicts(made({SMALL: 0.5, SMALL_EXACT: 0.8, ADAM: 0.5, ADAM_EXACT: 0.79}))
    for name in ("rounding", "usual_rounding", "epsilon"):
        assert found["softmax collapse", name] == "holds"
    assert found["larger margins", "margin_power"] == "holds"


def test_what_the_theories_say_can_be_missed():
    found = verdicts(
        made(
            {
                ADAM: 0.7,
                ADAM_EXACT: 0.5,
                SMALL: 0.9,
                SMALL_EXACT: 0.8,
                SMALL_DOUBLE: 0.7,
                DESCENT: 0.5,
                SQUARES: 0.6,
                ADAM_SQUARES: 0.6,
                DECAYED: 0.6,
            },
            {SMALL_EXACT: 0.9, DESCENT: 0.4},
            loss_power=-0.9,
            norm_power=1 / 2.5,
            collapsed=0.5,
            stops=False,
        )
    )
    for theory, name in (
        ("decay is needed", "adam_gain"),
        ("decay is needed", "descent_gain"),
        ("minimal model", "adam_gain"),
        ("minimal model", "descent_gain"),
        ("minimal model", "share"),
        ("minimal model", "descent_share"),
        ("minimal model", "decayed_accuracy"),
        ("softmax collapse", "rounding"),
        ("softmax collapse", "epsilon"),
        ("softmax collapse", "usual_rounding"),
        ("softmax collapse", "double"),
        ("softmax collapse", "after_collapse"),
        ("softmax collapse", "norm_after_collapse"),
        ("softmax collapse", "margin_power"),
        ("larger margins", "margin_power"),
        ("larger margins", "descent_loss"),
        ("one-sided mixing", "accuracy"),
        ("solution of cosines", "squares_accuracy"),
        ("solution of cosines", "adam_squares_accuracy"),
    ):
        assert found[theory, name] == "refuted", (theory, name)


def trained(loss=None, steps=600, epsilon=1e-8):
    split = modular_addition(11).split(90, rng=0)
    stage = Stage(Adam(1e-2, epsilon=epsilon), steps)
    return Training(TwoLayer(32), split, (stage,), 0, loss or ExactCrossEntropy())


@pytest.mark.parametrize("loss", [ExactCrossEntropy(), MeanSquaredError()], ids=str)
def test_a_course_is_that_of_the_run(loss):
    training = trained(loss)
    found = course(training)
    whole, _ = advance(training, record_every=50, measurements=(looked_into,))
    assert found.test_accuracy.item() == whole.test_accuracy.sel(step=EARLY).item()
    assert found.parameter_norm.item() == whole.parameter_norm.sel(step=EARLY).item()
    assert found.accuracy.values[-1] == whole.test_accuracy[-1].item()
    assert found.loss.sel(part=0.25).item() == whole.train_loss.sel(step=150).item()
    assert found.test_lead.sel(part=0.5).item() == whole.test_lead.sel(step=300).item()
    assert found.fits == measures.fit_step(whole, fit_accuracy=FITS).item()
    assert found.most == whole.test_accuracy.max()
    near = whole.test_accuracy.interp(step=found.fits.item()).item()
    assert found.fit_accuracy.item() == pytest.approx(near)
    certain = whole.certain >= 0.99
    if certain.any():
        first = whole["step"].values[certain.values][0]
        assert found.collapses == first
        assert found.collapse_norm.item() == whole.parameter_norm.sel(step=first).item()
    else:
        assert np.isnan(found.collapses)
        assert np.isnan(found.collapse_accuracy)


def test_leads_and_certainty_are_those_of_the_logits():
    def outcome(logits, labels):
        stretch = np.array(logits, "float32"), np.array(labels)
        return type("Outcome", (), {"stretches": lambda _: iter([stretch])})()

    train = outcome([[30.0, 0.0, 0.0], [0.0, 3.0, 0.0]], [0, 1])
    snapshot = type("Snapshot", (), {"train": train, "test": outcome([[0.0, 0.0, 6.0]], [0])})()
    found = looked_into(snapshot)
    assert found["train_lead"] == pytest.approx((20 + 2) / 2)
    assert found["test_lead"] == pytest.approx(-2)
    assert found["certain"] == 0.5


@pytest.mark.parametrize("degree", [2.0, 3.0])
@pytest.mark.parametrize("rivals", [1.0, 40.0])
def test_the_exponent_of_the_loss_is_that_of_the_flow(degree, rivals):
    """Of one lead s that grows as its loss times s to the power 2 - 2/L."""
    flow = solve_ivp(
        lambda _, lead: rivals * np.exp(-lead) * lead ** (2 - 2 / degree),
        (0.0, 1e5),
        [1.0],
        rtol=1e-9,
        atol=1e-12,
        dense_output=True,
    )
    early, late = (rivals * np.exp(-flow.sol(time)[0]) for time in (2e4, 1e5))
    found = loss_exponent(early, 5.0, rivals, degree)
    assert found == pytest.approx(np.log(late / early) / np.log(5), abs=1e-3)
    assert np.isnan(loss_exponent(np.nan, 5.0))


def test_without_decay_the_model_only_grows():
    for start in (1.0, 0.1):
        run = by_descent(start)
        ratio = run.weight.sel(circuit="generalising") / run.weight.sel(circuit="memorising")
        assert ratio[-1].item() == pytest.approx(1e-4, rel=1e-2)
        assert (run.parameter_norm.diff("step") >= 0).all()
        run = by_adam(start)
        assert (share(run) < 0.5).all()
        assert risen(share(run), run) > 0
        assert run.test_accuracy[-1] == 0
