// The first layer's weights in a fixed point in which any sum over a digit is exact, whatever its
// order: as `fixed_point` in toolkit/scoring/sums.py, with the same bits.

const HALVES = new Float64Array(1);
const WORDS = new Uint32Array(HALVES.buffer);
const ROUND = 1.5 * 2 ** 52; // added and taken away it leaves a whole number, the even one of two as near
const WHOLE = 2 ** 24; // from here on a float32 is a whole number

/** The e for which x is below 2^e and not below half of it; 0 of 0. @param {number} x normal, from 0 */
export function exponentOf(x) {
  if (x === 0) return 0;
  HALVES[0] = x;
  return ((WORDS[1] >>> 20) & 0x7ff) - 1022;
}

/**
 * Round a row's weights in place of `fixed`.
 * @param {Float32Array} weights all of them finite
 * @param {Uint8Array} brightest each pixel's largest value
 * @param {Float64Array} fixed
 * @returns {{bits: number, reach: number}} binary places, and the largest sum that the row can reach
 */
export function fixRow(weights, brightest, fixed) {
  let reach = 0;
  for (let p = 0; p < weights.length; p++) reach += Math.abs(weights[p]) * brightest[p];
  const bits = 8 * Math.floor((51 - exponentOf(reach)) / 8);
  const scale = 2 ** bits,
    back = 2 ** -bits;
  for (let p = 0; p < weights.length; p++) {
    const x = weights[p] * scale;
    fixed[p] = (Math.abs(x) < WHOLE ? x + ROUND - ROUND : x) * back;
  }
  return { bits, reach };
}
