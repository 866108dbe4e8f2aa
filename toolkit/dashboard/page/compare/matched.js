// Matched neurons as a picture: a pair a block, both maps and their difference on one scale.
import { SIZE, SOFT, TEXT } from "../looking/charts/axes.js";
import { coloured } from "../looking/charts/maps.js";
import { PAIR_WORDS } from "../words/compare.js";

/** @typedef {import("../looking/charts/types.js").Drawing} Drawing */
/** @typedef {import("../looking/charts/types.js").Mark} Mark */
/** @typedef {import("../workbench/draw.js").Look} Look */
/** @typedef {{order: number[], similarity: (number|null)[], sign: number[], distance: (number|null)[]}} Matching */
/** @typedef {{index: number, partner: number, similarity: number|null, sign: number, distance: number|null}} Pair */
/**
 * A pair with its maps; the other's is null where there is no partner.
 * @typedef {Pair & {one: ArrayLike<number>, other: ArrayLike<number>|null, difference: ArrayLike<number>|null}} Shown
 */

const { pairs: words } = PAIR_WORDS;
const SIDE = 74, // CSS pixels of a map at least
  MOST = 112,
  GAP = 4,
  APART = 18;

/** @param {Matching} matching @returns {Pair[]} */
export const pairsOf = ({ order, similarity, sign, distance: apart }) =>
  order.map((partner, index) => ({
    index,
    partner,
    similarity: similarity[index],
    sign: sign[index] === -1 ? -1 : 1,
    distance: apart[index],
  }));

/**
 * In the order asked for; those without a figure come last.
 * @param {Pair[]} pairs @param {"alike"|"unlike"|"index"} how
 */
export function ordered(pairs, how) {
  if (how === "index") return [...pairs];
  const turn = how === "alike" ? -1 : 1;
  return [...pairs].sort((one, other) => {
    if (one.similarity === null || other.similarity === null)
      return Number(one.similarity === null) - Number(other.similarity === null) || one.index - other.index;
    return turn * (one.similarity - other.similarity) || one.index - other.index;
  });
}

/** @param {ArrayLike<number>} one @param {ArrayLike<number>} other @param {number} sign */
export const difference = (one, other, sign) => Float32Array.from(one, (value, k) => sign * other[k] - value);

/** @param {number|null} similarity */
export function alike(similarity) {
  if (similarity === null) return "–";
  const text = Math.abs(similarity).toFixed(2);
  return `${similarity < 0 && Number(text) ? "−" : ""}${text}`;
}

/**
 * @param {object} given
 * @param {Shown[]} given.pairs
 * @param {number} given.layer
 * @param {number} given.columns of a map of this network
 * @param {number} given.otherColumns
 * @param {(k: number) => number} given.limit the value shown brightest, of each pair
 * @param {Look} given.look
 * @param {(pair: Pair) => void} given.act
 * @param {number} width
 * @returns {Drawing}
 */
export function matched({ pairs, layer, columns, otherColumns, limit, look, act }, width) {
  // Where nothing can be taken off there are two maps a pair.
  const maps = pairs.some((pair) => pair.difference) ? 3 : 2,
    gaps = (maps - 1) * GAP;
  const across = Math.max(1, Math.floor((width + APART) / (maps * SIDE + gaps + APART)));
  // As large as there is room for, but few pairs are not blown up.
  const block = Math.min((width + APART) / across - APART, maps * MOST + gaps),
    side = (block - gaps) / maps;
  const high = side + SIZE + 16;
  /** @type {Mark[]} */
  const marks = [];
  const place = (/** @type {number} */ k) => ({
    x: (k % across) * (block + APART),
    y: Math.floor(k / across) * high,
  });
  pairs.forEach((pair, k) => {
    const { x, y } = place(k),
      { index, partner, similarity, sign } = pair;
    const said = partner < 0 ? words.none : `${layer}.${partner}${sign < 0 ? ` (${words.turned})` : ""}`;
    marks.push(
      { kind: "text", x, y: y + SIZE, text: `${layer}.${index}`, fill: TEXT, bold: true },
      { kind: "text", x: x + side + GAP, y: y + SIZE, text: said, fill: TEXT },
    );
    if (partner >= 0)
      marks.push({
        kind: "text",
        x: x + block,
        y: y + SIZE,
        text: alike(similarity),
        anchor: "end",
        fill: SOFT,
      });
    for (const [at, values, wide] of /** @type {[number, ArrayLike<number>|null, number][]} */ ([
      [0, pair.one, columns],
      [1, pair.other, otherColumns],
      [2, pair.difference, columns],
    ])) {
      if (!values) continue;
      const rows = Math.ceil(values.length / wide),
        scale = side / Math.max(rows, wide);
      marks.push({
        kind: "cells",
        x: x + at * (side + GAP),
        y: y + SIZE + 5,
        width: wide * scale,
        height: rows * scale,
        columns: wide,
        rows,
        pixels: coloured(values, rows * wide, limit(k), look),
      });
    }
  });
  return {
    width,
    height: Math.max(1, Math.ceil(pairs.length / across) * high),
    marks,
    spots: {
      count: pairs.length,
      across,
      at: (px, py) => {
        const column = Math.floor(px / (block + APART)),
          k = Math.floor(py / high) * across + column;
        return column < across && k >= 0 && k < pairs.length ? k : -1;
      },
      box: (k) => ({ ...place(k), width: block, height: high - 6 }),
      says: (k) => {
        const { index, partner, similarity, distance: apart } = pairs[k];
        return partner < 0
          ? words.alone(`${layer}.${index}`)
          : words.says(`${layer}.${index}`, `${layer}.${partner}`, alike(similarity), apart);
      },
      act: (k) => act(pairs[k]),
    },
  };
}
