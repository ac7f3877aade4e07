"""Time of a training step beside torch and JAX, on the same data in one run.

A step is loss, gradient and AdamW over the whole training set in single precision. Every number
of threads has a process of its own, since torch and JAX settle on it when they start. The steps
take turns in short blocks, and the fastest step of each counts. One thread is timed in processor
time, which other work on the machine disturbs least. Two are timed by the clock, so that on a busy
machine they say little: see the load. The floor is what the matrix products of our step would take
at the rate of a large one. All bars are aims, not verdicts.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import machine
import numpy as np

from theory.networks import (
    AdamW,
    Split,
    Transformer,
    TwoLayer,
    fast_loss_and_gradient,
    fast_transformer,
    fast_two_layer,
    modular_addition,
    train,
)
from theory.networks.after_attention import products

RECORD = Path(__file__).parent / "record" / "training.json"
OPTIMISER = AdamW(learning_rate=1e-3, weight_decay=1.0)
ROUNDS = 12
#: Network, modulus, examples, steps in a block; the most that ours may take beside torch on one
#: thread. On two it is only to be ahead.
WORKLOADS = [
    (TwoLayer(width=128), 53, 1123, 40, {"torch.compile": 0.85, "torch": 0.79}),
    (TwoLayer(width=512), 113, 5107, 3, {"torch.compile": 0.82, "torch": 0.78}),
    (Transformer(), 113, 3830, 2, {"torch.compile": 0.50, "torch": 0.40}),
    (Transformer(), 113, 1494, 4, {"torch.compile": 0.60, "torch": 0.50, "JAX": 1.0}),
    (Transformer(), 113, 390, 10, {"torch.compile": 0.80, "torch": 0.65, "JAX": 1.0}),
]
Step = Callable[[], Any]


def main() -> None:
    """Time with one thread and with two, print a table, write the record."""
    runs = [_in_process(threads) for threads in (1, 2) if threads <= (os.cpu_count() or 1)]
    record = {
        "machine": machine.describe("torch", "jax", "jaxlib").splitlines(),
        "cores": os.cpu_count(),
        "runs": runs,
    }
    print("\n".join(record["machine"]))
    for run in runs:
        _print(run)
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _in_process(threads: int) -> dict[str, Any]:
    """Return what this file measures in a process with that many threads."""
    number = str(threads)
    settings = {
        "OPENBLAS_NUM_THREADS": number,
        "OMP_NUM_THREADS": number,
        "MKL_NUM_THREADS": number,
    }
    command = [sys.executable, __file__, number]
    done = subprocess.run(
        command, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True, check=True
    )
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def measure(threads: int) -> None:
    """Print what was measured in this process, as one line of JSON."""
    if threads == 1:
        machine.one_core()
    import torch

    torch.set_num_threads(threads)
    load = os.getloadavg()[0]
    clock = time.process_time if threads == 1 else time.perf_counter
    rate = _matmul_rate(clock)
    workloads = [
        _workload(*each, bars if threads == 1 else dict.fromkeys(bars, 1.0), clock, rate)
        for *each, bars in WORKLOADS
    ]
    loads = [round(load, 1), round(os.getloadavg()[0], 1)]
    print(
        json.dumps(
            {
                "threads": threads,
                "clock": "processor time" if threads == 1 else "wall clock",
                "load_before_and_after": loads,
                "matmul_gflop_per_s": round(rate / 1e9, 1),
                "workloads": workloads,
            }
        )
    )


def _workload(
    network: TwoLayer | Transformer,
    modulus: int,
    examples: int,
    block: int,
    bars: dict[str, float],
    clock: Callable[[], float],
    rate: float,
) -> dict[str, Any]:
    split = modular_addition(modulus).split(examples, rng=0)
    steps, skipped = _steps(network, split)
    losses = {name: [float(step()) for _ in range(3)] for name, step in steps.items()}
    for name, values in losses.items():
        np.testing.assert_allclose(values, losses["theory"], rtol=1e-5, err_msg=name)
    ms = {name: 1e3 * min(times) for name, times in _time(steps, block, clock).items()}
    floor = 1e3 * _flop(network, split) / rate
    return {
        "network": repr(network),
        "modulus": modulus,
        "examples": examples,
        "ms": {name: float(f"{value:.4g}") for name, value in ms.items()},
        "skipped": skipped,
        "ours_over": {name: round(ms["theory"] / value, 3) for name, value in ms.items()},
        "bars": bars,
        "floor_ms": float(f"{floor:.4g}"),
        "ours_over_floor": round(ms["theory"] / floor, 3),
        "memory": _memory(network, split),
    }


def _steps(network: TwoLayer | Transformer, split: Split) -> tuple[dict[str, Step], dict[str, str]]:
    """Return a step of everybody, and why others have none."""
    import training_peers as peers

    start = network.initialise(split.task, np.random.default_rng(0), "float32")
    tokens = split.task.inputs[split.train]
    if isinstance(network, Transformer):
        tokens = network.encode(split.task, split.train, "float32")
    data = (network, start, tokens, split.task.labels[split.train], OPTIMISER)
    steps = {"torch": peers.torch_eager(*data), "JAX": peers.jax_jit(*data)}
    skipped = {}
    if any(shutil.which(compiler) for compiler in (os.environ.get("CXX", "g++"), "clang++")):
        steps["torch.compile"] = peers.torch_compiled(*data)
    else:
        skipped["torch.compile"] = "no C++ compiler was found"
    return {"theory": _ours(network, split), **steps}, skipped


def _ours(network: TwoLayer | Transformer, split: Split) -> Step:
    parameters = network.initialise(split.task, np.random.default_rng(0), "float32")
    gradient = network.zeros(split.task, "float32")
    fast = fast_loss_and_gradient(network, split.task, split.train, "float32")
    moments, updates = OPTIMISER.start(parameters.flat), 0

    def step() -> float:
        nonlocal updates
        loss = fast(parameters, gradient)
        OPTIMISER.step(parameters.flat, gradient.flat, moments, updates)
        updates += 1
        return loss

    return step


def _time(steps: dict[str, Step], block: int, clock: Callable[[], float]) -> dict[str, list[float]]:
    """Return the seconds of every step; each block begins with one that is not timed."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            step()
            for _ in range(block):
                started = clock()
                step()
                seconds[name].append(clock() - started)
    return seconds


def _matmul_rate(clock: Callable[[], float]) -> float:
    """Return floating-point operations a second in a large product of matrices."""
    size = 1024
    one, two, product = np.random.default_rng(0).normal(size=(3, size, size)).astype("float32")
    step = {"matmul": lambda: np.dot(one, two, out=product)}
    return 2 * size**3 / min(_time(step, 20, clock)["matmul"])


def _flop(network: TwoLayer | Transformer, split: Split) -> float:
    """Return the operations of our large products; each forward one has two on the way back."""
    labels, examples = split.task.num_labels, split.train.size
    if isinstance(network, TwoLayer):
        return 6.0 * examples * network.width * labels
    return 6.0 * min(products(network, labels, examples))


def _memory(network: TwoLayer | Transformer, split: Split) -> dict[str, float]:
    """Return peaks and what they may be, in MB (10^6 bytes).

    One peak is that of updates alone, the other that of a run, which measures the test set too.
    """
    labels, size = split.task.num_labels, network.zeros(split.task, "float32").flat.size
    if isinstance(network, TwoLayer):
        chunk = fast_two_layer.ROWS * (2 * network.width + labels)
    else:  # folded: joint and its derivative, what ReLU reads, and the logits
        width = network.d_mlp + network.heads * network.d_head
        chunk = fast_transformer.ROWS * (2 * width + network.d_mlp + labels)
    allowed = 3 * 4 * (3 * size + chunk)  # parameters and the two averages of AdamW
    peaks = {
        "updates_mb": _peak(lambda: _ours(network, split)()),
        "run_mb": _peak(lambda: train(network, split, OPTIMISER, steps=2, progress=False)),
        "allowed_mb": allowed,
    }
    return {name: round(size / 1e6, 1) for name, size in peaks.items()}


def _peak(function: Step) -> int:
    tracemalloc.start()
    function()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def _print(run: dict[str, Any]) -> None:
    print(
        f"\n{run['threads']} thread(s), {run['clock']}, load {run['load_before_and_after']}, ",
        end="",
    )
    print(f"matrix products at {run['matmul_gflop_per_s']} Gflop/s")
    for each in run["workloads"]:
        print(f"{each['network']}, p = {each['modulus']}, D = {each['examples']}")
        for name, ms in each["ms"].items():
            bar = f"   (bar: {each['bars'][name]:.2f})" if name in each["bars"] else ""
            print(f"  {name:14} {ms:8.3f} ms   ours / this: {each['ours_over'][name]:.3f}{bar}")
        for name, reason in each["skipped"].items():
            print(f"  {name:14} skipped: {reason}")
        memory = each["memory"]
        over = each["ours_over_floor"]
        print(f"  {'floor':14} {each['floor_ms']:8.3f} ms   ours / this: {over:.3f}")
        bar = f"(bar: {memory['allowed_mb']} MB)"
        print(f"  memory of updates {memory['updates_mb']} MB   {bar}")
        print(f"  memory of a run, records included: {memory['run_mb']} MB   {bar}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
    else:
        main()
