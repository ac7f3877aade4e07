// What explorers have in common: they follow the page around them, and draw a frame at a time.

import { currentTheme, watchTheme } from "./theme.js";

/** Milliseconds without a change after which it is said what has come of them. */
const SPEAK_AFTER = 600;

export class Live {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.theme = currentTheme();
    this.playing = false;
    /** When the last frame was drawn, in milliseconds. */
    this.last = 0;
    /** @type {number | undefined} */
    this.request = undefined;
    /** @type {(() => void)[]} */
    this.stops = [];
  }

  /**
   * Follow the theme and the width of the page.
   * @param {HTMLElement[]} boxes  whose size is followed as well
   */
  followPage(...boxes) {
    const observer = new ResizeObserver(() => this.measure());
    for (const box of [this.root, ...boxes]) observer.observe(box);
    const print = () => this.print();
    const leavePaper = () => this.leavePaper();
    addEventListener("beforeprint", print);
    addEventListener("afterprint", leavePaper);
    this.stops.push(
      () => removeEventListener("beforeprint", print),
      () => removeEventListener("afterprint", leavePaper),
      watchTheme(() => this.retheme()),
      () => observer.disconnect(),
    );
    this.retheme();
  }

  retheme() {
    this.theme = currentTheme();
    this.root.classList.toggle("ge-dark", this.theme.dark);
    this.schedule();
  }

  /**
   * Draw at once: paper waits for no frame, and the page may just have become light for it. The
   * width of the paper is not known yet, so that the root takes one that fits.
   */
  print() {
    this.root.classList.add("ge-print");
    this.retheme();
    this.measure();
    if (this.request) cancelAnimationFrame(this.request);
    this.request = undefined;
    this.tick(0);
  }

  leavePaper() {
    this.root.classList.remove("ge-print");
    this.measure();
    this.schedule();
  }

  /** Play, or pause. */
  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /** Play from where it stands. */
  start() {
    this.playing = true;
    this.last = performance.now();
    this.schedule();
  }

  pause() {
    this.playing = false;
    this.schedule();
  }

  /** Ask for a frame. */
  schedule() {
    this.request ??= requestAnimationFrame((time) => {
      const seconds = Math.max(time - this.last, 0) / 1000;
      this.request = undefined;
      this.last = time;
      this.tick(seconds);
    });
  }

  /**
   * Call back once things have come to rest.
   * @param {() => void} announce
   */
  whenAtRest(announce) {
    clearTimeout(this.later);
    this.later = setTimeout(announce, SPEAK_AFTER);
  }

  destroy() {
    this.playing = false;
    if (this.request) cancelAnimationFrame(this.request);
    clearTimeout(this.later);
    for (const stop of this.stops) stop();
    this.root.replaceChildren();
  }

  // What each does in its own way.

  play() {}

  /** Fit the pictures to the page. */
  measure() {}

  /**
   * Go on for so many seconds where it plays, and draw.
   * @type {(seconds: number) => void}
   */
  tick() {}
}
