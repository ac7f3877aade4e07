"""Whether the place at which a regulariser ends the delay is read off, and theories are told."""

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import brentq

from theory.circuits.mixtures import MIXING
from theory.networks import (
    Adam,
    CrossEntropy,
    SmoothedCrossEntropy,
    Stage,
    Training,
    TwoLayer,
    modular_addition,
    shapes_of,
)
from theory.questions import regularisers
from theory.questions.passages import EARLY, MOST, followed
from theory.questions.practice import pool_of
from theory.questions.regularisers import MEMORY_RUNGS, POINTS, RUNGS, UPDATES
from theory.questions.restraints import BOUND, FOR_WAVES, L1, L2, NOISE, SMOOTHING, WAYS
from theory.theories import THEORIES
from theory.theories.on_a_sphere import SYMMETRIC_EXPONENT, one_sided, symmetric
from theory.trial import outcomes

PLACES = {"modulus": list(POINTS["modulus"]), "seed": list(POINTS["seed"])}
PRICE = 2.3
#: Up to where, or in the bound down to where, random labels are fitted.
MEMORY = {BOUND: 1.45, SMOOTHING: 0.42, NOISE: 0.3, L2: 0.143, L1: 0.04}
#: Of those, where the delay ends.
SHARING = {BOUND: one_sided(PRICE), SMOOTHING: 1.0, NOISE: 1.0, L2: 1.0, L1: 0.5}
LOG_2 = np.log(2)


def scattered(rng):
    sizes = [len(values) for values in PLACES.values()]
    return xr.DataArray(np.exp(0.003 * rng.standard_normal(sizes)), PLACES, list(PLACES))


def along(dim, coordinate, values):
    return xr.DataArray(list(values), {dim: list(coordinate)}, dim)


def course(way, ends, memory, most):
    """What runs with one regulariser are like."""
    sign = -1 if way == BOUND else 1
    strength = along("rung", RUNGS, WAYS[way].strengths)
    random = along("random", MEMORY_RUNGS, WAYS[way].for_memory)
    right = most / (1 + np.exp(-40 * sign * np.log(strength / ends)))
    return xr.Dataset(
        {
            "right": right,
            "test_accuracy": right,
            "fits": 100 + 0 * right,
            "half": 100 / right,
            "parameter_norm": 10 + 0 * right,
            "random_loss": LOG_2 * (random / memory) ** (8 * sign),
            "random_fits": 200 + 0 * random * memory,
        }
    )


def made(ratios, most):
    """Runs in which the delay ends at these parts of what memory alone can do.

    With the most that is ever right where a network fits, by regulariser.
    """
    rng = np.random.default_rng(0)
    ways, fits = [], {way: at * scattered(rng) for way, at in MEMORY.items()}
    for way in WAYS:
        ends = fits[way] * (SHARING | ratios)[way] * scattered(rng)
        ways.append(course(way, ends, fits[way], most.get(way, 1.0)))
    waves = along("waves", FOR_WAVES, FOR_WAVES)
    loss = LOG_2 * (fits[BOUND] / PRICE ** (1 / 3) / waves) ** 8
    runs = xr.concat(ways, along("way", WAYS, WAYS)).assign(waves_loss=loss)
    return runs.transpose("modulus", "way", "rung", "random", "waves", "seed")


WORLDS = {
    "units are shared": made({}, {}),
    "circuits of their own": made({BOUND: 1.0, NOISE: 0.9, L2: 1.12}, {SMOOTHING: 0.3, L1: 0.1}),
    "alike": made({BOUND: symmetric(PRICE), L2: 0.85}, {}),
    "memory under any": made({}, dict.fromkeys(WAYS, 0.3)),
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


@pytest.mark.parametrize("way", WAYS)
def test_a_collapse_at_the_strongest_does_not_move_the_end(way):
    runs = WORLDS["units are shared"]
    gone = runs["rung"] == (RUNGS[0] if way == BOUND else RUNGS[-1])
    low = runs.assign(right=runs.right.where(~gone, 0.02))
    collapsed = low.assign(fits=runs.fits.where(~gone))
    end = regularisers.ends(runs, way).low
    np.testing.assert_array_equal(regularisers.ends(collapsed, way).low, end)
    assert (regularisers.ends(low, way).low != end).any()  # One that fits does count.


UNFITTED = {
    "what ends above a half counts": ([0.0, 0.1, 0.2, 0.8, 0.9, 0.9, 0.9], [3, 4, 5, 6], 2, 0.5),
    "what ends below is as before": ([0.0, 0.1, 0.2, 0.8, 0.02, 0.02, 0.9], [4, 5], 2, 0.5),
    "before all none are right": ([0.4, 0.4, 0.4, 0.8, 0.9, 0.9, 0.9], [0, 1, 2], 2, 0.625),
}


@pytest.mark.parametrize("way", [BOUND, L2])
@pytest.mark.parametrize("case", UNFITTED)
def test_where_it_never_fits_the_next_weaker_strength_stands(way, case):
    """Rungs are told from the weakest on, which in a bound is the highest."""
    right, unfitted, rung, part = UNFITTED[case]
    fits = np.where(np.isin(RUNGS, unfitted), np.nan, 100.0)
    order = np.array(RUNGS)[::-1] if way == BOUND else np.array(RUNGS)
    by_rung = {"right": np.array(right)[order], "fits": fits[order]}
    runs = xr.Dataset(
        {name: (("way", "rung"), each[None]) for name, each in by_rung.items()},
        {"way": [way], "rung": list(RUNGS)},
    )
    weaker, stronger = np.array(WAYS[way].strengths)[order][[rung, rung + 1]]
    found = regularisers.ends(runs, way)
    assert found.low.item() == found.high.item()
    assert found.low.item() == pytest.approx(weaker * (stronger / weaker) ** part)


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
    shared, own, none = (
        judged[name] for name in ("units are shared", "circuits of their own", "memory under any")
    )
    for name in ("bound_ends", "l2_ends", "smoothing_ends", "noise_ends"):
        assert shared["one-sided mixing", name] == "holds", name
        assert own["one-sided mixing", name] == "refuted", name
    assert judged["alike"]["one-sided mixing", "l2_ends"] == "refuted"
    assert judged["alike"]["minimal model", "l2_ends"] == "refuted"
    assert shared["minimal model", "l2_ends"] == "open"
    assert own["minimal model", "l2_ends"] == "holds"
    for way in WAYS:
        name = f"best_{way.lower()}"
        assert shared["no regulariser", name] == "refuted", name
        assert none["no regulariser", name] == "holds", name


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
    """Apart for each way, over strengths at which all others fit."""
    rng = np.random.default_rng(1)
    right, fits = rng.random((2, 6, 5)), rng.random((2, 6, 5)) < 0.85
    both = [of_seeds(*each) for each in zip(right, fits, strict=True)]
    found = regularisers.best_right(xr.concat(both, "way")).transpose("way", "seed").values
    for way, seed in np.ndindex(found.shape):
        others, fit = (np.delete(each[way], seed, axis=0) for each in (right, fits))
        best = max((rung for rung in range(5) if fit[:, rung].all()), key=others.mean(0).item)
        expected = right[way, seed, best] if fits[way, seed, best] else np.nan
        np.testing.assert_equal(found[way, seed], expected)


def test_a_strength_at_which_another_run_does_not_fit_is_not_taken():
    right = [[0.2, 0.9], [0.3, 0.9], [0.4, 0.9]]
    fits = np.array([[True, True], [True, True], [True, False]])
    # The last is not asked itself, and does not fit at what is best for the others.
    found = regularisers.best_right(of_seeds(right, fits)).values
    np.testing.assert_array_equal(found, [0.2, 0.3, np.nan])
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

    def fake_run(training, right, measurements, fitted):
        assert (right, measurements, fitted) == (MOST, (regularisers.plain_loss,), "plain_loss")
        return fake

    monkeypatch.setattr(regularisers, "followed", fake_run)
    return regularisers.again(33, SMOOTHING, 0, 0)


def test_a_network_fits_by_the_plain_loss_whatever_is_trained(monkeypatch):
    found = read_off(monkeypatch, [2.0, LOG_2 + 0.1, LOG_2 - 0.1, 0.1], [0, 0.2, 0.6, 0.9])
    fits = float(found.fits)
    assert 10 < fits <= 20
    assert found.right.item() == pytest.approx(0.2 + 0.4 * (fits - 10) / 10)
    assert found.half.item() == pytest.approx(17.5, abs=2.5)
    assert (found.test_accuracy.item(), found.parameter_norm.item()) == (0.9, 35)


def test_one_that_never_fits_counts_as_it_ends(monkeypatch):
    found = read_off(monkeypatch, [2.0, 1.0, 0.9, 0.8], [0, 0.7, 0.4, 0.3])
    assert np.isnan(found.fits)
    assert (found.right.item(), found.test_accuracy.item()) == (0.3, 0.7)


def test_a_run_goes_on_until_the_loss_that_is_named_has_been_below_log_2():
    """Of labels that are smoothed, where the loss that is trained never is."""
    split = modular_addition(11).split(90, rng=0)
    stages = (Stage(Adam(1e-3), 700),)
    training = Training(TwoLayer(16), split, stages, 0, SmoothedCrossEntropy(0.3))
    plain = (regularisers.plain_loss,)
    as_before = followed(training, 0.0, plain)
    assert as_before["step"][-1] == EARLY
    assert as_before.plain_loss.min() > LOG_2
    further = followed(training, 0.0, plain, fitted="plain_loss")
    assert EARLY < further["step"][-1] < 700
    assert further.plain_loss.min() < LOG_2 < further.plain_loss.sel(step=420)
    assert further.train_loss.min() > LOG_2
    wrong = followed(training, 1.0, plain, fitted="plain_loss")
    assert wrong["step"][-1] == 700


def alone(monkeypatch, losses, what, *given):
    """What is said of a course with these losses, none of them trained, and of which training."""
    trainings = []

    def advance(training, record_every, measurements):
        assert measurements == (regularisers.plain_loss,)
        trainings.append(training)
        steps = np.arange(len(losses)) * record_every
        curves = {"plain_loss": losses, "train_loss": np.full(len(losses), 3.0)}
        curves["train_accuracy"] = np.zeros(len(losses))
        return xr.Dataset({k: ("step", v) for k, v in curves.items()}, {"step": steps}), None

    monkeypatch.setattr(regularisers, "advance", advance)
    return what(*given), *trainings


def test_memory_is_told_by_its_least_loss_and_by_when_it_first_fits(monkeypatch):
    course = [3.0, LOG_2 + 0.1, LOG_2 - 0.1, 0.9, 0.2, 0.8]
    found, training = alone(monkeypatch, course, regularisers.memorised, 33, SMOOTHING, 2, 0)
    assert found.random_loss == 0.2
    assert 30 < found.random_fits <= 60
    assert training.loss == SmoothedCrossEntropy(WAYS[SMOOTHING].for_memory[2])
    split, sums = training.split, modular_addition(33).labels
    assert split.train.size == regularisers.size_of(33)
    assert np.mean(split.task.labels[split.train] == sums[split.train]) < 0.1
    never, _ = alone(monkeypatch, [3.0, 0.8, 0.9], regularisers.memorised, 33, BOUND, 2, 0)
    assert never.random_loss == 0.8
    assert np.isnan(never.random_fits)


def test_all_pairs_but_one_are_held_by_a_bound(monkeypatch):
    found, training = alone(monkeypatch, [3.0, 0.4, 0.5], regularisers.all_pairs, 23, 1.2, 0)
    assert found.waves_loss == 0.4
    assert training.split.train.size == 23**2 - 1
    np.testing.assert_array_equal(training.split.task.labels, modular_addition(23).labels)
    assert training.stages[0].optimiser.bound == pytest.approx(1.2 * 23**0.4)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("modulus", [23, 31])
def test_strengths_are_in_their_unit(way, modulus):
    known = pool_of(modular_addition(modulus), 0).train[:60]
    training = regularisers.training_of(
        modulus, way, 0.4, pool_of(modular_addition(modulus), 0), 7, known
    )
    (stage,) = training.stages
    unit = {BOUND: modulus**0.4, L2: 1 / modulus, L1: 1 / modulus}.get(way, 1.0)
    of = {BOUND: "bound", NOISE: "noise", L1: "l1", L2: "l2"}
    expected = SmoothedCrossEntropy(0.4) if way == SMOOTHING else CrossEntropy()
    assert training.loss == expected
    if way != SMOOTHING:
        assert getattr(stage.optimiser, of[way]) == pytest.approx(0.4 * unit)
    adam = getattr(stage.optimiser, "optimiser", stage.optimiser)
    assert (adam.learning_rate, adam.l2 > 0, stage.steps) == (3e-3, way == L2, UPDATES)
    if way == BOUND:
        assert stage.optimiser.shapes == shapes_of(training.first_parameters())
    if way == NOISE:
        assert stage.optimiser.seed == training.seed == 7
    np.testing.assert_array_equal(stage.examples, known)


# What a logit of memory costs where both fit together, in parts of memory that fits alone.


def squared_norm(law, price, memory, waves):
    """(R/R_M)^2 with so much of both, in units of the logit at which memory alone fits at 1."""

    def excess(cube):
        return law(waves / (price * cube), memory / cube) - 1

    return brentq(excess, 1e-3, 10, xtol=1e-14) ** (2 / 3)


def of_sharing(law):
    return lambda price: lambda memory, waves: squared_norm(law, price, memory, waves)


def separate(kappa):
    """Squares add, and those of waves do not depend on memory."""
    return lambda price: (
        lambda memory, waves: memory ** (2 / kappa) + (waves / price) ** (2 / kappa)
    )


def dearer(norm, waves, step=1e-5):
    """By how much a logit of memory costs more where waves are this part of what fits."""

    def cost(memory, waves):
        return norm(memory + step, waves) - norm(memory - step, waves)

    return cost(1 - waves, waves) / cost(1.0, 0.0) - 1


ONE_SIDED = of_sharing(lambda x, y: x + y**MIXING)
SYMMETRIC = of_sharing(lambda x, y: x**SYMMETRIC_EXPONENT + y**SYMMETRIC_EXPONENT)


@pytest.mark.parametrize("price", [1.2, 1.55, 2.4])
def test_beside_a_little_of_waves_a_logit_of_memory_is_dearer_or_cheaper(price):
    for waves in (0.003, 0.03, 0.1):
        for law in (ONE_SIDED, SYMMETRIC, separate(2.1), separate(3.0)):
            assert dearer(law(price), waves) > 1e-4
        for kappa in (0.8, 1.5, 1.9):
            assert dearer(separate(kappa)(price), waves) < -1e-4
        assert dearer(separate(2.0)(price), waves) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("price", [1.2, 1.55, 2.4])
def test_where_it_is_dearer_it_is_so_up_to_one_half(price):
    """So that above memory's own penalty nothing fits but beyond one half."""
    for waves in (0.2, 0.35, 0.5):
        for law in (ONE_SIDED, separate(2.1), separate(3.0)):
            assert dearer(law(price), waves) > 0


@pytest.mark.parametrize("kappa", [0.8, 1.5, 1.9])
def test_where_it_is_cheaper_two_halves_rest_at_a_penalty_that_is_larger(kappa):
    penalty = 1 / (1 + dearer(separate(kappa)(1.7), 0.5))
    assert penalty == pytest.approx(2 ** (2 / kappa - 1), rel=1e-6)
