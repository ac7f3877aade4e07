// One run: gradient flow from a start, and the events on the way.

import { CIRCUITS, FINE, Flow } from "./integrator.js";
import { lawOf, speedOf, totalAt, velocities } from "./law.js";

/** @import { Precision } from "./integrator.js" */
/** @import { Law } from "./law.js" */
/** @import { Pair, Settings } from "./model.js" */

/**
 * @typedef {object} Run
 * @property {Law} law
 * @property {number[]} times  ends of the steps, from 0 on
 * @property {(t: number) => Pair} at  weights at any time up to the last
 * @property {number} fits  first time at which the train loss is below log 2; Infinity for never
 * @property {number[]} passes  times at which the train loss passes log 2
 * @property {number} groks  first time at which w_G > w_M; Infinity for never
 * @property {number[]} turns  times up to the last at which w_G - w_M changes its sign
 * @property {boolean} decided  false where the run was given up before it was known whether it groks
 */

/**
 * The state at the start of a step.
 * @typedef {object} State
 * @property {number} time
 * @property {Float64Array} z
 * @property {Float64Array} slope
 * @property {boolean[]} held
 */

/** Weights that change by less than this part of themselves in the time so far have settled. */
const SETTLED = 1e-8;
/** Part of a weight below which a difference may be rounding. */
const ROUNDING = 1e-9;
const LONGEST_RUN = 1000;
/** No time to grok is looked for beyond. */
const LATEST = 1e12;

/**
 * Follow the flow up to a time, and further where it is still open whether it groks.
 * @param {Settings} settings
 * @param {number} until
 * @param {Precision} [precision]
 * @returns {Run}
 */
export function follow(settings, until, precision = FINE) {
  const law = lawOf(settings);
  const flow = new Flow(law, settings.start, precision);
  const states = [stateOf(flow)];
  const enough = fitTotal(law);
  const excess = (/** @type {ArrayLike<number>} */ weight) => weight[0] + weight[1] - enough;
  const lack = (/** @type {ArrayLike<number>} */ weight) => -excess(weight);
  let fitting = excess(flow.weight) > 0;
  const fitsAtOnce = fitting;
  /** @type {number[]} */
  const passes = [];
  let groks = leadsAtOnce(law, settings.start) ? 0 : Infinity;
  let open = groks > 0 && !hopeless(flow);
  let leading = groks === 0;
  /** @type {number[]} */
  const turns = [];
  for (let steps = 0; steps < LONGEST_RUN && (flow.time < until || open); steps++) {
    const state = stateOf(flow);
    const length = flow.step((flow.time < until ? until : LATEST) - flow.time);
    if (excess(flow.weight) > 0 !== fitting) {
      passes.push(locate(flow, state, length, fitting ? lack : excess));
      fitting = !fitting;
    }
    if (!leading && lead(flow.weight) > (open ? 0 : ROUNDING * flow.weight[0])) {
      turns.push(locate(flow, state, length, lead));
      leading = true;
      if (open) groks = turns[0];
      open = false;
    } else if (leading && lead(flow.weight) < -ROUNDING * flow.weight[1]) {
      turns.push(locate(flow, state, length, lag));
      leading = false;
    }
    open = open && flow.time < LATEST && !hopeless(flow);
    if (state.time < until) states.push(stateOf(flow));
  }
  const times = states.map((state) => state.time);
  const at = (/** @type {number} */ t) => between(flow, states, times, t);
  const fits = fitsAtOnce ? 0 : (passes[0] ?? Infinity);
  return { law, times, at, fits, passes, groks, turns, decided: !open };
}

/**
 * Whether a circuit can have weight: one without weight and speed never gets any.
 * @param {Run} run
 * @param {0 | 1} i
 */
export function present({ law, at }, i) {
  return law.rho[i] > 0 || at(0)[i] > 0;
}

/**
 * @param {Flow} flow
 * @returns {State}
 */
function stateOf({ time, z, slope, held }) {
  return { time, z: z.slice(), slope: slope.slice(), held: held.slice() };
}

/**
 * By how much the generalising weight leads.
 * @param {ArrayLike<number>} weight
 */
function lead(weight) {
  return weight[0] - weight[1];
}

/** @param {ArrayLike<number>} weight */
function lag(weight) {
  return -lead(weight);
}

/**
 * Total weight at which the train loss is log 2: from there on a run fits.
 * @param {Law} law
 */
export function fitTotal(law) {
  return totalAt(law, 1 / 2);
}

/**
 * Whether the generalising weight leads from the start or directly after it.
 * @param {Law} law
 * @param {Pair} start
 */
function leadsAtOnce(law, [g, m]) {
  if (g !== m) return g > m;
  const [rateG, rateM] = velocities(law, [g, m]);
  if (rateG !== rateM) return rateG > rateM;
  // From zero at the same rate the cheaper one leads.
  const { power, cost } = law.penalty;
  return g === 0 && rateG > 0 && power > 0 && cost[0] < cost[1];
}

/**
 * Whether it is certain that the generalising weight, which does not lead, never will.
 * @param {Flow} flow
 */
function hopeless(flow) {
  if (flow.scale[0] === 0 || (!flow.law.model.shared && outdone(flow))) return true;
  const { held, weight, slope, time } = flow;
  return CIRCUITS.every((i) => {
    const change = Math.abs(slope[i]) * flow.steepness(i) * Math.max(time, 1);
    return held[i] || change < SETTLED * weight[i];
  });
}

/**
 * The rules of theory.minimal.fates, for circuits that pay for themselves.
 * @param {Flow} flow
 */
function outdone({ law, held, weight, slope }) {
  const { rho, penalty } = law;
  const { power, cost } = penalty;
  if (held[0] && power < 0) return true;
  if (cost[0] === 0) return reach(law, 0, weight[0]) <= reach(law, 1, weight[1]);
  const growing = Math.max(slope[0], slope[1]) >= 0;
  const shrinking = Math.min(slope[0], slope[1]) <= 0;
  const outpaced = (rho[0] <= rho[1] && growing) || (rho[0] >= rho[1] && shrinking);
  return power >= 0 && cost[1] <= cost[0] && outpaced;
}

/**
 * (a + b)^2 of a circuit's subweights, to which its weight grows in proportion without decay.
 * @param {Law} law
 * @param {0 | 1} i
 * @param {number} weight
 */
function reach(law, i, weight) {
  return speedOf(law, i, weight) + 2 * weight;
}

/**
 * When a value passes zero upwards within a step: false position on steps that end early.
 * @param {Flow} flow
 * @param {State} state
 * @param {number} length
 * @param {(weight: ArrayLike<number>) => number} value
 */
function locate(flow, state, length, value) {
  const now = stateOf(flow);
  const after = value(flow.weight);
  flow.z.set(state.z);
  flow.held = state.held;
  flow.weigh(flow.z);
  let [low, high, atLow, atHigh] = [0, 1, value(flow.weight), after];
  for (let round = 0; round < 40 && high - low > 1e-13; round++) {
    const middle = low + ((high - low) * atLow) / (atLow - atHigh);
    flow.attempt(middle * length);
    flow.weigh(flow.end);
    const there = value(flow.weight);
    if (Math.abs(there) < 1e-14 || middle === low || middle === high) {
      low = high = middle;
    } else if (there > 0) {
      [high, atHigh, atLow] = [middle, there, atLow / 2];
    } else {
      [low, atLow, atHigh] = [middle, there, atHigh / 2];
    }
  }
  flow.z.set(now.z);
  flow.held = now.held;
  flow.rate(flow.z);
  return state.time + high * length;
}

/**
 * Weights at any time, by cubics through the ends of the steps.
 * @param {Flow} flow
 * @param {State[]} states
 * @param {number[]} times
 * @param {number} t
 * @returns {Pair}
 */
function between(flow, states, times, t) {
  let [low, high] = [0, times.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (times[middle] <= t) low = middle;
    else high = middle;
  }
  const [a, b] = [states[low], states[high]];
  const h = b.time - a.time;
  const x = h > 0 ? Math.min(Math.max((t - a.time) / h, 0), 1) : 1;
  const y = 1 - x;
  const z = [0, 1].map((i) => {
    const ends = y * y * (1 + 2 * x) * a.z[i] + x * x * (3 - 2 * x) * b.z[i];
    return ends + x * y * h * (y * a.slope[i] - x * b.slope[i]);
  });
  flow.weigh(z);
  return [flow.weight[0], flow.weight[1]];
}
