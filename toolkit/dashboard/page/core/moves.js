// Moves of a neuron's whole map, and what is done between two neurons: the same operations in the
// same order as toolkit/edits/moves.py and combine.py. What each move does is said there, at Move.
import { cosineSine, exponential } from "./exact.js";

/** @typedef {import("./types.js").Grid} Grid */
/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("./types.js").MoveEdit} MoveEdit */
/** @typedef {import("./types.js").CombineEdit} CombineEdit */
/** @typedef {{usual: any, low?: number, high?: number, names?: string[]}} Part */

const WITH_BIAS = { usual: true };
const RADIUS = { usual: 1, low: 0.1, high: 50 };

/**
 * The moves, and the numbers that each has: usual value and range, or names.
 * @type {Record<string, Record<string, Part>>}
 */
export const MOVES = {
  flip: { axis: { usual: "left-right", names: ["left-right", "top-bottom"] } },
  rotate: { angle: { usual: 90, low: -3600, high: 3600 } },
  shift: {
    rows: { usual: 0, low: -1000, high: 1000 },
    columns: { usual: 0, low: -1000, high: 1000 },
  },
  scale: { factor: { usual: 1, low: -1e6, high: 1e6 }, with_bias: WITH_BIAS },
  normalise: {
    size: { usual: 1, low: 0, high: 1e6 },
    measure: { usual: "largest", names: ["largest", "sum", "length"] },
    with_bias: WITH_BIAS,
  },
  blur: { radius: RADIUS },
  sharpen: { radius: RADIUS, amount: { usual: 1, low: 0, high: 100 } },
  threshold: {
    level: { usual: 0.1, low: 0, high: 1e6 },
    keep: { usual: "both", names: ["both", "positive", "negative"] },
  },
  invert: { with_bias: WITH_BIAS },
  mask: { cells: { usual: null }, region: { usual: null }, outside: { usual: true } },
};

/** Moves that need no picture: they fit later layers too. */
export const ANYWHERE = ["scale", "normalise", "threshold", "invert"];

export const HOWS = ["copy", "swap", "average"];

const NAMES = new Set(Object.values(MOVES).flatMap((numbers) => Object.keys(numbers)));

/** @param {number} value */
const finite = (value) => (Number.isFinite(value) ? value : 0);

/**
 * @param {number} value
 * @param {number} old
 */
function rounded(value, old) {
  const single = Math.fround(value);
  return Number.isFinite(single) ? single : old;
}

/**
 * A move with all its numbers.
 * @param {Record<string, any>} edit
 * @returns {Record<string, any>}
 */
function complete(edit) {
  const parts = Object.entries(MOVES[edit.move]);
  return Object.fromEntries(parts.map(([name, { usual }]) => [name, edit[name] ?? usual]));
}

/**
 * Moves one neuron's map.
 * @param {MoveEdit} edit
 * @param {Layer} layer changed in place
 * @param {Grid} grid of the layer's maps
 */
export function layMove(edit, layer, grid) {
  const { neuron } = edit;
  const numbers = complete(edit);
  const row = layer.weights.subarray(neuron * layer.in, (neuron + 1) * layer.in);
  const scaleBias = (/** @type {number} */ factor) => {
    if (!numbers.with_bias) return;
    const old = finite(layer.biases[neuron]);
    layer.biases[neuron] = rounded(old * factor + 0, old);
  };
  if (edit.move === "flip") {
    row.set(flipped(row, grid, numbers.axis));
    return;
  }
  if (edit.move === "mask") {
    const inside = insideOf(numbers, row.length, grid);
    for (let k = 0; k < row.length; k++) if ((inside[k] === 1) !== numbers.outside) row[k] = 0;
    return;
  }
  const old = Float64Array.from(row, finite);
  let made = old;
  if (edit.move === "rotate") made = rotated(old, grid, numbers.angle);
  else if (edit.move === "shift") made = shifted(old, grid, numbers.rows, numbers.columns);
  else if (edit.move === "blur") made = blurred(old, grid, numbers.radius);
  else if (edit.move === "sharpen") {
    const soft = blurred(old, grid, numbers.radius);
    made = old.map((value, k) => value + numbers.amount * (value - soft[k]));
  } else if (edit.move === "threshold") {
    const { level, keep } = numbers;
    const good = (/** @type {number} */ value) =>
      Math.abs(value) >= level && (keep === "both" || (keep === "positive" ? value > 0 : value < 0));
    made = old.map((value) => (good(value) ? value : 0));
  } else if (edit.move === "invert") {
    made = old.map((value) => -value + 0);
    scaleBias(-1);
  } else {
    let factor = numbers.factor;
    if (edit.move === "normalise") {
      const today = measured(old, numbers.measure);
      factor = today > 0 ? numbers.size / today : 1;
    }
    made = old.map((value) => value * factor + 0);
    scaleBias(factor);
  }
  for (let k = 0; k < row.length; k++) row[k] = rounded(made[k], old[k]);
}

/**
 * @param {Float32Array} row
 * @param {Grid} grid
 * @param {string} axis
 */
function flipped(row, { rows, columns }, axis) {
  const made = new Float32Array(row.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const from = axis === "left-right" ? r * columns + columns - 1 - c : (rows - 1 - r) * columns + c;
      made[r * columns + c] = row[from];
    }
  return made;
}

/**
 * @param {Record<string, any>} numbers
 * @param {number} count of cells
 * @param {Grid} grid
 */
function insideOf({ cells, region }, count, { columns }) {
  const inside = new Uint8Array(count);
  if (region) {
    const [top, left, bottom, right] = region;
    for (let r = top; r < bottom; r++) inside.fill(1, r * columns + left, r * columns + right);
  } else for (const cell of cells) inside[cell] = 1;
  return inside;
}

/**
 * @param {Float64Array} old
 * @param {Grid} grid
 * @param {number} angle
 */
function rotated(old, grid, angle) {
  const [cosine, sine] = cosineSine(angle);
  const middle = grid.rows / 2;
  const centre = grid.columns / 2;
  return old.map((_, cell) => {
    const right = (cell % grid.columns) + 0.5 - centre;
    const up = middle - (Math.floor(cell / grid.columns) + 0.5);
    const thereRight = right * cosine + up * sine;
    const thereUp = up * cosine - right * sine;
    return sampled(old, grid, middle - thereUp - 0.5, centre + thereRight - 0.5);
  });
}

/**
 * @param {Float64Array} old
 * @param {Grid} grid
 * @param {number} rows
 * @param {number} columns
 */
function shifted(old, grid, rows, columns) {
  return old.map((_, cell) =>
    sampled(old, grid, Math.floor(cell / grid.columns) - rows, (cell % grid.columns) - columns),
  );
}

/**
 * The weight at a place between cells, from the four around it; 0 off the map.
 * @param {Float64Array} old
 * @param {Grid} grid
 * @param {number} row
 * @param {number} column
 */
function sampled(old, { rows, columns }, row, column) {
  const top = Math.floor(row);
  const left = Math.floor(column);
  const down = row - top;
  const right = column - left;
  const at = (/** @type {number} */ r, /** @type {number} */ c) =>
    r >= 0 && r < rows && c >= 0 && c < columns ? old[r * columns + c] : 0;
  const upper = at(top, left) * (1 - right) + at(top, left + 1) * right;
  const lower = at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right;
  return upper * (1 - down) + lower * down + 0;
}

/**
 * @param {Float64Array} old
 * @param {string} measure
 */
function measured(old, measure) {
  let total = 0;
  for (const value of old) {
    const size = Math.abs(value);
    if (measure === "largest") total = Math.max(total, size);
    else total += measure === "sum" ? size : size * size;
  }
  return measure === "length" ? Math.sqrt(total) : total;
}

/**
 * @param {Float64Array} old
 * @param {Grid} grid
 * @param {number} radius
 */
function blurred(old, { rows, columns }, radius) {
  const down = along(old, rows, columns, columns, 1, radius);
  return along(down, columns, rows, 1, columns, radius);
}

/**
 * A picture blurred along one way.
 * @param {Float64Array} old
 * @param {number} count of cells along it
 * @param {number} lanes beside one another
 * @param {number} step from a cell to the next along it
 * @param {number} aside from a lane to the next
 * @param {number} radius
 */
function along(old, count, lanes, step, aside, radius) {
  const reach = Math.ceil(3 * radius);
  const made = new Float64Array(old.length);
  const kernels = Array.from({ length: 2 * reach + 1 }, (_, k) =>
    exponential(-((k - reach) * (k - reach)) / (2 * radius * radius)),
  );
  for (let here = 0; here < count; here++) {
    for (let lane = 0; lane < lanes; lane++) {
      let total = 0;
      let weight = 0;
      for (let off = -reach; off <= reach; off++) {
        const there = here + off;
        if (there < 0 || there >= count) continue;
        total += kernels[off + reach] * old[there * step + lane * aside];
        weight += kernels[off + reach];
      }
      made[here * step + lane * aside] = total / weight;
    }
  }
  return made;
}

/**
 * Whether a move fits a layer; one that does not is the server's to refuse.
 * @param {Record<string, any>} edit
 * @param {Layer} layer
 * @param {Grid} [grid] of the first layer's maps
 */
export function fitsMove(edit, layer, grid) {
  const { move } = edit;
  if (typeof move !== "string" || !Object.hasOwn(MOVES, move)) return false;
  const drawn = edit.layer === 1 && grid && grid.rows * grid.columns === layer.in;
  if (!drawn && !ANYWHERE.includes(move)) return false;
  for (const name of NAMES) {
    const value = edit[name] ?? undefined;
    if (value === undefined) continue;
    if (!(name in MOVES[move])) return false;
    const { usual, low, high, names } = MOVES[move][name];
    if (names && !names.includes(value)) return false;
    if (low !== undefined && !(typeof value === "number" && value >= low && value <= Number(high)))
      return false;
    if (typeof usual === "boolean" && typeof value !== "boolean") return false;
  }
  return move !== "mask" || fitsMask(edit, layer, /** @type {Grid} */ (grid));
}

/**
 * @param {Record<string, any>} edit
 * @param {Layer} layer
 * @param {Grid} grid
 */
function fitsMask({ cells, region }, layer, grid) {
  if ((cells ?? undefined) === undefined) {
    if (!Array.isArray(region) || region.length !== 4 || !region.every(Number.isInteger)) return false;
    const [top, left, bottom, right] = region;
    return (
      top >= 0 && left >= 0 && top < bottom && left < right && bottom <= grid.rows && right <= grid.columns
    );
  }
  if ((region ?? undefined) !== undefined || !Array.isArray(cells)) return false;
  const good = (/** @type {any} */ cell) => Number.isInteger(cell) && cell >= 0 && cell < layer.in;
  return cells.every(good) && new Set(cells).size === cells.length;
}

/**
 * Makes one neuron of another, or exchanges the two.
 * @param {CombineEdit} edit
 * @param {Layer} layer changed in place
 * @param {Layer | undefined} above changed in place, where the edit is for what they feed too
 */
export function layCombine(edit, layer, above) {
  const { how, from, to } = edit;
  const weights = (/** @type {number} */ neuron) =>
    layer.weights.subarray(neuron * layer.in, (neuron + 1) * layer.in);
  combine(how, weights(from), weights(to));
  if (edit.with_bias ?? true)
    combine(how, layer.biases.subarray(from, from + 1), layer.biases.subarray(to, to + 1));
  if (!edit.outgoing || !above) return;
  for (let k = 0; k < above.out; k++) {
    const row = above.weights.subarray(k * above.in, (k + 1) * above.in);
    combine(how, row.subarray(from, from + 1), row.subarray(to, to + 1));
  }
}

/**
 * @param {string} how
 * @param {Float32Array} one
 * @param {Float32Array} other
 */
function combine(how, one, other) {
  const before = other.slice();
  if (how === "average") {
    for (let k = 0; k < other.length; k++) {
      const old = finite(before[k]);
      other[k] = rounded((finite(one[k]) + old) / 2, old);
    }
    return;
  }
  other.set(one);
  if (how === "swap") one.set(before);
}

/**
 * Whether two neurons can be combined so; if not, that is the server's to say.
 * @param {Record<string, any>} edit
 * @param {Layer[]} layers
 */
export function fitsCombine(edit, layers) {
  const { how, from, to, outgoing = false, with_bias = true } = edit;
  const layer = layers[edit.layer - 1];
  const is = (/** @type {any} */ neuron) => Number.isInteger(neuron) && neuron >= 0 && neuron < layer.out;
  if (!HOWS.includes(how) || !is(from) || !is(to) || from === to) return false;
  if (typeof outgoing !== "boolean" || typeof with_bias !== "boolean") return false;
  return !outgoing || edit.layer < layers.length;
}
