"""A figure of Matplotlib's as a part of a page: in its font and colours, with names of its own.

Black, white and greys become mixtures of the page's ink and paper, and the colours of
``theory/figures/style.py`` become the variables of ``book/_static/figures.css``, so that a figure
follows the page into the dark.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterator
from itertools import groupby
from xml.etree import ElementTree as ET

from figure_parts import FONT_SIZE
from stacked_panels import stack
from theory.figures import PALETTE, REGIME_COLOURS

#: Pixels of a page to a point of Matplotlib's.
PIXELS = 4 / 3
#: Letters are at least so high, in pixels, however narrow the page is.
LEGIBLE = 9
#: Class of what keeps the colours for light pages.
ON_PAPER = "on-paper"

_SPACES = re.compile(r"\{[^}]*\}")
_NUMBER = re.compile(r"-?\d+\.\d+")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_REFERENCE = re.compile(r"^#(.*)|url\(#(.*)\)")
_TRANSLATED = re.compile(r"translate\(([-\d.]+) ([-\d.]+)\)")
#: A line and those that go on from it.
_LINES = re.compile(r"(?<=L)(?: [-\d.]+ [-\d.]+(?: L)?)+")
_GREY = re.compile(r"#(..)\1\1")
_ROUNDED = ("d", "points", "x", "y", "x1", "x2", "y1", "y2", "transform")
_NAMES = {look["color"]: name.replace(" ", "-") for name, look in PALETTE.items()}


def in_page(svg: str, alt: str, prefix: str) -> str:
    """Return a figure as HTML, with its words for who does not see it and a prefix of its names."""
    root = ET.fromstring(svg)
    _strip(root)
    _keep_on_paper(root)
    places = stack(root, PIXELS)
    for text in root.iter("text"):
        _join_letters(text)
    _rename(root, prefix)
    _round(root)
    greys = _recolour(root)
    _share_looks(root)
    _declare_on_paper(root, greys)
    _leave_looks_to_marks(root)
    _flatten(root)
    _size(root, greys | places)
    root.attrib |= {"role": "img", "aria-label": alt}
    return ET.tostring(root, encoding="unicode", short_empty_elements=True).replace(" />", "/>")


def undeclared(html: str) -> set[str]:
    """Return the colours of a figure in a page that no palette declares."""
    return set(_COLOUR.findall(html)) - set(REGIME_COLOURS.values())


def _strip(root: ET.Element) -> None:
    """Leave out what only a file by itself needs: namespaces, who made it, styles, the paper."""
    for element in root.iter():
        element.tag = _SPACES.sub("", element.tag)
        element.attrib = {_SPACES.sub("", name): value for name, value in element.items()}
        if element.tag != "tspan":
            element.text = (element.text or "").strip()
        element.tail = ""
    whole = root.find("g")
    assert whole is not None
    for parent, child in ((root, "metadata"), (root, "defs"), (whole, "g")):
        found = parent.find(child)
        if found is not None and found.get("id") != "axes_1":
            parent.remove(found)


def _keep_on_paper(root: ET.Element) -> None:
    """Mark what lies on pixels, and keys to them: they keep the colours for light pages.

    Axes, their words and what is written beside the pixels follow the page.
    """
    for axes in root.findall("g/g"):
        if axes.find(".//image") is None:
            continue
        names = {each.get("clip-path") for each in axes.iter()} - {None}
        boxes = [each for each in root.iter("clipPath") if f"url(#{each.get('id')})" in names]
        marked = [axes[0], *(each for each in root.iter() if each.get("clip-path") in names)]
        for part in axes:
            kind = part.get("id", "").rstrip("0123456789")
            beside = kind in ("text_", "legend_") and not _within(part, boxes)
            if beside and kind == "legend_":
                marked += [each for each in part if not each.get("id", "").startswith("text_")]
            elif not beside and kind not in ("matplotlib.axis_", "patch_"):
                marked.append(part)
        for each in marked:
            each.set("class", ON_PAPER)


def _within(words: ET.Element, boxes: list[ET.Element]) -> bool:
    """Whether words begin in one of the boxes."""
    places = (_TRANSLATED.search(each.get("transform", "")) for each in words.iter())
    place = next((match.groups() for match in places if match), None)
    if place is None:
        place = next((each.get("x"), each.get("y")) for each in words.iter() if "x" in each.attrib)
    for box in boxes:
        x, y, width, height = (float(box[0].get(name, 0)) for name in ("x", "y", "width", "height"))
        if x <= float(place[0]) <= x + width and y <= float(place[1]) <= y + height:
            return True
    return False


def _declare_on_paper(root: ET.Element, greys: dict[str, str]) -> None:
    """Mix the greys of what is marked anew: from the root it would inherit those of the page."""
    for marked in root.iter():
        if marked.get("class") == ON_PAPER:
            styles = " ".join(each.get("style", "") for each in marked.iter())
            used = [f"{name}:{mix}" for name, mix in greys.items() if f"var({name})" in styles]
            marked.set("style", ";".join([*used, marked.get("style", "")]).strip(";"))


def _join_letters(text: ET.Element) -> None:
    """Join the letters of a formula to words; words and signs keep their places in any font."""
    letters = sorted(text.findall("tspan"), key=lambda each: float(each.get("x", 0)))
    for letter in letters:
        text.remove(letter)
    for (*_, is_word), alike in groupby(letters, key=_look):
        first, *others = alike
        for other in others:
            first.text = f"{first.text}{other.text}"
            if not is_word:
                first.set("x", f"{first.get('x')} {other.get('x')}")
        text.append(first)


def _look(letter: ET.Element) -> tuple[str | None, str | None, bool]:
    """Return the height and style of a letter, and whether it is one, or else a sign."""
    return letter.get("y"), letter.get("style"), (letter.text or "").isalpha()


def _referred(root: ET.Element) -> Iterator[tuple[ET.Element, str, str]]:
    """Iterate over the elements that refer to others, with the attribute and the name in it."""
    for element in root.iter():
        for attribute in ("href", "clip-path"):
            match = _REFERENCE.match(element.get(attribute, ""))
            if match:
                yield element, attribute, match[1] or match[2]


def _rename(root: ET.Element, prefix: str) -> None:
    """Give what is referred to a name that no other figure of the page has, and the rest none."""
    names: dict[str, str] = {}
    short = f"n{zlib.crc32(prefix.encode()):08x}"[:6]  # it is there hundreds of times
    for element, attribute, name in list(_referred(root)):
        new = names.setdefault(name, f"{short}-{len(names)}")
        element.set(attribute, f"#{new}" if attribute == "href" else f"url(#{new})")
    for element in root.iter():
        name = element.attrib.pop("id", "")
        if name in names:
            element.set("id", names[name])


def _flatten(parent: ET.Element) -> None:
    """Leave out groups that say nothing of what is in them."""
    children = list(parent)
    for child in children:
        if not child.get("style"):
            child.attrib.pop("style", None)
        _flatten(child)
        parent.remove(child)
        bare = child.tag == "g" and not child.attrib
        parent.extend(list(child) if bare else [child])


def _round(root: ET.Element) -> None:
    """Round places to a hundredth of a point; lines need no letter from one to the next."""
    for element in root.iter():
        for name in _ROUNDED:
            if name in element.attrib:
                places = _NUMBER.sub(_rounded, element.attrib[name])
                element.set(name, " ".join(places.split()))
        if "d" in element.attrib:
            element.set(
                "d", _LINES.sub(lambda each: each[0].replace(" L", ""), element.attrib["d"])
            )


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _recolour(root: ET.Element) -> dict[str, str]:
    """Put variables for colours, and return what those of the greys stand for."""
    greys: dict[str, str] = {}

    def variable(colour: re.Match[str]) -> str:
        if colour[0] in _NAMES and not _GREY.match(colour[0]):
            return f"var(--{_NAMES[colour[0]]})"
        grey = _GREY.match(colour[0])
        if not grey:
            return colour[0]
        share = round(int(grey[1], 16) / 2.55)
        greys[f"--paper-{share}"] = f"color-mix(in srgb, var(--paper) {share}%, var(--ink))"
        return f"var(--paper-{share})"

    for element in root.iter():
        if "style" in element.attrib:
            style = re.sub(r"font-family: [^;]*;?", "", element.attrib["style"])
            style = _COLOUR.sub(variable, style)
            element.set("style", style.replace(": ", ":").replace("; ", ";").strip("; "))
    return greys


def _leave_looks_to_marks(root: ET.Element) -> None:
    """Say how a mark looks once, where it is drawn, and not wherever it is used.

    What it says of itself goes before what its places say. Opacity alone would be multiplied.
    """
    marks = {f"#{each.get('id')}": each.get("style", "") for each in root.iter("path")}
    for place in root.iter("use"):
        said = {_property(look) for look in marks.get(place.get("href", ""), "").split(";")}
        looks = place.get("style", "").split(";")
        said.discard("opacity")
        place.set("style", ";".join(look for look in looks if _property(look) not in said))


def _property(look: str) -> str:
    return look.partition(":")[0]


def _share_looks(root: ET.Element) -> None:
    """Say once, of a group, how all of its parts look; only opacity would be another of a group."""
    for group in root.iter("g"):
        looks = [each.get("style", "").split(";") for each in group]
        if (
            len(looks) < 2
            or "style" in group.attrib
            or any(each.get("class") == ON_PAPER for each in group)
        ):
            continue
        shared = [
            look
            for look in looks[0]
            if look and not look.startswith("opacity") and all(look in each for each in looks)
        ]
        if shared:
            group.set("style", ";".join(shared))
        for part, look in zip(group, looks, strict=True):
            part.set("style", ";".join(each for each in look if each not in shared))


def _size(root: ET.Element, variables: dict[str, str]) -> None:
    """Let the page choose the size, between that of letters that can be read and Matplotlib's."""
    width = float(root.get("viewBox", "").split()[2])
    least = LEGIBLE * width / min(_letter_sizes(root), default=width)
    for attribute in ("width", "height", "version"):
        del root.attrib[attribute]
    variables = variables | {
        "--width": f"{PIXELS * width:.0f}px",
        "--least": f"{math.ceil(least)}px",
    }
    root.set("style", ";".join(f"{name}:{value}" for name, value in variables.items()))


def _letter_sizes(root: ET.Element) -> Iterator[float]:
    """Iterate over the sizes of all words; in a formula that is its largest letter's."""
    for text in root.iter("text"):
        styles = "".join(each.get("style", "") for each in text.iter())
        if found := FONT_SIZE.findall(styles):
            yield max(map(float, found))
