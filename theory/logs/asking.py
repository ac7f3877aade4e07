"""What a file leaves open, asked in one error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Questions:
    """Refusals that are collected, to be raised as one.

    Examples
    --------
    >>> questions = Questions()
    >>> for name in ("step", "names"):
    ...     with questions.collected():
    ...         raise ValueError(f"{name} must be given")
    >>> questions.ask()
    Traceback (most recent call last):
    ...
    ValueError: step must be given; names must be given
    """

    def __init__(self, hint: str = "") -> None:
        """Ask with a hint at the end."""
        self._open: list[str] = []
        self._hint = hint

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Keep a ValueError that is raised inside."""
        try:
            yield
        except ValueError as error:
            self._open.append(str(error))

    def ask(self) -> None:
        """Raise what was kept, each once, as one ValueError."""
        if self._open:
            raise ValueError("; ".join(dict.fromkeys(self._open)) + self._hint)
