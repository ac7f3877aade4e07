"""What is inside a run, in a real browser: the stored numbers, and its use by hand."""

import json
import re
from itertools import pairwise

import numpy as np
import pytest

from built_book import HTML, ROOT, resize
from explorers import MOUNT, SPY, drag_by_finger, headline, middles
from theory import runs
from theory.explorer.inside import packed, program

RUN = runs.read(ROOT / "book" / "data" / "inside_a_run.nc")
IN_PART = runs.read(ROOT / "book" / "data" / "semi_grokked_run.nc")
LAST = RUN.sizes["step"] - 1
CHAPTER = "real_network.html"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Insides</title>
<style>{style}</style><div></div><script type="module">{program}
const packed = {run};
window.inside = new Inside(document.querySelector("div"), packed);
Object.assign(window, {{ packed, placeOf, render, stepScale }});</script></html>"""


def page_of(run):
    return PAGE.format(
        style=program.style(), program=program.program(), run=json.dumps(packed(run))
    )


@pytest.fixture
def inside(shown):
    """The view on an empty page, with its object in reach."""
    return shown(page_of(RUN), "window.inside?.curves.width > 0")


@pytest.fixture
def in_part(shown):
    """The same of the run that generalises in part."""
    return shown(page_of(IN_PART), "window.inside?.curves.width > 0")


@pytest.fixture
def chapter(page):
    """The page of the book, its figure in view."""
    page.goto(CHAPTER)
    page.locator(".gr-curves canvas").scroll_into_view_if_needed()
    return page


def figure(page):
    """The view in the page of the book, which has other figures with a headline and a table."""
    return page.locator("#fig-inside")


def slider(page):
    return page.get_by_role("slider", name="Step of the run")


def pick(page, a, b):
    """Pick a sum by its two numbers."""
    page.get_by_label("a, down").fill(f"{a}")
    page.get_by_label("b, across").fill(f"{b}")


def said(page):
    return page.locator(".gr-said").inner_text()


def number(text):
    return float(text.replace("−", "-").replace(",", "").split(" ")[0])


# Numbers


def test_numbers_at_every_step_are_those_that_are_stored(inside):
    shown = inside.evaluate(
        """(last) => Array.from({ length: last + 1 }, (_, k) => {
          inside.goTo(k);
          const numbers = [...document.querySelectorAll("dd")].map((each) => each.textContent);
          return [document.querySelector(".gr-place").textContent, ...numbers];
        })""",
        LAST,
    )
    right = RUN.right.where(RUN.trained).sum(["first", "second"])
    others = RUN.right.where(~RUN.trained).sum(["first", "second"])
    for k, (place, trained, other, *rest) in enumerate(shown):
        assert place == f"After {int(RUN.step[k]):,} updates"
        assert trained == f"{int(right[k]):,} of 1,123"
        assert other == f"{int(others[k]):,} of 1,686"
        names = ("train_loss", "test_loss", "parameter_norm")
        expected = [float(RUN[name][k]) for name in names]
        # Three digits, or two of the very small.
        np.testing.assert_allclose([*map(number, rest[:3])], expected, rtol=0.03)
        assert number(rest[3]) == pytest.approx(100 * float(RUN.strongest_wave[k]), abs=0.51)


def test_the_lead_of_the_right_answer_is_written_as_stored(inside):
    said = inside.evaluate(
        """(last) => Array.from({ length: last + 1 }, (_, k) => {
          inside.goTo(k);
          inside.announce("");
          return document.querySelector(".gr-weights canvas").getAttribute("aria-label");
        })""",
        LAST,
    )
    for label, weights in zip(said, RUN.weight.values, strict=True):
        found = [float(each) for each in re.findall(r"-?\d+\.\d", label)]
        np.testing.assert_allclose(found, weights, atol=0.051, err_msg=label)


def test_tables_and_waves_are_those_that_are_stored(inside):
    trained, right, levels = inside.evaluate(
        """() => {
          const { recording } = inside;
          const { cells, units, waves, last } = recording;
          const every = (count, read) => Array.from({ length: count }, (_, i) => read(i));
          const digits = (count, read) => every(count, read).map(Number).join(" ");
          return [
            digits(cells, (cell) => recording.trained(cell)),
            digits((last + 1) * cells, (i) => recording.right(Math.floor(i / cells), i % cells)),
            digits((last + 1) * units * waves, (i) => recording.level(
              Math.floor(i / (units * waves)), Math.floor(i / waves) % units, i % waves)),
          ];
        }"""
    )
    assert (np.array(trained.split(), int) == RUN.trained.values.ravel()).all()
    assert (np.array(right.split(), int) == RUN.right.values.ravel()).all()
    found = np.array(levels.split(), int).reshape(RUN.wave_level.shape)
    order = np.argsort(RUN.wave_level.values[-1, :, 1:].argmax(axis=1), kind="stable")
    assert (found == RUN.wave_level.values[:, order]).all()


def test_the_table_shows_what_is_right(inside):
    """A pixel in the middle of each cell; steps with right and wrong answers of both kinds."""
    for k in (20, 45):
        inside.evaluate("(k) => { inside.goTo(k); inside.frame(); }", k)
        table = np.array(middles(inside, "inside")).reshape(RUN.trained.shape)
        trained, right = RUN.trained.values, RUN.right.values[k]
        assert set(table[trained & right]) == {"68,170,153,255"}
        assert set(table[~trained & right]) == {"136,34,85,255"}
        wrong = [*table[trained & ~right], *table[~trained & ~right]]
        assert not set(wrong) & {"68,170,153,255", "136,34,85,255"}


@pytest.mark.parametrize("width", [340, 700, 1200])
def test_every_step_draws_numbers_only(inside, width, trouble):
    resize(inside, width)
    inside.wait_for_function(f"inside.curves.width < {width}")
    inside.evaluate(SPY)
    words = inside.evaluate(
        """(last) => Array.from({ length: last + 1 }, (_, k) => {
          inside.goTo(k);
          inside.frame();
          return inside.root.textContent;
        })""",
        LAST,
    )
    assert inside.evaluate("wrong") == []
    assert not [each for each in words if "NaN" in each or "undefined" in each]
    assert trouble == []


def test_the_story_has_its_parts_in_order(inside):
    told = inside.evaluate(
        """(last) => Array.from({ length: last + 1 }, (_, k) => {
          inside.goTo(k);
          return inside.parts.headline.textContent;
        })""",
        LAST,
    )
    assert list(dict.fromkeys(told)) == [
        "It guesses.",
        "It learns its sums by heart.",
        "It fits, and knows little else.",
        "It begins to generalise.",
        "It generalises.",
    ]
    assert sum(one != other for one, other in pairwise(told)) == 4


def test_the_story_of_a_run_in_part_ends_in_part(in_part):
    told = in_part.evaluate(
        """(last) => Array.from({ length: last + 1 }, (_, k) => {
          inside.goTo(k);
          return inside.parts.headline.textContent;
        })""",
        IN_PART.sizes["step"] - 1,
    )
    assert list(dict.fromkeys(told)) == [
        "It guesses.",
        "It learns its sums by heart.",
        "It fits, and knows little else.",
        "It begins to generalise.",
        "It generalises in part.",
    ]
    assert sum(one != other for one, other in pairwise(told)) == 4
    reason = in_part.locator(".ge-reason").inner_text()
    assert reason.startswith(f"{100 * float(IN_PART.test_accuracy[-1]):.0f} % of the sums")
    assert reason.endswith("on the others it is outvoted by what it remembers.")


def test_every_answer_is_told_as_stored(in_part):
    """At the last record and half-way: label, rival, and by how many logits."""
    for k in (25, IN_PART.sizes["step"] - 1):
        told = in_part.evaluate(
            """(k) => {
              inside.goTo(k);
              return Array.from({ length: inside.recording.cells }, (_, cell) => {
                inside.pick(cell);
                return inside.parts.sum.said.textContent;
              });
            }""",
            k,
        )
        record = IN_PART.isel(step=k)
        for cell, words in enumerate(told):
            a, b = divmod(cell, 37)
            one = record.isel(first=a, second=b)
            around = " modulo 37" if a + b >= 37 else ""
            answer, rival = int(one.answer), int(one.rival)
            says = f"right, ahead of {rival}" if one.right else f"the network says {answer}"
            shown = "was trained on" if one.trained else "was never shown"
            pattern = rf"{a} \+ {b} = {(a + b) % 37}{around}: {says},? by (less than )?(\d+\.\d) "
            found = re.match(pattern + rf"logits\. It {shown} this sum\.", words)
            assert found, words
            assert float(found[2]) == pytest.approx(abs(float(one.lead)), abs=0.11)


def test_at_the_end_it_is_told_who_is_loudest(in_part):
    levels = IN_PART.wave_level.values[-1, :, 1:]
    silent = levels.max(axis=1) == 0
    order = np.lexsort([np.arange(128), levels.argmax(axis=1), silent]).tolist()
    wrong = (~IN_PART.right[-1] & ~IN_PART.trained).values.nonzero()
    for a, b in list(zip(*wrong, strict=True))[::100]:
        pick(in_part, a, b)
        words = said(in_part)
        assert f" Loudest for {int(IN_PART.answer[-1, a, b])}: units " in words
        found = re.findall(r"(\d+) \(wave (\d+), \+(\d+\.\d)\)", words)
        voters = IN_PART.voter.values[:, a, b]
        assert [int(unit) for unit, *_ in found] == [order.index(unit) for unit in voters]
        assert [int(wave) for _, wave, _ in found] == (levels[voters].argmax(axis=1) + 1).tolist()
        votes = [float(vote) for *_, vote in found]
        np.testing.assert_allclose(votes, IN_PART.vote[:, a, b], atol=0.11)
    slider(in_part).press("ArrowLeft")
    assert "Loudest" not in said(in_part)


# Hands


def test_a_sum_is_picked_by_a_press_on_the_table(inside):
    canvas = inside.locator(".gr-answers canvas")
    canvas.scroll_into_view_if_needed()
    size = (canvas.bounding_box()["width"] - 22) / 53
    for a, b in [(0, 0), (30, 40), (52, 52)]:
        canvas.click(position={"x": 22 + size * (b + 0.5), "y": 22 + size * (a + 0.5)})
        assert said(inside).startswith(f"{a} + {b} = {(a + b) % 53}")
        assert inside.get_by_label("a, down").input_value() == f"{a}"
        assert inside.get_by_label("b, across").input_value() == f"{b}"
    before = said(inside)
    canvas.click(position={"x": 5, "y": 100})  # beside the table
    assert said(inside) == before


def test_a_sum_is_picked_by_its_numbers(inside):
    pick(inside, 5, 30)
    assert said(inside).startswith("5 + 30 = 35: right, ahead of ")
    inside.get_by_label("b, across").press("ArrowUp")
    assert said(inside).startswith("5 + 31 = 36: ")
    spoken = inside.locator(".ge-spoken")
    spoken.filter(has_text="5 + 31 = 36: ").wait_for(state="attached")
    assert spoken.inner_text() == said(inside)


@pytest.mark.parametrize("value", ["", "53", "-1", "2.5"])
def test_what_is_no_number_of_the_table_gives_way(inside, value):
    pick(inside, 5, 30)
    before = said(inside)
    field = inside.get_by_label("a, down")
    field.fill(value)
    assert said(inside) == before
    field.blur()
    assert field.input_value() == "5"


def test_a_finger_picks_a_sum(phone):
    phone.goto(CHAPTER)
    view = figure(phone)
    canvas = view.locator(".gr-answers canvas")
    canvas.scroll_into_view_if_needed()
    size = (canvas.bounding_box()["width"] - 22) / 53
    canvas.tap(position={"x": 22 + size * 10.5, "y": 22 + size * 20.5})
    assert said(view).startswith("20 + 10 = 30: ")
    for label in ("a, down", "b, across"):
        assert view.get_by_label(label).bounding_box()["height"] >= 44
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_dragging_the_line(chapter, trouble):
    assert headline(figure(chapter)) == "It generalises."
    box = chapter.locator(".gr-curves canvas").bounding_box()
    height = box["y"] + 80
    chapter.mouse.move(box["x"] + 0.9 * box["width"], height)
    chapter.mouse.down()
    chapter.mouse.move(box["x"] + 0.5 * box["width"], height, steps=5)
    halfway = int(slider(chapter).input_value())
    chapter.mouse.move(box["x"] + 2, height, steps=5)
    chapter.mouse.up()
    assert 15 < halfway < 45
    assert slider(chapter).input_value() == "0"
    chapter.mouse.move(box["x"] + 0.5 * box["width"], height)  # nothing is held any more
    assert headline(figure(chapter)) == "It guesses."
    assert trouble == []


def test_fingers_on_a_phone(phone):
    phone.goto(CHAPTER)
    curves = phone.locator(".gr-curves canvas")
    curves.scroll_into_view_if_needed()
    box = curves.bounding_box()
    drag_by_finger(phone, curves, right=0.4 * box["width"])
    first = int(slider(phone).input_value())
    assert 40 < first < LAST
    drag_by_finger(phone, curves, right=-0.3 * box["width"], up=10)
    assert int(slider(phone).input_value()) < first - 20
    phone.touchscreen.tap(box["x"] + 2, box["y"] + 100)
    assert slider(phone).input_value() == "0"
    bar = slider(phone).bounding_box()
    phone.touchscreen.tap(bar["x"] + 0.99 * bar["width"], bar["y"] + bar["height"] / 2)
    assert headline(figure(phone)) == "It generalises."
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_finger_that_scrolls_past_the_curves_leaves_the_line_alone(phone):
    phone.goto(CHAPTER)
    curves = phone.locator(".gr-curves canvas")
    curves.scroll_into_view_if_needed()
    place = phone.evaluate("scrollY")
    drag_by_finger(phone, curves, right=0, up=150)
    phone.wait_for_function("(place) => scrollY > place + 50", arg=place)
    assert slider(phone).input_value() == f"{LAST}"


def test_the_line_goes_to_the_pointer(inside):
    box = inside.locator(".gr-curves canvas").bounding_box()
    place = "(k) => stepScale(inside.curves, inside.recording)(placeOf(packed.step[k]))"
    for k in (0, 17, 40, LAST):
        inside.mouse.click(box["x"] + inside.evaluate(place, k), box["y"] + 100)
        assert inside.evaluate("inside.now") == k


def test_keys_move_the_slider_also_after_a_press_on_the_curves(chapter):
    chapter.locator(".gr-curves canvas").click(position={"x": 200, "y": 100})
    before = int(slider(chapter).input_value())
    for key, value in [
        ("ArrowRight", before + 1),
        ("ArrowLeft", before),
        ("Home", 0),
        ("End", LAST),
        ("ArrowLeft", LAST - 1),
    ]:
        chapter.keyboard.press(key)
        assert slider(chapter).input_value() == f"{value}"
    place = f"{int(RUN.step[LAST - 1]):,} updates"
    assert slider(chapter).get_attribute("aria-valuetext") == place


def test_it_is_told_once_things_have_come_to_rest(chapter):
    spoken = figure(chapter).locator(".ge-spoken")
    spoken.filter(has_text="After 10,000 updates: It generalises.").wait_for(state="attached")
    assert spoken.get_attribute("role") == "status"
    slider(chapter).focus()
    for _ in range(5):
        chapter.keyboard.press("ArrowLeft")
    assert "10,000" in spoken.inner_text()
    slider(chapter).fill("0")
    spoken.filter(has_text="After 0 updates: It guesses.").wait_for(state="attached")
    labels = chapter.evaluate(
        "[...document.querySelectorAll('#fig-inside canvas')].map((each) => each.ariaLabel)"
    )
    assert "Table of all sums: 27 of 1123 training sums are right, and 35 of 1686 others." in labels
    assert len(labels) == 4


def test_play_and_pause(inside):
    inside.emulate_media(reduced_motion="no-preference")
    inside.get_by_role("button", name="Play").click()
    inside.wait_for_function("inside.now > 1 && inside.now < 30")
    inside.get_by_role("button", name="Pause").click()
    now = inside.evaluate("inside.now")
    inside.wait_for_timeout(500)
    assert inside.evaluate("[inside.playing, inside.now]") == [False, now]
    inside.get_by_role("button", name="Play").click()
    inside.wait_for_function("(now) => inside.now > now", arg=now)
    slider(inside).press("End")
    assert inside.evaluate("[inside.playing, inside.now]") == [False, LAST]


def test_nothing_is_spoken_while_it_plays(inside):
    inside.emulate_media(reduced_motion="no-preference")
    spoken = inside.locator(".ge-spoken")
    spoken.filter(has_text="After 10,000").wait_for(state="attached")
    inside.get_by_role("button", name="Play").click()
    inside.wait_for_timeout(1500)
    assert "After 10,000" in spoken.inner_text()
    inside.get_by_role("button", name="Pause").click()
    now = inside.evaluate("packed.step[inside.now]")
    spoken.filter(has_text=f"After {now:,} updates").wait_for(state="attached")


def test_with_little_motion_play_goes_to_the_end(inside):
    slider(inside).fill("10")
    inside.get_by_role("button", name="Play").click()
    assert inside.evaluate("[inside.playing, inside.now]") == [False, LAST]


def test_the_slider_stays_in_sight_on_a_phone(chapter):
    resize(chapter, 390, 800)
    for part in (".gr-curves", ".gr-answers", ".gr-waves"):
        figure(chapter).locator(part).evaluate("(each) => each.scrollIntoView({ block: 'center' })")
        box = slider(chapter).bounding_box()
        assert 0 < box["y"] < 800 - box["height"]
        assert box["width"] > 150


def test_the_pictures_follow_the_theme(inside):
    pixel = "[...inside.waves.context.getImageData(60, 60, 1, 1).data].join()"
    inside.evaluate("document.documentElement.dataset.theme = 'dark'")
    inside.locator(".ge-dark").wait_for(state="attached")
    inside.evaluate("inside.frame()")
    dark = inside.evaluate(pixel)
    inside.evaluate("document.documentElement.dataset.theme = 'light'")
    inside.locator(".ge-dark").wait_for(state="detached")
    inside.evaluate("inside.frame()")
    assert inside.evaluate(pixel) != dark


# Pages and notebooks


def test_the_page_works_as_a_file(page, trouble):
    page.goto((HTML / CHAPTER).as_uri())
    assert headline(figure(page)) == "It generalises."
    assert [each for each in trouble if "uncaught" in each] == []


def test_a_notebook_s_widget_and_its_kernel_follow_each_other(inside):
    inside.evaluate(MOUNT, {"recording": packed(RUN), "step": 0})
    widget = inside.locator("section")
    assert widget.locator(".ge-headline").inner_text() == "It guesses."
    widget.get_by_role("slider").press("ArrowRight")
    assert inside.evaluate("[kernel.traits.step, kernel.saved]") == [1, 1]
    inside.evaluate("kernel.tell('step', 10000)")
    assert widget.get_by_role("slider").input_value() == f"{LAST}"
    inside.evaluate("leave()")
    assert inside.evaluate("kernel.listeners.size") == 0
    assert widget.inner_text() == ""
