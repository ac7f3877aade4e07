// The law of the model, which no other file states: what weights cost, and how they move.
//
//   L(w) = l(S) + penalty(w),    l(S) = log(1 + (q - 1) e^-S),
//   L_i = -p(S) + sgn(w_i) s_i,                 dw_i/dt = -sqrt(rho_i^2 + 4 w_i^2) L_i,
//
// with S = w_G + w_M, p = -l', and s_i the slope of the penalty in |w_i|. There are two penalties:
// SquaredNorm, the paper's, and SharedUnits.
// At w_i = 0, L_i is the subgradient of least norm, -max(p - s_i, 0), as in theory.minimal.

import { modelOf } from "./model.js";
import { SharedUnits } from "./shared_units.js";
import { SquaredNorm } from "./squared_norm.js";

/** @import { Model, Pair, Settings } from "./model.js" */
/** @import { Penalty } from "./squared_norm.js" */

/**
 * What the equations need.
 * @typedef {object} Law
 * @property {Model} model
 * @property {number} logRivals  log(q - 1): the logits in which all rival labels together equal the
 *   right one
 * @property {Penalty} penalty
 * @property {Pair} rho
 */

/**
 * @param {Settings} settings
 * @returns {Law}
 */
export function lawOf(settings) {
  const model = modelOf(settings);
  const unit = (2 * model.decay) / model.kappa;
  /** @type {Pair} */
  const cost = [unit, unit * memorisingNorm(model, settings.examples) ** 2];
  return {
    model,
    logRivals: Math.log(model.labels - 1),
    penalty: model.shared
      ? new SharedUnits(model.kappa, cost, FROM_PYTHON.mixing)
      : new SquaredNorm(model.kappa, cost),
    rho: [settings.speed[0] ** 2, settings.speed[1] ** 2],
  };
}

/**
 * P_M, where P_G is 1.
 * @param {Model} model
 * @param {number} examples
 */
export function memorisingNorm({ critical, root }, examples) {
  return (examples / critical) ** root;
}

/**
 * Cross-entropy l(S) on the training set, in nats.
 * @param {Law} law
 * @param {number} total
 */
export function trainLoss({ logRivals }, total) {
  return softplus(logRivals - total);
}

/**
 * Cross-entropy on test inputs, in nats: there memorising speaks for one of the wrong labels.
 * @param {Law} law
 * @param {number} g
 * @param {number} m
 */
export function testLoss({ model }, g, m) {
  return Math.log1p(Math.exp(m - g) + (model.labels - 2) * Math.exp(-g));
}

/**
 * The pull p(S) of the training set on every weight: the probability of all wrong labels.
 * @param {Law} law
 * @param {number} total
 */
export function pull({ model }, total) {
  return 1 / (1 + Math.exp(total) / (model.labels - 1));
}

/**
 * log p(S), also where p is too small for a number.
 * @param {Law} law
 * @param {number} total
 */
export function logPull({ logRivals }, total) {
  return -softplus(total - logRivals);
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
 * @param {Law} law
 * @param {number} total
 */
export function logPullSlope({ logRivals }, total) {
  return -1 / (1 + Math.exp(logRivals - total));
}

/**
 * The total weight at which the pull is p.
 * @param {Law} law
 * @param {number} p
 */
export function totalAt({ logRivals }, p) {
  return logRivals + Math.log(1 / p - 1);
}

/**
 * L_i, the slope of the objective in a weight, at a given slope of the penalty and p.
 * @param {number} weight
 * @param {number} marginal
 * @param {number} p
 */
export function gradient(weight, marginal, p) {
  if (weight > 0) return marginal - p;
  if (weight < 0) return -marginal - p;
  return -Math.max(p - marginal, 0);
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
 * Velocities dw/dt of both weights.
 * @param {Law} law
 * @param {Pair} weight
 * @returns {Pair}
 */
export function velocities(law, weight) {
  /** @type {Pair} */
  const marginal = [0, 0];
  law.penalty.marginals(weight, marginal);
  const p = pull(law, weight[0] + weight[1]);
  const of = (/** @type {0 | 1} */ i) =>
    -speedOf(law, i, weight[i]) * gradient(weight[i], marginal[i], p);
  return [of(0), of(1)];
}

/**
 * log(1 + e^x) for x of any size.
 * @param {number} x
 */
function softplus(x) {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
