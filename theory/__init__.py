"""The circuit-efficiency theory of grokking, solved, simulated and held against real runs."""

from theory import logs, measures, minimal, networks, runs, sweeps
from theory._version import __version__
from theory.describing import describe, what_next
from theory.measures import crossing_update, delay, fit_step, generalisation_step
from theory.minimal import (
    Circuit,
    MinimalModel,
    critical_size,
    descend,
    equilibrium,
    flow,
    time_to_grok,
    winner,
)
from theory.sweeps import sweep

__all__ = [
    "Circuit",
    "MinimalModel",
    "__version__",
    "critical_size",
    "crossing_update",
    "delay",
    "descend",
    "describe",
    "equilibrium",
    "fit_step",
    "flow",
    "generalisation_step",
    "logs",
    "measures",
    "minimal",
    "networks",
    "runs",
    "sweep",
    "sweeps",
    "time_to_grok",
    "what_next",
    "winner",
]
