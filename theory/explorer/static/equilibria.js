// Where the weights can rest: the theorems of the book, as theory.minimal.equilibria solves them.

import { CIRCUITS } from "./integrator.js";
import { lawOf, logPull, logPullSlope, totalAt } from "./law.js";
import { present } from "./run.js";
import { logMarginalCost } from "./squared_norm.js";

/** @import { Law } from "./law.js" */
/** @import { Pair, Settings } from "./model.js" */
/** @import { Run } from "./run.js" */
/** @import { Ray } from "./squared_norm.js" */

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
  const { power } = law.penalty;
  if (law.model.decay === 0) return [];
  if (power === 0) return cheapest(law).map((weight) => ({ weight, kind: "minimum" }));
  /** @type {Point[]} */
  const points = power < 0 ? [{ weight: [0, 0], kind: "trap" }] : [];
  for (const ray of law.penalty.rays()) {
    const larger = resting(law, ray, true);
    const smaller = power < 0 && resting(law, ray, false);
    if (larger) points.push({ weight: larger, kind: ray.kinds[0] });
    if (smaller) points.push({ weight: smaller, kind: ray.kinds[1] });
  }
  return points;
}

/**
 * Where a run is bound to end, null where that is not known beforehand. Beside a trap it is if
 * units are shared and it has not fallen in by the end.
 * @param {Run} run
 * @param {Point[]} points
 * @param {number} end
 * @returns {Pair | null}
 */
export function restOf(run, points, end) {
  const { law } = run;
  const [g, m] = run.at(end);
  const safe = law.penalty.power >= 0 || (law.model.shared && g + m > 0);
  if (!safe || law.model.decay === 0) return null;
  const there = CIRCUITS.filter((i) => present(run, i));
  if (there.length === 1) return alone(law, there[0]);
  const rests = points.filter(({ kind }) => kind === "minimum");
  return there.length === 2 && rests.length === 1 ? rests[0].weight : null;
}

/**
 * Where one circuit rests without the other.
 * @param {Law} law
 * @param {0 | 1} i
 * @returns {Pair | null}
 */
function alone(law, i) {
  const { cost, power } = law.penalty;
  /** @type {Pair} */
  const share = i === 0 ? [1, 0] : [0, 1];
  if (power !== 0) return resting(law, { share, logCost: Math.log(cost[i]) }, true);
  const total = totalAt(law, cost[i]);
  return total > 0 ? [total * share[0], total * share[1]] : [0, 0];
}

/**
 * The rest at kappa = 2: the least cost alone, or nothing; both alone where they tie.
 * @param {Law} law
 * @returns {Pair[]}
 */
function cheapest(law) {
  const { cost } = law.penalty;
  const least = Math.min(...cost);
  const total = totalAt(law, least);
  if (!(total > 0)) return [[0, 0]];
  /** @type {Pair[]} */
  const alone = [
    [total, 0],
    [0, total],
  ];
  return alone.filter((_, i) => cost[i] === least);
}

/**
 * Weights in a direction at the larger or smaller root of p(S) = c S^r, null for no root.
 * @param {Law} law
 * @param {Pick<Ray, "share" | "logCost">} ray
 * @param {boolean} larger
 * @returns {Pair | null}
 */
export function resting(law, { share, logCost }, larger) {
  const total = Math.exp(logTotal(law, logCost, larger));
  return Number.isNaN(total) ? null : [total * share[0], total * share[1]];
}

/**
 * The root log S of p(S) = c S^r. In logs the excess of p is concave: Newton's method from the
 * outer side never passes it. NaN where there is none.
 * @param {Law} law
 * @param {number} logCost
 * @param {boolean} larger
 */
function logTotal(law, logCost, larger) {
  const { power } = law.penalty;
  const inward = larger || power >= 0 ? -1 : 1;
  let x = outerBound(law, logCost, larger);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const total = Math.exp(x);
    const excess = logPull(law, total) - logMarginalCost(logCost, power, x);
    const slope = total * logPullSlope(law, total) - power;
    const moved = inward * slope > 0 ? Math.max((-inward * excess) / slope, 0) : 0;
    if (!(moved > 1e-16 * Math.abs(x))) break;
    x += inward * moved;
  }
  return x;
}

/**
 * log S at or beyond the root, NaN where there is none.
 * @param {Law} law
 * @param {number} logCost
 * @param {boolean} larger
 */
function outerBound(law, logCost, larger) {
  const { logRivals, penalty } = law;
  const { power } = penalty;
  const atFirst = (logPull(law, 0) - logCost) / power;
  if (power > 0) return Math.min(atFirst, Math.log(Math.max(logRivals - logCost, 1)));
  const peak = peakOf(law, -power);
  if (logPull(law, peak) <= logMarginalCost(logCost, power, Math.log(peak))) return NaN;
  if (!larger) return atFirst;
  const far = 2 * (logRivals - logCost - power * (Math.log(-2 * power) - 1));
  return Math.log(Math.max(far, peak));
}

/**
 * Where p(S) S^R is largest: (1 - p) S = R, by bisection.
 * @param {Law} law
 * @param {number} size  R
 */
function peakOf(law, size) {
  let [low, high] = [size, size + law.model.labels];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (-middle * logPullSlope(law, middle) < size) low = middle;
    else high = middle;
  }
  return low;
}
