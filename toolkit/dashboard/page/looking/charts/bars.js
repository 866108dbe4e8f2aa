// Bars with a sign, one a thing with a name; and a histogram, bars over an axis of numbers.
import { ACCENT, axes, BAD, legend, SERIES, SOFT, TEXT } from "./axes.js";
import { extent, short, textWidth } from "./scale.js";

/** @typedef {import("./types.js").Drawing} Drawing */
/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("./types.js").Table} Table */
/**
 * @typedef {object} Bars
 * @property {ArrayLike<number>} values
 * @property {string[]} names one a bar
 * @property {string} label of the values, with the unit
 * @property {string} [things] what the names are
 * @property {(value: number) => string} [text]
 * @property {(k: number) => string} [says]
 * @property {(k: number) => string} [colour]
 * @property {ReadonlySet<number>} [strong] which are written boldly
 * @property {number} [height]
 * @property {number} [base] from where bars go up or down; 0 without
 * @property {ArrayLike<number>} [before] what each was before, as a line across it
 * @property {number} [low] at least so far down the axis goes
 * @property {number} [high]
 * @property {(k: number) => void} [act]
 */

/** @param {Bars} given @param {number} width @returns {Drawing} */
export function bars(given, width) {
  const { values, names, label, things, text = short, height = 190, act, strong, base = 0, before } = given;
  const count = values.length;
  const [low, high] = extent(values) ?? [0, 0];
  const y = { low: Math.min(0, low, given.low ?? 0), high: Math.max(0, high, given.high ?? 0), label, text };
  if (y.low === y.high) y.high = 1;
  const { marks, X, Y, box } = axes({
    width,
    height,
    x: {
      low: -0.5,
      high: Math.max(0.5, count - 0.5),
      label: things,
      ticks: Array.from({ length: count }, (_, k) => k),
      text: (k) => names[k] ?? "",
    },
    y,
  });
  const step = box.width / Math.max(1, count),
    wide = Math.max(1, step * 0.72);
  const zero = Y(base);
  for (let k = 0; k < count; k++) {
    const value = values[k];
    if (!Number.isFinite(value)) {
      marks.push({ kind: "text", x: X(k), y: zero - 3, text: "×", anchor: "middle", fill: SOFT });
      continue;
    }
    const top = Math.min(zero, Y(value));
    const fill = given.colour?.(k) ?? (value < base ? BAD : ACCENT);
    const high = Math.max(0.5, Math.abs(Y(value) - zero));
    marks.push({
      kind: "rect",
      x: X(k) - wide / 2,
      y: top,
      width: wide,
      height: high,
      fill,
      opacity: strong && !strong.has(k) ? 0.55 : 1,
    });
  }
  for (let k = 0; k < (before?.length ?? 0); k++)
    if (before && Number.isFinite(before[k]))
      marks.push({
        kind: "line",
        x1: X(k) - step * 0.45,
        y1: Y(before[k]),
        x2: X(k) + step * 0.45,
        y2: Y(before[k]),
        stroke: TEXT,
        thick: 1.5,
      });
  marks.push({ kind: "line", x1: box.x, y1: zero, x2: box.x + box.width, y2: zero, stroke: TEXT });
  return {
    width,
    height,
    marks,
    spots: {
      count,
      across: count,
      at: (x, y) => {
        const k = Math.floor((x - box.x) / step);
        return k < 0 || k >= count || y < box.y ? -1 : k;
      },
      box: (k) => ({ x: X(k) - step / 2, y: box.y, width: step, height: box.height }),
      says: (k) => given.says?.(k) ?? `${things ? `${things} ` : ""}${names[k]}: ${text(values[k])}`,
      act,
    },
  };
}

/** @param {Bars} given @returns {Table} */
export function barsTable({ values, names, label, things }) {
  return { columns: [things ?? "name", label], rows: Array.from(values, (value, k) => [names[k], value]) };
}

/**
 * @typedef {object} Histogram
 * @property {ArrayLike<number>} edges one more than counts
 * @property {{name: string, counts: ArrayLike<number>, colour?: string}[]} series over each other
 * @property {string} label of the axis of numbers, with the unit
 * @property {string} [counted] what is counted
 * @property {{at: number, label: string}[]} [marks] vertical lines
 * @property {number} [height]
 * @property {(bin: number) => void} [act]
 */

/** @param {Histogram} given @param {number} width @returns {Drawing} */
export function histogram(
  { edges, series, label, counted = "count", marks: upright = [], height = 190, act },
  width,
) {
  const coloured = series.map((each, k) => ({ ...each, colour: each.colour ?? SERIES[k % SERIES.length] }));
  const names = legend(coloured.length > 1 ? coloured : [], width);
  const count = Math.max(0, edges.length - 1);
  const top = Math.max(1, ...coloured.flatMap(({ counts }) => Array.from(counts)));
  const low = count ? edges[0] : 0,
    high = count ? edges[count] : 1;
  const { marks, X, Y, box } = axes({
    width,
    height,
    x: { low, high: high > low ? high : low + 1, label },
    y: { low: 0, high: top, label: counted },
    top: names.height + 8,
  });
  marks.push(...names.marks);
  for (const { counts, colour } of coloured)
    for (let k = 0; k < count; k++) {
      const y = Y(counts[k]);
      if (counts[k] > 0)
        marks.push({
          kind: "rect",
          x: X(edges[k]),
          y,
          width: Math.max(0.6, X(edges[k + 1]) - X(edges[k]) - 0.6),
          height: Y(0) - y,
          fill: colour,
          opacity: coloured.length > 1 ? 0.55 : 0.85,
        }); // prettier-ignore
    }
  for (const { at, label: said } of upright) {
    const late = X(at) + textWidth(said, 11) > box.x + box.width;
    marks.push(
      { kind: "line", x1: X(at), y1: box.y, x2: X(at), y2: box.y + box.height, stroke: TEXT, dash: "4 3" },
      {
        kind: "text",
        x: X(at) + (late ? -4 : 4),
        y: box.y + 9,
        text: said,
        anchor: late ? "end" : "start",
        fill: TEXT,
      },
    );
  }
  return {
    width,
    height,
    marks,
    spots: {
      count,
      across: count,
      at: (x, y) => {
        if (y < box.y || x < box.x || x > box.x + box.width) return -1;
        for (let k = 0; k < count; k++) if (x < X(edges[k + 1])) return k;
        return -1;
      },
      box: (k) => ({ x: X(edges[k]), y: box.y, width: X(edges[k + 1]) - X(edges[k]), height: box.height }),
      says: (k) =>
        `${short(edges[k])} to ${short(edges[k + 1])}: ${coloured
          .map((each) => `${coloured.length > 1 ? `${each.name} ` : ""}${short(each.counts[k], 6)}`)
          .join(", ")}`,
      act,
    },
  };
}

/** @param {Histogram} given @returns {Table} */
export function histogramTable({ edges, series }) {
  return {
    columns: ["from", "to", ...series.map(({ name }) => name)],
    rows: Array.from({ length: Math.max(0, edges.length - 1) }, (_, k) => [
      edges[k],
      edges[k + 1],
      ...series.map(({ counts }) => counts[k]),
    ]), // prettier-ignore
  };
}
