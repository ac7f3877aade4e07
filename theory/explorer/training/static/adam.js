// The optimiser of theory.networks.Adam: the penalty gamma/2 |theta|^2 is part of the loss.

/** What of the averages stays at an update, of the gradient and of its square. */
const BETAS = [0.9, 0.98];
const EPSILON = 1e-8;

export class Adam {
  /**
   * @param {number} size  of the parameters
   * @param {number} rate
   */
  constructor(size, rate) {
    this.rate = rate;
    this.mean = new Float64Array(size);
    this.square = new Float64Array(size);
    this.updates = 0;
  }

  /**
   * Do one update of the parameters.
   * @param {Float64Array} parameters
   * @param {Float64Array} gradient  of the loss alone
   * @param {number} decay  gamma
   */
  step(parameters, gradient, decay) {
    this.updates++;
    const { mean, square, rate } = this;
    const [keep, keepSquare] = BETAS;
    // Both start at 0; dividing by the weight of what they have seen takes the bias out.
    const [seen, seenSquare] = BETAS.map((beta) => 1 - beta ** this.updates);
    for (let at = 0; at < parameters.length; at++) {
      const slope = gradient[at] + decay * parameters[at];
      mean[at] = keep * mean[at] + (1 - keep) * slope;
      square[at] = keepSquare * square[at] + (1 - keepSquare) * slope * slope;
      const scale = Math.sqrt(square[at] / seenSquare) + EPSILON;
      parameters[at] -= (rate * (mean[at] / seen)) / scale;
    }
  }
}
