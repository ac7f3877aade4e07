"""Time of a phase diagram by `theory.descend`, beside plain ways to write the same.

The peers do the same arithmetic: one cell at a time in a Python loop, and all cells at once with
the labelled gradient of the package. Both are too slow for the whole, so a part of the work is
timed and scaled up: some of the cells, and some of the steps. Seconds and ratios are processor
time, which other work on the machine disturbs least; the bars are aims, not verdicts.
"""

from __future__ import annotations

import math
import time

import machine
import numpy as np
import xarray as xr

from theory import MinimalModel, descend, minimal

SIDE, STEPS, RECORDS, RATE = 64, 20_000, 200, 0.01
SECONDS, MEGABYTES = 5, 300
CELLS_OF_LOOP, STEPS_OF_ARRAYS = 8, 100


def main() -> None:
    """Time all three and print them beside the bars."""
    machine.one_core()
    print(machine.describe("xarray"))
    kappa, norm = np.linspace(0.5, 1.9, SIDE), np.linspace(1.1, 3.0, SIDE)
    model = MinimalModel.paper(kappa=kappa, param_norm=(1.0, norm))
    imported = machine.peak_memory()

    clock, started = time.perf_counter(), time.process_time()
    run = descend(model, STEPS, RATE, record_every=STEPS // RECORDS)
    seconds, clock = time.process_time() - started, time.perf_counter() - clock
    peak = machine.peak_memory()
    print(f"{SIDE} x {SIDE} cells, {STEPS} steps, {run.sizes['step'] - 1} rows after the start")
    print(f"theory.descend:   {seconds:8.2f} s    (bar: {SECONDS} s; {clock:.2f} s on the clock)")
    print(f"peak memory:      {peak:8.0f} MB   (bar: {MEGABYTES} MB; {imported:.0f} MB imported)")

    loop = _time_loop(kappa, norm, run)
    print(f"one cell a loop:  {loop:8.0f} s    {loop / seconds:6.0f} times as long")
    arrays = _time_arrays(model)
    print(f"labelled arrays:  {arrays:8.0f} s    {arrays / seconds:6.1f} times as long")


def _time_loop(kappa: np.ndarray, norm: np.ndarray, run: xr.Dataset) -> float:
    """Return the seconds for all cells in plain Python, from some of them, which must agree."""
    cells = [(i, (7 * i) % SIDE) for i in range(0, SIDE, SIDE // CELLS_OF_LOOP)]
    started = time.process_time()
    found = [_loop(float(kappa[i]), float(norm[j])) for i, j in cells]
    seconds = time.process_time() - started
    last = run["weight"].isel(step=-1)
    for (i, j), weights in zip(cells, found, strict=True):
        np.testing.assert_allclose(weights, last.isel(kappa=i, param_norm=j), rtol=1e-6)
    return seconds * SIDE**2 / len(cells)


def _loop(kappa: float, norm: float) -> tuple[float, float]:
    """Train one cell of the paper's model and return its weights."""
    r = 2 / kappa - 1
    cost = 2 * 0.005 / kappa
    a_g, b_g, a_m, b_m = 0.0, 0.005, 0.0, 1.0
    for _ in range(STEPS):
        w_g, w_m = a_g * b_g, a_m * b_m
        wrong = 112 / (math.exp(w_g + w_m) + 112)
        slope_g = cost * abs(w_g) ** r - wrong
        slope_m = cost * norm**2 * abs(w_m) ** r - wrong
        a_g, b_g = a_g - RATE * slope_g * b_g, b_g - RATE * slope_g * a_g
        a_m, b_m = a_m - RATE * slope_m * b_m, b_m - RATE * slope_m * a_m
    return a_g * b_g, a_m * b_m


def _time_arrays(model: MinimalModel) -> float:
    """Return the seconds for all steps of `theory.minimal.gradient`, from some of them."""
    grid = model.swept
    a, b = (model.stack(f"{which}_subweight") + grid for which in ("first", "second"))
    started = time.process_time()
    for _ in range(STEPS_OF_ARRAYS):
        slope = minimal.gradient(model, a * b)
        a, b = a - RATE * slope * b, b - RATE * slope * a
    return (time.process_time() - started) * STEPS / STEPS_OF_ARRAYS


if __name__ == "__main__":
    main()
