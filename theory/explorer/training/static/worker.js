// What runs beside the page: it trains where it is told to, and tells what the network is like.

import { Trainer } from "./trainer.js";

/** @import { Setting } from "./trainer.js" */

/**
 * What the page tells it.
 * @typedef {{ kind: "begin", setting: Setting }
 *   | { kind: "change", examples: number, decay: number }
 *   | { kind: "play" }
 *   | { kind: "pause" }} Order
 */

/**
 * What is used here of the scope of a worker.
 * @typedef {object} Port
 * @property {(message: unknown) => void} postMessage
 * @property {((event: { data: Order }) => void) | null} onmessage
 */

/** Updates from one snapshot to the next. */
const STRIDE = 10;
/** Least milliseconds between two: so that all machines that can keep up show the same pace. */
const PACE = 50;

/**
 * Train for a page. The first order has to be to begin.
 * @param {Port} port
 */
export function serve(port) {
  /** @type {Trainer} */
  let trainer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let next;
  const tell = () => port.postMessage(trainer.snapshot());
  const train = () => {
    const begun = performance.now();
    for (let k = 0; k < STRIDE; k++) trainer.step();
    tell();
    next = setTimeout(train, Math.max(PACE - (performance.now() - begun), 0));
  };
  port.onmessage = ({ data }) => {
    if (data.kind === "begin") trainer = new Trainer(data.setting);
    else if (data.kind === "change") trainer.change(data.examples, data.decay);
    else clearTimeout(next);
    if (data.kind === "play") train();
    else if (data.kind !== "pause") tell();
  };
}
