// The weight map: drawn large, painted on, with what lies over it and what stands under the pointer.

import { ONE } from "../core/stamps.js";
import { CellField } from "./cellfield.js";
import { find, hasFocus, setText } from "./dom.js";
import { boxOf, crisp, drawMap, limitOf, number } from "./draw.js";
import { drawTiles } from "./later.js";
import { called } from "./meaning/names.js";

/**
 * @typedef {import("./bench.js").Bench} Bench
 * @typedef {[number, number]} Point row and column, in cells
 */
/**
 * What takes the pointer and the keys on the map, where these do not paint.
 * @typedef {object} Hand
 * @property {(point: Point, event: PointerEvent) => void} down
 * @property {(points: Point[]) => void} move
 * @property {(point: Point) => void} up
 * @property {() => void} cancel
 * @property {(event: KeyboardEvent, onMap: boolean) => boolean} key whether it was for the hand
 * @property {(g: CanvasRenderingContext2D, cell: number) => void} draw
 * @property {string|null} readout what the line above the map says
 */

export class Surface {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.root = find(bench.root, ".map-panel");
    /** @type {HTMLElement} */
    this.box = find(this.root, ".surface");
    /** @type {HTMLCanvasElement} */
    this.map = find(this.root, ".map");
    /** @type {HTMLCanvasElement} */
    this.over = find(this.root, ".over");
    /** @type {Point|null} where the pointer is */
    this.hover = null;
    /** @type {Point|null} where the keyboard is */
    this.cursor = null;
    /** @type {Point|null} the cell last clicked: there the keyboard begins */
    this.clicked = null;
    /** @type {number|null} the pointer that paints */
    this.pointer = null;
    /** @type {Hand|null} what holds the pointer, where that does not paint */
    this.held = null;
    this.touch = false;
    this.limit = 0;
    this.covered = false;
    this.field = new CellField(bench);
    /** What the title says. @param {string} at @param {number} _ the layer @returns {string} */
    this.titled = (at, _) => `weights into ${at}`;
    /** @type {() => string|null} what the line above says in the place of its own */
    this.noted = () => null;
    this.wire();
  }

  /** @param {MouseEvent} event @returns {Point} */
  at(event) {
    const box = this.map.getBoundingClientRect(),
      { rows, columns } = this.bench.store.grid;
    return [
      ((event.clientY - box.top) / box.height) * rows,
      ((event.clientX - box.left) / box.width) * columns,
    ];
  }

  wire() {
    const { map, bench } = this;
    map.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !bench.store.state || bench.original || bench.store.stroke) return;
      map.setPointerCapture(event.pointerId);
      map.focus({ preventScroll: true });
      const point = this.at(event);
      this.cursor = null;
      this.clicked = [Math.floor(point[0]), Math.floor(point[1])];
      this.pointer = event.pointerId;
      this.touch = event.pointerType === "touch";
      this.held = bench.hand;
      if (this.held) this.held.down(point, event);
      else bench.beginStroke(point, this.limit);
    });
    map.addEventListener("pointermove", (event) => {
      this.hover = this.at(event);
      if (event.pointerId === this.pointer && (this.held || bench.store.stroke)) {
        const events = event.getCoalescedEvents?.() ?? [];
        const points = (events.length ? events : [event]).map((each) => this.at(each));
        if (this.held) this.held.move(points);
        else bench.moveStroke(points);
      }
      bench.dirty();
    });
    map.addEventListener("pointerleave", () => {
      this.hover = null;
      bench.dirty();
    });
    map.addEventListener("pointerup", (event) => {
      if (event.pointerId !== this.pointer) return;
      this.pointer = null;
      if (this.touch) this.hover = null;
      if (this.held) this.held.up(this.at(event));
      else bench.endStroke();
      this.held = null;
    });
    map.addEventListener("pointercancel", () => {
      this.pointer = null;
      this.held?.cancel();
      this.held = null;
      bench.dropStroke();
    });
    map.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  /** Move the keyboard's cursor; the first move shows it. @param {Point} by */
  moveCursor([rows, columns]) {
    const { grid } = this.bench.store;
    const from = this.cursor ?? this.clicked ?? [Math.floor(grid.rows / 2), Math.floor(grid.columns / 2)];
    const by = this.cursor ? [rows, columns] : [0, 0];
    this.cursor = [
      Math.max(0, Math.min(grid.rows - 1, from[0] + by[0])),
      Math.max(0, Math.min(grid.columns - 1, from[1] + by[1])),
    ];
    this.hover = null;
    this.bench.dirty();
  }

  /** The cell that the keyboard means: where its cursor is, or was last clicked. @returns {Point|null} */
  here() {
    const at = this.hover ?? this.clicked;
    if (!this.cursor && at) {
      this.cursor = [Math.floor(at[0]), Math.floor(at[1])];
      this.hover = null;
      this.bench.dirty();
    }
    return this.cursor;
  }

  /** Another neuron is shown. */
  forget() {
    this.cursor = null;
    this.clicked = null;
  }

  // ---- a frame -----------------------------------------------------------------------------------

  /** @param {import("./bench.js").Frame} frame */
  draw(frame) {
    const { bench } = this,
      { store, settings } = bench;
    const [layer, neuron] = store.selected,
      later = layer > 1,
      { state } = store;
    this.box.classList.toggle("later", later);
    find(this.root, ".composed-box").hidden = !later;
    const [gridRows, gridColumns] = state.grid;
    this.box.style.setProperty("--tall", String(later ? 1 : gridRows / gridColumns));
    const title = `${this.titled(`${layer}.${neuron}`, layer)}${bench.original ? ", as loaded" : ""}`;
    setText(find(this.root, ".map-title"), title);
    const row = store.row(layer, neuron, frame.layers),
      { columns } = store.grid;
    this.limit = bench.limit(row, () => frame.limit(layer));
    const inputs = later ? frame.trace.a[layer - 2] : store.digit;
    const values = settings.contributions
      ? row.map((/** @type {number} */ weight, /** @type {number} */ i) => weight * inputs[i])
      : row;
    const limit = settings.contributions ? limitOf(values) : this.limit;
    if (!this.covered) {
      if (later) drawTiles(this, frame, values, limit);
      else drawMap(this.map, values, columns, limit, bench.look, settings.lit ? store.blocks.lit : null);
      this.drawOver(later, frame);
    }
    this.readout(frame);
    const bias = bench.biases.input;
    if (!hasFocus(bias)) bias.value = number(store.bias(layer, neuron, frame.layers), 3, false);
  }

  /** Another view stands in its place, or none any more. @param {boolean} covered */
  cover(covered) {
    if (this.covered === covered) return;
    this.covered = covered;
    this.box.classList.toggle("covered", covered);
    this.bench.dirty();
  }

  /** @param {boolean} later @param {import("./bench.js").Frame} frame */
  drawOver(later, frame) {
    const { context: g, width, height } = crisp(this.over, boxOf(this.over));
    const { store, settings } = this.bench,
      { rows, columns } = store.grid;
    const w = width / columns,
      h = height / rows;
    /** @param {ArrayLike<number>} values @param {number} full @param {string} colour */
    const shade = (values, full, colour) => {
      for (let i = 0; i < values.length; i++) {
        const share = values[i] / full;
        if (!(share > 0.02)) continue;
        g.fillStyle = `rgb(${colour} / ${0.62 * share})`;
        g.fillRect((i % columns) * w, Math.floor(i / columns) * h, w + 0.3, h + 0.3);
      }
    };
    if (!later) {
      const label = store.state.digit.label ?? frame.read,
        pixels = store.state.sizes[0];
      if (settings.mean && label < store.state.digits.classes)
        shade(store.blocks.means.subarray(pixels * label, pixels * (label + 1)), ONE, "120 180 255");
      if (settings.ghost) shade(store.digit, 1, "255 255 255");
      mirrorLines(g, settings.mirror, width, height);
    }
    this.bench.overlays.draw(g, frame, { width, height, cellWidth: w, cellHeight: h, later });
    const { hover } = this,
      { gesture } = this.bench;
    gesture?.tool.overlay?.(g, gesture.context);
    const { hand } = this.bench;
    hand?.draw(g, w);
    if (hand && !later) return;
    if (this.cursor) outline(g, this.cursor[1] * w, this.cursor[0] * h, w, h);
    if (!hover) return;
    if (this.bench.tool?.sized && settings.size > 1 && !later) {
      for (const [style, line] of OUTLINE) {
        g.strokeStyle = style;
        g.lineWidth = line;
        g.beginPath();
        g.arc(hover[1] * w, hover[0] * h, (settings.size / 2) * w, 0, 2 * Math.PI);
        g.stroke();
      }
    } else outline(g, Math.floor(hover[1]) * w, Math.floor(hover[0]) * h, w, h);
  }

  /** @param {import("./bench.js").Frame} frame */
  readout({ layers, trace }) {
    const at = this.hover ?? this.cursor,
      { store } = this.bench,
      [layer, neuron] = store.selected;
    const node = find(this.root, ".readout"),
      { rows, columns } = store.grid;
    const row = store.row(layer, neuron, layers),
      note = this.noted() ?? (this.hover && !this.held ? null : this.bench.hand?.readout);
    /** All of it stays at hand where the line has room for its beginning alone. @param {string} text @param {string} [short] */
    const say = (text, short = text) => {
      setText(node, this.bench.wide < ROOMY ? short : text);
      if (node.title !== text) node.title = text;
    };
    if (note) return say(note);
    const r = at ? Math.floor(at[0]) : -1,
      c = at ? Math.floor(at[1]) : -1,
      cell = r * columns + c;
    if (r < 0 || c < 0 || r >= rows || c >= columns || cell >= row.length) {
      const z = trace.z[layer - 1][neuron],
        a = trace.a[layer - 1][neuron],
        fires = `z ${number(z)} → a ${number(a, 3, false)}`;
      return say(`${fires} · brightest ${number(this.limit, 2, false)}`, fires);
    }
    const input = layer === 1 ? store.digit[cell] : trace.a[layer - 2][cell],
      weight = row[cell];
    const name = layer === 1 ? "" : called(store, layer - 1, cell);
    const where = name ? `from ${name}` : `row ${r}, column ${c}`;
    if (this.map.title !== name) this.map.title = name;
    say(
      `${where} · weight ${number(weight, 3)} × input ${number(input, 2, false)} = ${number(weight * input, 3)}`,
      `${layer === 1 ? `${r}, ${c}` : `${layer - 1}.${cell}`}: ${number(weight)} × ${number(input, 2, false)}`,
    );
  }
}

const ROOMY = 1200; // CSS pixels of the page from which on the line above the map holds a sentence

/** @type {[string, number][]} */
const OUTLINE = [
  ["rgb(0 0 0 / .8)", 3],
  ["#fff", 1.2],
];

/** @param {CanvasRenderingContext2D} g @param {number} x @param {number} y @param {number} w @param {number} h */
function outline(g, x, y, w, h) {
  for (const [style, line] of OUTLINE) {
    g.strokeStyle = style;
    g.lineWidth = line;
    g.strokeRect(x, y, w, h);
  }
}

/** @param {CanvasRenderingContext2D} g @param {string} mirror @param {number} width @param {number} height */
function mirrorLines(g, mirror, width, height) {
  if (mirror === "none") return;
  g.strokeStyle = "rgb(255 255 255 / .45)";
  g.setLineDash([5, 5]);
  g.beginPath();
  if (mirror !== "top-bottom") {
    g.moveTo(width / 2, 0);
    g.lineTo(width / 2, height);
  }
  if (mirror !== "left-right") {
    g.moveTo(0, height / 2);
    g.lineTo(width, height / 2);
  }
  g.stroke();
  g.setLineDash([]);
}
