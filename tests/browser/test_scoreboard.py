"""The matrix of theories and questions in a browser."""

from dataclasses import replace

import pytest

from built_book import faults, resize
from made_up import SIZE, SLOPE, outcome
from theory.questions import QUESTIONS, name_of
from theory.scoreboard import Matrix
from theory.scoreboard.findings import Finding
from theory.scoreboard.matrix import cell_id
from theory.scoreboard.row import Row
from theory.theories import THEORIES
from theory.theories.accounts import ACCOUNTS, SECOND_HAND
from theory.trial import HOLDS, OPEN, REFUTED

ASKED = {name_of(each): each.QUANTITIES for each in QUESTIONS}
ROWS = [
    Row(each.name, each.claim, each.source, each.reading, SECOND_HAND, "2023-01", (each,))
    for each in (*THEORIES, *ACCOUNTS)
]
VERDICTS = [HOLDS, REFUTED, OPEN] * 20
BOARD = {
    row.name: {
        name: [
            Finding(outcome(replace(SLOPE, name=one.name), verdict, question=name), after=False),
            Finding(outcome(replace(SIZE, name=two.name), REFUTED, question=name), after=True),
        ]
        for (name, (one, two, *_)), verdict in zip(ASKED.items(), VERDICTS, strict=False)
        if (len(name) + at) % 5 == 0
    }
    for at, row in enumerate(ROWS)
}
PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}">
<head>
  <title>Scoreboard</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="_static/styles/theme.css">
  <link rel="stylesheet" href="_static/styles/pydata-sphinx-theme.css">
  <link rel="stylesheet" href="_static/styles/sphinx-book-theme.css">
  <link rel="stylesheet" href="_static/book.css">
</head>
<body><main class="bd-main bd-content"><article class="bd-article"><h1>Score</h1><h2>All</h2>
<div class="cell_output"><div class="output text_html">{html}</div></div>
</article></main></body></html>"""
# What is cut off, or reaches beyond the window.
BEYOND = """() => [...document.querySelectorAll("article *")]
  .filter((box) => box.checkVisibility({ visibilityProperty: true }))
  .filter((box) => {
    const { left, right } = box.getBoundingClientRect();
    return left < -1 || right > innerWidth + 1;
  })
  .map((box) => box.outerHTML.slice(0, 100))"""


# Names of rows that are narrower than their longest word.
BROKEN = """() => [...document.querySelectorAll(".gv-grid tr:not(.gv-head) th")]
  .filter((box) => {
    const wide = document.createElement("span");
    wide.style.cssText = "display: block; width: min-content; overflow-wrap: normal";
    wide.textContent = box.textContent;
    box.append(wide);
    const needed = wide.getBoundingClientRect().width;
    wide.remove();
    return needed > box.clientWidth + 1;
  })
  .map((box) => box.textContent)"""


@pytest.fixture(params=["light", "dark"])
def board(shown, request):
    """The matrix by itself, in the style of the book."""
    html = PAGE.format(theme=request.param, html=Matrix(ROWS, BOARD)._repr_html_())
    return shown(html, "document.querySelector('.gv-score')")


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_of_the_matrix_is_cut_off(board, width):
    resize(board, width)
    board.evaluate("document.querySelectorAll('details').forEach((x) => (x.open = true))")
    assert board.evaluate("document.documentElement.scrollWidth") <= width
    assert board.evaluate(BEYOND) == []


def test_the_picture_is_for_wide_windows_only(board):
    picture = board.locator(".gv-grid")
    assert picture.is_visible()
    resize(board, 390)
    assert not picture.is_visible()


@pytest.mark.parametrize("width", [768, 1280])
def test_names_of_theories_are_not_broken_inside_words(board, width):
    resize(board, width)
    assert board.locator(".gv-grid tbody th").first.evaluate("(x) => x.clientWidth") >= 109
    assert board.evaluate(BROKEN) == []


def test_the_matrix_is_accessible(board):
    assert faults(board) == []
    resize(board, 390)
    assert faults(board, runOnly=["target-size", "color-contrast"]) == []


def test_a_cell_opens_to_what_is_in_it(board):
    row = next(row for row in ROWS if BOARD[row.name])
    question = next(iter(BOARD[row.name]))
    cell = board.locator(f"#{cell_id(row.name, question)}").first
    assert not cell.is_visible()
    board.locator(".gv-theory details > summary").first.click()
    assert cell.is_visible()
    assert "Source: " in cell.text_content()
