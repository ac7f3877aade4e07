"""Where a bar is drawn, and what it says."""

import multiprocessing
import sys

import pytest

from theory.progress import bar


@pytest.fixture
def drawn(capsys, monkeypatch):
    """Return what a bar writes to a terminal, or to something else."""

    def draw(terminal=True, **options):
        monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
        assert list(bar(iter([5, 6]), "counting", **{"total": 2, **options})) == [5, 6]
        captured = capsys.readouterr()
        assert captured.out == ""
        return captured.err

    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    return draw


def test_a_terminal_shows_the_title_and_the_time_left(drawn):
    shown = drawn()
    assert "counting:   0%" in shown
    assert "0/2 [00:00<" in shown


def test_what_was_done_before_is_counted(drawn):
    assert " 3/5 [" in drawn(total=5, done=3)


def test_nothing_is_drawn_when_the_environment_says_so(drawn, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    assert drawn() == ""
    assert drawn(show=True) != ""


def test_nothing_is_drawn_by_a_worker(drawn, monkeypatch):
    monkeypatch.setattr(multiprocessing, "parent_process", multiprocessing.current_process)
    assert drawn() == ""


def test_nothing_is_drawn_where_nobody_watches(drawn):
    assert drawn(terminal=False) == ""
    assert drawn(terminal=False, show=True) != ""
