// What can be set, and with what it starts.

/** @import { Pair, Settings } from "./model.js" */

/**
 * Least and largest value of each number; a slider with a `low` has only 0 below it.
 * @typedef {{ least: number, most: number, low?: number }} Range
 */

/** @type {Record<string, Range>} */
export const RANGES = {
  kappa: { least: 0.5, most: 4 },
  examples: { least: 60, most: 6400 },
  decay: { least: 0, low: 1e-4, most: 1 },
  speed: { least: 0, low: 1e-6, most: 1 },
  start: { least: 0, most: 10 },
  modulus: { least: 23, most: 95 },
  l2: { least: 1e-5, most: 1e-3 },
};

/**
 * The paper's simulation.
 * @type {Readonly<Settings>}
 */
export const PAPER = { kappa: 1.2, examples: 1600, decay: 0.005, speed: [0.005, 1], start: [0, 0] };

/**
 * A network on addition modulo 59, as theory.repaired starts it.
 * @type {Readonly<Settings>}
 */
export const NETWORK = {
  ...PAPER,
  examples: 1200,
  speed: [0.001, 0],
  start: [0, 1],
  network: [59, 1e-4],
};

/**
 * The range of a number at other settings: on addition modulo m there are m^2 examples.
 * @param {string} name
 * @param {Partial<Settings>} settings
 */
export function rangeOf(name, { network }) {
  const range = RANGES[name];
  if (name !== "examples" || !network) return range;
  return { ...range, most: Math.min(network[0] ** 2, range.most) };
}

/**
 * Settings with every number in its range; what is missing or no number is the preset's.
 * @param {Partial<Settings>} given
 * @returns {Settings}
 */
export function inRange(given) {
  const network = given.network && networkInRange(given.network);
  const preset = network ? NETWORK : PAPER;
  const one = (/** @type {"kappa" | "examples" | "decay"} */ name) =>
    clip(rangeOf(name, { network }), given[name], preset[name]);
  const two = (/** @type {"speed" | "start"} */ name) =>
    /** @type {Pair} */ ([0, 1].map((i) => clip(RANGES[name], given[name]?.[i], preset[name][i])));
  const settings = {
    kappa: one("kappa"),
    examples: one("examples"),
    decay: one("decay"),
    speed: two("speed"),
    start: two("start"),
  };
  return network ? { ...settings, network } : settings;
}

/**
 * The costs are derived for odd m.
 * @param {Pair} network
 * @returns {Pair}
 */
function networkInRange([modulus, l2]) {
  const [otherModulus, otherL2] = /** @type {Pair} */ (NETWORK.network);
  const whole = clip(RANGES.modulus, modulus, otherModulus);
  return [2 * Math.floor(whole / 2) + 1, clip(RANGES.l2, l2, otherL2)];
}

/**
 * @param {Range} range
 * @param {unknown} value
 * @param {number} otherwise
 */
function clip({ least, most }, value, otherwise) {
  const number = typeof value === "number" && Number.isFinite(value) ? value : otherwise;
  return Math.min(Math.max(number, least), most);
}
