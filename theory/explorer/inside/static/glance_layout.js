// The elements of a glance, and where they stand.

import { element } from "../../static/element.js";

/**
 * Build the elements into `root`.
 * @param {HTMLElement} root
 * @param {{ answers: string, accuracies: string }} words  what both pictures show, in words
 */
export function buildGlance(root, words) {
  const headline = element("p", { className: "gl-headline" });
  const place = element("p", { className: "gl-place" });
  const answers = element("canvas", { role: "img", "aria-label": words.answers });
  const accuracies = element("canvas", { role: "img", "aria-label": words.accuracies });
  const play = element("button", { type: "button", className: "gl-play" });
  const key = element("div", { className: "gl-key" }, [
    ...keyOf("trained on", "gl-train"),
    ...keyOf("never shown", "gl-test"),
  ]);
  root.replaceChildren(
    element("div", { className: "gl-head" }, [headline, place]),
    element("div", { className: "gl-answers" }, [answers]),
    element("div", { className: "gl-side" }, [key, play]),
    element("div", { className: "gl-accuracies" }, [accuracies]),
  );
  return { headline, place, answers, accuracies, play };
}

/**
 * What the marks of one set mean.
 * @param {string} set
 * @param {string} mark  class of its marks
 */
function keyOf(set, mark) {
  const kinds = /** @type {const} */ ([
    ["right", ""],
    ["wrong", "gl-wrong"],
  ]);
  const lines = kinds.map(([word, kind]) => {
    const box = element("span", { className: `gl-mark ${mark} ${kind}` });
    return element("p", {}, [box, word]);
  });
  return [element("p", { className: "gl-set" }, [set]), ...lines];
}
