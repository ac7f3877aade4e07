// How large the pictures are.

import { fillsScreen } from "./screen.js";

/** @import { Explorer } from "./explorer.js" */

/** Heights in pixels of the picture over time: small, on a phone, and on a page. */
const SMALL = 342;
const PHONE = 392;
const PAGE = 552;
const NARROW = 480;

/**
 * Fit the pictures to the page, or to the screen where they have it for themselves.
 * @param {Explorer} explorer
 */
export function fitPictures(explorer) {
  const { root, small, parts } = explorer;
  const full = !small && fillsScreen(root);
  root.classList.toggle("ge-screen", full);
  const { clientWidth: width, clientHeight: place } = parts.time.frame;
  const height = small ? SMALL : width < NARROW ? PHONE : PAGE;
  explorer.time.resize(width, full ? place : height);
  if (!parts.plane || !parts.map) return;
  const [plane, map] = [parts.plane.frame, parts.map.frame];
  const across = plane.clientWidth;
  const heights = full
    ? [plane.clientHeight, map.clientHeight]
    : [Math.min(across + 20, 420), Math.min(0.72 * across, 300)];
  explorer.plane?.resize(across, Math.round(heights[0]));
  explorer.mapPicture?.resize(across, Math.round(heights[1]));
}
