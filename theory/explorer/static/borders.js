// Between the basins for kappa > 2: the paths that lead onto a saddle, followed backwards.

import { equilibria, resting } from "./equilibria.js";
import { lawOf, pull, pullSlope, speedOf, velocities } from "./law.js";

/** @import { Law } from "./law.js" */
/** @import { Pair, Settings } from "./model.js" */
/** @import { Point } from "./equilibria.js" */

/**
 * The starts from which only G or only M survives, or leads where units are shared: outlines that
 * begin and end on an axis.
 * @typedef {object} Basins
 * @property {Pair[]} generalising  empty for none
 * @property {Pair[]} memorising
 */

const STEPS = 160;
const OFF_AXIS = 1e-6;
/** @type {Pair[]} */
const ALONE = [
  [1, 0],
  [0, 1],
];

/**
 * @param {Settings} settings
 * @param {number} reach  the largest weight of interest
 * @returns {Basins}
 */
export function basins(settings, reach) {
  const law = lawOf(settings);
  const points = equilibria(settings);
  if (law.model.shared) return besideTrap(law, points, reach);
  const both = points.find(({ kind, weight }) => kind === "saddle" && weight[0] * weight[1] > 0);
  const source = points.find(({ kind }) => kind === "maximum");
  const outward = both ? fromSaddle(law, both.weight, reach) : [];
  return {
    generalising: outline(law, points, source, outward, 0, reach),
    memorising: outline(law, points, source, outward, 1, reach),
  };
}

/**
 * With shared units there is one end besides the trap: the border leads through the saddle, from
 * the axis of G to that of M.
 * @param {Law} law
 * @param {Point[]} points
 * @param {number} reach
 * @returns {Basins}
 */
function besideTrap(law, points, reach) {
  const saddle = points.find(({ kind }) => kind === "saddle");
  const rest = points.find(({ kind }) => kind === "minimum");
  if (!saddle || !rest) return { generalising: [], memorising: [] };
  // Alone, either circuit has a point from which all flows away.
  const sources = ALONE.map((share, i) => {
    const logCost = Math.log(law.penalty.cost[i]);
    return resting(law, { share, logCost }, false) ?? /** @type {Pair} */ ([0, 0]);
  });
  const near = 2 * Math.max(...saddle.weight, ...sources.flat());
  const [g, m] = saddle.weight;
  const path =
    g > 0
      ? fromSaddle(law, saddle.weight, near, sources)
      : backwards(law, [OFF_AXIS * near, m], near, sources[0]).reverse();
  const far = 9 * reach;
  /** @type {Pair[]} */
  const outline = [
    [path[0][0], 0],
    ...path,
    [0, path[path.length - 1][1]],
    [0, far],
    [far, far],
    [far, 0],
  ];
  return rest.weight[0] > rest.weight[1]
    ? { generalising: outline, memorising: [] }
    : { generalising: [], memorising: outline };
}

/**
 * The border of one circuit's basin, from its axis around and back to it.
 * @param {Law} law
 * @param {Point[]} points
 * @param {Point | undefined} source
 * @param {Pair[]} outward
 * @param {0 | 1} i
 * @param {number} reach
 * @returns {Pair[]}
 */
function outline(law, points, source, outward, i, reach) {
  const edge = points.find(({ kind, weight }) => kind === "saddle" && weight[1 - i] === 0);
  if (!edge) return [];
  /** @type {Pair} */
  const first = [edge.weight[0], edge.weight[1]];
  first[1 - i] = OFF_AXIS * reach;
  const rise = backwards(law, first, reach, source?.weight);
  const border = source ? [...rise, source.weight, ...outward] : rise;
  const last = border[border.length - 1];
  /** @type {Pair} */
  const far = [last[0], last[1]];
  far[i] = 9 * reach;
  /** @type {Pair} */
  const corner = [0, 0];
  corner[i] = 9 * reach;
  return [edge.weight, ...border, far, corner];
}

/**
 * Both paths onto the mixed saddle, from the origin's side to the far side.
 * @param {Law} law
 * @param {Pair} saddle
 * @param {number} reach
 * @param {Pair[]} [sources]  at which either path begins
 * @returns {Pair[]}
 */
function fromSaddle(law, saddle, reach, sources = []) {
  const [x, y] = stableDirection(law, saddle);
  const off = 1e-4 * reach;
  const low = backwards(law, [saddle[0] - off * x, saddle[1] - off * y], reach, sources[0]);
  const high = backwards(law, [saddle[0] + off * x, saddle[1] + off * y], reach, sources[1]);
  return [...low.reverse(), saddle, ...high];
}

/**
 * The direction, towards more memory, in which the flow runs into a saddle.
 * @param {Law} law
 * @param {Pair} saddle
 * @returns {Pair}
 */
function stableDirection(law, [g, m]) {
  const common = pullSlope(pull(law, g + m));
  const [sG, sM] = [speedOf(law, 0, g), speedOf(law, 1, m)];
  const cost = law.penalty.curvature([g, m]);
  const [a, b] = [sG * (common - cost[0][0]), sG * (common - cost[0][1])];
  const [c, d] = [sM * (common - cost[1][0]), sM * (common - cost[1][1])];
  const root = Math.hypot((a - d) / 2, Math.sqrt(b * c));
  const lowest = (a * d - b * c) / ((a + d) / 2 + root);
  const [x, y] = Math.abs(lowest - a) > Math.abs(lowest - d) ? [b, lowest - a] : [lowest - d, c];
  const size = Math.hypot(x, y) * Math.sign(y || x || 1);
  return [x / size, y / size];
}

/**
 * The flow backwards in steps of one length, up to the edge of what is of interest or a source.
 * @param {Law} law
 * @param {Pair} from
 * @param {number} reach
 * @param {Pair} [source]
 * @returns {Pair[]}
 */
function backwards(law, from, reach, source) {
  const length = (2 * reach) / STEPS;
  const path = [from];
  let [g, m] = from;
  for (let step = 0; step < STEPS; step++) {
    const [x, y] = against(law, g, m);
    const [u, v] = against(law, g + (length / 2) * x, m + (length / 2) * y);
    [g, m] = [g + length * u, m + length * v];
    if (!(g > 0 && m > 0 && Math.max(g, m) < 2 * reach)) break;
    if (source && Math.hypot(g - source[0], m - source[1]) < 2 * length) break;
    path.push([g, m]);
  }
  return path;
}

/**
 * Unit vector against the flow.
 * @param {Law} law
 * @param {number} g
 * @param {number} m
 * @returns {Pair}
 */
function against(law, g, m) {
  const [x, y] = heading(law, Math.max(g, 0), Math.max(m, 0));
  return [-x, -y];
}

/**
 * Unit vector along the flow; none where nothing moves.
 * @param {Law} law
 * @param {number} g
 * @param {number} m
 * @returns {Pair}
 */
export function heading(law, g, m) {
  const [x, y] = velocities(law, [g, m]);
  const size = Math.hypot(x, y);
  return size > 0 && Number.isFinite(size) ? [x / size, y / size] : [0, 0];
}
