// Confusion in counts, so that what is read as what can be told, and the pairs worst told apart.
import { unscored } from "../core/classes.js";
import { NETWORK_WORDS } from "../words/network.js";
import { confusionTable } from "../workbench/confusiontable.js";

const words = NETWORK_WORDS.confusion;
const NAMED = 3;
const FAINT = 0.12; // of the strongest, so that one mistake is seen

/**
 * Mistakes are as strong as they are many beside the most of them.
 * @param {number[][]} counts rows are what a digit is, columns what it is read as
 * @param {import("../core/classes.js").Classed} state
 * @returns {import("../workbench/tablecanvas.js").Table}
 */
export function confusionCounts(counts, state) {
  const totals = counts.map((row) => row.reduce((sum, each) => sum + each, 0));
  const usual = confusionTable(counts, state),
    { sides, heads } = usual,
    scored = !unscored(state),
    most = worst(counts, 1)[0]?.count ?? 1;
  const share = (/** @type {number} */ row, /** @type {number} */ column) =>
    totals[row] ? counts[row][column] / totals[row] : 0;
  return {
    ...usual,
    share: (row, column) => {
      if (!scored || row === column) return share(row, column);
      return counts[row][column] ? FAINT + (1 - FAINT) * (counts[row][column] / most) : 0;
    },
    text: (row, column) => (counts[row][column] ? String(counts[row][column]) : ""),
    says: (row, column) =>
      scored
        ? words.cell(counts[row][column], sides[row], heads[column], share(row, column))
        : words.answered(counts[row][column], sides[row], heads[column], share(row, column)),
  };
}

/**
 * What is most often read as something else.
 * @param {number[][]} counts @param {number} [named] of how many pairs
 * @returns {{label: number, read: number, count: number}[]}
 */
export function worst(counts, named = NAMED) {
  return counts
    .flatMap((row, label) => row.map((count, read) => ({ label, read, count })))
    .filter(({ label, read, count }) => label !== read && count > 0)
    .sort((one, other) => other.count - one.count)
    .slice(0, named);
}
