"""Panels that are side by side stand one below the other where a page is narrow.

A figure of Matplotlib's stays one drawing. Its columns become groups that know their place in the
narrow form, and names of axes that panels of a row share are repeated for it;
``_static/figures.css`` shows the names and puts the columns there on a phone.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from figure_parts import Panel, Words, is_kind

#: More panels than these would be too tall to be seen as one figure.
MOST = 4
#: What a drawing may be enlarged by, so that few words do not fill a phone.
LARGEST = 1.1
#: Class of what is shown in the narrow form only.
NARROW = "narrow"


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
    if not is_kind(part, "axes_") or not len(part) or not is_kind(part[0], "patch_"):
        return False
    panel = Panel(part)
    return len(panel.both) == 2 and len(panel.marks(1)) > 0


def _repeat_names(columns: list[Column]) -> None:
    """Name axes that leave this to others of their row, for the narrow form only."""
    before: list[Panel] = []
    for column in columns:
        for panel in column.panels:
            for other in filter(panel.is_beside, before):
                # With horizontal axes of two names they show unlike things.
                if len({_said(panel, 0), _said(other, 0)} - {""}) < 2:
                    _repeat(other, panel, 1, panel.labels - other.labels)
        before = [*column.panels, *before]  # the nearest first
    for panel in before:
        for other in filter(panel.is_beside, before):
            _repeat(other, panel, 0, panel.middle - other.middle)


def _repeat(named: Panel, panel: Panel, axis: int, across: float) -> None:
    """Name an axis that has no name as another is, so many points further on."""
    name = _name(named, axis)
    alike = named.counts(axis) == panel.counts(axis)
    if name is None or not alike or any(is_kind(each, "text_") for each in panel.both[axis]):
        return
    again = deepcopy(name)
    del again.attrib["id"]
    place = {"id": "text_again", "class": NARROW, "transform": f"translate({across:.1f} 0)"}
    ET.SubElement(panel.both[axis], "g", place).append(again)


def _name(panel: Panel, axis: int) -> ET.Element | None:
    """Return the own name of an axis; what is at its marks is deeper in."""
    parts = (each for each in panel.both[axis] if is_kind(each, "text_"))
    return next((each for each in parts if each.get("class") != NARROW), None)


def _said(panel: Panel, axis: int) -> str:
    """Return what the own name of an axis says, if it has one."""
    name = _name(panel, axis)
    return "" if name is None else Words(name).text
