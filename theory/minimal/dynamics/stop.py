"""What ends an integration by SciPy before its time is over."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Stop:
    """An event of `scipy.integrate.solve_ivp` that ends it where `left` passes zero.

    SciPy looks for ``terminal`` on what it calls, where a plain function has no place for it.
    """

    left: Callable[[float, Any], float]
    terminal: ClassVar[bool] = True

    def __call__(self, time: float, state: Any) -> float:
        """Return what is left until the stop."""
        return self.left(time, state)


def limited(slope: Callable[..., Any], most: int = 100_000) -> Callable[..., Any]:
    """Return a slope that can be asked for so often only: LSODA can go on for ever at a kink.

    Raises
    ------
    ArithmeticError
        When it is called once more.
    """
    calls = itertools.count(1)

    def counted(*state: Any) -> Any:
        if next(calls) > most:
            raise ArithmeticError(f"no end after {most} evaluations of the slope")
        return slope(*state)

    return counted
