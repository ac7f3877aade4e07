// A recorded run under a cursor: a step in, pictures out.

import { element } from "../../static/element.js";
import { Live } from "../../static/live.js";
import { inverse, Picture } from "../../static/picture.js";
import { wantsStillness } from "../../static/theme.js";
import { cellAt, drawAnswers, outlineCell } from "./answers.js";
import { drawCurves } from "./curves.js";
import { InsideRecording } from "./inside_recording.js";
import { build } from "./layout.js";
import { count, percent } from "./numbers.js";
import { tellSum } from "./outvoted.js";
import { stepScale } from "./panels.js";
import { stepAt } from "./recording.js";
import { drawWaves } from "./waves.js";
import { drawWeights, HEIGHT } from "./weights.js";
import { numbersOf, tell } from "./words.js";

/** @import { Packed } from "./inside_recording.js" */

/** Seconds that a whole run plays for. */
const DURATION = 12;

export class Inside extends Live {
  /**
   * @param {HTMLElement} root
   * @param {Packed} packed
   * @param {{ step?: number, changed?: (step: number) => void }} [options]
   */
  constructor(root, packed, { step = Infinity, changed = () => {} } = {}) {
    super(root);
    this.recording = new InsideRecording(packed);
    this.changed = changed;
    this.parts = build(root, this.recording);
    this.now = this.recording.nearest(Math.min(step, this.recording.steps[this.recording.last]));
    /** The cell of the sum that is spoken of. */
    this.picked = this.recording.example();
    /** Where it plays: a record, and parts of the way to the next. */
    this.playhead = 0;
    const { curves, answers, waves, weights } = this.parts;
    this.curves = new Picture(curves.canvas);
    this.answers = new Picture(answers.canvas);
    this.waves = new Picture(waves.canvas);
    this.weights = new Picture(weights.canvas);
    this.connect();
    this.connectTable();
    this.followPage();
    this.show();
  }

  /** Keys and pointers. */
  connect() {
    const { transport, curves } = this.parts;
    transport.play.addEventListener("click", () => this.toggle());
    transport.step.addEventListener("input", () => {
      const record = Number(transport.step.value);
      this.pause();
      this.goTo(record);
    });
    const { frame } = curves;
    const drag = (/** @type {PointerEvent} */ event) => {
      this.pause();
      const x = event.clientX - frame.getBoundingClientRect().left;
      this.goTo(this.recording.nearest(stepAt(inverse(stepScale(this.curves, this.recording), x))));
    };
    let before = this.now;
    frame.addEventListener("pointerdown", (event) => {
      before = this.now;
      frame.setPointerCapture(event.pointerId);
      transport.step.focus({ preventScroll: true }); // so that arrow keys go on from here
      event.preventDefault();
      drag(event);
    });
    frame.addEventListener("pointermove", (event) => {
      if (frame.hasPointerCapture(event.pointerId)) drag(event);
    });
    // A finger that turns out to scroll the page takes its move back.
    frame.addEventListener("pointercancel", () => this.goTo(before));
  }

  /** The table and its two numbers. */
  connectTable() {
    const { answers, sum } = this.parts;
    answers.canvas.addEventListener("click", ({ offsetX, offsetY }) => {
      const cell = cellAt(this.answers, this.recording, offsetX, offsetY);
      if (cell === null) return;
      this.pick(cell);
      sum.write(cell);
    });
    sum.connect(
      (cell) => this.pick(cell),
      () => this.picked,
    );
    sum.write(this.picked);
  }

  /**
   * Speak of the sum of a cell.
   * @param {number} cell
   */
  pick(cell) {
    this.picked = cell;
    const words = this.showSum();
    this.schedule();
    this.whenAtRest(() => this.announce(words));
  }

  /** Say what is answered to the picked sum. */
  showSum() {
    const words = tellSum(this.recording, this.now, this.picked);
    this.parts.sum.said.textContent = words;
    return words;
  }

  /**
   * Stand at a record.
   * @param {number} record
   */
  goTo(record) {
    if (record === this.now) return;
    this.now = record;
    this.show();
    this.changed(this.recording.steps[record]);
  }

  /** Say what is at the present record, in words, numbers and pictures. */
  show() {
    const { parts, recording, now } = this;
    const [headline, reason] = tell(recording, now);
    parts.headline.textContent = headline;
    parts.reason.textContent = reason;
    parts.numbers.replaceChildren(
      ...numbersOf(recording, now).map(([name, value]) =>
        element("div", {}, [element("dt", {}, [name]), element("dd", {}, [value])]),
      ),
    );
    parts.transport.step.value = `${now}`;
    const place = `${count(recording.steps[now])} updates`;
    parts.transport.place.textContent = `After ${place}`;
    parts.transport.step.setAttribute("aria-valuetext", place);
    this.showSum();
    this.schedule();
    this.whenAtRest(() => this.announce(this.story()));
  }

  /** What is said of the present record, in one line. */
  story() {
    const { headline, reason, transport } = this.parts;
    return `${transport.place.textContent}: ${headline.textContent} ${reason.textContent}`;
  }

  /**
   * Speak, and describe the pictures, once things have come to rest.
   * @param {string} words
   */
  announce(words) {
    const { parts, recording, now } = this;
    parts.spoken.textContent = words;
    const { train, test } = recording.counts(now);
    const [g, m] = recording.values.weight.map((weight) => weight[now].toFixed(1));
    const strongest = percent(recording.values.strongest_wave[now]);
    parts.curves.canvas.setAttribute("aria-label", `Loss, accuracy, norm and weights. ${this.story()}`);
    parts.answers.canvas.setAttribute(
      "aria-label",
      `Table of all sums: ${train[0]} of ${train[1]} training sums are right, and ` +
        `${test[0]} of ${test[1]} others.`,
    );
    parts.waves.canvas.setAttribute(
      "aria-label",
      `Waves of the embedding: the strongest one of a unit holds ${strongest} of it in the mean.`,
    );
    parts.weights.canvas.setAttribute("aria-label", `Generalising ${g} logit, memorising ${m}.`);
  }

  play() {
    const { last } = this.recording;
    if (wantsStillness()) {
      this.goTo(last);
      return;
    }
    this.playhead = this.now === last ? 0 : this.now;
    this.start();
    this.goTo(this.playhead);
  }

  /** Fit the pictures to the page. */
  measure() {
    const { curves, answers, waves, weights } = this.parts;
    const width = curves.frame.clientWidth;
    if (!width) return;
    this.curves.resize(width, width < 480 ? 480 : 540);
    this.answers.resize(answers.frame.clientWidth, answers.frame.clientWidth);
    const beside = waves.frame.clientWidth;
    this.waves.resize(beside, beside < 600 ? 290 : 330);
    this.weights.resize(weights.frame.clientWidth, HEIGHT);
    this.frame();
  }

  /** @param {number} seconds */
  tick(seconds) {
    if (this.playing) {
      const { last } = this.recording;
      this.playhead = Math.min(this.playhead + (seconds / DURATION) * last, last);
      this.goTo(Math.floor(this.playhead));
      if (this.playhead === last) this.pause();
      else this.schedule();
    }
    this.frame();
  }

  /** Draw everything. */
  frame() {
    const { theme, recording, now, picked } = this;
    this.parts.transport.play.textContent = this.playing ? "❚❚ Pause" : "▶ Play";
    if (!this.curves.width) return;
    drawCurves(this.curves, theme, recording, now);
    drawAnswers(this.answers, theme, recording, now);
    outlineCell(this.answers, theme, recording, picked);
    drawWaves(this.waves, theme, recording, now, picked);
    drawWeights(this.weights, theme, recording, now);
  }
}
