// What a reader can set, and where the theory expects a change of mind.

import { costsOf } from "../../static/network.js";

/** @import { Setting } from "./trainer.js" */

/** As in the book's other runs, but with a rate at which a reader can follow. */
export const MODULUS = 31;
export const CELLS = MODULUS ** 2;

/** @type {Setting} */
export const DEFAULT = {
  modulus: MODULUS,
  width: 64,
  rate: 1e-3,
  decay: 1e-4,
  examples: 600,
  seed: 0,
};

/** What the slider of the decay offers. */
const DECAYS = [0, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3];

/**
 * One number that can be set: on the slider it is its notch.
 * @typedef {object} Dial
 * @property {"examples" | "decay" | "width"} name
 * @property {string} label
 * @property {string} hint
 * @property {number} least
 * @property {number} most
 * @property {number} step
 * @property {(notch: number) => number} value
 * @property {(value: number) => number} notch
 * @property {(value: number) => string} show
 */

const same = (/** @type {number} */ value) => value;

/** @type {Record<Dial["name"], Dial>} */
export const DIALS = {
  examples: {
    name: "examples",
    label: "Examples",
    hint: "",
    least: 60,
    most: 900,
    step: 10,
    value: same,
    notch: same,
    show: (value) => `${value} of ${CELLS}`,
  },
  decay: {
    name: "decay",
    label: "Weight decay γ",
    hint: "what norm costs",
    least: 0,
    most: DECAYS.length - 1,
    step: 1,
    value: (notch) => DECAYS[notch],
    notch: (value) => DECAYS.indexOf(value),
    show: (value) => (value === 0 ? "0 (off)" : value.toExponential(0).replace("-", "−")),
  },
  width: {
    name: "width",
    label: "Width",
    hint: "hidden units; starts anew",
    least: 32,
    most: 128,
    step: 16,
    value: same,
    notch: same,
    show: String,
  },
};

/**
 * Examples at which memorising and generalising cost the same norm; without a decay there is no
 * such number.
 * @param {number} decay
 */
export function criticalOf(decay) {
  return decay > 0 ? costsOf([MODULUS, decay]).critical : null;
}
