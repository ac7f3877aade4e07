// The phase diagram: which kind of run lies where, and where this one is.

import { acrossOf, partsOf, placeAt } from "./axes.js";
import { modelOf } from "./model.js";
import { onsetOf } from "./network.js";
import { linear } from "./picture.js";
import { rangeOf } from "./settings.js";

/** @import { Pair, Settings } from "./model.js" */
/** @import { Picture, Scale } from "./picture.js" */
/** @import { RegimeMap } from "./regimes.js" */
/** @import { Theme } from "./theme.js" */

/** Room around the picture, in pixels. */
const MAP_BOX = { left: 46, right: 10, top: 26, bottom: 40 };
const SIZES = [100, 400, 1600, 6400];
const UNKNOWN = 255;
/** Where lines on the map have corners. */
const LINE_PARTS = Array.from({ length: 13 }, (_, k) => k / 12);

/**
 * Scales from parts of the axes to pixels.
 * @param {Picture} picture
 * @returns {{ x: Scale, y: Scale }}
 */
export function mapScales({ width, height }) {
  return {
    x: linear(0, 1, MAP_BOX.left, width - MAP_BOX.right),
    y: linear(0, 1, height - MAP_BOX.bottom, MAP_BOX.top),
  };
}

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {RegimeMap} map
 * @param {Settings} settings
 */
export function drawMap(picture, theme, map, settings) {
  picture.clear();
  const { x, y } = mapScales(picture);
  drawCells(picture, theme, map, x, y);
  for (const examples of SIZES.filter((size) => size <= rangeOf("examples", settings).most)) {
    const height = y(partsOf({ ...settings, examples })[1]);
    picture.text(`${examples}`, MAP_BOX.left - 7, height, theme.soft, { align: "right" });
  }
  const { words, range, ticks, set } = acrossOf(settings);
  for (const [value, label] of ticks) {
    const align = value === range.most ? "right" : value === range.least ? "left" : "center";
    picture.text(label, x(partsOf(set(settings, value))[0]), y(0) + 13, theme.soft, { align });
  }
  picture.text(words, x(1), y(0) + 31, theme.soft, { align: "right" });
  picture.text("↑ training examples", x(0) - 34, 10, theme.soft);
  for (const border of bordersOf(settings)) drawBorder(picture, theme, border, x, y);
}

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {RegimeMap} map
 * @param {Scale} x
 * @param {Scale} y
 */
function drawCells(picture, theme, { cells, columns, rows }, x, y) {
  const { context } = picture;
  for (let row = 0; row < rows; row++) {
    const top = Math.round(y((row + 1) / rows));
    const bottom = Math.round(y(row / rows));
    for (let column = 0; column < columns;) {
      const regime = cells[row * columns + column];
      const first = column;
      while (column < columns && cells[row * columns + column] === regime) column++;
      if (regime === UNKNOWN) continue;
      const left = Math.round(x(first / columns));
      context.fillStyle = theme.regimes[regime];
      context.fillRect(left, top, Math.round(x(column / columns)) - left, bottom - top);
    }
  }
}

/**
 * Lines on the map, in parts of the axes: equal costs, and what else decides.
 * @param {Settings} settings
 * @returns {Pair[][]}
 */
function bordersOf(settings) {
  const line = (/** @type {(critical: number) => number} */ sizeOf) =>
    LINE_PARTS.map((x) => {
      const there = placeAt(settings, x, 0);
      const examples = sizeOf(modelOf(there).critical);
      return /** @type {Pair} */ ([x, partsOf({ ...there, examples })[1]]);
    });
  const equal = line((critical) => critical);
  if (settings.network) return [equal, line(onsetOf)];
  const [x] = partsOf({ ...settings, kappa: 2 });
  return [
    equal,
    [
      [x, 0],
      [x, 1],
    ],
  ];
}

/**
 * A dotted line that is seen on any colour.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Pair[]} line
 * @param {Scale} x
 * @param {Scale} y
 */
function drawBorder(picture, theme, line, x, y) {
  const across = Float64Array.from(line, (part) => x(part[0]));
  const up = Float64Array.from(line, (part) => y(part[1]));
  picture.path(across, up, theme.paper, 1.5);
  picture.path(across, up, theme.ink, 1.5, [2, 4]);
}
