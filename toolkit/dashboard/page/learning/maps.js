// Maps of a layer at one epoch: small ones, side by side, each with its verdict.
import { SIZE, SOFT, TEXT } from "../looking/charts/axes.js";
import { scaleBar } from "../looking/charts/maps.js";
import { colourOf } from "../workbench/draw.js";

/** @typedef {import("../looking/charts/types.js").Drawing} Drawing */
/** @typedef {import("../looking/charts/types.js").Mark} Mark */
/** @typedef {import("../looking/charts/types.js").Table} Table */
/** @typedef {import("../workbench/draw.js").Look} Look */

const GAP = 8;
const LEAST = 44, // CSS pixels of a map's side
  MOST = 160;
const HIGH = 0.155; // of the window: charts below are in sight too
const UNIT = "weight";
const NO_NUMBER = 0,
  ZERO = 128;

/** The value of a level, as a share of what is brightest. @param {number} level */
export const shareOf = (level) => (level === NO_NUMBER ? Number.NaN : (level - ZERO) / 127);

/**
 * Colours of the 256 levels, as they lie in memory.
 * @param {Look} look
 * @param {number} share what the highest level is of what is shown brightest
 */
export function coloursOf(look, share) {
  const bytes = new Uint8Array(1024);
  for (let level = 0; level < 256; level++) {
    const value = share * shareOf(level);
    bytes.set(colourOf(Math.max(-1, Math.min(1, value)), 1, look), 4 * level);
    bytes[4 * level + 3] = 255;
  }
  return new Uint32Array(bytes.buffer);
}

/**
 * @typedef {object} Maps
 * @property {Uint8Array} levels all maps', one after another
 * @property {[number, number]} grid rows and columns
 * @property {number} first
 * @property {number} count
 * @property {string[]|null} kinds of each neuron of the layer
 * @property {boolean} before whether the kinds are those of an epoch before
 * @property {Uint32Array} colours
 * @property {{limit: number, look: Look}} bar what is brightest
 * @property {(index: number, kind: string) => string} says
 */

/** As wide as fills the width in equal rows. @param {Maps} given @param {number} width @returns {Drawing} */
export function mapsOf(given, width) {
  const { levels, grid, first, count, kinds, before, colours, says, bar } = given;
  const [rows, columns] = grid;
  const most = Math.max(1, Math.floor((width + GAP) / (LEAST + GAP)));
  const wanted = count > 16 ? 16 : 8;
  const across = Math.max(1, Math.min(count, most >= wanted ? wanted : Math.min(most, 4)));
  const side = Math.min(MOST, Math.max(96, HIGH * window.innerHeight), (width - GAP * (across - 1)) / across);
  const high = (side * rows) / columns,
    line = high + SIZE + 14;
  const place = (/** @type {number} */ k) => ({
    x: (k % across) * (side + GAP),
    y: Math.floor(k / across) * line,
  });
  const cells = rows * columns;
  /** @type {Mark[]} */
  const marks = [];
  for (let k = 0; k < count; k++) {
    const { x, y } = place(k),
      index = first + k,
      pixels = new Uint32Array(cells);
    for (let i = 0; i < cells; i++) pixels[i] = colours[levels[index * cells + i]];
    const kind = kinds?.[index] ?? "";
    marks.push(
      {
        kind: "cells",
        x,
        y,
        width: side,
        height: high,
        columns,
        rows,
        pixels: new Uint8ClampedArray(pixels.buffer),
      },
      {
        kind: "text",
        x: x + side / 2,
        y: y + high + SIZE + 2,
        text: side < 64 ? kind || `1.${index}` : says(index, kind),
        anchor: "middle",
        fill: kind && !before ? TEXT : SOFT,
        size: side < 64 ? 10 : SIZE,
      },
    );
  }
  const below = Math.ceil(count / across) * line + 4;
  const scale = scaleBar({ x: 1, y: below, width: Math.min(220, width - 2), unit: UNIT, ...bar });
  marks.push(...scale.marks);
  return {
    width,
    height: below + scale.height,
    marks,
    spots: {
      count,
      across,
      at: (x, y) => {
        const column = Math.floor(x / (side + GAP)),
          k = Math.floor(y / line) * across + column;
        return column < across && k >= 0 && k < count ? k : -1;
      },
      box: (k) => ({ ...place(k), width: side, height: high }),
      says: (k) => says(first + k, kinds?.[first + k] ?? ""),
    },
  };
}

/** @param {Maps} given @param {number} top what the highest level is @returns {Table} */
export function mapsTable({ levels, grid: [rows, columns], first, count }, top) {
  const cells = rows * columns,
    names = Array.from({ length: count }, (_, k) => `1.${first + k}`);
  return {
    columns: ["row", "column", ...names],
    rows: Array.from({ length: cells }, (_, cell) => [
      Math.floor(cell / columns),
      cell % columns,
      ...names.map((_, k) => Number((top * shareOf(levels[(first + k) * cells + cell])).toPrecision(4))),
    ]),
  };
}
