// A recorded run, unpacked from text.

/**
 * What Python's `packed` has written.
 * @typedef {object} Packed
 * @property {number} modulus
 * @property {number} units
 * @property {number[]} step
 * @property {number[]} train_loss
 * @property {number[]} test_loss
 * @property {number[]} train_accuracy
 * @property {number[]} test_accuracy
 * @property {number[]} parameter_norm
 * @property {number[]} strongest_wave
 * @property {[number[], number[]]} weight  generalising, memorising
 * @property {number[][]} wave_power
 * @property {string} trained
 * @property {string} right
 * @property {string} wave_level
 * @property {string} other  the wrong label of an answer and what stands against it
 * @property {string} ahead  root of how far the answer is ahead, in 255ths of that of the most
 * @property {number[]} most_ahead  in logits
 * @property {number[][]} voter  the units that are loudest for the last answers, by rank
 * @property {number[][]} vote  in logits
 * @property {number | null} fits
 * @property {number | null} generalises
 */

/** Level of a wave that is all of a unit. */
export const FULL = 15;
/** The largest number of a byte. */
const BYTE = 255;

export class Recording {
  /** @param {Packed} packed */
  constructor(packed) {
    this.values = packed;
    this.steps = packed.step;
    this.last = packed.step.length - 1;
    this.modulus = packed.modulus;
    this.cells = packed.modulus ** 2;
    this.units = packed.units;
    this.waves = packed.wave_power[0].length;
    this.trainedBits = bytesOf(packed.trained);
    this.rightBits = bytesOf(packed.right);
    this.levels = bytesOf(packed.wave_level);
    this.others = bytesOf(packed.other);
    this.aheads = bytesOf(packed.ahead);
  }

  /**
   * Whether a cell of the table is a training example.
   * @param {number} cell
   */
  trained(cell) {
    return bit(this.trainedBits, cell);
  }

  /**
   * Whether the answer to a cell of the table is right.
   * @param {number} k  record
   * @param {number} cell
   */
  right(k, cell) {
    return bit(this.rightBits, k * this.cells + cell);
  }

  /**
   * The sum of a cell: what it adds up, and to which label.
   * @param {number} cell
   */
  sum(cell) {
    const [a, b] = [Math.floor(cell / this.modulus), cell % this.modulus];
    return { a, b, label: (a + b) % this.modulus };
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

  /**
   * How many answers are right of all, in the training set and elsewhere.
   * @param {number} k  record
   */
  counts(k) {
    const found = { train: [0, 0], test: [0, 0] };
    for (let cell = 0; cell < this.cells; cell++) {
      const set = this.trained(cell) ? found.train : found.test;
      set[0] += Number(this.right(k, cell));
      set[1] += 1;
    }
    return found;
  }

  /**
   * The record closest to a step.
   * @param {number} step
   */
  nearest(step) {
    const away = this.steps.map((each) => Math.abs(placeOf(each) - placeOf(step)));
    return away.indexOf(Math.min(...away));
  }
}

/**
 * Where a step stands on the axis: evenly below ten updates, logarithmically above.
 * @param {number} step
 */
export function placeOf(step) {
  return Math.log1p(step / 10);
}

/**
 * The step at a place of the axis.
 * @param {number} place
 */
export function stepAt(place) {
  return 10 * Math.expm1(place);
}

/** @param {string} text  in base64 */
export function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 */
function bit(bytes, at) {
  return ((bytes[at >> 3] >> (7 - (at & 7))) & 1) === 1;
}
