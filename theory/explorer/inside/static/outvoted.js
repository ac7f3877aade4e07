// The answer to one sum, in words: by how much, and who speaks for it.

/** @import { InsideRecording } from "./inside_recording.js" */

/**
 * What is answered to a sum, and at the end by which units.
 * @param {InsideRecording} recording
 * @param {number} k
 * @param {number} cell
 */
export function tellSum(recording, k, cell) {
  const shown = recording.trained(cell) ? "was trained on" : "was never shown";
  const words = `${tellAnswer(recording, k, cell)} It ${shown} this sum.`;
  return k === recording.last ? `${words} ${tellVoters(recording, cell)}` : words;
}

/**
 * @param {InsideRecording} recording
 * @param {number} k
 * @param {number} cell
 */
function tellAnswer(recording, k, cell) {
  const { a, b, label } = recording.sum(cell);
  const { answer, rival, ahead } = recording.answer(k, cell);
  const around = a + b === label ? "" : ` modulo ${recording.modulus}`;
  const by = `by ${ahead < 0.05 ? "less than 0.1" : ahead.toFixed(1)} logits`;
  const verdict =
    answer === label ? `right, ahead of ${rival} ${by}` : `the network says ${answer}, ${by}`;
  return `${a} + ${b} = ${label}${around}: ${verdict}.`;
}

/**
 * @param {InsideRecording} recording
 * @param {number} cell
 */
function tellVoters(recording, cell) {
  const units = recording.voters(cell).map(({ unit, vote }) => {
    const logits = `${vote < 0 ? "−" : "+"}${Math.abs(vote).toFixed(1)}`;
    return `${unit} (wave ${recording.strongest(unit)}, ${logits})`;
  });
  return `Loudest for ${recording.answer(recording.last, cell).answer}: units ${units.join(", ")}.`;
}
