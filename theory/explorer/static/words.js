// What a run does, in words.

import { CIRCUITS } from "./integrator.js";
import { memorisingNorm } from "./law.js";
import { modelOf, RATE, testAccuracy } from "./model.js";
import { costsOf, onsetOf } from "./network.js";
import { LATE } from "./regimes.js";
import { present } from "./run.js";
import { LAST } from "./story.js";

/** @import { Law } from "./law.js" */
/** @import { Settings } from "./model.js" */
/** @import { Outcome, Verdict } from "./outcome.js" */
/** @import { Run } from "./run.js" */
/** @import { Story } from "./story.js" */

const NO_BREAK = "\u00a0";

/**
 * A time as a number of updates.
 * @param {number} time
 */
export function updates(time) {
  const steps = time / RATE;
  if (steps >= 1e9) return `${(steps / 1e9).toPrecision(2)} billion`;
  if (steps >= 1e6) return `${(steps / 1e6).toPrecision(2)} million`;
  return count(steps);
}

/**
 * A whole number.
 * @param {number} value
 */
export function count(value) {
  return Math.round(value).toLocaleString("en");
}

/**
 * A number with few digits.
 * @param {number} value
 */
export function short(value) {
  if (value === 0) return "0";
  if (value < 1e-4) return value.toExponential(value.toPrecision(1) === String(value) ? 0 : 1);
  return String(Number(value.toPrecision(3)));
}

/**
 * What memorising costs against generalising.
 * @param {Settings} settings
 */
export function priceOf(settings) {
  const price = memorisingNorm(modelOf(settings), settings.examples);
  if (price === 1) return "just as much norm as generalising";
  return `${price.toFixed(2)} times the norm of generalising`;
}

/**
 * Where the runs of the map start, and what comes of it where the paper's model has a trap.
 * @param {Settings} settings
 */
export function startOfMap({ start, network }) {
  const [g, m] = start.map(short);
  const from = `All runs of the map start at weights of ${g} and ${m}.`;
  const stuck = ["generalising", "memorising"].filter((_, i) => start[i] === 0);
  if (network || stuck.length === 0) return from;
  if (stuck.length === 2) return `${from} Beyond κ = 2 zero is a trap: nothing is learned.`;
  return `${from} Beyond κ = 2 zero is a trap: the ${stuck[0]} one stays there.`;
}

/**
 * What was derived for a network, in symbols; nothing for the paper's model.
 * @param {Settings} settings
 */
export function derivedOf(settings) {
  if (!settings.network) return "";
  const { norm, critical } = costsOf(settings.network);
  const said = [`q = ${settings.network[0]}`, `P_G = ${short(norm)}`];
  said.push(`D_crit = ${Math.round(critical)}`);
  return said.map((each) => each.replaceAll(" ", NO_BREAK)).join(", ");
}

/** @type {Record<Verdict, string>} */
const HEADLINES = {
  collapse: "It learns too little to fit.",
  lost: "It stops fitting.",
  memorisation: "It memorises, for good.",
  late: "It would generalise, but very late.",
  open: "It memorises so far.",
  still: "It goes on memorising.",
  ungrokking: "It ungroks.",
  "semi-grokking": "It semi-groks.",
  halfway: "It semi-groks, and generalising never leads.",
  "partly lost": "It ungroks, in part.",
  comprehension: "It generalises soon.",
  grokking: "It groks.",
  again: "It groks again.",
  kept: "It goes on generalising.",
};

/**
 * A headline, and sentences that say when what happens, and why.
 * @param {Story} story
 * @param {Outcome} outcome
 * @returns {[string, string]}
 */
export function tell(story, outcome) {
  const why = story.changed ? whyChanged(story) : whyOf(story, outcome);
  const sentences = [chronicle(outcome), why].filter((each) => each);
  return [HEADLINES[outcome.verdict], sentences.join(" ")];
}

/**
 * What happens when, in the order of time; nothing where nothing does.
 * @param {Outcome} outcome
 */
export function chronicle({ start, turns, later, verdict }) {
  const items = start ? [`${start} from the start`] : [];
  for (const { word, time } of turns) items.push(`${word} after ${updates(time)} updates`);
  const then = verdict === "semi-grokking" ? "generalising would lead" : "would generalise";
  if (later < Infinity) items.push(`${then} after ${updates(later)} updates`);
  return items.length ? `It ${listed(items)}.` : "";
}

/** @param {string[]} items */
function listed(items) {
  const last = items[items.length - 1];
  return items.length > 1 ? `${items.slice(0, -1).join(", ")} and ${last}` : last;
}

/** @param {Story} story */
function whyChanged({ settings, since }) {
  const price = `with ${count(settings.examples)} examples, memorising takes ${priceOf(settings)}`;
  return `Changed after ${updates(since)} updates: ${price}.`;
}

/**
 * @param {Story} story
 * @param {Outcome} outcome
 */
function whyOf({ settings, run }, { verdict }) {
  switch (verdict) {
    case "collapse":
    case "lost":
      return whyCollapse(settings, run);
    case "comprehension":
      return `No grokking: it generalises within ${LATE} times the updates that it takes to fit.`;
    case "grokking":
      return whyGrok(settings, run);
    case "semi-grokking":
    case "halfway":
    case "partly lost":
      return whyHalfway(settings, run);
    case "late":
      return "That is beyond the picture.";
    case "open":
      return "Whether it ever generalises is not known.";
    default:
      return whyMemorise(settings, run);
  }
}

/**
 * @param {Settings} settings
 * @param {Run} run
 */
function whyGrok(settings, run) {
  if (run.groks <= LATE * run.fits) return "It leads early, and takes over slowly.";
  if (settings.network) {
    const [g, m] = run.at(LAST);
    const kept = Math.round((100 * m) / (g + m));
    const why = "Beside memory generalising has a finite price, and takes over";
    return `${why}; memory keeps ${kept} % of the weight.`;
  }
  if (settings.kappa > 2) return "Above κ = 2 the start decides, and from this one it switches.";
  if (settings.examples <= run.law.model.critical) return "Before, it memorises.";
  return `Memorising takes ${priceOf(settings)}, so weight decay makes it switch.`;
}

/**
 * @param {Settings} settings
 * @param {Run} run
 */
function whyCollapse(settings, run) {
  const { kappa, network } = settings;
  const [g, m] = run.at(LAST);
  const trapped = g + m === 0;
  if (!CIRCUITS.some((i) => present(run, i))) return "There is no circuit that could learn.";
  if (network && trapped && !present(run, 1)) {
    return "Nothing memorises, and what generalises is too small to grow alone.";
  }
  if (network && trapped) return "At degree 3 two weights of zero are a trap. Both fell into it.";
  if (kappa > 2 && trapped) return "Above κ = 2 a weight of zero is a trap. Both fell into it.";
  const [before, after] = [run.at(LAST / 10), run.at(LAST)].map(([w, v]) => w + v);
  if (after > 1.01 * before) return "After a million updates it is still growing.";
  return "Weight decay is so strong that logits stay small.";
}

/**
 * @param {Settings} settings
 * @param {Run} run
 */
function whyHalfway(settings, run) {
  const part = Math.round(100 * testAccuracy(run.law.model, ...run.at(LAST)));
  const both = `Both circuits stay: ${part} % of test inputs are right.`;
  if (run.law.model.decay === 0) return `Without weight decay nothing is given up. ${both}`;
  return `Memorising takes ${priceOf(settings)}. ${both}`;
}

/**
 * @param {Settings} settings
 * @param {Run} run
 */
function whyMemorise(settings, run) {
  const { kappa, examples, decay, start, network } = settings;
  const { critical } = run.law.model;
  if (!present(run, 0)) return "There is no generalising circuit to take over.";
  if (network) return whyKept(run.law);
  if (decay === 0) return "Without weight decay nothing favours the circuit that needs less norm.";
  if (kappa > 2 && start[0] === 0) {
    return "Above κ = 2 a weight of zero is a trap: the generalising circuit never gets started.";
  }
  if (kappa > 2 && examples > critical) {
    return "Above κ = 2 the head start decides, even against the more efficient circuit.";
  }
  return `Memorising takes ${priceOf(settings)}, so weight decay lets it stay.`;
}

/**
 * Why a network keeps its memory.
 * @param {Law} law
 */
function whyKept({ model, penalty }) {
  const [{ share }] = penalty.rays();
  const part = Math.round(100 * share[1]);
  if (share[0] > 0) return `Both circuits share units: at rest memory has ${part} % of the weight.`;
  const onset = count(onsetOf(model.critical));
  return `Up to ${onset} examples memorising is so cheap that nothing else is left at rest.`;
}
