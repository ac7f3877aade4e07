"""Pages and figures of questions are there."""

import re
from pathlib import Path

import pytest
from docutils.nodes import make_id

from theory.questions import QUESTIONS, name_of
from theory.trial.chapters import FIGURES
from theory.trial.paper import PAPER_PREDICTIONS
from theory.trial.topics import TOPICS

BOOK = Path(__file__).parents[2] / "book"
PAGES = {page.stem: page.read_text(encoding="utf-8") for page in BOOK.glob("*.md")}


def anchors(page):
    """What can be linked to on a page: its figures and its headings."""
    text = re.sub("^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall("^#+ (.*)$", text, re.MULTILINE)
    figures = re.findall("^ *:?name: (fig-.*)$", page, re.MULTILINE)
    return {*figures, *map(make_id, headings)}


def test_every_question_of_which_a_page_shows_the_runs_has_its_place():
    loaded = set(re.findall(r"questions\.load\((\w+)\)", "".join(PAGES.values())))
    assert loaded & set(map(name_of, QUESTIONS)) <= FIGURES.keys()


@pytest.mark.parametrize("question", FIGURES)
def test_the_place_of_a_question_is_there_and_the_page_shows_its_runs(question):
    page, _, anchor = FIGURES[question].partition(".html#")
    assert question in map(name_of, QUESTIONS)
    assert re.search(rf"\b{question}\b", PAGES[page])
    assert anchor in anchors(PAGES[page])


def test_predictions_and_topics_have_their_chapters():
    assert {each.page for each in (*PAPER_PREDICTIONS, *TOPICS)} <= PAGES.keys()
    for each in TOPICS:
        assert not each.section or each.section in anchors(PAGES[each.page])
