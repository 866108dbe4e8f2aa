// Confusion as a table of shares: what is read as what.
import { classNames, outputNames, unscored } from "../core/classes.js";
import { CONFUSION_WORDS as words } from "../words/see.js";
import { wholePercent } from "../words.js";

/**
 * @param {number[][]} counts rows are what a digit is, columns what it is read as
 * @param {import("../core/classes.js").Classed} state
 * @returns {import("./tablecanvas.js").Table}
 */
export function confusionTable(counts, state) {
  const totals = counts.map((row) => row.reduce((sum, each) => sum + each, 0));
  const sides = classNames(state),
    heads = outputNames(state),
    scored = !unscored(state);
  return {
    rows: counts.length,
    columns: counts[0].length,
    // A mistake in ten is plain to see, and one in a hundred not lost.
    share: (row, column) => {
      const share = totals[row] ? counts[row][column] / totals[row] : 0;
      return !scored || row === column ? share : Math.sqrt(2 * share);
    },
    text: (row, column) =>
      totals[row] && counts[row][column] ? wholePercent(counts[row][column] / totals[row]) : "",
    says: (row, column) => words.cell(counts[row][column], sides[row], heads[column]),
    heads,
    sides,
    marked: (row, column) => scored && row === column,
    bad: (row, column) => scored && row !== column,
  };
}
