"""Numbers that stand for examples, so that no test example is ever trained on unnoticed."""

from __future__ import annotations

import numpy as np

from theory.networks.tasks.task import Task


def fingerprints(task: Task, examples: np.ndarray) -> np.ndarray:
    """Return a number for each of those `examples` that depends on its input and label alone.

    Equal examples have equal fingerprints, of whatever task. Two of a million different ones
    agree with a probability below 1e-7, where a test example would be refused for no reason.

    Returns
    -------
    numpy.ndarray
        Shape of `examples`, whole numbers of 64 bits.

    Examples
    --------
    >>> from theory.networks import modular
    >>> plus, minus = (fingerprints(modular(e, 5), np.array([5, 6])) for e in ("x+y", "x-y"))
    >>> plus == minus  # 1 + 0 = 1 - 0, but 1 + 1 is not 1 - 1
    array([ True, False])
    """
    inputs = task.inputs[examples]
    if task.num_tokens is None:
        inputs = inputs + 0.0  # -0.0 is 0.0
    columns = [*np.ascontiguousarray(inputs).view(np.uint64).T, task.labels[examples]]
    fingerprint = np.zeros(len(inputs), np.uint64)
    for column in columns:
        fingerprint = _mixed(fingerprint ^ column.astype(np.uint64))
    return fingerprint


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """Return other numbers, one to one, in which every bit depends on all bits of the old.

    The step of Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators".
    """
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    scrambled: np.ndarray = mixed ^ (mixed >> np.uint64(31))
    return scrambled
