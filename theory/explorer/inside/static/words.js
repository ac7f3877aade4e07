// What goes on at a step, in words.

import { brief, count, percent } from "./numbers.js";

/** @import { InsideRecording } from "./inside_recording.js" */
/** @import { Recording } from "./recording.js" */

/** Below it a run fits: the right label has more than half of the probability. */
const FITS = Math.log(2);
/** Test accuracy from which on a run generalises, and from which on it begins to. */
const GENERALISES = 0.95;
const NOTICED = 0.1;
/** Change of test accuracy below which a run rests. */
const FLAT = 0.05;

/**
 * A headline, and what says why.
 * @typedef {[string, (recording: InsideRecording, k: number) => string]} Told
 */

/**
 * A headline and a sentence that says why.
 * @param {InsideRecording} recording
 * @param {number} k
 * @returns {[string, string]}
 */
export function tell(recording, k) {
  const [headline, why] = toldOf(recording, k);
  return [headline, why(recording, k)];
}

/**
 * The headline alone.
 * @param {Recording} recording
 * @param {number} k
 */
export function headlineOf(recording, k) {
  return toldOf(recording, k)[0];
}

/**
 * @param {Recording} recording
 * @param {number} k
 * @returns {Told}
 */
function toldOf(recording, k) {
  const { values } = recording;
  const test = values.test_accuracy[k];
  if (k === 0) return ["It guesses.", whyGuess];
  if (test >= GENERALISES) return ["It generalises.", whyGeneralise];
  if (values.train_loss[k] >= FITS) return ["It learns its sums by heart.", whyLearn];
  if (test < NOTICED) return ["It fits, and knows little else.", whyFit];
  if (restsInPart(recording, k)) return ["It generalises in part.", whyRest];
  return ["It begins to generalise.", whyGrow];
}

/**
 * Whether the run has come to where it ends, without having learned all: from here on, and over
 * the last factor of two in updates, the test accuracy stays as it is.
 * @param {Recording} recording
 * @param {number} k
 */
function restsInPart({ values, steps, last }, k) {
  const half = steps.findIndex((step) => step >= steps[last] / 2);
  const rest = values.test_accuracy.slice(Math.min(k, half));
  return values.test_accuracy[last] < GENERALISES && Math.max(...rest) - Math.min(...rest) < FLAT;
}

/** @param {Recording} recording */
function whyGuess({ modulus }) {
  return `Nothing is learned yet, and a guess gets one answer in ${modulus} right.`;
}

/**
 * @param {Recording} recording
 * @param {number} k
 */
function whyLearn({ modulus, values }, k) {
  const [seen, unseen] = [values.train_accuracy[k], values.test_accuracy[k]].map(percent);
  const others = `${unseen} of the others. Guessing would get ${percent(1 / modulus)}.`;
  return `${seen} of them are right, and ${others}`;
}

/**
 * @param {Recording} recording
 * @param {number} k
 */
function whyFit({ values }, k) {
  const [seen, unseen] = [values.train_accuracy[k], values.test_accuracy[k]].map(percent);
  return `${seen} of its sums are right, and ${unseen} of the others. Memorising does the work.`;
}

/**
 * @param {Recording} recording
 * @param {number} k
 */
function whyRest({ values }, k) {
  const right = `${percent(values.test_accuracy[k])} of the sums that it was never shown are right`;
  return `${right}; on the others it is outvoted by what it remembers.`;
}

/**
 * @param {InsideRecording} recording
 * @param {number} k
 */
function whyGrow({ values }, k) {
  const [g, m] = values.weight.map((weight) => weight[k]);
  const lead = g > m ? "has overtaken" : "grows, still behind";
  return (
    `${percent(values.test_accuracy[k])} of the sums that it was never shown are right. ` +
    `The generalising weight ${lead} the memorising one.`
  );
}

/**
 * @param {InsideRecording} recording
 * @param {number} k
 */
function whyGeneralise({ values }, k) {
  const [, memorising] = values.weight;
  const [peak, now] = [Math.max(...memorising), memorising[k]];
  const back = `Weight decay takes the memorising weight back, from ${peak.toFixed(1)} to `;
  const fall = now < 0.95 * peak ? ` ${back}${now.toFixed(1)}.` : "";
  const unseen = percent(values.test_accuracy[k]);
  return `${unseen} of the sums that it was never shown are right.${fall}`;
}

/**
 * What is to be read in numbers, by name.
 * @param {InsideRecording} recording
 * @param {number} k
 * @returns {[string, string][]}
 */
export function numbersOf(recording, k) {
  const { values } = recording;
  const { train, test } = recording.counts(k);
  const of = (/** @type {number[]} */ [right, all]) => `${count(right)} of ${count(all)}`;
  return [
    ["training sums right", of(train)],
    ["other sums right", of(test)],
    ["train loss", brief(values.train_loss[k])],
    ["test loss", brief(values.test_loss[k])],
    ["parameter norm", brief(values.parameter_norm[k])],
    ["strongest wave", `${percent(values.strongest_wave[k])} of a unit`],
  ];
}
