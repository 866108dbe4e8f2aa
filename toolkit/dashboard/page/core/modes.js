// What covering a cell does to its weight. A mode is a straight line, new = keep × old + put, so the
// edit says the same on whatever weights it is laid; smoothing alone looks at the neighbours.

/** @typedef {import("./types.js").Grid} Grid */
/** @typedef {import("./types.js").StrokeEdit} StrokeEdit */
/** @typedef {import("./types.js").SmoothEdit} SmoothEdit */

/**
 * A stroke as far as it has come.
 * @typedef {object} Covered
 * @property {number} layer
 * @property {number} neuron
 * @property {string} tool
 * @property {string} mode
 * @property {number} strength
 * @property {Grid} grid
 * @property {ArrayLike<number>} coverage 0..1 a cell
 */

/** @typedef {{keep(amount: number, strength: number): number, put(amount: number, strength: number): number}} Mode */

/** @type {Record<string, Mode>} */
const LINES = {
  set: { keep: (amount) => 1 - amount, put: (amount, strength) => amount * strength },
  add: { keep: () => 1, put: (amount, strength) => amount * strength },
  scale: { keep: (amount, strength) => 1 + amount * (Math.abs(strength) - 1), put: () => 0 },
  erase: { keep: (amount) => 1 - amount, put: () => 0 },
};

/** Modes to choose from; erasing is the eraser's own. */
export const MODES = ["set", "add", "scale", "smooth"];

/** Modes for which the sign of the strength says nothing. */
export const UNSIGNED_MODES = new Set(["scale", "smooth", "erase"]);

/**
 * The edit that a coverage stands for, null where nothing is covered.
 * @param {Covered} covered
 * @returns {StrokeEdit | SmoothEdit | null}
 */
export function describe({ layer, neuron, tool, mode, strength, grid, coverage }) {
  const cells = [];
  for (let cell = 0; cell < coverage.length; cell++) if (coverage[cell] > 0) cells.push(cell);
  if (!cells.length) return null;
  const line = LINES[mode];
  if (!line) {
    const amounts = short(cells.map((cell) => coverage[cell]));
    return { kind: "smooth", layer, neuron, cells, amounts, columns: grid.columns, tool };
  }
  // Minus zero would arrive as zero, and may mean another weight.
  const keep = short(cells.map((cell) => line.keep(coverage[cell], strength) + 0));
  const put = short(cells.map((cell) => line.put(coverage[cell], strength) + 0));
  return { kind: "stroke", layer, neuron, cells, keep, put, tool };
}

/** @param {number[]} numbers */
function short(numbers) {
  return numbers.every((number) => number === numbers[0]) ? numbers[0] : numbers;
}
