// A recorded run with what is inside the network: labels, leads, waves and units.

import { bytesOf, Recording } from "./recording.js";

/** @import { Glanced } from "./recording.js" */

/**
 * What Python's `packed` has written.
 * @typedef {Glanced & Insides} Packed
 */

/**
 * What it has beyond a glance.
 * @typedef {object} Insides
 * @property {number} units
 * @property {number[]} test_loss
 * @property {number[]} parameter_norm
 * @property {number[]} strongest_wave
 * @property {[number[], number[]]} weight  generalising, memorising
 * @property {number[][]} wave_power
 * @property {string} wave_level
 * @property {string} other  the wrong label of an answer and what stands against it
 * @property {string} ahead  root of how far the answer is ahead, in 255ths of that of the most
 * @property {number[]} most_ahead  in logits
 * @property {number[][]} voter  the units that are loudest for the last answers, by rank
 * @property {number[][]} vote  in logits
 */

/** Level of a wave that is all of a unit. */
export const FULL = 15;
/** The largest number of a byte. */
const BYTE = 255;

export class InsideRecording extends Recording {
  /** @param {Packed} packed */
  constructor(packed) {
    super(packed);
    this.values = packed;
    this.units = packed.units;
    this.waves = packed.wave_power[0].length;
    this.levels = bytesOf(packed.wave_level);
    this.others = bytesOf(packed.other);
    this.aheads = bytesOf(packed.ahead);
  }

  /**
   * What is answered to a cell, against which label, and by how many logits.
   * @param {number} k  record
   * @param {number} cell
   */
  answer(k, cell) {
    const at = k * this.cells + cell;
    const labels = [this.sum(cell).label, this.others[at]];
    const [answer, rival] = this.right(k, cell) ? labels : labels.toReversed();
    return { answer, rival, ahead: (this.aheads[at] / BYTE) ** 2 * this.values.most_ahead[k] };
  }

  /**
   * The units that speak loudest for the last answer to a cell, and by how many logits.
   * @param {number} cell
   */
  voters(cell) {
    const { voter, vote } = this.values;
    return voter.map((units, rank) => ({ unit: units[cell], vote: vote[rank][cell] }));
  }

  /**
   * The strongest wave of a unit at the end.
   * @param {number} unit
   */
  strongest(unit) {
    const levels = Array.from({ length: this.waves - 1 }, (_, j) =>
      this.level(this.last, unit, j + 1),
    );
    return levels.indexOf(Math.max(...levels)) + 1;
  }

  /** A sum to begin with: of those that were not trained on the one that ends worst. */
  example() {
    const lead = (/** @type {number} */ cell) => {
      const { ahead } = this.answer(this.last, cell);
      return this.right(this.last, cell) ? ahead : -ahead;
    };
    const unseen = Array.from({ length: this.cells }, (_, cell) => cell).filter(
      (cell) => !this.trained(cell),
    );
    return unseen.reduce((worst, cell) => (lead(cell) < lead(worst) ? cell : worst));
  }

  /**
   * The part of a wave in a unit, in fifteenths.
   * @param {number} k  record
   * @param {number} unit
   * @param {number} wave
   */
  level(k, unit, wave) {
    const at = (k * this.units + unit) * this.waves + wave;
    return (this.levels[at >> 1] >> (at % 2 ? 0 : 4)) & 15;
  }
}
