"""Networks in the explorer's program, under Node, against those of `theory.repaired`."""

from itertools import product

import numpy as np
import pytest
import xarray as xr

import theory
from explorer_models import LAST, NETWORK, model_of, models_of, regime_of_network
from explorer_programs import answers
from theory import circuits, minimal
from theory.minimal import mixed_equilibrium
from theory.minimal.cells import Cells
from theory.minimal.stationary import stationary_points
from theory.repaired import repaired_model

MODULI = [23, 95]
STRENGTHS = [1e-5, 1e-4, 1e-3]
COSTS = [list(each) for each in product([23, 31, 47, 59, 79, 95], [1e-5, 3e-5, 1e-4, 1e-3])]
#: As `theory.repaired` starts it, faster, and from sizable weights, below the onset and above it.
GRID = {
    modulus: [
        {
            **NETWORK,
            "examples": max(60, ratio * circuits.critical_size(modulus, l2)),
            "speed": speed,
            "start": start,
            "network": [modulus, l2],
        }
        for ratio, l2, (speed, start) in product(
            [0.4, 0.7, 0.9, 1.0, 1.5],
            STRENGTHS,
            [
                ([0.001, 0.0], [0.0, 1.0]),
                ([0.3, 0.5], [0.0, 0.0]),
                ([0.0, 0.0], [0.5, 2.0]),
                ([0.2, 1.0], [3.0, 4.0]),
            ],
        )
    ]
    for modulus in MODULI
}
ALL = [cell for cells in GRID.values() for cell in cells]
#: Small starts under a strong penalty, on both sides of the trap's border.
SMALL = [
    {**NETWORK, "examples": 6400, "speed": speed, "start": start, "network": [95, 1e-3]}
    for speed, start in product(
        [[0, 0], [0.001, 0], [0.3, 0.2]], [[0.001, 0.1], [0, 0.3], [0.01, 0.001], [0.01, 0.5]]
    )
]
SHARES = [[0.0, 0.0], [5.0, 0.0], [0.0, 3.0], [3.0, 4.0], [4.0, 4.0], [7.0, 0.001], [0.3, 7.0]]

SCRIPT = """
const found = {
  costs: CELLS.costs.map(costsOf),
  onsets: CELLS.costs.map((network) => onsetOf(costsOf(network).critical)),
  law: Object.fromEntries(Object.entries(CELLS.random).map(([m, cells]) => [m, cells.map(lawAt)])),
  rests: CELLS.all.map(equilibria),
  coarse: runs(CELLS.all, COARSE),
  fine: runs(CELLS.all, FINE),
  finer: runs(CELLS.all, { order: 9, tolerance: 1e-11 }),
  small: runs(CELLS.small, FINE),
  decided: CELLS.all.map((settings) => follow(settings, LAST).decided),
  regimes: CELLS.preset.map((settings) => REGIMES[regimeOf(follow(settings, LAST))]),
  accuracies: CELLS.shares.map(([g, m]) => testAccuracy(modelOf(CELLS.preset[0]), g, m)),
};
"""


def random_cells(modulus, count):
    """Settings, and weights of any sign, with a fair part of what is special."""
    rng = np.random.default_rng(modulus)

    def weight():
        usual = rng.uniform(0, 12)
        return float(usual if rng.random() < 0.7 else rng.choice([0, 1e-12, 1e-3, -0.5, 40]))

    return [
        {
            "settings": {
                **NETWORK,
                "examples": float(rng.uniform(60, min(modulus**2, 6400))),
                "speed": rng.uniform(0, 1, 2).tolist(),
                "start": rng.uniform(0, 10, 2).tolist(),
                "network": [modulus, float(10 ** rng.uniform(-5, -3))],
            },
            "weight": [weight(), weight()],
            "p": float(rng.uniform(1e-6, 0.99)),
        }
        for _ in range(count)
    ]


RANDOM = {modulus: random_cells(modulus, 100) for modulus in MODULI}
PRESET = [
    {**NETWORK, "network": [59, l2], "examples": examples}
    for l2, examples in product(STRENGTHS, [300, 600, 750, 900, 1200, 3481])
]


@pytest.fixture(scope="module")
def found():
    """What the program finds for all cells."""
    cells = {
        "costs": COSTS, "random": RANDOM, "all": ALL, "small": SMALL, "preset": PRESET,
        "shares": SHARES,
    }  # fmt: skip
    return answers(SCRIPT, cells)


def hold(found, exact):
    np.testing.assert_allclose(found, exact, rtol=1e-12)


# What is derived


def test_costs_are_those_of_theory_circuits(found):
    norms, sizes, onsets = [], [], []
    for modulus, l2 in COSTS:
        size = circuits.critical_size(modulus, l2)
        model = repaired_model(modulus, l2, size)
        norms.append(model.stack("param_norm").sel(circuit="generalising").item())
        sizes.append(size)
        onsets.append(size / circuits.MIXING)
    hold([cost["norm"] for cost in found["costs"]], norms)
    hold([cost["critical"] for cost in found["costs"]], sizes)
    hold(found["onsets"], onsets)


@pytest.mark.parametrize("modulus", MODULI)
def test_the_law_is_that_of_python(found, modulus):
    """In units in which P_G is 1: weights, losses and slopes are the same."""
    cells = found["law"][f"{modulus}"]
    law = {name: np.array([cell[name] for cell in cells], float) for name in cells[0]}
    model = models_of([cell["settings"] for cell in RANDOM[modulus]])
    given = np.array([cell["weight"] for cell in RANDOM[modulus]])
    names = {"cell": range(len(given)), "circuit": list(model.names)}
    weight = xr.DataArray(given, names, ("cell", "circuit"))
    exact, size = Cells.of(model).law, abs(given.T)
    hold(law["train"], minimal.train_loss(model, weight))
    hold(law["test"], minimal.test_loss(model, weight))
    hold(law["train"] + law["penalty"], minimal.objective(model, weight))
    hold(law["penalty"], model.alpha * minimal.parameter_norm(model, weight) ** 2)
    with np.errstate(all="ignore"):
        marginal, curvature = exact.marginal(size).T, np.moveaxis(exact.curvature(size), 2, 0)
    hold(law["marginal"], marginal)
    inner = (given != 0).all(axis=1)
    scale = abs(curvature[inner]).max(axis=(1, 2), keepdims=True)
    assert (abs(law["curvature"][inner] - curvature[inner]) <= 1e-12 * scale).all()
    # The slope is a difference: its error is that of what is subtracted.
    slopes = minimal.gradient(model, weight).transpose("cell", "circuit").values
    subtracted = law["pull"][:, np.newaxis] + np.where(np.isfinite(marginal), marginal, 0)
    assert (abs(law["gradient"] - slopes) <= 1e-12 * subtracted).all()
    hold(law["velocity"], -law["speed"] * law["gradient"])
    assert inner.sum() > 50


# Places of rest


def test_the_place_of_rest_is_that_of_python(found):
    for modulus, cells in GRID.items():
        rest = mixed_equilibrium(models_of(cells)).weight.transpose("cell", "circuit").values
        first = ALL.index(cells[0])
        for k, weight in enumerate(rest):
            points = found["rests"][first + k]
            (minimum,) = (each["weight"] for each in points if each["kind"] == "minimum")
            np.testing.assert_allclose(minimum, weight, rtol=1e-9, atol=1e-12, err_msg=f"{modulus}")


@pytest.mark.parametrize("k", range(0, len(ALL), 23))
def test_other_points_are_those_that_root_finding_gives(found, k):
    exact = stationary_points(model_of(ALL[k])).transpose("point", "circuit")
    by_name = sorted(zip(exact.kind.values.tolist(), exact.weight.values.tolist(), strict=True))
    ours = sorted((point["kind"], point["weight"]) for point in found["rests"][k])
    assert [kind for kind, _ in ours] == [kind for kind, _ in by_name]
    pair = [[weight for _, weight in each] for each in (ours, by_name)]
    np.testing.assert_allclose(*pair, rtol=1e-9, atol=1e-9)


# Runs


def test_runs_grok_when_they_do_in_python(found):
    for cells in GRID.values():
        first = ALL.index(cells[0])
        exact = theory.time_to_grok(models_of(cells[::3])).fillna(np.inf).values
        groks = [float(run["groks"]) for run in found["fine"][first : first + len(cells) : 3]]
        np.testing.assert_allclose(groks, exact, rtol=1e-7, atol=1e-7)
        assert 5 < np.isfinite(exact).sum() < len(exact) - 5


def test_runs_end_as_in_python(found):
    for cells in GRID.values():
        first = ALL.index(cells[0])
        end = [run["end"] for run in found["fine"][first : first + len(cells) : 3]]
        exact = theory.flow(models_of(cells[::3]), [LAST]).weight[0].transpose("cell", "circuit")
        np.testing.assert_allclose(end, exact, rtol=1e-7, atol=1e-7)


def test_small_starts_fall_into_the_trap_as_in_python(found):
    end = np.array([run["end"] for run in found["small"]])
    exact = theory.flow(models_of(SMALL), [LAST]).weight[0].transpose("cell", "circuit").values
    np.testing.assert_allclose(end, exact, rtol=1e-7, atol=1e-7)
    fallen = (end == 0).all(axis=1)
    assert fallen.any()
    assert not fallen.all()
    assert [run["regime"] == "collapse" for run in found["small"]] == fallen.tolist()


def test_of_every_run_it_is_known_whether_it_groks(found):
    assert all(found["decided"])


def test_finer_steps_change_nothing(found):
    for name in ("end", "groks"):
        usual, finer = (
            np.array([run[name] for run in found[steps]], float) for steps in ("fine", "finer")
        )
        np.testing.assert_allclose(usual, finer, rtol=1e-8, atol=1e-8)


# What they are called


def test_coarse_steps_tell_the_same_regimes(found):
    coarse, fine = ([run["regime"] for run in found[steps]] for steps in ("coarse", "fine"))
    assert coarse == fine
    assert len(set(fine)) > 2


def test_regimes_are_those_of_python(found):
    for settings, name in zip(PRESET, found["regimes"], strict=True):
        assert regime_of_network(settings) == name, settings
    assert len(set(found["regimes"])) > 2


def test_the_accuracy_is_that_of_shared_units(found):
    share = [m / (g + m) for g, m in SHARES[1:]]
    exact = [1 / 59, *circuits.test_accuracy(xr.DataArray(share, dims="share")).values]
    np.testing.assert_allclose(found["accuracies"], exact, rtol=1e-9)


def test_sizes_that_a_slider_gives_are_whole_and_where_costs_are_equal_is_one():
    script = """
    const notches = Array.from({ length: NOTCHES + 1 }, (_, notch) => notch);
    const sizesOf = (settings) => notches.map((at) => atNotch(DIALS.examples, settings, at));
    const found = CELLS.map(sizesOf);
    """
    settings = [{**NETWORK, "network": cost} for cost in COSTS if cost[0] > 23]
    for setting, sizes in zip(settings, answers(script, settings), strict=True):
        assert all(isinstance(size, int) for size in sizes)
        assert round(float(circuits.critical_size(*setting["network"]))) in sizes
