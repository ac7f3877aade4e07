// Where to start from: steps that say what to see and to do, and examples for the buttons.

import { NETWORK, PAPER } from "./settings.js";

/** @import { Settings } from "./model.js" */

/**
 * @typedef {object} Step
 * @property {string} title
 * @property {string} words
 * @property {Settings} settings
 * @property {number} [now]  time at which the run stands, for changes from then on
 */

/** @type {Step[]} */
export const GUIDE = [
  {
    title: "The wait",
    words:
      "This run fits early and generalises late. Drag the weight decay to 0.0005: the wait " +
      "is eight times as long. At 0 there is no end to it.",
    settings: PAPER,
  },
  {
    title: "Take one away",
    words:
      "Here both circuits are learned equally fast, and nothing is late. The next two " +
      "buttons take away another ingredient each: then it never gets all right.",
    settings: { ...PAPER, speed: [1, 1] },
  },
  {
    title: "Ungrokking",
    words:
      "The line stands at a network that has grokked. Drag the examples below 400, where " +
      "memorising is cheaper, and press Play: it forgets.",
    settings: PAPER,
    now: 200,
  },
  {
    title: "Two worlds",
    words:
      "Beyond κ = 2 the start decides. Drag the ring in the plane across the dashed border. " +
      "Then drag κ below 2: the border is gone.",
    settings: { ...PAPER, kappa: 3, examples: 900, start: [1, 5] },
  },
  {
    title: "The map",
    words:
      "Every cell of the map is a run of its own. Drag its ring across 400 examples, where " +
      "both circuits cost the same: near that line both stay.",
    settings: { ...PAPER, decay: 0.002, speed: [0, 0], start: [0.01, 1] },
  },
  {
    title: "A network",
    words:
      "Modulus and decay now set all costs. It groks although κ is 3. Drag the examples " +
      "down: memory gives way bit by bit.",
    settings: NETWORK,
  },
];

/**
 * The four panels of the paper's Section 3, and two steps that go beyond them.
 *
 * Without better efficiency both circuits need the norm 2 in the paper. Here that of the
 * generalising one is 1, with four times the decay: the same costs.
 * @type {{ name: string, settings: Settings, now?: number, step?: number }[]}
 */
export const PRESETS = [
  { name: "All ingredients", settings: PAPER },
  { name: "No slow learning", settings: { ...PAPER, speed: [1, 1] } },
  { name: "No better efficiency", settings: { ...PAPER, examples: 400, decay: 0.02 } },
  { name: "No generalising circuit", settings: { ...PAPER, speed: [0, 1] } },
  { name: "Ungrokking", step: 3, ...GUIDE[2] },
  { name: "Beyond κ = 2", step: 4, ...GUIDE[3] },
];
