// A region of the map: a rectangle that is drawn on it, or typed.

/**
 * @typedef {import("../bench.js").Bench} Bench
 * @typedef {import("../surface.js").Hand} Hand
 * @typedef {[number, number]} Point
 * @typedef {[top: number, left: number, bottom: number, right: number]} Region row and column of its
 *   first cell, and of the one after its last
 */

/** @implements {Hand} */
export class RegionHand {
  /** @param {Bench} bench @param {(region: Region) => void} changed */
  constructor(bench, changed) {
    this.bench = bench;
    this.changed = changed;
    const { rows, columns } = bench.store.grid;
    /** @type {Region} */
    this.region = [
      Math.floor(rows / 4),
      Math.floor(columns / 4),
      Math.ceil((3 * rows) / 4),
      Math.ceil((3 * columns) / 4),
    ];
    /** @type {Point|null} */
    this.from = null;
    this.readout = "drag a rectangle over what is meant";
  }

  /** @param {Region} region */
  set([top, left, bottom, right]) {
    const { rows, columns } = this.bench.store.grid;
    const first = (/** @type {number} */ value, /** @type {number} */ most) =>
      Math.max(0, Math.min(most - 1, Math.round(value)));
    const [row, column] = [first(top, rows), first(left, columns)];
    this.region = [
      row,
      column,
      Math.max(row + 1, Math.min(rows, Math.round(bottom))),
      Math.max(column + 1, Math.min(columns, Math.round(right))),
    ];
    this.changed(this.region);
  }

  /** @param {Point} point */
  down(point) {
    this.from = point;
    this.#to(point);
  }

  /** @param {Point[]} points */
  move(points) {
    const last = points.at(-1);
    if (last) this.#to(last);
  }

  up() {
    this.from = null;
  }

  cancel() {
    this.from = null;
  }

  key() {
    return false;
  }

  /** @param {Point} point */
  #to([row, column]) {
    if (!this.from) return;
    const [row0, column0] = this.from;
    this.set([
      Math.floor(Math.min(row, row0)),
      Math.floor(Math.min(column, column0)),
      Math.floor(Math.max(row, row0)) + 1,
      Math.floor(Math.max(column, column0)) + 1,
    ]);
  }

  /** @param {CanvasRenderingContext2D} g @param {number} cell */
  draw(g, cell) {
    const [top, left, bottom, right] = this.region;
    for (const [style, wide] of /** @type {[string, number][]} */ ([
      ["rgb(0 0 0 / .8)", 3],
      ["#fff", 1.2],
    ])) {
      g.strokeStyle = style;
      g.lineWidth = wide;
      g.strokeRect(left * cell, top * cell, (right - left) * cell, (bottom - top) * cell);
    }
  }
}
