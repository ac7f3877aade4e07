// What a network of square units costs, on addition modulo m under a penalty gamma/2 |theta|^2, as
// theory.circuits derives it.

/** @import { Pair } from "./model.js" */

/** Degree of the logits in all parameters. */
export const DEGREE = 3;
/** |theta|^2 over m N^(1/3) A^(2/3), for pure waves. */
const WAVE_COST = 1.5 * Math.cbrt(4);

/**
 * @typedef {object} Costs
 * @property {number} norm  P_G
 * @property {number} critical  D_crit, in examples
 */

/**
 * @param {Pair} network  m and gamma
 * @returns {Costs}
 */
export function costsOf([modulus, decay]) {
  const { units, squared_norm: perOdds } = FROM_PYTHON.limit;
  const half = (modulus - 1) / 2;
  const odds = Math.log(2 / (perOdds * decay)); // L
  const logit = half * (Math.sqrt(9 + (8 * odds) / half) - 3); // A
  const waves = (0.375 * units) / ((2 * (logit - odds)) / logit ** 2 + 0.5 / half); // N
  const squared = WAVE_COST * modulus * Math.cbrt(waves * logit ** 2);
  return {
    norm: Math.sqrt(squared) / Math.cbrt(odds),
    critical: (3 * modulus * Math.sqrt(waves / 2) * logit) / odds,
  };
}

/**
 * Examples from which on something that generalises is left at rest.
 * @param {number} critical
 */
export function onsetOf(critical) {
  return critical / FROM_PYTHON.mixing;
}
