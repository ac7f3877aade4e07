"""Runs a second that `theory.sweep` finishes on two processes, beside one.

The cells are real: small networks that learn addition, each from a seed of its own, written to a
store as they finish. Workers are started before the clock is. Seconds are those of the clock,
because that is what more processes save; other work on the machine disturbs them, so the best of a
few repetitions counts. The bar is an aim, not a verdict.
"""

from __future__ import annotations

import tempfile
import time
from functools import partial

import joblib
import machine
import xarray as xr

from theory import networks, sweep

MODULUS, WIDTH, STEPS, SEEDS, REPETITIONS = 47, 128, 400, 16, 3
BAR = 1.8


def main() -> None:
    """Time both and print them beside the bar."""
    print(machine.describe("joblib", "threadpoolctl", "xarray"))
    print(f"{SEEDS} networks of width {WIDTH}, {STEPS} steps each, addition modulo {MODULUS}")
    # In turns, so that other work on the machine disturbs both alike.
    turns = [(_seconds(processes=1), _seconds(processes=2)) for _ in range(REPETITIONS)]
    one, two = (min(seconds) for seconds in zip(*turns, strict=True))
    print(f"one process:    {SEEDS / one:8.2f} runs/s")
    print(f"two processes:  {SEEDS / two:8.2f} runs/s    {one / two:.2f} times (bar: {BAR})")


def trained(seed: int, steps: int) -> xr.Dataset:
    """Train one network."""
    size = MODULUS**2 // 2
    split = networks.modular_addition(MODULUS).split(train_size=size, rng=0)
    optimiser = networks.AdamW(learning_rate=1e-3, weight_decay=1.0)
    return networks.train(networks.TwoLayer(width=WIDTH), split, optimiser, steps, seed)


def _seconds(processes: int) -> float:
    """Return the seconds of a whole sweep, on workers that are ready."""
    with joblib.parallel_config(n_jobs=processes), tempfile.TemporaryDirectory() as store:
        sweep(partial(trained, steps=1), {"seed": range(SEEDS)})
        started = time.perf_counter()
        sweep(partial(trained, steps=STEPS), {"seed": range(SEEDS)}, store)
        return time.perf_counter() - started


if __name__ == "__main__":
    main()
