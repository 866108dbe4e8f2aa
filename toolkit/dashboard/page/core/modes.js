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
 * @property {ArrayLike<number> | null} [slope] rate × gradient a cell, for the coach's mode
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

/** The coach's own: weights go down the loss's slope. */
export const DOWNHILL = "downhill";

/** Modes for which the sign of the strength says nothing. */
export const UNSIGNED_MODES = new Set(["scale", "smooth", "erase", DOWNHILL]);

/**
 * The edit that a coverage stands for, null where nothing is covered.
 * @param {Covered} covered
 * @returns {StrokeEdit | SmoothEdit | null}
 */
export function describe({ layer, neuron, tool, mode, strength, grid, coverage, slope }) {
  if (mode === DOWNHILL) return downhill(layer, neuron, tool, coverage, slope ?? []);
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

/**
 * A step down the slope where the brush covers it: old − coverage × slope, and nothing elsewhere.
 * The same arithmetic in the same order as in toolkit/training/coaching.py.
 * @param {number} layer @param {number} neuron @param {string} tool
 * @param {ArrayLike<number>} coverage @param {ArrayLike<number>} slope
 * @returns {StrokeEdit | null}
 */
function downhill(layer, neuron, tool, coverage, slope) {
  const cells = [],
    puts = [];
  for (let cell = 0; cell < slope.length; cell++) {
    const put = -(coverage[cell] * slope[cell]);
    if (!(coverage[cell] > 0) || put === 0 || !Number.isFinite(put)) continue;
    cells.push(cell);
    puts.push(put);
  }
  return cells.length ? { kind: "stroke", layer, neuron, cells, keep: 1, put: short(puts), tool } : null;
}

/** @param {number[]} numbers */
function short(numbers) {
  return numbers.every((number) => number === numbers[0]) ? numbers[0] : numbers;
}
