// Where the weights can rest: the theorems of the book, as theory.minimal.equilibria solves them.

import { LABELS, lawOf } from "./model.js";

/** @import { Law, Pair, Settings } from "./model.js" */

/**
 * @typedef {object} Point
 * @property {Pair} weight  in logits
 * @property {"minimum" | "saddle" | "maximum" | "trap"} kind
 */

const SPARE = Math.log(LABELS - 1);
const NEWTON_STEPS = 100;

/**
 * All stationary points; none without decay.
 * @param {Settings} settings
 * @returns {Point[]}
 */
export function equilibria(settings) {
  const law = lawOf(settings);
  if (settings.decay === 0) return [];
  if (law.power > 0) return [{ weight: resting(law, [0, 1], true) ?? [0, 0], kind: "minimum" }];
  if (law.power === 0) return cheapest(law).map((weight) => ({ weight, kind: "minimum" }));
  /** @type {Point[]} */
  const points = [{ weight: [0, 0], kind: "trap" }];
  for (const support of [[0], [1], [0, 1]]) {
    const [larger, smaller] = [resting(law, support, true), resting(law, support, false)];
    const both = support.length > 1;
    if (larger) points.push({ weight: larger, kind: both ? "saddle" : "minimum" });
    if (smaller) points.push({ weight: smaller, kind: both ? "maximum" : "saddle" });
  }
  return points;
}

/**
 * The rest at kappa = 2: the least cost alone, or nothing; both alone where they tie.
 * @param {Law} law
 * @returns {Pair[]}
 */
function cheapest(law) {
  const least = Math.min(...law.cost);
  const total = Math.log(LABELS - 1) + Math.log(1 / least - 1);
  if (!(total > 0)) return [[0, 0]];
  /** @type {Pair[]} */
  const alone = [
    [total, 0],
    [0, total],
  ];
  return alone.filter((_, i) => law.cost[i] === least);
}

/**
 * Weights of a set of circuits at the larger or smaller root of p(S) = c_* S^r, null for no root.
 * @param {Law} law
 * @param {number[]} support
 * @param {boolean} larger
 * @returns {Pair | null}
 */
function resting({ power, norm, cost }, support, larger) {
  const least = Math.min(...support.map((i) => norm[i]));
  /** @type {Pair} */
  const share = [0, 0];
  for (const i of support) share[i] = Math.exp((-2 * Math.log(norm[i] / least)) / power);
  const sum = share[0] + share[1];
  const unit = cost[0] / norm[0] ** 2;
  const logCost = Math.log(unit * least ** 2) - power * Math.log(sum);
  const total = Math.exp(logTotal(logCost, power, larger));
  return Number.isNaN(total) ? null : [(total * share[0]) / sum, (total * share[1]) / sum];
}

/**
 * log p(S).
 * @param {number} total
 */
function logWrong(total) {
  const x = total - SPARE;
  return x > 0 ? -x - Math.log1p(Math.exp(-x)) : -Math.log1p(Math.exp(x));
}

/**
 * The root log S of log p(S) - r log S = log c, which is concave in log S: Newton's method from the
 * outer side never passes it. NaN where there is none.
 * @param {number} logCost
 * @param {number} power
 * @param {boolean} larger
 */
function logTotal(logCost, power, larger) {
  const inward = larger || power >= 0 ? -1 : 1;
  let x = outerBound(logCost, power, larger);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const total = Math.exp(x);
    const excess = logWrong(total) - power * x - logCost;
    const slope = -total / (1 + Math.exp(SPARE - total)) - power;
    const moved = inward * slope > 0 ? Math.max((-inward * excess) / slope, 0) : 0;
    if (!(moved > 1e-16 * Math.abs(x))) break;
    x += inward * moved;
  }
  return x;
}

/**
 * log S at or beyond the root, NaN where there is none.
 * @param {number} logCost
 * @param {number} power
 * @param {boolean} larger
 */
function outerBound(logCost, power, larger) {
  const pull = (logWrong(0) - logCost) / power;
  if (power > 0) return Math.min(pull, Math.log(Math.max(SPARE - logCost, 1)));
  const peak = peakOf(-power);
  if (logWrong(peak) - power * Math.log(peak) <= logCost) return NaN;
  if (!larger) return pull;
  const far = 2 * (SPARE - logCost - power * (Math.log(-2 * power) - 1));
  return Math.log(Math.max(far, peak));
}

/**
 * Where p(S) S^R is largest: (1 - p) S = R, by bisection.
 * @param {number} size  R
 */
function peakOf(size) {
  let [low, high] = [size, size + LABELS];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (middle / (1 + Math.exp(SPARE - middle)) < size) low = middle;
    else high = middle;
  }
  return low;
}
