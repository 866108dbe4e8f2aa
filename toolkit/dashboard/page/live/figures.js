// What is told of a network scored: always how many digits it reads, and as what; the rest as asked.

/** @typedef {import("./scorer.js").Scorer} Scorer */
/** @typedef {import("./tally.js").Side} Side */

/**
 * The same as an answer's `sums`, with its counts as they come.
 * @typedef {object} Ridges
 * @property {number} layer
 * @property {number} neuron
 * @property {number} low
 * @property {number} high
 * @property {number} bins
 * @property {boolean} wide
 * @property {number[][]} counts by class
 * @property {number | null} bias
 * @property {number[]} of
 * @property {number[]} fired
 * @property {number[]} zeros
 */
/**
 * @typedef {object} Found
 * @property {number} correct
 * @property {number} images how many digits were scored
 * @property {number} of how many the set has
 * @property {number} outputs
 * @property {Uint32Array} confusion counts, a row of outputs for each class
 * @property {Side | null} gained since the last settled network; null unless "flips" are wanted
 * @property {Side | null} lost
 * @property {Ridges | null} ridges of the neuron selected, where "ridges" are wanted
 * @property {Uint32Array[] | null} fires by layer how many digits of each class fire each neuron, a
 *   row of classes for each, where "fires" are wanted
 * @property {number} resolved how many digits the last update had to decide exactly
 */

/**
 * @param {Scorer} scorer @param {[number, number]} selected @param {string[]} wants
 * @returns {Found}
 */
export function figures(scorer, selected, wants) {
  void selected;
  const { tally, digits } = scorer;
  const { gained, lost } = wants.includes("flips") ? tally.flips() : { gained: null, lost: null };
  return {
    correct: tally.correct,
    images: digits.count,
    of: digits.of,
    outputs: tally.outputs,
    confusion: tally.confusion.slice(),
    gained,
    lost,
    ridges: null,
    fires: null,
    resolved: scorer.resolved,
  };
}
