// Two bars a thing, side by side: one of each of two networks.
import { axes, legend, SERIES } from "./axes.js";
import { extent, short } from "./scale.js";

/** @typedef {import("./types.js").Drawing} Drawing */
/** @typedef {import("./types.js").Table} Table */
/**
 * @typedef {object} PairedBars
 * @property {[string, string]} names of the two
 * @property {[ArrayLike<number>, ArrayLike<number>]} values
 * @property {string[]} things that have two bars each
 * @property {string} label of the values, with the unit
 * @property {string} thing what the things are
 * @property {(which: number, k: number) => string} [says]
 * @property {number} [high] the end of the axis
 * @property {number} [height]
 */

/** The axis begins below the lowest bar, where that is near the top: else nothing would part them. @param {number} low @param {number} high */
export function beginning(low, high) {
  if (low <= 0 || low < 0.6 * high) return Math.min(0, low);
  return Math.max(0, Math.floor((low - 0.25 * (high - low)) / 5) * 5);
}

/** @param {PairedBars} given @param {number} width @returns {Drawing} */
export function pairedBars({ names, values, things, label, thing, says, high, height = 230 }, width) {
  const colours = [SERIES[0], SERIES[1]];
  const series = names.map((name, k) => ({ name, colour: colours[k] }));
  const head = legend(series, width);
  const all = [...Array.from(values[0]), ...Array.from(values[1])];
  const [least, most] = extent(all) ?? [0, 1];
  const top = high ?? Math.max(most, 0);
  const low = beginning(least, top);
  const { marks, X, Y, box } = axes({
    width,
    height,
    x: {
      low: -0.5,
      high: things.length - 0.5,
      label: thing,
      ticks: things.map((_, k) => k),
      text: (k) => things[k] ?? "",
    },
    y: { low, high: top > low ? top : low + 1, label },
    top: head.height + 8,
  });
  marks.push(...head.marks);
  const step = box.width / Math.max(1, things.length),
    wide = step * 0.36;
  for (let k = 0; k < things.length; k++)
    for (const which of [0, 1]) {
      const value = values[which][k];
      if (!Number.isFinite(value)) continue;
      const y = Y(value);
      marks.push({
        kind: "rect",
        x: X(k) + (which - 1) * wide,
        y,
        width: Math.max(1, wide - 1),
        height: Math.max(0.5, Y(low) - y),
        fill: colours[which],
      });
    }
  return {
    width,
    height,
    marks,
    spots: {
      count: 2 * things.length,
      across: 2 * things.length,
      at: (x, y) => {
        const k = Math.floor((x - box.x) / step);
        if (k < 0 || k >= things.length || y < box.y) return -1;
        return 2 * k + (x < X(k) ? 0 : 1);
      },
      box: (k) => ({
        x: X(k >> 1) + ((k & 1) - 1) * wide,
        y: box.y,
        width: wide,
        height: box.height,
      }),
      says: (k) =>
        says?.(k & 1, k >> 1) ?? `${things[k >> 1]}, ${names[k & 1]}: ${short(values[k & 1][k >> 1])}`,
    },
  };
}

/** @param {PairedBars} given @returns {Table} */
export function pairedBarsTable({ names, values, things, thing }) {
  return { columns: [thing, ...names], rows: things.map((name, k) => [name, values[0][k], values[1][k]]) };
}
