// What a network was like at all updates so far, in at most so many records.

/** @import { Snapshot } from "./trainer.js" */

/** Records from which on every other one is left out, so that long runs are drawn as quickly. */
const MOST = 1000;

/**
 * @typedef {object} Moment
 * @property {number} updates
 * @property {number} examples
 * @property {[number, number]} accuracy  on what it was trained on, and on all others
 * @property {number} norm
 */

export class History {
  constructor() {
    /** @type {Moment[]} */
    this.moments = [];
    /** @type {{ updates: number, examples: number }[]} */
    this.changes = [];
    /** The largest accuracy on the others so far. */
    this.best = 0;
    /** Whether it fitted what it was trained on while it was wrong on most of the others. */
    this.fittedFirst = false;
  }

  get now() {
    return this.moments[this.moments.length - 1];
  }

  /** @param {Snapshot} snapshot */
  add({ updates, examples, accuracy, norm }) {
    const before = this.moments.length ? this.now : null;
    if (before && before.examples !== examples) this.change(before.updates, examples);
    if (before?.updates === updates) this.moments.pop();
    this.moments.push({ updates, examples, accuracy, norm });
    if (this.moments.length > MOST) {
      const { now } = this;
      this.moments = this.moments.filter((moment, k) => k % 2 === 0 || moment === now);
    }
    this.best = Math.max(this.best, accuracy[1]);
    if (accuracy[0] === 1 && accuracy[1] < 0.5) this.fittedFirst = true;
  }

  /**
   * Note another number of examples; of several at the same update the last counts.
   * @param {number} updates
   * @param {number} examples
   */
  change(updates, examples) {
    this.changes = this.changes.filter((change) => change.updates !== updates);
    if (updates > 0) this.changes.push({ updates, examples });
  }

  /**
   * By how much the accuracy on the others has risen since so many updates ago.
   * @param {number} updates
   */
  rise(updates) {
    const { now } = this;
    const before = this.moments.findLast((moment) => moment.updates <= now.updates - updates);
    return before ? now.accuracy[1] - before.accuracy[1] : 0;
  }
}
