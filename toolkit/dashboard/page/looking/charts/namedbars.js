// Bars that lie, one a line with its name before it and its figure behind: names are read, not guessed.
import { ACCENT, axes, SIZE, SOFT, TEXT } from "./axes.js";
import { textWidth } from "./scale.js";

/** @typedef {import("./types.js").Drawing} Drawing */
/** @typedef {import("./types.js").Mark} Mark */
/**
 * @typedef {object} NamedBars
 * @property {number[]} values at least 0
 * @property {string[]} names
 * @property {string} label of the values, with the unit
 * @property {(k: number) => string} figure behind a bar
 * @property {(k: number) => string} says
 * @property {ReadonlySet<number>} [strong] which stand out
 * @property {number} [high] the end of the axis at least
 */

const LINE = 26,
  BAR = 16;

/** @param {NamedBars} given @param {number} width @returns {Drawing} */
export function namedBars({ values, names, label, figure, says, strong, high = 0 }, width) {
  const left = Math.min(width / 2, Math.max(...names.map((name) => textWidth(name, SIZE + 1)), 8) + 10);
  const right = Math.max(...names.map((_, k) => textWidth(figure(k), SIZE)), 8) + 8;
  const top = Math.max(high, ...values.filter(Number.isFinite)) || 1;
  const height = names.length * LINE + 40;
  const { marks, X, box } = axes({
    width: Math.max(30, width - left - right + 30),
    height,
    x: { low: 0, high: top, label },
    y: { low: 0, high: 1, ticks: [], text: () => "" },
    top: 2,
  });
  const shift = left - box.x;
  /** @type {Mark[]} */
  const moved = marks.map((mark) => {
    if (mark.kind === "line") return { ...mark, x1: mark.x1 + shift, x2: mark.x2 + shift };
    return "x" in mark ? { ...mark, x: mark.x + shift } : mark;
  });
  const at = (/** @type {number} */ k) => 2 + k * LINE;
  names.forEach((name, k) => {
    const y = at(k),
      wide = Number.isFinite(values[k]) ? X(values[k]) - box.x : 0,
      bold = strong?.has(k);
    moved.push(
      { kind: "text", x: left - 8, y: y + BAR - 1, text: name, anchor: "end", fill: TEXT, bold },
      {
        kind: "rect",
        x: left,
        y: y + 2,
        width: Math.max(0.5, wide),
        height: BAR,
        fill: ACCENT,
        opacity: strong && !bold ? 0.5 : 1,
      },
      { kind: "text", x: left + wide + 6, y: y + BAR - 1, text: figure(k), fill: SOFT },
    );
  });
  return {
    width,
    height,
    marks: moved,
    spots: {
      count: names.length,
      across: 1,
      at: (_, y) => {
        const k = Math.floor((y - 2) / LINE);
        return k < 0 || k >= names.length ? -1 : k;
      },
      box: (k) => ({ x: left - 1, y: at(k) + 1, width: box.width + 2, height: BAR + 2 }),
      says,
    },
  };
}
