// The explorer in the pages of the book.

import { Explorer } from "./explorer.js";

/** Mount an explorer into every element of the page that is marked for one. */
export function mountAll() {
  for (const root of document.querySelectorAll("div.grokking-explorer:empty")) {
    const frame = /** @type {HTMLElement} */ (root);
    const small = frame.dataset.view === "small";
    new Explorer(frame, { small, address: !small });
  }
}
