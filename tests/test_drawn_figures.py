"""Figures as parts of a page."""

import io
import re
from xml.etree import ElementTree as ET

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from drawn_figures import MOST, faults, framed
from svg_in_page import LEGIBLE, in_page
from theory import figures

mpl.use("agg")


def file_of(figure):
    """What a cell leaves of a figure."""
    with io.StringIO() as file, mpl.rc_context({"svg.fonttype": "none"}):
        figure.savefig(file, format="svg", bbox_inches="tight")
        plt.close(figure)
        return file.getvalue()


def drawn(draw=lambda ax: None, **size):
    figure, ax = figures.panels(**size)
    draw(ax)
    return file_of(figure)


def lines(ax):
    ax.plot([1, 2], **figures.PALETTE["test"])
    ax.plot([2, 1], "o", color="0.4", markerfacecolor="white")
    ax.set_xlabel(r"weight decay $\alpha_G$ (nat)")


@pytest.fixture(scope="module")
def page():
    return ET.fromstring(in_page(drawn(lines), "Two <lines>.", "fig-two"))


def test_it_is_a_picture_with_words_and_nothing_else(page):
    assert page.attrib["role"] == "img"
    assert page.attrib["aria-label"] == "Two <lines>."
    tags = {each.tag for each in page.iter()}
    assert tags == {"svg", "g", "defs", "path", "use", "text", "tspan", "clipPath", "rect"}
    assert "DejaVu" not in ET.tostring(page, encoding="unicode")


def test_names_are_its_own_and_all_are_used():
    one, other = (ET.fromstring(in_page(drawn(lines), "", name)) for name in ("one", "other"))
    names = [{each.get("id") for each in page.iter()} - {None} for page in (one, other)]
    assert len(names[0]) > 3
    assert not names[0] & names[1]
    html = ET.tostring(one, encoding="unicode")
    used = set(re.findall(r'href="#(.*?)"|url\(#(.*?)\)', html))
    assert {"".join(each) for each in used} == names[0]


def test_a_mark_says_how_it_looks_and_its_places_do_not(page):
    marks = {f"#{each.get('id')}": each.get("style", "") for each in page.iter("path")}
    places = list(page.iter("use"))
    assert len(places) > len(marks) > 0
    for place in places:
        look = marks[place.get("href")]
        assert "stroke:" in look
        assert "stroke:" not in place.get("style", "")


def test_colours_are_those_of_the_page(page):
    html = ET.tostring(page, encoding="unicode")
    assert "stroke:var(--test)" in html
    assert "fill:var(--paper-100)" in html
    assert "--paper-40:color-mix(in srgb, var(--paper) 40%, var(--ink))" in page.get("style")
    assert faults(html) == []


def test_a_colour_without_a_meaning_is_a_fault():
    html = in_page(drawn(lambda ax: ax.plot([1, 2], color="#123456")), "", "x")
    assert faults(html) == ["#123456 is in no palette of theory/figures/style.py"]


@pytest.mark.parametrize(("rasterized", "count"), [(False, 1), (True, 0)])
def test_a_heavy_drawing_is_a_fault_and_pixels_are_the_remedy(rasterized, count):
    cells = np.arange(900).reshape(30, 30)

    def draw(ax):
        ax.pcolormesh(cells, cmap="Greys", rasterized=rasterized)

    html = in_page(drawn(draw), "", "x")
    assert (len(html) > MOST) == bool(count)
    assert len(faults(html)) == count


def test_a_formula_reads_as_it_was_written(page):
    formula = next(text for text in page.iter("text") if "α" in "".join(text.itertext()))
    words = [each.text.replace("\xa0", " ") for each in formula]
    assert words == ["weight", " ", "decay", " ", "α", "G", " (", "nat", ")"]
    assert [len(each.get("x").split()) for each in formula] == [1, 1, 1, 1, 1, 1, 2, 1, 1]


@pytest.mark.parametrize(("columns", "size"), [(1, 12), (2, 12), (2, 6)])
def test_letters_can_be_read_at_its_least_width(columns, size):
    figure, axes = figures.panels(columns=columns)
    np.ravel(axes)[0].set_title("$10^2$", fontsize=size)
    page = ET.fromstring(in_page(file_of(figure), "", "x"))
    least = float(re.search(r"--least:(\d+)px", page.get("style"))[1])
    width = float(page.get("viewBox").split()[2])
    assert size * least / width == pytest.approx(LEGIBLE, rel=0.01)


def on_a_map(ax):
    ax.imshow([[0, 1]])
    ax.plot([0, 1], [0, 0], color="0.6")
    ax.text(0, 0, "inside")
    ax.text(0, 0, "$\\alpha$")
    ax.set_title("above")
    ax.set_xlabel("below")
    ax.legend(
        [plt.Line2D([], [], color="0.4")], ["beside"], loc="lower left", bbox_to_anchor=(1, 1)
    )
    ax.twinx().hlines([0, 1], 0, 1, color="0.2")


def test_what_lies_on_pixels_keeps_its_colours_and_what_is_beside_them_is_the_page_s(page):
    assert not page.findall(".//*[@class]")
    picture = ET.fromstring(in_page(drawn(on_a_map), "", "x"))
    kept = picture.findall(".//*[@class='on-paper']")
    words = [each for kind in kept for each in kind.itertext()]
    assert {"inside", "α"} <= set(words)
    assert {"above", "below", "beside"} <= set(picture.itertext()) - set(words)
    for share in (60, 20, 40):  # a line on the map, lines of its twin, and the key beside it
        parts = {each for kind in kept for each in kind.iter()}
        looks = f"stroke:var(--paper-{share})"
        assert {each for each in picture.iter() if looks in each.get("style", "")} <= parts
        mixed = f"--paper-{share}:color-mix(in srgb, var(--paper) {share}%, var(--ink))"
        holders = [each for each in kept if looks.encode() in ET.tostring(each)]
        assert holders
        assert all(mixed in each.get("style") for each in holders)


def test_its_file_can_be_saved():
    html = framed(drawn(lines), "", "fig-two", "../_images/abc.svg")
    assert '<a href="../_images/abc.svg" download="fig-two.svg">' in html
