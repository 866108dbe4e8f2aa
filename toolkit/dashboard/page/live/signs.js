// For which digits each output fires, looked at again only where one may have passed 0.

/** @typedef {import("./scorer.js").Scorer} Scorer */
/** @typedef {import("../core/types.js").Layer} Layer */

const ROUNDED = 1 - 2 ** -20; // of a distance, what many small amounts may be taken from

export class Signs {
  /** @param {number} count of digits @param {Layer} layer the last @param {number} classes */
  constructor(count, layer, classes) {
    /** How far the output that is nearest to 0 still is from it, if all that has moved since was towards it. */
    this.margin = new Float64Array(count);
    /** The most that an input moves an output by, for each unit it moves. */
    this.far = new Float64Array(layer.in);
    this.above = new Uint8Array(count * layer.out);
    /** Counts, a row of classes for each output. */
    this.counts = new Uint32Array(layer.out * classes);
    this.classes = classes;
    this.z = new Float64Array(layer.out);
    this.renew(layer);
  }

  /** The last layer is another. @param {Layer} layer */
  renew({ weights, in: inputs }) {
    this.margin.fill(Number.NEGATIVE_INFINITY);
    this.far.fill(0);
    for (let at = 0; at < weights.length; at++) {
      const size = Math.abs(weights[at]);
      if (size > this.far[at % inputs]) this.far[at % inputs] = size;
    }
  }

  /** Count what is so now. @param {Scorer} scorer */
  update(scorer) {
    const { margin, above, counts, classes, z } = this,
      { labels } = scorer.digits,
      out = z.length;
    for (let d = 0; d < margin.length; d++) {
      if (margin[d] > 0) continue;
      scorer.outputsOf(d, z);
      let least = Number.POSITIVE_INFINITY;
      for (let j = 0, at = d * out; j < out; j++, at++) {
        const on = z[j] > 0 ? 1 : 0;
        if (above[at] !== on) {
          counts[j * classes + labels[d]] += on - above[at];
          above[at] = on;
        }
        const size = Math.abs(z[j]);
        if (size < least) least = size;
      }
      margin[d] = least * ROUNDED;
    }
    return counts;
  }
}
