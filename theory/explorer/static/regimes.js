// What kind of run it is, and which kinds lie around it.

import { placeAt } from "./axes.js";
import { COARSE } from "./integrator.js";
import { testAccuracy } from "./model.js";
import { fitTotal, follow } from "./run.js";
import { LAST } from "./story.js";

/** @import { Settings } from "./model.js" */
/** @import { Run } from "./run.js" */

/** In the words of theory.minimal.regime. */
export const REGIMES = /** @type {const} */ ([
  "comprehension",
  "grokking",
  "semi-grokking",
  "memorisation",
  "collapse",
]);
/** A run that generalises later than so many times the time to fit has grokked. */
export const LATE = 10;
/** Test accuracy from which on a run generalises. */
export const RIGHT = 0.95;

/**
 * The number of the regime in `REGIMES`.
 * @param {Run} run  followed up to LAST
 */
export function regimeOf(run) {
  const { model } = run.law;
  const [g, m] = run.at(LAST);
  if (g + m <= fitTotal(run.law)) return 4;
  const right = testAccuracy(model, g, m);
  if (right <= 1 - RIGHT) return 3;
  if (right < RIGHT) return 2;
  return testAccuracy(model, ...run.at(Math.min(LATE * run.fits, LAST))) < RIGHT ? 1 : 0;
}

/** The regime over the map's axes, for the other settings at hand; made bit by bit. */
export class RegimeMap {
  /**
   * @param {number} columns
   * @param {number} rows
   */
  constructor(columns, rows) {
    this.columns = columns;
    this.rows = rows;
    /** Regimes, from the lower left; 255 for not yet known. */
    this.cells = new Uint8Array(columns * rows).fill(255);
    this.queue = /** @type {number[][]} */ ([]);
    this.key = "";
  }

  /**
   * Ask for the map of these settings.
   * @param {Settings} settings
   */
  ask(settings) {
    const { decay, speed, start, network } = settings;
    const key = JSON.stringify([network ? network[0] : decay, speed, start, !network]);
    if (key === this.key) return;
    this.key = key;
    this.around = settings;
    this.queue = coarseToFine(this.columns, this.rows);
  }

  /**
   * Follow runs for at most so many milliseconds, at least one; return whether any are left.
   * @param {number} budget
   */
  work(budget) {
    const end = performance.now() + budget;
    while (this.queue.length && this.around) {
      const [column, row, size] = /** @type {number[]} */ (this.queue.shift());
      const settings = this.placeOf(column, row);
      this.fill(column, row, size, regimeOf(follow(settings, LAST, COARSE)));
      if (performance.now() >= end) break;
    }
    return this.queue.length > 0;
  }

  /**
   * Settings in the middle of a cell, after `ask`.
   * @param {number} column
   * @param {number} row
   */
  placeOf(column, row) {
    const around = /** @type {Settings} */ (this.around);
    return placeAt(around, (column + 0.5) / this.columns, (row + 0.5) / this.rows);
  }

  /**
   * @param {number} column
   * @param {number} row
   * @param {number} size
   * @param {number} regime
   */
  fill(column, row, size, regime) {
    for (let j = row; j < Math.min(row + size, this.rows); j++) {
      const first = j * this.columns + column;
      this.cells.fill(regime, first, first + Math.min(size, this.columns - column));
    }
  }
}

/**
 * Every cell once, [column, row, size of the block it stands for], large blocks first.
 * @param {number} columns
 * @param {number} rows
 */
function coarseToFine(columns, rows) {
  const queue = [];
  for (const size of [4, 2, 1]) {
    for (let row = 0; row < rows; row += size) {
      for (let column = 0; column < columns; column += size) {
        const done = size < 4 && row % (2 * size) === 0 && column % (2 * size) === 0;
        if (!done) queue.push([column, row, size]);
      }
    }
  }
  return queue;
}
