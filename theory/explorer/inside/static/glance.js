// A glance at a recorded run: its table of answers fills in by itself, above its accuracies.

import { Live } from "../../static/live.js";
import { Picture } from "../../static/picture.js";
import { wantsStillness } from "../../static/theme.js";
import { drawAccuracies } from "./accuracies.js";
import { drawAnswers } from "./answers.js";
import { buildGlance } from "./glance_layout.js";
import { Recording, unzipped } from "./recording.js";
import { count } from "./numbers.js";
import { headlineOf } from "./words.js";

/** @import { Glanced } from "./recording.js" */

/** Seconds that a whole run plays for, and rests for at its end. */
const PLAYS = 12;
const RESTS = 4;
/** How often it plays by itself. */
const ROUNDS = 3;
/** The part of it that has to be in sight. */
const IN_SIGHT = 0.25;
/** Height of the accuracies, in pixels. */
const SLIM = 128;

export class Glance extends Live {
  /**
   * @param {HTMLElement} root
   * @param {Glanced} packed
   */
  constructor(root, packed) {
    super(root);
    this.recording = new Recording(packed);
    this.parts = buildGlance(root, describe(this.recording));
    this.answers = new Picture(this.parts.answers);
    this.accuracies = new Picture(this.parts.accuracies);
    /** Seconds since this round began. */
    this.clock = 0;
    this.roundsLeft = ROUNDS;
    /** Whether it is to play, as far as the reader has a say. */
    this.wanted = true;
    this.inSight = false;
    this.still = false;
    /** The record that is in the table. */
    this.drawn = -1;
    this.parts.play.addEventListener("click", () => this.toggle());
    this.followReader();
    this.followPage();
  }

  /** Move only where somebody looks, and does not ask for little motion. */
  followReader() {
    const sight = new IntersectionObserver(
      (entries) => {
        this.inSight = entries[entries.length - 1].intersectionRatio >= IN_SIGHT;
        this.follow();
      },
      { threshold: IN_SIGHT },
    );
    sight.observe(this.root);
    const follow = () => this.follow();
    const motion = matchMedia("(prefers-reduced-motion: reduce)");
    const end = () => this.standAtEnd();
    document.addEventListener("visibilitychange", follow);
    window.addEventListener("beforeprint", end);
    motion.addEventListener("change", follow);
    this.stops.push(
      () => sight.disconnect(),
      () => document.removeEventListener("visibilitychange", follow),
      () => window.removeEventListener("beforeprint", end),
      () => motion.removeEventListener("change", follow),
    );
    this.follow();
  }

  /** On paper there is one picture only. */
  standAtEnd() {
    this.clock = PLAYS;
    this.frame();
  }

  /** Play, or stand still, as the reader has it now. */
  follow() {
    this.still = wantsStillness();
    if (this.still) this.clock = PLAYS;
    const plays = this.wanted && this.inSight && !document.hidden && !this.still;
    if (plays && !this.playing) this.start();
    else if (!plays) this.pause();
    this.show();
  }

  toggle() {
    this.wanted = !this.wanted;
    if (this.wanted && this.clock >= PLAYS) {
      this.clock = 0;
      this.roundsLeft = Math.max(this.roundsLeft, 1);
    }
    this.follow();
  }

  /** A record, and parts of the way to the next. */
  playhead() {
    const { last } = this.recording;
    return Math.min((this.clock / PLAYS) * last, last);
  }

  retheme() {
    super.retheme();
    const [train, test] = this.theme.sets;
    const colours = { ink: this.theme.ink, soft: this.theme.soft, faint: this.theme.faint };
    for (const [name, colour] of Object.entries({ ...colours, train, test })) {
      this.root.style.setProperty(`--gl-${name}`, colour);
    }
    this.drawn = -1;
  }

  /** Fit the pictures to the page. */
  measure() {
    const [beside, whole] = [this.parts.answers, this.parts.accuracies].map(
      (canvas) => canvas.parentElement?.clientWidth ?? 0,
    );
    if (!whole) return;
    this.answers.resize(beside, beside);
    this.accuracies.resize(whole, SLIM);
    this.drawn = -1;
    this.frame();
  }

  /** @param {number} seconds */
  tick(seconds) {
    if (this.playing) this.goOn(seconds);
    this.frame();
  }

  /** @param {number} seconds */
  goOn(seconds) {
    const before = this.clock;
    this.clock += seconds;
    if (before < PLAYS && this.clock >= PLAYS) {
      this.roundsLeft -= 1;
      if (this.roundsLeft === 0) {
        this.wanted = false;
        this.follow();
        return;
      }
    }
    if (this.clock >= PLAYS + RESTS) this.clock = 0;
    this.schedule();
  }

  /** Say in words where it stands, and what the button does. */
  show() {
    const { parts, recording, still, wanted } = this;
    const record = Math.floor(this.playhead());
    const place = `After ${count(recording.steps[record])} updates`;
    parts.headline.textContent = headlineOf(recording, record);
    parts.place.textContent = still
      ? `${place}, the last. The picture stands still, as your system asks for little motion.`
      : place;
    parts.play.hidden = still;
    parts.play.textContent = wanted ? "❚❚ Pause" : "▶ Play";
    parts.play.setAttribute("aria-label", wanted ? "Pause the picture" : "Play the picture");
  }

  /** Draw: the line moves on with every frame, the table with every record. */
  frame() {
    if (!this.answers.width) return;
    const playhead = this.playhead();
    const record = Math.floor(playhead);
    drawAccuracies(this.accuracies, this.theme, this.recording, playhead);
    if (record === this.drawn) return;
    this.drawn = record;
    drawAnswers(this.answers, this.theme, this.recording, record);
    this.show();
  }
}

/**
 * What the pictures show in the end: they say it as long as they move, too.
 * @param {Recording} recording
 */
function describe(recording) {
  const { modulus, steps, last, values } = recording;
  const { train, test } = recording.counts(last);
  const of = (/** @type {number[]} */ [right, all]) => `${count(right)} of ${count(all)}`;
  const when = (/** @type {number | null} */ step) =>
    step === null ? "not in this run" : `after ${count(Math.round(step))} updates`;
  return {
    answers:
      `Table of all sums modulo ${modulus}. In the end, after ${count(steps[last])} updates, ` +
      `${of(train)} that were trained on are right, and ${of(test)} that were never shown.`,
    accuracies:
      "Train and test accuracy against updates. " +
      `The run fits ${when(values.fits)}, and generalises ${when(values.generalises)}.`,
  };
}

/** Mount a glance into every element of the page that is marked for one; its run stands behind it. */
export async function mountGlances() {
  for (const root of document.querySelectorAll("div.grokking-glance:empty")) {
    const run = root.nextElementSibling?.textContent ?? "";
    new Glance(/** @type {HTMLElement} */ (root), await unzipped(run));
  }
}
