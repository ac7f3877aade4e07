"""A glance at a run, in a real browser: what it shows, when it moves, and its place in the page."""

import json

import numpy as np
import pytest

from built_book import ROOT, resize
from explorers import SPY, middles
from theory import runs
from theory.explorer.inside import glanced, program

RUN = runs.read(ROOT / "book" / "data" / "inside_a_run.nc")
LAST = RUN.sizes["step"] - 1
PAGE = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Glance</title>
<style>{program.glance_style()}</style><div class="grokking-glance"></div>
<script type="module">{program.glance_program()}
window.glance = new Glance(document.querySelector("div"), {json.dumps(glanced(RUN))});
window.seconds = PLAYS;</script></html>"""
READY = "window.glance?.answers.width > 0"
#: Stand at a record, or between two.
STAND = "(k) => { glance.clock = (k / glance.recording.last) * seconds; glance.frame(); }"


@pytest.fixture
def still(shown):
    """The glance on an empty page, for a reader who asks for little motion."""
    return shown(PAGE, READY)


@pytest.fixture
def moving(page, shown):
    """The same for one who does not."""
    page.emulate_media(reduced_motion="no-preference")
    return shown(PAGE, READY)


def state(page):
    """Whether it plays, and at which record it stands."""
    return page.evaluate("[glance.playing, Math.floor(glance.playhead())]")


def place(page):
    return page.locator(".gl-place").inner_text()


# What it shows


@pytest.mark.parametrize(
    ("scheme", "train", "test"),
    [("light", "68,170,153,255", "136,34,85,255"), ("dark", "92,196,179,255", "216,120,168,255")],
)
def test_the_table_shows_what_is_right(still, scheme, train, test):
    """At two records with right and wrong answers of both kinds."""
    still.emulate_media(color_scheme=scheme)
    still.wait_for_function("(dark) => glance.theme.dark === dark", arg=scheme == "dark")
    for k in (20, 45):
        still.evaluate(STAND, k)
        table = np.array(middles(still, "glance")).reshape(RUN.trained.shape)
        trained, right = RUN.trained.values, RUN.right.values[k]
        assert set(table[trained & right]) == {train}
        assert set(table[~trained & right]) == {test}
        assert not {*table[trained & ~right], *table[~trained & ~right]} & {train, test}


# The colours of marks as a canvas has them: a mixture is no "rgb(…)" in a style.
PAINTED = """(marks) => marks.map((mark) => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  canvas.fillStyle = getComputedStyle(mark).backgroundColor;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_key_has_the_colours_of_the_table(still, scheme):
    """At a record with right and wrong answers of both kinds."""
    still.emulate_media(color_scheme=scheme)
    still.wait_for_function("(dark) => glance.theme.dark === dark", arg=scheme == "dark")
    still.evaluate(STAND, 20)
    table = np.array([list(map(int, cell.split(","))) for cell in middles(still, "glance")])
    trained, right = RUN.trained.values.ravel(), RUN.right.values[20].ravel()
    sets = [trained & right, trained & ~right, ~trained & right, ~trained & ~right]
    drawn = [np.median(table[cells], axis=0) for cells in sets]
    key = still.locator(".gl-mark").evaluate_all(PAINTED)
    assert np.abs(np.array(drawn) - key).max() <= 2
    assert len(np.unique(np.round(key, -1), axis=0)) == 4


def test_the_line_stands_at_the_record_and_moves_between_two(still):
    lines = []
    for k in (0, 20, 20.5, 21, LAST):
        still.evaluate(STAND, k)
        row = still.evaluate(
            """() => {
              const { canvas, context } = glance.accuracies;
              const y = 0.4 * canvas.height;
              const row = context.getImageData(0, y, canvas.width, 1).data;
              const ink = (x) => Math.max(...row.slice(4 * x, 4 * x + 3)) < 60;
              return Array.from({ length: canvas.width }, (_, x) => ink(x) * row[4 * x + 3]);
            }"""
        )
        lines.append(np.average(np.arange(len(row)), weights=row))
    first, before, half, after, last = lines
    expected = np.log1p(RUN.step.values[[20, 21]] / 10) / np.log1p(1000)
    np.testing.assert_allclose([before, after], first + expected * (last - first), atol=1)
    assert half == pytest.approx((before + after) / 2, abs=1)


def test_the_story_is_told_with_its_updates(still):
    told = still.evaluate(
        """(last) => Array.from({ length: last + 1 }, (_, k) => {
          glance.still = false;
          glance.clock = ((k + 0.01) / last) * seconds;
          glance.frame();
          return ["gl-headline", "gl-place"].map(
            (name) => document.querySelector(`.${name}`).textContent);
        })""",
        LAST,
    )
    assert [place for _, place in told] == [f"After {step:,} updates" for step in RUN.step.values]
    assert list(dict.fromkeys(headline for headline, _ in told)) == [
        "It guesses.",
        "It learns its sums by heart.",
        "It fits, and knows little else.",
        "It begins to generalise.",
        "It generalises.",
    ]


@pytest.mark.parametrize("width", [290, 390, 900])
def test_every_moment_draws_numbers_only(moving, width, trouble):
    resize(moving, width)
    moving.wait_for_function(f"glance.accuracies.width < {width}")
    moving.evaluate(SPY)
    for clock in np.linspace(0, 17, 40):
        moving.evaluate("(clock) => { glance.clock = clock; glance.tick(0.001); }", clock)
    assert moving.evaluate("wrong") == []
    assert moving.evaluate("document.documentElement.scrollWidth") <= width
    assert trouble == []


# When it moves


def test_it_plays_by_itself(moving, trouble):
    moving.wait_for_function("glance.clock > 0.6")
    playing, record = state(moving)
    assert playing
    assert 0 < record < 30
    assert place(moving) != "After 0 updates"
    assert trouble == []


def test_it_plays_three_times_and_rests_at_the_end(moving):
    for _ in range(2):
        moving.evaluate("glance.tick(seconds - glance.clock)")
        assert state(moving) == [True, LAST]
        moving.evaluate("glance.tick(3.5)")
        assert state(moving) == [True, LAST]
        moving.evaluate("glance.tick(0.6)")
        playing, record = state(moving)
        assert playing
        assert record < 5
    moving.evaluate("glance.tick(seconds)")
    assert state(moving) == [False, LAST]
    assert place(moving) == "After 10,000 updates"
    moving.wait_for_timeout(300)
    moving.evaluate("glance.tick(100)")
    assert state(moving) == [False, LAST]


def test_at_the_end_it_plays_once_more_if_it_is_told_to(moving):
    for _ in range(3):
        moving.evaluate("glance.clock = 0; glance.tick(seconds)")
    moving.get_by_role("button", name="Play").click()
    moving.wait_for_function("glance.playing && glance.clock > 0.3 && glance.clock < 5")
    moving.evaluate("glance.tick(seconds)")
    assert state(moving) == [False, LAST]


def test_told_to_go_on_while_it_rests_it_begins_again_at_once(moving):
    moving.evaluate("glance.tick(seconds)")
    button = moving.get_by_role("button")
    button.click()
    assert state(moving) == [False, LAST]
    button.click()
    playing, record = state(moving)
    assert playing
    assert record < LAST


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_key_pauses_it(moving, key):
    moving.keyboard.press("Tab")
    button = moving.get_by_role("button", name="Pause the picture")
    assert button.evaluate("(each) => each === document.activeElement")
    moving.keyboard.press(key)
    playing, record = state(moving)
    assert not playing
    clock = moving.evaluate("glance.clock")
    moving.wait_for_timeout(500)
    assert moving.evaluate("glance.clock") == clock
    moving.keyboard.press(key)
    moving.wait_for_function("(clock) => glance.clock > clock", arg=clock)
    assert state(moving)[1] >= record


def test_the_button_is_large_enough_for_a_finger(moving):
    box = moving.get_by_role("button").bounding_box()
    assert min(box["width"], box["height"]) >= 44


def test_with_little_motion_it_stands_at_the_end_and_says_so(still):
    still.wait_for_timeout(400)
    assert state(still) == [False, LAST]
    assert place(still).startswith("After 10,000 updates, the last. The picture stands still")
    assert still.get_by_role("button").count() == 0
    table = np.array(middles(still, "glance"))
    assert set(table) == {"68,170,153,255", "136,34,85,255"}  # all is right


def test_it_stops_once_little_motion_is_asked_for(moving):
    moving.wait_for_function("glance.clock > 0.1")
    moving.emulate_media(reduced_motion="reduce")
    moving.wait_for_function("!glance.playing")
    moving.wait_for_function("glance.drawn === glance.recording.last")
    assert moving.get_by_role("button").count() == 0


def test_out_of_sight_it_stops(moving):
    moving.evaluate("document.body.style.paddingTop = '3000px'")
    moving.wait_for_function("!glance.playing")
    clock = moving.evaluate("glance.clock")
    moving.wait_for_timeout(400)
    assert moving.evaluate("glance.clock") == clock
    assert moving.evaluate("glance.wanted")
    moving.evaluate("glance.root.scrollIntoView()")
    moving.wait_for_function("glance.playing")
    # The time that nobody looked does not count.
    assert moving.evaluate("glance.clock") < clock + 0.3


def test_on_a_hidden_page_it_stops(moving):
    moving.wait_for_function("glance.playing")
    hide = """(hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    moving.evaluate(hide, True)
    assert not state(moving)[0]
    moving.evaluate(hide, False)
    assert state(moving)[0]


def test_what_is_printed_is_the_end(moving):
    moving.pdf()
    assert state(moving)[1] == LAST
    assert moving.evaluate("glance.drawn") == LAST
    assert place(moving) == "After 10,000 updates"


@pytest.mark.parametrize("width", [320, 390])
def test_a_headline_takes_one_line(still, width):
    resize(still, width, 800)
    for k in (0, 20, 40, LAST):
        still.evaluate(STAND, k)
        assert still.locator(".gl-headline").bounding_box()["height"] < 25


def test_nothing_is_announced_and_the_pictures_tell_what_comes_of_it(moving):
    assert moving.locator("[aria-live], [role=status], [role=alert]").count() == 0
    labels = "[...document.querySelectorAll('canvas')].map((each) => each.ariaLabel)"
    before = moving.evaluate(labels)
    assert before == [
        "Table of all sums modulo 53. In the end, after 10,000 updates, 1,123 of 1,123 that were "
        "trained on are right, and 1,686 of 1,686 that were never shown.",
        "Train and test accuracy against updates. The run fits after 383 updates, and "
        "generalises after 3,128 updates.",
    ]
    moving.evaluate("glance.tick(5)")
    assert moving.evaluate(labels) == before


def test_a_frame_takes_less_than_4_milliseconds(moving):
    times = moving.evaluate(
        """() => Array.from({ length: 60 }, () => {
          const start = performance.now();
          glance.clock += seconds / 60;
          glance.frame();
          return performance.now() - start;
        })"""
    )
    assert np.median(times) < 4


# In the book


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_it_opens_the_book_on_the_first_screen(page, width, height, motion, trouble):
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(reduced_motion=motion)
    page.goto("welcome.html")
    page.locator(".gl-accuracies canvas[style]").wait_for()
    root, words, table = [
        page.locator(part).bounding_box()
        for part in (".grokking-glance", ".glance-words", ".gl-answers canvas")
    ]
    assert root["y"] + root["height"] < height
    assert root["x"] + root["width"] < width
    assert table["width"] == pytest.approx(table["height"], abs=1)
    assert table["width"] > 240
    if width > 1000:
        assert words["y"] == root["y"]
        assert words["x"] + words["width"] < root["x"]
    else:
        assert words["y"] + words["height"] < root["y"]
    assert page.locator("h1 + .glance-opening").count() == 1
    assert trouble == []
