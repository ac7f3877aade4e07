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

/**
 * What the equations need.
 * @typedef {object} Law
 * @property {number} power  r = 2 / kappa - 1
 * @property {Pair} norm  P
 * @property {Pair} cost  c = (2 alpha / kappa) P^2
 * @property {Pair} rho
 */

/** Number of labels, q. */
export const LABELS = 113;
/** Examples at which both circuits need the same norm. */
export const CRITICAL = 400;
/** Learning rate by which times become numbers of updates. */
export const RATE = 0.01;
/** How much a circuit's logit varies between test inputs, relative to its mean. */
const SPREAD = 0.3;
/** Total weight at which the train loss is log 2: from there on a run fits. */
export const FIT_TOTAL = Math.log(LABELS - 1);

/**
 * @param {Settings} settings
 * @returns {Law}
 */
export function lawOf({ kappa, examples, decay, speed }) {
  /** @type {Pair} */
  const norm = [1, Math.sqrt(examples / CRITICAL)];
  const unit = (2 * decay) / kappa;
  return {
    power: (2 - kappa) / kappa,
    norm,
    cost: [unit * norm[0] ** 2, unit * norm[1] ** 2],
    rho: [speed[0] ** 2, speed[1] ** 2],
  };
}

/**
 * Probability p(S) of all wrong labels on the training set.
 * @param {number} total
 */
export function wrong(total) {
  return 1 / (1 + Math.exp(total) / (LABELS - 1));
}

/**
 * Velocity dw/dt of one weight w >= 0 at a given p, with the rule of the subgradient at 0.
 * @param {Law} law
 * @param {0 | 1} i
 * @param {number} weight
 * @param {number} p
 */
export function velocity({ power, cost, rho }, i, weight, p) {
  const pull = weight > 0 || power >= 0 ? cost[i] * weight ** power : Infinity;
  const growth = weight > 0 ? p - pull : Math.max(p - pull, 0);
  return Math.hypot(rho[i], 2 * weight) * growth;
}

/**
 * Train and test cross-entropy, in nats.
 * @param {number} g
 * @param {number} m
 * @returns {[number, number]}
 */
export function losses(g, m) {
  const train = Math.log1p((LABELS - 1) * Math.exp(-(g + m)));
  const test = Math.log1p(Math.exp(m - g) + (LABELS - 2) * Math.exp(-g));
  return [train, test];
}

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
