"""The list of all verdicts, and their tables, in a browser."""

import re
from dataclasses import replace

import numpy as np
import pytest

from built_book import faults, resize
from made_up import SIZE, SLOPE, outcome
from theory.questions import Quantity
from theory.statistics import Interval
from theory.theories import Prediction
from theory.trial import HOLDS, OPEN, REFUTED, tables
from theory.trial.listing import Verdicts, anchor

LONG = Quantity(
    "equal_cost_over_law",
    "D/m at which memorising random labels has the objective of generalising on four fifths of all "
    "pairs, at moduli 103 and 131 and a penalty of 1e-4, over a power law in the modulus.",
    "primary",
    0.03,
    relative=True,
)
PLACES = [{"modulus": modulus, "per_label": 8.5} for modulus in range(31, 65, 2)]
FOUND = [
    outcome(question="efficiency"),
    outcome(verdict=REFUTED, interval=Interval(-0.5, -0.6, -0.4), question="efficiency"),
    outcome(verdict=OPEN, interval=Interval(0.25, -2.0, 2.5), theory="one-sided mixing"),
    outcome(
        verdict=REFUTED, interval=Interval(np.nan, 0.75, np.inf), theory="competing capacities"
    ),
    outcome(LONG, REFUTED, theory="rule and exceptions", judgement={"censored": 3}),
    *(
        outcome(LONG, verdict, place=place, theory="rule and exceptions")
        for place, verdict in zip(PLACES, [HOLDS, REFUTED, OPEN] * 6, strict=False)
    ),
    outcome(SIZE, OPEN, judgement={"needed": 196}, prediction=Prediction(1.5, "seen", 0.0, 1)),
    outcome(replace(SLOPE, name="longer", role="check"), question="efficiency"),
]
FOLDED = anchor(FOUND[-1])
PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}">
<head>
  <title>Verdicts</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="_static/styles/theme.css">
  <link rel="stylesheet" href="_static/styles/pydata-sphinx-theme.css">
  <link rel="stylesheet" href="_static/styles/sphinx-book-theme.css">
  <link rel="stylesheet" href="_static/book.css">
</head>
<body><main class="bd-main bd-content"><article class="bd-article"><h1>Verdicts</h1><h2>All</h2>
<div class="cell_output"><div class="output text_html">{html}</div></div>
</article></main></body></html>"""

# What is cut off, or reaches beyond the window.
BEYOND = """() => [...document.querySelectorAll("article *")]
  .filter((box) => box.checkVisibility({ visibilityProperty: true }) && !box.closest("thead"))
  .filter((box) => {
    const { left, right } = box.getBoundingClientRect();
    const wide = box.clientWidth > 1 && box.scrollWidth > box.clientWidth + 1;
    return left < -1 || right > innerWidth + 1 || wide;
  })
  .map((box) => box.outerHTML.slice(0, 100))"""

# Where the marks are, in margins.
MARKS = """() => [...document.querySelectorAll(".gv-row")].map((row) => {
  const mark = row.querySelector(".gv-mark > *")?.getBoundingClientRect();
  const axis = row.querySelector(".gv-forest").getBoundingClientRect();
  return mark ? ((mark.left + mark.right) / 2 - axis.left) / axis.width * 100 / 11 - 50 / 11 : null;
})"""

# A link in a browser that does not unfold by itself what a link leads to.
FOLLOWED = """(name) => {
  history.replaceState(null, "", `#${name}`);
  dispatchEvent(new HashChangeEvent("hashchange"));
}"""


def page_of(html, theme="light"):
    return PAGE.format(theme=theme, html=html)


@pytest.fixture
def folded(shown):
    """The list by itself, in the style of the book."""
    html = Verdicts({"costs": FOUND})._repr_html_()
    return shown(page_of(html), "document.querySelector('[data-ready]')")


@pytest.fixture
def verdicts(folded):
    """The list with its part in sight."""
    unfold_parts(folded)
    return folded


def unfold_parts(page):
    for part in page.locator(".gv-part:not([open]) > summary").all():
        part.click()


def visible(page):
    return [each.get_attribute("id") for each in page.locator(".gv-row").all() if each.is_visible()]


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("opened", [True, False])
def test_nothing_of_the_list_is_cut_off(verdicts, width, opened):
    resize(verdicts, width)
    verdicts.evaluate(
        "open => document.querySelectorAll('details').forEach(x => x.open = open)", opened
    )
    assert verdicts.evaluate("document.documentElement.scrollWidth") <= width
    assert verdicts.evaluate(BEYOND) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("table", [tables.judged, tables.brief, tables.by_place, tables.predicted])
def test_nothing_of_a_table_is_cut_off(shown, width, table):
    page = shown(page_of(table(FOUND)._repr_html_()), "document.querySelector('table')")
    resize(page, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(BEYOND) == []


def test_a_table_is_cards_on_a_phone_and_columns_elsewhere(shown):
    page = shown(page_of(tables.judged(FOUND)._repr_html_()), "document.querySelector('table')")
    cell = page.get_by_role("cell", name="+0.12 [-0.25, +0.5]").first
    label = "cell => getComputedStyle(cell, '::before').content"
    assert cell.evaluate(label) == "none"
    resize(page, 390)
    assert cell.evaluate(label) in {'"off by"', "attr(data-column)"}
    assert faults(page) == []


def test_rows_are_chosen_by_verdict_and_theory(verdicts):
    verdicts.get_by_role("button", name="refuted").click()
    chosen = [each for each in FOUND if not each.place and each.judgement.verdict == REFUTED]
    assert visible(verdicts) == [anchor(each) for each in chosen]
    assert verdicts.locator("output").text_content() == f"{len(chosen)} of 7 predictions"
    verdicts.get_by_label("Theory").select_option("rule and exceptions")
    assert visible(verdicts) == [anchor(chosen[-1])]
    verdicts.get_by_role("button", name="holds").click()
    assert visible(verdicts) == []
    assert not verdicts.locator("h3").is_visible()
    verdicts.get_by_role("button", name="all").click()
    verdicts.get_by_label("Theory").select_option("all")
    assert len(visible(verdicts)) == 5
    assert verdicts.locator("output").text_content() == "7 of 7 predictions"


def test_the_keyboard_chooses_and_unfolds(verdicts):
    verdicts.get_by_label("Theory").focus()
    for _ in range(3):
        verdicts.keyboard.press("Tab")
    verdicts.keyboard.press("Space")
    button = verdicts.get_by_role("button", name="refuted")
    assert button.get_attribute("aria-pressed") == "true"
    assert button.evaluate("button => button === document.activeElement")
    verdicts.get_by_role("button", name="all").focus()
    verdicts.keyboard.press("Enter")
    verdicts.locator(".gv-fold > summary").last.focus()
    verdicts.keyboard.press("Enter")
    assert FOLDED in visible(verdicts)


def test_a_part_is_a_line_that_unfolds(folded):
    assert visible(folded) == []
    line = folded.locator(".gv-part > summary")
    told = "Costs, first trial 1 holds 3 refuted 1 open"
    assert line.inner_text().split() == told.split()
    line.focus()
    folded.keyboard.press("Enter")
    assert len(visible(folded)) == 5


def test_a_part_counts_what_is_chosen(folded):
    folded.get_by_label("Theory").select_option("rule and exceptions")
    assert folded.locator(".gv-part > summary").inner_text().split()[3:] == ["1", "refuted"]
    folded.get_by_label("Theory").select_option("all")
    assert folded.locator(".gv-tally:visible").count() == 3


@pytest.mark.parametrize("choice", ["all", "open"])
def test_what_is_chosen_is_in_sight(folded, choice):
    folded.get_by_role("button", name=choice, exact=True).click()
    assert len(visible(folded)) == {"all": 5, "open": 1}[choice]


@pytest.mark.parametrize("name", [anchor(FOUND[0]), FOLDED, "part-costs"])
def test_a_link_unfolds_all_that_is_around(folded, name):
    folded.evaluate(FOLLOWED, name)
    folded.wait_for_selector(f"#{name}", state="visible")
    assert anchor(FOUND[0]) in visible(folded)


def test_a_link_to_a_folded_row_unfolds_it_whatever_is_chosen(verdicts):
    verdicts.get_by_role("button", name="refuted").click()
    assert FOLDED not in visible(verdicts)
    verdicts.evaluate(FOLLOWED, FOLDED)
    verdicts.wait_for_selector(f"#{FOLDED}", state="visible")
    assert verdicts.locator(f"#{FOLDED}").evaluate("row => row.getBoundingClientRect().top") < 900


def test_without_scripts_every_row_is_there(browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(Verdicts({"costs": FOUND})._repr_html_())
    unfold_parts(page)
    assert len(visible(page)) == 5
    assert not page.locator(".gv-filters").is_visible()
    page.locator(".gv-fold > summary").last.click()
    assert FOLDED in visible(page)
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_marks_are_where_the_numbers_say(verdicts, width):
    resize(verdicts, width)
    verdicts.evaluate("document.querySelectorAll('details').forEach(x => x.open = true)")
    said = [
        re.match(r"[-+][\d.]+(?= \[)", x) for x in verdicts.locator(".gv-off").all_text_contents()
    ]
    found = verdicts.evaluate(MARKS)
    slopes = [at for at, row in enumerate(rows()) if row.quantity.margin == SLOPE.margin]
    assert len(slopes) == 5
    for at in slopes:
        expected = float(said[at][0]) / SLOPE.margin if said[at] else None
        assert found[at] == (expected and pytest.approx(expected, abs=0.05))


def rows():
    """The predictions in the order of the list: what counts, then secondary, then checks."""
    whole = [each for each in FOUND if not each.place]
    return sorted(whole, key=lambda x: ["primary", "secondary", "check"].index(x.quantity.role))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_list_is_legible_and_open_to_all(shown, theme, width):
    html = Verdicts({"costs": FOUND})._repr_html_()
    page = shown(page_of(html, theme), "document.querySelector('[data-ready]')")
    resize(page, width)
    page.evaluate("document.querySelectorAll('details').forEach(x => x.open = true)")
    assert faults(page) == []


def test_every_verdict_has_a_colour_of_its_own_in_light_and_dark(shown):
    seen = set()
    for theme in ("light", "dark"):
        html = Verdicts({"costs": FOUND})._repr_html_()
        page = shown(page_of(html, theme), "document.querySelector('[data-ready]')")
        colour = "box => getComputedStyle(box).color"
        for verdict in (HOLDS, REFUTED, OPEN):
            word = page.locator(f".gv-verdict.gv-{verdict}").first
            assert word.text_content() == verdict
            seen.add(word.evaluate(colour))
    assert len(seen) == 6
