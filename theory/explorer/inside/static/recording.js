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
 * @property {number | null} fits
 * @property {number | null} generalises
 */

/** Level of a wave that is all of a unit. */
export const FULL = 15;

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
function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 */
function bit(bytes, at) {
  return ((bytes[at >> 3] >> (7 - (at & 7))) & 1) === 1;
}
