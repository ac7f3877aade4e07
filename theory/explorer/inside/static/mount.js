// The view in the pages of the book, and as a widget of notebooks after the protocol of anywidget.

import { keepKeys } from "../../static/notebook.js";
import { Inside } from "./inside.js";
import { unzipped } from "./recording.js";

/** @import { Packed } from "./inside_recording.js" */
/** @import { WidgetModel } from "../../static/notebook.js" */

/** Mount a view into every element of the page that is marked for one; its run stands behind it. */
export async function mountInside() {
  for (const root of document.querySelectorAll("div.grokking-run:empty")) {
    const run = root.nextElementSibling?.textContent ?? "";
    new Inside(/** @type {HTMLElement} */ (root), await unzipped(run));
  }
}

/**
 * @param {{ model: WidgetModel, el: HTMLElement }} context
 */
function render({ model, el }) {
  const root = document.createElement("div");
  el.append(root);
  keepKeys(root);
  const step = () => Number(model.get("step"));
  const inside = new Inside(root, /** @type {Packed} */ (model.get("recording")), {
    step: step(),
    changed: (now) => {
      model.set("step", now);
      model.save_changes();
    },
  });
  const follow = () => inside.goTo(inside.recording.nearest(step()));
  model.on("change:step", follow);
  return () => {
    model.off("change:step", follow);
    inside.destroy();
  };
}

export default { render };
