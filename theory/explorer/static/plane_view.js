// The plane of both weights: the flow, where it can rest, the basins, and the path of the run.

import { basins, heading } from "./borders.js";
import { lawOf } from "./law.js";
import { linear } from "./picture.js";
import { roomFor } from "./time_view.js";

/** @import { Pair } from "./model.js" */
/** @import { Picture, Scale } from "./picture.js" */
/** @import { Story } from "./story.js" */
/** @import { Theme } from "./theme.js" */
/** @import { Point } from "./equilibria.js" */

/** Room around the picture, in pixels. */
const PLANE_BOX = { left: 40, right: 10, top: 26, bottom: 40 };
const ARROWS = 13;

/**
 * Scales of both weights, and the largest weight shown.
 * @typedef {{ x: Scale, y: Scale, most: number }} Plane
 */

/**
 * @param {Picture} picture
 * @param {Story} story
 * @param {Point[]} points
 * @returns {Plane}
 */
export function planeOf(picture, story, points) {
  const rests = points.flatMap(({ kind, weight }) => (kind === "minimum" ? weight : []));
  const most = roomFor(
    Math.max(...story.curve.g, ...story.curve.m, ...rests, ...story.settings.start),
  );
  const x = linear(0, most, PLANE_BOX.left, picture.width - PLANE_BOX.right);
  const y = linear(0, most, picture.height - PLANE_BOX.bottom, PLANE_BOX.top);
  return { x, y, most };
}

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Story} story
 * @param {Point[]} points
 * @param {Pair | null} rest  where this run is bound to end
 * @param {number} now
 */
export function drawPlane(picture, theme, story, points, rest, now) {
  picture.clear();
  const plane = planeOf(picture, story, points);
  const { width, height } = picture;
  picture.within(
    PLANE_BOX.left,
    PLANE_BOX.top,
    width - PLANE_BOX.left - PLANE_BOX.right,
    height - PLANE_BOX.top - PLANE_BOX.bottom,
    () => {
      drawBasins(picture, theme, story, points, plane);
      drawFlow(picture, theme, story, plane);
      drawDiagonal(picture, theme, plane);
      drawPath(picture, theme, story, plane, now);
    },
  );
  drawAxes(picture, theme, plane);
  drawPoints(picture, theme, points, plane);
  // Without one of the circuits a run ends where others do not.
  if (rest && !points.some(({ weight }) => weight === rest)) {
    drawPoints(picture, theme, [{ weight: rest, kind: "minimum" }], plane);
  }
  const [g, m] = story.at(now);
  picture.dot(plane.x(g), plane.y(m), 6, theme.ink, theme.paper);
}

/**
 * Tint the starts by who survives.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Story} story
 * @param {Point[]} points
 * @param {Plane} plane
 */
function drawBasins(picture, theme, { settings }, points, { x, y, most }) {
  const { context } = picture;
  const tint = theme.dark ? 0.26 : 0.15;
  context.globalAlpha = tint;
  const everywhere = /** @type {Pair[]} */ ([
    [0, 0],
    [most, 0],
    [most, most],
    [0, most],
  ]);
  const onto = (/** @type {Pair[]} */ outline) =>
    /** @type {[number, number][]} */ (outline.map(([g, m]) => [x(g), y(m)]));
  if (points.some(({ kind }) => kind === "trap")) {
    const { generalising, memorising } = basins(settings, most);
    [generalising, memorising].forEach((outline, i) => {
      if (!outline.length) return;
      context.globalAlpha = tint;
      picture.area(onto(outline), theme.circuits[i]);
      context.globalAlpha = 0.7;
      picture.stroke(theme.ink, 1.5, [6, 5]);
    });
  } else if (points.length === 1) {
    const [g, m] = points[0].weight;
    if (g !== m) picture.area(onto(everywhere), theme.circuits[g > m ? 0 : 1]);
  }
  context.globalAlpha = 1;
}

/**
 * Short arrows along the flow.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Story} story
 * @param {Plane} plane
 */
function drawFlow(picture, theme, { settings }, { x, y, most }) {
  const law = lawOf(settings);
  const { context } = picture;
  const cell = most / ARROWS;
  context.beginPath();
  for (let k = 0; k < ARROWS * ARROWS; k++) {
    const [g, m] = [((k % ARROWS) + 0.5) * cell, (Math.floor(k / ARROWS) + 0.5) * cell];
    const [u, v] = heading(law, g, m);
    const length = 0.36 * cell;
    const [tipX, tipY] = [x(g + u * length), y(m + v * length)];
    context.moveTo(x(g - u * length), y(m - v * length));
    context.lineTo(tipX, tipY);
    const [backX, backY] = [-u * 5, v * 5];
    context.moveTo(tipX + backX - 0.6 * backY, tipY + backY + 0.6 * backX);
    context.lineTo(tipX, tipY);
    context.lineTo(tipX + backX + 0.6 * backY, tipY + backY - 0.6 * backX);
  }
  context.globalAlpha = 0.55;
  picture.stroke(theme.soft, 1, []);
  context.globalAlpha = 1;
}

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Story} story
 * @param {Plane} plane
 * @param {number} now
 */
function drawPath(picture, theme, { curve, settings, changed }, { x, y }, now) {
  const { t, g, m } = curve;
  let end = 0;
  while (end < t.length && t[end] <= now) end++;
  const all = [Float64Array.from(g, x), Float64Array.from(m, y)];
  const { context } = picture;
  context.globalAlpha = 0.35;
  picture.path(
    all[0].subarray(Math.max(end - 1, 0)),
    all[1].subarray(Math.max(end - 1, 0)),
    theme.ink,
    2,
  );
  context.globalAlpha = 1;
  if (!changed)
    picture.line(x(settings.start[0]), y(settings.start[1]), all[0][0], all[1][0], theme.ink, 3);
  picture.path(all[0].subarray(0, end), all[1].subarray(0, end), theme.ink, 3);
}

/**
 * Equal weights: below this line the network generalises.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Plane} plane
 */
function drawDiagonal(picture, theme, { x, y, most }) {
  const { context } = picture;
  picture.line(x(0), y(0), x(most), y(most), theme.ink, 1, [2, 4]);
  context.save();
  context.translate(x(0.8 * most), y(0.8 * most));
  context.rotate(Math.atan2(y(most) - y(0), x(most) - x(0)));
  const how = { align: /** @type {const} */ ("center"), size: 12, halo: theme.paper };
  picture.text("equal weights", 0, 0, theme.soft, how);
  context.restore();
}

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Plane} plane
 */
function drawAxes(picture, theme, { x, y, most }) {
  const step = most > 10 ? 5 : 2;
  for (let value = 0; value <= most; value += step) {
    picture.text(`${value}`, x(value), y(0) + 13, theme.soft, { align: "center" });
    picture.text(`${value}`, x(0) - 7, y(value), theme.soft, { align: "right" });
  }
  picture.line(x(0), y(0), x(most), y(0), theme.soft);
  picture.line(x(0), y(0), x(0), y(most), theme.soft);
  const bold = true;
  picture.text("generalising weight →", x(most), y(0) + 31, theme.words[0], {
    align: "right",
    bold,
  });
  picture.text("↑ memorising weight", x(0) - 28, 10, theme.words[1], { bold });
}

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Point[]} points
 * @param {Plane} plane
 */
function drawPoints(picture, theme, points, { x, y, most }) {
  for (const { weight, kind } of points) {
    const [atX, atY] = [x(weight[0]), y(weight[1])];
    if (kind !== "trap" && kind !== "minimum" && Math.max(...weight) < most / 40) continue;
    drawPoint(picture, theme, atX, atY, kind, weight[0] > weight[1] ? 0 : 1);
    const right = weight[0] > 0.6 * most;
    const how = { align: /** @type {"left" | "center" | "right"} */ (right ? "right" : "left"), size: 12 };
    const shift = weight[0] > 0 ? 0 : 18; // beside the ring of a start there
    const name = kind === "minimum" ? "rest" : kind;
    if (kind !== "maximum") {
      picture.text(name, atX + shift, atY - 16, theme.ink, {
        ...how,
        bold: true,
        halo: theme.paper,
      });
    }
  }
}

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {number} x
 * @param {number} y
 * @param {Point["kind"]} kind
 * @param {0 | 1} circuit  the heavier one
 */
function drawPoint(picture, theme, x, y, kind, circuit) {
  if (kind === "minimum") {
    picture.dot(x, y, 8, theme.paper, theme.circuits[circuit]);
    picture.dot(x, y, 2.5, theme.circuits[circuit], theme.circuits[circuit]);
  } else if (kind === "trap") {
    picture.dot(x, y, 5, theme.ink, theme.ink);
  } else {
    picture.line(x - 5, y - 5, x + 5, y + 5, theme.ink, 2.5);
    picture.line(x - 5, y + 5, x + 5, y - 5, theme.ink, 2.5);
  }
}
