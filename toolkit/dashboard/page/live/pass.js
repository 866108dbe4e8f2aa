// What an update does to some digits: activations that moved, and later layers by what these moved.
// A block of digits goes through all layers before the next one does.
import { dot, multiply } from "./products.js";
import { quick } from "./quick.js";

/** @typedef {import("./scorer.js").Scorer} Scorer */
/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("./verdicts.js").Verdicts} Verdicts */

export const BLOCK = 256; // digits: what is known of them stays in the cache from layer to layer

/** Digits of the block of which something has moved that the next layer hears of. */
const touched = new Uint8Array(BLOCK);
/** Of each, a neuron's pre-activation. */
const column = new Float64Array(BLOCK);

/** @param {Scorer} scorer @param {Plan} plan @param {number} from @param {number} to at most BLOCK more */
export function runBlock(scorer, plan, from, to) {
  const last = scorer.layers.length - 1;
  touched.fill(0);
  if (last > 0) firstLayer(scorer, plan, from, to);
  for (let k = 1; k < last; k++) {
    const rows = plan.anew[k] ? scorer.every[k] : plan.rows[k];
    if (rows.length) weigh(scorer, k, rows, from, to);
    if (rows.length || plan.redone[k]) touched.fill(1);
    laterLayer(scorer, plan, k, from, to);
  }
  scorer.verdicts.decide(scorer, from, to);
}

/** @param {Scorer} scorer @param {Plan} plan @param {number} from @param {number} to */
function firstLayer(scorer, plan, from, to) {
  const { layers, sums, first, verdicts } = scorer,
    { biases } = layers[0],
    f = quick(scorer.activations[0]),
    { tolerance } = f,
    last = layers.length === 2,
    many = layers[1].out;
  if (f.softmax) {
    if (plan.moved.length) shared(scorer, plan, from, to);
    return;
  }
  const a = new Float64Array(to - from);
  for (const i of plan.moved) {
    for (let d = from; d < to; d++) column[d - from] = sums[i][d] / 255 + biases[i];
    f.fill(column, 0, a);
    const weights = scorer.turned[1].subarray(i * many, (i + 1) * many);
    if (last) loosen(a, first[i], tolerance, verdicts, scorer.signs, i, from);
    else if (!plan.anew[1] && weights.some(Boolean)) move(a, first[i], tolerance, scorer.z[1], weights, from);
    else keep(a, first[i], tolerance, from);
  }
}

/**
 * Take a neuron's activations of which nothing depends that is not worked out anew.
 * @param {Float64Array} a @param {Float64Array} known @param {number} tolerance @param {number} from
 */
function keep(a, known, tolerance, from) {
  for (let d = 0; d < a.length; d++) {
    const now = a[d];
    if (Math.abs(now - known[from + d]) > tolerance) known[from + d] = now;
  }
}

/**
 * Take those that move the second layer's pre-activations.
 * @param {Float64Array} a @param {Float64Array} known @param {number} tolerance
 * @param {Float64Array} z @param {Float64Array} weights @param {number} from
 */
function move(a, known, tolerance, z, weights, from) {
  const many = weights.length;
  for (let d = 0; d < a.length; d++) {
    const now = a[d],
      by = now - known[from + d];
    if (Math.abs(by) <= tolerance) continue;
    known[from + d] = now;
    touched[d] = 1;
    shift(z, (from + d) * many, weights, 0, many, by);
  }
}

/**
 * Take those that the outputs hear of.
 * @param {Float64Array} a @param {Float64Array} known @param {number} tolerance
 * @param {Verdicts} verdicts @param {import("./signs.js").Signs | null} signs @param {number} i
 * @param {number} from
 */
function loosen(a, known, tolerance, verdicts, signs, i, from) {
  for (let d = 0; d < a.length; d++) {
    const now = a[d],
      by = now - known[from + d];
    if (Math.abs(by) <= tolerance) continue;
    known[from + d] = now;
    verdicts.loosen(from + d, i, by);
    if (signs) signs.margin[from + d] -= signs.far[i] * Math.abs(by);
  }
}

/** A first layer whose activations hang together. @param {Scorer} scorer @param {Plan} plan @param {number} from @param {number} to */
function shared(scorer, plan, from, to) {
  const { layers, sums, first, verdicts, turned } = scorer,
    { biases, out } = layers[0],
    f = quick(scorer.activations[0]),
    many = layers[1].out,
    z = new Float64Array(out),
    a = new Float64Array(out);
  for (let d = from; d < to; d++) {
    for (let i = 0; i < out; i++) z[i] = sums[i][d] / 255 + biases[i];
    f.fill(z, 0, a);
    for (let i = 0; i < out; i++) {
      const now = a[i],
        by = now - first[i][d];
      if (Math.abs(by) <= f.tolerance) continue;
      first[i][d] = now;
      touched[d - from] = 1;
      if (layers.length === 2) {
        verdicts.loosen(d, i, by);
        if (scorer.signs) scorer.signs.margin[d] -= scorer.signs.far[i] * Math.abs(by);
      }
      if (layers.length > 2 && !plan.anew[1]) shift(scorer.z[1], d * many, turned[1], i * many, many, by);
    }
  }
}

/** @param {Scorer} scorer @param {Plan} plan @param {number} k @param {number} from @param {number} to */
function laterLayer(scorer, plan, k, from, to) {
  const { layers, verdicts, signs } = scorer,
    z = scorer.z[k],
    known = scorer.a[k],
    f = quick(scorer.activations[k]),
    { tolerance } = f,
    { out } = layers[k],
    many = layers[k + 1].out,
    after = plan.anew[k + 1] ? null : scorer.z[k + 1],
    turned = scorer.turned[k + 1],
    a = new Float64Array(out);
  if (k === layers.length - 2) {
    for (let d = from; d < to; d++) {
      if (!touched[d - from]) continue;
      f.fill(z, d * out, a);
      if (signs) signs.margin[d] -= moved(a, known, d * out, tolerance, signs.far);
      verdicts.slack[d] -= taken(a, known, d * out, tolerance, verdicts.spread, verdicts.rowOf(d));
    }
    return;
  }
  for (let d = from; d < to; d++) {
    if (!touched[d - from]) continue;
    f.fill(z, d * out, a);
    for (let j = 0; j < out; j++) {
      const now = a[j],
        by = now - known[d * out + j];
      if (Math.abs(by) <= tolerance) continue;
      known[d * out + j] = now;
      if (after) shift(after, d * many, turned, j * many, many, by);
    }
  }
}

/**
 * Take a digit's activations, and return what their moves may have taken of its winner's lead.
 * @param {Float64Array} a @param {Float64Array} known @param {number} at @param {number} tolerance
 * @param {Float64Array} spread @param {number} row
 */
function taken(a, known, at, tolerance, spread, row) {
  let sum = 0;
  for (let j = 0; j < a.length; j++) {
    const now = a[j],
      by = Math.abs(now - known[at + j]);
    if (by <= tolerance) continue;
    known[at + j] = now;
    sum += spread[row + j] * by;
  }
  return sum;
}

/**
 * What these moves, which are about to be taken, may move an output by.
 * @param {Float64Array} a @param {Float64Array} known @param {number} at @param {number} tolerance
 * @param {Float64Array} far
 */
function moved(a, known, at, tolerance, far) {
  let sum = 0;
  for (let j = 0; j < a.length; j++) {
    const by = Math.abs(a[j] - known[at + j]);
    if (by > tolerance) sum += far[j] * by;
  }
  return sum;
}

/**
 * @param {Float64Array} z @param {number} at @param {Float64Array} weights @param {number} start
 * @param {number} many @param {number} by
 */
function shift(z, at, weights, start, many, by) {
  for (let o = 0; o < many; o++) z[at + o] += weights[start + o] * by;
}

/**
 * Work out neurons of a later layer from all of the layer below.
 * @param {Scorer} scorer @param {number} k @param {number[]} rows @param {number} from @param {number} to
 */
function weigh({ layers, first, a, z, below }, k, rows, from, to) {
  const { weights, biases, in: inputs, out } = layers[k],
    own = z[k];
  let source = a[k - 1],
    start = from * inputs;
  if (k === 1) {
    gather(first, below, from, to);
    source = below;
    start = 0;
  }
  const all = rows.length === out;
  for (let d = from, at = from * out; d < to; d++, at += out, start += inputs) {
    if (all) multiply(weights, biases, source, start, own, at);
    else for (const j of rows) own[at + j] = dot(weights, j * inputs, source, start, inputs) + biases[j];
  }
}

/**
 * Lay some digits' activations of the first layer out a digit at a time.
 * @param {Float64Array[]} first @param {Float64Array} below @param {number} from @param {number} to
 */
function gather(first, below, from, to) {
  const many = first.length;
  for (let i = 0; i < many; i++) {
    const own = first[i];
    for (let d = from, at = i; d < to; d++, at += many) below[at] = own[d];
  }
}
