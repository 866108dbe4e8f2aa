// Confusion as a table of shares: what is read as what.
import { CONFUSION_WORDS as words } from "../words/see.js";
import { wholePercent } from "../words.js";

const DIGITS = Array.from({ length: 10 }, (_, label) => String(label));

/**
 * @param {number[][]} counts rows are what a digit is, columns what it is read as
 * @returns {import("./tablecanvas.js").Table}
 */
export function confusionTable(counts) {
  const totals = counts.map((row) => row.reduce((sum, each) => sum + each, 0));
  return {
    rows: 10,
    columns: 10,
    // A mistake in ten is plain to see, and one in a hundred not lost.
    share: (row, column) => {
      const share = totals[row] ? counts[row][column] / totals[row] : 0;
      return row === column ? share : Math.sqrt(2 * share);
    },
    text: (row, column) =>
      totals[row] && counts[row][column] ? wholePercent(counts[row][column] / totals[row]) : "",
    says: (row, column) => words.cell(counts[row][column], row, column),
    heads: DIGITS,
    sides: DIGITS,
    marked: (row, column) => row === column,
    bad: (row, column) => row !== column,
  };
}
