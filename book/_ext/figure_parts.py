"""What stands where in a figure as Matplotlib writes it: its panels and their words, in points."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree as ET

#: Width of a letter over its height, as that of a wide font, and room beside the widest words.
_LETTER, _MARGIN = 0.64, 3

#: The size of letters in what Matplotlib says of their looks.
FONT_SIZE = re.compile(r"font-size: ?([\d.]+)px")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_WORD = re.compile(r"[a-z]{2}")
_SHIFT = re.compile(r"translate\((-?[\d.]+)")


def is_kind(part: ET.Element, kind: str) -> bool:
    """Whether Matplotlib calls a part of a figure so, and gives it a number."""
    return part.get("id", "").startswith(kind)


def words_in(part: ET.Element) -> list[Words]:
    """Return all words of a part of a figure."""
    return [Words(each) for each in part.iter("g") if is_kind(each, "text_")]


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
    def text(self) -> str:
        """What they say."""
        return "".join(each.text or "" for each in self.group.iter()).strip()

    @property
    def size(self) -> float:
        """Height of the largest letter, in points."""
        return max(map(float, FONT_SIZE.findall(self._said("style"))))

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
        width = _LETTER * self.size * len(self.text)
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
        return [each for each in self.axes if is_kind(each, "matplotlib.axis")]

    def marks(self, axis: int) -> list[Words]:
        """Return what stands at the marks of its horizontal axis, 0, or its vertical one, 1."""
        ticks = (part for part in self.both[axis] if is_kind(part, ("xtick", "ytick")[axis]))
        return [words for part in ticks for words in words_in(part)]

    def counts(self, axis: int) -> bool:
        """Whether numbers stand at the marks of an axis, and no words."""
        return not any(_WORD.search(each.text) for each in self.marks(axis))

    @property
    def labels(self) -> float:
        """Where what stands at the marks of the vertical axis begins, in points."""
        return min(each.ends[0] for each in self.marks(1))

    @property
    def ends(self) -> tuple[float, float]:
        """Where it begins and ends with all of its words, in points."""
        left, right, *_ = self.frame
        ends = [each.ends for each in words_in(self.axes)]
        least = min(left, *(each[0] for each in ends))
        return least - _MARGIN, max(right, *(each[1] for each in ends)) + _MARGIN

    def is_beside(self, other: Panel) -> bool:
        """Whether it is in the row of another."""
        return self.frame[2] < other.frame[3] and other.frame[2] < self.frame[3]
