"""The numbers of the explorer's program, under Node and without a browser, against Python's."""

from itertools import product

import numpy as np
import pytest
import xarray as xr
from scipy.special import log_expit

import theory
from explorer_models import LAST, PAPER, model_of, models_of
from explorer_programs import answers
from theory import minimal
from theory.minimal import fates
from theory.minimal.cells import Cells
from theory.minimal.fast import pool

GRID = [
    {"kappa": kappa, "examples": examples, "decay": decay, "speed": speed, "start": start}
    for kappa, examples, decay, (speed, start) in product(
        [0.5, 0.8, 1.0, 1.2, 1.6, 1.9, 1.95, 2.0, 2.05, 2.5, 3.0, 4.0],
        [100, 1600],
        [0.0, 0.001, 0.02],
        [
            ([0.005, 1.0], [0.0, 0.0]),
            ([0.0, 0.0], [0.2, 8.0]),
            ([0.1, 0.1], [3.0, 3.0]),
        ],
    )
]
#: Of the grid, with each value of each setting: flow takes its time.
FOLLOWED = GRID[::5]
#: Just above kappa = 2 the loser takes long to fall, perhaps below the least of precise numbers.
NEAR = [
    {"kappa": kappa, "examples": examples, "decay": decay, "speed": [0, 0], "start": start}
    for kappa, examples, decay, start in product(
        [2.00875, 2.01, 2.0175, 2.1], [60, 399, 900, 6400], [1e-4, 1e-3, 0.05], [[1, 1], [1, 5]]
    )
]
#: From zero without a penalty, where the faster circuit leads at once.
FREE = [
    {"kappa": kappa, "examples": 900, "decay": 0, "speed": speed, "start": [0, 0]}
    for kappa, speed in product([1.2, 2, 3], [[1, 0.1], [0.1, 1]])
]
ACCURACIES = [[0, 0], [1e-9, 5], [3, 4], [4, 4], [5, 2], [7, 0]]

SCRIPT = """
function finished(settings) {
  return [COARSE, FINE].map((precision) => {
    const { decided, times } = follow(settings, LAST, precision);
    return decided && times.at(-1) === LAST && times.length < 300;
  });
}

function changed(paper) {
  const story = new Story(paper);
  const before = story.at(200);
  story.change({ ...paper, examples: 100 }, 200);
  const jump = Math.hypot(story.at(200)[0] - before[0], story.at(200)[1] - before[1]);
  const { phases, turns } = outcomeOf(story);
  const kinds = [10, 100, 200, 9000].map((t) => kindAt(phases, t));
  return { jump, before, after: story.at(LAST), kinds, lost: turns.at(-1).time };
}

const found = {
  law: CELLS.random.map(lawAt),
  rests: CELLS.rests.map(equilibria),
  coarse: runs(CELLS.grid, COARSE),
  fine: runs(CELLS.grid, FINE),
  finer: runs(CELLS.grid, { order: 9, tolerance: 1e-11 }),
  free: runs(CELLS.free, FINE),
  presets: runs(PRESETS.slice(0, 4).map(({ settings }) => settings), FINE),
  near: CELLS.near.map(finished),
  changed: changed(PAPER),
  accuracies: CELLS.accuracies.map(([g, m]) => testAccuracy(modelOf(PAPER), g, m)),
};
"""


def random_cells(count):
    """Settings, weights of any sign and a pull, with a fair part of what is special."""
    rng = np.random.default_rng(2023)

    def mixed(usual, *special):
        return float(usual if rng.random() < 0.6 else rng.choice(special))

    def weight():
        return mixed(rng.uniform(0, 12), 0, 1e-12, 1e-3, -0.5, 40)

    return [
        {
            "settings": {
                "kappa": mixed(rng.uniform(0.5, 4), 0.5, 1, 2, 2.01, 3),
                "examples": mixed(60 * (6400 / 60) ** rng.random(), 60, 400),
                "decay": mixed(10 ** rng.uniform(-4, 0), 0, 1),
                "speed": [mixed(rng.random(), 0, 1e-6) for _ in range(2)],
                "start": [mixed(rng.uniform(0, 10), 0) for _ in range(2)],
            },
            "weight": [weight(), weight()],
            "p": rng.uniform(1e-6, 0.99),
        }
        for _ in range(count)
    ]


RANDOM = random_cells(300)
RESTS = [cell for cell in [*GRID, *(each["settings"] for each in RANDOM)] if cell["decay"] > 0]


@pytest.fixture(scope="module")
def found():
    """What the program finds for all cells."""
    cells = {
        "random": RANDOM, "rests": RESTS, "grid": GRID, "free": FREE, "near": NEAR,
        "accuracies": ACCURACIES,
    }  # fmt: skip
    return answers(SCRIPT, cells)


@pytest.fixture(scope="module")
def law(found):
    """What the program finds of the law in random cells, shape (cell) or (cell, circuit)."""
    names = found["law"][0]
    return {name: np.array([cell[name] for cell in found["law"]], float) for name in names}


@pytest.fixture(scope="module")
def cells():
    """The model over the random cells, and weights there."""
    model = models_of([cell["settings"] for cell in RANDOM])
    values = [cell["weight"] for cell in RANDOM]
    names = {"cell": range(len(RANDOM)), "circuit": list(model.names)}
    return model, xr.DataArray(values, names, ("cell", "circuit"))


def by_circuit(values):
    return values.transpose("cell", "circuit").values


def hold(found, exact):
    np.testing.assert_allclose(found, exact, rtol=1e-12)


# The law


def test_losses_are_those_of_python(law, cells):
    model, weight = cells
    hold(law["train"], minimal.train_loss(model, weight))
    hold(law["test"], minimal.test_loss(model, weight))
    hold(law["train"] + law["penalty"], minimal.objective(model, weight))
    hold(law["penalty"], model.alpha * minimal.parameter_norm(model, weight) ** 2)


def test_the_pull_is_that_of_python(law, cells):
    model, weight = cells
    pull = minimal.wrong_probability(model, weight).values
    hold(law["pull"], pull)
    hold(law["log_pull"], log_expit(np.log(112) - weight.sum("circuit").values))
    hold(law["log_pull_slope"], pull - 1)
    hold(law["pull_slope"], pull * (pull - 1))
    alone = minimal.weights(model, [1, 0]) * xr.DataArray(law["total"], dims="cell")
    hold(minimal.wrong_probability(model, alone), [cell["p"] for cell in RANDOM])


def test_costs_are_those_of_python(law, cells):
    model, weight = cells
    hold(law["power"], model.r)
    hold(law["cost"], by_circuit(model.cost))
    with np.errstate(divide="ignore", invalid="ignore"):
        marginal = (model.cost * abs(weight) ** model.r).where(model.cost > 0, 0)
        slope = model.cost * model.r * abs(weight) ** (model.r - 1)
    hold(law["marginal"], by_circuit(marginal))
    slope = by_circuit(slope.where(model.cost * model.r != 0, 0))
    hold(law["curvature"][:, [0, 1], [0, 1]], slope)
    hold(law["curvature"][:, [0, 1], [1, 0]], 0)
    paid = (law["cost"] > 0) & (weight.values != 0)
    hold(np.exp(law["log_marginal"][paid]), law["marginal"][paid])


def test_slopes_are_those_of_python(law, cells):
    model, weight = cells
    exact = by_circuit(minimal.gradient(model, weight))
    # The slope is a difference: its error is that of what is subtracted.
    subtracted = law["pull"][:, np.newaxis] + np.where(weight.values == 0, 0, law["marginal"])
    assert (abs(law["gradient"] - exact) <= 1e-12 * subtracted).all()
    assert (law["gradient"] == 0).any()


def test_weights_move_as_their_subweights_do(law, cells):
    """The derivative of a b along a' = -L b, b' = -L a is -(a^2 + b^2) L."""
    model, weight = cells
    second = model.stack("second_subweight") ** 2 - model.stack("first_subweight") ** 2
    rho = by_circuit(second)
    b = np.sqrt((rho + np.hypot(rho, 2 * weight.values)) / 2)
    a = np.divide(weight.values, b, out=np.zeros_like(b), where=b > 0)
    np.testing.assert_allclose(law["speed"], a**2 + b**2, rtol=1e-12, atol=1e-14)
    hold(law["velocity"], -law["speed"] * law["gradient"])


# Places of rest


def test_places_of_rest_are_those_of_python(found):
    exact = theory.equilibrium(models_of(RESTS)).transpose("cell", "point", "circuit")
    assert len(RESTS) > 300
    for k, (settings, points) in enumerate(zip(RESTS, found["rests"], strict=True)):
        kinds, weights = exact.kind.values[k], exact.weight.values[k].tolist()
        by_name = sorted(
            (kind, weight) for kind, weight in zip(kinds, weights, strict=True) if kind != "absent"
        )
        ours = sorted((point["kind"], point["weight"]) for point in points)
        assert [kind for kind, _ in ours] == [kind for kind, _ in by_name], settings
        pair = [[weight for _, weight in each] for each in (ours, by_name)]
        np.testing.assert_allclose(*pair, rtol=1e-9, atol=1e-9, err_msg=f"{settings}")


# Runs


def test_runs_grok_when_they_do_in_python(found):
    # Python's own time to grok, where it can with smaller steps: by default it is right to 1e-6.
    models = models_of(GRID)
    fate = fates.at_the_door(Cells.of(models), fates.sides(models, models.swept, 0.95))
    finer, _ = pool.times(fate, 1e-10)
    usual = theory.time_to_grok(models).values.ravel()
    exact = np.where((fate.verdict == fates.OPEN) & np.isfinite(finer), finer, usual)
    exact = np.where(np.isnan(exact), np.inf, exact)
    groks = [float(run["groks"]) for run in found["fine"]]
    np.testing.assert_allclose(groks, exact, rtol=1e-7, atol=1e-7)


def test_runs_end_as_in_python(found):
    end = [found["fine"][GRID.index(settings)]["end"] for settings in FOLLOWED]
    exact = theory.flow(models_of(FOLLOWED), [LAST]).weight[0].transpose("cell", "circuit")
    np.testing.assert_allclose(end, exact, rtol=1e-7, atol=1e-7)


def test_finer_steps_change_nothing(found):
    for name in ("end", "groks"):
        usual, finer = (
            np.array([run[name] for run in found[steps]], float) for steps in ("fine", "finer")
        )
        np.testing.assert_allclose(usual, finer, rtol=1e-8, atol=1e-8)


def test_without_a_penalty_the_faster_circuit_leads_at_once(found):
    exact = theory.time_to_grok(models_of(FREE)).fillna(np.inf).values
    assert [float(run["groks"]) for run in found["free"]] == exact.tolist()
    assert [run["leads"] for run in found["free"]] == (exact == 0).tolist()
    assert {0, np.inf} == set(exact)


def test_the_paper_s_run_groks_at_the_golden_time(found):
    assert found["presets"][0]["groks"] == pytest.approx(50.0578289402, rel=1e-10)


def test_runs_just_above_kappa_2_are_followed_to_their_end(found):
    assert found["near"] == [[True, True]] * len(NEAR)


def test_a_change_on_the_way_goes_on_from_the_same_weights(found):
    changed = found["changed"]
    assert changed["jump"] < 1e-9
    kinds = ["memorises", "generalises", "generalises", "memorises"]
    assert changed["kinds"] == kinds
    later = model_of({**PAPER, "examples": 100, "start": changed["before"]})
    lost = changed["lost"] - 200
    weight = theory.flow(later, [lost - 1e-3, lost + 1e-3, LAST - 200]).weight
    np.testing.assert_allclose(changed["after"], weight[-1], rtol=1e-7)
    assert (weight[:2, 0] > weight[:2, 1]).values.tolist() == [True, False]


# What they are called


def test_presets_are_of_the_kinds_that_the_paper_shows(found):
    kinds = ["grokking", "comprehension", "semi-grokking", "memorisation"]
    assert [run["regime"] for run in found["presets"]] == kinds


def test_coarse_steps_tell_the_same_regimes(found):
    """The map is right although its runs are followed coarsely."""
    coarse, fine = ([run["regime"] for run in found[steps]] for steps in ("coarse", "fine"))
    assert coarse == fine
    assert len(set(fine)) > 2


def test_the_test_accuracy_is_that_of_logits_with_a_spread(found):
    model = models_of([{**PAPER, "start": start} for start in ACCURACIES])
    exact = minimal.with_spread(model, theory.flow(model, [0.0]), spread=0.3).test_accuracy
    np.testing.assert_allclose(found["accuracies"], exact.values.ravel(), rtol=1e-9)
