"""Time of the paper's phase diagrams of the delay, beside scipy, diffrax and Numba.

Gradient flow to the first w_G > w_M, and gradient descent to the same, over kappa 1 to 1.95 and P_M
1.05 to 4. Every contender is held against one reference: extrapolated midpoint steps of order 16 at
1e-13, compiled, over all cells. Rounds of all contenders alternate; seconds are the least processor
time of a round, which other work on the machine disturbs least; the bars are aims, not verdicts.

Numba runs the method of the package, so it is given the package's tolerance. The floor is what exp,
pow and sinh alone take in the evaluations that the scalar program needs where its errors stay just
below 1e-6; at the package's tolerance they would be a tenth more and the floor would flatter us.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import jax
import machine
import numpy as np
import xarray as xr
from compiled import RATE, STEPS, evaluations, reference, scalar, scalar_descent
from peers import diffrax_chunks, scipy_cells

from theory import MinimalModel, time_to_grok
from theory.minimal import updates_to_grok
from theory.minimal.fast.problem import TOLERANCE

SIDE, ROUNDS, MEGABYTES = 256, 3, 200
CELLS_OF_SCIPY = 128
LINEAR = (64, 256, 1024, 2048)
#: Error of z_i in a step with which the scalar program keeps 1e-6 (6.3e-7; 1e-5 gives 1.2e-6).
LOOSEST = 6e-6

Cells = tuple[np.ndarray, np.ndarray]


def main() -> None:
    """Print times, errors, ratios and bars."""
    machine.one_core()
    jax.config.update("jax_enable_x64", True)
    print(machine.describe("scipy", "numba", "jax", "diffrax"))
    imported = machine.peak_memory()
    time_to_grok(diagram(SIDE))
    print(
        f"peak memory of {SIDE} x {SIDE} cells: {machine.peak_memory() - imported:.0f} MB over "
        f"{imported:.0f} MB of imports (bar: {MEGABYTES})"
    )
    flow_contest()
    descent_contest()
    linear()


def diagram(side: int) -> MinimalModel:
    """The paper's model over the phase diagram, so many cells along each axis."""
    norm = xr.DataArray(np.linspace(1.05, 4, side), dims="norm")
    return MinimalModel.paper(np.linspace(1, 1.95, side), param_norm=(1.0, norm))


def cells(side: int) -> Cells:
    """The same as two flat arrays, kappa and P_M."""
    grid = np.meshgrid(np.linspace(1, 1.95, side), np.linspace(1.05, 4, side), indexing="ij")
    return grid[0].ravel(), grid[1].ravel()


def flow_contest() -> None:
    """Time every way to the time to grok."""
    model, (kappa, norm) = diagram(SIDE), cells(SIDE)
    exact = reference(kappa, norm)
    few = np.random.default_rng(0).choice(kappa.size, CELLS_OF_SCIPY, replace=False)
    contenders: dict[str, Callable[[], np.ndarray]] = {
        "theory.time_to_grok": lambda: time_to_grok(model).values.ravel(),
        "Numba, scalar": lambda: scalar(kappa, norm, TOLERANCE),
        "diffrax, in chunks": lambda: diffrax_chunks(kappa, norm),
        "scipy, cell by cell": lambda: scipy_cells(kappa[few], norm[few]),
    }
    seconds = contest(contenders)
    seconds["scipy, cell by cell"] *= kappa.size / CELLS_OF_SCIPY
    own = seconds["theory.time_to_grok"]
    floor = evaluations(kappa, norm, LOOSEST) * time_of_evaluation()
    bars = {
        "Numba, scalar": "at least 4.5",
        "diffrax, in chunks": "at least 6.5",
        "scipy, cell by cell": "at least 450",
    }
    print(f"\ntime to grok, {SIDE} x {SIDE} cells; scipy from {CELLS_OF_SCIPY} cells, scaled up")
    for name, run in contenders.items():
        right = exact[few] if "scipy" in name else exact
        error = abs(run() / right - 1).max()
        bar = f", bar {bars[name]}" if name in bars else ""
        ratio = f"{seconds[name] / own:8.2f} times ours{bar}"
        print(f"{name:22}{seconds[name]:9.3f} s  error {error:.1e}  {ratio}")
    print(f"{'exp, pow, sinh alone':22}{floor:9.3f} s  ours is {own / floor:.2f} of it, bar 1.7")


def descent_contest() -> None:
    """Time the updates to grok."""
    model, (kappa, norm) = diagram(SIDE), cells(SIDE)
    ours, numba = "theory.minimal.updates_to_grok", "Numba, scalar"
    contenders: dict[str, Callable[[], np.ndarray]] = {
        ours: lambda: updates_to_grok(model, STEPS, RATE).values.ravel(),
        numba: lambda: scalar_descent(kappa, norm),
    }
    seconds = contest(contenders)
    different = np.count_nonzero(contenders[ours]() != contenders[numba]())
    print(f"\nupdates to grok at a rate of {RATE}; cells that differ: {different}")
    for name, value in seconds.items():
        print(f"{name:32}{value:9.3f} s")
    print(f"ours is {seconds[ours] / seconds[numba]:.2f} of Numba, bar 0.55")


def linear() -> None:
    """Show that the cost grows with the number of cells."""
    print("\ncost by the number of cells")
    for side in LINEAR:
        model, started = diagram(side), time.process_time()
        time_to_grok(model)
        seconds = time.process_time() - started
        each = 1e6 * seconds / side**2
        peak = machine.peak_memory()
        print(f"{side**2:9} cells {seconds:8.2f} s {each:6.2f} us each, {peak:.0f} MB at most")


def contest(contenders: dict[str, Callable[[], np.ndarray]]) -> dict[str, float]:
    """Return the least seconds of each, in alternating rounds after a first that is not timed."""
    seconds = dict.fromkeys(contenders, math.inf)
    for run in contenders.values():
        run()
    for _ in range(ROUNDS):
        for name, run in contenders.items():
            started = time.process_time()
            run()
            seconds[name] = min(seconds[name], time.process_time() - started)
    return seconds


def time_of_evaluation(lanes: int = 8192) -> float:
    """Return the seconds of one exp, two pow and two sinh, from many at once."""
    z = np.random.default_rng(0).uniform(0.1, 10, (2, lanes))
    size, power, total, best = np.sinh(z), np.empty_like(z), np.empty(lanes), math.inf
    for _ in range(300):
        started = time.perf_counter()
        np.sinh(z, out=power)
        np.power(size, 0.4, out=power)
        np.exp(z[0], out=total)
        best = min(best, time.perf_counter() - started)
    return best / lanes


if __name__ == "__main__":
    main()
