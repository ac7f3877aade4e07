// The paper's penalty, alpha sum_i P_i^2 |w_i|^(2/kappa): each circuit pays for itself,
//
//   c_i |w_i|^r   for a little more,   with c_i = (2 alpha / kappa) P_i^2 and r = 2 / kappa - 1.
//
// Every penalty offers what is here, and a circuit alone costs the same under any.

/** @import { Pair } from "./model.js" */

/**
 * A direction in which both weights can rest. Along it the model is that of one circuit.
 * @typedef {object} Ray
 * @property {Pair} share  of either circuit in the sum of both
 * @property {number} logCost  log c of that one circuit
 * @property {["minimum", "saddle"] | ["saddle", "maximum"]} kinds  of point at the larger sum and,
 *   for kappa > 2, at the smaller
 */

/**
 * @typedef {object} Penalty
 * @property {number} power  r
 * @property {Pair} cost  c of each circuit alone
 * @property {(weight: ArrayLike<number>) => number} value  what both cost, in nats
 * @property {(weight: ArrayLike<number>, into: Pair | Float64Array) => void} marginals  slopes of
 *   it in |w_i|, without decay 0
 * @property {(weight: ArrayLike<number>) => [Pair, Pair]} curvature  second derivatives, at weights
 *   above 0
 * @property {(i: 0 | 1, weight: ArrayLike<number>, least: number) => number} pullBack  how fast a
 *   slope rises with its weight, or with `least` if that is more; 0 where it lets go instead
 * @property {(i: 0 | 1, weight: ArrayLike<number>, p: number, near: number) => boolean} holds
 *   whether a weight is next to zero and sure to stay, at a pull p; `near` is a weight that is not
 *   told from zero, or 0 where this one can be
 * @property {() => Ray[]} rays  all, for decay above 0 and kappa other than 2
 */

/** For kappa > 2, a weight in logits this small is not told from zero. */
export const SMALLEST_WEIGHT = 1e-9;
/** Numbers below have fewer digits: no step would be accurate enough. */
const LEAST = 2 ** -1022;

/** @implements {Penalty} */
export class SquaredNorm {
  /**
   * @param {number} kappa
   * @param {Pair} cost
   */
  constructor(kappa, cost) {
    this.power = powerOf(kappa);
    this.cost = cost;
  }

  /** @param {ArrayLike<number>} weight */
  value(weight) {
    const of = (/** @type {0 | 1} */ i) =>
      (this.cost[i] * Math.abs(weight[i]) ** (this.power + 1)) / (this.power + 1);
    return of(0) + of(1);
  }

  /**
   * c w^r: infinite at 0 for kappa > 2.
   * @param {0 | 1} i
   * @param {number} size
   */
  marginal(i, size) {
    return this.cost[i] === 0 ? 0 : this.cost[i] * size ** this.power;
  }

  /**
   * @param {ArrayLike<number>} weight
   * @param {Pair | Float64Array} into
   */
  marginals(weight, into) {
    into[0] = this.marginal(0, Math.abs(weight[0]));
    into[1] = this.marginal(1, Math.abs(weight[1]));
  }

  /**
   * Derivative of the marginal cost.
   * @param {0 | 1} i
   * @param {number} size  above 0
   */
  marginalSlope(i, size) {
    const { power, cost } = this;
    return cost[i] * power === 0 ? 0 : cost[i] * power * size ** (power - 1);
  }

  /**
   * @param {ArrayLike<number>} weight
   * @returns {[Pair, Pair]}
   */
  curvature(weight) {
    return [
      [this.marginalSlope(0, weight[0]), 0],
      [0, this.marginalSlope(1, weight[1])],
    ];
  }

  /**
   * @param {0 | 1} i
   * @param {ArrayLike<number>} weight
   * @param {number} least
   */
  pullBack(i, weight, least) {
    return this.power > 0 ? this.marginalSlope(i, Math.max(weight[i], least)) : 0;
  }

  /**
   * @param {0 | 1} i
   * @param {ArrayLike<number>} weight
   * @param {number} p
   * @param {number} near
   */
  holds(i, weight, p, near) {
    if (this.power >= 0) return near > 0 && this.marginal(i, near) >= p;
    const w = weight[i];
    const trapped = w < LEAST || (w <= SMALLEST_WEIGHT && this.marginal(i, w) > 1);
    return trapped && this.cost[i] > 0;
  }

  /** @returns {Ray[]} */
  rays() {
    if (this.power > 0) return [this.ray([0, 1], ["minimum", "saddle"])];
    return [
      this.ray([0], ["minimum", "saddle"]),
      this.ray([1], ["minimum", "saddle"]),
      this.ray([0, 1], ["saddle", "maximum"]),
    ];
  }

  /**
   * At the same marginal cost weights are to each other as c^(-1/r).
   * @param {number[]} support
   * @param {Ray["kinds"]} kinds
   * @returns {Ray}
   */
  ray(support, kinds) {
    const { power, cost } = this;
    const least = Math.min(...support.map((i) => cost[i]));
    const part = (/** @type {number} */ i) =>
      support.includes(i) ? Math.exp(-Math.log(cost[i] / least) / power) : 0;
    const sum = part(0) + part(1);
    const logCost = Math.log(least) - power * Math.log(sum);
    return { share: [part(0) / sum, part(1) / sum], logCost, kinds };
  }
}

/**
 * r, unlike 2 / kappa - 1 exact to rounding near kappa = 2.
 * @param {number} kappa
 */
export function powerOf(kappa) {
  return (2 - kappa) / kappa;
}

/**
 * log(c w^r) from log c and log w.
 * @param {number} logCost
 * @param {number} power
 * @param {number} logWeight
 */
export function logMarginalCost(logCost, power, logWeight) {
  return logCost + power * logWeight;
}
