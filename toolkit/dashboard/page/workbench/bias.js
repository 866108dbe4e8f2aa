// The bias on a picture: each class's weighted sums as a ridge, the threshold where the neuron
// starts to fire, the activation curve over the same axis, and today's digit on it.
import { activate } from "../core/activations.js";
import { wholePercent } from "../words.js";
import { boxOf, crisp, number } from "./draw.js";

const RIGHT = 40,
  BOTTOM = 15,
  TOP = 4,
  LEAST_LINE = 8.5; // CSS pixels of a ridge that has its name beside it
// How near the threshold's line a pointer takes it, in CSS pixels; at its foot it is taken more easily.
const REACH = { mouse: 7, foot: 14, touch: 22 };
const ARROW = 26; // of a threshold that is off the axis

/**
 * @typedef {{low: number, high: number, bins: number}} Sums
 * @typedef {{text: string, accent: string, accentFaint: string, plate: string, background: string, curve: string, font: string}} Style
 * @typedef {{label: number, sum: number}} Spot a class's ridge, and a weighted sum on it
 * @typedef {{sums: Sums, counts: ArrayLike<number>[], shares: (number|null)[], names: string[], bias: number, sum: number, activation: string, current: number, style: Style}} Shown
 */

/**
 * What the axis shows: all the sums, and threshold and digit as long as they are not so far off
 * that the ridges would be a line.
 * @param {{low: number, high: number}} sums @param {...number} others @returns {[number, number]}
 */
export function axis({ low, high }, ...others) {
  const span = high - low;
  const near = others.filter((value) => value >= low - span && value <= high + span);
  return [Math.min(low, ...near) - 0.06 * span, Math.max(high, ...near) + 0.06 * span];
}

export class BiasView {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{onDrag: (bias: number) => void, onDrop: () => void, onHover?: (spot: Spot|null) => void, onPick?: (spot: Spot) => void}} hands
   */
  constructor(canvas, { onDrag, onDrop, onHover = () => {}, onPick = () => {} }) {
    this.canvas = canvas;
    /** @type {[number, number]|null} what the axis shows, as drawn last */
    this.range = null;
    /** @type {[number, number]|null} what it showed when the drag began */
    this.dragging = null;
    /** Where the threshold was drawn last, in CSS pixels. */
    this.threshold = 0;
    /** How many ridges were drawn last. */
    this.classes = 10;
    /** @type {Spot|null} what the keyboard is on */
    this.cursor = null;
    // Between where it was taken and the line itself: it does not jump.
    let aside = 0,
      pressed = false;
    /** @param {PointerEvent} event @param {[number, number]} range */
    const valueAt = (event, [low, high]) => {
      const box = canvas.getBoundingClientRect();
      const t = (event.clientX - aside - box.left) / (box.width - RIGHT);
      return -(low + Math.max(0, Math.min(1, t)) * (high - low));
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this.range) return;
      pressed = true;
      if (!this.takes(event)) return;
      canvas.setPointerCapture(event.pointerId);
      this.dragging = this.range;
      const { left, width } = canvas.getBoundingClientRect(),
        inside = this.threshold >= 0 && this.threshold <= width - RIGHT;
      aside = inside ? event.clientX - left - this.threshold : 0;
      onHover(null);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.dragging) return onDrag(valueAt(event, this.dragging));
      const takes = this.takes(event);
      canvas.classList.toggle("at-handle", takes);
      if (event.pointerType === "mouse") onHover(takes ? null : this.spotAt(event));
    });
    canvas.addEventListener("pointerleave", () => onHover(null));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => {
        const clicked = pressed && end === "pointerup" && !this.dragging;
        pressed = false;
        if (this.dragging) {
          this.dragging = null;
          onDrop();
        }
        const spot = clicked ? this.spotAt(/** @type {PointerEvent} */ (event)) : null;
        if (spot) onPick(spot);
      });
    }
    canvas.addEventListener("keydown", (event) => {
      const step = KEYS[event.key];
      if (step && this.range) {
        const [low, high] = this.range,
          { label, sum } = this.cursor ?? { label: 0, sum: (low + high) / 2 };
        this.cursor = {
          label: Math.max(0, Math.min(this.classes - 1, label + (this.cursor ? step[0] : 0))),
          sum: Math.max(low, Math.min(high, sum + (step[1] * (high - low)) / 40)),
        };
        onHover(this.cursor);
      } else if ((event.key === "Enter" || event.key === " ") && this.cursor) onPick(this.cursor);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    canvas.addEventListener("blur", () => {
      this.cursor = null;
      onHover(null);
    });
  }

  /** Whether a pointer takes the threshold's handle. @param {PointerEvent} event */
  takes(event) {
    const box = this.canvas.getBoundingClientRect(),
      plot = box.width - RIGHT,
      x = event.clientX - box.left,
      foot = event.clientY > box.bottom - BOTTOM - 12;
    if (this.threshold < 0) return x < ARROW && !foot;
    if (this.threshold > plot) return x > plot - ARROW && x <= plot && !foot;
    const reach = event.pointerType === "touch" ? REACH.touch : foot ? REACH.foot : REACH.mouse;
    return Math.abs(x - this.threshold) <= reach;
  }

  /** The ridge under a pointer, and the sum there. @param {PointerEvent} event @returns {Spot|null} */
  spotAt(event) {
    if (!this.range) return null;
    const box = this.canvas.getBoundingClientRect(),
      [low, high] = this.range;
    const x = event.clientX - box.left,
      y = event.clientY - box.top - TOP,
      floor = box.height - BOTTOM;
    if (x < 0 || x > box.width || y < 0 || y > floor) return null;
    const label = Math.min(this.classes - 1, Math.floor((this.classes * y) / (floor - TOP)));
    return { label, sum: low + Math.min(1, x / (box.width - RIGHT)) * (high - low) };
  }

  /** Draw all of it. @param {Shown} shown */
  draw({ sums, counts, shares, names, bias, sum, activation, current, style }) {
    const { context: g, width, height } = crisp(this.canvas, boxOf(this.canvas));
    const plot = width - RIGHT,
      floor = height - BOTTOM;
    // While the threshold is dragged the axis must not run away under the pointer.
    const range = this.dragging ?? axis(sums, -bias, sum);
    this.range = range;
    this.classes = counts.length;
    const [low, high] = range;
    /** @param {number} value */
    const x = (value) => (plot * (value - low)) / (high - low);
    const threshold = x(-bias);
    this.threshold = threshold;

    g.fillStyle = style.plate;
    g.fillRect(0, 0, width, height);
    g.fillStyle = style.accentFaint;
    const fires = Math.max(0, Math.min(plot, threshold));
    g.fillRect(fires, 0, plot - fires, floor);
    ridges(g, { sums, counts, shares, names, current, style, x, plot, width, floor });
    curve(g, { activation, bias, sum, range, style, x, floor });
    if (threshold >= 0 && threshold <= plot) mark(g, threshold, floor, style);
    else beyond(g, threshold > plot ? plot : 0, -bias, floor, style);
    if (this.cursor) {
      const rowHeight = (floor - TOP) / this.classes;
      g.strokeStyle = style.text;
      g.lineWidth = 1.5;
      g.strokeRect(x(this.cursor.sum) - 5, TOP + rowHeight * this.cursor.label, 10, rowHeight);
    }

    g.fillStyle = style.text;
    g.globalAlpha = 0.65;
    g.textAlign = "left";
    g.fillText(number(low, 1), 2, height - 4);
    g.textAlign = "right";
    g.fillText(number(high, 1), plot - 2, height - 4);
    g.textAlign = "center";
    const central = threshold > plot * 0.3 && threshold < plot * 0.7;
    const middle = central ? (threshold < plot / 2 ? plot * 0.8 : plot * 0.2) : plot / 2;
    g.fillText("weighted sum", middle, height - 4);
    g.globalAlpha = 1;
  }
}

/** @type {{[key: string]: [number, number]}} ridges and steps along them */
const KEYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * One ridge a class, with the share of its digits on which the neuron fires.
 * @param {CanvasRenderingContext2D} g @param {any} shown
 */
function ridges(g, { sums, counts, shares, names, current, style, x, plot, width, floor }) {
  const rowHeight = (floor - TOP) / counts.length,
    // Of many classes there is room for some names.
    every = Math.ceil(LEAST_LINE / rowHeight),
    { bins } = sums,
    left = x(sums.low),
    right = x(sums.high),
    wide = (right - left) / bins;
  g.font = `10px ${style.font}`;
  g.textBaseline = "alphabetic";
  for (let digit = 0; digit < counts.length; digit++) {
    const base = TOP + rowHeight * (digit + 1) - 1;
    let most = 1;
    for (let k = 0; k < bins; k++) most = Math.max(most, counts[digit][k]);
    g.beginPath();
    g.moveTo(left, base);
    for (let k = 0; k < bins; k++)
      g.lineTo(left + (k + 0.5) * wide, base - (rowHeight * 1.25 * counts[digit][k]) / most);
    g.lineTo(right, base);
    g.closePath();
    g.globalAlpha = digit === current ? 0.95 : 0.34;
    g.fillStyle = digit === current ? style.accent : style.text;
    g.fill();
    g.globalAlpha = digit === current ? 1 : 0.65;
    const near = every > 1 && digit !== current && Math.abs(digit - current) < every;
    if (near || (digit % every && digit !== current)) {
      g.globalAlpha = 1;
      continue;
    }
    g.textAlign = "left";
    const line = Math.max(base, LEAST_LINE);
    g.fillText(names[digit], plot + 4, line);
    g.textAlign = "right";
    g.fillText(shares[digit] === null ? "–" : `${wholePercent(shares[digit])}%`, width - 2, line);
    g.globalAlpha = 1;
  }
}

/**
 * The curve is drawn in its own range: the largest |activation| reaches top or bottom.
 * @param {CanvasRenderingContext2D} g @param {any} shown
 */
function curve(g, { activation, bias, sum, range: [low, high], style, x, floor }) {
  const xs = Float32Array.from({ length: 129 }, (_, k) => low + ((high - low) * k) / 128);
  const name = activation === "softmax" ? "identity" : activation;
  const ys = activate(
    name,
    xs.map((value) => value + bias),
  );
  const bottom = Math.min(0, ...ys),
    top = Math.max(...ys, bottom + 1e-6);
  /** @param {number} a */
  const y = (a) => floor - 2 - ((floor - TOP - 4) * (a - bottom)) / (top - bottom);
  g.strokeStyle = style.curve;
  g.lineWidth = 1.5;
  g.beginPath();
  for (let k = 0; k < ys.length; k++) {
    if (k) g.lineTo(x(xs[k]), y(ys[k]));
    else g.moveTo(x(xs[k]), y(ys[k]));
  }
  g.stroke();
  if (!(sum >= low && sum <= high)) return;
  const a = activate(name, Float32Array.of(sum + bias))[0];
  g.fillStyle = style.curve;
  g.strokeStyle = style.background;
  g.beginPath();
  g.arc(x(sum), y(a), 4.5, 0, 2 * Math.PI);
  g.fill();
  g.stroke();
}

/** @param {CanvasRenderingContext2D} g @param {number} at @param {number} floor @param {Style} style */
function mark(g, at, floor, style) {
  g.strokeStyle = style.accent;
  g.lineWidth = 2;
  g.beginPath();
  g.moveTo(at, 0);
  g.lineTo(at, floor);
  g.stroke();
  g.fillStyle = style.accent;
  g.beginPath();
  g.moveTo(at - 8, floor + 10);
  g.lineTo(at + 8, floor + 10);
  g.lineTo(at, floor - 2);
  g.fill();
}

/**
 * The threshold is off the axis: an arrow at that edge, and where it is.
 * @param {CanvasRenderingContext2D} g @param {number} edge @param {number} value @param {number} floor
 * @param {Style} style
 */
function beyond(g, edge, value, floor, style) {
  const way = edge ? 1 : -1,
    tip = edge - 2 * way;
  g.fillStyle = style.accent;
  g.beginPath();
  g.moveTo(tip, floor / 2);
  g.lineTo(tip - 8 * way, floor / 2 - 6);
  g.lineTo(tip - 8 * way, floor / 2 + 6);
  g.fill();
  const said = `threshold ${number(value, 1)}`,
    wide = g.measureText(said).width + 6,
    left = edge ? tip - 12 - wide : tip + 12;
  g.fillStyle = style.plate;
  g.fillRect(left, floor / 2 - 8, wide, 16);
  g.fillStyle = style.accent;
  g.textAlign = "left";
  g.fillText(said, left + 3, floor / 2 + 4);
}
