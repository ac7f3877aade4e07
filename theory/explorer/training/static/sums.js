// What a network answers to every sum, for the table and for who asks.

import { MODULUS } from "./settings.js";

/** @import { Snapshot } from "./trainer.js" */

export class Sums {
  /** @param {Snapshot} snapshot */
  constructor(snapshot) {
    this.snapshot = snapshot;
    this.modulus = MODULUS;
    this.cells = MODULUS ** 2;
  }

  /**
   * Whether a cell of the table is a training example.
   * @param {number} cell
   */
  trained(cell) {
    return this.snapshot.trained[cell] === 1;
  }

  /**
   * Whether the answer to a cell is right.
   * @param {number} _  the record, of which there is but one
   * @param {number} cell
   */
  right(_, cell) {
    return this.snapshot.answers[cell] === this.sum(cell).label;
  }

  /**
   * The sum of a cell: what it adds up, and to which label.
   * @param {number} cell
   */
  sum(cell) {
    const [a, b] = [Math.floor(cell / MODULUS), cell % MODULUS];
    return { a, b, label: (a + b) % MODULUS };
  }
}
