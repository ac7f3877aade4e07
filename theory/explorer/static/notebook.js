// What widgets of notebooks have in common: the protocol of anywidget, and their keys.

/**
 * The part of a widget's model that is used here.
 * @typedef {object} WidgetModel
 * @property {(name: string) => unknown} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, callback: () => void) => void} on
 * @property {(event: string, callback: () => void) => void} off
 */

/** Keys that move a slider or a ring. */
const MOVES = new Set("ArrowLeft ArrowRight ArrowUp ArrowDown Home End PageUp PageDown".split(" "));

/**
 * Keep these keys from the notebook around. JupyterLab listens at the document, and there takes
 * arrow keys from whatever has the focus and is no text, before a slider has moved.
 * @param {HTMLElement} root
 */
export function keepKeys(root) {
  root.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.altKey || event.metaKey;
    if (MOVES.has(event.key) && !command) event.stopPropagation();
  });
}
