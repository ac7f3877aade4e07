// The explorer alone on the screen: embedded in another page, or by its button.

/** Pixels from which on everything has its place at once. */
const WIDTH = 1240;
const HEIGHT = 720;

/** Whether the address of the page asks for the explorer alone, as in explorer.html?embed. */
export function isEmbedded() {
  return new URLSearchParams(location.search).has("embed");
}

/**
 * Let an element cover the page, of which nothing else is shown.
 * @param {HTMLElement} root
 */
export function embed(root) {
  root.classList.add("ge-alone");
  document.documentElement.classList.add("ge-embedded");
}

/**
 * Whether an element has the screen for itself, with room for everything.
 * @param {HTMLElement} root
 */
export function fillsScreen(root) {
  if (root.classList.contains("ge-print")) return false;
  const alone = root.classList.contains("ge-alone") || document.fullscreenElement === root;
  return alone && innerWidth >= WIDTH && innerHeight >= HEIGHT;
}

/**
 * A button that gives an element the screen, or takes it back, where the browser can.
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} root
 */
export function connectFullScreen(button, root) {
  const isFull = () => document.fullscreenElement === root;
  const show = () => (button.textContent = isFull() ? "Leave full screen" : "Full screen");
  button.hidden = !document.fullscreenEnabled;
  button.addEventListener("click", () => {
    if (isFull()) document.exitFullscreen();
    else root.requestFullscreen();
  });
  root.addEventListener("fullscreenchange", show);
  show();
}
