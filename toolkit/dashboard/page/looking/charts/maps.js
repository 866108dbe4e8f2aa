// Pictures of cells: a weight map with its scale, a strip of digits, small maps.
import { colourOf } from "../../workbench/draw.js";
import { BAD, SIZE, SOFT, TEXT } from "./axes.js";
import { short, ticks } from "./scale.js";

/** @typedef {import("./types.js").Drawing} Drawing */
/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("./types.js").Table} Table */
/** @typedef {import("../../workbench/draw.js").Look} Look */
/** @typedef {import("../../workbench/sheet.js").Found} Found */

/** The largest finite size, or 1 where there is none. @param {ArrayLike<number>} values */
export function limitOf(values) {
  let limit = 0;
  for (let k = 0; k < values.length; k++) {
    const size = Math.abs(values[k]);
    if (size > limit && size !== Number.POSITIVE_INFINITY) limit = size;
  }
  return limit || 1;
}

/**
 * Cells in the palette's colours, zero in the middle.
 * @param {ArrayLike<number>} values @param {number} cells how many there are to fill
 * @param {number} limit the value that is brightest @param {Look} look
 * @param {ArrayLike<number>|null} [lit] 0 for pixels that no digit lights
 */
export function coloured(values, cells, limit, look, lit = null) {
  const pixels = new Uint8ClampedArray(4 * cells);
  for (let k = 0; k < cells; k++) {
    if (k < values.length) {
      let [r, g, b] = colourOf(values[k], limit, look);
      if (lit && !lit[k] && Number.isFinite(values[k])) {
        const grey = look.marks.never_lit;
        [r, g, b] = [0.75 * grey[0] + 0.25 * r, 0.75 * grey[1] + 0.25 * g, 0.75 * grey[2] + 0.25 * b];
      }
      pixels.set([r, g, b], 4 * k);
    }
    pixels[4 * k + 3] = 255;
  }
  return pixels;
}

/** Grey levels 0 to 1, ink bright. @param {ArrayLike<number>} levels */
export function grey(levels) {
  const pixels = new Uint8ClampedArray(4 * levels.length);
  for (let k = 0; k < levels.length; k++)
    pixels.set(
      [1, 1, 1, 0].map((on) => (on ? 255 * levels[k] : 255)),
      4 * k,
    );
  return pixels;
}

/**
 * @typedef {object} WeightMap
 * @property {ArrayLike<number>} values
 * @property {number} columns
 * @property {Look} look
 * @property {number} [limit] the value that is brightest; the largest there is without
 * @property {ArrayLike<number>|null} [lit]
 * @property {string} [unit] what a value is, on the scale
 * @property {number} [most] how wide at most, in CSS pixels
 * @property {(k: number) => string} [says]
 * @property {(k: number) => void} [act]
 * @property {{row: number, column: number, label?: string}[]} [marks] cells that are ringed
 * @property {boolean} [plain] without rows' and columns' numbers, as small ones stand
 */

/** A map with rows and columns told at its sides, and under it the scale. @param {WeightMap} given @param {number} width @returns {Drawing} */
export function weightMap(given, width) {
  const {
    values,
    columns,
    look,
    lit = null,
    unit = "",
    most = 420,
    says,
    act,
    marks: rings = [],
    plain,
  } = given;
  const rows = Math.max(1, Math.ceil(values.length / columns));
  const limit = given.limit ?? limitOf(values);
  const left = plain ? 0 : 22,
    top = plain ? 0 : 15;
  const side = Math.max(20, Math.min(width - left - 2, most));
  const cell = Math.min(side / columns, most / rows),
    w = cell * columns,
    h = cell * rows;
  const pixels = coloured(values, rows * columns, limit, look, lit);
  /** @type {Mark[]} */
  const marks = [{ kind: "cells", x: left, y: top, width: w, height: h, columns, rows, pixels }];
  if (!plain) {
    const every = ticks(0, Math.max(columns, rows) - 1, 5).filter(Number.isInteger);
    for (const at of every) {
      const place = (at + 0.5) * cell;
      if (at < columns)
        marks.push({
          kind: "text",
          x: left + place,
          y: top - 4,
          text: String(at),
          anchor: "middle",
          fill: SOFT,
          size: 10,
        });
      if (at < rows)
        marks.push({
          kind: "text",
          x: left - 4,
          y: top + place + 3.5,
          text: String(at),
          anchor: "end",
          fill: SOFT,
          size: 10,
        });
    }
  }
  for (const { row, column, label } of rings) {
    const x = left + column * cell,
      y = top + row * cell;
    marks.push({ kind: "rect", x, y, width: cell, height: cell, fill: "none", stroke: "#fff" });
    if (label)
      marks.push({
        kind: "text",
        x: x + cell / 2,
        y: y + cell * 0.72,
        text: label,
        anchor: "middle",
        fill: "#fff",
        size: Math.min(11, cell),
      });
  }
  const scale = scaleBar({ x: left, y: top + h + 8, width: w, limit, look, unit });
  marks.push(...scale.marks);
  return {
    width: Math.max(left + w + 2, Math.min(width, left + w + 2)),
    height: top + h + 8 + scale.height,
    marks,
    spots: {
      count: values.length,
      across: columns,
      at: (x, y) => {
        const column = Math.floor((x - left) / cell),
          row = Math.floor((y - top) / cell);
        const inside = column >= 0 && column < columns && row >= 0 && row < rows;
        return inside && row * columns + column < values.length ? row * columns + column : -1;
      },
      box: (k) => ({
        x: left + (k % columns) * cell,
        y: top + Math.floor(k / columns) * cell,
        width: cell,
        height: cell,
      }),
      says: (k) => `row ${Math.floor(k / columns)}, column ${k % columns}: ${says?.(k) ?? short(values[k])}`,
      act,
    },
  };
}

/**
 * The colours from least to most, with their numbers.
 * @param {{x: number, y: number, width: number, limit: number, look: Look, unit: string}} given
 * @returns {{marks: Mark[], height: number}}
 */
export function scaleBar({ x, y, width, limit, look, unit }) {
  const many = 101,
    values = Array.from({ length: many }, (_, k) => (limit * (2 * k)) / (many - 1) - limit);
  const pixels = coloured(values, many, limit, look);
  const text = short(limit, 2);
  /** @type {Mark[]} */
  const marks = [
    { kind: "cells", x, y, width, height: 7, columns: many, rows: 1, pixels },
    { kind: "text", x, y: y + 18, text: `−${text}`, fill: SOFT, size: 10 },
    {
      kind: "text",
      x: x + width / 2,
      y: y + 18,
      text: unit && width > 90 ? `0 ${unit}` : "0",
      anchor: "middle",
      fill: SOFT,
      size: 10,
    },
    { kind: "text", x: x + width, y: y + 18, text, anchor: "end", fill: SOFT, size: 10 },
  ];
  return { marks, height: 23 };
}

/** @param {{values: ArrayLike<number>, columns: number, unit?: string}} given @returns {Table} */
export function mapTable({ values, columns, unit = "value" }) {
  const rows = Array.from(values, (value, k) => [Math.floor(k / columns), k % columns, value]);
  return { columns: ["row", "column", unit || "value"], rows };
}

/**
 * @typedef {object} Strip
 * @property {Found[]} digits as `digitsOf` in the workbench's sheet gives them
 * @property {number} columns of a digit
 * @property {boolean} [scored] whether what is read as something else is marked as wrong
 * @property {(k: number) => string} [label] under each
 * @property {(k: number) => string} [says]
 * @property {(k: number) => void} [act]
 * @property {number} [size] how wide a digit is, in CSS pixels
 */

/** A few digits side by side, in as many rows as they take. @param {Strip} given @param {number} width @returns {Drawing} */
export function strip({ digits, columns, scored = true, label, says, act, size = 46 }, width) {
  const step = size + 5,
    across = Math.max(1, Math.floor((width + 5) / step));
  const rows = digits.length ? digits[0].pixels.length / columns : 1;
  const high = (size * rows) / columns,
    line = high + (label ? SIZE + 7 : 5);
  const place = (/** @type {number} */ k) => ({ x: (k % across) * step, y: Math.floor(k / across) * line });
  /** @type {Mark[]} */
  const marks = digits.flatMap((digit, k) => {
    const { x, y } = place(k),
      wrong = scored && digit.read !== digit.label;
    /** @type {Mark[]} */
    const made = [
      {
        kind: "cells",
        x,
        y,
        width: size,
        height: high,
        columns,
        rows,
        pixels: grey(Float32Array.from(digit.pixels, (level) => level / 255)),
      },
    ];
    if (wrong)
      made.push({
        kind: "rect",
        x: x + 0.75,
        y: y + 0.75,
        width: size - 1.5,
        height: high - 1.5,
        fill: "none",
        stroke: BAD,
      });
    if (label)
      made.push({
        kind: "text",
        x: x + size / 2,
        y: y + high + SIZE + 1,
        text: label(k),
        anchor: "middle",
        fill: wrong ? BAD : TEXT,
        size: 10,
      });
    return made;
  });
  return {
    width,
    height: Math.max(1, Math.ceil(digits.length / across)) * line,
    marks,
    spots: {
      count: digits.length,
      across,
      at: (x, y) => {
        const column = Math.floor(x / step),
          k = Math.floor(y / line) * across + column;
        return column < across && k >= 0 && k < digits.length ? k : -1;
      },
      box: (k) => ({ ...place(k), width: size, height: high }),
      says: (k) => says?.(k) ?? `digit ${digits[k].number}: a ${digits[k].label}, read as ${digits[k].read}`,
      act,
    },
  };
}

/** @param {Strip} given @returns {Table} */
export function stripTable({ digits }) {
  return {
    columns: ["digit", "label", "read as"],
    rows: digits.map(({ number, label, read }) => [number, label, read]),
  };
}

/**
 * @typedef {object} Tiles
 * @property {{values: ArrayLike<number>, columns: number, label: string}[]} tiles
 * @property {Look} look
 * @property {number} [limit] one for all; each has its own without
 * @property {number} [size] how wide one is, in CSS pixels
 * @property {(k: number) => string} [says]
 * @property {(k: number) => void} [act]
 */

/** Small maps with a line under each, in as many rows as they take. @param {Tiles} given @param {number} width @returns {Drawing} */
export function tiles({ tiles: all, look, limit, size = 84, says, act }, width) {
  const step = size + 8,
    across = Math.max(1, Math.floor((width + 8) / step));
  const shapes = all.map(({ values, columns }) => ({
    columns,
    rows: Math.max(1, Math.ceil(values.length / columns)),
  }));
  const high = Math.max(1, ...shapes.map(({ rows, columns }) => (size * rows) / columns));
  const line = high + SIZE + 9;
  const place = (/** @type {number} */ k) => ({ x: (k % across) * step, y: Math.floor(k / across) * line });
  /** @type {Mark[]} */
  const marks = all.flatMap(({ values, label }, k) => {
    const { x, y } = place(k),
      { columns, rows } = shapes[k];
    const pixels = coloured(values, rows * columns, limit ?? limitOf(values), look);
    /** @type {Mark[]} */
    const made = [
      { kind: "cells", x, y, width: size, height: (size * rows) / columns, columns, rows, pixels },
      { kind: "text", x: x + size / 2, y: y + high + SIZE + 2, text: label, anchor: "middle", fill: TEXT },
    ];
    return made;
  });
  return {
    width,
    height: Math.max(1, Math.ceil(all.length / across)) * line,
    marks,
    spots: {
      count: all.length,
      across,
      at: (x, y) => {
        const column = Math.floor(x / step),
          k = Math.floor(y / line) * across + column;
        return column >= 0 && column < across && k >= 0 && k < all.length ? k : -1;
      },
      box: (k) => ({ ...place(k), width: size, height: high }),
      says: (k) => says?.(k) ?? all[k].label,
      act,
    },
  };
}
