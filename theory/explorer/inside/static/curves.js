// The run over its steps: losses, accuracies, norm and weights, one above the other.

import { DASHED, linear, logarithmic, SOLID } from "../../static/picture.js";
import { placeOf } from "./recording.js";

/** @import { Picture, Scale } from "../../static/picture.js" */
/** @import { Theme } from "../../static/theme.js" */
/** @import { Recording } from "./recording.js" */

/**
 * A panel of lines over the steps.
 * @typedef {object} Panel
 * @property {string} title
 * @property {number} top
 * @property {number} bottom
 * @property {Scale} y
 * @property {[number, string][]} ticks
 * @property {number[][]} lines
 * @property {string[]} names
 * @property {string[]} colours
 * @property {string[]} words  colours for text
 * @property {number[][]} dashes
 */

/** Room around the picture, in pixels. */
const BOX = { left: 46, right: 16, top: 40, bottom: 40 };
const GAP = 30;

/**
 * Where steps stand.
 * @param {Picture} picture
 * @param {Recording} recording
 */
export function stepScale(picture, { steps, last }) {
  return linear(0, placeOf(steps[last]), BOX.left, picture.width - BOX.right);
}

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Recording} recording
 * @param {number} k  record at which to stand
 */
export function drawCurves(picture, theme, recording, k) {
  picture.clear();
  const x = stepScale(picture, recording);
  const at = recording.steps.map((step) => x(placeOf(step)));
  const bottom = picture.height - BOX.bottom;
  drawSteps(picture, theme, recording, x, bottom);
  drawEvents(picture, theme, recording, x, bottom);
  const panels = panelsOf(recording, theme, picture.height);
  for (const panel of panels) drawPanel(picture, theme, panel, at, at[k]);
  picture.line(at[k], BOX.top, at[k], bottom, theme.ink, 1.5);
  for (const { lines, y, colours } of panels) {
    lines.forEach((line, i) => picture.dot(at[k], y(line[k]), 4.5, colours[i], theme.paper));
  }
}

/**
 * @param {Recording} recording
 * @param {Theme} theme
 * @param {number} height
 * @returns {Panel[]}
 */
function panelsOf({ values }, theme, height) {
  const room = height - BOX.top - BOX.bottom - 3 * GAP;
  const parts = [0.24, 0.2, 0.2, 0.36];
  const sets = {
    names: ["train", "test"],
    colours: theme.sets,
    words: theme.setWords,
    dashes: [DASHED, SOLID],
  };
  let top = BOX.top;
  const place = (/** @type {number} */ i) => {
    const box = { top, bottom: top + parts[i] * room };
    top = box.bottom + GAP;
    return box;
  };
  return [
    lossPanel(place(0), [values.train_loss, values.test_loss], sets),
    evenPanel(
      "accuracy",
      place(1),
      [values.train_accuracy, values.test_accuracy],
      { ...sets, names: [] },
      [0, 1],
    ),
    evenPanel("parameter norm", place(2), [values.parameter_norm], {
      names: [],
      colours: [theme.soft],
      words: [theme.soft],
      dashes: [SOLID],
    }),
    evenPanel("weight (logit)", place(3), values.weight, {
      names: ["generalising", "memorising"],
      colours: theme.circuits,
      words: theme.words,
      dashes: [SOLID, DASHED],
    }),
  ];
}

/**
 * @param {{ top: number, bottom: number }} box
 * @param {number[][]} lines
 * @param {Pick<Panel, "names" | "colours" | "words" | "dashes">} look
 * @returns {Panel}
 */
function lossPanel(box, lines, look) {
  const [low, high] = [Math.min(...lines.flat()), Math.max(...lines.flat())];
  const first = Math.floor(Math.log10(low));
  const y = logarithmic(10 ** first, 10 ** Math.ceil(Math.log10(high)), box.bottom, box.top);
  /** @type {[number, string][]} */
  const ticks = [];
  for (let power = first; power <= Math.log10(high); power += first < -3 ? 2 : 1) {
    ticks.push([10 ** power, power < -2 ? `1e−${-power}` : `${10 ** power}`]);
  }
  return { title: "loss (nat)", ...box, y, ticks, lines, ...look };
}

/**
 * @param {string} title
 * @param {{ top: number, bottom: number }} box
 * @param {number[][]} lines
 * @param {Pick<Panel, "names" | "colours" | "words" | "dashes">} look
 * @param {[number, number]} [range]
 * @returns {Panel}
 */
function evenPanel(title, box, lines, look, range) {
  const [low, high] = range ?? [Math.min(0, ...lines.flat()), 1.08 * Math.max(...lines.flat())];
  const y = linear(low, high, box.bottom, box.top);
  const step = [1, 2, 5, 10, 20, 50, 100, 200].find((size) => high / size < 4.5) ?? 500;
  /** @type {[number, string][]} */
  const ticks = [];
  for (let value = 0; value <= high; value += step) ticks.push([value, `${value}`]);
  return { title, ...box, y, ticks, lines, ...look };
}

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Panel} panel
 * @param {number[]} at  pixels of the records
 * @param {number} now  pixel of the present one
 */
function drawPanel(picture, theme, { title, top, bottom, y, ticks, ...panel }, at, now) {
  const right = picture.width - BOX.right;
  for (const [value, label] of ticks) {
    picture.line(BOX.left, y(value), right, y(value), theme.faint);
    picture.text(label, BOX.left - 8, y(value), theme.soft, { align: "right" });
  }
  const { context } = picture;
  panel.lines.forEach((line, i) => {
    const heights = line.map(y);
    context.globalAlpha = 0.35;
    picture.within(now, top - 4, right - now, bottom - top + 8, () =>
      picture.path(at, heights, panel.colours[i], 2, panel.dashes[i]),
    );
    context.globalAlpha = 1;
    picture.within(0, top - 4, now, bottom - top + 8, () =>
      picture.path(at, heights, panel.colours[i], 3, panel.dashes[i]),
    );
  });
  writeTitle(picture, theme, title, panel, top - 13);
}

/**
 * The title of a panel, and which line is which: beside it, or where that is too long, below.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {string} title
 * @param {Pick<Panel, "names" | "words" | "colours" | "dashes">} look
 * @param {number} height
 */
function writeTitle(picture, theme, title, { names, words, colours, dashes }, height) {
  const halo = theme.paper;
  picture.text(title, BOX.left, height, theme.soft, { halo });
  const widthOf = (/** @type {string} */ text) => picture.context.measureText(text).width;
  let x = BOX.left + widthOf(title) + 24;
  const below = x + names.reduce((sum, name) => sum + widthOf(name) + 47, 0) > picture.width;
  if (below) x = BOX.left + 6;
  names.forEach((name, i) => {
    const y = below ? height + 24 + 18 * i : height;
    picture.line(x, y, x + 21, y, colours[i], 3, dashes[i]);
    picture.text(name, x + 27, y, words[i], { bold: true, halo });
    if (!below) x += widthOf(name) + 47;
  });
}

/**
 * The axis of steps.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Recording} recording
 * @param {Scale} x
 * @param {number} bottom
 */
function drawSteps(picture, theme, { steps, last }, x, bottom) {
  const ticks = [0, 10, 100, 1000, 10000, 100000].filter((step) => step <= steps[last]);
  for (const step of ticks) {
    const at = x(placeOf(step));
    picture.line(at, bottom + 4, at, bottom + 9, theme.soft);
    const label = step < 10000 ? step.toLocaleString("en") : `${step / 1000}k`;
    picture.text(label, at, bottom + 18, theme.soft, { align: "center" });
  }
  const middle = (BOX.left + picture.width - BOX.right) / 2;
  picture.text("updates", middle, bottom + 33, theme.soft, { align: "center" });
}

/**
 * Mark where the run fits and where it generalises.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Recording} recording
 * @param {Scale} x
 * @param {number} bottom
 */
function drawEvents(picture, theme, { values }, x, bottom) {
  const events = /** @type {const} */ ([
    ["fits", values.fits],
    ["generalises", values.generalises],
  ]);
  events.forEach(([word, step], i) => {
    if (step === null) return;
    const at = x(placeOf(step));
    picture.line(at, 18, at, bottom, theme.sets[i], 1.5, [3, 3]);
    const room = 4 * word.length;
    const align = at + room > picture.width ? "right" : "center";
    picture.text(word, at, 9, theme.setWords[i], { align, bold: true, halo: theme.paper });
  });
}
