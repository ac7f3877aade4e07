// What a run does, in words.

import { memorisingNorm } from "./law.js";
import { modelOf, RATE, testAccuracy } from "./model.js";
import { costsOf, onsetOf } from "./network.js";
import { LATE, regimeOf, REGIMES } from "./regimes.js";
import { LAST } from "./story.js";

/** @import { Law } from "./law.js" */
/** @import { Settings } from "./model.js" */
/** @import { Run } from "./run.js" */
/** @import { Story } from "./story.js" */

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
  if (value < 0.001) return value.toExponential(value.toPrecision(1) === String(value) ? 0 : 1);
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
 * What was derived for a network, in symbols; nothing for the paper's model.
 * @param {Settings} settings
 */
export function derivedOf(settings) {
  if (!settings.network) return "";
  const { norm, critical } = costsOf(settings.network);
  return `q = ${settings.network[0]}, P_G = ${short(norm)}, D_crit = ${Math.round(critical)}`;
}

/**
 * A headline and a sentence that says why.
 * @param {Story} story
 * @returns {[string, string]}
 */
export function tell(story) {
  return story.changed ? tellOfChange(story) : tellOfRun(story.settings, story.run);
}

/**
 * @param {Story} story
 * @returns {[string, string]}
 */
function tellOfChange(story) {
  const { settings, since, groks, ungroks } = story;
  const examples = `${count(settings.examples)} examples`;
  const why = `With ${examples}, memorising takes ${priceOf(settings)}.`;
  if (ungroks < LAST)
    return ["It ungroks.", `${why} It forgets after ${updates(ungroks)} updates.`];
  if (groks < LAST)
    return ["It groks again.", `${why} It recovers after ${updates(groks)} updates.`];
  const state = story.generalises(LAST) ? "It goes on generalising." : "It goes on memorising.";
  return [state, `Changed after ${updates(since)} updates. ${why}`];
}

/**
 * @param {Settings} settings
 * @param {Run} run
 * @returns {[string, string]}
 */
function tellOfRun(settings, run) {
  const regime = REGIMES[regimeOf(run)];
  if (regime === "collapse") return ["It learns too little to fit.", whyCollapse(settings, run)];
  if (regime === "memorisation" && run.groks > LAST && run.groks < Infinity) {
    return ["It would grok, but very late.", `Only after ${updates(run.groks)} updates.`];
  }
  if (regime === "memorisation") return ["It memorises, for good.", whyMemorise(settings, run)];
  if (regime === "semi-grokking") return ["It semi-groks.", whyHalfway(settings, run)];
  const when = run.groks === 0 ? "from the start" : `after ${updates(run.groks)} updates`;
  const fit = run.fits > 0 ? `fits after ${updates(run.fits)} updates` : "fits from the start";
  if (regime === "comprehension") {
    const soon = run.groks > run.fits ? `, less than ${LATE} times as long` : "";
    return ["It generalises soon.", `It ${fit} and generalises ${when}${soon}: no grokking.`];
  }
  if (run.groks <= run.fits) {
    return ["It groks.", `It ${fit}. Generalising leads ${when}, and takes over slowly.`];
  }
  if (settings.examples <= run.law.model.critical) {
    return ["It groks.", `It ${fit} by memorising, and generalises ${when}.`];
  }
  if (settings.network) {
    const [g, m] = run.at(LAST);
    const kept = Math.round((100 * m) / (g + m));
    const why = "Beside memory generalising has a finite price";
    return [
      "It groks.",
      `It ${fit}, by memorising. ${why}, and takes over ${when}; memory keeps ${kept} % of the weight.`,
    ];
  }
  const price = `That takes ${priceOf(settings)}, so weight decay makes it switch`;
  return ["It groks.", `It ${fit}, by memorising. ${price} ${when}.`];
}

/**
 * @param {Settings} settings
 * @param {Run} run
 */
function whyCollapse(settings, run) {
  const { kappa, network } = settings;
  const [g, m] = run.at(LAST);
  const trapped = g + m === 0;
  if (network && trapped && settings.start[1] + settings.speed[1] === 0) {
    return "Nothing memorises, and what generalises is too small to grow alone.";
  }
  if (network && trapped) return "At degree 3 two weights of zero are a trap. Both fell into it.";
  if (kappa > 2 && trapped) return "Above κ = 2 a weight of zero is a trap. Both fell into it.";
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
  const { kappa, examples, decay, speed, start, network } = settings;
  const { critical } = run.law.model;
  if (start[0] === 0 && speed[0] === 0) return "There is no generalising circuit to take over.";
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
