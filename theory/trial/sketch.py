"""Small charts as SVG, in the colours of the book, for light and dark pages alike."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

WIDTH, HEIGHT = 320, 170
#: Room at the left, the top, the right and the bottom.
_LEFT, _TOP, _RIGHT, _BOTTOM = 34, 24, 10, 36
#: Letters are as large as these pixels, in a chart of `WIDTH`.
_LETTERS = 13


@dataclass(frozen=True)
class Series:
    """Points of one kind.

    Attributes
    ----------
    x, y
        Shape (points,).
    kind
        "memorising", "generalising", "train" or "test": the colour.
    label
        What it is called; empty for no name.
    named_at
        The point at which its name stands, to the left of it and above.
    below
        Whether the name stands to the right and below instead.
    dots, dashed
        Whether points are dots and not a line, and whether the line is dashed.
    """

    x: Sequence[float] | np.ndarray
    y: Sequence[float] | np.ndarray
    kind: str
    label: str = ""
    named_at: int = -1
    below: bool = False
    dots: bool = False
    dashed: bool = False


@dataclass(frozen=True)
class Axis:
    """An axis from `low` to `high`, logarithmic or not, with numbers at `ticks`, or their names."""

    label: str
    low: float
    high: float
    ticks: Sequence[float]
    logarithmic: bool = False
    names: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not self.low < self.high or (self.logarithmic and self.low <= 0):
            raise ValueError(f"low and high must be in order, got {self.low} and {self.high}")

    def at(self, value: float) -> float:
        """Return where a value is, 0 at the low end and 1 at the high one."""
        low, high, here = (
            (math.log(each) if self.logarithmic else each) for each in (self.low, self.high, value)
        )
        return (here - low) / (high - low)


def sketch(series: Sequence[Series], x: Axis, y: Axis, says: str, mark: float | None = None) -> str:
    """Return a chart as an SVG element.

    Parameters
    ----------
    series
        What is drawn, the first one below. What is left or right of the x axis is left out.
    x, y
        The axes.
    says
        What is to be seen, for those who do not see it.
    mark
        A place on the x axis with a dotted line.
    """
    parts = [_frame(x, y)]
    if mark is not None:
        at = _across(x, mark)
        parts.append(f'<path class="guide" d="M{at:.1f} {_TOP}V{HEIGHT - _BOTTOM}"/>')
    parts += [_drawn(each, x, y) for each in series]
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}"'
    return (
        f'<svg class="sketch" {box} role="img" aria-label="{escape(says)}">{"".join(parts)}</svg>'
    )


def _across(x: Axis, value: float) -> float:
    return _LEFT + x.at(value) * (WIDTH - _LEFT - _RIGHT)


def _up(y: Axis, value: float) -> float:
    return HEIGHT - _BOTTOM - y.at(value) * (HEIGHT - _TOP - _BOTTOM)


def _frame(x: Axis, y: Axis) -> str:
    bottom = HEIGHT - _BOTTOM
    lines = [f"M{_LEFT} {_up(y, each):.1f}H{WIDTH - _RIGHT}" for each in y.ticks]
    return (
        f'<path class="grid" d="{"".join(lines)}"/>'
        + "".join(_text(name, _across(x, each), bottom + 15, "middle") for each, name in _named(x))
        + "".join(_text(name, _LEFT - 5, _up(y, each) + 4, "end") for each, name in _named(y))
        + _text(x.label, (_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 5, "middle")
        + _text(y.label, 2, 12, "start")
    )


def _named(axis: Axis) -> Iterator[tuple[float, str]]:
    return zip(axis.ticks, axis.names or [f"{each:g}" for each in axis.ticks], strict=True)


def _drawn(series: Series, x: Axis, y: Axis) -> str:
    pairs = [
        (_across(x, across), _up(y, up))
        for across, up in zip(series.x, series.y, strict=True)
        if math.isfinite(up) and 0 <= x.at(across) <= 1
    ]
    if series.dots:
        drawn = "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.2"/>' for a, b in pairs)
    else:
        dashes = ' stroke-dasharray="6 3"' if series.dashed else ""
        drawn = f'<path d="M{" ".join(f"{a:.1f},{b:.1f}" for a, b in pairs)}"{dashes}/>'
    name = ""
    if series.label:
        across, up = pairs[series.named_at]
        place = (across + 6, up + 16, "start") if series.below else (across - 4, up - 6, "end")
        name = _text(series.label, *place)
    return f'<g class="{series.kind}">{drawn}{name}</g>'


def _text(words: str, x: float, y: float, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{_LETTERS}">'
        f"{escape(words)}</text>"
    )
