// A recorded run, unpacked from text: its steps, its accuracies, and the table of its answers.

/**
 * What Python's `glanced` has written.
 * @typedef {object} Glanced
 * @property {number} modulus
 * @property {number[]} step
 * @property {number[]} train_loss
 * @property {number[]} train_accuracy
 * @property {number[]} test_accuracy
 * @property {string} trained
 * @property {string} right
 * @property {number | null} fits
 * @property {number | null} generalises
 */

export class Recording {
  /** @param {Glanced} packed */
  constructor(packed) {
    this.values = packed;
    this.steps = packed.step;
    this.last = packed.step.length - 1;
    this.modulus = packed.modulus;
    this.cells = packed.modulus ** 2;
    this.trainedBits = bytesOf(packed.trained);
    this.rightBits = bytesOf(packed.right);
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

/**
 * A run as a page holds it.
 * @param {string} text  JSON, compressed, in base64
 * @returns {Promise<any>}
 */
export function unzipped(text) {
  const unzip = new DecompressionStream("gzip");
  return new Response(new Blob([bytesOf(text)]).stream().pipeThrough(unzip)).json();
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
