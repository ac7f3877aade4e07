// The run so far: accuracies and norm over the updates, one above the other.

import { DASHED, linear, SOLID } from "../../static/picture.js";
import { count } from "../../inside/static/numbers.js";

/** @import { Picture, Scale } from "../../static/picture.js" */
/** @import { Theme } from "../../static/theme.js" */
/** @import { History } from "./history.js" */

/** Room around the picture and between its panels, in pixels. */
const BOX = { left: 40, right: 14, top: 46, bottom: 40 };
const GAP = 34;
/** Part of the height for the accuracies. */
const ACCURACIES = 0.6;
/** Norm that there is room for at least. */
const NORM = 45;
/** Updates that there is room for at first; then for half as many more each time. */
const FIRST = 1500;
const GROWTH = 1.5;
/** Pixels from one mark to the next at least, and to the next where words stand at it. */
const LASTING = 24;
const FOR_WORDS = 86;

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {History} history
 */
export function drawProgress(picture, theme, history) {
  picture.clear();
  const { moments, now } = history;
  const bottom = picture.height - BOX.bottom;
  const middle = BOX.top + ACCURACIES * (bottom - BOX.top - GAP);
  let last = FIRST;
  while (last < now.updates) last *= GROWTH;
  const x = linear(0, last, BOX.left, picture.width - BOX.right);
  const y = linear(0, 1, middle, BOX.top);
  const most = Math.max(NORM, ...moments.map((moment) => 1.08 * moment.norm));
  const norm = linear(0, most, bottom, middle + GAP);
  drawUpdates(picture, theme, x, last, bottom);
  drawChanges(picture, theme, history, x, bottom);
  drawGrid(picture, theme, y, [0, 0.5, 1]);
  drawGrid(picture, theme, norm, [0, 20, 40, 60].filter((value) => value < most));
  const at = moments.map(({ updates }) => x(updates));
  [DASHED, SOLID].forEach((dash, set) => {
    const heights = moments.map(({ accuracy }) => y(accuracy[set]));
    picture.path(at, heights, theme.sets[set], 3, dash);
    picture.dot(at[at.length - 1], y(now.accuracy[set]), 4.5, theme.sets[set], theme.paper);
  });
  picture.path(at, moments.map((moment) => norm(moment.norm)), theme.soft, 2);
  picture.text("parameter norm", BOX.left, middle + GAP - 12, theme.soft, { halo: theme.paper });
  writeKey(picture, theme);
}

/**
 * What the lines of the upper panel are.
 * @param {Picture} picture
 * @param {Theme} theme
 */
function writeKey(picture, theme) {
  const height = BOX.top - 14;
  picture.text("accuracy", BOX.left, height, theme.soft);
  let left = BOX.left + 74;
  ["examples", "the rest"].forEach((name, set) => {
    picture.line(left, height, left + 21, height, theme.sets[set], 3, [DASHED, SOLID][set]);
    picture.text(name, left + 27, height, theme.setWords[set], { bold: true, halo: theme.paper });
    left += 112;
  });
}

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Scale} y
 * @param {number[]} values
 */
function drawGrid(picture, theme, y, values) {
  for (const value of values) {
    picture.line(BOX.left, y(value), picture.width - BOX.right, y(value), theme.faint);
    picture.text(`${value}`, BOX.left - 8, y(value), theme.soft, { align: "right" });
  }
}

/**
 * The axis of updates.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Scale} x
 * @param {number} last
 * @param {number} bottom
 */
function drawUpdates(picture, theme, x, last, bottom) {
  const room = (picture.width - BOX.left - BOX.right) / 60;
  const sizes = [500, 1000, 2000, 5000, 10_000, 20_000, 50_000];
  const step = sizes.find((size) => last / size < room) ?? 100_000;
  for (let updates = 0; updates <= last; updates += step) {
    picture.line(x(updates), bottom + 4, x(updates), bottom + 9, theme.soft);
    picture.text(count(updates), x(updates), bottom + 18, theme.soft, {
      align: "center",
      inside: true,
    });
  }
  const middle = (BOX.left + picture.width - BOX.right) / 2;
  picture.text("updates", middle, bottom + 33, theme.soft, { align: "center" });
}

/**
 * Mark where the number of examples was changed.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {History} history
 * @param {Scale} x
 * @param {number} bottom
 */
function drawChanges(picture, theme, { changes }, x, bottom) {
  changes.forEach(({ updates, examples }, k) => {
    const room = x(changes[k + 1]?.updates ?? Infinity) - x(updates);
    // While the slider is drawn there are many: only what lasts is marked.
    if (room < LASTING) return;
    picture.line(x(updates), 18, x(updates), bottom, theme.soft, 1.5, [3, 3]);
    if (room < FOR_WORDS) return;
    picture.text(`${examples} examples`, x(updates), 9, theme.ink, { align: "center", inside: true });
  });
}
