"""What a benchmark ran on: one core, its features, the versions, memory."""

from __future__ import annotations

import os
import platform
import resource
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np


def one_core() -> None:
    """Keep this process on one core, where the system allows it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def describe(*distributions: str) -> str:
    """Return the processor, the vector instructions that NumPy found, and versions."""
    versions = [f"{name} {version(name)}" for name in ("numpy", *distributions)]
    return "\n".join(
        [
            f"processor: {_processor()}",
            f"features:  {' '.join(_features())}",
            f"versions:  python {platform.python_version()}, {', '.join(versions)}",
        ]
    )


def peak_memory() -> float:
    """Return the largest resident memory of this process so far, in MB (10^6 bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":")[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _features() -> list[str]:
    found = np.show_config(mode="dicts")["SIMD Extensions"]
    return [*found.get("baseline", []), *found.get("found", [])]
