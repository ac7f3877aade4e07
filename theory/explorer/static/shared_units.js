// The penalty of circuits that sit in the same units, as theory.minimal.shared_units has it with
// one-sided mixing, for kappa > 2: alpha rho^2, where
//
//   t_G + t_M = 1,   t_i = (P_i^kappa |w_i| / rho^kappa)^b_i,   b_G = 1, b_M = b > 1.
//
// A little memory is free, and a little of what generalises is not. P_G is 1.

import { powerOf, SMALLEST_WEIGHT } from "./squared_norm.js";

/** @import { Pair } from "./model.js" */
/** @import { Penalty, Ray } from "./squared_norm.js" */

/** Newton's method for the norm takes about six. */
const MOST_STEPS = 60;

/**
 * @typedef {object} Shared
 * @property {number} logGauge  kappa log rho
 * @property {Pair} part  t
 * @property {number} mean  B = sum_i b_i t_i
 */

/** @implements {Penalty} */
export class SharedUnits {
  /**
   * @param {number} kappa  above 2
   * @param {Pair} cost
   * @param {number} mixing  b
   */
  constructor(kappa, cost, mixing) {
    this.kappa = kappa;
    this.power = powerOf(kappa);
    this.cost = cost;
    /** @type {Pair} */
    this.mixing = [1, mixing];
    /** log (P_M / P_G)^kappa */
    this.logPrice = (kappa / 2) * Math.log(cost[1] / cost[0]);
    this.logUnit = Math.log(cost[0]);
    /** @type {Pair} */
    this.found = [0, 0];
  }

  /**
   * alpha rho^2, of which c_G is 2 / kappa.
   * @param {ArrayLike<number>} weight
   */
  value(weight) {
    const { logGauge } = this.shared(weight);
    return (this.kappa / 2) * Math.exp(this.logUnit + (2 / this.kappa) * logGauge);
  }

  /**
   * @param {ArrayLike<number>} weight
   * @param {Pair | Float64Array} into
   */
  marginals(weight, into) {
    const { logGauge, mean } = this.shared(weight);
    if (logGauge === -Infinity) {
      into.fill(Infinity);
      return;
    }
    const b = this.mixing[1];
    const log = this.logUnit + (2 / this.kappa) * logGauge;
    const grown = weight[1] === 0 ? -Infinity : (b - 1) * Math.log(Math.abs(weight[1]));
    into[0] = Math.exp(log - logGauge) / mean;
    into[1] = (b * Math.exp(log + b * (this.logPrice - logGauge) + grown)) / mean;
  }

  /**
   * @param {ArrayLike<number>} weight
   * @returns {[Pair, Pair]}
   */
  curvature(weight) {
    const { kappa, mixing: b, found: slope } = this;
    const { part, mean } = this.shared(weight);
    this.marginals(weight, slope);
    const value = this.value(weight);
    const ratio = (part[0] + b[1] ** 2 * part[1]) / mean;
    const of = (/** @type {0 | 1} */ i, /** @type {0 | 1} */ j) => {
      const across = (slope[i] / value) * slope[j] * (1 + (kappa / 2) * (ratio - b[i] - b[j]));
      return i + j === 2 ? across + ((b[1] - 1) * slope[1]) / weight[1] : across;
    };
    return [
      [of(0, 0), of(0, 1)],
      [of(1, 0), of(1, 1)],
    ];
  }

  /**
   * Of memory beside the other; along both together the slopes fall.
   * @param {0 | 1} i
   * @param {ArrayLike<number>} weight
   * @param {number} least
   */
  pullBack(i, weight, least) {
    const size = Math.max(weight[i], least);
    if (i === 0 || size === 0) return 0;
    this.marginals([weight[0], size], this.found);
    return ((this.mixing[1] - 1) * this.found[1]) / size;
  }

  /**
   * Only both together are trapped. What generalises may be held while there is too much memory.
   * @param {0 | 1} i
   * @param {ArrayLike<number>} weight
   * @param {number} p
   * @param {number} near
   */
  holds(i, weight, p, near) {
    const { found } = this;
    this.marginals(weight, found);
    const falls = (/** @type {0 | 1} */ k) =>
      weight[k] === 0 || (weight[k] <= SMALLEST_WEIGHT && found[k] > 1);
    return (falls(0) && falls(1)) || (near > 0 && found[i] >= p);
  }

  /** @returns {Ray[]} */
  rays() {
    const [b, price] = [this.mixing[1], Math.exp(this.logPrice)];
    const logMemory = -Math.log(Math.max(b * price, 1)) / (b - 1);
    // Of the sum over rho^kappa, in units of what generalising alone gives.
    const parts = [-Math.expm1(b * logMemory), Math.exp(logMemory) / price];
    const whole = parts[0] + parts[1];
    const logCost = this.logUnit - (2 / this.kappa) * Math.log(whole);
    /** @type {Pair} */
    const share = [parts[0] / whole, parts[1] / whole];
    return [{ share, logCost, kinds: ["minimum", "saddle"] }];
  }

  /**
   * Newton's method from the left, which never passes the root: the logarithm of the sum of all
   * t_i is convex and falls in that of rho.
   * @param {ArrayLike<number>} weight
   * @returns {Shared}
   */
  shared(weight) {
    const b = this.mixing[1];
    const log0 = Math.log(Math.abs(weight[0]));
    const log1 = this.logPrice + Math.log(Math.abs(weight[1]));
    let logGauge = Math.max(log0, log1);
    if (logGauge === -Infinity) return { logGauge, part: [0, 0], mean: 1 };
    for (let step = 0; ; step++) {
      const first = Math.exp(log0 - logGauge);
      const second = Math.exp(b * (log1 - logGauge));
      const [total, mean] = [first + second, first + b * second];
      const next = logGauge + (Math.log(total) * total) / mean;
      if (!(next > logGauge) || step === MOST_STEPS) {
        return { logGauge, part: [first, second], mean };
      }
      logGauge = next;
    }
  }
}
