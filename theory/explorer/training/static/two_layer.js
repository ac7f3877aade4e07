// The network of theory.networks.TwoLayer on a + b modulo m: o = (E_a + E'_b)^2 W, no biases.

/** @import { Random } from "./random.js" */

/** Standard deviation of the embeddings at the start. */
const EMBEDDING_SCALE = 0.1;

/**
 * Parameters are one array: E, then E', shape (m, width) each, then W, shape (width, m). A cell of
 * the table of sums is m a + b. Inputs are single tokens, so that what a matrix of zeros and ones
 * would do is to look up two rows, and to add to them on the way back.
 */
export class TwoLayer {
  /**
   * @param {number} modulus
   * @param {number} width
   */
  constructor(modulus, width) {
    this.modulus = modulus;
    this.width = width;
    this.size = 3 * modulus * width;
    /** Where W begins. */
    this.reads = 2 * modulus * width;
    this.hidden = new Float64Array(width);
    this.logits = new Float64Array(modulus);
  }

  /**
   * Parameters at a random start.
   * @param {Random} random
   */
  start(random) {
    const scale = (/** @type {number} */ at) =>
      at < this.reads ? EMBEDDING_SCALE : 1 / Math.sqrt(this.width);
    return Float64Array.from({ length: this.size }, (_, at) => scale(at) * random.normal());
  }

  /**
   * The right label of a cell.
   * @param {number} cell
   */
  label(cell) {
    const { modulus } = this;
    return (Math.floor(cell / modulus) + (cell % modulus)) % modulus;
  }

  /**
   * Put the logits of a cell into `logits`, and z^2 into `hidden`.
   * @param {Float64Array} parameters
   * @param {number} cell
   */
  forward(parameters, cell) {
    const { modulus, width, hidden, logits } = this;
    const first = Math.floor(cell / modulus) * width;
    const second = (modulus + (cell % modulus)) * width;
    logits.fill(0);
    for (let unit = 0, at = this.reads; unit < width; unit++) {
      const z = parameters[first + unit] + parameters[second + unit];
      const square = z * z;
      hidden[unit] = square;
      for (let k = 0; k < modulus; k++, at++) logits[k] += square * parameters[at];
    }
  }

  /** The label with the largest logit, the first of several. */
  answer() {
    const { modulus, logits } = this;
    let answer = 0;
    for (let k = 1; k < modulus; k++) if (logits[k] > logits[answer]) answer = k;
    return answer;
  }

  /**
   * Turn the logits into probabilities, and return the cross-entropy, in nat.
   * @param {number} label  the right one
   */
  softmax(label) {
    const { modulus, logits } = this;
    const largest = logits[this.answer()];
    const behind = largest - logits[label];
    let total = 0;
    for (let k = 0; k < modulus; k++) total += logits[k] = Math.exp(logits[k] - largest);
    for (let k = 0; k < modulus; k++) logits[k] /= total;
    return Math.log(total) + behind;
  }

  /**
   * The mean cross-entropy over some cells; its gradient overwrites `gradient`.
   * @param {Float64Array} parameters
   * @param {Uint16Array} cells
   * @param {Float64Array} gradient
   */
  lossAndGradient(parameters, cells, gradient) {
    gradient.fill(0);
    let loss = 0;
    for (const cell of cells) {
      const label = this.label(cell);
      this.forward(parameters, cell);
      loss += this.softmax(label);
      this.logits[label] -= 1;
      this.backward(parameters, cell, gradient);
    }
    for (let at = 0; at < this.size; at++) gradient[at] /= cells.length;
    return loss / cells.length;
  }

  /**
   * Add the gradient of a cell, where `logits` holds the derivative by the logits.
   * @param {Float64Array} parameters
   * @param {number} cell
   * @param {Float64Array} gradient
   */
  backward(parameters, cell, gradient) {
    const { modulus, width, hidden, logits } = this;
    const first = Math.floor(cell / modulus) * width;
    const second = (modulus + (cell % modulus)) * width;
    for (let unit = 0, at = this.reads; unit < width; unit++) {
      const square = hidden[unit];
      let back = 0;
      for (let k = 0; k < modulus; k++, at++) {
        back += logits[k] * parameters[at];
        gradient[at] += logits[k] * square;
      }
      back *= 2 * (parameters[first + unit] + parameters[second + unit]);
      gradient[first + unit] += back;
      gradient[second + unit] += back;
    }
  }
}
