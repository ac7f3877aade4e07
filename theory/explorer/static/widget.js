// The explorer as a widget of notebooks, after the protocol of anywidget.

import { Explorer } from "./explorer.js";

/** @import { Settings } from "./model.js" */

/**
 * The part of a widget's model that is used here.
 * @typedef {object} WidgetModel
 * @property {(name: string) => unknown} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, callback: () => void) => void} on
 * @property {(event: string, callback: () => void) => void} off
 */

const TRAITS = /** @type {const} */ ({
  kappa: "kappa",
  examples: "examples",
  decay: "weight_decay",
  speed: "speed",
  start: "start",
});

/**
 * @param {{ model: WidgetModel, el: HTMLElement }} context
 */
function render({ model, el }) {
  const settings = () =>
    /** @type {Settings} */ (
      Object.fromEntries(Object.entries(TRAITS).map(([name, trait]) => [name, model.get(trait)]))
    );
  const root = document.createElement("div");
  el.append(root);
  let saving = false;
  const explorer = new Explorer(root, {
    settings: settings(),
    changed: (now) => {
      saving = true;
      for (const [name, trait] of Object.entries(TRAITS)) {
        model.set(trait, now[/** @type {keyof Settings} */ (name)]);
      }
      saving = false;
      model.save_changes();
    },
  });
  const load = () => {
    if (!saving) explorer.load(settings());
  };
  for (const trait of Object.values(TRAITS)) model.on(`change:${trait}`, load);
  return () => {
    for (const trait of Object.values(TRAITS)) model.off(`change:${trait}`, load);
    explorer.destroy();
  };
}

export default { render };
