// What stands above the pictures over time: when the run fits, generalises, forgets or is changed.

import { FIRST, LAST } from "./story.js";
import { updates } from "./words.js";

/** @import { Outcome } from "./outcome.js" */
/** @import { Turn } from "./phases.js" */
/** @import { Picture, Scale } from "./picture.js" */
/** @import { Story } from "./story.js" */
/** @import { Theme } from "./theme.js" */

/** Pixels between the words of two marks. */
const APART = 10;

/**
 * What is marked on the axis, in the order of time.
 * @param {Story} story
 * @param {Outcome} outcome
 * @returns {Turn[]}
 */
export function marksOf({ changed, since }, { turns }) {
  const change = changed ? [{ time: since, word: "changed" }] : [];
  return [...turns, ...change]
    .filter(({ time }) => time >= FIRST && time <= LAST)
    .sort((one, other) => one.time - other.time);
}

/**
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Story} story
 * @param {Outcome} outcome
 * @param {Scale} x
 * @param {number} bottom
 */
export function drawMarks(picture, theme, story, outcome, x, bottom) {
  const marks = marksOf(story, outcome);
  const lines = marks.map(({ word, time }) => [word, updates(time)]);
  const widths = lines.map((words) => Math.max(...words.map((each) => picture.widthOf(each))));
  const places = spread(marks.map(({ time }) => x(time)), widths, picture.width);
  marks.forEach(({ word, time }, i) => {
    const set = word === "fits" ? 0 : 1;
    const colour = word === "changed" ? theme.ink : theme.sets[set];
    const ink = word === "changed" ? theme.ink : theme.setWords[set];
    picture.line(x(time), 31, x(time), bottom, colour, 1.5, [3, 3]);
    lines[i].forEach((line, row) => {
      const how = { align: /** @type {const} */ ("center"), bold: true, halo: theme.paper };
      picture.text(line, places[i], 8 + 15 * row, ink, how);
    });
  });
}

/**
 * Middles of words that do not overlap, as near as may be to where they belong.
 * @param {number[]} wanted  in their order
 * @param {number[]} widths
 * @param {number} room
 */
export function spread(wanted, widths, room) {
  const places = [...wanted];
  let free = 0;
  places.forEach((place, i) => {
    places[i] = Math.max(place, free + widths[i] / 2);
    free = places[i] + widths[i] / 2 + APART;
  });
  let end = room;
  for (let i = places.length - 1; i >= 0; i--) {
    places[i] = Math.min(places[i], end - widths[i] / 2);
    end = places[i] - widths[i] / 2 - APART;
  }
  return places;
}
