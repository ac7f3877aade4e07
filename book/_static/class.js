/** The page for class: its sections as screens, one at a time, with the keyboard. */

const SCREENS = "main article section > section";

/** @param {number} steps  how many screens on, or back if negative */
function go(steps) {
  const screens = [...document.querySelectorAll(SCREENS)];
  const tops = screens.map((screen) => Math.abs(screen.getBoundingClientRect().top));
  const now = tops.indexOf(Math.min(...tops));
  const next = screens[Math.max(0, Math.min(now + steps, screens.length - 1))];
  next.scrollIntoView({ block: "start" });
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const steps = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
  const busy = /** @type {HTMLElement} */ (event.target).closest("input, select, textarea");
  if (!steps || busy) return;
  event.preventDefault();
  go(steps);
}

function leave() {
  if (document.fullscreenElement) return;
  document.documentElement.classList.remove("class-mode");
  removeEventListener("keydown", onKey);
}

async function start() {
  await document.documentElement.requestFullscreen();
  document.documentElement.classList.add("class-mode");
  addEventListener("keydown", onKey);
  document.addEventListener("fullscreenchange", leave);
  document.querySelector(SCREENS)?.scrollIntoView({ block: "start" });
}

document.querySelector("[data-class=start]")?.addEventListener("click", start);
