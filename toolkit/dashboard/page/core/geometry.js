// Which cells of a map a tool covers, and how much of each (0..1).

/** @typedef {import("./types.js").Grid} Grid */
/** @typedef {import("./types.js").Point} Point */
/** @typedef {(row: number, column: number, amount: number) => void} Cover */

// Coverage is counted in steps this small: short numbers travel, and no eye sees them.
const STEPS = 256;

/**
 * The cell under a point, or -1 where there is none.
 * @param {Grid} grid
 * @param {number} count how many cells the map has: its last row may be short
 * @param {Point} point
 */
export function cellAt(grid, count, [row, column]) {
  const r = Math.floor(row);
  const c = Math.floor(column);
  if (!(r >= 0 && c >= 0 && r < grid.rows && c < grid.columns)) return -1;
  const cell = r * grid.columns + c;
  return cell < count ? cell : -1;
}

/**
 * A round dab of a brush.
 * @param {Cover} cover
 * @param {Grid} grid
 * @param {number} row
 * @param {number} column
 * @param {number} size diameter, in cells
 * @param {boolean} soft
 */
export function dab(cover, grid, row, column, size, soft) {
  const radius = size / 2;
  const reach = Math.ceil(radius) + 1;
  const [top, bottom] = [
    Math.max(0, Math.floor(row) - reach),
    Math.min(grid.rows - 1, Math.floor(row) + reach),
  ];
  const left = Math.max(0, Math.floor(column) - reach);
  const right = Math.min(grid.columns - 1, Math.floor(column) + reach);
  for (let r = top; r <= bottom; r++) {
    for (let c = left; c <= right; c++) {
      const distance = Math.hypot(r + 0.5 - row, c + 0.5 - column);
      let amount = 0;
      if (size <= 1) amount = r === Math.floor(row) && c === Math.floor(column) ? 1 : 0;
      else if (soft) amount = distance < radius ? 0.5 + 0.5 * Math.cos((Math.PI * distance) / radius) : 0;
      else amount = distance <= radius ? 1 : 0;
      amount = Math.round(STEPS * amount) / STEPS;
      if (amount > 0) cover(r, c, amount);
    }
  }
}

/**
 * Points from one to another, at most half a cell apart, both ends among them.
 * @param {Point} from
 * @param {Point} to
 * @param {(row: number, column: number) => void} visit
 */
export function alongLine(from, to, visit) {
  const steps = Math.max(1, Math.ceil(2 * Math.hypot(to[0] - from[0], to[1] - from[1])));
  for (let s = 0; s <= steps; s++) {
    const t = s / steps;
    visit(from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1]));
  }
}

/**
 * Writes coverage and its mirror images: the axis of an even grid lies between two cells.
 * @param {Float32Array} coverage
 * @param {Grid} grid
 * @param {string} mirror none, left-right, top-bottom or both
 * @returns {Cover}
 */
export function coverer(coverage, grid, mirror) {
  /** @type {Cover} */
  const put = (r, c, amount) => {
    const cell = cellAt(grid, coverage.length, [r, c]);
    if (cell >= 0 && amount > coverage[cell]) coverage[cell] = amount;
  };
  return (r, c, amount) => {
    const r2 = grid.rows - 1 - r;
    const c2 = grid.columns - 1 - c;
    put(r, c, amount);
    if (mirror === "left-right" || mirror === "both") put(r, c2, amount);
    if (mirror === "top-bottom" || mirror === "both") put(r2, c, amount);
    if (mirror === "both") put(r2, c2, amount);
  };
}

/**
 * @param {Cover} cover
 * @param {Grid} grid
 * @param {Point} from
 * @param {Point} to
 */
export function coverRectangle(cover, grid, from, to) {
  const [top, bottom] = [from[0], to[0]].map(Math.floor).sort((a, b) => a - b);
  const [left, right] = [from[1], to[1]].map(Math.floor).sort((a, b) => a - b);
  for (let r = Math.max(0, top); r <= Math.min(grid.rows - 1, bottom); r++) {
    for (let c = Math.max(0, left); c <= Math.min(grid.columns - 1, right); c++) cover(r, c, 1);
  }
}

/**
 * All cells joined edge to edge with the one under the point that hold nearly its weight.
 * @param {Cover} cover
 * @param {Grid} grid
 * @param {ArrayLike<number>} values
 * @param {Point} point outside the map: nothing is covered
 * @param {number} tolerance
 */
export function coverFill(cover, grid, values, point, tolerance) {
  const start = cellAt(grid, values.length, point);
  if (start < 0) return;
  const wanted = values[start];
  // No difference to NaN is small: such a cell is joined with others of its kind alone.
  const alike = (/** @type {number} */ value) =>
    Object.is(value, wanted) || Math.abs(value - wanted) <= tolerance;
  const seen = new Set([start]);
  const todo = [start];
  for (let cell = todo.pop(); cell !== undefined; cell = todo.pop()) {
    const r = Math.floor(cell / grid.columns);
    const c = cell % grid.columns;
    cover(r, c, 1);
    for (const beside of [
      [r - 1, c],
      [r + 1, c],
      [r, c - 1],
      [r, c + 1],
    ]) {
      const next = cellAt(grid, values.length, [beside[0], beside[1]]);
      if (next < 0 || seen.has(next) || !alike(values[next])) continue;
      seen.add(next);
      todo.push(next);
    }
  }
}
