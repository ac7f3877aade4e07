// Colours: those of theory.figures on light pages, the same hues made lighter on dark ones.

/**
 * @typedef {object} Theme
 * @property {boolean} dark
 * @property {string} paper
 * @property {string} ink
 * @property {string} soft  axes and their numbers
 * @property {string} faint  grid lines and arrows
 * @property {string[]} circuits  generalising, memorising
 * @property {string[]} words  the same, for text
 * @property {string[]} sets  train, test
 * @property {string[]} setWords
 * @property {string[]} regimes  in the order of `REGIMES`
 */

/** @type {Theme} */
const LIGHT = {
  dark: false,
  paper: "#ffffff",
  ink: "#1b1f24",
  soft: "#56606b",
  faint: "#d3d9df",
  circuits: ["#0072b2", "#e69f00"],
  words: ["#00609a", "#875c00"],
  sets: ["#44aa99", "#882255"],
  setWords: ["#1f6f62", "#882255"],
  regimes: ["#0072b2", "#9ad0f0", "#fbf7df", "#e69f00", "#3a3a3a"],
};

/** @type {Theme} */
const DARK = {
  dark: true,
  paper: "#14181e",
  ink: "#eef1f4",
  soft: "#a5afba",
  faint: "#39424c",
  circuits: ["#4aa8e0", "#f0b232"],
  words: ["#74bdea", "#f3c15c"],
  sets: ["#5cc4b3", "#d878a8"],
  setWords: ["#7bd3c4", "#e597bd"],
  regimes: ["#1a7fbd", "#8cc4e6", "#d8d0a8", "#d99a12", "#59616b"],
};

/** Whether the page around is dark, by its own mark or else by the reader's system. */
function isDark() {
  const { documentElement: page, body } = document;
  const marked = page.dataset.theme ?? body.dataset.jpThemeLight;
  if (marked === "dark" || marked === "false" || body.classList.contains("vscode-dark"))
    return true;
  if (marked === "light" || marked === "true" || body.classList.contains("vscode-light"))
    return false;
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** @returns {Theme} */
export function currentTheme() {
  return isDark() ? DARK : LIGHT;
}

/**
 * Call back whenever the theme may have changed; return how to stop.
 * @param {() => void} changed
 */
export function watchTheme(changed) {
  const observer = new MutationObserver(changed);
  const attributeFilter = ["data-theme", "data-jp-theme-light", "class"];
  observer.observe(document.documentElement, { attributeFilter });
  observer.observe(document.body, { attributeFilter });
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    system.removeEventListener("change", changed);
  };
}

/** Whether the reader asks for little motion. */
export function wantsStillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
