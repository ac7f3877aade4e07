// The elements of the view, and where they stand.

import { element } from "../../static/element.js";
import { SumBox } from "./sum_box.js";

/** @import { Recording } from "./recording.js" */

/**
 * @typedef {ReturnType<typeof build>} Parts
 */

/**
 * Build the elements into `root`.
 * @param {HTMLElement} root
 * @param {Recording} recording
 */
export function build(root, { last, modulus }) {
  root.classList.add("grokking-explorer", "grokking-run");
  root.replaceChildren();
  const headline = element("p", { className: "ge-headline" });
  const reason = element("p", { className: "ge-reason" });
  const spoken = element("p", { className: "ge-spoken", role: "status" });
  const numbers = element("dl", { className: "gr-numbers" });
  const curves = view("gr-curves", "");
  const answers = view("gr-answers", "Every sum a + b", [
    ["gr-train", "trained on, right"],
    ["gr-train gr-wrong", "trained on, wrong"],
    ["gr-test", "others, right"],
    ["gr-test gr-wrong", "others, wrong"],
  ]);
  const waves = view("gr-waves", "The embedding, wave by wave", [
    ["gr-ink", "all of a unit is in this wave"],
    ["gr-none", "nothing of it"],
    ["gr-voter", "loudest for the picked sum, at the end"],
  ]);
  const weights = view("gr-weights", "Lead of the right answer", [
    ["gr-generalising", "generalising"],
    ["gr-memorising", "memorising"],
  ]);
  const sum = new SumBox(modulus);
  answers.frame.append(sum.box);
  const frames = [curves, answers, weights, waves].map(({ frame }) => frame);
  const body = element("div", { className: "gr-body" }, frames);
  const head = element("div", { className: "ge-head" }, [headline, reason]);
  const transport = transportBar(last);
  root.append(head, numbers, body, transport.box, spoken);
  return { headline, reason, spoken, numbers, curves, answers, sum, waves, weights, transport };
}

/**
 * A picture with a title and a key.
 * @param {string} kind
 * @param {string} title
 * @param {[string, string][]} [key]  class and meaning of each mark
 */
function view(kind, title, key = []) {
  const canvas = element("canvas", { role: "img", "aria-label": title });
  const marks = key.map(([mark, words]) =>
    element("span", {}, [element("i", { className: `ge-mark ${mark}` }), words]),
  );
  const caption = element("p", { className: "gr-caption" }, [title]);
  const legend = element("p", { className: "ge-key" }, marks);
  const frame = element("div", { className: `ge-view ${kind}` }, [
    ...(title ? [caption] : []),
    canvas,
    ...(key.length ? [legend] : []),
  ]);
  return { canvas, frame };
}

/**
 * Play, and the step.
 * @param {number} last
 */
function transportBar(last) {
  const play = element("button", { type: "button", className: "ge-play" });
  const place = element("span", { className: "gr-place" });
  const step = element("input", { type: "range", min: "0", max: `${last}`, step: "1" });
  step.setAttribute("aria-label", "Step of the run");
  const slider = element("div", { className: "gr-slider" }, [place, step]);
  const box = element("div", { className: "gr-transport" }, [play, slider]);
  return { box, play, place, step };
}
