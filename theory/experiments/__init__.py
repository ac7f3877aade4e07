"""Predictions of the theory on trial: what was predicted, what was run, and what came of it."""

from theory.experiments import critical_size, efficiency, ungrokking, weight_decay
from theory.experiments.records import Recheck, load, name_of, recheck, record
from theory.experiments.rule import Finding, Prediction

#: All experiments, in the order of the book.
EXPERIMENTS = (efficiency, ungrokking, weight_decay, critical_size)

__all__ = [
    "EXPERIMENTS",
    "Finding",
    "Prediction",
    "Recheck",
    "critical_size",
    "efficiency",
    "load",
    "name_of",
    "recheck",
    "record",
    "ungrokking",
    "weight_decay",
]
