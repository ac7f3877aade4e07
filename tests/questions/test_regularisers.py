"""Whether the place at which a regulariser ends the delay is read off, and theories are told."""

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import brentq

from theory.networks import CrossEntropy, SmoothedCrossEntropy, shapes_of
from theory.questions import regularisers
from theory.questions.practice import pool_of
from theory.questions.regularisers import (
    BOUND,
    FOR_WAVES,
    L1,
    L2,
    NOISE,
    POINTS,
    RUNGS,
    SMOOTHING,
    WAYS,
    modular_addition,
)
from theory.theories import THEORIES, memory_first
from theory.theories.on_a_sphere import one_sided, symmetric
from theory.trial import outcomes

PLACES = {"modulus": list(POINTS["modulus"]), "seed": list(POINTS["seed"])}
PRICE = 1.7
#: Up to where, or in the bound down to where, random labels are fitted.
MEMORY = {BOUND: 1.45, SMOOTHING: 0.42, NOISE: 0.285, L2: 0.165, L1: 0.04}
#: Of those, where the delay ends.
SHARING = {BOUND: one_sided(PRICE), SMOOTHING: 1.0, NOISE: 1.0, L2: 0.93, L1: 0.5}


def scattered(rng):
    sizes = [len(values) for values in PLACES.values()]
    return xr.DataArray(np.exp(0.003 * rng.standard_normal(sizes)), PLACES, list(PLACES))


def along(dim, coordinate, values):
    return xr.DataArray(list(values), {dim: list(coordinate)}, dim)


def course(way, ends, memory, most):
    """What runs with one regulariser are like."""
    sign = -1 if way == BOUND else 1
    strength = along("rung", RUNGS, WAYS[way].strengths)
    random = along("random", RUNGS, WAYS[way].for_memory)
    right = most / (1 + np.exp(-40 * sign * np.log(strength / ends)))
    return xr.Dataset(
        {
            "right": right,
            "test_accuracy": right,
            "fits": 100 + 0 * right,
            "half": 100 / right,
            "parameter_norm": 10 + 0 * right,
            "random_loss": np.log(2) * (random / memory) ** (8 * sign),
        }
    )


def made(ratios, most=None, memory=None):
    """Runs in which the delay ends at these parts of what memory alone can do.

    With the most that is ever right where a network fits, by regulariser.
    """
    rng, most, memory = np.random.default_rng(0), most or {}, {**MEMORY, **(memory or {})}
    ways, fits = [], {way: at * scattered(rng) for way, at in memory.items()}
    for way in WAYS:
        ends = fits[way] * (SHARING | ratios)[way] * scattered(rng)
        ways.append(course(way, ends, fits[way], most.get(way, 1.0)))
    waves = along("waves", FOR_WAVES, FOR_WAVES)
    loss = np.log(2) * (fits[BOUND] / PRICE ** (1 / 3) / waves) ** 8
    runs = xr.concat(ways, along("way", WAYS, WAYS)).assign(waves_loss=loss)
    return runs.transpose("modulus", "way", "rung", "random", "waves", "seed")


WORLDS = {
    "units are shared": made({}),
    "circuits of their own": made({BOUND: 1.0, NOISE: 1.1, L2: 1.1}, {SMOOTHING: 0.3, L1: 0.1}),
    "the degree for kappa": made(
        {BOUND: 2 ** (-1 / 3), L2: 2 ** (-1 / 3)}, memory={BOUND: 1.55, L2: 0.17}
    ),
    "alike": made({BOUND: symmetric(PRICE), L2: 0.97}),
}


def verdicts(runs):
    found = outcomes(regularisers, THEORIES, regularisers.measure(runs))
    return {(x.theory, x.quantity.name): x.judgement.verdict for x in found if not x.place}


@pytest.fixture(scope="module")
def judged():
    return {name: verdicts(runs) for name, runs in WORLDS.items()}


def test_where_the_delay_ends_is_read_off():
    found = regularisers.measure(WORLDS["units are shared"])
    names = {BOUND: "bound_ends", L2: "l2_ends", SMOOTHING: "smoothing_ends", NOISE: "noise_ends"}
    for way, name in names.items():
        np.testing.assert_array_equal(found[name].low, found[name].high)
        ratio = found[name].low.mean("seed").values
        assert ratio == pytest.approx(SHARING[way], rel=0.012), way
    assert found["price_ratio"].low.mean("seed").values == pytest.approx(PRICE, rel=0.03)


def test_shares_are_those_of_their_regulariser():
    """The most that is ever right, of each; and nothing at the weakest smoothing."""
    found = regularisers.measure(WORLDS["circuits of their own"])
    assert found["best_smoothing"].mean().item() == pytest.approx(0.3, rel=0.02)
    assert found["best_l1"].mean().item() == pytest.approx(0.1, rel=0.02)
    assert found["smoothed"].max().item() < 1e-6
    assert found["right"].sel(way=L1, rung=4).mean().item() == pytest.approx(0.1, rel=0.02)
    assert (found["late"] * found["right"]).values == pytest.approx(1)


@pytest.mark.parametrize("way", WAYS)
def test_both_ends_are_in_the_strength_and_not_in_its_rung(way):
    runs = WORLDS["units are shared"].sel(way=[way])
    ends, fits = regularisers.ends(runs, way).low, regularisers.memory_fits(runs, way).low
    assert fits.mean().item() == pytest.approx(MEMORY[way], rel=0.01)
    rising = WAYS[way].strengths
    inside = rising[0] < MEMORY[way] * SHARING[way] < rising[-1]
    assert inside
    assert ends.mean().item() == pytest.approx(MEMORY[way] * SHARING[way], rel=0.02)


def test_an_end_beyond_what_was_run_is_bounded_on_its_side():
    """Never right: a bound would have to be lower, a penalty stronger; always: the reverse."""
    runs = WORLDS["units are shared"]
    never, always = runs.assign(right=0 * runs.right), runs.assign(right=0 * runs.right + 1)
    for way, sign in ((BOUND, -1), (L2, 1)):
        least, most = WAYS[way].strengths[0], WAYS[way].strengths[-1]
        beyond, before = ((most, np.inf), (0, least))[::sign]
        for world, (low, high) in ((never, beyond), (always, before)):
            found = regularisers.ends(world, way)
            assert (found.low == low).all()
            assert (found.high == high).all()


def predictions():
    return {
        (theory.name, name)
        for theory in THEORIES
        for question, name in theory.predicts
        if question == "regularisers"
    }


@pytest.mark.parametrize("verdict", ["holds", "refuted"])
def test_every_prediction_can_hold_and_be_missed(judged, verdict):
    found = {pair for world in judged.values() for pair, each in world.items() if each == verdict}
    assert found == predictions()


def test_theories_are_told_from_each_other(judged):
    shared, own = judged["units are shared"], judged["circuits of their own"]
    for name in ("bound_ends", "l2_ends", "smoothing_ends", "noise_ends"):
        assert shared["one-sided mixing", name] == "holds", name
        assert own["one-sided mixing", name] == "refuted", name
    assert shared["minimal model", "l2_ends"] == "refuted"
    assert own["minimal model", "l2_ends"] == "holds"
    assert shared["no regulariser", "best_smoothing"] == "refuted"
    assert own["no regulariser", "best_smoothing"] == "holds"
    for name in ("bound_ends", "l2_ends"):
        assert judged["the degree for kappa"]["kappa = 3", name] == "holds"


# The strength that is best for the other seeds.


def of_seeds(right, fits=None):
    """Runs of some seeds, each a row with one number a rung."""
    coords = {"seed": range(len(right)), "rung": range(len(right[0]))}
    fits = np.ones_like(right) if fits is None else np.where(fits, 1.0, np.nan)
    return xr.Dataset(
        {"right": (("seed", "rung"), np.array(right)), "fits": (("seed", "rung"), fits)}, coords
    )


def test_no_seed_has_a_say_in_the_strength_at_which_it_counts():
    runs = of_seeds([[0.9, 0.1, 0.2], [0.1, 0.3, 0.5], [0.1, 0.4, 0.5]])
    # Without the first the last rung is best, without either of the others the first is.
    assert regularisers.best_right(runs).values.tolist() == [0.2, 0.1, 0.1]


def test_the_best_strength_is_that_of_a_plain_loop():
    rng = np.random.default_rng(1)
    right = rng.random((6, 5))
    found = regularisers.best_right(of_seeds(right)).values
    for seed, value in enumerate(found):
        others = np.delete(right, seed, axis=0).mean(axis=0)
        assert value == right[seed, others.argmax()]


def test_a_strength_at_which_a_run_does_not_fit_is_not_taken():
    right = [[0.2, 0.9], [0.3, 0.9], [0.4, 0.9]]
    fits = np.array([[True, True], [True, True], [True, False]])
    assert regularisers.best_right(of_seeds(right, fits)).values.tolist() == [0.2, 0.3, 0.4]
    assert regularisers.best_right(of_seeds(right, fits & False)).isnull().all()


# What is run.


def read_off(monkeypatch, plain, right):
    """What `again` says of a course whose trained loss never comes down."""
    steps = np.arange(len(right)) * 10.0
    fake = xr.Dataset(
        {
            "train_loss": ("step", np.full(steps.size, 3.0)),
            "plain_loss": ("step", np.array(plain)),
            "train_accuracy": ("step", np.array(right)),
            "test_accuracy": ("step", np.array(right)),
            "parameter_norm": ("step", 5 + steps),
        },
        {"step": steps.astype(int)},
    )
    monkeypatch.setattr(regularisers, "followed", lambda *_: fake)
    return regularisers.again(33, SMOOTHING, 0, 0)


def test_a_network_fits_by_the_plain_loss_whatever_is_trained(monkeypatch):
    found = read_off(monkeypatch, [2.0, np.log(2) + 0.1, np.log(2) - 0.1, 0.1], [0, 0.2, 0.6, 0.9])
    fits = float(found.fits)
    assert 10 < fits <= 20
    assert found.right.item() == pytest.approx(0.2 + 0.4 * (fits - 10) / 10)
    assert found.half.item() == pytest.approx(17.5, abs=2.5)
    assert (found.test_accuracy.item(), found.parameter_norm.item()) == (0.9, 35)


def test_one_that_never_fits_counts_as_it_ends(monkeypatch):
    found = read_off(monkeypatch, [2.0, 1.0, 0.9, 0.8], [0, 0.7, 0.4, 0.3])
    assert np.isnan(found.fits)
    assert (found.right.item(), found.test_accuracy.item()) == (0.3, 0.7)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("modulus", [23, 31])
def test_strengths_are_in_their_unit(way, modulus):
    pool = pool_of(modular_addition(modulus), 0)
    training = regularisers._training(modulus, way, 0.4, pool, ((3e-3, 5), (3e-4, 2)), 0, 60)
    first, second = (stage.optimiser for stage in training.stages)
    unit = {BOUND: modulus**0.4, L2: 1 / modulus, L1: 1 / modulus}.get(way, 1.0)
    of = {BOUND: "bound", NOISE: "noise", L1: "l1", L2: "l2"}
    expected = SmoothedCrossEntropy(0.4) if way == SMOOTHING else CrossEntropy()
    assert training.loss == expected
    if way != SMOOTHING:
        assert getattr(first, of[way]) == getattr(second, of[way]) == pytest.approx(0.4 * unit)
    for optimiser, rate in ((first, 3e-3), (second, 3e-4)):
        adam = getattr(optimiser, "optimiser", optimiser)
        assert (adam.learning_rate, adam.l2 > 0) == (rate, way == L2)
    if way == BOUND:
        assert first.shapes == shapes_of(training.first_parameters())
    assert training.stages[0].examples.size == 60


# Laws of sharing.


def least_norm(law, price, memory, waves):
    """R/R_M with so much of both, in units of the logit at which memory alone fits at 1."""

    def excess(norm):
        return law(memory / norm**3, waves / (price * norm**3)) - 1

    return brentq(excess, 0.1, 10, xtol=1e-14)


def penalty_at_rest(law, price, memory, waves, step=1e-5):
    """The gamma at which a pull of 1/2 holds so much memory, by differences of the norm."""
    ends = (least_norm(law, price, memory + move, waves) ** 2 for move in (step, -step))
    return 2 * step * 0.5 / (0.5 * np.subtract(*ends))


LAWS = {
    memory_first.one_sided_penalty: lambda y, x: x + y**1.75,
    memory_first.symmetric_penalty: lambda y, x: x**1.32 + y**1.32,
}


@pytest.mark.parametrize("formula", LAWS)
@pytest.mark.parametrize("price", [1.2, 1.55, 2.4])
def test_penalties_are_those_at_which_memory_rests_by_the_laws(formula, price):
    even, alone = (
        penalty_at_rest(LAWS[formula], price, *weights) for weights in ((0.5, 0.5), (1.0, 0.0))
    )
    assert formula(price) == pytest.approx(even / alone, rel=1e-6)


@pytest.mark.parametrize("kappa", [0.8, 1.5, 2.0, 3.0])
def test_penalties_of_separate_circuits_are_those_at_which_memory_rests(kappa):
    step = 1e-6
    slopes = [
        ((weight + step) ** (2 / kappa) - (weight - step) ** (2 / kappa)) / (2 * step)
        for weight in (0.5, 1.0)
    ]
    assert memory_first.separate_penalty(kappa) == pytest.approx(slopes[1] / slopes[0], rel=1e-6)
