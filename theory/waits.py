r"""How long another run takes to generalise, told from a short one.

The updates T from fitting to half of the accuracy of two-layer networks of square units on sums,
when the decay, the learning rate or the number of examples D is changed:

.. math:: \log \frac{T'}{T} = a \log \frac{\text{decay}'}{\text{decay}}
          + b \log \frac{\text{rate}'}{\text{rate}} + c\, \frac{D' - D}{D_\text{crit}} .

The constants are those of `theory.questions.delay_and_decay`, at three moduli, over a factor of 32
in decay, of 4 in rate, and from 1.2 to 2 of the critical size; no theory is behind them. Of
momentum descent and Adam with decay in the loss, and of AdamW.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from theory import checks


class Wait(NamedTuple):
    """Updates from fitting to half of the accuracy, with ends that nine of ten runs were within."""

    updates: float
    low: float
    high: float


@dataclass(frozen=True)
class Pace:
    """How a wait changes, for one way to train.

    Attributes
    ----------
    decay, rate
        Exponents: a and b.
    size
        c, in e-folds for each critical size.
    spread
        The factor by which nine of ten runs were missed at most, of a modulus that the constants
        were not from.
    """

    decay: float
    rate: float
    size: float
    spread: float


PACES: Mapping[str, Pace] = {
    "descent": Pace(-1.04, -0.97, -2.3, 1.3),
    "Adam": Pace(-0.27, -0.5, -2.1, 1.6),
    "AdamW": Pace(-0.44, -0.64, -4.8, 2.0),
}


def another_wait(
    updates: float, way: str, *, decay: float = 1.0, rate: float = 1.0, size: float = 0.0
) -> Wait:
    """Return how long another run takes from fitting to half of the accuracy.

    Parameters
    ----------
    updates
        What a run has taken, above 0.
    way
        How both are trained: a name of `PACES`.
    decay, rate
        By which factor the other has more of either, above 0.
    size
        How many more examples the other has, in critical sizes
        (`theory.circuits.critical_size`).

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> another_wait(600, "descent", decay=1 / 8)
    """
    checks.number("updates", updates, above=0)
    if way not in PACES:
        raise ValueError(f"way must be one of {', '.join(PACES)}, got {way!r}")
    decay = checks.number("decay", decay, above=0)
    rate = checks.number("rate", rate, above=0)
    size = checks.number("size", size)
    pace = PACES[way]
    longer = pace.decay * np.log(decay) + pace.rate * np.log(rate) + pace.size * size
    told = float(updates * np.exp(longer))
    return Wait(told, told / pace.spread, told * pace.spread)
