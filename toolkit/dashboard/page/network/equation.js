// A layer as the lesson writes it, a = f(W a + b), with the numbers it really has: as a picture.
import { ACCENT, SIZE, SOFT, TEXT } from "../looking/charts/axes.js";
import { coloured, grey, limitOf } from "../looking/charts/maps.js";
import { short, textWidth } from "../looking/charts/scale.js";
import { signed, signOf } from "../words/activations.js";
import { colourOf, number } from "../workbench/draw.js";
import { formula, raised, strongest } from "./terms.js";

/** @typedef {import("../looking/charts/types.js").Drawing} Drawing */
/** @typedef {import("../looking/charts/types.js").Mark} Mark */
/** @typedef {import("../core/types.js").Layer} Layer */
/** @typedef {import("../workbench/draw.js").Look} Look */
/**
 * @typedef {object} Equation
 * @property {number} number of the layer, from 1
 * @property {Layer} layer
 * @property {string} activation
 * @property {ArrayLike<number>} below a of the layer before
 * @property {ArrayLike<number>} z
 * @property {ArrayLike<number>} a
 * @property {number} row that is looked at
 * @property {Look} look
 * @property {(row: number) => void} hover
 * @property {(row: number) => void} act
 */

const STANDS = 40, // inputs, up to which they stand beside W as a column
  TALL = 22, // CSS pixels of a row at most
  HIGHEST = 400, // of all rows
  NUMBERS = 13, // a row this high has room for numbers
  COLUMN = 46,
  THIN = 14,
  SIGN = 13; // what an operator takes

/** @param {ArrayLike<number>} values */
const negative = (values) => Array.from(values).some((value) => value < 0);

/** Levels as grey cells, the largest white. @param {ArrayLike<number>} values */
export function levels(values) {
  const limit = limitOf(values);
  return grey(
    Float32Array.from(values, (value) => (Number.isFinite(value) ? Math.max(0, value) / limit : 0)),
  );
}

/** Whether what comes in lies above W, there being too much of it to stand. @param {Layer} layer */
export const lies = (layer) => layer.in > STANDS;

/** @param {Equation} given @param {number} width @returns {Drawing} */
export function equation(given, width) {
  const { number: at, layer, activation, below, z, a, row, look, hover, act } = given;
  const { out: n, in: m } = layer;
  const lying = lies(layer),
    tall = Math.max(1, Math.min(TALL, HIGHEST / n));
  const written = tall >= NUMBERS && width > 560;
  const column = written ? COLUMN : THIN;
  const sign = signOf(activation);
  const before = sign ? textWidth(`${sign} (`, SIZE + 3) : 0;
  // a = f( W [a] + b ) and, where there is room, z.
  const columns = 2 + (written ? 1 : 0) + (lying ? 0 : 1);
  const taken = columns * column + (lying ? 3 : 4) * SIGN + 2 * before + (written ? 2 * SIGN : 0) + 12;
  const wide = Math.max(40, Math.min(width - taken, lying ? width : m * COLUMN)),
    cell = wide / m;
  const top = 2 * SIZE + 14 + (lying ? 20 : 0),
    high = tall * n,
    middle = top + high / 2 + 5;
  /** @type {Mark[]} */
  const marks = [{ kind: "text", x: 0, y: SIZE + 2, text: formula(at, activation), fill: TEXT, size: 15 }];
  /** @type {{x: number, width: number, says: (row: number) => string}[]} */
  const places = [];
  let x = 0;
  const operator = (/** @type {string} */ text, /** @type {number} */ room = SIGN) => {
    marks.push({
      kind: "text",
      x: x + room / 2,
      y: middle,
      text,
      anchor: "middle",
      fill: TEXT,
      size: SIZE + 3,
    });
    x += room;
  };
  const head = (/** @type {string} */ text, /** @type {number} */ room, y = top - 6) =>
    marks.push({ kind: "text", x: x + room / 2, y, text, anchor: "middle", fill: SOFT });
  /** @param {string} name @param {ArrayLike<number>} values @param {boolean} signed */
  const vector = (name, values, signed, numbers = written) => {
    const rows = values.length,
      limit = limitOf(values),
      step = high / rows;
    const pixels = signed ? coloured(values, rows, limit, look) : levels(values);
    head(name, column);
    marks.push({ kind: "cells", x, y: top, width: column - 3, height: high, columns: 1, rows, pixels });
    if (numbers && step >= NUMBERS)
      for (let k = 0; k < rows; k++)
        marks.push({
          kind: "text",
          x: x + (column - 3) / 2,
          y: top + (k + 0.5) * step + 3.5,
          text: few(values[k]),
          anchor: "middle",
          size: 10,
          fill: signed ? inkOn(values[k], limit, look) : values[k] > 0.55 * limit ? "#000" : "#fff",
        });
    x += column;
  };
  const named = (/** @type {string} */ name, /** @type {ArrayLike<number>} */ values) =>
    places.push({ x, width: column - 3, says: (k) => `${name} of row ${k}: ${number(values[k], 3)}` });

  named("a", a);
  vector(`a${raised(at)}`, a, signed(activation));
  operator("=");
  if (written) {
    if (sign) operator(`${sign} (`, before);
    named("z", z);
    vector(`z${raised(at)}`, z, true);
    operator(sign ? ") =" : "=", 2 * SIGN);
  }
  if (sign) operator(`${sign} (`, before);
  const room = Math.max(1, Math.min(m, Math.floor(2 * wide)));
  const pooled = strongest(layer.weights, m, room),
    limit = limitOf(layer.weights);
  const left = x;
  if (lying) {
    head(`a${raised(at - 1)}`, wide, SIZE + 16);
    const strip = strongest(below, m, room);
    marks.push({
      kind: "cells",
      x,
      y: top - 23,
      width: wide,
      height: 14,
      columns: strip.columns,
      rows: 1,
      pixels: levels(strip.values),
    });
    marks.push({ kind: "text", x: x + 2, y: top + high + SIZE + 3, text: `W${raised(at)}`, fill: SOFT });
  } else head(`W${raised(at)}`, wide);
  marks.push({
    kind: "cells",
    x,
    y: top,
    width: wide,
    height: high,
    columns: pooled.columns,
    rows: n,
    pixels: coloured(pooled.values, n * pooled.columns, limit, look),
  });
  if (cell >= 28 && tall >= NUMBERS)
    for (let k = 0; k < n * m; k++)
      marks.push({
        kind: "text",
        x: x + ((k % m) + 0.5) * cell,
        y: top + (Math.floor(k / m) + 0.5) * tall + 3.5,
        text: few(layer.weights[k]),
        anchor: "middle",
        size: 10,
        fill: inkOn(layer.weights[k], limit, look),
      });
  x += wide + 3;
  if (!lying) vector(`a${raised(at - 1)}`, below, negative(below));
  operator("+");
  named("b", layer.biases);
  vector(`b${raised(at)}`, layer.biases, true);
  if (sign) operator(")");
  marks.push({
    kind: "text",
    x: left + wide,
    y: top + high + SIZE + 3,
    text: `${n} × ${m}, brightest ±${short(limit)}`,
    anchor: "end",
    fill: SOFT,
  });
  if (row >= 0 && row < n)
    marks.push({
      kind: "rect",
      x: left - 1.5,
      y: top + row * tall - 1,
      width: wide + 3,
      height: Math.max(3, tall + 2),
      fill: "none",
      stroke: ACCENT,
    });
  const weights = n * m;
  return {
    width,
    height: top + high + SIZE + 8,
    marks,
    spots: {
      count: weights + places.length * n,
      across: m,
      at: (px, py) => {
        const k = Math.floor((py - top) / tall);
        if (k < 0 || k >= n) return -1;
        if (px >= left && px < left + wide) return k * m + Math.min(m - 1, Math.floor((px - left) / cell));
        const place = places.findIndex((each) => px >= each.x && px < each.x + each.width);
        return place < 0 ? -1 : weights + place * n + k;
      },
      box: (k) => {
        const line = k < weights ? Math.floor(k / m) : (k - weights) % n;
        const place = k < weights ? null : places[Math.floor((k - weights) / n)];
        return {
          x: place?.x ?? left,
          y: top + line * tall,
          width: place?.width ?? wide,
          height: Math.max(2, tall),
        };
      },
      says: (k) => {
        if (k >= weights) return places[Math.floor((k - weights) / n)].says((k - weights) % n);
        const [line, input] = [Math.floor(k / m), k % m];
        return `row ${line}, input ${input}: weight ${number(layer.weights[k], 3)} × ${number(below[input], 2, false)} = ${number(layer.weights[k] * below[input], 3)}`;
      },
      hover: (k) => hover(k < weights ? Math.floor(k / m) : (k - weights) % n),
      act: (k) => act(k < weights ? Math.floor(k / m) : (k - weights) % n),
    },
  };
}

/** A number for a cell of a matrix. @param {number} value */
export function few(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : short(value);
  const size = Math.abs(value);
  const text = size.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
  return (value < 0 && Number(text) ? "−" : "") + text;
}

/** @param {number} value @param {number} limit @param {Look} look */
export function inkOn(value, limit, look) {
  const [r, g, b] = colourOf(value, limit, look);
  return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#000" : "#fff";
}
