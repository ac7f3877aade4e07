// The run over its steps: losses, accuracies, norm and weights, one above the other.

import { DASHED, logarithmic, SOLID } from "../../static/picture.js";
import { BOX, drawPanel, drawSteps, evenPanel, looksOfSets, stepScale } from "./panels.js";
import { placeOf } from "./recording.js";

/** @import { Picture, Scale } from "../../static/picture.js" */
/** @import { Theme } from "../../static/theme.js" */
/** @import { InsideRecording } from "./inside_recording.js" */
/** @import { Panel } from "./panels.js" */

/** Room between two panels, in pixels. */
const GAP = 30;

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {InsideRecording} recording
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
 * @param {InsideRecording} recording
 * @param {Theme} theme
 * @param {number} height
 * @returns {Panel[]}
 */
function panelsOf({ values }, theme, height) {
  const room = height - BOX.top - BOX.bottom - 3 * GAP;
  const parts = [0.24, 0.2, 0.2, 0.36];
  const sets = looksOfSets(theme);
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
 * Mark where the run fits and where it generalises.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {InsideRecording} recording
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
