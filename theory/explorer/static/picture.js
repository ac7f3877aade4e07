// A canvas with scales: what every view draws with.

/**
 * A number axis: value to pixel.
 * @typedef {(value: number) => number} Scale
 */

/** As in the figures of the book: M and train are dashed, G and test are solid. */
export const DASHED = [8, 3];
/** @type {number[]} */
export const SOLID = [];

/** A canvas that keeps its sharpness. */
export class Picture {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.width = 0;
    this.height = 0;
  }

  /**
   * @param {number} width
   * @param {number} height
   */
  resize(width, height) {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.width = width;
    this.height = height;
    this.canvas.style.height = `${height}px`;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  clear() {
    this.context.clearRect(0, 0, this.width, this.height);
  }

  /**
   * @param {string} words
   * @param {number} x
   * @param {number} y
   * @param {string} colour
   * @param {object} [how]
   * @param {"left" | "center" | "right"} [how.align]
   * @param {boolean} [how.bold]
   * @param {number} [how.size]
   * @param {string} [how.halo]
   * @param {boolean} [how.inside]  whether the words are moved to where there is room for them
   */
  text(words, x, y, colour, how = {}) {
    const { align = "left", bold = false, size = 13, halo = "", inside = false } = how;
    const { context } = this;
    context.font = `${bold ? "600 " : ""}${size}px system-ui, sans-serif`;
    context.textAlign = align;
    context.textBaseline = "middle";
    if (inside) {
      const room = context.measureText(words).width;
      const left = x - { left: 0, center: room / 2, right: room }[align];
      x += Math.min(Math.max(left, 0), this.width - room) - left;
    }
    if (halo) {
      context.strokeStyle = halo;
      context.lineWidth = 4;
      context.lineJoin = "round";
      context.strokeText(words, x, y);
    }
    context.fillStyle = colour;
    context.fillText(words, x, y);
  }

  /**
   * Pixels that words in bold take.
   * @param {string} words
   */
  widthOf(words) {
    this.context.font = "600 13px system-ui, sans-serif";
    return this.context.measureText(words).width;
  }

  /**
   * @param {number} x0
   * @param {number} y0
   * @param {number} x1
   * @param {number} y1
   * @param {string} colour
   * @param {number} [width]
   * @param {number[]} [dash]
   */
  line(x0, y0, x1, y1, colour, width = 1, dash = SOLID) {
    const { context } = this;
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    this.stroke(colour, width, dash);
  }

  /**
   * A line through points; where one is no number it has a gap.
   * @param {ArrayLike<number>} x
   * @param {ArrayLike<number>} y
   * @param {string} colour
   * @param {number} width
   * @param {number[]} [dash]
   */
  path(x, y, colour, width, dash = SOLID) {
    const { context } = this;
    context.beginPath();
    for (let k = 0, down = false; k < x.length; k++) {
      const known = Number.isFinite(x[k] + y[k]);
      if (known && down) context.lineTo(x[k], y[k]);
      else if (known) context.moveTo(x[k], y[k]);
      down = known;
    }
    this.stroke(colour, width, dash);
  }

  /**
   * @param {string} colour
   * @param {number} width
   * @param {number[]} dash
   */
  stroke(colour, width, dash) {
    const { context } = this;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.lineJoin = "round";
    context.setLineDash(dash);
    context.stroke();
    context.setLineDash(SOLID);
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} radius
   * @param {string} fill
   * @param {string} edge
   */
  dot(x, y, radius, fill, edge) {
    const { context } = this;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.fill();
    this.stroke(edge, 2, SOLID);
  }

  /**
   * A filled outline.
   * @param {[number, number][]} points
   * @param {string} colour
   */
  area(points, colour) {
    const { context } = this;
    context.beginPath();
    points.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.fillStyle = colour;
    context.fill();
  }

  /**
   * Draw within a box only.
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   * @param {() => void} draw
   */
  within(x, y, width, height, draw) {
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    draw();
    context.restore();
  }
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} start  pixel of `from`
 * @param {number} end
 * @returns {Scale}
 */
export function linear(from, to, start, end) {
  const slope = (end - start) / (to - from);
  return (value) => start + (value - from) * slope;
}

/**
 * @param {number} from  above 0
 * @param {number} to
 * @param {number} start
 * @param {number} end
 * @returns {Scale}
 */
export function logarithmic(from, to, start, end) {
  const scale = linear(Math.log(from), Math.log(to), start, end);
  return (value) => scale(Math.log(Math.max(value, 1e-300)));
}

/**
 * The value at a pixel of a linear scale.
 * @param {Scale} scale
 * @param {number} pixel
 */
export function inverse(scale, pixel) {
  return (pixel - scale(0)) / (scale(1) - scale(0));
}
