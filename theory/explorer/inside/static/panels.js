// A panel of lines over the steps of a run, and their axis.

import { DASHED, linear, SOLID } from "../../static/picture.js";
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
export const BOX = { left: 46, right: 16, top: 40, bottom: 40 };

/**
 * Where steps stand.
 * @param {Picture} picture
 * @param {Recording} recording
 */
export function stepScale(picture, { steps, last }) {
  return linear(0, placeOf(steps[last]), BOX.left, picture.width - BOX.right);
}

/**
 * How the lines of both sets look.
 * @param {Theme} theme
 */
export function looksOfSets(theme) {
  const dashes = [DASHED, SOLID];
  return { names: ["train", "test"], colours: theme.sets, words: theme.setWords, dashes };
}

/**
 * A panel with an even axis from 0.
 * @param {string} title
 * @param {{ top: number, bottom: number }} box
 * @param {number[][]} lines
 * @param {Pick<Panel, "names" | "colours" | "words" | "dashes">} look
 * @param {[number, number]} [range]
 * @returns {Panel}
 */
export function evenPanel(title, box, lines, look, range) {
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
export function drawPanel(picture, theme, { title, top, bottom, y, ticks, ...panel }, at, now) {
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
export function drawSteps(picture, theme, { steps, last }, x, bottom) {
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
