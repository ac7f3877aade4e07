// Where the weights can rest: the theorems of the book, as theory.minimal.equilibria solves them.

import { lawOf, LOG_RIVALS, logMarginalCost, logPull, logPullSlope, totalAt } from "./law.js";
import { LABELS } from "./model.js";

/** @import { Law } from "./law.js" */
/** @import { Pair, Settings } from "./model.js" */

/**
 * @typedef {object} Point
 * @property {Pair} weight  in logits
 * @property {"minimum" | "saddle" | "maximum" | "trap"} kind
 */

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
  const total = totalAt(least);
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
function resting({ power, cost }, support, larger) {
  const least = Math.min(...support.map((i) => cost[i]));
  /** @type {Pair} */
  const share = [0, 0];
  // At the same marginal cost weights are to each other as c^(-1/r).
  for (const i of support) share[i] = Math.exp(-Math.log(cost[i] / least) / power);
  const sum = share[0] + share[1];
  const logCost = Math.log(least) - power * Math.log(sum);
  const total = Math.exp(logTotal(logCost, power, larger));
  return Number.isNaN(total) ? null : [(total * share[0]) / sum, (total * share[1]) / sum];
}

/**
 * The root log S of p(S) = c S^r. In logs the excess of p is concave: Newton's method from the
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
    const excess = logPull(total) - logMarginalCost(logCost, power, x);
    const slope = total * logPullSlope(total) - power;
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
  const atFirst = (logPull(0) - logCost) / power;
  if (power > 0) return Math.min(atFirst, Math.log(Math.max(LOG_RIVALS - logCost, 1)));
  const peak = peakOf(-power);
  if (logPull(peak) <= logMarginalCost(logCost, power, Math.log(peak))) return NaN;
  if (!larger) return atFirst;
  const far = 2 * (LOG_RIVALS - logCost - power * (Math.log(-2 * power) - 1));
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
    if (-middle * logPullSlope(middle) < size) low = middle;
    else high = middle;
  }
  return low;
}
