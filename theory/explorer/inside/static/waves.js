// The embedding in its Fourier basis: which waves over the numbers each unit is made of.

import { FULL } from "./inside_recording.js";

/** @import { Picture } from "../../static/picture.js" */
/** @import { Theme } from "../../static/theme.js" */
/** @import { InsideRecording } from "./inside_recording.js" */

/** Room for numbers at the left and words at the top, and part of the width for the bars. */
const LEFT = 26;
const TOP = 27;
const BARS = 0.2;
const SPACE = 10;
/** Half the width of a mark above a unit. */
const MARK = 4.5;

/**
 * Units side by side, waves one below the other, and at the right the power of each wave. At the
 * end those are marked that speak loudest for the answer to the picked sum.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {InsideRecording} recording
 * @param {number} k
 * @param {number} picked
 */
export function drawWaves(picture, theme, recording, k, picked) {
  picture.clear();
  const { waves, units } = recording;
  const width = (picture.width - LEFT) * (1 - BARS) - SPACE;
  const height = (picture.height - TOP) / waves;
  const { context } = picture;
  context.imageSmoothingEnabled = false;
  context.drawImage(spectra(recording, k, theme), LEFT, TOP, width, height * waves);
  context.strokeStyle = theme.faint;
  context.lineWidth = 1;
  context.strokeRect(LEFT, TOP, width, height * waves);
  drawBars(picture, theme, recording, k, LEFT + width + SPACE, height);
  if (k === recording.last) {
    for (const { unit } of recording.voters(picked)) {
      mark(picture, theme, LEFT + ((unit + 0.5) / units) * width);
    }
  }
  for (let wave = 0; wave < waves; wave += 5) {
    const at = TOP + height * (wave + 0.5);
    picture.text(`${wave}`, LEFT - 6, at, theme.soft, { align: "right", size: 12 });
  }
  picture.text(`${units} units across, waves down`, LEFT, 9, theme.soft, { size: 12 });
  picture.text("power", LEFT + width + SPACE, 9, theme.soft, { size: 12 });
}

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {number} x
 */
function mark(picture, theme, x) {
  const top = TOP - 1.5 * MARK;
  picture.area([[x - MARK, top], [x + MARK, top], [x, TOP]], theme.ink);
}

/**
 * Bars on one scale for the whole run.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {InsideRecording} recording
 * @param {number} k
 * @param {number} left
 * @param {number} height
 */
function drawBars({ context, width }, theme, { values }, k, left, height) {
  const most = Math.max(...values.wave_power.flat());
  context.fillStyle = theme.soft;
  values.wave_power[k].forEach((power, wave) => {
    const length = ((width - left) * power) / most;
    context.fillRect(left, TOP + height * wave + 1, length, Math.max(height - 2, 1));
  });
}

/**
 * A picture with a pixel for each unit and wave: the more of the unit, the stronger.
 * @param {InsideRecording} recording
 * @param {number} k
 * @param {Theme} theme
 */
function spectra(recording, k, theme) {
  const { units, waves } = recording;
  const canvas = document.createElement("canvas");
  canvas.width = units;
  canvas.height = waves;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(units, waves);
  const [paper, ink] = [theme.paper, theme.ink].map(channels);
  for (let wave = 0; wave < waves; wave++) {
    for (let unit = 0; unit < units; unit++) {
      const part = recording.level(k, unit, wave) / FULL;
      const at = 4 * (wave * units + unit);
      paper.forEach((value, i) => (image.data[at + i] = value + part * (ink[i] - value)));
      image.data[at + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** @param {string} colour  as #rrggbb */
function channels(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}
