// An explorer: settings in, pictures out, one frame at a time.

import { partsOf } from "./axes.js";
import { atNotch, withValue } from "./controls.js";
import { equilibria } from "./equilibria.js";
import { connect } from "./hands.js";
import { label, labelRings } from "./labels.js";
import { memorisingNorm } from "./law.js";
import { build } from "./layout.js";
import { Live } from "./live.js";
import { drawMap, mapScales } from "./map_view.js";
import { modelOf } from "./model.js";
import { Picture } from "./picture.js";
import { drawPlane, planeOf } from "./plane_view.js";
import { RegimeMap } from "./regimes.js";
import { fromFragment, inRange, toFragment } from "./settings.js";
import { FIRST, LAST, partAt, Story, timeAt } from "./story.js";
import { wantsStillness } from "./theme.js";
import { drawTime } from "./time_view.js";
import { derivedOf, tell, updates } from "./words.js";

/** @import { Settings } from "./model.js" */

/**
 * @typedef {object} Options
 * @property {boolean} [small]  one slider and one picture
 * @property {Partial<Settings>} [settings]
 * @property {boolean} [address]  keep the settings in the address of the page
 * @property {(settings: Settings) => void} [changed]
 */

/** Seconds that a whole run plays for. */
const DURATION = 9;
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
    this.dirty = true;
    /** Whether anything was set since the page was opened. */
    this.touched = false;
    this.map = new RegimeMap(28, 20);
    this.time = new Picture(this.parts.time.canvas);
    this.plane = this.parts.plane && new Picture(this.parts.plane.canvas);
    this.mapPicture = this.parts.map && new Picture(this.parts.map.canvas);
    const linked = address ? fromFragment(location.hash) : null;
    this.initial = linked ?? inRange(settings);
    this.story = new Story(this.initial);
    this.points = equilibria(this.initial);
    /** @type {HTMLElement | undefined} */
    this.startRing = undefined;
    /** @type {HTMLElement | undefined} */
    this.placeRing = undefined;
    connect(this);
    this.followPage();
    this.refresh();
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
    const kept = this.playing || Boolean(this.parts.transport?.live.checked);
    if (kept && !anew && this.now < LAST) {
      this.story.change(settings, this.now);
    } else {
      this.story = new Story(settings);
      this.now = LAST;
    }
    this.touched = true;
    this.refresh();
    this.changed(settings);
  }

  /**
   * Start anew.
   * @param {Partial<Settings>} given
   * @param {number} [now]  time at which to stand, for changes from then on
   * @param {string} [hint]  what to do there
   */
  load(given, now, hint) {
    this.pause();
    this.story = new Story(inRange(given));
    this.now = now ?? LAST;
    if (this.parts.transport) this.parts.transport.live.checked = now !== undefined;
    this.touched = true;
    this.refresh(hint);
    this.changed(this.settings);
  }

  /**
   * Take in what the settings imply.
   * @param {string} [hint]  to say instead of why
   */
  refresh(hint) {
    const { settings } = this.story;
    this.points = equilibria(settings);
    if (!this.small) this.map.ask(settings);
    for (const { show } of this.parts.sliders) show(settings);
    this.parts.models?.show(Boolean(settings.network));
    if (this.parts.chips) this.parts.chips.hidden = Boolean(settings.network); // of the paper's
    const price = memorisingNorm(modelOf(settings), settings.examples);
    this.parts.costs.show(price, derivedOf(settings));
    const [headline, why] = tell(this.story);
    const reason = hint ?? why;
    this.parts.headline.textContent = headline;
    this.parts.reason.textContent = reason;
    this.announce(`${headline} ${reason}`);
    this.schedule();
  }

  /**
   * Say what happens, and put it into the address, once things have come to rest.
   * @param {string} words
   */
  announce(words) {
    this.whenAtRest(() => {
      label(this.parts, this.settings, this.points, words);
      this.labelRings();
      if (this.address && this.touched) this.keepInAddress();
    });
  }

  labelRings() {
    if (this.startRing && this.placeRing) labelRings(this.startRing, this.placeRing, this.settings);
  }

  keepInAddress() {
    history.replaceState(null, "", toFragment(this.settings));
  }

  async share() {
    if (!this.parts.transport) return;
    this.keepInAddress();
    const { share } = this.parts.transport;
    try {
      await navigator.clipboard.writeText(location.href);
      share.textContent = "Link copied";
    } catch {
      share.textContent = "Link is in the address bar";
    }
    setTimeout(() => (share.textContent = "Copy link"), 2500);
  }

  /**
   * Stand at a time.
   * @param {number} time
   */
  goTo(time) {
    this.pause();
    this.now = time;
  }

  play() {
    if (wantsStillness()) {
      this.goTo(LAST);
      return;
    }
    if (this.now >= LAST) this.now = FIRST;
    this.start();
  }

  /** Fit the pictures to the page. */
  measure() {
    const width = this.parts.time.frame.clientWidth;
    if (!width) return;
    this.time.resize(width, this.small ? 330 : width < 480 ? 380 : 540);
    const beside = this.parts.plane?.frame.clientWidth ?? 0;
    this.plane?.resize(beside, Math.round(Math.min(beside + 20, 420)));
    this.mapPicture?.resize(beside, Math.round(Math.min(0.72 * beside, 300)));
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
      this.now = Math.min(timeAt(partAt(this.now) + seconds / DURATION), LAST);
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
    const { theme, story, points, now } = this;
    drawTime(this.time, theme, story, points, now, this.small);
    const { transport } = this.parts;
    if (!this.plane || !this.mapPicture || !transport) return;
    drawPlane(this.plane, theme, story, points, now);
    drawMap(this.mapPicture, theme, this.map, story.settings);
    transport.play.textContent = this.playing ? "❚❚ Pause" : "▶ Play";
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
