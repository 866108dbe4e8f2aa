// A matrix of values as cells with a scale, rows and columns named at its sides.
import { colourOf } from "../../workbench/draw.js";
import { SIZE, SOFT } from "./axes.js";
import { coloured, limitOf, scaleBar } from "./maps.js";
import { short, textWidth } from "./scale.js";

/** @typedef {import("./types.js").Drawing} Drawing */
/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("./types.js").Table} Table */
/** @typedef {import("../../workbench/draw.js").Look} Look */

/**
 * @typedef {object} Heat
 * @property {ArrayLike<number>} values row-major
 * @property {string[]} rows their names
 * @property {string[]} columns
 * @property {Look} look
 * @property {number} [limit]
 * @property {{rows?: string, columns?: string}} [labels] what they are
 * @property {string} [unit] what a value is, on the scale
 * @property {(value: number) => string} [text] written into a cell where there is room
 * @property {(row: number, column: number) => string} [says]
 * @property {(row: number, column: number) => void} [act]
 * @property {number} [most] how wide a cell at most, in CSS pixels
 * @property {number} [cell] how high one; as high as wide without
 */

/** A matrix of values as cells. @param {Heat} given @param {number} width @returns {Drawing} */
export function heat(given, width) {
  const { values, rows, columns, look, labels = {}, unit = "", text = short, says, act, most = 44 } = given;
  const limit = given.limit ?? limitOf(values);
  const named = Math.max(8, ...rows.map((name) => textWidth(name, SIZE)));
  const left = Math.min(width / 3, named + 7) + (labels.rows ? SIZE + 5 : 0),
    top = SIZE + 6 + (labels.columns ? SIZE + 5 : 0);
  const cell = Math.min(most, (width - left - 2) / Math.max(1, columns.length)),
    high = Math.min(given.cell ?? cell, most);
  const w = cell * columns.length,
    h = high * rows.length;
  const pixels = coloured(values, rows.length * columns.length, limit, look);
  /** @type {Mark[]} */
  const marks = [
    {
      kind: "cells",
      x: left,
      y: top,
      width: w,
      height: h,
      columns: columns.length,
      rows: rows.length,
      pixels,
    },
  ];
  if (labels.columns)
    marks.push({
      kind: "text",
      x: left + w / 2,
      y: SIZE,
      text: labels.columns,
      anchor: "middle",
      fill: SOFT,
    });
  if (labels.rows)
    marks.push({
      kind: "text",
      x: SIZE,
      y: top + h / 2,
      text: labels.rows,
      anchor: "middle",
      fill: SOFT,
      turn: -90,
    });
  let free = Number.NEGATIVE_INFINITY;
  columns.forEach((name, k) => {
    const x = left + (k + 0.5) * cell,
      half = textWidth(name, SIZE) / 2;
    if (x - half < free) return;
    free = x + half + 3;
    marks.push({ kind: "text", x, y: top - 5, text: name, anchor: "middle", fill: SOFT });
  });
  const every = Math.max(1, Math.ceil((SIZE + 1) / high));
  rows.forEach((name, k) => {
    if (k % every === 0)
      marks.push({
        kind: "text",
        x: left - 5,
        y: top + (k + 0.5) * high + 4,
        text: name,
        anchor: "end",
        fill: SOFT,
      });
  });
  if (cell >= 26 && high >= 15)
    for (let k = 0; k < values.length; k++) {
      const [r, g, b] = colourOf(values[k], limit, look);
      const fill = 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#000" : "#fff";
      const x = left + ((k % columns.length) + 0.5) * cell,
        y = top + (Math.floor(k / columns.length) + 0.5) * high + 3.5;
      marks.push({ kind: "text", x, y, text: text(values[k]), anchor: "middle", fill, size: 10 });
    }
  const scale = scaleBar({
    x: left,
    y: top + h + 8,
    width: Math.max(60, Math.min(w, 260)),
    limit,
    look,
    unit,
  });
  marks.push(...scale.marks);
  return {
    width,
    height: top + h + 8 + scale.height,
    marks,
    spots: {
      count: values.length,
      across: columns.length,
      at: (x, y) => {
        const column = Math.floor((x - left) / cell),
          row = Math.floor((y - top) / high);
        return column < 0 || column >= columns.length || row < 0 || row >= rows.length
          ? -1
          : row * columns.length + column;
      },
      box: (k) => ({
        x: left + (k % columns.length) * cell,
        y: top + Math.floor(k / columns.length) * high,
        width: cell,
        height: high,
      }),
      says: (k) => {
        const row = Math.floor(k / columns.length),
          column = k % columns.length;
        return says?.(row, column) ?? `${rows[row]}, ${columns[column]}: ${short(values[k])}`;
      },
      act: act && ((k) => act(Math.floor(k / columns.length), k % columns.length)),
    },
  };
}

/** @param {Heat} given @returns {Table} */
export function heatTable({ values, rows, columns }) {
  return {
    columns: ["", ...columns],
    rows: rows.map((name, k) => [
      name,
      ...Array.from(values).slice(k * columns.length, (k + 1) * columns.length),
    ]),
  };
}
