"""The network that trains in the page, in a real browser: what it shows, and its use by hand."""

import re

import pytest

from built_book import resize
from explorers import SPY, headline
from theory.explorer.inside.program import style as style_of_a_run
from theory.explorer.training import program

PAGE = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Training</title>
<meta name="viewport" content="width=device-width"><style>{program.style()}</style>
<div class="grokking-training"></div><p style="height: 3000px"></p>
<script type="module">{program.program()}
window.live = new LiveNetwork(document.querySelector("div"));
</script></html>"""
READY = "window.live?.table.width > 0 && live.sums !== undefined"
#: Milliseconds that a slow and busy machine may take to grok.
PATIENCE = 180_000


@pytest.fixture
def training(shown):
    """The view on an empty page, with its object in reach; it waits to be started."""
    page = shown(PAGE, READY)
    page.evaluate(SPY)
    return page


def updates(page):
    return page.evaluate("live.history.now.updates")


def slider(page, name):
    return page.get_by_role("slider", name=name)


def test_nothing_is_drawn_of_a_network_that_is_gone(training, trouble):
    training.evaluate("live.play()")
    training.wait_for_function("live.history.now?.updates > 0")
    training.evaluate("live.restart(5); live.tick()")
    training.evaluate("live.set({ name: 'width' }, 48); live.tick()")
    training.wait_for_function("live.history.now?.updates > 0")
    assert trouble == []


def says(page, words, timeout=PATIENCE):
    """Wait until the headline has these words."""
    page.locator(".ge-headline", has_text=words).wait_for(timeout=timeout)


def test_it_groks_ungroks_and_groks_again(training, trouble):
    assert headline(training).startswith("Nothing is learned yet: ")
    training.get_by_role("button", name="Train").click()
    for words in ("It learns by heart", "It has memorised", "It has grokked"):
        says(training, words)
    right = re.findall(r"(\d+(?:\.\d)?)\s%", headline(training))
    assert float(right[0]) == 100
    assert float(right[1]) > 90
    before = updates(training)
    slider(training, "Examples").fill("200")
    says(training, "It has ungrokked")
    assert updates(training) > before
    slider(training, "Examples").fill("600")
    says(training, "It has grokked")
    assert training.evaluate("wrong") == []
    changes = training.evaluate("live.history.changes.map(({ examples }) => examples)")
    assert changes == [200, 600]
    assert trouble == []


def test_with_little_motion_it_does_not_start_by_itself(training):
    training.wait_for_timeout(500)
    assert updates(training) == 0
    assert training.get_by_role("button", name="Train").is_visible()


def test_it_starts_by_itself_where_it_comes_into_sight(page, shown):
    page.emulate_media(reduced_motion="no-preference")
    away = PAGE.replace('<div class="g', '<p style="height: 2000px"></p><div class="g', 1)
    training = shown(away, READY)
    training.wait_for_timeout(500)
    assert updates(training) == 0
    training.locator("canvas").first.scroll_into_view_if_needed()
    training.wait_for_function("live.history.now.updates > 0")
    assert training.get_by_role("button", name="Pause").is_visible()


# Observers that hear of two changes at once: out of sight first, then what is.
LATE_TO_HEAR = """
  const Observer = IntersectionObserver;
  window.IntersectionObserver = class extends Observer {
    constructor(heard, options) {
      super((entries, self) => heard([{ isIntersecting: false }, ...entries], self), options);
    }
  };
"""


def test_it_starts_where_it_comes_into_sight_before_it_has_heard_that_it_was_not(page, shown):
    page.emulate_media(reduced_motion="no-preference")
    page.add_init_script(LATE_TO_HEAR)
    training = shown(PAGE, READY)
    training.wait_for_function("live.history.now?.updates > 0")


def test_of_a_slider_that_is_drawn_only_where_it_stays_is_marked(training):
    training.get_by_role("button", name="Train").click()
    training.wait_for_function("live.history.now?.updates > 100")
    training.get_by_role("button", name="Pause").click()
    lines = training.evaluate(
        """() => {
          const { history, progress } = live;
          history.changes = [];
          for (let k = 0; k < 20; k++) history.change(300 + 4 * k, 600 - 20 * k);
          history.change(900, 400);
          const drawn = [];
          const { line } = progress;
          progress.line = (...ends) => {
            if (ends[6]?.join() === "3,3") drawn.push(ends[0]);
            line.apply(progress, ends);
          };
          live.tick();
          return drawn;
        }"""
    )
    assert len(lines) == 2
    assert lines[1] - lines[0] > 24


def test_it_pauses_and_goes_on(training):
    training.get_by_role("button", name="Train").click()
    training.wait_for_function("live.history.now.updates > 50")
    training.get_by_role("button", name="Pause").click()
    training.wait_for_timeout(300)  # for what was under way
    now = updates(training)
    training.wait_for_timeout(500)
    assert updates(training) == now
    training.get_by_role("button", name="Train").click()
    training.wait_for_function("(now) => live.history.now.updates > now", arg=now)


def hide(page, hidden):
    page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_it_rests_while_the_page_is_hidden(training):
    training.get_by_role("button", name="Train").click()
    training.wait_for_function("live.history.now.updates > 0")
    hide(training, True)
    training.wait_for_timeout(300)
    now = updates(training)
    training.wait_for_timeout(500)
    assert updates(training) == now
    hide(training, False)
    training.wait_for_function("(now) => live.history.now.updates > now", arg=now)


def test_it_rests_while_it_is_out_of_sight(training):
    training.get_by_role("button", name="Train").click()
    training.wait_for_function("live.history.now.updates > 0")
    training.evaluate("scrollTo(0, 3000)")
    training.wait_for_function("!live.playing")
    training.wait_for_timeout(300)
    now = updates(training)
    training.wait_for_timeout(500)
    assert updates(training) == now
    training.evaluate("scrollTo(0, 0)")
    training.wait_for_function("(now) => live.history.now.updates > now", arg=now)


def test_it_pauses_where_nobody_has_touched_it_for_long(training):
    training.get_by_role("button", name="Train").click()
    training.evaluate("live.touched = -10_000")
    training.get_by_role("button", name="Train").wait_for()
    assert not training.evaluate("live.playing")


def test_sliders_by_keyboard(training):
    examples, decay = slider(training, "Examples"), slider(training, "Weight decay")
    examples.focus()
    training.keyboard.press("ArrowLeft")
    assert training.evaluate("live.setting.examples") == 590
    assert examples.get_attribute("aria-valuetext") == "590 of 961"
    training.keyboard.press("Home")
    assert training.locator(".ge-reason").inner_text().startswith("Below 402 examples")
    training.wait_for_function("live.sums.snapshot.examples === 60")
    decay.focus()
    training.keyboard.press("Home")
    assert training.locator(".ge-reason").inner_text().startswith("Without weight decay")
    assert not training.locator(".gt-strip").is_visible()
    assert not training.locator(".gt-mark").is_visible()


def test_the_mark_stands_where_the_slider_would(training):
    for notch, size in [(3, 402), (6, 367)]:
        slider(training, "Weight decay").fill(f"{notch}")
        mark = training.locator(".gt-mark")
        assert mark.inner_text() == f"{size}: both cost the same"
        place = mark.bounding_box()
        track = slider(training, "Examples").bounding_box()
        thumb = track["x"] + 8 + (size - 60) / 840 * (track["width"] - 16)
        assert place["x"] + place["width"] / 2 == pytest.approx(thumb, abs=1.5)


def test_another_width_and_another_seed_start_anew(training):
    training.get_by_role("button", name="Train").click()
    training.wait_for_function("live.history.now.updates > 50")
    slider(training, "Width").fill("32")
    training.wait_for_function("live.history.now?.updates === 0")
    training.wait_for_function("live.history.now.updates > 50")
    training.get_by_role("button", name="Pause").click()
    first = training.evaluate("[...live.sums.snapshot.trained].join()")
    training.get_by_role("button", name="Restart", exact=False).first.click()
    training.wait_for_function("live.history.now?.updates > 0")
    assert training.evaluate("[...live.sums.snapshot.trained].join()") == first
    training.get_by_role("button", name="Restart, new seed").click()
    training.wait_for_function("live.history.now?.updates > 0")
    assert training.evaluate("[...live.sums.snapshot.trained].join()") != first
    assert training.evaluate("live.setting.width") == 32


def said(page):
    return page.locator(".gr-said").inner_text()


def test_it_answers_any_sum(training):
    training.get_by_label("a, down").fill("3")
    training.get_by_label("b, across").fill("30")
    answer, trained = training.evaluate(
        "[live.sums.snapshot.answers, live.sums.snapshot.trained].map((all) => all[3 * 31 + 30])"
    )
    words = f"The network says 3 + 30 = {answer} modulo 31. "
    words += "That is right. " if answer == 2 else "Right is 2. "
    words += "It is trained on this sum." if trained else "It is not trained on this sum."
    assert said(training) == words
    training.locator(".ge-spoken").filter(has_text=words).wait_for(state="attached")
    canvas = training.locator(".gt-table canvas")
    size = (canvas.bounding_box()["width"] - 22) / 31
    canvas.click(position={"x": 22 + size * 10.5, "y": 22 + size * 20.5})
    assert said(training).startswith("The network says 20 + 10 = ")
    assert training.get_by_label("a, down").input_value() == "20"


@pytest.mark.parametrize("value", ["", "31", "-1", "2.5"])
def test_what_is_no_number_of_the_table_gives_way(training, value):
    before = said(training)
    field = training.get_by_label("a, down")
    field.fill(value)
    assert said(training) == before
    field.blur()
    assert field.input_value() == "7"


def test_it_is_told_when_its_state_has_changed(training):
    training.get_by_role("button", name="Train").click()
    spoken = training.locator(".ge-spoken")
    spoken.filter(has_text="It learns by heart").wait_for(state="attached")
    assert spoken.get_attribute("role") == "status"
    label = training.locator(".gt-table canvas").get_attribute("aria-label")
    assert re.match(r"Table of all sums: [\d.]+ % of 600 examples are right, and ", label)


def test_a_frame_is_drawn_in_a_few_milliseconds(training):
    """Also where the run is long; the least of many, since the machine may be busy."""
    least = training.evaluate(
        """() => {
          const { now } = live.history;
          live.history.moments = Array.from({ length: 1000 }, (_, k) => ({
            ...now, updates: 10 * k, accuracy: [1, (k % 100) / 100],
          }));
          const times = Array.from({ length: 40 }, () => {
            const begun = performance.now();
            live.tick();
            return performance.now() - begun;
          });
          return Math.min(...times);
        }"""
    )
    assert least < 4


def test_it_follows_the_theme(training):
    pixel = "[...live.table.context.getImageData(60, 60, 1, 1).data].join()"
    training.evaluate("document.documentElement.dataset.theme = 'dark'")
    training.locator(".ge-dark").wait_for(state="attached")
    training.evaluate("live.tick()")
    dark = training.evaluate(pixel)
    training.evaluate("document.documentElement.dataset.theme = 'light'")
    training.locator(".ge-dark").wait_for(state="detached")
    training.evaluate("live.tick()")
    assert training.evaluate(pixel) != dark


@pytest.mark.parametrize("width", [390, 640, 1280])
def test_a_view_of_a_run_further_down_the_page_does_not_change_its_looks(training, width):
    resize(training, width)
    boxes = """() => [...document.querySelectorAll(".grokking-training *")].map((each) => {
      const { x, y, width, height } = each.getBoundingClientRect();
      return [each.className, x, y, width, height];
    })"""
    before = training.evaluate(boxes)
    training.add_style_tag(content=style_of_a_run())
    assert training.evaluate(boxes) == before


def test_fingers_on_a_phone(phone):
    phone.route("**/shown.html", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    phone.goto("shown.html")
    phone.wait_for_function(READY)
    phone.wait_for_function("live.history.now.updates > 0")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    for control in phone.locator("button, input").all():
        assert control.bounding_box()["height"] >= 44
    phone.get_by_role("button", name="Pause").tap()
    assert not phone.evaluate("live.wanted")
    mark = phone.locator(".gt-mark").bounding_box()
    assert mark["x"] >= 0
    assert mark["x"] + mark["width"] <= 390


def test_it_works_as_a_file(page, tmp_path, trouble):
    file = tmp_path / "training.html"
    file.write_text(PAGE)
    page.goto(file.as_uri())
    page.wait_for_function(READY)
    page.get_by_role("button", name="Train").click()
    page.wait_for_function("live.history.now.updates > 50")
    assert trouble == []


def test_it_says_so_where_no_network_can_be_trained(shown):
    broken = PAGE.replace("const WORKER_PROGRAM = ", 'const WORKER_PROGRAM = "(" + ')
    page = shown(broken, "window.live?.table.width > 0")
    says(page, "This browser cannot train a network in the page.", 5000)


def test_leaving_it_ends_its_worker(training):
    training.get_by_role("button", name="Train").click()
    training.wait_for_function("live.history.now.updates > 0")
    training.evaluate("live.destroy()")
    assert training.locator("div").inner_text() == ""
    now = updates(training)
    training.wait_for_timeout(300)
    assert updates(training) == now
