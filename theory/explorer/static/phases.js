// What a run does, as phases one after the other: marks, words and accuracies all come from here.

import { testAccuracy } from "./model.js";
import { RIGHT } from "./regimes.js";
import { LAST } from "./story.js";

/** @import { Pair } from "./model.js" */
/** @import { Run } from "./run.js" */
/** @import { Part, Story } from "./story.js" */

/**
 * As long as the train loss is log 2 or above, the network guesses: no label has half of the
 * probability. From there on it memorises, or where w_G > w_M it generalises.
 * @typedef {"guesses" | "memorises" | "generalises"} Kind
 */

/**
 * @typedef {object} Phase
 * @property {Kind} kind
 * @property {number} from
 * @property {boolean} [led]  whether generalising only leads: test inputs never come out right
 */

/**
 * One phase giving way to another.
 * @typedef {object} Turn
 * @property {number} time
 * @property {string} word  what the run does there
 */

/**
 * What a run does that goes from one kind of phase to another.
 * @type {Record<Kind, Record<Kind, string>>}
 */
const WORDS = {
  guesses: { guesses: "", memorises: "fits", generalises: "fits and generalises" },
  memorises: { guesses: "stops fitting", memorises: "", generalises: "generalises" },
  generalises: { guesses: "stops fitting", memorises: "forgets", generalises: "" },
};
/**
 * What is said instead of a lead that makes nothing right.
 * @type {Record<string, string>}
 */
const WORDS_OF_LEAD = {
  "fits and generalises": "fits with generalising ahead",
  generalises: "generalising leads",
  forgets: "memorising leads",
};

/**
 * The phases of a story up to the last time shown, none like the one before it.
 * @param {Story} story
 * @returns {Phase[]}
 */
export function phasesOf({ parts, curve, run }) {
  const all = parts.flatMap((part, i) => phasesOfPart(part, parts[i + 1]?.since ?? LAST));
  const phases = all.filter(({ kind }, i) => i === 0 || kind !== all[i - 1].kind);
  const { t, g, m } = curve;
  return phases.map((phase, i) => {
    if (phase.kind !== "generalises") return phase;
    const until = phases[i + 1]?.from ?? Infinity;
    const right = t.some((time, k) => {
      return phase.from <= time && time < until && testAccuracy(run.law.model, g[k], m[k]) >= RIGHT;
    });
    return { ...phase, led: !right };
  });
}

/**
 * @param {Part} part
 * @param {number} until
 * @returns {Phase[]}
 */
function phasesOfPart({ run, since }, until) {
  const times = [0, ...run.passes, ...run.turns].sort((a, b) => a - b);
  return times
    .filter((time) => since + time < until)
    .map((time) => ({ kind: kindAfter(run, time), from: since + time }));
}

/**
 * @param {Run} run
 * @param {number} time
 * @returns {Kind}
 */
function kindAfter({ fits, passes, groks, turns }, time) {
  const odd = (/** @type {number[]} */ times) =>
    times.filter((each) => each <= time).length % 2 === 1;
  if (odd(passes) === (fits === 0)) return "guesses";
  return odd(turns) === (groks === 0) ? "memorises" : "generalises";
}

/**
 * The turns from each phase to the next.
 * @param {Phase[]} phases
 * @returns {Turn[]}
 */
export function turnsOf(phases) {
  return phases.slice(1).map((phase, i) => {
    return { time: phase.from, word: wordOf(WORDS[phases[i].kind][phase.kind], phases[i], phase) };
  });
}

/**
 * What a run does that begins with a phase; nothing for guessing.
 * @param {Phase} phase
 */
export function wordOfStart(phase) {
  return wordOf(WORDS.guesses[phase.kind], phase);
}

/**
 * @param {string} word
 * @param {Phase[]} phases  that it is about
 */
function wordOf(word, ...phases) {
  return (phases.some(({ led }) => led) && WORDS_OF_LEAD[word]) || word;
}

/**
 * The kind of the phase at a time.
 * @param {Phase[]} phases
 * @param {number} time
 */
export function kindAt(phases, time) {
  return (phases.findLast(({ from }) => from <= time) ?? phases[0]).kind;
}

/**
 * Parts of the training and the test inputs that are answered rightly, in a phase and at weights.
 * @param {Run["law"]} law
 * @param {Kind} kind
 * @param {Pair} weight
 * @returns {Pair}
 */
export function accuraciesOf({ model }, kind, [g, m]) {
  if (kind === "guesses") return [1 / model.labels, 1 / model.labels];
  return [1, testAccuracy(model, g, m)];
}
