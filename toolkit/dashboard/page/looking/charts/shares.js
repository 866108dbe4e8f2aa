// A table of shares as a chart: the same record that the workbench's table is drawn from.
import { ACCENT, BAD, SIZE, SOFT, TEXT } from "./axes.js";
import { textWidth } from "./scale.js";

/** @typedef {import("./types.js").Drawing} Drawing */
/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("./types.js").Table} Numbers */
/** @typedef {import("../../workbench/tablecanvas.js").Table} Table */
/**
 * @typedef {object} Shares
 * @property {Table} table
 * @property {{rows?: string, columns?: string}} [labels] what they are
 * @property {(row: number, column: number) => void} [act]
 * @property {number} [most] how wide a cell at most, in CSS pixels
 * @property {number} [high] how high a cell at most
 */

const MANY = 24, // rows, from which on they are lower, and every other one is named
  LOW = 9;

/** @param {Shares} given @param {number} width @returns {Drawing} */
export function shares({ table, labels = {}, act, most = 40, high = 30 }, width) {
  const { rows, columns, heads, sides } = table;
  const named = Math.max(8, ...sides.map((name) => textWidth(name, SIZE)));
  const left = Math.min(width / 2.5, named + 8) + (labels.rows ? SIZE + 5 : 0),
    top = SIZE + 6 + (labels.columns ? SIZE + 5 : 0);
  const w = Math.min(most, (width - left - 2) / Math.max(1, columns)),
    h = Math.min(high, Math.max(rows > MANY ? LOW : 18, w));
  /** @type {Mark[]} */
  const marks = [];
  if (labels.columns)
    marks.push({
      kind: "text",
      x: left + (w * columns) / 2,
      y: SIZE,
      text: labels.columns,
      anchor: "middle",
      fill: SOFT,
    });
  if (labels.rows)
    marks.push({
      kind: "text",
      x: SIZE,
      y: top + (h * rows) / 2,
      text: labels.rows,
      anchor: "middle",
      fill: SOFT,
      turn: -90,
    });
  let free = Number.NEGATIVE_INFINITY;
  heads.forEach((name, column) => {
    const x = left + (column + 0.5) * w,
      half = textWidth(name, SIZE) / 2;
    if (x - half < free) return;
    free = x + half + 2;
    marks.push({ kind: "text", x, y: top - 5, text: name, anchor: "middle", fill: SOFT });
  });
  for (let row = 0; row < rows; row++) {
    const y = top + row * h;
    if (h > LOW || row % 2 === 0)
      marks.push({
        kind: "text",
        x: left - 6,
        y: y + h / 2 + 4,
        text: sides[row],
        anchor: "end",
        fill: SOFT,
      });
    for (let column = 0; column < columns; column++) marks.push(...cell(table, row, column, left, y, w, h));
  }
  return {
    width,
    height: top + rows * h + 3,
    marks,
    spots: {
      count: rows * columns,
      across: columns,
      at: (x, y) => {
        const [column, row] = [Math.floor((x - left) / w), Math.floor((y - top) / h)];
        return column < 0 || column >= columns || row < 0 || row >= rows ? -1 : row * columns + column;
      },
      box: (k) => ({
        x: left + (k % columns) * w,
        y: top + Math.floor(k / columns) * h,
        width: w - 1,
        height: h - 1,
      }),
      says: (k) => table.says(Math.floor(k / columns), k % columns),
      act: act && ((k) => act(Math.floor(k / columns), k % columns)),
    },
  };
}

/**
 * @param {Table} table @param {number} row @param {number} column
 * @param {number} left @param {number} y @param {number} w @param {number} h
 * @returns {Mark[]}
 */
function cell(table, row, column, left, y, w, h) {
  const x = left + column * w,
    share = Math.max(0, Math.min(1, table.share(row, column) || 0)),
    text = table.text(row, column);
  /** @type {Mark[]} */
  const marks = [
    {
      kind: "rect",
      x,
      y,
      width: w - 1,
      height: h - 1,
      fill: table.bad?.(row, column) ? BAD : ACCENT,
      opacity: 0.06 + 0.94 * share,
    },
  ];
  if (text && w >= textWidth(text, 10) + 2)
    marks.push({
      kind: "text",
      x: x + (w - 1) / 2,
      y: y + h / 2 + 3,
      text,
      anchor: "middle",
      fill: share > 0.55 ? "#fff" : TEXT,
      size: 10,
    });
  return marks;
}

/**
 * Its cells as numbers.
 * @param {Table} table @param {(row: number, column: number) => string|number|null} value @param {string} [corner]
 * @returns {Numbers}
 */
export function sharesTable({ rows, columns, heads, sides }, value, corner = "") {
  return {
    columns: [corner, ...heads.slice(0, columns)],
    rows: Array.from({ length: rows }, (_, row) => [
      sides[row],
      ...Array.from({ length: columns }, (_, column) => value(row, column)),
    ]),
  };
}
