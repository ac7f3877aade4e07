// Train and test accuracy over the steps, in a slim picture.

import { BOX, drawPanel, drawSteps, evenPanel, looksOfSets, stepScale } from "./panels.js";
import { placeOf } from "./recording.js";

/** @import { Picture } from "../../static/picture.js" */
/** @import { Theme } from "../../static/theme.js" */
/** @import { Recording } from "./recording.js" */

/** Room above the lines, for the title, in pixels. */
const ABOVE = 24;

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Recording} recording
 * @param {number} playhead  a record, and parts of the way to the next
 */
export function drawAccuracies(picture, theme, recording, playhead) {
  picture.clear();
  const { values, steps } = recording;
  const x = stepScale(picture, recording);
  const at = steps.map((step) => x(placeOf(step)));
  const now = between(at, playhead);
  const bottom = picture.height - BOX.bottom;
  const lines = [values.train_accuracy, values.test_accuracy];
  const panel = evenPanel("accuracy", { top: ABOVE, bottom }, lines, looksOfSets(theme), [0, 1]);
  drawSteps(picture, theme, recording, x, bottom);
  drawPanel(picture, theme, panel, at, now);
  picture.line(now, ABOVE, now, bottom, theme.ink, 1.5);
  lines.forEach((line, i) =>
    picture.dot(now, panel.y(between(line, playhead)), 4.5, theme.sets[i], theme.paper),
  );
}

/**
 * A value on the way from one record to the next.
 * @param {number[]} values
 * @param {number} playhead
 */
function between(values, playhead) {
  const k = Math.floor(playhead);
  const next = values[Math.min(k + 1, values.length - 1)];
  return values[k] + (playhead - k) * (next - values[k]);
}
