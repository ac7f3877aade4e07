// The view in the pages of the book.

import { LiveNetwork } from "./live_network.js";

/** Mount a view into every element of the page that is marked for one. */
export function mountTraining() {
  for (const root of document.querySelectorAll("div.grokking-training:empty")) {
    new LiveNetwork(/** @type {HTMLElement} */ (root));
  }
}
