/** Figures: one can be enlarged, by its button or by a click on it. */

/**
 * Show a drawing by itself until the reader closes it, and put it back.
 * @param {HTMLElement} frame
 */
function enlarge(frame) {
  const drawing = /** @type {Element} */ (frame.firstElementChild);
  const place = document.createElement("div");
  place.style.height = `${drawing.getBoundingClientRect().height}px`;
  const close = document.createElement("button");
  close.textContent = "Close";
  const dialog = document.createElement("dialog");
  dialog.className = "enlarged";
  dialog.setAttribute("aria-label", "Figure, enlarged");
  drawing.replaceWith(place);
  dialog.append(close, drawing);
  document.body.append(dialog);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    place.replaceWith(drawing);
    dialog.remove();
  });
  dialog.showModal();
}

addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-figure=enlarge]")) {
    const frame = /** @type {HTMLElement} */ (button.parentElement?.previousElementSibling);
    /** @type {HTMLElement} */ (button).hidden = false;
    button.addEventListener("click", () => enlarge(frame));
    frame.addEventListener("click", () => /** @type {HTMLElement} */ (button).click());
  }
});
