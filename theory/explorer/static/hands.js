// What buttons, rings and the address of the page do to an explorer.

import { fromFragment } from "./address.js";
import { acrossOf, placeAt, stepFrom } from "./axes.js";
import { ring, tidy } from "./controls.js";
import { PRESETS } from "./guide.js";
import { mapScales } from "./map_view.js";
import { inverse } from "./picture.js";
import { planeOf } from "./plane_view.js";
import { connectFullScreen } from "./screen.js";
import { NETWORK, PAPER } from "./settings.js";
import { timeAt } from "./story.js";

/** @import { Explorer } from "./explorer.js" */
/** @import { Settings } from "./model.js" */

/**
 * Connect everything but the sliders.
 * @param {Explorer} explorer
 */
export function connect(explorer) {
  const { transport, models, presets, guide } = explorer.parts;
  presets.forEach((button, i) => {
    button.addEventListener("click", () => explorer.load(PRESETS[i]));
  });
  if (!transport || !models || !guide) return;
  models.paper.addEventListener("change", () => explorer.load({ settings: PAPER }));
  models.network.addEventListener("change", () => explorer.load({ settings: NETWORK }));
  guide.back.addEventListener("click", () => explorer.goToStep(explorer.step - 1));
  guide.next.addEventListener("click", () => explorer.goToStep(explorer.step + 1));
  transport.play.addEventListener("click", () => explorer.toggle());
  transport.reset.addEventListener("click", () => explorer.reset());
  transport.live.addEventListener("change", () => {
    explorer.keep = transport.live.checked;
    explorer.touched = true;
    explorer.announce();
  });
  connectFullScreen(transport.full, explorer.root);
  transport.share.addEventListener("click", () => shareLink(explorer, transport.share));
  transport.share.hidden = !explorer.address;
  transport.time.addEventListener("input", () => {
    explorer.goTo(timeAt(Number(transport.time.value) / Number(transport.time.max)));
  });
  connectPlane(explorer);
  connectMap(explorer);
  explorer.labelRings();
  if (explorer.address) followAddress(explorer);
}

/**
 * Copy the link to what is shown.
 * @param {Explorer} explorer
 * @param {HTMLElement} button
 */
async function shareLink(explorer, button) {
  explorer.keepInAddress();
  try {
    await navigator.clipboard.writeText(location.href);
    button.textContent = "Link copied";
  } catch {
    button.textContent = "Link is in the address bar";
  }
  setTimeout(() => (button.textContent = "Copy link"), 2500);
}

/**
 * The ring in the plane, and presses there, set the start.
 * @param {Explorer} explorer
 */
function connectPlane(explorer) {
  const { plane, parts } = explorer;
  if (!plane || !parts.plane) return;
  const startAt = (/** @type {number} */ g, /** @type {number} */ m) =>
    explorer.adjust({ start: [Number(g.toFixed(2)), Number(m.toFixed(2))] }, true);
  explorer.startRing = ring(
    parts.plane.frame,
    (x, y) => {
      const scales = planeOf(plane, explorer.story, explorer.points);
      startAt(inverse(scales.x, x), inverse(scales.y, y));
    },
    (right, up) => {
      const [g, m] = explorer.settings.start;
      startAt(g + right / 10, m + up / 10);
    },
  );
}

/**
 * The ring in the map, and presses there, set what its axes show.
 * @param {Explorer} explorer
 */
function connectMap(explorer) {
  const { mapPicture, parts } = explorer;
  if (!mapPicture || !parts.map) return;
  const goTo = (/** @type {Settings} */ settings) => {
    const { get, set } = acrossOf(settings);
    const examples = Math.round(settings.examples);
    explorer.adjust(set({ ...settings, examples }, tidy(get(settings), 3)));
  };
  explorer.placeRing = ring(
    parts.map.frame,
    (x, y) => {
      const scales = mapScales(mapPicture);
      goTo(placeAt(explorer.settings, inverse(scales.x, x), inverse(scales.y, y)));
    },
    (right, up) => goTo(stepFrom(explorer.settings, right, up)),
  );
}

/**
 * Take what is shown from the address when it changes.
 * @param {Explorer} explorer
 */
function followAddress(explorer) {
  const follow = () => {
    const state = fromFragment(location.hash);
    if (state) explorer.load(state);
  };
  addEventListener("hashchange", follow);
  explorer.stops.push(() => removeEventListener("hashchange", follow));
}
