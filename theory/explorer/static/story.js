// What the reader looks at: a run, perhaps one whose settings were changed on the way.

import { follow, leads } from "./run.js";

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

/** A run, and what went before where its settings were changed while it ran. */
export class Story {
  /** @param {Settings} settings */
  constructor(settings) {
    this.settings = settings;
    /** Time at which the settings last changed. */
    this.since = 0;
    /**
     * What went before, each up to a time.
     * @type {{ run: Run, since: number, until: number }[]}
     */
    this.past = [];
    this.run = follow(settings, LAST);
    this.curve = this.sample();
  }

  /**
   * Go on with other settings from a time on.
   * @param {Settings} settings
   * @param {number} now
   */
  change(settings, now) {
    const start = this.at(now);
    const { run, since } = this.part(now);
    this.past = this.past.filter(({ until }) => until <= now);
    if (now > since && !this.past.some(({ until }) => until === now)) {
      this.past.push({ run, since, until: now });
    }
    this.since = now;
    this.settings = settings;
    this.run = follow({ ...settings, start }, Math.max(LAST - now, 1));
    this.curve = this.sample();
  }

  /**
   * The run that a time belongs to, and when it began.
   * @param {number} t
   * @returns {{ run: Run, since: number }}
   */
  part(t) {
    return (t <= this.since && this.past.find(({ until }) => t <= until)) || this;
  }

  /**
   * Weights at a time.
   * @param {number} t
   * @returns {Pair}
   */
  at(t) {
    const { run, since } = this.part(t);
    return run.at(t - since);
  }

  /**
   * Whether the network generalises at a time.
   * @param {number} t
   */
  generalises(t) {
    const { run, since } = this.part(t);
    return leads(run, t - since);
  }

  /** Whether the settings were changed while it ran. */
  get changed() {
    return this.past.length > 0;
  }

  /** First time from the last change on at which the generalising weight takes the lead. */
  get groks() {
    return this.run.groks === 0 && this.changed ? Infinity : this.since + this.run.groks;
  }

  /** Time from the last change on at which it loses the lead. */
  get ungroks() {
    const { groks, turns } = this.run;
    return this.since + ((groks === 0 ? turns[0] : turns[1]) ?? Infinity);
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
