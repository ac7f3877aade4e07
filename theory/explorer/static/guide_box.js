// The guide on the page: one step's words, and the way to the next.

import { element } from "./element.js";
import { GUIDE } from "./guide.js";

/** The box, its buttons, and how it shows a step; 0 stands before the first. */
export function guideBox() {
  const words = element("p", { className: "ge-step" });
  const back = element("button", { type: "button" }, ["Back"]);
  const next = element("button", { type: "button", className: "ge-next" });
  const box = element("div", { className: "ge-guide", role: "group" }, [words, back, next]);
  box.setAttribute("aria-label", "Guided steps");
  const show = (/** @type {number} */ step) => {
    const { title, words: said } = GUIDE[step - 1] ?? {};
    const head = step ? `${step} of ${GUIDE.length}: ${title}.` : "Guided steps.";
    words.replaceChildren(
      element("strong", {}, [head]),
      ` ${said ?? `${GUIDE.length} steps, each with something to see and to do.`}`,
    );
    if (step === 0 && document.activeElement === back) next.focus(); // it goes away
    back.hidden = step === 0;
    next.textContent = step === 0 ? "Start" : step < GUIDE.length ? "Next" : "Done";
  };
  show(0);
  return { box, words, back, next, show };
}
