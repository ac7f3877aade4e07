// Gradient flow in coordinates in which it is smooth, by steps whose error is controlled.
//
//   w = (rho / 2) sinh z   or, where rho = 0,   w = w(0) e^z
//
// In both dw/dz is half of the speed at which a weight goes down its slope L_i: dz/dt is -2 L_i.
//
// A step of length h is the linearly implicit Euler rule with 1, 2, ..., order parts, extrapolated
// to parts of no length. It stays stable where the penalty holds a weight next to zero.

import { gradient, pull, pullSlope, speedOf } from "./law.js";

/** @import { Law } from "./law.js" */
/** @import { Pair } from "./model.js" */

/** A z this small is not told from zero. */
const SMALLEST = 1e-9;
/** z at which the stiffness of a weight of zero is taken. */
const NEAR = 1e-12;
/** z of a balanced weight that has fallen to zero: e^z is exactly 0. */
const VANISHED = -800;
const FIRST_STEP = 1e-6;
/** G and M. */
export const CIRCUITS = /** @type {const} */ ([0, 1]);

/**
 * How finely a flow is followed.
 * @typedef {object} Precision
 * @property {number} order  of a step
 * @property {number} tolerance  error of z allowed in a step, relative to 1 + |z|
 */

/** Errors of weights and times below 1e-7. */
export const FINE = { order: 8, tolerance: 1e-10 };
/** Enough to tell what becomes of a run, at a fifth of the work. */
export const COARSE = { order: 4, tolerance: 1e-4 };

/** Gradient flow of both weights. */
export class Flow {
  /**
   * @param {Law} law
   * @param {Pair} start  weights, 0 or more
   * @param {Precision} precision
   */
  constructor(law, start, { order, tolerance }) {
    this.law = law;
    this.order = order;
    this.tolerance = tolerance;
    this.balanced = law.rho.map((rho) => rho === 0);
    this.scale = law.rho.map((rho, i) => (rho > 0 ? rho / 2 : start[i]));
    this.z = Float64Array.from(start, (w, i) => (this.balanced[i] ? 0 : arsinh(w / this.scale[i])));
    /** Weights, slopes of the penalty and slopes dz/dt where they were last taken. */
    this.weight = new Float64Array(2);
    this.marginal = new Float64Array(2);
    this.slope = new Float64Array(2);
    /** Which weights stay as they are. */
    this.held = [false, false];
    this.time = 0;
    this.length = FIRST_STEP;
    /** Where the step tried last ends. */
    this.end = new Float64Array(2);
    this.table = new Float64Array(2 * order);
    this.settle();
  }

  /**
   * Take w at z into `weight`.
   * @param {ArrayLike<number>} z
   */
  weigh(z) {
    for (let i = 0; i < 2; i++) {
      const grown = this.balanced[i] ? Math.exp(z[i]) : Math.sinh(z[i]);
      this.weight[i] = this.scale[i] === 0 ? 0 : this.scale[i] * grown;
    }
  }

  /**
   * Take w and dz/dt at z into `weight` and `slope`; return p.
   * @param {ArrayLike<number>} z
   */
  rate(z) {
    this.weigh(z);
    const p = pull(this.law, this.weight[0] + this.weight[1]);
    this.law.penalty.marginals(this.weight, this.marginal);
    this.slope[0] = this.held[0] ? 0 : this.slopeAt(0, p);
    this.slope[1] = this.held[1] ? 0 : this.slopeAt(1, p);
    return p;
  }

  /**
   * dz/dt of a weight that is not held.
   * @param {0 | 1} i
   * @param {number} p
   */
  slopeAt(i, p) {
    const marginal = this.marginal[i];
    const w = this.balanced[i] ? 1 : this.weight[i]; // one that is balanced is never quite zero
    // Where the penalty is infinitely steep at zero, no step may get there.
    if (this.law.penalty.power < 0 && (w < 0 || marginal === Infinity)) return NaN;
    return -2 * gradient(w, marginal, p);
  }

  /** Hold weights that are next to zero and sure to stay there; go on with others. */
  settle() {
    this.weigh(this.z);
    const p = pull(this.law, this.weight[0] + this.weight[1]);
    for (const i of CIRCUITS) {
      const near = !this.balanced[i] && this.z[i] <= SMALLEST ? SMALLEST * this.scale[i] : 0;
      this.held[i] = this.scale[i] === 0 || this.law.penalty.holds(i, this.weight, p, near);
      if (this.held[i]) this.z[i] = this.balanced[i] ? VANISHED : 0;
    }
    this.rate(this.z);
  }

  /**
   * Try a step of length h into `end`; return its error over what is allowed.
   * @param {number} h
   */
  attempt(h) {
    const { z, table, end, order } = this;
    const p = this.rate(z);
    const f0 = this.slope[0];
    const f1 = this.slope[1];
    const v0 = this.steepness(0);
    const v1 = this.steepness(1);
    const u0 = this.held[0] ? 0 : -2 * pullSlope(p);
    const u1 = this.held[1] ? 0 : -2 * pullSlope(p);
    const d0 = this.stiffness(0);
    const d1 = this.stiffness(1);
    let error = 0;
    for (let j = 0; j < order; j++) {
      const part = h / (j + 1);
      // The matrix 1 - part * (Jacobian without growth); its determinant is at least 1.
      const a = 1 + part * (d0 + u0 * v0);
      const b = part * u0 * v1;
      const c = part * u1 * v0;
      const d = 1 + part * (d1 + u1 * v1);
      const over = part / (a * d - b * c);
      end[0] = z[0] + over * (d * f0 - b * f1);
      end[1] = z[1] + over * (a * f1 - c * f0);
      for (let k = 0; k < j; k++) {
        this.rate(end);
        const f = this.slope[0];
        const g = this.slope[1];
        end[0] += over * (d * f - b * g);
        end[1] += over * (a * g - c * f);
      }
      error = 0;
      for (let i = 0; i < 2; i++) {
        let value = end[i];
        for (let k = 0; k < j; k++) {
          const before = table[order * i + k];
          table[order * i + k] = value;
          value += ((value - before) * (j - k)) / (k + 1);
        }
        table[order * i + j] = value;
        const other = table[order * i + Math.max(j - 1, 0)];
        error = Math.max(error, Math.abs(value - other) / (1 + Math.abs(value)));
        end[i] = value;
      }
    }
    return Number.isFinite(error + end[0] + end[1]) ? error / this.tolerance : Infinity;
  }

  /**
   * Take one step, of a length that keeps its error small; return that length.
   * @param {number} longest
   */
  step(longest) {
    for (;;) {
      const h = Math.min(this.length, longest);
      const error = this.attempt(h);
      const factor = Math.min(Math.max(0.85 * Math.max(error, 1e-12) ** (-1 / this.order), 0.1), 8);
      if (error <= 1) {
        this.length = Math.max(h * factor, Math.min(this.length, longest));
        this.time += h;
        this.z.set(this.end);
        this.settle();
        return h;
      }
      this.length = h * Math.min(factor, 0.7);
      if (this.length < 1e-300) throw new Error("gradient flow: no step is short enough");
    }
  }

  /**
   * dw/dz.
   * @param {0 | 1} i
   */
  steepness(i) {
    return speedOf(this.law, i, this.weight[i]) / 2;
  }

  /**
   * How fast the penalty alone pulls z back; 0 where it lets go instead.
   * @param {0 | 1} i
   */
  stiffness(i) {
    if (this.held[i]) return 0;
    const back = this.law.penalty.pullBack(i, this.weight, this.scale[i] * NEAR);
    return 2 * back * this.steepness(i);
  }
}

/**
 * asinh(x) for any x >= 0.
 * @param {number} x
 */
function arsinh(x) {
  return x > 1e150 ? Math.log(x) + Math.LN2 : Math.asinh(x);
}
