"""Effects with their intervals on one axis, in units of the margin: the rows of a forest plot.

One axis fits quantities of all kinds: 0 is what the theory says, and between -1 and 1 the effect is
less than the margin. Of quantities that are compared by ratios it is the scale of the logarithms,
on which they are judged. Lengths across are per cent of the width, so that nothing is distorted on
a narrow screen; lines and text take the colours of the page. What all rows have alike is in a page
once, as `shared` and in the style sheet, which has the heights.
"""

from __future__ import annotations

import math

import numpy as np

from theory.statistics import Interval
from theory.trial.outcomes import Outcome
from theory.trial.verdict import HOLDS, OPEN, REFUTED, Claim

#: Margins on either side of what was predicted; what lies beyond is an arrow.
REACH = 4.0
#: Per cent of the width for one margin.
_STEP = 11
_HEIGHT, _MIDDLE = 26, 13

#: The mark of each verdict, around 0: they differ in shape as well as in colour.
MARKS = {
    HOLDS: '<circle r="4.5"/>',
    REFUTED: '<path d="M0-5.5 5.5 0 0 5.5-5.5 0Z"/>',
    OPEN: '<circle r="4" class="gv-hollow"/>',
}


def scaled(outcome: Outcome) -> Interval:
    """Return the effect with its interval in units of the margin, as it is judged.

    Of what is known by bounds only the effect is NaN, and an end that is not known infinite.
    """
    return Interval(*(np.array(outcome.judgement.interval) / outcome.quantity.tolerance).tolist())


def plot(outcome: Outcome) -> str:
    """Return the row of an outcome: margin, the theory's own error, interval and mark, as SVG.

    Screen readers have the numbers in words, beside it.
    """
    effect, verdict = scaled(outcome), outcome.judgement.verdict
    drawn = "".join(_bands(outcome)) + '<use href="#gv-zero"/>'
    if not np.isinf(effect[1:]).all():
        drawn += "".join(_interval(effect.low, effect.high))
    if abs(effect.estimate) <= REACH:
        drawn += _at(effect.estimate, MARKS[verdict], "gv-mark")
    return f'<svg class="gv-forest gv-{verdict}" aria-hidden="true">{drawn}</svg>'


def shared() -> str:
    """Return what `plot` and `axis` show of the page that they are in."""
    ticks = "".join(
        f'<text x="{_across(each):g}%" y="12" text-anchor="middle">{each:+g}</text>'
        if each
        else f'<text x="{_across(0):g}%" y="12" text-anchor="middle">0</text>'
        for each in (-REACH, -1, 0, 1, REACH)
    )
    zero = f'<line id="gv-zero" {_line(50, 50, 0, _HEIGHT)}/>'
    parts = f'<defs>{zero}<g id="gv-ticks">{ticks}</g></defs>'
    return f'<svg class="gv-shared" width="100%" height="0">{parts}</svg>'


def axis() -> str:
    """Return the axis of a row, as SVG; screen readers have the numbers in words."""
    ticks = '<use href="#gv-ticks"/>'
    return f'<svg class="gv-axis" aria-hidden="true">{ticks}</svg>'


def dot(verdict: str) -> str:
    """Return the mark of a verdict by itself, which a screen reader leaves out: it is empty.

    The style sheet draws it, since a page has a thousand.
    """
    return f'<i class="gv-{verdict}"></i>'


def _bands(outcome: Outcome) -> list[str]:
    """Return where an interval must lie to hold, and where the theory's own error keeps it open."""
    quantity, prediction = outcome.quantity, outcome.prediction
    error = math.log1p(prediction.error) if quantity.relative else prediction.error
    claim = Claim(quantity.tolerance, error, prediction.direction)
    within = [each / quantity.tolerance for each in claim.within]
    bands = [_band("gv-margin", *within)]
    if prediction.error and not prediction.direction:
        bands.insert(0, _band("gv-error", *(each / quantity.tolerance for each in claim.outside)))
    return bands


def _band(name: str, low: float, high: float) -> str:
    """Return a band; one without an end goes on to the edge."""
    left = 0 if low == -math.inf else _across(low)
    right = 100 if high == math.inf else _across(high)
    return f'<rect class="{name}" x="{left:g}%" width="{right - left:g}%"/>'


def _interval(low: float, high: float) -> list[str]:
    """Return the interval as far as it is on the axis, with an arrow where it goes on."""
    parts = []
    if low < REACH and high > -REACH:
        line = _line(_across(low), _across(high), _MIDDLE, _MIDDLE)
        parts.append(f'<line class="gv-interval" {line}/>')
    if low < -REACH:
        parts.append(_at(-REACH, '<path d="M-7 0 1-5V5Z"/>', "gv-beyond"))
    if high > REACH:
        parts.append(_at(REACH, '<path d="M7 0-1-5V5Z"/>', "gv-beyond"))
    return parts


def _line(left: float, right: float, top: float, bottom: float) -> str:
    return f'x1="{left:.4g}%" x2="{right:.4g}%" y1="{top:g}" y2="{bottom:g}"'


def _at(where: float, mark: str, name: str) -> str:
    """Return a mark at a place on the axis; a picture of its own, since only that moves by %."""
    return f'<svg class="{name}" x="{_across(where):.4g}%" y="{_MIDDLE}">{mark}</svg>'


def _across(margins: float) -> float:
    """Return a place on the axis in per cent of the width."""
    return 50 + _STEP * min(max(margins, -REACH), REACH)
