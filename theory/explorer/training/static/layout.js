// The elements of the view, and where they stand.

import { SumBox } from "../../inside/static/sum_box.js";
import { element } from "../../static/element.js";
import { DIALS, MODULUS } from "./settings.js";

/** @import { Dial } from "./settings.js" */
/** @import { Setting } from "./trainer.js" */

/**
 * @typedef {ReturnType<typeof build>} Parts
 */

/** Half a thumb of a slider: so far from its ends are its first and its last notch. */
const HALF_THUMB = 8;

/**
 * Build the elements into `root`.
 * @param {HTMLElement} root
 * @param {(dial: Dial, value: number) => void} moved
 */
export function build(root, moved) {
  root.classList.add("grokking-explorer", "grokking-run");
  const headline = element("p", { className: "ge-headline" });
  const reason = element("p", { className: "ge-reason" });
  const spoken = element("p", { className: "ge-spoken", role: "status" });
  const head = element("div", { className: "ge-head" }, [headline, reason]);
  const table = tableView();
  const sum = new SumBox(MODULUS);
  table.frame.append(sum.box);
  const canvas = element("canvas", { role: "img", "aria-label": "Accuracy and norm" });
  const progress = { canvas, frame: element("div", { className: "ge-view" }, [canvas]) };
  const { examples, ...rest } = DIALS;
  const dials = Object.values(rest).map((dial) => dialBox(dial, moved));
  const size = sizeBox(examples, moved);
  const [again, anew] = ["↺ Restart", "Restart, new seed"].map((name) =>
    element("button", { type: "button" }, [name]),
  );
  const below = element("div", { className: "gt-below" }, [
    ...dials.map(({ box }) => box),
    element("div", { className: "ge-row" }, [again, anew]),
  ]);
  const play = element("button", { type: "button", className: "ge-play" });
  const bar = element("div", { className: "gr-transport" }, [play, size.box]);
  const right = element("div", {}, [progress.frame, below]);
  const body = element("div", { className: "gt-body" }, [table.frame, right]);
  root.replaceChildren(head, body, bar, spoken);
  const buttons = { play, again, anew };
  return { headline, reason, spoken, table, sum, progress, buttons, size, dials: [size, ...dials] };
}

/** The table of all sums, and what its colours mean. */
function tableView() {
  const title = "Every sum a + b";
  const canvas = element("canvas", { role: "img", "aria-label": title });
  const marks = [
    ["gr-train", "example, right"],
    ["gr-train gr-wrong", "example, wrong"],
    ["gr-test", "the rest, right"],
    ["gr-test gr-wrong", "the rest, wrong"],
  ].map(([mark, words]) =>
    element("span", {}, [element("i", { className: `ge-mark ${mark}` }), words]),
  );
  const frame = element("div", { className: "ge-view gr-answers gt-table" }, [
    element("p", { className: "gr-caption" }, [`${title}, modulo ${MODULUS}`]),
    canvas,
    element("p", { className: "ge-key" }, marks),
  ]);
  return { canvas, frame };
}

/**
 * A labelled slider.
 * @param {Dial} dial
 * @param {(dial: Dial, value: number) => void} moved
 */
function dialBox(dial, moved) {
  const { name, label, hint, least, most, step } = dial;
  const input = element("input", { type: "range", min: `${least}`, max: `${most}`, step: `${step}` });
  input.setAttribute("aria-label", label);
  const output = element("span", { className: "ge-value" });
  const head = element("span", { className: "ge-dial-head" }, [
    element("span", { className: "ge-name" }, [label]),
    output,
  ]);
  const box = element("label", { className: "ge-dial" }, [head, input]);
  if (hint) box.append(element("span", { className: "ge-hint" }, [hint]));
  input.addEventListener("input", () => moved(dial, dial.value(Number(input.value))));
  const show = (/** @type {Setting} */ setting) => {
    const value = setting[name];
    input.value = `${dial.notch(value)}`;
    output.textContent = dial.show(value);
    input.setAttribute("aria-valuetext", dial.show(value));
  };
  return { box, show };
}

/**
 * The slider of the examples, with a mark where memorising and generalising cost the same: below it
 * the strip has the colour of the one, above it that of the other.
 * @param {Dial} dial
 * @param {(dial: Dial, value: number) => void} moved
 */
function sizeBox(dial, moved) {
  const { box, show } = dialBox(dial, moved);
  const strip = element("span", { className: "gt-strip" });
  const words = element("span", { className: "gt-mark" });
  box.append(strip, words);
  box.classList.add("gr-slider");
  const mark = (/** @type {number | null} */ critical) => {
    strip.hidden = words.hidden = critical === null;
    if (critical === null) return;
    const part = (critical - dial.least) / (dial.most - dial.least);
    box.style.setProperty("--gt-at", `calc(${HALF_THUMB}px + ${part} * (100% - ${2 * HALF_THUMB}px))`);
    words.textContent = `${Math.round(critical)}: both cost the same`;
  };
  return { box, show, mark };
}
