// A network that is being trained on a random part of all sums, and what it answers.

import { Adam } from "./adam.js";
import { Random } from "./random.js";
import { TwoLayer } from "./two_layer.js";

/**
 * What a network is trained with.
 * @typedef {object} Setting
 * @property {number} modulus
 * @property {number} width
 * @property {number} rate
 * @property {number} decay  gamma, of a penalty gamma/2 |theta|^2
 * @property {number} examples  how many cells of the table it is trained on
 * @property {number} seed
 */

/**
 * What a network is like after some updates.
 * @typedef {object} Snapshot
 * @property {number} updates
 * @property {number} examples
 * @property {Uint8Array} trained  1 for each cell that it is trained on
 * @property {Uint8Array} answers  the label with the largest logit, for each cell
 * @property {[number, number]} loss  on what it was trained on, and on all others, in nat
 * @property {[number, number]} accuracy
 * @property {number} norm
 */

export class Trainer {
  /** @param {Setting} setting */
  constructor({ modulus, width, rate, decay, examples, seed }) {
    const random = new Random(seed);
    this.network = new TwoLayer(modulus, width);
    /** All cells: the first are trained on, so that fewer of them are a part of the same. */
    this.order = random.permutation(modulus ** 2);
    this.parameters = this.network.start(random);
    this.gradient = new Float64Array(this.network.size);
    this.optimiser = new Adam(this.network.size, rate);
    this.examples = examples;
    this.decay = decay;
  }

  /**
   * Go on with another number of examples and another decay.
   * @param {number} examples
   * @param {number} decay
   */
  change(examples, decay) {
    this.examples = examples;
    this.decay = decay;
  }

  /** Do one update on all examples. */
  step() {
    const cells = this.order.subarray(0, this.examples);
    this.network.lossAndGradient(this.parameters, cells, this.gradient);
    this.optimiser.step(this.parameters, this.gradient, this.decay);
  }

  /** @returns {Snapshot} */
  snapshot() {
    const { network, order, parameters, examples } = this;
    const trained = new Uint8Array(order.length);
    const answers = new Uint8Array(order.length);
    const loss = [0, 0];
    const right = [0, 0];
    order.forEach((cell, place) => {
      const set = place < examples ? 0 : 1;
      const label = network.label(cell);
      network.forward(parameters, cell);
      trained[cell] = 1 - set;
      answers[cell] = network.answer();
      right[set] += Number(answers[cell] === label);
      loss[set] += network.softmax(label);
    });
    const sizes = [examples, order.length - examples];
    return {
      updates: this.optimiser.updates,
      examples,
      trained,
      answers,
      loss: [loss[0] / sizes[0], loss[1] / sizes[1]],
      accuracy: [right[0] / sizes[0], right[1] / sizes[1]],
      norm: Math.sqrt(parameters.reduce((sum, value) => sum + value * value, 0)),
    };
  }
}
