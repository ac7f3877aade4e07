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


def place(column):
    """Scale and shift of a column of a stacked figure, in points."""
    numbers = re.findall(r"-?[\d.]+", column.get("style"))
    return tuple(map(float, numbers))


def panels_of(rows, columns, draw=lambda figure: None):
    figure, axes = figures.panels(rows=rows, columns=columns)
    for ax in np.ravel(axes):
        lines(ax)
    draw(figure)
    return ET.fromstring(in_page(file_of(figure), "", "many"))


def columns_of(page):
    return page.findall(".//g[@class='column']")


@pytest.mark.parametrize(("rows", "columns"), [(1, 2), (2, 2), (1, 3), (1, 4)])
def test_panels_side_by_side_know_their_places_below_each_other(rows, columns):
    page = panels_of(rows, columns)
    width, height = map(float, page.get("viewBox").split()[2:])
    places = [place(column) for column in columns_of(page)]
    assert len(places) == columns
    scales, across, down = zip(*places, strict=True)
    assert len(set(scales)) == 1
    assert columns / 2 < scales[0] < 1.1 * columns  # as wide as the page, but for room for words
    assert -width < across[-1] < across[0] < width / 4
    assert list(across) == sorted(across, reverse=True)
    assert down == pytest.approx([height * number for number in range(columns)], abs=0.1)
    shape = re.search(r"--stacked:([\d.]+)/([\d.]+)", page.get("style"))
    wide, high = map(float, shape.groups())
    assert wide * scales[0] == pytest.approx(width, rel=1e-3)
    assert high == pytest.approx(columns * height, rel=1e-3)
    assert f"--share:{wide / width:.3f}" in page.get("style")
    assert page.get("class") == ("stacks grid" if rows > 1 else "stacks")


def frame_of(column):
    """Left edge, middle and right edge of the frame of a column's first panel, in points."""
    paper = column.find(".//path").get("d")
    across = list(map(float, re.findall(r"-?[\d.]+", paper)))[::2]
    return min(across), (min(across) + max(across)) / 2, max(across)


def test_frames_of_columns_stand_below_each_other():
    def unlike(figure):
        figure.axes[0].set_ylabel("a name")
        figure.axes[1].set_ylim(0, 1e6)
        figure.axes[1].ticklabel_format(style="plain")

    columns = columns_of(panels_of(1, 2, unlike))
    lefts = [frame_of(column)[0] + place(column)[1] for column in columns]
    assert lefts[0] == pytest.approx(lefts[1], abs=0.2)


def test_names_that_a_row_shares_are_repeated_for_a_narrow_page():
    def share(figure):
        for ax, left in zip(figure.axes, (True, False, False), strict=True):
            ax.set_xlabel("" if ax is not figure.axes[1] else "time")
            ax.set_ylabel("size" if left else "")

    columns = columns_of(panels_of(1, 3, share))
    again = [column.findall(".//g[@class='narrow']") for column in columns]
    words = [sorted("".join(each.itertext()) for each in some) for some in again]
    assert words == [["time"], ["size"], ["size", "time"]]
    own = columns[1].find(".//text[.='time']")
    assert float(own.get("x")) == pytest.approx(frame_of(columns[1])[1], abs=0.5)
    for column, some in zip(columns, again, strict=True):
        for each in some:
            text = each.find(".//text")
            shift = float(re.search(r"translate\((-?[\d.]+)", each.get("transform"))[1])
            x = float(text.get("x")) + shift
            if text.text == "time":
                assert x == pytest.approx(frame_of(column)[1], abs=0.5)
            else:
                assert frame_of(column)[0] - 60 < x < frame_of(column)[0] - 20


@pytest.mark.parametrize(
    "other",
    [{"xlabel": "age", "xticks": [0, 1]}, {"xticks": [0, 1], "xticklabels": ["few", "many"]}],
    ids=["another axis", "words at its marks"],
)
def test_a_panel_that_shows_something_else_is_not_named_as_its_neighbour(other):
    def name(figure):
        figure.axes[0].set(xlabel="time", ylabel="size")
        figure.axes[1].set(**{"xlabel": "", **other})

    again = panels_of(1, 2, name).findall(".//g[@class='narrow']")
    assert "time" not in ["".join(each.itertext()) for each in again]
    assert len(again) == ("xlabel" not in other)  # the size, of what is in words


def test_names_of_its_own_are_not_repeated():
    def name(figure):
        for number, ax in enumerate(figure.axes):
            ax.set(xlabel=f"x {number}", ylabel=f"y {number}")

    assert panels_of(2, 2, name).findall(".//g[@class='narrow']") == []


def test_rows_of_a_column_stay_together():
    words = [
        [text.text for text in column.iter("text") if "panel" in (text.text or "")]
        for column in columns_of(
            panels_of(
                2,
                2,
                lambda figure: [ax.set_title(f"panel {n}") for n, ax in enumerate(figure.axes)],
            )
        )
    ]
    assert words == [["panel 0", "panel 2"], ["panel 1", "panel 3"]]


@pytest.mark.parametrize(
    ("rows", "columns", "draw"),
    [
        (1, 1, lambda figure: None),
        (2, 1, lambda figure: None),
        (1, 5, lambda figure: None),
        (3, 2, lambda figure: None),
        (1, 2, lambda figure: figure.legend(["a", "b"], loc="outside upper center")),
        (1, 2, lambda figure: figure.text(0.5, 0.5, "between")),
        (1, 2, lambda figure: figure.axes[0].set_axis_off()),
        (1, 2, lambda figure: figure.axes[1].tick_params(labelleft=False)),
        (1, 2, lambda figure: figure.axes[1].twinx()),
        (1, 2, lambda figure: figure.add_axes((0.1, 0.2, 0.8, 0.2))),
    ],
    ids=[
        "one",
        "a column",
        "five",
        "six",
        "a key",
        "words",
        "no frame",
        "no numbers",
        "twins",
        "across",
    ],
)
def test_what_cannot_be_stacked_stays_as_it_is(rows, columns, draw):
    page = panels_of(rows, columns, draw)
    assert columns_of(page) == []
    assert "stacks" not in page.get("class", "")
    assert "--stacked" not in page.get("style")


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
