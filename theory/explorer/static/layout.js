// The elements of an explorer, and where they stand.

import { DIALS, slider } from "./controls.js";
import { element } from "./element.js";
import { PRESETS } from "./guide.js";
import { guideBox } from "./guide_box.js";
import { REGIMES } from "./regimes.js";

/** @import { Dial } from "./controls.js" */

/**
 * @typedef {ReturnType<typeof build>} Parts
 */

/** Sliders of speed and start, the last ones. */
const RUN_DIALS = 4;
/** How many choices of a model there are on the page: each has a name of its own. */
let choices = 0;

/**
 * Build the elements into `root`.
 * @param {HTMLElement} root
 * @param {boolean} small
 * @param {(dial: Dial, notch: number) => void} moved
 */
export function build(root, small, moved) {
  root.classList.add("grokking-explorer");
  root.classList.toggle("ge-small", small);
  root.replaceChildren();
  const chosen = small ? [DIALS.examples] : Object.values(DIALS);
  const sliders = chosen.map((dial) => slider(dial, (notch) => moved(dial, notch)));
  const headline = element("p", { className: "ge-headline" });
  const reason = element("p", { className: "ge-reason" });
  const spoken = element("p", { className: "ge-spoken", role: "status" });
  const costs = costBars();
  const time = view("ge-time", "Weights, losses and accuracies over the run");
  const [examples, ...others] = sliders.map(({ box }) => box);
  const main = element("div", { className: "ge-dials ge-main" }, [
    examples,
    costs.box,
    ...others.slice(0, -RUN_DIALS),
  ]);
  const head = element("div", { className: "ge-head" }, [headline, reason]);
  const parts = { headline, reason, spoken, sliders, costs, time };
  if (small) {
    root.append(main, head, time.frame, spoken);
    const absent = { plane: null, map: null, key: null, transport: null, models: null };
    return { ...parts, ...absent, chips: null, presets: [], guide: null, mapStart: null };
  }
  const plane = view("ge-plane", "Flow of both weights");
  const map = view("ge-map", "Phase diagram");
  const key = regimeKey();
  const presets = PRESETS.map(({ name }) => element("button", { type: "button" }, [name]));
  const rest = element("div", { className: "ge-dials ge-rest" }, others.slice(-RUN_DIALS));
  const more = element("details", { className: "ge-more", open: true }, [
    element("summary", {}, ["Speed and start"]),
    rest,
  ]);
  const transport = transportBar();
  const models = modelChoice();
  const chips = element("div", { className: "ge-presets", role: "group" }, presets);
  chips.setAttribute("aria-label", "Examples to start from");
  const guide = guideBox();
  const mapStart = element("p", { className: "ge-hint" });
  const left = element("div", { className: "ge-left" }, [time.frame, transport.box]);
  const right = element("div", { className: "ge-right" }, [
    plane.frame,
    element("div", { className: "ge-map-box" }, [map.frame, key.box, mapStart]),
  ]);
  const body = element("div", { className: "ge-body" }, [main, left, right]);
  const top = element("div", { className: "ge-top" }, [models.box, chips]);
  root.append(top, guide.box, head, body, more, spoken);
  return { ...parts, plane, map, key, transport, models, chips, presets, guide, mapStart };
}

/** Which model it is: the paper's, or that of a network. */
function modelChoice() {
  const group = `ge-model-${++choices}`;
  const [paper, network] = ["The paper's model", "A network"].map((words) => {
    const input = element("input", { type: "radio", name: group });
    return { input, label: element("label", { className: "ge-choice" }, [input, words]) };
  });
  const named = { className: "ge-models", role: "radiogroup", "aria-label": "Model" };
  const box = element("div", named, [paper.label, network.label]);
  const show = (/** @type {boolean} */ isNetwork) => {
    (isNetwork ? network : paper).input.checked = true;
  };
  return { box, paper: paper.input, network: network.input, show };
}

/**
 * A picture in a frame.
 * @param {string} kind
 * @param {string} words
 */
function view(kind, words) {
  const canvas = element("canvas", { role: "img", "aria-label": words });
  const frame = element("div", { className: `ge-view ${kind}` }, [canvas]);
  return { canvas, frame };
}

/** Which colour of the map stands for which regime. */
function regimeKey() {
  const marks = REGIMES.map(() => element("i", { className: "ge-mark" }));
  const names = REGIMES.map((name, i) => element("span", {}, [marks[i], name]));
  const box = element("p", { className: "ge-key" }, names);
  const colour = (/** @type {string[]} */ colours) =>
    marks.forEach((mark, i) => (mark.style.background = colours[i]));
  return { box, colour };
}

/** What a logit costs in either circuit, as two bars. */
function costBars() {
  const bars = ["generalising", "memorising"].map((name) => {
    const bar = element("span", { className: `ge-bar ge-bar-${name}` });
    const value = element("span", { className: "ge-cost" });
    const row = element("div", { className: "ge-bar-row" }, [
      element("span", { className: "ge-bar-name" }, [name]),
      bar,
      value,
    ]);
    return { row, bar, value };
  });
  const title = element("span", { className: "ge-name" }, ["Cost in norm"]);
  const derived = element("span", { className: "ge-hint" });
  const rows = bars.map(({ row }) => row);
  const box = element("div", { className: "ge-costs" }, [title, ...rows, derived]);
  const show = (/** @type {number} */ ratio, /** @type {string} */ words) => {
    derived.textContent = words;
    [1, ratio].forEach((cost, i) => {
      bars[i].bar.style.width = `${(cost / 4) * 55}%`;
      bars[i].value.textContent = cost.toFixed(2);
    });
  };
  return { box, show };
}

/** Play, time, reset, share, full screen, and what a moved slider does. */
function transportBar() {
  const play = element("button", { type: "button", className: "ge-play" }, ["▶ Play"]);
  const time = element("input", { type: "range", min: "0", max: "500", step: "1" });
  time.setAttribute("aria-label", "Time");
  const live = element("input", { type: "checkbox" });
  const keep = element("label", { className: "ge-live" }, [live, "Sliders act from the line on"]);
  const reset = element("button", { type: "button" }, ["Reset"]);
  const share = element("button", { type: "button" }, ["Copy link"]);
  const full = element("button", { type: "button" });
  const row = element("div", { className: "ge-row" }, [play, reset, share, full, keep]);
  const box = element("div", { className: "ge-transport" }, [time, row]);
  return { box, play, time, live, reset, share, full };
}
