// What an update does to some digits: activations that moved, the later layers by what they moved,
// and which output wins. A block of digits goes through all layers before the next one does.
import { quick } from "./quick.js";
import { resolve } from "./resolving.js";

/** @typedef {import("./scorer.js").Scorer} Scorer */
/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("./quick.js").Quick} Quick */

export const BLOCK = 256; // digits: what is known of them stays in the cache from layer to layer

const touched = new Uint8Array(BLOCK);

/** @param {Scorer} scorer @param {Plan} plan @param {number} from @param {number} to at most BLOCK more */
export function runBlock(scorer, plan, from, to) {
  const last = scorer.layers.length - 1;
  touched.fill(plan.all ? 1 : 0);
  if (last === 0) onlySums(scorer, plan, from, to);
  else if (plan.moved.length) firstLayer(scorer, plan, from, to);
  for (let k = 1; k <= last; k++) {
    if (plan.anew[k] || plan.rows[k].length) {
      weigh(scorer, k, plan.anew[k] ? scorer.every[k] : plan.rows[k], from, to);
      touched.fill(1);
    }
    if (plan.redone[k]) touched.fill(1);
    if (k < last) laterLayer(scorer, plan, k, from, to);
  }
  decide(scorer, from, to);
}

/** Of a network of one layer. @param {Scorer} scorer @param {Plan} plan @param {number} from @param {number} to */
function onlySums({ layers, sums, z }, plan, from, to) {
  const { biases, out } = layers[0],
    outputs = z[0];
  for (const i of plan.moved) {
    for (let d = from; d < to; d++) outputs[d * out + i] = sums[i][d] / 255 + biases[i];
    touched.fill(1);
  }
}

/** @param {Scorer} scorer @param {Plan} plan @param {number} from @param {number} to */
function firstLayer({ layers, activations, bounds, sums, first, z, turned }, plan, from, to) {
  const f = quick(activations[0]),
    { biases, out } = layers[0],
    tolerance = bounds.tolerance[0],
    after = plan.anew[1] ? null : z[1],
    many = layers[1].out;
  if (!f.softmax) {
    for (const i of plan.moved) {
      const column = turned[1].subarray(i * many, (i + 1) * many);
      firstNeuron(f, sums[i], biases[i], first[i], tolerance, after, column, from, to);
    }
    return;
  }
  const a = new Float64Array(out);
  for (let d = from; d < to; d++) {
    for (let i = 0; i < out; i++) a[i] = sums[i][d] / 255 + biases[i];
    softmax(a);
    for (let i = 0; i < out; i++) {
      const was = first[i][d];
      if (Math.abs(a[i] - was) <= tolerance) continue;
      first[i][d] = a[i];
      touched[d - from] = 1;
      if (after) shift(after, d * many, turned[1], i * many, many, first[i][d] - was);
    }
  }
}

/**
 * @param {Quick} f @param {Float64Array} sums @param {number} bias @param {Float32Array} a
 * @param {number} tolerance @param {Float64Array|null} after the second layer's pre-activations
 * @param {Float64Array} column what they are changed by @param {number} from @param {number} to
 */
function firstNeuron(f, sums, bias, a, tolerance, after, column, from, to) {
  const many = column.length;
  for (let d = from; d < to; d++) {
    const now = f.at(sums[d] / 255 + bias),
      was = a[d];
    if (Math.abs(now - was) <= tolerance) continue;
    a[d] = now;
    touched[d - from] = 1;
    if (after !== null) shift(after, d * many, column, 0, many, a[d] - was);
  }
}

/** @param {Scorer} scorer @param {Plan} plan @param {number} k @param {number} from @param {number} to */
function laterLayer({ layers, activations, bounds, z, a, turned }, plan, k, from, to) {
  const f = quick(activations[k]),
    tolerance = bounds.tolerance[k],
    after = plan.anew[k + 1] ? null : z[k + 1],
    { out } = layers[k],
    many = layers[k + 1].out;
  if (!f.softmax) {
    for (let d = from; d < to; d++)
      if (touched[d - from])
        digitAfter(f, z[k], a[k], tolerance, after, turned[k + 1], d * out, out, d * many, many);
    return;
  }
  const own = new Float64Array(out);
  for (let d = from; d < to; d++) {
    if (!touched[d - from]) continue;
    for (let j = 0; j < out; j++) own[j] = z[k][d * out + j];
    softmax(own);
    for (let j = 0; j < out; j++) {
      const at = d * out + j,
        was = a[k][at];
      if (Math.abs(own[j] - was) <= tolerance) continue;
      a[k][at] = own[j];
      if (after) shift(after, d * many, turned[k + 1], j * many, many, a[k][at] - was);
    }
  }
}

/**
 * One digit's activations of a later layer, and what these change in the next.
 * @param {Quick} f @param {Float64Array} z @param {Float32Array} a @param {number} tolerance
 * @param {Float64Array|null} after @param {Float64Array} turned
 * @param {number} from @param {number} out @param {number} next @param {number} many
 */
function digitAfter(f, z, a, tolerance, after, turned, from, out, next, many) {
  for (let j = 0; j < out; j++) {
    const now = f.at(z[from + j]),
      was = a[from + j];
    if (Math.abs(now - was) <= tolerance) continue;
    a[from + j] = now;
    if (after !== null) shift(after, next, turned, j * many, many, a[from + j] - was);
  }
}

/**
 * @param {Float64Array} after @param {number} at @param {Float64Array} column @param {number} start
 * @param {number} many @param {number} by
 */
function shift(after, at, column, start, many, by) {
  for (let o = 0; o < many; o++) after[at + o] += column[start + o] * by;
}

/** @param {Float64Array} z @returns {void} in its place */
function softmax(z) {
  let top = z[0],
    sum = 0;
  for (let j = 1; j < z.length; j++) if (z[j] > top) top = z[j];
  for (let j = 0; j < z.length; j++) {
    z[j] = Math.exp(z[j] - top);
    sum += z[j];
  }
  for (let j = 0; j < z.length; j++) z[j] /= sum;
}

/**
 * Work out neurons of a later layer from all of the layer below.
 * @param {Scorer} scorer @param {number} k @param {number[]} rows @param {number} from @param {number} to
 */
function weigh({ layers, first, a, z, below }, k, rows, from, to) {
  const { weights, biases, in: inputs, out } = layers[k];
  let source = a[k - 1],
    start = from * inputs;
  if (k === 1) {
    for (let i = 0; i < inputs; i++)
      for (let d = from, at = i; d < to; d++, at += inputs) below[at] = first[i][d];
    source = below;
    start = 0;
  }
  for (let d = from; d < to; d++, start += inputs)
    for (const j of rows) z[k][d * out + j] = dot(weights, j * inputs, source, start, inputs) + biases[j];
}

/** @param {Float32Array} w @param {number} at @param {Float32Array} a @param {number} start @param {number} many */
function dot(w, at, a, start, many) {
  let sum = 0;
  for (let i = 0; i < many; i++) sum += w[at + i] * a[start + i];
  return sum;
}

/** @param {Scorer} scorer @param {number} from @param {number} to */
function decide(scorer, from, to) {
  const { layers, bounds, tally, ranks } = scorer,
    last = layers.length - 1,
    { rivals, lead } = bounds,
    { out } = layers[last],
    z = scorer.z[last];
  for (let d = from; d < to; d++) {
    if (!touched[d - from]) continue;
    const at = d * out;
    let best = rivals[0],
      most = ranks ? ranks.at(z[at + best]) : z[at + best],
      second = Number.NEGATIVE_INFINITY;
    for (let r = 1; r < rivals.length; r++) {
      const j = rivals[r],
        value = ranks ? ranks.at(z[at + j]) : z[at + j];
      if (value > most) {
        second = most;
        most = value;
        best = j;
      } else if (value > second) second = value;
    }
    if (!(most - second > lead) && isOpen(scorer, at, best, most)) {
      scorer.resolved++;
      best = resolve(layers, scorer.activations, scorer.firstOf(d));
    }
    tally.set(d, best);
  }
}

/**
 * Whether another output may be as large as the largest.
 * @param {Scorer} scorer @param {number} at @param {number} best @param {number} most
 */
function isOpen({ bounds, ranks, layers, z }, at, best, most) {
  const { rivals, outputs } = bounds,
    own = z[layers.length - 1];
  for (const j of rivals) {
    if (j === best) continue;
    const value = ranks ? ranks.at(own[at + j]) : own[at + j];
    if (!(most - value > outputs[best] + outputs[j])) return true;
  }
  return false;
}
