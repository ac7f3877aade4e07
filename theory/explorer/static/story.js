// What the reader looks at: a run, perhaps one whose settings were changed on the way.

import { follow } from "./run.js";

/** @import { Pair, Settings } from "./model.js" */
/** @import { Run } from "./run.js" */

/** First and last time shown: 10 and 1,000,000 updates. */
export const FIRST = 0.1;
export const LAST = 1e4;
const SAMPLES = 260;

/**
 * The weights at times that are evenly spaced on the axis.
 * @typedef {object} Curve
 * @property {Float64Array} t
 * @property {Float64Array} g
 * @property {Float64Array} m
 */

/**
 * A run under the same settings, from a time on.
 * @typedef {object} Part
 * @property {Settings} settings  whose start is that of the whole story
 * @property {number} since
 * @property {Run} run  whose time 0 is `since`
 */

/** A run, in parts where its settings were changed while it ran. */
export class Story {
  /** @param {Settings} settings */
  constructor(settings) {
    /** @type {Part[]} */
    this.parts = [{ settings, since: 0, run: follow(settings, LAST) }];
    this.curve = this.sample();
  }

  /**
   * Go on with other settings from a time on.
   * @param {Settings} settings
   * @param {number} now
   */
  change(settings, now) {
    const start = this.at(now);
    const run = follow({ ...settings, start }, Math.max(LAST - now, 1));
    const [first, ...later] = this.parts;
    const before = later.filter(({ since }) => since < now);
    this.parts = [first, ...before, { settings, since: now, run }];
    this.curve = this.sample();
  }

  /** The part that goes on to the end. */
  get latest() {
    return this.parts[this.parts.length - 1];
  }

  get settings() {
    return this.latest.settings;
  }

  get run() {
    return this.latest.run;
  }

  /** Time at which the settings last changed. */
  get since() {
    return this.latest.since;
  }

  /** Whether the settings were changed while it ran. */
  get changed() {
    return this.parts.length > 1;
  }

  /**
   * Weights at a time.
   * @param {number} t
   * @returns {Pair}
   */
  at(t) {
    const { run, since } = this.parts.findLast((part) => part.since < t) ?? this.parts[0];
    return run.at(t - since);
  }

  /** @returns {Curve} */
  sample() {
    const t = Float64Array.from({ length: SAMPLES }, (_, k) => timeAt(k / (SAMPLES - 1)));
    const curve = { t, g: new Float64Array(SAMPLES), m: new Float64Array(SAMPLES) };
    for (let k = 0; k < SAMPLES; k++) [curve.g[k], curve.m[k]] = this.at(curve.t[k]);
    return curve;
  }
}

/**
 * The time at a part of the axis.
 * @param {number} part
 */
export function timeAt(part) {
  return FIRST * (LAST / FIRST) ** part;
}

/**
 * The part of the axis at which a time lies.
 * @param {number} time
 */
export function partAt(time) {
  return Math.log(time / FIRST) / Math.log(LAST / FIRST);
}
