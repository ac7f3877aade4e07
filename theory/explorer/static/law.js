// The law of the model, which no other file states: what weights cost, and how they move.
//
//   L(w) = l(S) + alpha sum_i P_i^2 |w_i|^(2/kappa),    l(S) = log(1 + (q - 1) e^-S),
//   L_i = -p(S) + c_i sgn(w_i) |w_i|^r,                 dw_i/dt = -sqrt(rho_i^2 + 4 w_i^2) L_i,
//
// with S = w_G + w_M, p = -l', c_i = (2 alpha / kappa) P_i^2 and r = 2 / kappa - 1.
// At w_i = 0, L_i is the subgradient of least norm, -max(p - c_i 0^r, 0), as in theory.minimal.

import { CRITICAL, LABELS } from "./model.js";

/** @import { Pair, Settings } from "./model.js" */

/**
 * What the equations need.
 * @typedef {object} Law
 * @property {number} power  r
 * @property {Pair} cost  c
 * @property {Pair} rho
 */

/** log(q - 1): the logits in which all rival labels together equal the right one. */
export const LOG_RIVALS = Math.log(LABELS - 1);

/**
 * @param {Settings} settings
 * @returns {Law}
 */
export function lawOf({ kappa, examples, decay, speed }) {
  const unit = (2 * decay) / kappa;
  return {
    power: (2 - kappa) / kappa, // unlike 2 / kappa - 1 exact to rounding near kappa = 2
    cost: [unit, unit * memorisingNorm(examples) ** 2],
    rho: [speed[0] ** 2, speed[1] ** 2],
  };
}

/**
 * P_M, where P_G is 1.
 * @param {number} examples
 */
export function memorisingNorm(examples) {
  return Math.sqrt(examples / CRITICAL);
}

/**
 * Cross-entropy l(S) on the training set, in nats.
 * @param {number} total
 */
export function trainLoss(total) {
  return softplus(LOG_RIVALS - total);
}

/**
 * Cross-entropy on test inputs, in nats: there memorising speaks for one of the wrong labels.
 * @param {number} g
 * @param {number} m
 */
export function testLoss(g, m) {
  return Math.log1p(Math.exp(m - g) + (LABELS - 2) * Math.exp(-g));
}

/**
 * The pull p(S) of the training set on every weight: the probability of all wrong labels.
 * @param {number} total
 */
export function pull(total) {
  return 1 / (1 + Math.exp(total) / (LABELS - 1));
}

/**
 * log p(S), also where p is too small for a number.
 * @param {number} total
 */
export function logPull(total) {
  return -softplus(total - LOG_RIVALS);
}

/**
 * dp/dS at a given p.
 * @param {number} p
 */
export function pullSlope(p) {
  return -p * (1 - p);
}

/**
 * d log p / dS.
 * @param {number} total
 */
export function logPullSlope(total) {
  return -1 / (1 + Math.exp(LOG_RIVALS - total));
}

/**
 * The total weight at which the pull is p.
 * @param {number} p
 */
export function totalAt(p) {
  return LOG_RIVALS + Math.log(1 / p - 1);
}

/**
 * What weight decay adds to the loss for a circuit, in nats.
 * @param {Law} law
 * @param {0 | 1} i
 * @param {number} weight
 */
export function penalty({ power, cost }, i, weight) {
  return (cost[i] * Math.abs(weight) ** (power + 1)) / (power + 1);
}

/**
 * c w^r, the slope of the penalty: without decay 0, else infinite at 0 for kappa > 2.
 * @param {Law} law
 * @param {0 | 1} i
 * @param {number} weight  0 or more
 */
export function marginalCost({ power, cost }, i, weight) {
  return cost[i] === 0 ? 0 : cost[i] * weight ** power;
}

/**
 * Derivative of the marginal cost.
 * @param {Law} law
 * @param {0 | 1} i
 * @param {number} weight  above 0
 */
export function marginalCostSlope({ power, cost }, i, weight) {
  return cost[i] * power === 0 ? 0 : cost[i] * power * weight ** (power - 1);
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

/**
 * For kappa <= 2, the weight up to which the marginal cost is below p.
 * @param {Law} law
 * @param {0 | 1} i
 * @param {number} p
 */
export function weightAt({ power, cost }, i, p) {
  if (power > 0) return (p / cost[i]) ** (1 / power);
  return p > cost[i] ? Infinity : 0;
}

/**
 * L_i, the slope of the objective in a weight, at a given p.
 * @param {Law} law
 * @param {0 | 1} i
 * @param {number} weight
 * @param {number} p
 */
export function gradient(law, i, weight, p) {
  if (weight > 0) return marginalCost(law, i, weight) - p;
  if (weight < 0) return -marginalCost(law, i, -weight) - p;
  return -Math.max(p - marginalCost(law, i, 0), 0);
}

/**
 * sqrt(rho^2 + 4 w^2) = a^2 + b^2 of the subweights: how fast a weight goes down its slope.
 * @param {Law} law
 * @param {0 | 1} i
 * @param {number} weight
 */
export function speedOf({ rho }, i, weight) {
  return Math.hypot(rho[i], 2 * weight);
}

/**
 * Velocity dw/dt of a weight at a given p.
 * @param {Law} law
 * @param {0 | 1} i
 * @param {number} weight
 * @param {number} p
 */
export function velocity(law, i, weight, p) {
  return -speedOf(law, i, weight) * gradient(law, i, weight, p);
}

/**
 * log(1 + e^x) for x of any size.
 * @param {number} x
 */
function softplus(x) {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
