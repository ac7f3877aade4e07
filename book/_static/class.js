/** The page for class: its sections as screens, one at a time, with the keyboard. */

const SCREENS = "main article section > section";
const STEPS = new Map([
  ["ArrowRight", 1],
  ["PageDown", 1],
  ["ArrowLeft", -1],
  ["PageUp", -1],
]);
/** Keys that a presenter's remote sends: they never move a slider. */
const REMOTE = ["PageDown", "PageUp"];

/**
 * Go so many screens on, or back. Notes close with their screen.
 * @param {number} steps
 */
function goToScreen(steps) {
  const screens = [...document.querySelectorAll(SCREENS)];
  const away = screens.map((screen) => Math.abs(screen.getBoundingClientRect().top));
  const next = away.indexOf(Math.min(...away)) + steps;
  const shown = screens[Math.max(0, Math.min(next, screens.length - 1))];
  shown.scrollIntoView({ behavior: "instant" });
  for (const notes of document.querySelectorAll("main details[open]")) {
    if (!shown.contains(notes)) notes.removeAttribute("open");
  }
}

/**
 * Arrows stay with a slider or field that has the focus.
 * @param {KeyboardEvent} event
 */
function onClassKey(event) {
  const steps = STEPS.get(event.key);
  const busy = /** @type {Element} */ (event.target).closest("input, select, textarea");
  if (!steps || (busy && !REMOTE.includes(event.key))) return;
  event.preventDefault();
  goToScreen(steps);
}

/**
 * A slider that was dragged gives the arrows back.
 * @param {PointerEvent} event
 */
function onRelease(event) {
  const dragged = /** @type {Element} */ (event.target).closest("input[type=range]");
  if (dragged) /** @type {HTMLElement} */ (dragged).blur();
}

/** Show screens while the browser is in full screen. */
function followFullScreen() {
  const on = Boolean(document.fullscreenElement);
  document.documentElement.classList.toggle("class-mode", on);
  if (on) {
    // Before a slider sees the key.
    addEventListener("keydown", onClassKey, { capture: true });
    addEventListener("pointerup", onRelease);
    document.querySelector(SCREENS)?.scrollIntoView({ behavior: "instant" });
  } else {
    removeEventListener("keydown", onClassKey, { capture: true });
    removeEventListener("pointerup", onRelease);
  }
}

addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("[data-class=start]");
  button?.addEventListener("click", () => document.documentElement.requestFullscreen());
  if (button) document.addEventListener("fullscreenchange", followFullScreen);
});
