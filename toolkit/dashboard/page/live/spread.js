// How a neuron's weighted sums are spread over the digits, by class: the same numbers as `spread` of
// toolkit/studio/answer.py and `histogram_by_class` of toolkit/analysis/sums.py make.

/** @typedef {import("./scorer.js").Scorer} Scorer */
/** @typedef {import("../core/types.js").State["sums"]} Ridges as in an answer */

const BINS = 96;

/** @param {Scorer} scorer @param {number} layer from 1 @param {number} neuron @returns {Ridges} */
export function spreadOf(scorer, layer, neuron) {
  const { digits, classes } = scorer,
    { labels } = digits,
    bias = scorer.layers[layer - 1].biases[neuron],
    alone = scorer.weightedSums(layer, neuron),
    fired = new Uint32Array(classes),
    zeros = new Uint32Array(classes),
    of = new Uint32Array(classes);
  let low = Number.POSITIVE_INFINITY,
    high = Number.NEGATIVE_INFINITY;
  for (let d = 0; d < alone.length; d++) {
    const sum = alone[d],
      rounded = Math.fround(sum);
    of[labels[d]]++;
    if (sum + bias > 0) fired[labels[d]]++;
    if (rounded === 0) zeros[labels[d]]++;
    if (rounded < low) low = rounded;
    if (rounded > high) high = rounded;
    alone[d] = rounded;
  }
  const edges = edgesOf(low, high),
    counts = new Uint32Array(classes * BINS);
  place(alone, labels, edges, counts);
  const rows = Array.from({ length: classes }, (_, label) =>
    Array.from(counts.subarray(label * BINS, (label + 1) * BINS)),
  );
  return {
    layer,
    neuron,
    low: edges[0],
    high: edges[BINS],
    bins: BINS,
    wide: true,
    counts: rows,
    bias,
    of: [...of],
    fired: [...fired],
    zeros: [...zeros],
  };
}

/** As numpy's linspace has them; half a unit wider where they would not all rise. @param {number} low @param {number} high */
function edgesOf(low, high) {
  let edges = linspace(low, high);
  for (let k = 0; k < BINS; k++) {
    if (edges[k] < edges[k + 1]) continue;
    edges = linspace(low - 0.5 * Math.max(1, Math.abs(low)), high + 0.5 * Math.max(1, Math.abs(high)));
    break;
  }
  return edges;
}

/** @param {number} low @param {number} high */
function linspace(low, high) {
  const step = (high - low) / BINS;
  return Float64Array.from({ length: BINS + 1 }, (_, k) => (k === BINS ? high : k * step + low));
}

/** @param {Float64Array} values @param {Uint8Array} labels @param {Float64Array} edges @param {Uint32Array} counts */
function place(values, labels, edges, counts) {
  const low = edges[0],
    scale = BINS / (edges[BINS] - low);
  for (let d = 0; d < values.length; d++) {
    const value = values[d];
    let k = Math.min(BINS - 1, Math.floor((value - low) * scale));
    while (k > 0 && value < edges[k]) k--;
    while (k < BINS - 1 && value >= edges[k + 1]) k++;
    counts[labels[d] * BINS + k]++;
  }
}
