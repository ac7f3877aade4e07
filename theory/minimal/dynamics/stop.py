"""What ends an integration by SciPy before its time is over."""

from __future__ import annotations

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
