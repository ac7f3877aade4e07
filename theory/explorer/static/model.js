// The minimal model with its two circuits, G (generalising, index 0) and M (memorising, index 1).
// Units and symbols are those of theory.minimal; P_G is 1, which loses nothing.

/**
 * A number for G and a number for M.
 * @typedef {[number, number]} Pair
 */

/**
 * What a reader sets.
 * @typedef {object} Settings
 * @property {number} kappa  exponent, above 0
 * @property {number} examples  D, above 0: the norm P_M is sqrt(D / CRITICAL)
 * @property {number} decay  alpha, 0 or more
 * @property {Pair} speed  sqrt(rho), where rho = b^2 - a^2 of the subweights never changes; with
 *   speed 0 a weight is balanced, and from 0 it stays 0
 * @property {Pair} start  w(0), in logits, 0 or more
 */

/** Number of labels, q. */
export const LABELS = 113;
/** Examples at which both circuits need the same norm. */
export const CRITICAL = 400;
/** Learning rate by which times become numbers of updates. */
export const RATE = 0.01;
/** How much a circuit's logit varies between test inputs, relative to its mean. */
const SPREAD = 0.3;

/**
 * Part of the test inputs that are answered rightly, as theory.minimal.with_spread has it.
 * @param {number} g
 * @param {number} m
 */
export function testAccuracy(g, m) {
  const size = Math.hypot(g, m);
  return size > 0 ? normal((g - m) / (SPREAD * size)) : 1 / LABELS;
}

/**
 * The distribution function of a standard Gaussian, by its series around 0.
 * @param {number} x  of moderate size
 */
function normal(x) {
  let [sum, term] = [x, x];
  for (let n = 3; Math.abs(term) > 1e-15; n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}
