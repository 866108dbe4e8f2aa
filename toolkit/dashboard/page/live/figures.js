// What is told of a network scored: always how many digits it reads, and as what; the rest as asked.
import { firingsOf } from "./firing.js";
import { spreadOf } from "./spread.js";

/** @typedef {import("./scorer.js").Scorer} Scorer */
/** @typedef {import("./tally.js").Side} Side */

/**
 * @typedef {object} Found
 * @property {number} correct
 * @property {number} images how many digits were scored
 * @property {number} of how many the set has
 * @property {number} outputs
 * @property {Uint32Array} confusion counts, a row of outputs for each class
 * @property {Side | null} gained since the last settled network, where "flips" are wanted; null where
 *   it could not be scored
 * @property {Side | null} lost
 * @property {import("./pictures.js").Picture[] | null} pictures of the digits gained and lost, without those
 *   of the result before; null unless "pictures" are wanted
 * @property {import("./spread.js").Ridges | null} ridges of the neuron selected, where "ridges" are wanted
 * @property {Uint32Array[] | null} fires by layer on how many digits of each class each neuron fires, a
 *   row of classes for each neuron, where "fires" are wanted
 * @property {number} resolved how many digits the last update had to decide exactly
 */

/**
 * @param {Scorer} scorer @param {[layer: number, neuron: number]} selected @param {string[]} wants
 * @returns {Found}
 */
export function figures(scorer, [layer, neuron], wants) {
  const { tally, digits, verdicts, pictures } = scorer;
  const { gained, lost } = wants.includes("flips") ? tally.flips() : { gained: null, lost: null };
  return {
    correct: tally.correct,
    images: digits.count,
    of: digits.of,
    outputs: tally.outputs,
    confusion: tally.confusion.slice(),
    gained,
    lost,
    pictures: wants.includes("pictures")
      ? pictures.take([...(gained?.digits ?? []), ...(lost?.digits ?? [])])
      : null,
    ridges: wants.includes("ridges") ? spreadOf(scorer, layer, neuron) : null,
    fires: wants.includes("fires") ? firingsOf(scorer) : null,
    resolved: verdicts.resolved,
  };
}
