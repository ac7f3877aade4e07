// What screen readers say of the pictures.

/** @import { Settings } from "./model.js" */
/** @import { Point } from "./equilibria.js" */
/** @import { Parts } from "./layout.js" */

/**
 * Announce what happens, and describe the pictures.
 * @param {Parts} parts
 * @param {Settings} settings
 * @param {Point[]} points
 * @param {string} words
 */
export function label(parts, settings, points, words) {
  parts.spoken.textContent = words;
  // A saddle next to a trap is not told from it.
  const apart = points.filter(({ kind, weight }) => kind !== "saddle" || Math.max(...weight) > 0.05);
  const rests = apart.map(({ kind, weight: [g, m] }) => {
    return `${kind} at ${g.toFixed(1)} and ${m.toFixed(1)}`;
  });
  const flow = `Plane of the generalising and the memorising weight: ${rests.join("; ")}.`;
  parts.time.canvas.setAttribute("aria-label", `Weights and accuracy over time. ${words}`);
  parts.plane?.canvas.setAttribute("aria-label", flow);
  parts.map?.canvas.setAttribute("aria-label", `Phase diagram, at ${placeOf(settings)}. ${words}`);
}

/**
 * @param {HTMLElement} start
 * @param {HTMLElement} place
 * @param {Settings} settings
 */
export function labelRings(start, place, settings) {
  const [g, m] = settings.start;
  const from = `generalising ${g.toFixed(1)}, memorising ${m.toFixed(1)}`;
  start.setAttribute("aria-label", `Start: ${from}. Arrow keys move it.`);
  place.setAttribute("aria-label", `Place in the map: ${placeOf(settings)}. Arrow keys move it.`);
}

/** @param {Settings} settings */
function placeOf({ kappa, examples, network }) {
  const across = network
    ? `modulus ${network[0]}, weight decay ${network[1].toExponential(1)}`
    : `kappa ${kappa.toFixed(2)}`;
  return `${across}, ${Math.round(examples)} examples`;
}
