// How values lie, a row for each thing: a box from 25 to 75%, a line from 5 to 95%, the median.
import { ACCENT, axes, SOFT, TEXT } from "./axes.js";
import { extent, short, widened } from "./scale.js";

/** @typedef {import("./types.js").Drawing} Drawing */
/** @typedef {import("./types.js").Table} Table */
/**
 * @typedef {object} Quantiles
 * @property {string[]} names one a row
 * @property {ArrayLike<number>[]} rows 5, 25, 50, 75 and 95% of each
 * @property {string} label of the axis, with the unit
 * @property {string} [things] what the names are
 * @property {{at: number, label: string}[]} [marks] vertical lines, as a threshold
 * @property {ReadonlySet<number>} [strong]
 * @property {(k: number) => string} [says]
 * @property {(k: number) => void} [act]
 */

/** @param {Quantiles} given @param {number} width @returns {Drawing} */
export function quantiles({ names, rows, label, things, marks: upright = [], strong, says, act }, width) {
  const line = 17,
    height = rows.length * line + 60;
  const [low, high] = widened(
    ...(extent([...rows.flatMap((row) => Array.from(row)), ...upright.map(({ at }) => at)]) ?? [0, 1]),
  );
  const pad = 0.03 * (high - low);
  const { marks, X, Y, box } = axes({
    width,
    height,
    top: 18,
    x: { low: low - pad, high: high + pad, label },
    y: {
      low: rows.length - 0.5,
      high: -0.5,
      label: things,
      ticks: rows.map((_, k) => k),
      text: (k) => names[k] ?? "",
    },
  }); // prettier-ignore
  rows.forEach((row, k) => {
    if (![...Array.from(row)].every(Number.isFinite)) {
      marks.push({ kind: "text", x: box.x + 4, y: Y(k) + 4, text: "–", fill: SOFT });
      return;
    }
    const y = Y(k),
      opacity = strong && !strong.has(k) ? 0.55 : 1;
    marks.push(
      { kind: "line", x1: X(row[0]), y1: y, x2: X(row[4]), y2: y, stroke: ACCENT, opacity },
      {
        kind: "rect",
        x: X(row[1]),
        y: y - 5,
        width: Math.max(1, X(row[3]) - X(row[1])),
        height: 10,
        fill: ACCENT,
        opacity: 0.7 * opacity,
      },
      { kind: "line", x1: X(row[2]), y1: y - 6, x2: X(row[2]), y2: y + 6, stroke: TEXT, thick: 2 },
    );
  });
  for (const { at, label: said } of upright) {
    const late = X(at) > box.x + box.width / 2;
    marks.push(
      { kind: "line", x1: X(at), y1: 4, x2: X(at), y2: box.y + box.height, stroke: TEXT, dash: "4 3" },
      {
        kind: "text",
        x: X(at) + (late ? -4 : 4),
        y: 12,
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
      count: rows.length,
      across: 1,
      at: (x, y) => {
        const k = Math.floor(((y - box.y) / box.height) * rows.length);
        return x < 0 || k < 0 || k >= rows.length ? -1 : k;
      },
      box: (k) => ({ x: box.x, y: Y(k) - line / 2, width: box.width, height: line }),
      says: (k) =>
        says?.(k) ??
        `${names[k]}: half lie between ${short(rows[k][1])} and ${short(rows[k][3])}, median ${short(rows[k][2])}`,
      act,
    },
  };
}

/** @param {Quantiles} given @returns {Table} */
export function quantilesTable({ names, rows, things }) {
  return {
    columns: [things ?? "name", "5%", "25%", "50%", "75%", "95%"],
    rows: rows.map((row, k) => [names[k], ...Array.from(row)]),
  };
}
