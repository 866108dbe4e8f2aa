// One row of a layer's equation, term by term, with numbers that can be read.
import { SIZE, SOFT, TEXT } from "../looking/charts/axes.js";
import { coloured, limitOf } from "../looking/charts/maps.js";
import { signOf } from "../words/activations.js";
import { MATRIX_WORDS } from "../words/matrix.js";
import { number } from "../workbench/draw.js";
import { few, inkOn, levels } from "./equation.js";
import { counting, lowered, raised, termsOf } from "./terms.js";

/** @typedef {import("../looking/charts/types.js").Drawing} Drawing */
/** @typedef {import("../looking/charts/types.js").Mark} Mark */
/** @typedef {import("./terms.js").Term} Term */

const { row: words } = MATRIX_WORDS;
const MOST = 240, // terms that are shown
  WIDE = 48,
  HIGH = 17; // of a number

/**
 * What of a row is shown: those that count, or of very many the largest, in the order of the inputs.
 * @param {import("../core/types.js").Layer} layer @param {number} row @param {ArrayLike<number>} below
 */
export function shownOf(layer, row, below) {
  const all = termsOf(layer, row, below),
    some = counting(all.terms);
  const size = (/** @type {Term} */ { product }) =>
    Number.isNaN(product) ? Number.POSITIVE_INFINITY : Math.abs(product);
  const kept =
    some.length <= MOST
      ? some
      : [...some]
          .sort((one, other) => size(other) - size(one))
          .slice(0, MOST)
          .sort((one, other) => one.input - other.input);
  const rest = all.sum - kept.reduce((sum, { product }) => sum + product, 0);
  return { ...all, kept, left: some.length - kept.length, rest, zero: all.terms.length - some.length };
}

/**
 * @param {object} given
 * @param {ReturnType<typeof shownOf>} given.of
 * @param {number} given.number of the layer
 * @param {number} given.row
 * @param {number} given.a
 * @param {string} given.activation
 * @param {(input: number) => string} given.nameOf an input
 * @param {import("../workbench/draw.js").Look} given.look
 * @param {number} width
 * @returns {Drawing}
 */
export function rowTerms({ of, number: layer, row, a, activation, nameOf, look }, width) {
  const { kept, sum, bias, z } = of;
  const sign = signOf(activation);
  const at = `${lowered(row)}${raised(layer)}`;
  /** @type {Mark[]} */
  const marks = [];
  const said = [
    `Σ w a = ${number(sum, 3)}`,
    `b${at} = ${number(bias, 3)}`,
    `z${at} = ${number(z, 3)}`,
    `a${at} = ${sign ? `${sign}(${number(z, 3)})` : ""}${sign ? " = " : ""}${number(a, 4, false)}`,
  ];
  let y = SIZE + 4;
  // The sum in one line, or on a phone in two.
  for (const text of width > 620
    ? [said.join("  ·  ")]
    : [said.slice(0, 2).join("  ·  "), said.slice(2).join("  ·  ")]) {
    marks.push({ kind: "text", x: 0, y, text, fill: TEXT, size: 13, bold: true });
    y += 18;
  }
  y += 2;
  if (!kept.length) {
    marks.push({ kind: "text", x: 0, y: y + SIZE, text: words.none, fill: SOFT });
    return { width, height: y + 2 * SIZE, marks };
  }
  const across = Math.max(1, Math.min(kept.length, Math.floor(width / WIDE))),
    block = 3 * HIGH + SIZE + 10;
  const weights = kept.map(({ weight }) => weight),
    values = kept.map(({ value }) => value),
    products = kept.map(({ product }) => product);
  const [limit, most] = [limitOf(weights), limitOf(products)];
  const [first, second, third] = [
    coloured(weights, kept.length, limit, look),
    values.some((value) => value < 0) ? coloured(values, kept.length, limitOf(values), look) : levels(values),
    coloured(products, kept.length, most, look),
  ];
  const brightest = limitOf(values);
  const top = y;
  for (let from = 0; from < kept.length; from += across) {
    const count = Math.min(across, kept.length - from);
    const line = top + (from / across) * block + SIZE + 3;
    for (const [k, pixels] of [first, second, third].entries())
      marks.push({
        kind: "cells",
        x: 0,
        y: line + k * HIGH,
        width: count * WIDE,
        height: HIGH,
        columns: count,
        rows: 1,
        pixels: pixels.slice(4 * from, 4 * (from + count)),
      });
    for (let k = 0; k < count; k++) {
      const term = kept[from + k],
        x = (k + 0.5) * WIDE;
      marks.push(
        { kind: "text", x, y: line - 3, text: nameOf(term.input), anchor: "middle", fill: SOFT, size: 9 },
        cell(x, line, term.weight, inkOn(term.weight, limit, look)),
        cell(x, line + HIGH, term.value, term.value > 0.55 * brightest ? "#000" : "#fff"),
        cell(x, line + 2 * HIGH, term.product, inkOn(term.product, most, look)),
      );
    }
  }
  const rows = Math.ceil(kept.length / across);
  return {
    width,
    height: top + rows * block,
    marks,
    spots: {
      count: kept.length,
      across,
      at: (px, py) => {
        const column = Math.floor(px / WIDE),
          k = Math.floor((py - top) / block) * across + column;
        return column < across && py >= top && k < kept.length ? k : -1;
      },
      box: (k) => ({
        x: (k % across) * WIDE,
        y: top + Math.floor(k / across) * block + SIZE + 3,
        width: WIDE,
        height: 3 * HIGH,
      }),
      says: (k) => {
        const { input, weight, value, product } = kept[k];
        return words.says(nameOf(input), number(weight, 4), number(value, 3, false), number(product, 4));
      },
    },
  };
}

/** @param {number} x @param {number} y @param {number} value @param {string} fill @returns {Mark} */
const cell = (x, y, value, fill) => ({
  kind: "text",
  x,
  y: y + HIGH - 5,
  text: few(value),
  anchor: "middle",
  fill,
  size: 10,
});

/** @param {ReturnType<typeof shownOf>} of @param {(input: number) => string} nameOf */
export function rowTable({ terms, bias, z }, nameOf) {
  return {
    columns: ["input", "weight", "comes in", "product"],
    rows: [
      ...terms.map(({ input, weight, value, product }) => [nameOf(input), weight, value, product]),
      /** @type {(string|number|null)[]} */ (["bias", bias, 1, bias]),
      /** @type {(string|number|null)[]} */ (["z", null, null, z]),
    ],
  };
}
