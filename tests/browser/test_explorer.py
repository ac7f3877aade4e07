"""The explorer in a real browser: what its pictures show, and its use by hand."""

from itertools import product

import numpy as np
import pytest

import theory
from built_book import HTML, faults, resize
from explorer_models import LAST, NETWORK, PAPER, model_of, regime_of_network
from explorers import MOUNT, SPY, drag_by_finger, headline
from theory import circuits, measures, minimal
from theory.explorer import module

INSIDES = "basins, GUIDE, REGIMES, render"
PAGE = """<!doctype html><html lang="en"><title>Insides</title><style>{style}</style>
<div></div><script type="module">{program}
window.explorer = new Explorer(document.querySelector("div"), {{ address: true }});
Object.assign(window, {{ {insides} }});</script></html>"""

# Whether the line of the train loss passes beside a place, left of the mark there.
GREEN_AT = """([x, y]) => {
  const { context, canvas, width } = explorer.time;
  const scale = canvas.width / width;
  const box = [x - 7, y - 7, 5, 7].map((each) => each * scale);
  const { data } = context.getImageData(...box);
  return data.some((value, k) => k % 4 === 0 && value === 68 && data[k + 1] === 170);
}"""

ACROSS = [(1, 0), (-1, 0), (0, 1), (0, -1)]


@pytest.fixture
def inside(shown):
    """An explorer on an empty page, with the functions of its program in reach."""
    html = PAGE.format(style=module.style(), program=module.program(), insides=INSIDES)
    return shown(html, "window.explorer?.time.width > 0")


@pytest.fixture
def explorer(page):
    """The page of the book, its explorer in view."""
    page.goto("explorer.html")
    page.locator(".ge-headline").wait_for()
    return page


def state(page):
    return page.evaluate("window.explorer.story.settings")


# Basins and regimes


@pytest.mark.parametrize("speed", [[0, 0], [0.005, 1]])
@pytest.mark.parametrize(("decay", "examples"), [(0.005, 576), (0.3, 576), (0.5, 900)])
def test_basins_hold_the_starts_that_a_circuit_survives(inside, speed, decay, examples):
    settings = {**PAPER, "kappa": 3, "speed": speed, "decay": decay, "examples": examples}
    found = sides_of(inside, settings, [0.07, 0.3, 0.9, 2.0, 4.0, 6.0, 8.0], width=0.1)
    assert {"generalising", "memorising"} <= found


@pytest.mark.parametrize(
    ("speed", "examples", "side"),
    [
        ([0, 0], 6400, "generalising"),
        ([0.3, 0.2], 6400, "generalising"),
        ([0.001, 0], 900, "memorising"),
        ([0, 0], 500, "memorising"),
    ],
)
def test_beside_the_trap_a_network_has_one_end(inside, speed, examples, side):
    settings = {**NETWORK, "speed": speed, "examples": examples, "network": [95, 1e-3]}
    found = sides_of(inside, settings, [0.001, 0.1, 0.3, 0.6], width=0.02)
    assert found == {side, "none"}


def sides_of(inside, settings, values, width):
    """The circuits in whose basins starts with such weights lie, if Python has the same."""
    starts = [list(start) for start in product(values, values)]
    found = inside.evaluate(
        """([settings, starts]) => {
          const { generalising, memorising } = basins(settings, 10);
          const context = document.createElement("canvas").getContext("2d");
          const path = (outline) => {
            const made = new Path2D();
            outline.forEach(([x, y], k) => (k ? made.lineTo(x, y) : made.moveTo(x, y)));
            return made;
          };
          const sides = { generalising: path(generalising), memorising: path(memorising) };
          return starts.map(([x, y]) => Object.keys(sides).filter(
            (name) => context.isPointInPath(sides[name], x, y))[0] ?? "none");
        }""",
        [settings, starts],
    )
    for start, name in zip(starts, found, strict=True):
        # Within the width of a line either may be drawn.
        line = width * np.array(ACROSS)
        around = [start, *(np.clip(start + by, 0.1 * width, 10).tolist() for by in line)]
        exact = (theory.winner(model_of({**settings, "start": each})).item() for each in around)
        assert name in exact, start
    return set(found)


@pytest.mark.parametrize(
    "around",
    [
        {"decay": 0.005, "speed": [0.005, 1], "start": [0, 0]},
        {"decay": 0.02, "speed": [0.3, 1], "start": [1, 5]},
        {"decay": 0.3, "speed": [0.005, 1], "start": [0, 0]},
    ],
)
def test_the_map_shows_the_regimes_of_python(inside, around):
    """On every fourth cell to either side; semi-grokking is told with the spread of the book."""
    cells = inside.evaluate(
        """(around) => {
          const { map } = explorer;
          map.ask(around);
          map.work(Infinity);
          const cells = [];
          for (let row = 1; row < map.rows; row += 4) {
            for (let column = 1; column < map.columns; column += 4) {
              const regime = REGIMES[map.cells[row * map.columns + column]];
              cells.push([map.placeOf(column, row), regime]);
            }
          }
          return cells;
        }""",
        around,
    )
    updates = np.unique(np.append(0, np.geomspace(1, 100 * LAST, 1500).round()))
    for place, name in cells:
        model = model_of({**around, **place})
        run = theory.flow(model, updates / 100).assign_coords(step=updates)
        assert measures.regime(minimal.with_spread(model, run, 0.3)).item() == name, place
    assert len(cells) == 35
    assert len({name for _, name in cells}) > 2


def test_the_map_of_a_network_is_over_its_decay_and_examples(inside):
    cells = inside.evaluate(
        """(settings) => {
          const { map } = explorer;
          map.ask(settings);
          map.work(Infinity);
          const cells = [];
          for (let row = 10; row < map.rows; row += 2) {
            for (let column = 2; column < map.columns; column += 12) {
              const regime = REGIMES[map.cells[row * map.columns + column]];
              cells.push([map.placeOf(column, row), regime]);
            }
          }
          return cells;
        }""",
        NETWORK,
    )
    for settings, name in cells:
        assert regime_of_network(settings) == name, settings
    assert {settings["network"][0] for settings, _ in cells} == {59}
    assert len({settings["network"][1] for settings, _ in cells}) == 3
    assert len({name for _, name in cells}) == 3


# Pictures


def test_extremes_draw_numbers_only(inside, trouble):
    inside.evaluate(SPY)
    extremes = [
        {"kappa": kappa, "examples": examples, "decay": decay, "speed": speed, "start": start}
        for kappa, examples, decay, speed, start in product(
            [0.5, 2, 2.01, 4], [60, 400, 6400], [0, 1e-4, 1], [[0, 0], [1e-6, 1], [1, 1]],
            [[0, 0], [0, 10], [10, 10]],
        )
    ] + [
        {**NETWORK, "network": network, "examples": examples, "speed": speed, "start": start}
        for network, examples, speed, start in product(
            [[23, 1e-5], [95, 1e-3]], [60, 400, 6400], [[0, 0], [1e-6, 1], [1, 1]],
            [[0, 0], [0, 1], [10, 10]],
        )
    ]  # fmt: skip
    words = inside.evaluate(
        """(extremes) => extremes.map((settings) => {
          explorer.adjust(settings);
          explorer.now = 3;
          explorer.frame();
          return `${explorer.parts.headline.textContent} ${explorer.parts.reason.textContent}`;
        })""",
        extremes,
    )
    assert inside.evaluate("wrong") == []
    assert not [each for each in words if "NaN" in each or "Infinity" in each or "undef" in each]
    assert trouble == []


def test_the_loss_has_a_line_below_which_it_fits(inside):
    """It crosses the train loss where the mark says so."""
    inside.evaluate(
        """() => {
          window.dotted = [];
          const { stroke, lineTo, moveTo } = CanvasRenderingContext2D.prototype;
          let from, to;
          Object.assign(CanvasRenderingContext2D.prototype, {
            moveTo(...at) { from = at; moveTo.apply(this, at); },
            lineTo(...at) { to = at; lineTo.apply(this, at); },
            stroke() {
              if (this.getLineDash().join() === "3,3") window.dotted.push([from, to]);
              stroke.call(this);
            },
          });
          explorer.frame();
        }"""
    )
    lines = inside.evaluate("dotted")
    across = [line for line in lines if line[0][1] == line[1][1]]
    down = [line for line in lines if line[0][0] == line[1][0]]
    assert (len(across), len(down)) == (1, 2)
    x, y = min(line[0][0] for line in down), across[0][0][1]
    assert inside.evaluate(GREEN_AT, [x, y])


# Names of lines that a line runs through, and lines that leave their axis, in the steps.
NAMES_AND_LINES = """() => {
  const { time } = explorer;
  const { text, path } = time;
  let [names, lines] = [[], []];
  time.text = (words, x, y, colour, how = {}) => {
    const width = time.widthOf(words);
    if (how.bold && how.align === "right") names.push([words, x - width, x, y]);
    text.call(time, words, x, y, colour, how);
  };
  time.path = (x, y, ...rest) => {
    lines.push([x, y]);
    path.call(time, x, y, ...rest);
  };
  const wrong = [];
  for (const { title, settings } of GUIDE) {
    [names, lines] = [[], []];
    explorer.load({ settings });
    explorer.frame();
    for (const [words, left, right, middle] of names) {
      const crossed = lines.some(([x, y]) => Array.from(x).some((_, k) => k > 0 &&
        x[k] >= left && x[k - 1] <= right &&
        Math.max(y[k - 1], y[k]) > middle - 5 && Math.min(y[k - 1], y[k]) < middle + 5));
      if (crossed) wrong.push(`${title}: ${words}`);
    }
    const low = Math.max(...lines.flatMap(([, y]) => [...y]));
    if (low > time.height - 40 + 1) wrong.push(`${title}: beyond the axis`);
    const losses = lines.slice(4, 6).flatMap(([, y]) => [...y]);
    const top = Math.min(...lines.slice(8, 10).flatMap(([, y]) => [...y]));
    if (Math.max(...losses) > top - 30) wrong.push(`${title}: losses`);
  }
  return wrong;
}"""


@pytest.mark.parametrize("width", [390, 770, 900, 1010, 1280])
def test_names_of_sliders_stay_in_one_line(inside, width):
    resize(inside, width, 844)
    heads = inside.locator(".ge-rest .ge-dial-head")
    assert heads.count() == 4
    assert max(heads.evaluate_all("(all) => all.map((each) => each.clientHeight)")) < 30


@pytest.mark.parametrize("width", [390, 1280])
def test_names_stand_beside_lines_and_lines_on_their_axes(inside, width):
    resize(inside, width, 844)
    inside.wait_for_function("(width) => explorer.time.width < width", arg=width)
    inside.wait_for_timeout(200)
    assert inside.evaluate(NAMES_AND_LINES) == []


def test_the_picture_follows_the_theme(inside):
    colours = []
    for theme in ("light", "dark"):
        inside.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
        dark = inside.locator(".ge-dark")
        dark.wait_for(state="attached" if theme == "dark" else "detached")
        colours.append(inside.evaluate("explorer.theme.circuits"))
    assert colours[0] == ["#0072b2", "#e69f00"]
    assert colours[1] != colours[0]


def test_the_key_of_the_map_has_its_colours(inside):
    inside.evaluate("document.documentElement.dataset.theme = 'dark'")
    inside.locator(".ge-dark").wait_for(state="attached")
    assert inside.locator(".ge-key span").all_inner_texts() == [*measures.REGIMES]
    shown, drawn = inside.evaluate(
        """() => {
          const context = document.createElement("canvas").getContext("2d");
          const hex = (colour) => { context.fillStyle = colour; return context.fillStyle; };
          const marks = [...document.querySelectorAll(".ge-key .ge-mark")];
          const shown = marks.map((each) => hex(getComputedStyle(each).backgroundColor));
          return [shown, explorer.theme.regimes];
        }"""
    )
    assert shown == drawn


def test_without_a_mark_the_reader_s_system_decides(inside):
    inside.emulate_media(color_scheme="dark")
    inside.locator(".ge-dark").wait_for(state="attached")
    inside.emulate_media(color_scheme="light")
    inside.locator(".ge-dark").wait_for(state="detached")


# What prints: each picture's width and height beside those of its place, and both rings.
ON_PAPER = """(width) => {
  dispatchEvent(new Event("beforeprint"));
  const column = explorer.root.parentElement;
  column.style.width = `${width}px`; // as the paper is laid out: no frame comes in between
  const boxes = [explorer.time, explorer.plane, explorer.mapPicture].map((each) => {
    const { width, height } = each.canvas.getBoundingClientRect();
    return [each.width, each.height, width, height];
  });
  const off = [explorer.startRing, explorer.placeRing].map((ring) => {
    const [own, frame] = [ring, ring.parentElement].map((each) => each.getBoundingClientRect());
    return [own.x + own.width / 2 - frame.x, own.y + own.height / 2 - frame.y];
  });
  const wide = explorer.root.getBoundingClientRect().right;
  column.style.width = "";
  dispatchEvent(new Event("afterprint"));
  return { boxes, off, wide };
}"""


def test_on_paper_pictures_keep_their_shape_and_rings_their_place(inside):
    resize(inside, 1400)
    inside.get_by_role("button", name="Beyond κ = 2").click()
    before = inside.evaluate("explorer.time.width")
    found = inside.evaluate(ON_PAPER, 690)
    for drawn_width, drawn_height, width, height in found["boxes"]:
        assert (drawn_width, drawn_height) == pytest.approx((width, height), abs=1)
    assert found["wide"] <= 700
    (_, _, across, down), (start, place) = found["boxes"][1], found["off"]
    assert 40 < start[0] < across / 3
    assert 26 < start[1] < down
    assert place[0] == pytest.approx(46 + (found["boxes"][2][2] - 56) * 2.5 / 3.5, abs=1.5)
    assert inside.evaluate("explorer.time.width") == before


# Hands


def test_dragging_a_slider_with_the_mouse(explorer):
    assert headline(explorer) == "It groks."
    box = explorer.get_by_label("Examples D").bounding_box()
    height = box["y"] + box["height"] / 2
    explorer.mouse.move(box["x"] + 0.7 * box["width"], height)
    explorer.mouse.down()
    explorer.mouse.move(box["x"] + 0.2 * box["width"], height, steps=5)
    assert headline(explorer) == "It memorises, for good."
    explorer.mouse.move(box["x"] + 0.8 * box["width"], height, steps=5)
    assert headline(explorer) == "It groks."
    explorer.mouse.up()


def test_dragging_the_ring_of_the_start(inside):
    inside.get_by_role("button", name="Beyond κ = 2").click()
    ring = inside.locator(".ge-plane .ge-ring")
    box = ring.bounding_box()
    inside.mouse.move(box["x"] + 13, box["y"] + 13)
    inside.mouse.down()
    inside.mouse.move(box["x"] + 13 - 20, box["y"] + 13 - 40, steps=4)
    inside.mouse.up()
    g, m = state(inside)["start"]
    assert g < 1
    assert m > 5
    assert headline(inside) == "It memorises, for good."


def test_at_equal_costs_half_of_the_test_inputs_are_right(inside):
    inside.get_by_role("button", name="No better efficiency").click()
    assert headline(inside) == "It semi-groks, and generalising never leads."
    reason = inside.locator(".ge-reason").inner_text()
    assert "just as much norm as generalising" in reason
    assert "50 % of test inputs are right" in reason


def test_a_lead_from_the_start_is_no_switch(inside):
    inside.evaluate(
        "(settings) => explorer.load({ settings })",
        {"kappa": 2.1, "examples": 6400, "decay": 0.001, "speed": [0, 0], "start": [1, 1]},
    )
    assert headline(inside) == "It groks."
    assert "leads early, and takes over slowly" in inside.locator(".ge-reason").inner_text()


def test_a_press_on_the_map_goes_there(inside):
    inside.locator(".ge-map canvas").scroll_into_view_if_needed()
    box = inside.locator(".ge-map canvas").bounding_box()
    inside.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    place = state(inside)
    assert 2 < place["kappa"] < 3
    assert 400 < place["examples"] < 1000


def test_everything_works_by_keyboard(inside):
    slider = inside.get_by_label("Examples D")
    slider.focus()
    inside.keyboard.press("Home")
    assert state(inside)["examples"] == 60
    inside.keyboard.press("End")
    assert state(inside)["examples"] == 6400
    assert slider.get_attribute("aria-valuetext") == "6,400"
    inside.get_by_role("slider", name="Weight decay").focus()
    inside.keyboard.press("Home")
    assert state(inside)["decay"] == 0
    inside.keyboard.press("ArrowRight")
    assert state(inside)["decay"] == pytest.approx(1e-4)
    inside.locator(".ge-plane .ge-ring").focus()
    inside.keyboard.press("ArrowRight")
    inside.keyboard.press("Shift+ArrowUp")
    assert state(inside)["start"] == pytest.approx([0.1, 1.0])
    inside.locator(".ge-map .ge-ring").focus()
    inside.keyboard.press("ArrowLeft")
    assert state(inside)["kappa"] == pytest.approx(1.15)
    inside.get_by_role("button", name="No slow learning").focus()
    inside.keyboard.press("Enter")
    assert state(inside)["speed"] == [1, 1]
    assert headline(inside) == "It generalises soon."


def test_every_control_has_a_name_and_the_outcome_is_announced(inside):
    inside.wait_for_function("document.querySelector('.ge-spoken').textContent !== ''")
    nameless = inside.evaluate(
        """() => [...document.querySelectorAll("input, button, canvas")].filter((each) =>
          !(each.ariaLabel || each.labels?.[0]?.textContent || each.textContent))
          .map((each) => each.outerHTML)"""
    )
    assert nameless == []
    inside.get_by_role("button", name="No generalising circuit").click()
    spoken = inside.get_by_role("status").filter(has_text="There is no generalising circuit")
    spoken.wait_for(state="attached")


def test_fingers_on_a_phone(phone):
    phone.goto("explorer.html")
    slider = phone.get_by_label("Examples D")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    phone.touchscreen.tap(box["x"] + 0.1 * box["width"], box["y"] + box["height"] / 2)
    assert headline(phone) == "It memorises, for good."
    ring = phone.locator(".ge-plane .ge-ring")
    ring.scroll_into_view_if_needed()
    drag_by_finger(phone, ring, right=60, up=50)
    assert float(phone.get_by_label("Start, generalising").evaluate("(each) => each.value")) > 0
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


# Networks


def test_the_paper_s_model_comes_first_and_a_network_is_a_key_away(inside):
    paper, network = inside.get_by_label("The paper's model"), inside.get_by_label("A network")
    assert inside.get_by_role("radiogroup", name="Model").count() == 1
    assert paper.is_checked()
    assert state(inside) == PAPER
    assert not inside.get_by_label("Modulus m").is_visible()
    paper.focus()
    inside.keyboard.press("ArrowRight")
    assert network.is_checked()
    assert state(inside) == NETWORK
    assert headline(inside) == "It groks."
    assert not inside.get_by_label("Exponent").is_visible()
    assert not inside.get_by_role("button", name="Beyond κ = 2").is_visible()
    inside.keyboard.press("ArrowLeft")
    assert state(inside) == PAPER
    assert inside.get_by_label("Exponent").is_visible()
    assert inside.locator(".ge-costs").inner_text().endswith("2.00")


def test_a_network_s_numbers_are_derived_from_modulus_and_decay(inside):
    inside.get_by_label("A network").check()
    inside.get_by_label("Modulus m").press("ArrowRight")
    inside.get_by_label("Decay γ").press("End")
    assert state(inside)["network"] == [61, 1e-3]
    size = circuits.critical_size(61, 1e-3)
    assert inside.locator(".ge-costs").inner_text().endswith(f"D_crit\xa0=\xa0{size:.0f}")
    inside.get_by_label("Examples D").press("End")
    assert state(inside)["examples"] == pytest.approx(61**2, rel=1e-3)
    inside.get_by_label("Modulus m").press("Home")
    assert state(inside)["network"] == [23, 1e-3]
    assert state(inside)["examples"] == 23**2
    inside.get_by_role("button", name="Reset").click()
    assert state(inside) == NETWORK


def test_a_network_keeps_its_memory_below_the_onset_and_half_of_it_above(inside):
    inside.get_by_label("A network").check()
    size = circuits.critical_size(59, 1e-4)
    said = []
    for share in (0.55, 0.6, 1.0):
        inside.evaluate("(examples) => explorer.adjust({ examples })", share * size)
        said.append((headline(inside), inside.locator(".ge-reason").inner_text()))
    assert [words for words, _ in said[:2]] == ["It memorises, for good."] * 2
    assert f"Up to {size / circuits.MIXING:.0f} examples" in said[0][1]
    share = circuits.one_sided_share(0.6, 1.0)
    assert f"memory has {100 * share:.0f} % of the weight" in said[1][1]
    accuracy = circuits.test_accuracy(circuits.one_sided_share(1.0, 1.0))
    assert said[2][0] == "It semi-groks."
    assert f"{100 * accuracy:.0f} % of test inputs are right" in said[2][1]


def test_a_ring_moves_on_the_map_of_a_network(inside):
    inside.get_by_label("A network").check()
    inside.locator(".ge-map .ge-ring").press("ArrowRight")
    assert state(inside)["network"] == [59, pytest.approx(1.1e-4)]
    box = inside.locator(".ge-map canvas").bounding_box()
    inside.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.5 * box["height"])
    assert state(inside)["network"][1] > 4e-4
    assert 300 < state(inside)["examples"] < 700


def test_an_address_brings_back_a_network(inside):
    inside.get_by_label("A network").check()
    inside.get_by_label("Modulus m").press("ArrowLeft")
    inside.wait_for_function("location.hash.includes('network=57,0.0001')")
    assert "kappa" not in inside.evaluate("location.hash")
    assert "decay" not in inside.evaluate("location.hash")
    address, before = inside.evaluate("location.href"), state(inside)
    inside.goto("about:blank")
    inside.goto(address)
    inside.wait_for_function("window.explorer?.time.width > 0")
    assert state(inside) == before
    assert inside.get_by_label("A network").is_checked()
    inside.evaluate("location.hash = '#explorer&network=200,1&examples=99999'")
    inside.wait_for_function("explorer.story.settings.network[0] === 95")
    assert state(inside) == {**NETWORK, "network": [95, 1e-3], "examples": 6400}
    inside.evaluate("location.hash = '#explorer&kappa=3'")
    inside.wait_for_function("explorer.story.settings.kappa === 3")
    assert state(inside) == {**PAPER, "kappa": 3}


def test_a_network_on_a_phone(phone):
    phone.goto("explorer.html")
    phone.get_by_label("A network").tap()
    assert headline(phone) == "It groks."
    slider = phone.get_by_label("Modulus m")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    phone.touchscreen.tap(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
    assert phone.locator(".ge-costs").inner_text().count("q\xa0=\xa08") == 1
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


# Time


def test_playing_and_pausing(inside):
    inside.emulate_media(reduced_motion="no-preference")
    inside.get_by_role("button", name="Play").click()
    inside.wait_for_function("explorer.playing && explorer.now > 0.2")
    inside.evaluate("explorer.tick(60)")  # as after a minute in which the page was hidden
    inside.get_by_role("button", name="Pause").click()
    now = inside.evaluate("explorer.now")
    inside.wait_for_timeout(200)
    assert inside.evaluate("explorer.now") == now < LAST


def test_with_little_motion_play_goes_to_the_end(inside):
    inside.get_by_role("slider", name="Time").fill("100")
    inside.get_by_role("button", name="Play").click()
    assert inside.evaluate("[explorer.playing, explorer.now]") == [False, LAST]


def test_fewer_examples_while_it_runs_make_it_forget(inside):
    inside.emulate_media(reduced_motion="no-preference")
    inside.get_by_role("slider", name="Time").fill("350")
    inside.get_by_role("button", name="Play").click()
    inside.get_by_label("Examples D").fill("50")
    assert headline(inside) == "It ungroks."
    inside.get_by_role("button", name="Pause").click()
    lost = inside.evaluate("explorer.outcome.turns.at(-1).time")
    inside.evaluate("(lost) => (explorer.now = 2 * lost)", lost)
    inside.get_by_label("Sliders act from the line on").check()
    inside.get_by_label("Examples D").fill("350")
    assert headline(inside) == "It groks again."


def test_at_the_end_the_box_says_that_a_slider_starts_anew(inside):
    inside.get_by_role("button", name="Ungrokking").click()
    box = inside.get_by_label("Sliders act from the line on")
    assert box.is_checked()
    inside.get_by_role("button", name="Play").click()  # with little motion: to the end
    inside.wait_for_function("explorer.parts.transport.live.disabled")
    assert not box.is_checked()
    inside.get_by_label("Examples D").fill("50")
    assert not inside.evaluate("explorer.story.changed")
    inside.get_by_role("slider", name="Time").fill("300")
    inside.wait_for_function("!explorer.parts.transport.live.disabled")
    assert box.is_checked()
    inside.get_by_label("Examples D").fill("300")
    assert inside.evaluate("explorer.story.changed")


def test_reset_brings_the_paper_back(inside):
    inside.get_by_role("button", name="No slow learning").click()
    inside.get_by_role("button", name="Reset").click()
    assert state(inside) == PAPER


# Address


def test_an_address_brings_back_what_was_set(inside):
    inside.get_by_label("Examples D").fill("200")
    inside.get_by_label("Exponent").fill("300")
    inside.get_by_label("Start, memorising").fill("37")
    inside.wait_for_function("location.hash.startsWith('#explorer&')")
    address, before = inside.evaluate("location.href"), state(inside)
    assert before != PAPER
    inside.goto("about:blank")
    inside.goto(address)
    inside.wait_for_function("window.explorer?.time.width > 0")
    assert state(inside) == before


def test_a_changed_address_is_followed(inside):
    inside.evaluate("location.hash = '#explorer&kappa=3&examples=900&speed=0,0&start=1,5'")
    inside.wait_for_function("explorer.story.settings.kappa === 3")
    wanted = {"kappa": 3, "examples": 900, "decay": 0.005, "speed": [0, 0], "start": [1, 5]}
    assert state(inside) == wanted


@pytest.mark.parametrize("fragment", ["#explorer&kappa=x&start=1", "#what-to-try", "#explorer"])
def test_a_fragment_that_says_nothing_changes_nothing(inside, fragment):
    inside.goto("about:blank")
    inside.goto(f"shown.html{fragment}")
    inside.wait_for_function("window.explorer?.time.width > 0")
    assert state(inside)["kappa"] == PAPER["kappa"]
    assert state(inside)["examples"] == PAPER["examples"]


def test_a_link_within_the_page_keeps_what_was_set(inside):
    inside.get_by_label("Examples D").press("Home")
    inside.evaluate("location.hash = '#what-to-try'")
    inside.wait_for_timeout(100)
    assert state(inside)["examples"] == 60


def test_numbers_out_of_range_are_moved_into_it(inside):
    inside.evaluate("location.hash = '#explorer&kappa=99&examples=-5&decay=1e9&start=-1,77'")
    inside.wait_for_function("explorer.story.settings.kappa === 4")
    wanted = {"kappa": 4, "examples": 60, "decay": 1, "speed": [0.005, 1], "start": [0, 10]}
    assert state(inside) == wanted


def test_a_link_keeps_an_ungrokking(inside):
    """With the line, what sliders do, and what was changed on the way."""
    inside.get_by_role("button", name="Ungrokking").click()
    inside.get_by_label("Examples D").fill("50")
    assert headline(inside) == "It ungroks."
    inside.get_by_role("slider", name="Time").fill("400")
    inside.get_by_role("slider", name="Weight decay").fill("300")
    reason = inside.locator(".ge-reason").inner_text()
    whole = inside.evaluate("explorer.state")
    assert len(whole["changes"]) == 2
    inside.get_by_role("button", name="Copy link").click()
    address = inside.evaluate("location.href")
    inside.goto("about:blank")
    inside.goto(address)
    inside.wait_for_function("window.explorer?.time.width > 0")
    assert inside.evaluate("explorer.state") == whole
    assert inside.locator(".ge-reason").inner_text() == reason
    assert inside.get_by_label("Sliders act from the line on").is_checked()
    assert inside.get_by_role("slider", name="Time").input_value() == "400"


def test_the_address_follows_the_line_and_what_sliders_do(inside):
    inside.get_by_role("slider", name="Time").fill("350")
    inside.wait_for_function("location.hash.includes('now=')")
    assert "keep" not in inside.evaluate("location.hash")
    inside.get_by_label("Sliders act from the line on").check()
    inside.wait_for_function("location.hash.includes('keep=1')")


@pytest.mark.parametrize(
    "fragment",
    ["change=x&examples=9", "now=-5&step=99", "change=1e99&examples=60", "step=two&now=soon"],
)
def test_nonsense_in_an_address_is_moved_into_range(inside, trouble, fragment):
    inside.evaluate("(fragment) => (location.hash = fragment)", f"#explorer&{fragment}")
    inside.wait_for_function("explorer.touched")
    assert headline(inside) == "It groks."
    assert inside.evaluate("explorer.step") in {0, inside.evaluate("GUIDE.length")}
    assert 0.1 <= inside.evaluate("explorer.now") <= LAST
    assert trouble == []


# Guided steps


def test_steps_set_everything_and_say_what_to_do(inside):
    steps = inside.get_by_role("group", name="Guided steps")
    assert not steps.get_by_role("button", name="Back").is_visible()
    steps.get_by_role("button", name="Start").click()
    titles, seen = inside.evaluate("GUIDE.map(({ title }) => title)"), []
    assert 5 <= len(titles) <= 7
    for number, title in enumerate(titles, 1):
        words = steps.inner_text()
        assert words.startswith(f"{number} of {len(titles)}: {title}.")
        seen.append((state(inside), inside.evaluate("explorer.now")))
        steps.locator(".ge-next").click()
    assert seen[0] == (PAPER, LAST)
    assert seen[2] == (PAPER, 200)
    assert seen[-1] == (NETWORK, LAST)
    assert steps.inner_text().startswith("Guided steps.")
    assert state(inside) == PAPER


def test_steps_go_by_keyboard_and_are_announced(inside):
    inside.get_by_role("button", name="Start", exact=True).focus()
    for _ in range(3):
        inside.keyboard.press("Enter")
    assert inside.evaluate("explorer.step") == 3
    spoken = inside.get_by_role("status").filter(has_text="3 of 6: Ungrokking.")
    spoken.wait_for(state="attached")
    inside.get_by_label("Examples D").fill("50")
    assert headline(inside) == "It ungroks."
    inside.get_by_role("button", name="Reset").click()
    assert (state(inside), inside.evaluate("explorer.now")) == (PAPER, 200)
    inside.get_by_role("button", name="Back").focus()
    inside.keyboard.press("Enter")
    assert inside.evaluate("explorer.step") == 2
    for _ in range(3):  # where there is no way back, the same key goes on
        inside.keyboard.press("Enter")
    assert inside.evaluate("explorer.step") == 1


def test_a_button_that_goes_beyond_the_paper_s_panels_says_what_to_do(inside):
    titles = inside.evaluate("GUIDE.map(({ title }) => title)")
    for name, title in [("Ungrokking", "Ungrokking"), ("Beyond κ = 2", "Two worlds")]:
        inside.get_by_role("button", name=name).click()
        assert titles[inside.evaluate("explorer.step") - 1] == title
        assert title in inside.locator(".ge-step").inner_text()


def test_a_link_keeps_the_step(inside):
    inside.get_by_role("button", name="Start", exact=True).click()
    inside.get_by_role("button", name="Next").click()
    inside.wait_for_function("location.hash.includes('step=2')")
    address = inside.evaluate("location.href")
    inside.goto("about:blank")
    inside.goto(address)
    inside.wait_for_function("window.explorer?.time.width > 0")
    assert inside.locator(".ge-guide").inner_text().startswith("2 of 6: Take one away.")
    assert state(inside) == {**PAPER, "speed": [1, 1]}


# The whole screen

OUT_OF_SIGHT = """(root) => [...root.querySelectorAll("button, input, canvas, p, label, summary")]
  .filter((each) => each.checkVisibility() && !each.matches(".ge-spoken"))
  .filter((each) => {
    const { left, top, right, bottom } = each.getBoundingClientRect();
    return left < 0 || top < 0 || right > innerWidth || bottom > innerHeight;
  })
  .map((each) => each.outerHTML.slice(0, 90))"""
CUT_OFF = """(root) => [root, ...root.querySelectorAll("*")]
  .filter((each) => each.clientHeight && getComputedStyle(each).overflowY !== "visible")
  .filter((each) => !each.matches(".ge-spoken") && each.scrollHeight > each.clientHeight + 1)
  .map((each) => each.className)"""
VISIBLE_ELSEWHERE = """[...document.body.querySelectorAll("*")]
  .filter((each) => !each.closest(".grokking-explorer") && !each.querySelector(".grokking-explorer")
    && each.checkVisibility({ visibilityProperty: true }) && each.clientHeight)
  .map((each) => each.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("step", range(7))
def test_embedded_it_fits_a_slide_without_scrolling(page, trouble, step):
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto("explorer.html?embed")
    for _ in range(step):
        page.locator(".ge-next").click()
    root = page.locator(".grokking-explorer")
    assert root.evaluate(OUT_OF_SIGHT) == []
    assert root.evaluate(CUT_OFF) == []
    page.mouse.move(600, 400)
    page.mouse.wheel(0, 500)
    page.wait_for_timeout(100)
    assert root.bounding_box() == {"x": 0, "y": 0, "width": 1280, "height": 720}
    assert page.evaluate("scrollY") == 0
    assert page.evaluate(VISIBLE_ELSEWHERE) == []
    assert trouble == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_embedded_it_is_open_to_all(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto("explorer.html?embed#explorer&step=3&now=200&keep=1")
    page.locator(f"html[data-theme={scheme}] .ge-step strong").wait_for()
    assert faults(page) == []


def test_a_small_frame_scrolls(page):
    page.set_viewport_size({"width": 600, "height": 500})
    page.goto("explorer.html?embed")
    page.get_by_label("Start, memorising").scroll_into_view_if_needed()
    assert page.get_by_label("Start, memorising").bounding_box()["y"] < 500
    assert page.locator(".grokking-explorer").evaluate("(each) => each.scrollTop") > 0


def test_full_screen_and_back(explorer):
    root = explorer.locator(".grokking-explorer")
    before = root.bounding_box()
    explorer.get_by_role("button", name="Full screen").click()
    explorer.wait_for_function("document.fullscreenElement?.matches('.ge-screen')")
    assert root.evaluate(OUT_OF_SIGHT) == []
    explorer.get_by_role("button", name="Leave full screen").click()
    explorer.wait_for_function("!document.querySelector('.ge-screen')")
    assert root.bounding_box()["height"] == before["height"]


# Fingers

SMALL_TARGETS = """(root) => [...root.querySelectorAll("button, input, summary")]
  .filter((each) => each.checkVisibility())
  .map((each) => (each.matches("[type=radio], [type=checkbox]") ? each.labels[0] : each))
  .filter((each) => {
    const { width, height } = each.getBoundingClientRect();
    return Math.min(width, height) < 43.99;
  })
  .map((each) => `${each.className} ${each.textContent}`)"""


@pytest.mark.parametrize("name", ["explorer.html", "explorer.html#explorer&step=6&network=59,1e-4"])
def test_what_a_finger_touches_is_large(phone, name):
    phone.goto(name)
    root = phone.locator(".grokking-explorer")
    root.locator(".ge-headline").wait_for()
    assert root.evaluate(SMALL_TARGETS) == []
    assert root.get_by_role("button").count() >= 8


def test_on_a_board_for_fingers_everything_has_room(phone):
    phone.set_viewport_size({"width": 1280, "height": 720})
    phone.goto("explorer.html?embed#explorer&step=4&kappa=3&examples=900&start=1,5")
    root = phone.locator(".grokking-explorer.ge-screen")
    root.wait_for()
    assert root.evaluate(SMALL_TARGETS) == []
    assert root.evaluate(OUT_OF_SIGHT) == []
    assert root.evaluate(CUT_OFF) == []


# Pages


def test_the_first_page_tells_the_idea_with_one_slider(page, trouble):
    page.goto("welcome.html")
    explorer = page.locator(".grokking-explorer")
    assert explorer.get_by_role("slider").count() == 1
    assert headline(page) == "It groks."
    explorer.get_by_role("slider").fill("50")
    assert headline(page) == "It memorises, for good."
    assert "so weight decay lets it stay" in page.locator(".ge-reason").inner_text()
    page.wait_for_timeout(800)
    assert page.url.endswith("welcome.html")
    assert trouble == []


@pytest.mark.parametrize("name", ["welcome.html", "explorer.html"])
def test_pages_work_as_files(page, name, trouble):
    page.goto((HTML / name).as_uri())
    assert headline(page) == "It groks."
    assert [each for each in trouble if "uncaught" in each] == []


def test_a_notebook_s_widget_and_its_kernel_follow_each_other(inside):
    traits = {"kappa": 3, "examples": 900, "weight_decay": 0.01, "speed": [0, 0], "start": [1, 5]}
    inside.evaluate(MOUNT, traits)
    widget = inside.locator("section")
    slider = widget.get_by_label("Exponent")
    assert widget.locator(".ge-value").nth(2).inner_text() == "3"
    assert widget.get_by_role("button", name="Copy link").count() == 0
    slider.press("Home")
    assert inside.evaluate("[kernel.traits.kappa, kernel.saved]") == [0.5, 1]
    inside.evaluate("kernel.tell('kappa', 2)")
    assert widget.locator(".ge-value").nth(2).inner_text() == "2"
    inside.evaluate("leave()")
    assert inside.evaluate("kernel.listeners.size") == 0
    assert widget.inner_text() == ""


def test_a_widget_s_network_goes_to_its_kernel_and_comes_from_there(inside):
    names = {"decay": "weight_decay"}
    traits = {names.get(name, name): value for name, value in NETWORK.items()}
    inside.evaluate(MOUNT, traits)
    widget = inside.locator("section")
    widget.get_by_label("Modulus m").press("End")
    assert inside.evaluate("kernel.traits.network") == [95, 1e-4]
    widget.get_by_label("The paper's model").check()
    assert inside.evaluate("kernel.traits.network") is None
    inside.evaluate("kernel.tell('network', [31, 0.001])")
    assert widget.get_by_label("A network").is_checked()


WORDS_OUTSIDE = """
const fill = CanvasRenderingContext2D.prototype.fillText;
window.outside = new Set();
CanvasRenderingContext2D.prototype.fillText = function (words, x, ...rest) {
  const room = this.measureText(words).width;
  const left = x - { left: 0, center: room / 2, right: room }[this.textAlign];
  const width = this.canvas.getBoundingClientRect().width;
  if (left < -1 || left + room > width + 1) window.outside.add(words);
  return fill.call(this, words, x, ...rest);
};
"""


def test_no_words_are_cut_off_at_the_edge_of_a_phone(phone):
    phone.add_init_script(WORDS_OUTSIDE)
    phone.goto("welcome.html")
    slider = phone.locator(".grokking-explorer").get_by_role("slider")
    for position in range(0, int(slider.get_attribute("max") or 0) + 1, 20):
        slider.fill(str(position))
        phone.wait_for_timeout(60)
    assert phone.evaluate("[...window.outside]") == []
