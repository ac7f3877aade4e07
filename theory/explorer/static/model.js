// The minimal model with its two circuits, G (generalising, index 0) and M (memorising, index 1).
// Units and symbols are those of theory.minimal; P_G is 1, which loses nothing.

import { costsOf, DEGREE } from "./network.js";

/**
 * A number for G and a number for M.
 * @typedef {[number, number]} Pair
 */

/**
 * What a reader sets.
 * @typedef {object} Settings
 * @property {number} kappa  exponent of the paper's model, above 0
 * @property {number} examples  D, above 0
 * @property {number} decay  alpha of the paper's model, 0 or more
 * @property {Pair} speed  sqrt(rho), where rho = b^2 - a^2 of the subweights never changes; with
 *   speed 0 a weight is balanced, and from 0 it stays 0
 * @property {Pair} start  w(0), in logits, 0 or more
 * @property {Pair} [network]  m and gamma of a network, whose numbers then stand for those of the
 *   paper's model, as in theory.repaired
 */

/**
 * What the settings stand for.
 * @typedef {object} Model
 * @property {number} labels  q
 * @property {number} kappa
 * @property {number} decay  alpha, where P_G is 1
 * @property {number} critical  examples at which both circuits need the same norm
 * @property {number} root  P_M is (D / critical)^root
 * @property {boolean} shared  whether both circuits sit in the same units
 */

/** Learning rate by which times become numbers of updates. */
export const RATE = 0.01;
/** How much a circuit's logit varies between test inputs, relative to its mean. */
const SPREAD = 0.3;
/** Scatter of the lead of the right logit where units are shared, over the root of M's share. */
const SCATTER = 0.46;
/** Deviations from which on a Gaussian's tail is less than rounding. */
const FAR = 8;

/**
 * @param {Settings} settings
 * @returns {Model}
 */
export function modelOf({ kappa, decay, network }) {
  if (!network) return { labels: 113, kappa, decay, critical: 400, root: 1 / 2, shared: false };
  const [labels, strength] = network;
  const { norm, critical } = costsOf(network);
  return {
    labels,
    kappa: DEGREE,
    decay: (strength / 2) * norm ** 2,
    critical,
    root: 1 / DEGREE,
    shared: true,
  };
}

/**
 * Part of the test inputs that are answered rightly, as theory.minimal.with_spread has it, and
 * theory.circuits.test_accuracy where units are shared.
 * @param {Model} model
 * @param {number} g
 * @param {number} m
 */
export function testAccuracy({ labels, shared }, g, m) {
  if (g === 0 && m === 0) return 1 / labels;
  const scatter = shared ? SCATTER * Math.sqrt(m * (g + m)) : SPREAD * Math.hypot(g, m);
  return normal(Math.min(Math.max((g - m) / scatter, -FAR), FAR));
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
