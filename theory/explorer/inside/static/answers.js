// The table of all sums: which answers are right, and which of them were learned.

/** @import { Picture } from "../../static/picture.js" */
/** @import { Theme } from "../../static/theme.js" */

/**
 * What is read of a `Recording`, or of any other table of sums.
 * @typedef {object} Answered
 * @property {number} modulus
 * @property {number} cells
 * @property {(cell: number) => boolean} trained
 * @property {(k: number, cell: number) => boolean} right  at a record
 * @property {(cell: number) => { a: number, b: number }} sum
 */

/** Room for the numbers at the left and at the top, in pixels. */
const MARGIN = 22;
/** Share of its colour that a wrong answer has, as in the keys' style sheets. */
const WRONG = 0.4;

/**
 * The cell at a place of the picture, or null.
 * @param {Picture} picture
 * @param {Answered} recording
 * @param {number} x
 * @param {number} y
 */
export function cellAt(picture, { modulus }, x, y) {
  const [column, row] = [x, y].map((pixel) =>
    Math.floor(((pixel - MARGIN) / (picture.width - MARGIN)) * modulus),
  );
  const within = Math.min(column, row) >= 0 && Math.max(column, row) < modulus;
  return within ? row * modulus + column : null;
}

/**
 * One cell for each sum: training sums are smaller squares, right answers are filled.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Answered} recording
 * @param {number} k  record
 */
export function drawAnswers(picture, theme, recording, k) {
  picture.clear();
  const { modulus, cells } = recording;
  const { context } = picture;
  const size = (picture.width - MARGIN) / modulus;
  const inset = Math.max(0.12 * size, 0.5);
  context.fillStyle = theme.faint;
  context.fillRect(MARGIN, MARGIN, size * modulus, size * modulus);
  for (let cell = 0; cell < cells; cell++) {
    const trained = recording.trained(cell);
    const right = recording.right(k, cell);
    if (!trained && !right) continue;
    const x = MARGIN + size * (cell % modulus);
    const y = MARGIN + size * Math.floor(cell / modulus);
    const edge = trained ? inset : 0;
    context.fillStyle = theme.sets[trained ? 0 : 1];
    context.globalAlpha = right ? 1 : WRONG;
    context.fillRect(x + edge, y + edge, size - 2 * edge, size - 2 * edge);
  }
  context.globalAlpha = 1;
  for (let number = 0; number < modulus; number += 10) {
    const at = MARGIN + size * (number + 0.5);
    picture.text(`${number}`, at, 10, theme.soft, { align: "center", size: 12, inside: true });
    picture.text(`${number}`, MARGIN - 5, at, theme.soft, { align: "right", size: 12 });
  }
}

/**
 * Put an outline around a cell.
 * @param {Picture} picture
 * @param {Theme} theme
 * @param {Answered} recording
 * @param {number} cell
 */
export function outlineCell({ context, width }, theme, { modulus }, cell) {
  const size = (width - MARGIN) / modulus;
  const x = MARGIN + size * (cell % modulus);
  const y = MARGIN + size * Math.floor(cell / modulus);
  const edges = /** @type {[number, string][]} */ ([[4, theme.paper], [2, theme.ink]]);
  for (const [line, colour] of edges) {
    context.lineWidth = line;
    context.strokeStyle = colour;
    context.strokeRect(x - 1, y - 1, size + 2, size + 2);
  }
}
