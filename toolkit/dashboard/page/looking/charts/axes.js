// A chart's frame: two axes with ticks, their labels with units, and the places of values.
import { linear, short, textWidth, ticks } from "./scale.js";

/** @typedef {import("./types.js").Mark} Mark */
/**
 * An axis over numbers, or over things that have names.
 * @typedef {object} Axis
 * @property {number} low
 * @property {number} high
 * @property {string} [label] what it measures, with its unit
 * @property {number[]} [ticks]
 * @property {(value: number) => string} [text] of a tick
 */

export const TEXT = "var(--look-text)";
export const SOFT = "var(--look-soft)";
export const GRID = "var(--look-grid)";
export const ACCENT = "var(--look-accent)";
export const GOOD = "var(--look-good)";
export const BAD = "var(--look-bad)";
/** Of series, in turn. */
export const SERIES = [ACCENT, "#d9822b", "#2a9d8f", "#a855c7", "#d64545", "#7a8a99", "#b59b00", "#d6619e"];
export const SIZE = 11;
const MOST_TICKS = 40; // with more of them only those with a text are drawn

/**
 * @param {{width: number, height: number, x: Axis, y: Axis, top?: number, right?: number}} given
 * @returns {{marks: Mark[], X: (value: number) => number, Y: (value: number) => number, box: {x: number, y: number, width: number, height: number}}}
 */
export function axes({ width, height, x, y, top = 8, right = 10 }) {
  const yTicks = y.ticks ?? ticks(y.low, y.high, Math.max(2, Math.floor(height / 45)));
  const yText = y.text ?? short;
  const left = Math.max(...yTicks.map((at) => textWidth(yText(at), SIZE)), 8) + 9 + (y.label ? SIZE + 5 : 0);
  const last = textWidth((x.text ?? short)(x.high), SIZE) / 2;
  right = Math.max(right, last + 2);
  const bottom = SIZE + 9 + (x.label ? SIZE + 6 : 0);
  const box = {
    x: left,
    y: top,
    width: Math.max(10, width - left - right),
    height: Math.max(10, height - top - bottom),
  };
  const X = linear(x.low, x.high, box.x, box.x + box.width),
    Y = linear(y.low, y.high, box.y + box.height, box.y);
  /** @type {Mark[]} */
  const marks = [];
  const base = box.y + box.height;
  for (const at of yTicks) {
    const place = Y(at);
    marks.push(
      { kind: "line", x1: box.x, y1: place, x2: box.x + box.width, y2: place, stroke: GRID },
      { kind: "text", x: box.x - 5, y: place + SIZE * 0.35, text: yText(at), anchor: "end", fill: SOFT },
    );
  }
  marks.push(...below(x, X, box, base));
  marks.push({ kind: "line", x1: box.x, y1: base, x2: box.x + box.width, y2: base, stroke: SOFT });
  if (y.label)
    marks.push({
      kind: "text",
      x: SIZE,
      y: box.y + box.height / 2,
      text: y.label,
      anchor: "middle",
      fill: SOFT,
      turn: -90,
    });
  if (x.label)
    marks.push({
      kind: "text",
      x: box.x + box.width / 2,
      y: height - 4,
      text: x.label,
      anchor: "middle",
      fill: SOFT,
    });
  return { marks, X, Y, box };
}

/**
 * @param {Axis} x @param {(value: number) => number} X
 * @param {{x: number, width: number}} box @param {number} base
 * @returns {Mark[]}
 */
function below(x, X, box, base) {
  const text = x.text ?? short;
  const wanted = (x.ticks ?? ticks(x.low, x.high, Math.max(2, Math.floor(box.width / 60)))).filter(
    (at) => at >= x.low && at <= x.high,
  );
  /** @type {Mark[]} */
  const marks = [];
  let free = Number.NEGATIVE_INFINITY;
  for (const at of wanted) {
    const place = X(at),
      half = textWidth(text(at), SIZE) / 2;
    const room = place - half >= free; // no text over another
    if (room || wanted.length <= MOST_TICKS)
      marks.push({ kind: "line", x1: place, y1: base, x2: place, y2: base + 4, stroke: SOFT });
    if (!room) continue;
    free = place + half + 3;
    marks.push({ kind: "text", x: place, y: base + SIZE + 5, text: text(at), anchor: "middle", fill: SOFT });
  }
  return marks;
}

/**
 * What colours mean, in a line above a chart; as many lines as it takes.
 * @param {{name: string, colour: string, dash?: string}[]} series @param {number} width
 * @returns {{marks: Mark[], height: number}}
 */
export function legend(series, width) {
  /** @type {Mark[]} */
  const marks = [];
  let x = 4,
    y = SIZE;
  for (const { name, colour, dash } of series) {
    const wide = textWidth(name, SIZE) + 30;
    if (x > 4 && x + wide > width) {
      x = 4;
      y += SIZE + 5;
    }
    marks.push(
      { kind: "line", x1: x, y1: y - 4, x2: x + 16, y2: y - 4, stroke: colour, thick: 2.5, dash },
      { kind: "text", x: x + 20, y, text: name, fill: TEXT },
    );
    x += wide;
  }
  return { marks, height: series.length ? y + 6 : 0 };
}
