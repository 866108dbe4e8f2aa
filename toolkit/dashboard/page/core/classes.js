// The classes that digits are of, and what a network's outputs are called.

/**
 * How many digits are of which classes, and whether a network has an output for each.
 * @typedef {Pick<import("./types.js").State, "digits" | "score" | "sizes">} Classed
 */

/** @param {number} count */
export const numbered = (count) => Array.from({ length: count }, (_, k) => String(k));

/** What the classes are called, by label. @param {Pick<Classed, "digits">} state */
export const classNames = ({ digits }) => (digits.names.length ? digits.names : numbered(digits.classes));

/** Why what the network answers is not scored, in words; empty where it is. @param {Classed} state @returns {string} */
export const unscored = ({ score }) => score.unscored || "";

/**
 * What the outputs are called: as the classes where there is one for each, else by their number.
 * @param {Classed} state
 */
export const outputNames = (state) =>
  unscored(state) ? numbered(state.sizes[state.sizes.length - 1]) : classNames(state);

/** A text that is another for other classes, or other outputs. @param {Classed} state */
export const classesKey = (state) => JSON.stringify([classNames(state), outputNames(state)]);
