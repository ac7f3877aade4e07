// An explorer: settings in, pictures out, one frame at a time.

import { equilibria } from "./equilibria.js";
import { ring, withValue } from "./controls.js";
import { build } from "./layout.js";
import { drawMap, mapScales } from "./map_view.js";
import { CRITICAL } from "./model.js";
import { Picture } from "./picture.js";
import { drawPlane, planeOf } from "./plane_view.js";
import { partsOf, placeAt, RegimeMap } from "./regimes.js";
import { fromFragment, inRange, PAPER, PRESETS, toFragment } from "./settings.js";
import { FIRST, LAST, Story } from "./story.js";
import { currentTheme, wantsStillness, watchTheme } from "./theme.js";
import { drawTime } from "./time_view.js";
import { tell, updates } from "./words.js";

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
const SPEAK_AFTER = 600;
const SPAN = Math.log(LAST / FIRST);

export class Explorer {
  /**
   * @param {HTMLElement} root
   * @param {Options} [options]
   */
  constructor(root, { small = false, settings = {}, address = false, changed = () => {} } = {}) {
    this.root = root;
    this.small = small;
    this.address = address;
    this.changed = changed;
    this.parts = build(root, small, (dial, value) => {
      this.adjust(withValue(dial, this.story.settings, value));
    });
    this.theme = currentTheme();
    this.now = LAST;
    this.playing = false;
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
    this.stops = [watchTheme(() => this.retheme())];
    this.listen();
    this.retheme();
    this.refresh();
  }

  /** Connect buttons, handles and sizes. */
  listen() {
    const observer = new ResizeObserver(() => this.measure());
    observer.observe(this.root);
    this.stops.push(() => observer.disconnect());
    const { transport, presets, plane, map } = this.parts;
    if (!transport || !plane || !map) return;
    transport.play.addEventListener("click", () => (this.playing ? this.pause() : this.play()));
    transport.reset.addEventListener("click", () => this.load(PAPER));
    transport.share.addEventListener("click", () => this.share());
    transport.share.hidden = !this.address;
    transport.time.addEventListener("input", () => {
      this.pause();
      this.now = FIRST * Math.exp((Number(transport.time.value) / 500) * SPAN);
      this.schedule();
    });
    presets.forEach((button, i) => {
      button.addEventListener("click", () => this.load(PRESETS[i].settings, PRESETS[i].now));
    });
    this.startRing = ring(
      plane.frame,
      (x, y) => this.startAt(x, y),
      (right, up) => {
        const [g, m] = this.story.settings.start;
        this.adjust({ ...this.story.settings, start: [g + right / 10, m + up / 10] }, true);
      },
    );
    this.placeRing = ring(
      map.frame,
      (x, y) => this.placeTo(x, y),
      (right, up) => {
        const { kappa, examples } = this.story.settings;
        this.adjust({
          ...this.story.settings,
          kappa: kappa + right / 20,
          examples: examples * 1.02 ** up,
        });
      },
    );
    if (!this.address) return;
    const follow = () => {
      const settings = fromFragment(location.hash);
      if (settings) this.load(settings);
    };
    addEventListener("hashchange", follow);
    this.stops.push(() => removeEventListener("hashchange", follow));
  }

  /**
   * Start the run at a pixel of the plane.
   * @param {number} x
   * @param {number} y
   */
  startAt(x, y) {
    if (!this.plane) return;
    const scales = planeOf(this.plane, this.story, this.points);
    const part = (/** @type {(v: number) => number} */ scale, /** @type {number} */ at) =>
      Number(((at - scale(0)) / (scale(1) - scale(0))).toFixed(2));
    this.adjust({ ...this.story.settings, start: [part(scales.x, x), part(scales.y, y)] }, true);
  }

  /**
   * Take kappa and examples from a pixel of the map.
   * @param {number} x
   * @param {number} y
   */
  placeTo(x, y) {
    if (!this.mapPicture) return;
    const scales = mapScales(this.mapPicture);
    const part = (/** @type {(v: number) => number} */ scale, /** @type {number} */ at) =>
      (at - scale(0)) / (scale(1) - scale(0));
    const { kappa, examples } = placeAt(part(scales.x, x), part(scales.y, y));
    const tidy = { kappa: Number(kappa.toPrecision(3)), examples: Number(examples.toPrecision(3)) };
    this.adjust({ ...this.story.settings, ...tidy });
  }

  /**
   * Change settings: from now on while the run plays or is kept, else from the start.
   * @param {Partial<Settings>} given
   * @param {boolean} [anew]  whatever is kept
   */
  adjust(given, anew = false) {
    const settings = inRange({ ...this.story.settings, ...given });
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
   */
  load(given, now) {
    this.pause();
    this.story = new Story(inRange(given));
    this.now = now ?? LAST;
    if (this.parts.transport) this.parts.transport.live.checked = now !== undefined;
    this.touched = true;
    this.refresh();
    this.changed(this.story.settings);
  }

  /** Take in what the settings imply. */
  refresh() {
    const { settings } = this.story;
    this.points = equilibria(settings);
    if (!this.small) this.map.ask(settings);
    for (const { show } of this.parts.sliders) show(settings);
    this.parts.costs.show(Math.sqrt(settings.examples / CRITICAL));
    const [headline, reason] = tell(this.story);
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
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      this.parts.spoken.textContent = words;
      this.parts.time.canvas.setAttribute("aria-label", `Weights over time. ${words}`);
      const { settings } = this.story;
      const place = `kappa ${settings.kappa}, ${Math.round(settings.examples)} examples`;
      this.parts.map?.canvas.setAttribute("aria-label", `Phase diagram, at ${place}. ${words}`);
      this.placeRing?.setAttribute("aria-label", `Place in the map: ${place}. Arrow keys move it.`);
      const [g, m] = settings.start;
      const start = `generalising ${g.toFixed(1)}, memorising ${m.toFixed(1)}`;
      this.startRing?.setAttribute("aria-label", `Start: ${start}. Arrow keys move it.`);
      const rests = this.points.map(
        ({ kind, weight }) => `${kind} at ${weight.map((w) => w.toFixed(1))}`,
      );
      this.parts.plane?.canvas.setAttribute(
        "aria-label",
        `Flow of both weights: ${rests.join("; ")}.`,
      );
      if (this.address && this.touched) history.replaceState(null, "", toFragment(settings));
    }, SPEAK_AFTER);
  }

  async share() {
    if (!this.parts.transport) return;
    history.replaceState(null, "", toFragment(this.story.settings));
    const { share } = this.parts.transport;
    try {
      await navigator.clipboard.writeText(location.href);
      share.textContent = "Link copied";
    } catch {
      share.textContent = "Link is in the address bar";
    }
    setTimeout(() => (share.textContent = "Copy link"), 2500);
  }

  play() {
    if (this.now >= LAST) this.now = FIRST;
    this.playing = !wantsStillness();
    if (!this.playing) this.now = LAST;
    this.last = performance.now();
    this.schedule();
  }

  pause() {
    this.playing = false;
    this.schedule();
  }

  retheme() {
    this.theme = currentTheme();
    this.root.classList.toggle("ge-dark", this.theme.dark);
    this.schedule();
  }

  /** Fit the pictures to the page. */
  measure() {
    const width = this.parts.time.frame.clientWidth;
    if (!width) return;
    this.time.resize(width, this.small ? 330 : Math.round(Math.min(Math.max(width, 440), 540)));
    const beside = this.parts.plane?.frame.clientWidth ?? 0;
    this.plane?.resize(beside, Math.round(Math.min(beside + 20, 420)));
    this.mapPicture?.resize(beside, Math.round(Math.min(0.72 * beside, 300)));
    this.frame();
  }

  schedule() {
    this.dirty = true;
    this.request ??= requestAnimationFrame((time) => this.tick(time));
  }

  /** @param {number} time */
  tick(time) {
    this.request = undefined;
    if (this.playing) {
      const seconds = Math.max(time - (this.last ?? time), 0) / 1000;
      this.last = time;
      this.now = Math.min(this.now * Math.exp((SPAN * seconds) / DURATION), LAST);
      this.playing = this.now < LAST;
      this.dirty = true;
    }
    const busy = this.dirty || this.playing;
    const left = !this.small && this.map.work(busy ? BUSY : IDLE);
    if (this.dirty) this.frame();
    else if (this.mapPicture) drawMap(this.mapPicture, this.theme, this.map, this.story.settings);
    if (this.playing || left) this.request = requestAnimationFrame((next) => this.tick(next));
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
    transport.time.value = `${Math.round((500 * Math.log(now / FIRST)) / SPAN)}`;
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

  destroy() {
    this.playing = false;
    if (this.request) cancelAnimationFrame(this.request);
    clearTimeout(this.later);
    for (const stop of this.stops) stop();
    this.root.replaceChildren();
  }
}

/** Mount an explorer into every element of the page that is marked for one. */
export function mountAll() {
  for (const root of document.querySelectorAll("div.grokking-explorer:empty")) {
    const small = /** @type {HTMLElement} */ (root).dataset.view === "small";
    new Explorer(/** @type {HTMLElement} */ (root), { small, address: !small });
  }
}
