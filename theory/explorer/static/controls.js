// Sliders, buttons and handles: native elements, so that keys and screen readers work.

import { element } from "./element.js";
import { modelOf } from "./model.js";
import { rangeOf } from "./settings.js";
import { short } from "./words.js";

/** @import { Settings } from "./model.js" */

/**
 * One number of the settings, and how a slider shows it.
 * @typedef {object} Dial
 * @property {string} label
 * @property {string} hint
 * @property {"kappa" | "examples" | "decay" | "speed" | "start" | "network"} name
 * @property {0 | 1} [place]  in a pair
 * @property {string} [range]  where it has not the name of the setting
 * @property {"paper" | "network"} [of]  the model that has it, if not both
 * @property {boolean} [anew]  whether a run cannot go on with another value
 * @property {"even" | "log"} scale
 * @property {number} [notches]
 * @property {number} digits  significant ones that the slider gives
 * @property {(value: number) => string} show
 */

const NOTCHES = 400;

const plain = (/** @type {number} */ value) => short(value);
const speed = (/** @type {number} */ value) => (value === 0 ? "0" : short(value));

/** @type {Record<string, Dial>} */
export const DIALS = {
  examples: {
    label: "Examples D",
    hint: "what there is to memorise",
    name: "examples",
    scale: "log",
    digits: 3,
    show: (value) => `${Math.round(value).toLocaleString("en")}`,
  },
  decay: {
    label: "Weight decay α",
    hint: "what norm costs",
    name: "decay",
    of: "paper",
    scale: "log",
    digits: 2,
    show: (value) => (value === 0 ? "0 (off)" : short(value)),
  },
  kappa: {
    label: "Exponent κ",
    hint: "logits grow as norm^κ",
    name: "kappa",
    of: "paper",
    scale: "even",
    digits: 3,
    show: plain,
  },
  modulus: {
    label: "Modulus m",
    hint: "labels of a + b modulo m",
    name: "network",
    place: 0,
    range: "modulus",
    of: "network",
    anew: true,
    scale: "even",
    digits: 2,
    notches: 36, // of odd numbers
    show: plain,
  },
  l2: {
    label: "Decay γ",
    hint: "what norm costs",
    name: "network",
    place: 1,
    range: "l2",
    of: "network",
    scale: "log",
    digits: 2,
    show: plain,
  },
  speedG: {
    label: "Speed, generalising",
    hint: "subweight b at the start (√ρ)",
    name: "speed",
    place: 0,
    scale: "log",
    digits: 2,
    show: speed,
  },
  speedM: {
    label: "Speed, memorising",
    hint: "the same for the other",
    name: "speed",
    place: 1,
    scale: "log",
    digits: 2,
    show: speed,
  },
  startG: {
    label: "Start, generalising",
    hint: "weight at the start",
    name: "start",
    place: 0,
    scale: "even",
    digits: 3,
    show: plain,
  },
  startM: {
    label: "Start, memorising",
    hint: "or drag the ring in the plane",
    name: "start",
    place: 1,
    scale: "even",
    digits: 3,
    show: plain,
  },
};

/**
 * The value of a dial.
 * @param {Dial} dial
 * @param {Settings} settings
 * @returns {number}
 */
export function valueOf({ name, place = 0 }, settings) {
  const value = settings[name] ?? NaN;
  return typeof value === "number" ? value : value[place];
}

/**
 * The settings with another value of a dial.
 * @param {Dial} dial
 * @param {Settings} settings
 * @param {number} value
 * @returns {Settings}
 */
export function withValue({ name, place }, settings, value) {
  const before = settings[name];
  if (!Array.isArray(before)) return { ...settings, [name]: value };
  return { ...settings, [name]: before.map((old, i) => (i === place ? value : old)) };
}

/**
 * The notch of the value; notch 0 is kept for zero where a log scale has one.
 * @param {Dial} dial
 * @param {Settings} settings
 */
export function notchOf(dial, settings) {
  const { scale, notches = NOTCHES } = dial;
  const { least, most, low = least } = rangeOfDial(dial, settings);
  const value = valueOf(dial, settings);
  if (scale === "even") return Math.round((notches * (value - least)) / (most - least));
  if (value <= 0) return 0;
  const first = low > least ? 1 : 0;
  const part = Math.log(Math.max(value, low) / low) / Math.log(most / low);
  return Math.round(first + part * (notches - first));
}

/**
 * The value at a notch.
 * @param {Dial} dial
 * @param {Settings} settings
 * @param {number} notch
 */
export function atNotch(dial, settings, notch) {
  const { name, scale, digits, notches = NOTCHES } = dial;
  const { least, most, low = least } = rangeOfDial(dial, settings);
  if (scale === "even") return tidy(least + (notch / notches) * (most - least), digits);
  const first = low > least ? 1 : 0;
  if (notch < first) return 0;
  const value = tidy(low * (most / low) ** ((notch - first) / (notches - first)), digits);
  if (name !== "examples") return value;
  // Examples are whole. Next to the size at which both circuits cost the same it is that one.
  const { critical } = modelOf(settings);
  return Math.round(Math.abs(value / critical - 1) < 0.007 ? critical : value);
}

/**
 * @param {Dial} dial
 * @param {Settings} settings
 */
function rangeOfDial({ name, range = name }, settings) {
  return rangeOf(range, settings);
}

/**
 * A number with so many digits.
 * @param {number} value
 * @param {number} digits
 */
export function tidy(value, digits) {
  return Number(value.toPrecision(digits));
}

/**
 * A labelled slider.
 * @param {Dial} dial
 * @param {(notch: number) => void} moved
 * @returns {{ dial: Dial, box: HTMLElement, show: (settings: Settings) => void }}
 */
export function slider(dial, moved) {
  const { notches = NOTCHES } = dial;
  const input = element("input", { type: "range", min: "0", max: `${notches}`, step: "1" });
  input.setAttribute("aria-label", dial.label);
  const output = element("span", { className: "ge-value" });
  const name = element("span", { className: "ge-name" }, [dial.label]);
  const hint = element("span", { className: "ge-hint" }, [dial.hint]);
  const head = element("span", { className: "ge-dial-head" }, [name, output]);
  const box = element("label", { className: "ge-dial" }, [head, input, hint]);
  input.addEventListener("input", () => moved(Number(input.value)));
  const show = (/** @type {Settings} */ settings) => {
    box.hidden = dial.of !== undefined && dial.of !== (settings.network ? "network" : "paper");
    if (box.hidden) return;
    const value = valueOf(dial, settings);
    const notch = `${notchOf(dial, settings)}`;
    if (input.value !== notch) input.value = notch;
    if (output.textContent === dial.show(value)) return;
    output.textContent = dial.show(value);
    input.setAttribute("aria-valuetext", dial.show(value));
  };
  return { dial, box, show };
}

/**
 * A ring over a picture that is dragged in two directions, or moved with the arrow keys.
 * @param {HTMLElement} frame  the picture's frame, in which a press anywhere moves the ring
 * @param {(x: number, y: number) => void} moved  to a pixel of the frame
 * @param {(right: number, up: number) => void} nudged  by so many steps
 */
export function ring(frame, moved, nudged) {
  const handle = element("button", { type: "button", className: "ge-ring" });
  const move = (/** @type {MouseEvent} */ event) => {
    const box = frame.getBoundingClientRect();
    moved(event.clientX - box.left, event.clientY - box.top);
  };
  handle.addEventListener("pointerdown", (event) => handle.setPointerCapture(event.pointerId));
  handle.addEventListener("pointermove", (event) => {
    if (handle.hasPointerCapture(event.pointerId)) move(event);
  });
  frame.addEventListener("click", (event) => {
    if (event.target !== handle) move(event);
  });
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const by = step[/** @type {keyof typeof step} */ (event.key)];
    if (!by) return;
    event.preventDefault();
    nudged(by[0] * (event.shiftKey ? 10 : 1), by[1] * (event.shiftKey ? 10 : 1));
  });
  frame.append(handle);
  return handle;
}
