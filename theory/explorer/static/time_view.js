// The run over time: both weights, the losses and the accuracies, one above the other.

import { lawOf, testLoss, trainLoss } from "./law.js";
import { drawMarks } from "./marks.js";
import { RATE } from "./model.js";
import { accuraciesOf, kindAt } from "./phases.js";
import { DASHED, linear, logarithmic, SOLID } from "./picture.js";
import { FIRST, LAST } from "./story.js";

/** @import { Pair } from "./model.js" */
/** @import { Outcome } from "./outcome.js" */
/** @import { Picture, Scale } from "./picture.js" */
/** @import { Story } from "./story.js" */
/** @import { Theme } from "./theme.js" */

/**
 * @typedef {object} Panel
 * @property {string} title
 * @property {number} top
 * @property {number} bottom
 * @property {Scale} y
 * @property {[number, string][]} ticks
 * @property {Float64Array[]} values  of two lines
 * @property {string[]} colours
 * @property {string[]} words  colours for text
 * @property {string[]} names
 * @property {number[][]} dashes
 * @property {number} [threshold]  a value of note
 */

/**
 * Where a name stands.
 * @typedef {{ left: number, right: number, middle: number }} Box
 */

/** Room around the picture, in pixels. */
const TIME_BOX = { left: 46, right: 22, top: 56, bottom: 40 };
const GAP = 30;
/** Height of a name with its room, and parts of the axis at which one may stand. */
const NAME = 17;
const PLACES = [1, 0.85, 0.7, 0.55, 0.4, 0.25];
/** Ends of the axis of losses, with how many powers of ten there are from one number to the next. */
const LEAST_LOSSES = /** @type {const} */ ([
  [2e-3, 1],
  [2e-5, 2],
  [2e-8, 3],
  [2e-13, 5],
]);
const TICKS = [10, 100, 1000, 10000, 100000, 1000000];

/**
 * The losses and accuracies of train and test set, at the times of the weights.
 * @param {Story} story
 * @param {Outcome} outcome
 */
export function measured({ curve: { t, g, m }, settings }, { phases }) {
  const law = lawOf(settings);
  const line = () => new Float64Array(t.length);
  const [losses, accuracies] = [
    [line(), line()],
    [line(), line()],
  ];
  for (let k = 0; k < t.length; k++) {
    losses[0][k] = trainLoss(law, g[k] + m[k]);
    losses[1][k] = testLoss(law, g[k], m[k]);
    const right = accuraciesOf(law, kindAt(phases, t[k]), [g[k], m[k]]);
    [accuracies[0][k], accuracies[1][k]] = right;
  }
  return { losses, accuracies };
}

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Story} story
 * @param {Outcome} outcome
 * @param {Pair | null} rest
 * @param {number} now
 * @param {boolean} small
 */
export function drawTime(picture, theme, story, outcome, rest, now, small) {
  const { width, height } = picture;
  picture.clear();
  const x = logarithmic(FIRST, LAST, TIME_BOX.left, width - TIME_BOX.right);
  const at = Float64Array.from(story.curve.t, x);
  const panels = panelsOf(story, outcome, theme, height, small);
  const { bottom } = panels[panels.length - 1];
  drawMarks(picture, theme, story, outcome, x, bottom);
  for (const panel of panels) drawPanel(picture, theme, panel, x, at, now);
  drawTimeAxis(picture, theme, x, bottom);
  if (rest) drawRest(picture, theme, panels[0], rest);
  if (now < LAST)
    picture.line(x(now), TIME_BOX.top, x(now), height - TIME_BOX.bottom, theme.ink, 1.5);
}

/**
 * @param {Story} story
 * @param {Outcome} outcome
 * @param {Theme} theme
 * @param {number} height
 * @param {boolean} small
 * @returns {Panel[]}
 */
function panelsOf(story, outcome, theme, height, small) {
  const { g, m } = story.curve;
  const { losses, accuracies } = measured(story, outcome);
  const space = height - TIME_BOX.top - TIME_BOX.bottom;
  const parts = small ? [0.72, 0, 0.28] : [0.48, 0.32, 0.2];
  const gaps = small ? 1 : 2;
  const unit = space - gaps * GAP;
  const weights = { top: TIME_BOX.top, bottom: TIME_BOX.top + parts[0] * unit };
  const accuracy = {
    top: height - TIME_BOX.bottom - parts[2] * unit,
    bottom: height - TIME_BOX.bottom,
  };
  const sets = { colours: theme.sets, words: theme.setWords, names: ["train", "test"] };
  const dashes = [DASHED, SOLID];
  /** @type {Panel[]} */
  const panels = [weightPanel(weights, g, m, theme)];
  if (!small) {
    const loss = { top: weights.bottom + GAP, bottom: accuracy.top - GAP };
    const lowest = losses.reduce((low, line) => Math.min(low, ...line), 1);
    const [least, powers] = LEAST_LOSSES.find(([end]) => lowest > end) ?? LEAST_LOSSES[3];
    const y = logarithmic(least, 20, loss.bottom, loss.top);
    const ticks = lossTicks(least, powers);
    const title = "loss (nat): below log 2, dotted, it fits";
    const threshold = Math.LN2;
    panels.push({ title, ...loss, y, ticks, values: losses, ...sets, dashes, threshold });
  }
  const y = linear(0, 1, accuracy.bottom, accuracy.top);
  const values = accuracies;
  /** @type {[number, string][]} */
  const ticks = [
    [0, "0"],
    [1 / 2, "½"],
    [1, "1"],
  ];
  panels.push({ title: "accuracy", ...accuracy, y, ticks, values, ...sets, dashes });
  return panels;
}

/**
 * Numbers on the axis of losses, downwards from the largest one.
 * @param {number} least
 * @param {number} powers  of ten from one to the next
 */
function lossTicks(least, powers) {
  /** @type {[number, string][]} */
  const ticks = [];
  for (let decade = powers === 1 ? 1 : 0; 10 ** decade > least; decade -= powers) {
    const label = decade < -3 ? `1e${decade}` : `${Number((10 ** decade).toPrecision(1))}`;
    ticks.push([10 ** decade, label]);
  }
  return ticks;
}

/**
 * @param {{ top: number, bottom: number }} box
 * @param {Float64Array} g
 * @param {Float64Array} m
 * @param {Theme} theme
 * @returns {Panel}
 */
function weightPanel({ top, bottom }, g, m, theme) {
  const most = roomFor(Math.max(...g, ...m));
  const step = most > 12 ? 5 : most > 6 ? 4 : 2;
  /** @type {[number, string][]} */
  const ticks = [];
  for (let value = 0; value <= most; value += step) ticks.push([value, `${value}`]);
  return {
    title: "weight of each circuit (logit)",
    top,
    bottom,
    y: linear(0, most, bottom, top),
    ticks,
    values: [g, m],
    colours: theme.circuits,
    words: theme.words,
    names: ["generalising", "memorising"],
    dashes: [SOLID, DASHED],
  };
}

/**
 * The end of an axis with room for a value: one of a few, so that the axis rarely moves.
 * @param {number} value
 */
export function roomFor(value) {
  return [6, 8, 10, 12, 15, 20].find((end) => value < 0.97 * end) ?? 25;
}

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Panel} panel
 * @param {Scale} x
 * @param {Float64Array} at
 * @param {number} now
 */
function drawPanel(picture, theme, panel, x, at, now) {
  const { top, bottom, y, values, colours, dashes, title, ticks, threshold } = panel;
  const [left, right] = [TIME_BOX.left, picture.width - TIME_BOX.right];
  for (const [value, label] of ticks) {
    picture.line(left, y(value), right, y(value), theme.faint);
    picture.text(label, left - 8, y(value), theme.soft, { align: "right" });
  }
  if (threshold) {
    const height = y(threshold);
    picture.line(left, height, right, height, theme.setWords[0], 1.5, [3, 3]);
  }
  picture.text(title, left, top - 12, theme.soft, { halo: theme.paper });
  const { context } = picture;
  values.forEach((line, i) => {
    const heights = line.map(y);
    context.globalAlpha = 0.3;
    picture.within(x(now), top - 4, right - x(now), bottom - top + 8, () =>
      picture.path(at, heights, colours[i], 2, dashes[i]),
    );
    context.globalAlpha = 1;
    picture.within(left, top - 4, x(now) - left, bottom - top + 8, () =>
      picture.path(at, heights, colours[i], 3, dashes[i]),
    );
  });
  nameLines(picture, theme, panel, at);
}

/**
 * Write the name of each line next to its end, or where that would be on a line further left.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Panel} panel
 * @param {Float64Array} at
 */
function nameLines(picture, theme, panel, at) {
  const { values, y, names, words } = panel;
  const lines = values.map((line) => line.map(y));
  const ends = lines.map((heights) => heights[heights.length - 1]);
  const upper = ends[0] <= ends[1] ? 0 : 1;
  /** @type {Box[]} */
  const taken = [];
  for (const i of [upper, 1 - upper]) {
    const side = i === upper ? -1 : 1;
    const boxes = boxesFor(panel, at, lines[i], picture.widthOf(names[i]), side);
    const costs = boxes.map((box, k) => k + crossings(box, at, lines) + overlaps(box, taken));
    const box = boxes[costs.indexOf(Math.min(...costs))];
    taken.push(box);
    const how = { align: /** @type {const} */ ("right"), bold: true, halo: theme.paper };
    picture.text(names[i], box.right, box.middle, words[i], how);
  }
}

/**
 * Places for the name of a line, the best ones first.
 * @param {Panel} panel
 * @param {Float64Array} at
 * @param {Float64Array} heights
 * @param {number} width
 * @param {number} side  on which the name is if it can: -1 above, 1 below
 * @returns {Box[]}
 */
function boxesFor({ top, bottom }, at, heights, width, side) {
  const end = at.length - 1;
  return PLACES.flatMap((part) => {
    const k = Math.round(part * end);
    const right = part === 1 ? at[end] - 6 : at[k] + width / 2;
    return [side, -side, 2 * side, -2 * side].map((shift) => {
      const wanted = heights[k] + 11 * shift;
      const middle = Math.min(Math.max(wanted, part === 1 ? top - 11 : top + 8), bottom - 9);
      return { left: right - width, right, middle };
    });
  });
}

/**
 * What it costs that lines run through a box.
 * @param {Box} box
 * @param {Float64Array} at
 * @param {Float64Array[]} lines
 */
function crossings({ left, right, middle }, at, lines) {
  let count = 0;
  for (const heights of lines) {
    for (let k = 1; k < at.length; k++) {
      if (at[k] < left || at[k - 1] > right) continue;
      const [a, b] = [heights[k - 1], heights[k]];
      if (Math.max(a, b) > middle - NAME / 2 && Math.min(a, b) < middle + NAME / 2) count++;
    }
  }
  return 100 * count;
}

/**
 * What it costs that a box lies on others.
 * @param {Box} box
 * @param {Box[]} taken
 */
function overlaps({ left, right, middle }, taken) {
  const on = taken.filter((other) => {
    const beside = left > other.right + 4 || right < other.left - 4;
    return !beside && Math.abs(middle - other.middle) < NAME;
  });
  return 1e5 * on.length;
}

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Scale} x
 * @param {number} bottom
 */
function drawTimeAxis(picture, theme, x, bottom) {
  for (const count of TICKS) {
    const label =
      count < 10000 ? count.toLocaleString("en") : count < 1e6 ? `${count / 1000}k` : "1M";
    picture.line(x(count * RATE), bottom, x(count * RATE), bottom + 5, theme.soft);
    picture.text(label, x(count * RATE), bottom + 14, theme.soft, { align: "center" });
  }
  const middle = (TIME_BOX.left + picture.width - TIME_BOX.right) / 2;
  picture.text("updates", middle, bottom + 31, theme.soft, { align: "center" });
}

/**
 * Mark the weights at rest.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Panel} panel
 * @param {Pair} rest
 */
function drawRest(picture, theme, { y }, rest) {
  const right = picture.width - TIME_BOX.right + 9;
  rest.forEach((w, i) => picture.dot(right, y(w), 4.5, theme.paper, theme.circuits[i]));
}
