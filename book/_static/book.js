/** Small adjustments to the theme that a style sheet cannot make. */

/**
 * Let the keyboard reach and scroll an equation, a figure or code while it is wider than its box.
 * @param {Element} box
 */
function reachIfWide(box) {
  if (box.scrollWidth > box.clientWidth) {
    box.setAttribute("tabindex", "0");
  } else {
    box.removeAttribute("tabindex");
  }
}

/** Print in dark ink, whatever the screen shows. */
function printInLight() {
  const page = document.documentElement.dataset;
  const shown = page.theme;
  page.theme = "light";
  addEventListener("afterprint", () => (page.theme = shown), { once: true });
}

/** Fold proofs: they interrupt who reads on. */
function foldProofs() {
  for (const proof of document.querySelectorAll("div.proof#proof")) {
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    details.className = "folded-proof";
    summary.textContent = "Proof";
    proof.replaceWith(details);
    details.append(summary, proof);
  }
}

/** What a page folds, and paper has open; code and lists of verdicts stay as they are. */
const OPEN_ON_PAPER = "main :is(.folded-proof, .numbers, .sd-dropdown):not([open])";

/** Open folds while the page is printed. */
function unfoldOnPaper() {
  const closed = [...document.querySelectorAll(OPEN_ON_PAPER)];
  closed.forEach((details) => details.setAttribute("open", ""));
  const close = () => closed.forEach((details) => details.removeAttribute("open"));
  addEventListener("afterprint", close, { once: true });
}

addEventListener("DOMContentLoaded", foldProofs);
addEventListener("load", async () => {
  // MathJax is on pages with equations only.
  await /** @type {any} */ (window).MathJax?.startup.promise;
  const sizes = new ResizeObserver((boxes) => boxes.forEach(({ target }) => reachIfWide(target)));
  const wide = document.querySelectorAll("span.math, mjx-container[display], .drawing, main pre");
  wide.forEach((box) => sizes.observe(box));
  // Letters that come later make what is in a box wider, and not the box.
  document.fonts.addEventListener("loadingdone", () => wide.forEach(reachIfWide));
});
addEventListener("beforeprint", printInLight);
addEventListener("beforeprint", unfoldOnPaper);
