// What became of a run: its verdict, which headline and map agree on, and the turns on the way.

import { kindAt, phasesOf, turnsOf, wordOfStart } from "./phases.js";
import { regimeOf, REGIMES } from "./regimes.js";
import { LAST } from "./story.js";

/** @import { Phase, Turn } from "./phases.js" */
/** @import { Story } from "./story.js" */

/**
 * A regime, or what is to be told apart within it.
 * @typedef {(typeof REGIMES)[number] | "lost" | "late" | "open" | "ungrokking" | "still"
 *   | "partly lost" | "halfway" | "again" | "kept"} Verdict
 */

/** A story that is changed over and over turns more often than there is room to say. */
const MOST_TURNS = 4;

/**
 * @typedef {object} Outcome
 * @property {Phase[]} phases
 * @property {Turn[]} turns  the last ones
 * @property {string} start  what it does from the start on, if anything, and if that is said
 * @property {number} later  time beyond the last one shown at which it would generalise
 * @property {Verdict} verdict
 */

/**
 * @param {Story} story
 * @returns {Outcome}
 */
export function outcomeOf(story) {
  const phases = phasesOf(story);
  const groks = story.since + story.run.groks;
  const later = groks > LAST ? groks : Infinity;
  const turns = turnsOf(phases);
  return {
    phases,
    turns: turns.slice(-MOST_TURNS),
    start: turns.length > MOST_TURNS ? "" : wordOfStart(phases[0]),
    later,
    verdict: verdictOf(story, phases, later),
  };
}

/**
 * @param {Story} story
 * @param {Phase[]} phases
 * @param {number} later
 * @returns {Verdict}
 */
function verdictOf(story, phases, later) {
  const regime = REGIMES[regimeOf(story.run)];
  const led = generalisedSince(phases, story.since);
  switch (regime) {
    case "collapse":
      return phases.length > 1 || phases[0].kind !== "guesses" ? "lost" : "collapse";
    case "memorisation":
      if (led) return "ungrokking";
      if (later < Infinity) return "late";
      if (!story.run.decided) return "open";
      return story.changed ? "still" : "memorisation";
    case "semi-grokking":
      if (kindAt(phases, LAST) === "generalises" || later < Infinity || !story.run.decided) {
        return regime;
      }
      return led ? "partly lost" : "halfway";
    default:
      return story.changed ? recovery(phases, story.since) : regime;
  }
}

/**
 * How a story whose settings were changed has come to generalise in the end.
 * @param {Phase[]} phases
 * @param {number} since
 * @returns {Verdict}
 */
function recovery(phases, since) {
  if (phases[phases.length - 1].from <= since) return "kept";
  return phases.filter(({ kind }) => kind === "generalises").length > 1 ? "again" : "grokking";
}

/**
 * Whether there is a time from `since` on at which it generalises.
 * @param {Phase[]} phases
 * @param {number} since
 */
function generalisedSince(phases, since) {
  const later = phases.filter(({ from }) => from > since).map(({ kind }) => kind);
  return [kindAt(phases, since), ...later].includes("generalises");
}
