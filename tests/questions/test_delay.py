"""Whether delays are read off runs as they are, and shapes are told apart."""

import numpy as np
import pytest
import xarray as xr

from theory.networks import AdamW, Stage, Training, TwoLayer, advance, modular_addition
from theory.questions import delay_and_decay, delay_and_size, shapes
from theory.questions.delay_and_decay import ADAM, ADAMW, CHANGES, DESCENT, POINTS, WAYS
from theory.questions.passages import EARLY, HALF, passages, passed_after
from theory.theories import THEORIES
from theory.trial import outcomes

X = np.array([1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125])
CURVES = {
    "power": lambda x: 3 * x**-0.5,
    "inverse": lambda x: 3 / x,
    "exponential": lambda x: 3 * np.exp(-2 * x),
    "pole": lambda x: 3 / (x - 0.02),
    "logarithm": lambda x: 3 * np.log(7 / x),
    "shifted": lambda x: 3 * (x - 0.02) ** -0.757,
}
SHAPES = {
    "power": shapes.POWER,
    "inverse": shapes.INVERSE,
    "exponential": shapes.EXPONENTIAL,
    "pole": shapes.POLE,
    "logarithm": shapes.LOGARITHM,
    "shifted": shapes.shifted(-0.757),
}


def made(delay, fits=300.0, updates=1e6):
    """Runs with a delay by way and change, a little scattered."""
    rng = np.random.default_rng(0)
    coords = {name: list(values) for name, values in POINTS.items()}
    sizes = [len(values) for values in coords.values()]
    scatter = np.exp(0.02 * rng.standard_normal(sizes))
    by = np.array([[delay(way, change) for change in CHANGES.values()] for way in WAYS])
    late = by[None, :, :, None] * scatter
    ones = np.ones(sizes)
    values = {
        "fits": fits * ones,
        "half": fits + late,
        "most": fits + 2 * late,
        "fit_norm": 15 * ones,
        "half_norm": 20 * ones,
        "updates": updates * ones,
        "lowest_after": 0.5 * ones,
        "test_accuracy": ones,
        "parameter_norm": ones,
    }
    return xr.Dataset({name: (list(coords), each) for name, each in values.items()}, coords)


def verdicts(question, runs):
    found = outcomes(question, THEORIES, question.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


def powers(decay, size):
    def delay(way, change):
        return 1000 * change.decay ** decay[way] * change.part**size / change.rate

    return delay


@pytest.mark.parametrize("name", CURVES)
def test_every_shape_foretells_its_own_curve_best(name):
    curve = CURVES[name](X)
    off = {
        each: abs(shape.foretold(X[:-1], curve[:-1], X[-1]) - np.log(curve[-1]))
        for each, shape in SHAPES.items()
    }
    assert off[name] == min(off.values())
    assert off[name] < 0.02


def test_an_advantage_needs_every_point():
    x = xr.DataArray(X, dims="x")
    curve = 3 * x**-0.5 * [1.01, 0.99, 1.0, 1.01, 0.99, 1.0]
    assert shapes.advantage(curve, x, "x", shapes.POWER, shapes.EXPONENTIAL) > 1
    torn = curve.where(x != X[2])
    assert np.isnan(shapes.advantage(torn, x, "x", shapes.POWER, shapes.EXPONENTIAL))


def test_what_the_theories_say_can_hold():
    runs = made(powers({DESCENT: -1.05, ADAM: -0.17, ADAMW: -1.0}, -1.2))
    found = verdicts(delay_and_decay, runs)
    assert found["one-sided mixing", "descent_exponent"] == "holds"
    assert found["one over the decay", "adamw_most_exponent"] == "holds"
    assert found["minimal model", "adam_exponent"] == "holds"
    found = verdicts(delay_and_size, runs)
    assert found["one-sided mixing", "descent_far"] == "holds"


def test_what_the_theories_say_can_be_missed():
    runs = made(powers({DESCENT: -0.5, ADAM: -0.6, ADAMW: -0.3}, -5))
    found = verdicts(delay_and_decay, runs)
    for theory, name in (
        ("minimal model", "descent_exponent"),
        ("one-sided mixing", "descent_exponent"),
        ("one over the decay", "descent_exponent"),
        ("one over the decay", "adamw_most_exponent"),
        ("minimal model", "adam_exponent"),
        ("shifted power", "adamw_most_exponent"),
    ):
        assert found[theory, name] == "refuted"
    found = verdicts(delay_and_size, runs)
    assert found["minimal model", "descent_far"] == "refuted"
    assert found["exponential in data", "descent_exponential"] == "refuted"
    assert found["pole in data", "adamw_pole"] == "refuted"


def test_an_exponential_and_a_pole_are_told_from_a_power():
    runs = made(lambda way, change: 1e5 * np.exp(-3 * change.part))
    assert verdicts(delay_and_size, runs)["exponential in data", "adamw_exponential"] == "holds"
    runs = made(lambda way, change: 1e3 / (change.part - 1.05))
    assert verdicts(delay_and_size, runs)["pole in data", "descent_pole"] == "holds"


def test_a_run_that_ended_before_bounds_its_exponent_on_one_side():
    runs = made(powers(dict.fromkeys(WAYS, -1.0), -5), updates=2000.0)
    weakest = runs["change"] == delay_and_decay.BY_DECAY[-1]
    late = runs.assign(half=runs.half.where(~weakest))
    found = delay_and_decay.measure(late)["exponents"].at(way=DESCENT)
    assert np.all(found.low == -np.inf)
    assert np.all((found.high > -1.02) & (found.high < -0.8))


def test_what_changes_do_is_taken_from_the_other_moduli():
    runs = made(powers({DESCENT: -1.0, ADAM: -0.2, ADAMW: -0.5}, -5))
    off = delay_and_decay.foretold(runs)
    assert off.sel(law="changes").max() < 0.1
    assert off.sel(law="inverse", way=DESCENT, kind="decay").max() < 0.1
    assert off.sel(law="inverse", way=ADAM, kind="decay").min() > 1
    # Norms that grow give no time at all.
    assert np.isinf(off.sel(law="norms")).all()


def test_marks_are_those_of_the_run():
    split = modular_addition(11).split(90, rng=0)
    training = Training(TwoLayer(32), split, (Stage(AdamW(3e-3, 1.0), 1500),), 0)
    found = passages(training, 0.55)
    whole, _ = advance(training, record_every=1)
    right = whole.test_accuracy
    first = whole["step"].where(right >= HALF).min().item()
    assert found.half.item() == pytest.approx(first, abs=0.02 * first)
    early = whole.sel(step=EARLY)
    assert found.test_accuracy.item() == early.test_accuracy.item()
    assert found.parameter_norm.item() == early.parameter_norm.item()
    assert found.updates < training.steps
    bounds = passed_after(found, "half")
    assert bounds.low == bounds.high
