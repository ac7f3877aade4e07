"""The figures of the built pages: their colours and letters, and what a reader does with them."""

import re
from html.parser import HTMLParser

import pytest

from built_book import HTML, faults, resize
from theory import figures

PAGE = "real_network.html"
FIRST = "#fig-real-network"

COLOURS = """() => [...document.querySelectorAll("FIRST svg path")]
  .map((path) => getComputedStyle(path).stroke)""".replace("FIRST", FIRST)


class Drawings(HTMLParser):
    """The styles of what is drawn in a page."""

    def __init__(self, page):
        super().__init__()
        self.depth, self.styles = 0, []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if self.depth or attributes.get("class") == "drawing":
            self.depth += 1
            self.styles.append(attributes.get("style", ""))

    def handle_startendtag(self, tag, attributes):
        if self.depth:
            self.styles.append(dict(attributes).get("style", ""))

    def handle_endtag(self, tag):
        self.depth -= self.depth > 0


def test_every_colour_has_a_meaning():
    declared = {f"var(--{name.replace(' ', '-')})" for name in figures.PALETTE}
    pages = {page.name: Drawings(page) for page in HTML.glob("*.html")}
    used = {
        (name, colour)
        for name, page in pages.items()
        for style in page.styles
        for colour in re.findall(r"(?:fill|stroke):([^;]*)", style)
    }
    assert len(used) > 100
    greys = re.compile(r"var\(--paper-\d+\)|none")
    regimes = figures.REGIME_COLOURS.values()
    known = {one for one in used if one[1] in {*declared, *regimes} or greys.fullmatch(one[1])}
    assert sorted(used - known) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_a_figure_enlarges_and_the_focus_comes_back(page, trouble, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(PAGE)
    drawing = page.locator(f"{FIRST} .drawing svg")
    button = page.locator(f"{FIRST} button", has_text="Enlarge")
    button.focus()
    before = drawing.bounding_box()
    page.keyboard.press("Enter")
    enlarged = page.get_by_role("dialog").locator("svg")
    assert enlarged.bounding_box()["width"] > 1.2 * before["width"]
    assert drawing.count() == 0
    assert faults(page) == []
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0
    assert drawing.bounding_box() == before
    assert button.evaluate("(button) => button === document.activeElement")
    assert trouble == []


def test_a_tap_on_a_figure_enlarges_it_too(phone):
    phone.goto(PAGE)
    phone.locator(f"{FIRST} .drawing svg").tap()
    phone.get_by_role("button", name="Close").tap()
    assert phone.get_by_role("dialog").count() == 0


def hint(frame):
    return frame.evaluate(
        "(frame) => getComputedStyle(frame.nextElementSibling, '::before').content"
    )


def frames(columns):
    """Where the frames of columns are that have one panel each."""
    return [column.locator("path").first.bounding_box() for column in columns.all()]


def test_panels_stand_one_below_the_other_on_a_phone_and_the_page_says_so(page):
    page.goto(PAGE)
    frame = page.locator(f"{FIRST} .drawing")
    columns = frame.locator("svg .column")
    left, right = frames(columns)
    assert left["x"] + left["width"] < right["x"] + 1
    assert left["y"] == pytest.approx(right["y"], abs=1)
    assert hint(frame) == "none"
    resize(page, 390)
    left, right = frames(columns)
    assert left["y"] + left["height"] < right["y"] + 1
    assert left["x"] == pytest.approx(right["x"], abs=1)
    assert frame.evaluate("(frame) => frame.scrollWidth === frame.clientWidth")
    assert "comes first" in hint(frame)


def test_on_paper_panels_stay_side_by_side(page):
    page.goto(PAGE)
    resize(page, 390)
    page.emulate_media(media="print")
    columns = page.locator(f"{FIRST} svg .column")
    left, right = frames(columns)
    assert left["x"] + left["width"] < right["x"] + 1


def test_a_figure_whose_panels_share_a_key_scrolls_on_a_phone_and_says_so(phone):
    phone.goto("weight_decay.html")
    frame = phone.locator(".drawing:not(:has(.stacks))", has=phone.locator("svg")).first
    phone.wait_for_selector(".drawing[tabindex='0']")
    assert frame.evaluate("(frame) => frame.scrollWidth > frame.clientWidth")
    assert "Scroll sideways" in hint(frame)


def test_a_figure_follows_the_page_into_the_dark(page):
    page.goto(PAGE)
    light = set(page.evaluate(COLOURS))
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html[data-theme=dark]")
    dark = set(page.evaluate(COLOURS))
    assert light & dark <= {"none"}


def test_a_saved_figure_is_complete_by_itself(page):
    page.goto(PAGE)
    with page.expect_download() as saving:
        page.locator(f"{FIRST} a", has_text="Save as SVG").click()
    assert saving.value.suggested_filename == "fig-real-network.svg"
    svg = saving.value.path().read_text()
    assert figures.PALETTE["test"]["color"] in svg
    assert "var(" not in svg
    loaded = re.findall(r'(?:href|src)="[^#].*?"', svg)
    assert loaded == []
