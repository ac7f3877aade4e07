r"""How the logits of an example answer to its own force (`theory.circuits.mean_field`).

With a response :math:`\chi` they are :math:`o = \xi + \chi f(o) + k f_y^2`, for the logits
:math:`\xi` of a network that has not seen it and :math:`f = e_y - p(o)`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import softmax

#: Most steps, the longest (logits), and when they are over.
_BENT, _NEWTON, _LONGEST, _ALIKE = 8, 50, 3.0, 1e-7


class Answers(NamedTuple):
    r"""How examples answer, shapes (examples, labels), the right label first.

    Logits, forces, and their stiffness :math:`\mathrm{diag}\, D - v v^\top` as D and v.
    """

    logits: np.ndarray
    force: np.ndarray
    stiff: np.ndarray
    off: np.ndarray


def answered(unseen: np.ndarray, response: np.ndarray, bend: float) -> Answers:
    r"""Return :math:`o = \xi + \chi f(o) + k f_y^2`: the bend is that of the force before."""
    force, logits = np.zeros_like(unseen), unseen
    for _ in range(_BENT):
        about = unseen.copy()
        about[:, 0] += bend * force[:, 0] ** 2
        logits, before = proximal(about, response, logits), force
        force = -softmax(logits, axis=1)
        force[:, 0] += 1
        if abs(force - before).max() < _ALIKE:
            break
    chance = -force
    chance[:, 0] += 1
    inner = 1 / (1 / response + chance)
    left = 1 - (chance * inner * chance).sum(axis=1)
    off = inner * chance / response / np.sqrt(left)[:, None]
    return Answers(logits, force, 1 / response - inner / response**2, off)


def proximal(about: np.ndarray, response: np.ndarray, start: np.ndarray) -> np.ndarray:
    r"""Return the logits that minimise loss and :math:`(o - \xi)^2/2\chi`, by Newton's method."""
    logits = start
    for _ in range(_NEWTON):
        chance = softmax(logits, axis=1)
        slope = (logits - about) / response + chance
        slope[:, 0] -= 1
        inner = 1 / (1 / response + chance)
        left = 1 - (chance * inner * chance).sum(axis=1)
        step = inner * slope
        step = step + inner * chance * ((chance * step).sum(axis=1) / left)[:, None]
        longest = np.maximum(abs(step).max(axis=1), _ALIKE)
        logits = logits - step * np.minimum(1, _LONGEST / longest)[:, None]
        if longest.max() <= _ALIKE:
            break
    return logits
