// What the right answer leads by: the generalising weight on all sums, the memorising one on top.

import { linear } from "../../static/picture.js";

/** @import { Picture } from "../../static/picture.js" */
/** @import { Theme } from "../../static/theme.js" */
/** @import { InsideRecording } from "./inside_recording.js" */

const ROW = 48;
export const HEIGHT = 2 * ROW;

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {InsideRecording} recording
 * @param {number} k
 */
export function drawWeights(picture, theme, { values }, k) {
  picture.clear();
  const [general, memory] = values.weight;
  const both = general.map((g, i) => g + memory[i]);
  const x = linear(Math.min(0, ...general), Math.max(...both), 2, picture.width - 92);
  const [g, m] = [general[k], memory[k]];
  const rows = /** @type {const} */ ([
    ["training sums", [0, g, g + m]],
    ["other sums", [0, g]],
  ]);
  rows.forEach(([name, ends], row) => {
    const top = row * ROW;
    const middle = top + 31;
    picture.text(name, 2, top + 10, theme.ink, { size: 14 });
    for (let i = 1; i < ends.length; i++) {
      const [from, to] = [x(ends[i - 1]), x(ends[i])];
      drawBar(picture, from, to, middle + 3 * (i - 1) * Number(to < from), theme, i - 1);
    }
    const end = Math.max(...ends.map(x));
    const sum = ends[ends.length - 1].toFixed(1).replace("-", "−");
    picture.text(`${sum} logit`, end + 8, middle, theme.ink, { bold: true, size: 14 });
    picture.line(x(0), top + 20, x(0), top + 42, theme.soft);
  });
}

/**
 * A bar, solid for generalising, hatched for memorising.
 * @param {Picture} picture
 * @param {number} from
 * @param {number} to
 * @param {number} middle
 * @param {Theme} theme
 * @param {number} circuit
 */
function drawBar({ context }, from, to, middle, theme, circuit) {
  const left = Math.min(from, to);
  const width = Math.abs(to - from);
  context.fillStyle = theme.circuits[circuit];
  if (circuit === 0) {
    context.fillRect(left, middle - 8, width, 16);
    return;
  }
  for (let at = left; at < left + width; at += 10) {
    context.fillRect(at, middle - 8, Math.min(8, left + width - at), 16);
  }
}
