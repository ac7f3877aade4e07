"""What the explorer says, marks and draws of a run: one state, so that they never disagree."""

import numpy as np
import pytest

from explorer_models import NETWORK, PAPER
from explorer_programs import answers

COUNT = 5000

SCRIPT = """
const AFTER = {
  fits: "memorises", "fits and generalises": "generalises", generalises: "generalises",
  forgets: "memorises", "stops fitting": "guesses",
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
  "It semi-groks, and never generalises.": (end, kinds, last) =>
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
  story.curve.t.forEach((t, k) => {
    for (; next < marks.length && marks[next].time <= t; next++) {
      kind = AFTER[marks[next].word] ?? kind;
    }
    if (near(t) || kind === "unknown") return;
    if (drawn[k] !== kind && (drawn[k] !== "tied" || kind === "guesses")) {
      fault(`drawn as ${drawn[k]} at ${t} where marks say ${kind}`);
    }
    if (losses[0][k] < Math.LN2 !== (drawn[k] !== "guesses")) fault(`the loss at ${t}`);
  });

  // The headline.
  const kinds = new Set(drawn);
  const all = new Set([...drawn, ...said.map(([word]) => AFTER[word])]);
  const last = accuracies[1].at(-1);
  const means = MEANS[headline] ?? (() => false);
  if (!means(drawn.at(-1), kinds, last, all)) fault(`the headline at accuracy ${last}`);
  if (headline.startsWith("It would") && !reason.includes("would generalise")) fault("late");
  return { headline, faults };
}

const each = CELLS.map(faultsOf);
const found = {
  faults: each.flatMap(({ faults }) => faults.slice(0, 1)),
  headlines: [...new Set(each.map(({ headline }) => headline))],
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
    return answers(SCRIPT, random_cells(COUNT))


def test_words_marks_and_curves_of_any_run_agree(found):
    assert found["faults"] == []


def test_the_random_runs_show_every_outcome(found):
    assert len(found["headlines"]) == 14
