/** The page for class: its sections as screens, one at a time, with the keyboard. */

const SCREENS = "main article section > section";
const STEPS = new Map([
  ["ArrowRight", 1],
  ["PageDown", 1],
  ["ArrowLeft", -1],
  ["PageUp", -1],
]);

/**
 * Go so many screens on, or back.
 * @param {number} steps
 */
function goToScreen(steps) {
  const screens = [...document.querySelectorAll(SCREENS)];
  const away = screens.map((screen) => Math.abs(screen.getBoundingClientRect().top));
  const next = away.indexOf(Math.min(...away)) + steps;
  screens[Math.max(0, Math.min(next, screens.length - 1))].scrollIntoView({ behavior: "instant" });
}

/**
 * Keys of sliders and fields stay theirs.
 * @param {KeyboardEvent} event
 */
function onClassKey(event) {
  const steps = STEPS.get(event.key);
  const busy = /** @type {Element} */ (event.target).closest("input, select, textarea");
  if (!steps || busy) return;
  event.preventDefault();
  goToScreen(steps);
}

/** Show screens while the browser is in full screen. */
function followFullScreen() {
  const on = Boolean(document.fullscreenElement);
  document.documentElement.classList.toggle("class-mode", on);
  if (on) {
    addEventListener("keydown", onClassKey);
    document.querySelector(SCREENS)?.scrollIntoView({ behavior: "instant" });
  } else {
    removeEventListener("keydown", onClassKey);
  }
}

addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("[data-class=start]");
  button?.addEventListener("click", () => document.documentElement.requestFullscreen());
  if (button) document.addEventListener("fullscreenchange", followFullScreen);
});
