r"""What weight decay asks of every hidden unit at rest, whatever it does (derived here).

A unit may be rescaled, :math:`(e^{t} x_h, e^{-n t} w_h)`, and no logit changes. At a stationary
point of :math:`\ell + \tfrac\gamma2 |\theta|^2`, with one :math:`\gamma > 0` for all parameters and
embeddings that no slots share, the penalty is level along that, too:

.. math:: \frac{d}{dt}\Big[e^{2t} |x_h|^2 + e^{-2nt} |w_h|^2\Big]_{t=0} = 0
          \quad\Longrightarrow\quad |x_h|^2 = n\, |w_h|^2 .

The best that rescaling can do for a unit of strength :math:`c = |w| |x|^n` is therefore

.. math:: |x|^2 + |w|^2 = (n + 1) \left(\frac{c}{n^{n/2}}\right)^{2/(n+1)} ,

a concave function of c for n >= 2: strength is cheaper in few units than in many.
"""

from __future__ import annotations

import numpy as np

from theory.circuits.hidden_units import HiddenUnits


def unit_cost(strengths: np.ndarray, power: int = 2) -> np.ndarray:
    """Return the least squared norms of units of these strengths."""
    costs: np.ndarray = (power + 1) * (strengths / power ** (power / 2)) ** (2 / (power + 1))
    return costs


def least_norm(units: HiddenUnits) -> float:
    r"""Return the least :math:`|\theta|` that rescaling the units can reach, at the same logits.

    At a stationary point it is the norm there is.
    """
    return float(np.sqrt(np.sum(unit_cost(units.strengths, units.power))))


def imbalance(units: HiddenUnits) -> float:
    r"""Return how far the units are from balance, 0 at every stationary point.

    The largest :math:`\big||x_h|^2 - n |\bar w_h|^2\big|`, as a part of the largest
    :math:`|x_h|^2`.
    """
    reading, writing = units.reading_norms**2, units.writing_norms**2
    return float(np.max(abs(reading - units.power * writing)) / np.max(reading))


def balanced(units: HiddenUnits) -> HiddenUnits:
    """Return the same logits by rescaled units in balance; silent units come out as zeros."""
    reading, writing = units.reading_norms, units.writing_norms
    alive = (reading > 0) & (writing > 0)
    size = np.sqrt(np.where(alive, unit_cost(units.strengths, units.power), 0) / (units.power + 1))
    read = np.divide(np.sqrt(units.power) * size, reading, out=np.zeros_like(size), where=alive)
    write = np.divide(size, writing, out=np.zeros_like(size), where=alive)
    return HiddenUnits(
        tuple(array * read for array in units.embeddings),
        units.written * write[:, None],
        units.power,
    )
