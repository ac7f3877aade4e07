// The phase diagram: which kind of run lies where, and where this one is.

import { CRITICAL } from "./model.js";
import { linear } from "./picture.js";
import { partsOf } from "./regimes.js";
import { RANGES } from "./settings.js";

/** @import { Settings } from "./model.js" */
/** @import { Picture, Scale } from "./picture.js" */
/** @import { RegimeMap } from "./regimes.js" */
/** @import { Theme } from "./theme.js" */

/** Room around the picture, in pixels. */
const MAP_BOX = { left: 46, right: 10, top: 26, bottom: 40 };
const SIZES = [100, 400, 1600, 6400];
const UNKNOWN = 255;

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
  const place = (/** @type {number} */ kappa, /** @type {number} */ examples) =>
    partsOf({ ...settings, kappa, examples });
  for (const size of SIZES) {
    const height = y(place(1, size)[1]);
    picture.text(`${size}`, MAP_BOX.left - 7, height, theme.soft, { align: "right" });
    if (size === CRITICAL) drawBorder(picture, theme, x(0), height, x(1), height);
  }
  for (const kappa of [1, 2, 3, 4]) {
    const across = x(place(kappa, CRITICAL)[0]);
    const align = kappa === RANGES.kappa.most ? "right" : "center";
    picture.text(`${kappa}`, across, y(0) + 13, theme.soft, { align });
    if (kappa === 2) drawBorder(picture, theme, across, y(0), across, y(1));
  }
  picture.text("exponent κ →", x(1), y(0) + 31, theme.soft, { align: "right" });
  picture.text("↑ training examples", x(0) - 34, 10, theme.soft);
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
 * A dotted line that is seen on any colour.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {[number, number, number, number]} ends
 */
function drawBorder(picture, theme, ...ends) {
  picture.line(...ends, theme.paper, 1.5);
  picture.line(...ends, theme.ink, 1.5, [2, 4]);
}
