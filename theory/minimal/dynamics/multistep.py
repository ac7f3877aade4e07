"""Integration by the multistep methods of LSODA, at the tolerance of the flow."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from scipy.integrate import ODEintWarning, odeint

from theory.minimal.dynamics.coordinates import Array
from theory.minimal.dynamics.law import ABSOLUTE, FIRST_STEP, RELATIVE

_MOST_STEPS = 10_000


def by_multistep(
    slope: Callable[[Array, float], Sequence[float]],
    start: Array,
    times: Array,
    jacobian: Callable[[Array, float], Sequence[Sequence[float]]] | None = None,
) -> Array | None:
    """Return the state at `times`, shape (rows, size), by Adams or BDF of varying order.

    The first of `times` is that of the start. None where a kink stops it.
    """
    # Under a penalty that is large at the start a weight falls at once.
    fastest = np.max(np.abs(slope(start, 0.0)), initial=1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ODEintWarning)
        try:
            states = odeint(
                slope,
                start,
                times,
                Dfun=jacobian,
                rtol=RELATIVE,
                atol=ABSOLUTE,
                h0=FIRST_STEP / fastest,
                mxstep=_MOST_STEPS,
            )
        except ODEintWarning:
            return None
    return np.asarray(states)
