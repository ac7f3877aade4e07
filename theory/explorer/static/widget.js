// The explorer as a widget of notebooks, after the protocol of anywidget.

import { Explorer } from "./explorer.js";
import { keepKeys } from "./notebook.js";

/** @import { Settings } from "./model.js" */
/** @import { WidgetModel } from "./notebook.js" */

const TRAITS = /** @type {const} */ ({
  kappa: "kappa",
  examples: "examples",
  decay: "weight_decay",
  speed: "speed",
  start: "start",
  network: "network",
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
  keepKeys(root);
  let saving = false;
  const explorer = new Explorer(root, {
    settings: settings(),
    changed: (now) => {
      saving = true;
      for (const [name, trait] of Object.entries(TRAITS)) {
        model.set(trait, now[/** @type {keyof Settings} */ (name)] ?? null);
      }
      saving = false;
      model.save_changes();
    },
  });
  const load = () => {
    if (!saving) explorer.load({ settings: settings() });
  };
  for (const trait of Object.values(TRAITS)) model.on(`change:${trait}`, load);
  return () => {
    for (const trait of Object.values(TRAITS)) model.off(`change:${trait}`, load);
    explorer.destroy();
  };
}

export default { render };
