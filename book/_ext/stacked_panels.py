"""Panels that are side by side stand one below the other where a page is narrow.

A figure of Matplotlib's stays one drawing. Its columns become groups that know their place in the
narrow form, and names of axes that panels of a row share are repeated for it;
``_static/figures.css`` shows the names and puts the columns there on a phone.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from xml.etree import ElementTree as ET

#: More panels than these would be too tall to be seen as one figure.
MOST = 4
#: What a drawing may be enlarged by, so that few words do not fill a phone.
LARGEST = 1.1
#: Class of what is shown in the narrow form only.
NARROW = "narrow"
#: Width of a letter over its height, as that of a wide font, and room beside the widest words.
_LETTER, _MARGIN = 0.64, 3

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_SHIFT = re.compile(r"translate\((-?[\d.]+)")
_FONT_SIZE = re.compile(r"font-size: ?([\d.]+)px")


@dataclass(frozen=True)
class Words:
    """Words of a figure that stand together, or sideways as the name of a vertical axis."""

    group: ET.Element

    @property
    def x(self) -> float:
        """Where they are anchored, in points."""
        shifts = map(float, _SHIFT.findall(self._said("transform")))
        text = self.group.find(".//text")
        return sum(shifts) + float("0" if text is None else text.get("x", "0"))

    @property
    def size(self) -> float:
        """Height of the largest letter, in points."""
        return max(map(float, _FONT_SIZE.findall(self._said("style"))))

    @property
    def is_sideways(self) -> bool:
        """Whether they are turned by a right angle."""
        return "rotate(-90" in self._said("transform")

    @property
    def ends(self) -> tuple[float, float]:
        """Where they begin and end, about, in points."""
        if self.is_sideways:
            lines = 1 if self.group.find(".//tspan") is None else 1.5  # a formula may be a fraction
            return self.x - lines * self.size, self.x
        letters = sum(len((each.text or "").strip()) for each in self.group.iter())
        width = _LETTER * self.size * letters
        style = self._said("style")
        before = 0.5 if "anchor: middle" in style else 1.0 if "anchor: end" in style else 0.0
        return self.x - before * width, self.x + (1 - before) * width

    def _said(self, attribute: str) -> str:
        return " ".join(each.get(attribute, "") for each in self.group.iter())


@dataclass(frozen=True)
class Panel:
    """Axes of a figure."""

    axes: ET.Element

    @cached_property
    def frame(self) -> tuple[float, float, float, float]:
        """Left, right, upper and lower edge of the paper that they are drawn on, in points."""
        paper = self.axes[0].find("path")
        assert paper is not None
        numbers = list(map(float, _NUMBER.findall(paper.get("d", ""))))
        across, down = numbers[::2], numbers[1::2]
        return min(across), max(across), min(down), max(down)

    @property
    def middle(self) -> float:
        """Middle of the frame, in points from the left."""
        return (self.frame[0] + self.frame[1]) / 2

    @property
    def both(self) -> list[ET.Element]:
        """The horizontal and the vertical axis."""
        return [each for each in self.axes if each.get("id", "").startswith("matplotlib.axis")]

    @property
    def marks(self) -> list[Words]:
        """What stands at the marks of the vertical axis."""
        ticks = (part for part in self.both[1] if part.get("id", "").startswith("ytick"))
        return [words for part in ticks for words in _words(part)]

    @property
    def labels(self) -> float:
        """Where what stands at these marks begins, in points."""
        return min(each.ends[0] for each in self.marks)

    @property
    def ends(self) -> tuple[float, float]:
        """Where it begins and ends with all of its words, in points."""
        left, right, *_ = self.frame
        ends = [each.ends for each in _words(self.axes)]
        least = min(left, *(each[0] for each in ends))
        return least - _MARGIN, max(right, *(each[1] for each in ends)) + _MARGIN

    def is_beside(self, other: Panel) -> bool:
        """Whether it is in the row of another."""
        return self.frame[2] < other.frame[3] and other.frame[2] < self.frame[3]


@dataclass
class Column:
    """Panels that stand below each other."""

    panels: list[Panel] = field(default_factory=list)

    @property
    def frame(self) -> tuple[float, float]:
        """Where its frames begin and end, in points."""
        frames = [panel.frame for panel in self.panels]
        return min(frame[0] for frame in frames), max(frame[1] for frame in frames)

    @property
    def ends(self) -> tuple[float, float]:
        """Where it begins and ends with all words, in points."""
        ends = [panel.ends for panel in self.panels]
        return min(end[0] for end in ends), max(end[1] for end in ends)


def stack(root: ET.Element, pixels: float) -> dict[str, str]:
    """Have the panels of a figure know their narrow places, with frame below frame.

    That needs several columns and at most ``MOST`` panels, no words and no key that belong to all
    of them, and of each panel a frame and numbers of its own.

    Parameters
    ----------
    root
        The figure without its paper, as Matplotlib wrote it; changed in place.
    pixels
        Pixels of a page to a point.

    Returns
    -------
    What the figure says of itself to the style sheet.
    """
    whole = root.find("g")
    assert whole is not None
    columns = _columns(list(whole))
    if len(columns) < 2:
        return {}
    _repeat_names(columns)
    width, height = map(float, root.get("viewBox", "").split()[2:])
    before = max(column.frame[0] - column.ends[0] for column in columns)
    widest = before + max(column.ends[1] - column.frame[0] for column in columns)
    for number, column in enumerate(columns):
        shift = f"{before - column.frame[0]:.1f}px,{number * height:.1f}px"
        place = f"--place:scale({width / widest:.3f}) translate({shift})"
        group = ET.SubElement(whole, "g", {"class": "column", "style": place})
        for panel in column.panels:
            whole.remove(panel.axes)
            group.append(panel.axes)
    is_grid = any(len(column.panels) > 1 for column in columns)
    root.set("class", "stacks grid" if is_grid else "stacks")
    root.set("preserveAspectRatio", "xMidYMin meet")
    return {
        "--stacked": f"{widest:.1f}/{len(columns) * height:.1f}",
        "--column": f"{LARGEST * pixels * widest:.0f}px",
        "--share": f"{widest / width:.3f}",
    }


def _columns(parts: list[ET.Element]) -> list[Column]:
    """Return the columns of a figure from the left, or none if there is more than panels."""
    if len(parts) > MOST or not all(map(_is_panel, parts)):
        return []
    found: list[Column] = []
    for panel in sorted(map(Panel, parts), key=lambda panel: panel.frame[0]):
        if not found or panel.frame[0] >= found[-1].frame[1]:
            found.append(Column())
        found[-1].panels.append(panel)
    return found


def _is_panel(part: ET.Element) -> bool:
    """Whether a part of a figure is a panel that is complete by itself, but for names of axes."""
    if not part.get("id", "").startswith("axes_") or not part:
        return False
    panel = Panel(part)
    has_frame = part[0].get("id", "").startswith("patch_")
    return has_frame and len(panel.both) == 2 and len(panel.marks) > 0


def _repeat_names(columns: list[Column]) -> None:
    """Name axes that leave this to others of their row, for the narrow form only."""
    before: list[Panel] = []
    for column in columns:
        for panel in column.panels:
            if other := _named_beside(panel, before, 1):
                _repeat(other.both[1], panel.both[1], panel.labels - other.labels)
        before = [*column.panels, *before]  # the nearest first
    for panel in before:
        if other := _named_beside(panel, before, 0):
            _repeat(other.both[0], panel.both[0], panel.middle - other.middle)


def _named_beside(panel: Panel, others: list[Panel], axis: int) -> Panel | None:
    """Return the first in its row that names an axis, if the panel does not."""
    if _name(panel.both[axis]):
        return None
    named = (each for each in others if panel.is_beside(each) and _name(each.both[axis]))
    return next(named, None)


def _name(axis: ET.Element) -> Words | None:
    """Return the own name of an axis; what is at its marks is deeper in."""
    own = (Words(each) for each in axis if each.get("id", "").startswith("text_"))
    return next((each for each in own if each.group.get("class") != NARROW), None)


def _repeat(named: ET.Element, axis: ET.Element, across: float) -> None:
    """Name an axis as another is, so many points further on."""
    name = _name(named)
    assert name is not None
    again = deepcopy(name.group)
    del again.attrib["id"]
    place = {"id": "text_again", "class": NARROW, "transform": f"translate({across:.1f} 0)"}
    ET.SubElement(axis, "g", place).append(again)


def _words(part: ET.Element) -> list[Words]:
    return [Words(each) for each in part.iter("g") if each.get("id", "").startswith("text_")]
