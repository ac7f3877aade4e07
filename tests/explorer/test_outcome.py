"""What the explorer says, marks and draws of a run: one state, so that they never disagree."""

import numpy as np
import pytest

import theory
from explorer_models import NETWORK, PAPER
from explorer_programs import answers

COUNT = 5000
KNOWN = {
    "strong decay": {**PAPER, "decay": 1},
    "leads before it fits": {**PAPER, "kappa": 0.5},
    "collapses": {**PAPER, "start": [0, 10], "decay": 1},
    "a lead won back": {
        **PAPER, "kappa": 3.29, "examples": 852, "decay": 0.0783, "speed": [0.63, 1],
        "start": [0.2948, 0.2905],
    },
    "no memory": {**PAPER, "speed": [0.005, 0]},
    "no memory at kappa 2": {**PAPER, "kappa": 2, "speed": [0.1, 0]},
    "no generalising in a network": {**NETWORK, "speed": [0, 0]},
    "nothing": {**PAPER, "speed": [0, 0]},
    "no decay": {**PAPER, "decay": 0},
    "a head start": {**PAPER, "kappa": 3, "start": [0.01, 1]},
    "the other basin": {**PAPER, "kappa": 3, "examples": 900, "start": [2, 5]},
    "both stay": {**PAPER, "decay": 0.002, "speed": [0, 0], "start": [0.01, 1], "examples": 410},
}  # fmt: skip

SCRIPT = """
const AFTER = {
  fits: "memorises", "fits and generalises": "generalises", generalises: "generalises",
  forgets: "memorises", "stops fitting": "guesses", "generalising leads": "generalises",
  "fits with generalising ahead": "generalises", "memorising leads": "memorises",
};
// What is said of a lead by the best test accuracy that comes of it.
const PROMISES = {
  generalises: true, "fits and generalises": true,
  "generalising leads": false, "fits with generalising ahead": false,
};
const SAID = new RegExp(
  `(${Object.keys(AFTER).sort((a, b) => b.length - a.length).join("|")}) ` +
  "(from the start|after ([0-9,.]+(?: [mb]illion)?) updates)", "g");
// What each headline says of the kinds that are drawn, and of the last test accuracy.
const wrong = (right) => right <= 0.05;
const part = (right) => right > 0.05 && right < 0.95;
const right = (right) => right >= 0.95;
const MEANS = {
  "It learns too little to fit.": (end, kinds) => end === "guesses" && kinds.size === 1,
  "It stops fitting.": (end, kinds, last, all) => end === "guesses" && all.size > 1,
  "It memorises, for good.": (end, kinds, last) => wrong(last) && !kinds.has("generalises"),
  "It would generalise, but very late.": (end, kinds, last) => wrong(last) && end === "memorises",
  "It memorises so far.": (end, kinds, last) => wrong(last) && end === "memorises",
  "It goes on memorising.": (end, kinds, last) => wrong(last),
  "It ungroks.": (end, kinds, last, all) => wrong(last) && all.has("generalises"),
  "It semi-groks.": (end, kinds, last) => part(last),
  "It semi-groks, and generalising never leads.": (end, kinds, last) =>
    part(last) && end !== "generalises",
  "It ungroks, in part.": (end, kinds, last, all) =>
    part(last) && end !== "generalises" && all.has("generalises"),
  "It generalises soon.": (end, kinds, last) => right(last),
  "It groks.": (end, kinds, last) => right(last),
  "It groks again.": (end, kinds, last) => right(last),
  "It goes on generalising.": (end, kinds, last) => right(last),
};

function faultsOf({ settings, change }) {
  const story = new Story(settings);
  if (change) story.change({ ...settings, ...change.given }, change.time);
  const outcome = outcomeOf(story);
  const marks = marksOf(story, outcome);
  const { losses, accuracies } = measured(story, outcome);
  const [headline, reason] = tell(story, outcome);
  const faults = [];
  const fault = (what) => faults.push(`${what}: ${headline} ${reason}`);

  // Words.
  const said = [...reason.matchAll(SAID)].map(([, word, , when]) => [word, when]);
  const times = said.map(([, when]) => {
    if (!when) return 0;
    const [number, unit] = when.split(" ");
    return Number(number.replaceAll(",", "")) * ({ million: 1e6, billion: 1e9 }[unit] ?? 1);
  });
  if (times.some((time, i) => time < times[i - 1])) fault("order");
  const marked = marks.filter(({ word }) => word !== "changed");
  const early = said.length - marked.length; // before the axis begins
  const names = marked.map(({ word, time }) => `${word} ${updates(time)}`);
  const shown = said.slice(early).map((each) => each.join(" "));
  if (shown.join() !== names.join()) fault(`said ${shown}, marked ${names}`);
  if (times.slice(0, early).some((time) => time > 100 * FIRST)) fault("not marked");

  // Curves and marks.
  // Where costs are the same, both come together but for the error of the curves.
  const drawn = Array.from(story.curve.t, (t, k) =>
    accuracies[0][k] < 0.5 ? "guesses"
    : Math.abs(accuracies[1][k] - 0.5) < 1e-5 ? "tied"
    : accuracies[1][k] > 0.5 ? "generalises" : "memorises");
  const near = (t) => marks.some(({ time }) => Math.abs(time / t - 1) < 1e-2);
  // Of many turns the first ones are neither said nor marked.
  const cut = outcome.turns.length < outcome.phases.length - 1;
  let kind = AFTER[said[early - 1]?.[0]] ?? (cut ? "unknown" : "guesses");
  let next = 0;
  let word = cut ? "unknown" : said[early - 1]?.[0];
  let best = 0;
  const keeps = () => {
    if (word in PROMISES && PROMISES[word] !== best >= 0.95) fault(`${word}, at most ${best}`);
    best = 0;
  };
  story.curve.t.forEach((t, k) => {
    for (; next < marks.length && marks[next].time <= t; next++) {
      if (marks[next].word === "changed") continue;
      keeps();
      word = marks[next].word;
      kind = AFTER[word];
    }
    best = Math.max(best, accuracies[1][k]);
    if (near(t) || kind === "unknown") return;
    if (drawn[k] !== kind && (drawn[k] !== "tied" || kind === "guesses")) {
      fault(`drawn as ${drawn[k]} at ${t} where marks say ${kind}`);
    }
    if (losses[0][k] < Math.LN2 !== (drawn[k] !== "guesses")) fault(`the loss at ${t}`);
  });
  keeps();

  // The headline.
  const kinds = new Set(drawn);
  const all = new Set([...drawn, ...said.map(([word]) => AFTER[word])]);
  const last = accuracies[1].at(-1);
  const means = MEANS[headline] ?? (() => false);
  if (!means(drawn.at(-1), kinds, last, all)) fault(`the headline at accuracy ${last}`);
  // Beyond kappa = 2 costs alone decide nothing.
  const blamed = / so weight decay makes it switch/.test(reason);
  if (blamed && settings.kappa > 2 && !settings.network) fault("the reason");
  if (headline.startsWith("It would") && !reason.includes("would generalise")) fault("late");
  return { headline, faults };
}

function shownOf(settings) {
  const story = new Story(settings);
  const outcome = outcomeOf(story);
  const { accuracies } = measured(story, outcome);
  return {
    told: tell(story, outcome),
    marks: marksOf(story, outcome).map(({ word, time }) => [word, updates(time)]),
    accuracies: accuracies.map((line) => [line[0], line.at(-1)]),
    rest: restOf(story.run, equilibria(settings), LAST),
    end: story.at(LAST),
    weights: [1, 5, 50, 200].map((time) => story.at(time)),
    start: startOfMap(settings),
  };
}

const each = CELLS.cells.map(faultsOf);
const found = {
  faults: each.flatMap(({ faults }) => faults.slice(0, 1)),
  headlines: [...new Set(each.map(({ headline }) => headline))],
  known: CELLS.known.map(shownOf),
  guide: GUIDE.map(({ words }) => words),
  waits: [PAPER.decay, 0.0005].map((decay) => {
    const { run } = new Story({ ...PAPER, decay });
    return run.groks - run.fits;
  }),
  shown: [0.0005, 0.00012, 0.001, 0.00001].map(short),
  presets: Object.fromEntries(PRESETS.map(({ name, settings }) => [name, shownOf(settings)])),
};
"""


def random_cells(count):
    """Settings of both models, with a fair part of what is special; some change on the way."""
    rng = np.random.default_rng(31)

    def mixed(usual, *special):
        return float(usual if rng.random() < 0.75 else rng.choice(special))

    def examples():
        return mixed(60 * (6400 / 60) ** rng.random(), 60, 400)

    def settings():
        runs = {
            "examples": examples(),
            "speed": [mixed(10 ** rng.uniform(-6, 0), 0, 1) for _ in range(2)],
            "start": [mixed(rng.uniform(0, 10), 0, 0, 1, 5) for _ in range(2)],
        }
        if rng.random() < 0.4:
            modulus = 2 * int(rng.integers(11, 48)) + 1
            runs["examples"] = min(runs["examples"], modulus**2)
            return {**NETWORK, **runs, "network": [modulus, 10 ** rng.uniform(-5, -3)]}
        kappa = mixed(rng.uniform(0.5, 4), 0.5, 1.2, 2, 2.01)
        return {**PAPER, **runs, "kappa": kappa, "decay": mixed(10 ** rng.uniform(-4, 0), 0, 1)}

    def change():
        return {"time": 10 ** rng.uniform(-0.9, 3.9), "given": {"examples": examples()}}

    return [
        {"settings": settings(), "change": change() if rng.random() < 0.3 else None}
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def found():
    """What disagrees over all cells, and what was said."""
    return answers(SCRIPT, {"cells": random_cells(COUNT), "known": list(KNOWN.values())})


def test_words_marks_and_curves_of_any_run_agree(found):
    assert found["faults"] == []


def test_the_random_runs_show_every_outcome(found):
    assert len(found["headlines"]) == 14


@pytest.fixture(scope="module")
def known(found):
    return dict(zip(KNOWN, found["known"], strict=True))


def test_what_does_not_fit_guesses(known):
    for name, headline in [
        ("strong decay", "It learns too little to fit."),
        ("collapses", "It stops fitting."),
        ("nothing", "It learns too little to fit."),
    ]:
        assert known[name]["told"][0] == headline
        assert [end for _, end in known[name]["accuracies"]] == [1 / 113, 1 / 113]
    assert known["strong decay"]["marks"] == []
    assert known["nothing"]["told"][1] == "There is no circuit that could learn."


def test_the_train_accuracy_comes_when_it_fits(found):
    paper = found["presets"]["All ingredients"]
    assert paper["marks"] == [["fits", "171"], ["generalises", "5,006"]]
    assert paper["accuracies"] == [[1 / 113, 1], [1 / 113, pytest.approx(0.998, abs=1e-3)]]


def test_a_lead_without_right_answers_is_told_as_a_lead(known):
    shown = known["both stay"]
    assert shown["told"][0] == "It semi-groks."
    assert 0.5 < shown["accuracies"][1][1] < 0.95
    assert shown["marks"][-1][0] == "generalising leads"
    assert f"generalising leads after {shown['marks'][-1][1]} updates" in shown["told"][1]
    assert "generalises" not in " ".join(shown["told"])


def test_the_first_step_s_wait_is_as_many_times_as_long(found):
    before, after = found["waits"]
    assert round(after / before) == 8
    assert "the wait is eight times as long" in found["guide"][0]
    assert found["shown"] == ["0.0005", "0.00012", "0.001", "1e-5"]
    assert f"weight decay to {found['shown'][0]}:" in found["guide"][0]


def test_beyond_kappa_2_the_reason_is_the_start(known):
    headline, reason = known["the other basin"]["told"]
    assert headline == "It groks."
    assert "Above κ = 2 the start decides" in reason


def test_nothing_generalises_before_it_fits(known):
    shown = known["leads before it fits"]
    assert shown["marks"] == [["fits with generalising ahead", "785"]]
    assert shown["told"][1].startswith("It fits with generalising ahead after 785 updates.")


def test_a_lead_that_is_lost_and_won_back_is_told(known):
    words = [word for word, _ in known["a lead won back"]["marks"]]
    assert words[-1] == "generalises"
    assert known["a lead won back"]["told"][0] == "It groks."


def test_without_better_efficiency_the_run_is_the_chapter_s(found):
    """There both circuits need the norm 2; here the norm of the generalising one is 1."""
    shown = found["presets"]["No better efficiency"]
    chapter = theory.MinimalModel.paper(param_norm=(2.0, 2.0))
    weight = theory.flow(chapter, [1, 5, 50, 200]).weight.transpose(..., "circuit")
    np.testing.assert_allclose(shown["weights"], weight, rtol=1e-4)  # between steps
    assert np.isnan(theory.time_to_grok(chapter))
    assert shown["told"][0] == "It semi-groks, and generalising never leads."
    assert [word for word, _ in shown["marks"]] == ["fits"]


@pytest.mark.parametrize(
    ("name", "absent"),
    [("no memory", 1), ("no memory at kappa 2", 1), ("no generalising in a network", 0)],
)
def test_without_a_circuit_the_other_rests_alone(known, name, absent):
    assert known[name]["rest"][absent] == 0
    np.testing.assert_allclose(known[name]["rest"], known[name]["end"], rtol=1e-4)


def test_rings_are_where_the_presets_end(found, known):
    for name in ("All ingredients", "No generalising circuit"):
        shown = found["presets"][name]
        np.testing.assert_allclose(shown["rest"], shown["end"], rtol=1e-3)
    assert [known[name]["rest"] for name in ("nothing", "no decay", "a head start")] == [None] * 3


def test_the_start_of_the_map_and_its_trap_are_told(found, known):
    paper, head = found["presets"]["All ingredients"], known["a head start"]
    assert "weights of 0 and 0. Beyond κ = 2 zero is a trap: nothing is learned." in paper["start"]
    assert head["start"] == "All runs of the map start at weights of 0.01 and 1."
    assert "κ" not in known["no generalising in a network"]["start"]
