// How often each neuron fires for each class: on how many digits its pre-activation is above 0.
import { Signs } from "./signs.js";

/** @typedef {import("./scorer.js").Scorer} Scorer */

/**
 * By layer, a row of classes for each neuron.
 * @param {Scorer} scorer
 * @returns {Uint32Array[]}
 */
export function firingsOf(scorer) {
  const last = scorer.layers.length - 1;
  return scorer.layers.map((_, k) => {
    if (k === 0) return ofFirst(scorer);
    return k < last ? ofHidden(scorer, k) : ofOutputs(scorer);
  });
}

/** The first layer's: counted anew where a neuron has changed. @param {Scorer} scorer */
function ofFirst({ layers, sums, digits, classes, fired, stale }) {
  const { biases, out } = layers[0];
  for (let i = 0; i < out; i++) {
    if (!stale[i]) continue;
    stale[i] = 0;
    countOne(sums[i], biases[i], digits.labels, fired.subarray(i * classes, (i + 1) * classes));
  }
  return fired.slice();
}

/** @param {Float64Array} sums @param {number} bias @param {Uint8Array} labels @param {Uint32Array} counts */
function countOne(sums, bias, labels, counts) {
  counts.fill(0);
  for (let d = 0; d < labels.length; d++) if (sums[d] / 255 + bias > 0) counts[labels[d]]++;
}

/** @param {Scorer} scorer @param {number} k */
function ofHidden({ layers, z, digits, classes }, k) {
  const { out } = layers[k],
    counts = new Uint32Array(classes * out),
    high = new Int32Array(z[k].buffer);
  for (let d = 0; d < digits.count; d++) countAbove(high, d * out, out, counts, digits.labels[d] * out);
  return turned(counts, classes, out);
}

/** The outputs, whose pre-activations are not kept. @param {Scorer} scorer */
function ofOutputs(scorer) {
  const { layers, digits, classes } = scorer;
  // Only from the first time on that somebody asks is it kept.
  scorer.signs ??= new Signs(digits.count, layers[layers.length - 1], classes);
  return scorer.signs.update(scorer).slice();
}

/**
 * Count those of some numbers that are above 0. Which are so is as good as random, and guessing it
 * wrong would cost a processor five times the rest: it is read from the sign, and without a branch.
 * @param {Int32Array} high halves of the numbers, the lower half of each first
 * @param {number} from @param {number} many numbers
 * @param {Uint32Array} counts @param {number} start of these numbers' counts
 */
function countAbove(high, from, many, counts, start) {
  for (let j = 0, at = 2 * from + 1; j < many; j++, at += 2) {
    const half = high[at];
    counts[start + j] += ((0 - half) & ~half) >>> 31;
  }
}

/** @param {Uint32Array} counts a row of neurons for each class @param {number} classes @param {number} out */
const turned = (counts, classes, out) =>
  Uint32Array.from(
    { length: counts.length },
    (_, at) => counts[(at % classes) * out + Math.floor(at / classes)],
  );
