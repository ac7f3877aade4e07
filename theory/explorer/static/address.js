// The form of an explorer's state that fits into an address.
//
//   #explorer&kappa=1.2&examples=1600&...&change=200&examples=100&now=350&keep=1&step=4
//
// Settings are those from the start on; after a change, those from that time on.

import { inRange } from "./settings.js";
import { FIRST, LAST } from "./story.js";

/** @import { Settings } from "./model.js" */

/**
 * All that can be linked to.
 * @typedef {object} State
 * @property {Settings} settings  from the start on
 * @property {{ time: number, settings: Settings }[]} changes  on the way, in the order of time
 * @property {number} now  time at which it stands
 * @property {boolean} keep  whether sliders act from there on
 * @property {number} step  of the guide, from 1 on; 0 for none
 */

const START = "#explorer&";

/**
 * @param {State} state
 */
export function toFragment({ settings, changes, now, keep, step }) {
  const fields = fieldsOf(settings);
  let before = settings;
  for (const { time, settings: after } of changes) {
    fields.push(`change=${time}`, ...fieldsOf(after, before));
    before = after;
  }
  if (now < LAST) fields.push(`now=${now}`);
  if (keep) fields.push("keep=1");
  if (step) fields.push(`step=${step}`);
  return START + fields.join("&");
}

/**
 * @param {Settings} settings
 * @param {Partial<Settings>} [before]  what need not be said again
 */
function fieldsOf(settings, before = {}) {
  const given = Object.entries(settings).filter(([name]) => {
    return !settings.network || (name !== "kappa" && name !== "decay"); // those are the paper's
  });
  return given
    .map(([name, value]) => [name, `${value}`])
    .filter(([name, value]) => `${before[/** @type {keyof Settings} */ (name)]}` !== value)
    .map(([name, value]) => `${name}=${value}`);
}

/**
 * The state in a fragment; null where it holds none.
 * @param {string} fragment
 * @returns {State | null}
 */
export function fromFragment(fragment) {
  if (!fragment.startsWith(START)) return null;
  const fields = new URLSearchParams(fragment.slice(START.length));
  const [first, ...later] = fragment.slice(START.length).split(/(?:^|&)change=/);
  let settings = inRange(settingsIn(new URLSearchParams(first)));
  const state = { settings, changes: /** @type {State["changes"]} */ ([]) };
  for (const part of later) {
    const time = inside(Number.parseFloat(part));
    settings = inRange({ ...settings, ...settingsIn(new URLSearchParams(part)) });
    if (time < LAST) state.changes.push({ time, settings });
  }
  state.changes.sort((one, other) => one.time - other.time);
  const now = inside(Number(fields.get("now") ?? NaN));
  const step = Math.trunc(Number(fields.get("step"))) || 0;
  return { ...state, now, keep: fields.get("keep") === "1", step };
}

/**
 * A time that is shown; the last one for what is none.
 * @param {number} time
 */
function inside(time) {
  return Number.isNaN(time) ? LAST : Math.min(Math.max(time, FIRST), LAST);
}

/**
 * The settings that are given, as they are.
 * @param {URLSearchParams} fields
 * @returns {Partial<Settings>}
 */
function settingsIn(fields) {
  /** @type {Record<string, number | number[]>} */
  const given = {};
  for (const name of ["kappa", "examples", "decay", "speed", "start", "network"]) {
    const words = fields.get(name)?.split(",");
    if (!words) continue;
    const numbers = words.map((word) => (word.trim() ? Number(word) : NaN));
    given[name] = ["kappa", "examples", "decay"].includes(name) ? numbers[0] : numbers;
  }
  return /** @type {Partial<Settings>} */ (given);
}
