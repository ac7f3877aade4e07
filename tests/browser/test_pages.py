"""Every built page: complete with the network off, legible at any width, open to all."""

import pytest

from built_book import HTML, faults, resize, watched_page

PAGES = [
    page.relative_to(HTML).as_posix()
    for page in sorted(HTML.rglob("*.html"))
    if "_static" not in page.parts and page.name != "index.html"
]
HEAVIEST = 500_000  # bytes

# Text outside code that looks like TeX.
UNTYPESET = r"""() => {
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    const tex = /\$[^$]+\$|\\[a-zA-Z([]/.test(data);
    if (tex && !parentElement.closest("code, pre, script, mjx-container")) found.push(data);
  }
  return found;
}"""

# What reaches beyond the right edge of the window; boxes that scroll, and the theme's fixed
# drawers, may hold more than they show.
STICKING_OUT = """() => {
  const free = (box) => box === document.body || (
    getComputedStyle(box).position !== "fixed"
    && getComputedStyle(box.parentElement).overflowX === "visible"
    && free(box.parentElement));
  return [...document.querySelectorAll("main *")]
    .filter((box) => box.getBoundingClientRect().right > innerWidth + 1 && free(box))
    .map((box) => box.outerHTML.slice(0, 100));
}"""

# What is wider than the box it is in, and would be cut off on paper.
CUT_OFF = """() => [...document.querySelectorAll("main *")]
  .filter((box) => box.checkVisibility() && box.clientWidth > 1)
  .filter((box) => getComputedStyle(box).overflowX !== "visible")
  .filter((box) => box.scrollWidth > box.clientWidth + 1)
  .map((box) => box.outerHTML.slice(0, 100))"""

# What is cut off on a screen, where no scrolling helps.
OUT_OF_REACH = """() => [...document.querySelectorAll("main *")]
  .filter((box) => box.clientWidth > 1 && box.scrollWidth > box.clientWidth + 1)
  .filter((box) => ["hidden", "clip"].includes(getComputedStyle(box).overflowX))
  .filter((box) => box.checkVisibility())
  .map((box) => box.outerHTML.slice(0, 100))"""

# Figures whose least words, in a formula its letters, are less than 9 pixels high.
TOO_SMALL = """() => [...document.querySelectorAll(".drawing svg")].filter((svg) => {
  const size = (part) => parseFloat(getComputedStyle(part).fontSize);
  const words = [...svg.querySelectorAll("text")].map((text) => {
    const { a, b } = text.getScreenCTM();
    const sizes = text.children.length ? [...text.children].map(size) : [size(text)];
    return Math.max(...sizes) * Math.hypot(a, b);
  });
  return Math.min(...words) < 8.99;
}).map((svg) => svg.getAttribute("aria-label"))"""

# Words of stacked panels that are beyond their drawing, or on those of the panels above or below.
SPILT = """() => [...document.querySelectorAll(".drawing svg.stacks")].flatMap((svg) => {
  const all = [...svg.querySelectorAll("text")].map((text) => ({
    words: text.textContent, column: text.closest(".column"), box: text.getBoundingClientRect() }));
  const whole = svg.getBoundingClientRect();
  const inside = ({ box }) => box.left > whole.left - 1 && box.right < whole.right + 1
    && box.top > whole.top - 1 && box.bottom < whole.bottom + 1;
  const apart = (one, other) => one.right < other.left + 1 || other.right < one.left + 1
    || one.bottom < other.top + 1 || other.bottom < one.top + 1;
  const alone = (one) => all.every((other) => one.column === other.column
    || apart(one.box, other.box));
  return all.filter((one) => !inside(one) || !alone(one)).map(({ words }) => words);
})"""

# Formulas in a line of text that are wider than the text; those by themselves may scroll.
TOO_LONG_FOR_A_LINE = """() => [...document.querySelectorAll("main :is(p, li) > span.math")]
  .filter((formula) => formula.checkVisibility() && !formula.closest("table"))
  .filter((formula) => formula.querySelector("mjx-container").getBoundingClientRect().width
    > formula.parentElement.clientWidth + 1)
  .map((formula) => formula.textContent)"""


@pytest.fixture(scope="module", params=PAGES)
def opened(request, browser, address):
    """A page with its equations typeset, and what went wrong on the way."""
    trouble = []
    with watched_page(browser, address, trouble) as page:
        page.goto(request.param)
        page.evaluate(
            "window.MathJax?.startup.promise.then(() => document.fonts.ready).then(() => {})"
        )
        yield page, trouble


@pytest.fixture
def page(opened):
    """The opened page as a reader first sees it."""
    page, _ = opened
    page.emulate_media(media="screen", color_scheme="light")
    resize(page, 1280)
    return page


def test_a_page_is_complete_with_the_network_off(opened):
    page, trouble = opened
    assert page.locator("h1:visible").count() == 1
    assert trouble == []


def test_equations_are_typeset(page):
    equations = page.locator("main .math")
    assert page.locator("main .math:has(mjx-container)").count() == equations.count()
    assert page.locator("mjx-merror").count() == 0
    assert page.evaluate(UNTYPESET) == []


def test_no_page_is_heavy():
    sizes = {page: (HTML / page).stat().st_size for page in PAGES}
    assert {page: size for page, size in sizes.items() if size > HEAVIEST} == {}


@pytest.mark.parametrize("width", [390, 640, 768, 1280])  # 640: a wide window at 200 % zoom
def test_a_page_fits_its_window_in_the_light_and_in_the_dark(page, width):
    resize(page, width)
    # What draws itself anew, like the explorer, may take a moment.
    fits = "width => document.documentElement.scrollWidth <= width"
    page.wait_for_function(fits, arg=width, timeout=5000)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_selector(f"html[data-theme={scheme}]")
        assert page.evaluate(STICKING_OUT) == []
        assert page.evaluate(OUT_OF_REACH) == []


def test_a_phone_shows_the_letters_of_figures_whole_and_large_enough(page):
    resize(page, 390)
    assert page.evaluate(TOO_SMALL) == []
    assert page.evaluate(SPILT) == []


def test_a_page_is_accessible(page):
    assert faults(page) == []


def test_a_page_is_accessible_on_a_phone(page):
    resize(page, 390)
    page.wait_for_timeout(1500)  # the theme waits before it looks again for what scrolls
    assert faults(page, runOnly=["scrollable-region-focusable", "target-size"]) == []


def test_a_phone_shows_formulas_in_text_whole(page):
    resize(page, 390)
    assert page.evaluate(TOO_LONG_FOR_A_LINE) == []


def test_a_page_is_legible_in_the_dark(page):
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html[data-theme=dark]")
    assert faults(page, runOnly=["color-contrast", "link-in-text-block"]) == []


def test_nothing_is_cut_off_on_paper(page):
    resize(page, 680, 960)  # A4 less margins of 15 mm
    page.emulate_media(media="print")
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(STICKING_OUT) == []
    assert page.locator(":is(.bd-sidebar, .bd-header-article, footer):visible").count() == 0
