// An explorer: settings in, pictures out, one frame at a time.

import { fromFragment, toFragment } from "./address.js";
import { partsOf } from "./axes.js";
import { atNotch, tidy, withValue } from "./controls.js";
import { equilibria, restOf } from "./equilibria.js";
import { GUIDE } from "./guide.js";
import { connect } from "./hands.js";
import { label, labelRings } from "./labels.js";
import { memorisingNorm } from "./law.js";
import { build } from "./layout.js";
import { Live } from "./live.js";
import { drawMap, mapScales } from "./map_view.js";
import { modelOf } from "./model.js";
import { outcomeOf } from "./outcome.js";
import { Picture } from "./picture.js";
import { drawPlane, planeOf } from "./plane_view.js";
import { RegimeMap } from "./regimes.js";
import { embed, isEmbedded } from "./screen.js";
import { inRange, NETWORK, PAPER } from "./settings.js";
import { fitPictures } from "./sizes.js";
import { FIRST, LAST, partAt, Story, timeAt } from "./story.js";
import { wantsStillness } from "./theme.js";
import { drawTime } from "./time_view.js";
import { derivedOf, startOfMap, tell, updates } from "./words.js";

/** @import { State } from "./address.js" */
/** @import { Pair, Settings } from "./model.js" */

/**
 * @typedef {object} Options
 * @property {boolean} [small]  one slider and one picture
 * @property {Partial<Settings>} [settings]
 * @property {boolean} [address]  keep what is shown in the address of the page
 * @property {(settings: Settings) => void} [changed]
 */

/** Digits of a time at which settings change: those that a link takes. */
const TIME_DIGITS = 6;
/** Seconds that a whole run plays for. */
const DURATION = 9;
/** Seconds that a frame takes at most: a page that was hidden goes on where it stood. */
const LONGEST = 0.1;
/** Milliseconds of a frame spent on the map, while other things move and while nothing does. */
const BUSY = 0.5;
const IDLE = 8;

export class Explorer extends Live {
  /**
   * @param {HTMLElement} root
   * @param {Options} [options]
   */
  constructor(root, { small = false, settings = {}, address = false, changed = () => {} } = {}) {
    super(root);
    this.small = small;
    this.address = address;
    this.changed = changed;
    this.parts = build(root, small, (dial, notch) => {
      const value = atNotch(dial, this.settings, notch);
      this.adjust(withValue(dial, this.settings, value), dial.anew);
    });
    this.now = LAST;
    /** Whether sliders act from the line on, where anything comes after it. */
    this.keep = false;
    this.dirty = true;
    /** Whether anything was set since the page was opened. */
    this.touched = false;
    this.map = new RegimeMap(28, 20);
    this.time = new Picture(this.parts.time.canvas);
    this.plane = this.parts.plane && new Picture(this.parts.plane.canvas);
    this.mapPicture = this.parts.map && new Picture(this.parts.map.canvas);
    /** Step of the guide, from 1 on; 0 for none. */
    this.step = 0;
    this.story = new Story(inRange(settings));
    this.points = equilibria(this.settings);
    this.outcome = outcomeOf(this.story);
    /** @type {Pair | null} */
    this.rest = null;
    /** @type {HTMLElement | undefined} */
    this.startRing = undefined;
    /** @type {HTMLElement | undefined} */
    this.placeRing = undefined;
    connect(this);
    this.followPage(this.parts.time.frame);
    if (address && isEmbedded()) embed(root);
    const linked = address ? fromFragment(location.hash) : null;
    if (linked) this.show(linked);
    else this.refresh();
  }

  get settings() {
    return this.story.settings;
  }

  /**
   * Change settings: from now on while the run plays or is kept, else from the start.
   * @param {Partial<Settings>} given
   * @param {boolean} [anew]  whatever is kept
   */
  adjust(given, anew = false) {
    const settings = inRange({ ...this.settings, ...given });
    if ((this.playing || this.keep) && !anew && this.now < LAST) {
      this.story.change(settings, tidy(this.now, TIME_DIGITS));
    } else {
      this.story = new Story(settings);
      this.now = LAST;
    }
    this.touched = true;
    this.refresh();
    this.changed(settings);
  }

  /**
   * Start anew, at a step of the guide if given, else at the one at hand.
   * @param {Partial<State>} given  with a time, for changes from then on
   */
  load(given) {
    this.show(given);
    this.touched = true;
    this.changed(this.settings);
  }

  /** @param {Partial<State>} given */
  show({ settings = PAPER, changes = [], now = LAST, keep = now < LAST, step = this.step }) {
    this.pause();
    this.step = Math.min(Math.max(step, 0), GUIDE.length);
    this.story = new Story(inRange(settings));
    for (const { time, settings: after } of changes) this.story.change(after, time);
    this.now = now;
    this.keep = keep;
    this.refresh();
  }

  /**
   * Go to a step of the guide; before the first and after the last there is none.
   * @param {number} step
   */
  goToStep(step) {
    if (step > GUIDE.length || step < 1) this.load({ step: 0 });
    else this.load({ ...GUIDE[step - 1], step });
  }

  /** Back to where the step began, or without one to where its model starts. */
  reset() {
    if (this.step) this.goToStep(this.step);
    else this.load({ settings: this.settings.network ? NETWORK : PAPER });
  }

  /** @returns {State} */
  get state() {
    const [first, ...later] = this.story.parts;
    return {
      settings: first.settings,
      changes: later.map(({ since, settings }) => ({ time: since, settings })),
      now: tidy(this.now, TIME_DIGITS),
      keep: this.keep,
      step: this.step,
    };
  }

  /** Take in what the settings imply. */
  refresh() {
    const { settings } = this;
    this.points = equilibria(settings);
    this.outcome = outcomeOf(this.story);
    this.rest = restOf(this.story.run, this.points, LAST);
    if (!this.small) this.map.ask(settings);
    for (const { show } of this.parts.sliders) show(settings);
    this.parts.models?.show(Boolean(settings.network));
    if (this.parts.chips) this.parts.chips.hidden = Boolean(settings.network); // of the paper's
    const price = memorisingNorm(modelOf(settings), settings.examples);
    this.parts.costs.show(price, derivedOf(settings));
    const [headline, reason] = tell(this.story, this.outcome);
    this.parts.headline.textContent = headline;
    this.parts.reason.textContent = reason;
    this.parts.guide?.show(this.step);
    if (this.parts.mapStart) this.parts.mapStart.textContent = startOfMap(settings);
    this.announce();
    this.schedule();
  }

  /** Say what happens, and put it into the address, once things have come to rest. */
  announce() {
    this.whenAtRest(() => {
      const { headline, reason, guide } = this.parts;
      const said = [headline, reason, ...(guide && this.step ? [guide.words] : [])];
      const words = said.map(({ textContent }) => textContent).join(" ");
      label(this.parts, this.settings, this.points, words);
      this.labelRings();
      if (this.address && this.touched) this.keepInAddress();
    });
  }

  labelRings() {
    if (this.startRing && this.placeRing) labelRings(this.startRing, this.placeRing, this.settings);
  }

  keepInAddress() {
    history.replaceState(null, "", toFragment(this.state));
  }

  /**
   * Stand at a time.
   * @param {number} time
   */
  goTo(time) {
    this.pause();
    this.now = time;
    this.touched = true;
  }

  pause() {
    super.pause();
    this.announce();
  }

  play() {
    this.touched = true;
    if (wantsStillness()) {
      this.goTo(LAST);
      return;
    }
    if (this.now >= LAST) this.now = FIRST;
    this.start();
  }

  measure() {
    if (!this.parts.time.frame.clientWidth) return;
    fitPictures(this);
    this.frame();
  }

  retheme() {
    super.retheme();
    this.parts.key?.colour(this.theme.regimes);
  }

  schedule() {
    this.dirty = true;
    super.schedule();
  }

  /** @param {number} seconds */
  tick(seconds) {
    if (this.playing) {
      this.now = Math.min(timeAt(partAt(this.now) + Math.min(seconds, LONGEST) / DURATION), LAST);
      this.dirty = true;
      if (this.now === LAST) this.pause();
    }
    const busy = this.dirty || this.playing;
    const left = !this.small && this.map.work(busy ? BUSY : IDLE);
    if (this.dirty) this.frame();
    else if (this.mapPicture) drawMap(this.mapPicture, this.theme, this.map, this.settings);
    if (this.playing || left) super.schedule();
  }

  /** Draw everything. */
  frame() {
    this.dirty = false;
    if (!this.time.width) return;
    const { theme, story, points, outcome, rest, now } = this;
    drawTime(this.time, theme, story, outcome, rest, now, this.small);
    const { transport } = this.parts;
    if (!this.plane || !this.mapPicture || !transport) return;
    drawPlane(this.plane, theme, story, points, rest, now);
    drawMap(this.mapPicture, theme, this.map, story.settings);
    transport.play.textContent = this.playing ? "❚❚ Pause" : "▶ Play";
    transport.live.disabled = now >= LAST; // nothing comes after the line: sliders start anew
    transport.live.checked = this.keep && now < LAST;
    transport.time.value = `${Math.round(partAt(now) * Number(transport.time.max))}`;
    transport.time.setAttribute("aria-valuetext", `${updates(now)} updates`);
    this.placeRings();
  }

  placeRings() {
    if (!this.plane || !this.mapPicture || !this.startRing || !this.placeRing) return;
    const { settings } = this.story;
    const plane = planeOf(this.plane, this.story, this.points);
    const [g, m] = settings.start;
    this.startRing.style.transform = `translate(${plane.x(g)}px, ${plane.y(m)}px)`;
    const scales = mapScales(this.mapPicture);
    const [x, y] = partsOf(settings);
    this.placeRing.style.transform = `translate(${scales.x(x)}px, ${scales.y(y)}px)`;
  }
}
