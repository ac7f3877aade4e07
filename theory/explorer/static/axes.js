// The axes of the map: examples over the exponent, or for a network over its weight decay.

import { RANGES, rangeOf } from "./settings.js";

/** @import { Pair, Settings } from "./model.js" */
/** @import { Range } from "./settings.js" */

/**
 * What runs from left to right.
 * @typedef {object} Across
 * @property {string} words
 * @property {Range} range
 * @property {boolean} logarithmic
 * @property {[number, string][]} ticks
 * @property {(right: number, value: number) => number} step
 * @property {(settings: Settings) => number} get
 * @property {(settings: Settings, value: number) => Settings} set
 */

/** @type {Across} */
const EXPONENT = {
  words: "exponent κ →",
  range: RANGES.kappa,
  logarithmic: false,
  ticks: [1, 2, 3, 4].map((kappa) => [kappa, `${kappa}`]),
  step: (right, kappa) => kappa + right / 20,
  get: ({ kappa }) => kappa,
  set: (settings, kappa) => ({ ...settings, kappa }),
};

/** @type {Across} */
const STRENGTH = {
  words: "weight decay γ →",
  range: RANGES.l2,
  logarithmic: true,
  ticks: [1e-5, 1e-4, 1e-3].map((l2) => [l2, l2.toExponential()]),
  step: (right, l2) => l2 * 1.1 ** right,
  get: ({ network }) => network?.[1] ?? 0,
  set: (settings, l2) => ({ ...settings, network: [settings.network?.[0] ?? 0, l2] }),
};

/** @param {Settings} settings */
export function acrossOf({ network }) {
  return network ? STRENGTH : EXPONENT;
}

/**
 * The settings at parts of the axes.
 * @param {Settings} settings  all others
 * @param {number} x
 * @param {number} y
 * @returns {Settings}
 */
export function placeAt(settings, x, y) {
  const { range, logarithmic, set } = acrossOf(settings);
  const { least, most } = range;
  const value = logarithmic ? least * (most / least) ** x : least + x * (most - least);
  const sizes = rangeOf("examples", settings);
  const examples = sizes.least * (sizes.most / sizes.least) ** y;
  return set({ ...settings, examples }, value);
}

/**
 * Parts of the axes at which settings lie.
 * @param {Settings} settings
 * @returns {Pair}
 */
export function partsOf(settings) {
  const { range, logarithmic, get } = acrossOf(settings);
  const { least, most } = range;
  const value = get(settings);
  const x = logarithmic
    ? Math.log(value / least) / Math.log(most / least)
    : (value - least) / (most - least);
  const sizes = rangeOf("examples", settings);
  return [x, Math.log(settings.examples / sizes.least) / Math.log(sizes.most / sizes.least)];
}

/**
 * The settings so many small steps further.
 * @param {Settings} settings
 * @param {number} right
 * @param {number} up
 * @returns {Settings}
 */
export function stepFrom(settings, right, up) {
  const { step, get, set } = acrossOf(settings);
  const examples = settings.examples * 1.02 ** up;
  return set({ ...settings, examples }, step(right, get(settings)));
}
