// A network that trains in the browser of the reader: settings in, snapshots out.

import { cellAt, drawAnswers, outlineCell } from "../../inside/static/answers.js";
import { count } from "../../inside/static/numbers.js";
import { Live } from "../../static/live.js";
import { Picture } from "../../static/picture.js";
import { wantsStillness } from "../../static/theme.js";
import { History } from "./history.js";
import { build } from "./layout.js";
import { drawProgress } from "./progress.js";
import { criticalOf, DEFAULT, MODULUS } from "./settings.js";
import { Sums } from "./sums.js";
import { answerOf, expectationOf, headlineOf, stateOf, tableOf } from "./words.js";

/** @import { Dial } from "./settings.js" */
/** @import { Snapshot } from "./trainer.js" */
/** @import { Order } from "./worker.js" */

/** Updates after which it pauses where nobody has touched it: by then it has come to rest. */
const PATIENCE = 10_000;

/**
 * Whether something was in sight at last; what has changed since one heard may come at once.
 * @param {IntersectionObserverEntry[]} entries
 */
function isSeen(entries) {
  return entries[entries.length - 1].isIntersecting;
}

export class LiveNetwork extends Live {
  /** @param {HTMLElement} root */
  constructor(root) {
    super(root);
    this.setting = DEFAULT;
    this.history = new History();
    /** Of the present run, once its worker has told. @type {Sums | undefined} */
    this.sums = undefined;
    /** Whether it is to train whenever it is in sight. */
    this.wanted = false;
    this.inSight = false;
    /** Updates that were done when a hand was last on it. */
    this.touched = 0;
    /** The cell of the sum that is asked for. */
    this.picked = 7 * MODULUS + 28;
    this.said = "";
    this.parts = build(root, (dial, value) => this.set(dial, value));
    this.table = new Picture(this.parts.table.canvas);
    this.progress = new Picture(this.parts.progress.canvas);
    const program = new Blob([WORKER_PROGRAM], { type: "text/javascript" });
    this.address = URL.createObjectURL(program);
    this.worker = this.begin();
    this.stops.push(
      () => this.worker.terminate(),
      () => URL.revokeObjectURL(this.address),
    );
    this.connect();
    this.showSettings();
    this.followSight();
    this.followPage();
  }

  /** Buttons, and the picked sum. */
  connect() {
    const { buttons, sum, table } = this.parts;
    buttons.play.addEventListener("click", () => this.toggle());
    buttons.again.addEventListener("click", () => this.restart(this.setting.seed));
    buttons.anew.addEventListener("click", () => this.restart(this.setting.seed + 1));
    table.canvas.addEventListener("click", ({ offsetX, offsetY }) => {
      const cell = this.sums ? cellAt(this.table, this.sums, offsetX, offsetY) : null;
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

  /** Begin when the table first comes into sight, and rest while nothing can be seen. */
  followSight() {
    const first = new IntersectionObserver(
      (entries) => {
        if (!isSeen(entries)) return;
        first.disconnect();
        if (!wantsStillness()) this.play();
      },
      { threshold: 0.6 },
    );
    first.observe(this.parts.table.canvas);
    const sight = new IntersectionObserver((entries) => {
      this.inSight = isSeen(entries);
      this.settle();
    });
    sight.observe(this.root);
    const hidden = () => this.settle();
    document.addEventListener("visibilitychange", hidden);
    this.stops.push(
      () => first.disconnect(),
      () => sight.disconnect(),
      () => document.removeEventListener("visibilitychange", hidden),
    );
  }

  /** A worker with a new network. */
  begin() {
    const worker = new Worker(this.address);
    worker.onmessage = ({ data }) => this.receive(data);
    worker.onerror = () => {
      this.parts.headline.textContent = "This browser cannot train a network in the page.";
    };
    this.history = new History();
    this.sums = undefined;
    this.touched = 0;
    this.playing = false;
    const { setting } = this;
    worker.postMessage(/** @type {Order} */ ({ kind: "begin", setting }));
    return worker;
  }

  /** Begin anew with the present settings, and go on where it was training. */
  anew() {
    this.worker.terminate();
    this.worker = this.begin();
    this.settle();
  }

  /**
   * Train a new network.
   * @param {number} seed
   */
  restart(seed) {
    this.setting = { ...this.setting, seed };
    this.wanted = true;
    this.anew();
  }

  /**
   * Take a number from a slider. A network of another width is another network.
   * @param {Dial} dial
   * @param {number} value
   */
  set({ name }, value) {
    this.setting = { ...this.setting, [name]: value };
    this.touched = this.history.now?.updates ?? 0;
    this.showSettings();
    if (name === "width") {
      this.anew();
      return;
    }
    const { examples, decay } = this.setting;
    this.worker.postMessage(/** @type {Order} */ ({ kind: "change", examples, decay }));
  }

  /** Show the settings, and what is to be expected of them. */
  showSettings() {
    const { dials, size, reason } = this.parts;
    const { examples, decay } = this.setting;
    for (const { show } of dials) show(this.setting);
    size.mark(criticalOf(decay));
    reason.textContent = expectationOf(examples, decay);
  }

  play() {
    this.wanted = true;
    this.touched = this.history.now?.updates ?? 0;
    this.settle();
  }

  pause() {
    this.wanted = false;
    this.settle();
    this.speak();
  }

  /** Train just where that is wanted and can be seen. */
  settle() {
    const playing = this.wanted && this.inSight && !document.hidden;
    if (playing !== this.playing) {
      this.playing = playing;
      this.worker.postMessage(/** @type {Order} */ ({ kind: playing ? "play" : "pause" }));
    }
    this.schedule();
  }

  /** @param {Snapshot} snapshot */
  receive(snapshot) {
    this.history.add(snapshot);
    this.sums = new Sums(snapshot);
    this.parts.headline.textContent = headlineOf(this.history);
    this.showSum();
    if (snapshot.updates - this.touched >= PATIENCE && this.playing) this.pause();
    const state = stateOf(this.history);
    if (state !== this.said) {
      this.said = state;
      this.speak();
    }
    this.schedule();
  }

  /** Say how it stands, and describe the pictures, once that has come to rest. */
  speak() {
    this.whenAtRest(() => {
      const { sums, history, parts } = this;
      if (!sums) return;
      const place = `After ${count(history.now.updates)} updates`;
      parts.spoken.textContent = `${place}: ${headlineOf(history)} ${parts.reason.textContent}`;
      parts.table.canvas.setAttribute("aria-label", tableOf(sums));
      const norm = `The parameter norm is ${history.now.norm.toFixed(1)}.`;
      const label = `Accuracy and norm over the updates. ${place}: ${headlineOf(history)} ${norm}`;
      parts.progress.canvas.setAttribute("aria-label", label);
    });
  }

  /**
   * Ask for the sum of a cell.
   * @param {number} cell
   */
  pick(cell) {
    this.picked = cell;
    this.showSum();
    this.schedule();
    this.whenAtRest(() => {
      this.parts.spoken.textContent = this.parts.sum.said.textContent;
    });
  }

  showSum() {
    if (this.sums) this.parts.sum.said.textContent = answerOf(this.sums, this.picked);
  }

  /** Fit the pictures to the page. */
  measure() {
    const { table, progress } = this.parts;
    const width = table.frame.clientWidth;
    if (!width) return;
    this.table.resize(width, width);
    const beside = progress.frame.clientWidth;
    this.progress.resize(beside, beside < 480 ? 290 : 350);
    this.tick();
  }

  /** Draw. */
  tick() {
    const { theme, table, progress, sums, history, picked } = this;
    this.parts.buttons.play.textContent = this.wanted ? "❚❚ Pause" : "▶ Train";
    if (!sums || !table.width) return;
    drawAnswers(table, theme, sums, 0);
    outlineCell(table, theme, sums, picked);
    drawProgress(progress, theme, history);
  }
}
