// Weights as a grid of numbers: walked with arrow keys, typed into, dragged, wheeled, copied and pasted.
import { CELL_WORDS as words } from "../../words/meaning.js";
import { element, hasFocus } from "../dom.js";
import { boxOf, brief, colourOf, crisp, inLines, number, shortened } from "../draw.js";
import { PHONE } from "../fit.js";
import { by, copiedTable, toolOf } from "../moves/clipboard.js";
import { numberOf } from "../numberfield.js";
import { between, NumberInput } from "./typing.js";

/** @typedef {import("../bench.js").Bench} Bench */
/** @typedef {import("../../core/types.js").Edit} Edit */
/** @typedef {[row: number, column: number]} Place */
/** @typedef {[row: number, column: number, value: number]} Change */
/**
 * @typedef {object} Grid
 * @property {number} rows
 * @property {number} columns
 * @property {(row: number, column: number) => number|undefined} value undefined where there is no weight
 * @property {(changes: Change[]) => Edit} edit
 * @property {(row: number, column: number) => string} where for people
 * @property {number} limit the weight shown brightest
 * @property {(row: number) => string} [rowHead]
 * @property {(column: number) => string} [columnHead]
 * @property {(row: number, column: number) => HTMLCanvasElement|null} [tile] a map shown in the cell
 * @property {(row: number, column: number) => string} [label] below it
 * @property {(row: number) => void} [went] called when the cursor goes to a row
 */

const HEAD = { left: 34, top: 18 };
const FEW = 5; // pixels within which a press is no drag

export class Cells {
  /** @param {Bench} bench @param {import("./nudge.js").Nudge} nudge */
  constructor(bench, nudge) {
    this.bench = bench;
    this.nudge = nudge;
    /** What the line above says: of a cell, or a sentence. @type {Place|string|null} */
    this.told = null;
    this.canvas = element("canvas", { tabIndex: 0, ariaLabel: words.matrix });
    this.canvas.setAttribute("role", "application");
    this.node = element("div", { className: "cells" }, this.canvas);
    this.field = new NumberInput(bench, this.node);
    /** @type {Grid|null} */
    this.grid = null;
    /** @type {Place} */
    this.cursor = [0, 0];
    /** @type {Place} where a selection began */
    this.anchor = [0, 0];
    /** @type {{id: number, y: number, from: number, place: Place, was: boolean, moved: boolean, grid: Grid}|null} */
    this.drag = null;
    /** Whether a click or a key was for them since the keyboard came: it comes with the view, too. */
    this.inUse = false;
    this.wire();
  }

  wire() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", () => this.up(true));
    canvas.addEventListener("pointercancel", () => this.up(false));
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("focus", () => this.bench.dirty());
    canvas.addEventListener("blur", () => {
      this.inUse = false;
      this.bench.dirty();
    });
    this.node.addEventListener("copy", (event) => this.copy(event));
    this.node.addEventListener("paste", (event) => this.paste(event));
  }

  /** @returns {{x: number, y: number, w: number, h: number}} of the cells, in CSS pixels */
  get area() {
    const { grid, canvas } = this,
      { width, height } = boxOf(canvas),
      x = grid?.rowHead ? HEAD.left : 0,
      y = grid?.columnHead ? HEAD.top : 0;
    return { x, y, w: (width - x) / (grid?.columns ?? 1), h: (height - y) / (grid?.rows ?? 1) };
  }

  /** @param {MouseEvent} event @returns {Place|null} */
  at(event) {
    const box = this.canvas.getBoundingClientRect(),
      { x, y, w, h } = this.area;
    const row = Math.floor((event.clientY - box.top - y) / h),
      column = Math.floor((event.clientX - box.left - x) / w);
    return this.valueAt(row, column) === undefined ? null : [row, column];
  }

  /** @param {number} row @param {number} column */
  valueAt(row, column) {
    const { grid } = this;
    if (!grid || row < 0 || column < 0 || row >= grid.rows || column >= grid.columns) return undefined;
    return grid.value(row, column);
  }

  get value() {
    return this.valueAt(...this.cursor) ?? 0;
  }

  /** A step of the wheel or of a key. */
  get step() {
    const { strength } = this.bench.settings;
    return 0.1 * Math.abs(strength);
  }

  /** The cells chosen, row by row. @returns {Place[][]} */
  get chosen() {
    const [top, bottom] = [this.cursor[0], this.anchor[0]].sort((a, b) => a - b),
      [left, right] = [this.cursor[1], this.anchor[1]].sort((a, b) => a - b);
    return Array.from({ length: bottom - top + 1 }, (_, r) =>
      Array.from({ length: right - left + 1 }, (__, c) => /** @type {Place} */ ([top + r, left + c])).filter(
        (place) => this.valueAt(...place) !== undefined,
      ),
    );
  }

  /** @param {Place} to @param {boolean} [extend] */
  go(to, extend = false) {
    if (this.valueAt(...to) === undefined) return;
    this.cursor = to;
    if (!extend) {
      this.anchor = to;
      this.grid?.went?.(to[0]);
    }
    this.tell(to);
    this.bench.dirty();
  }

  /** @param {Place|string} told */
  tell(told) {
    this.told = told;
    this.bench.dirty();
  }

  /** What the line above says, of the weights as they were drawn. @returns {string|null} */
  get note() {
    const { told, grid } = this;
    if (typeof told === "string" || !told) return told;
    const value = this.valueAt(...told);
    if (value === undefined || !grid) return null;
    // On a phone the line has room for the number; the heads say where.
    return this.bench.wide <= PHONE
      ? number(value, 3)
      : `weight ${number(value, 3)} · ${grid.where(...told)}`;
  }

  /** Whether a drag draws a line of cells, and does not change the one. */
  get lines() {
    return this.bench.settings.tool === "line";
  }

  /**
   * @param {Change[]} changes @param {Grid|null} [grid] that they were meant for
   * @param {string} [tool] what did it, where that is no hand
   */
  put(changes, grid = this.grid, tool = undefined) {
    const all = changes.map(
      ([row, column, value]) => /** @type {Change} */ ([row, column, Math.fround(value)]),
    );
    if (grid && all.length) this.bench.edit(by(grid.edit(all), tool));
    this.tell(this.cursor);
  }

  /** @param {string} [text] */
  type(text) {
    const { grid } = this;
    if (this.valueAt(...this.cursor) === undefined || this.bench.original) return;
    const { x, y, w, h } = this.area,
      box = this.canvas.getBoundingClientRect(),
      [row, column] = this.cursor;
    this.field.open({
      box: new DOMRect(box.left + x + column * w, box.top + y + row * h, w, h),
      value: this.value,
      text,
      put: (value) => this.put([[row, column, value]], grid),
      done: (by) => {
        this.canvas.focus({ preventScroll: true });
        this.inUse = true;
        if (by) this.go([row + by[0], column + by[1]]);
      },
    });
  }

  // ---- hands -------------------------------------------------------------------------------------

  /** @param {PointerEvent} event */
  down(event) {
    const place = this.at(event),
      { grid } = this;
    if (event.button !== 0 || !place || !grid || this.bench.original) return;
    this.canvas.focus({ preventScroll: true });
    this.inUse = true;
    const was = place.join() === this.cursor.join() && this.canvas.dataset.picked === "yes";
    this.canvas.dataset.picked = "yes";
    this.go(place, event.shiftKey);
    if (event.shiftKey) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.drag = { id: event.pointerId, y: event.clientY, from: this.value, place, was, moved: false, grid };
  }

  /** @param {PointerEvent} event */
  move(event) {
    const { drag } = this;
    if (!drag || event.pointerId !== drag.id) {
      const place = this.at(event);
      if (place) this.tell(place);
      return;
    }
    if (this.lines) return this.line(drag, this.at(event));
    const by = drag.y - event.clientY;
    if (!drag.moved && Math.abs(by) < FEW) return;
    drag.moved = true;
    const from = Number.isFinite(drag.from) ? drag.from : 0,
      fine = this.step / 5;
    // In whole steps, so that a round number can be hit.
    const value = Math.fround(from + Math.round(by / 3) * fine);
    this.nudge.show(drag.grid.edit([[...drag.place, value]]), false);
    this.tell(drag.place);
  }

  /**
   * All cells from where the drag began to where it is become the strength.
   * @param {NonNullable<Cells["drag"]>} drag @param {Place|null} to
   */
  line(drag, to) {
    if (!to || (!drag.moved && to.join() === drag.place.join())) return;
    drag.moved = true;
    const value = Math.fround(this.bench.settings.strength);
    const cells = between(drag.place, to).filter((place) => this.valueAt(...place) !== undefined);
    this.nudge.show(drag.grid.edit(cells.map((place) => [...place, value])), false);
    this.tell(to);
  }

  /** @param {boolean} keep */
  up(keep) {
    const { drag } = this;
    this.drag = null;
    if (!drag) return;
    if (drag.moved) {
      if (keep) this.nudge.keep();
      else this.nudge.drop();
    } else if (keep && drag.was) this.type();
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    const place = this.at(event),
      { grid } = this;
    if (!place || !grid || event.ctrlKey || this.bench.original) return;
    // Where nobody works on them the wheel moves the page.
    if (!this.inUse || !hasFocus(this.canvas)) return;
    event.preventDefault();
    if (place.join() !== this.cursor.join()) this.nudge.keep();
    this.go(place);
    const way = event.deltaY + event.deltaX < 0 ? 1 : -1;
    this.bump(way * (event.shiftKey ? 5 : 1));
  }

  /** @param {number} steps */
  bump(steps) {
    const { grid, cursor } = this,
      old = Number.isFinite(this.value) ? this.value : 0;
    if (grid) this.nudge.show(grid.edit([[...cursor, Math.fround(old + steps * this.step)]]));
    this.tell(cursor);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { grid } = this;
    if (!grid || event.altKey) return;
    const [row, column] = this.cursor;
    /** @type {Record<string, Place>} */
    const to = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [row, 0],
      End: [row, grid.columns - 1],
    };
    const ctrl = event.ctrlKey || event.metaKey;
    if (ctrl && event.key.toLowerCase() === "a") {
      this.anchor = [0, 0];
      this.cursor = [grid.rows - 1, grid.columns - 1];
      this.bench.dirty();
    } else if (ctrl) return;
    else if (to[event.key]) this.go(to[event.key], event.shiftKey);
    else if (event.key === "Enter") this.type();
    else if (/^[0-9.,\-−]$/.test(event.key)) this.type(event.key);
    else if (event.key === "+") this.bump(1);
    else if (event.key === "Delete" || event.key === "Backspace")
      this.put(this.chosen.flat().map(([r, c]) => [r, c, 0]));
    else return;
    this.inUse = true;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {ClipboardEvent} event */
  copy(event) {
    if (this.field.typed || !this.grid) return;
    const text = this.chosen
      .map((row) =>
        row.map((place) => String(Number((this.valueAt(...place) ?? 0).toPrecision(7)))).join("\t"),
      )
      .join("\n");
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
    copiedTable(this.bench.store, text);
  }

  /** Lay a table from the cursor on, as a spreadsheet gives it. @param {ClipboardEvent} event */
  paste(event) {
    if (this.field.typed || !this.grid || this.bench.original) return;
    event.preventDefault();
    const text = (event.clipboardData?.getData("text/plain") ?? "").slice(0, 1 << 22).trimEnd();
    const table = text.split(/\r?\n/).map((line) => line.split(line.includes("\t") ? "\t" : /[;\s]+/));
    const top = Math.min(this.cursor[0], this.anchor[0]),
      left = Math.min(this.cursor[1], this.anchor[1]);
    /** @type {Change[]} */
    const changes = [];
    let outside = false;
    for (const [r, line] of table.entries()) {
      for (const [c, each] of line.entries()) {
        if (each.trim() === "") continue;
        const value = Math.fround(numberOf(each));
        if (!Number.isFinite(value)) {
          const name = `Row ${r + 1}, column ${c + 1}`;
          this.bench.say({ code: "bad-number", kind: "error", fields: { name, got: each.slice(0, 40) } });
          return;
        }
        if (this.valueAt(top + r, left + c) === undefined) outside = true;
        else changes.push([top + r, left + c, value]);
      }
    }
    this.put(changes, this.grid, toolOf(this.bench.store, text));
    if (outside) this.tell(words.tooMany);
  }

  // ---- a frame -----------------------------------------------------------------------------------

  /** Have these weights from now on. @param {Grid} grid */
  take(grid) {
    this.grid = grid;
    if (this.valueAt(...this.cursor) === undefined || this.valueAt(...this.anchor) === undefined)
      this.cursor = this.anchor = [0, 0];
  }

  draw() {
    const { grid } = this;
    if (!grid) return;
    const { context: g, width, height } = crisp(this.canvas, boxOf(this.canvas)),
      { x, y, w, h } = this.area,
      { look, root } = this.bench;
    const css = getComputedStyle(root);
    g.fillStyle = "#333"; // between the cells, so that blank ones have a border
    g.fillRect(x, y, width - x, height - y);
    g.textBaseline = "middle";
    this.heads(g, grid, css.color, css.fontFamily);
    const size = Math.max(8, Math.min(12, w / 3.1)),
      gap = w > 24 ? 1 : 0.5;
    g.textAlign = "center";
    g.imageSmoothingEnabled = false;
    for (let row = 0; row < grid.rows; row++) {
      for (let column = 0; column < grid.columns; column++) {
        const value = grid.value(row, column);
        if (value === undefined) continue;
        const [red, green, blue] = colourOf(value, grid.limit, look);
        const left = x + column * w,
          top = y + row * h;
        g.fillStyle = `rgb(${red} ${green} ${blue})`;
        g.fillRect(left + gap, top + gap, w - 2 * gap, h - 2 * gap);
        g.fillStyle = 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#000" : "#fff";
        g.font = `${size}px ${css.fontFamily}`;
        const tile = h > 56 ? grid.tile?.(row, column) : null;
        if (tile) {
          g.font = `11px ${css.fontFamily}`;
          const lines = inLines(g, grid.label?.(row, column) ?? "", w - 6);
          const side = Math.min(w - 10, h - 28 - 12 * lines.length);
          g.drawImage(tile, left + (w - side) / 2, top + 5, side, side);
          g.fillText(number(value), left + w / 2, top + side + 15);
          lines.forEach((line, k) => {
            g.fillText(line, left + w / 2, top + side + 29 + 12 * k);
          });
        } else if (w >= 19) {
          const label = h > 40 ? grid.label?.(row, column) : "";
          if (label) {
            g.font = `11px ${css.fontFamily}`;
            g.globalAlpha = 0.75;
            g.fillText(shortened(g, label, w - 6), left + w / 2, top + h / 2 + 15);
            g.font = `${size}px ${css.fontFamily}`;
          }
          g.globalAlpha = value === 0 ? 0.35 : 1;
          g.fillText(value === 0 ? "0" : brief(value, w), left + w / 2, top + h / 2 + 0.5, w - 2);
          g.globalAlpha = 1;
        }
      }
    }
    this.outline(g, x, y, w, h);
  }

  /** @param {CanvasRenderingContext2D} g @param {Grid} grid @param {string} colour @param {string} font */
  heads(g, grid, colour, font) {
    const { x, y, w, h } = this.area,
      [row, column] = this.cursor;
    g.fillStyle = colour;
    const each = (
      /** @type {string} */ text,
      /** @type {boolean} */ here,
      /** @type {number} */ left,
      /** @type {number} */ top,
    ) => {
      g.font = `${here ? "700 " : ""}10px ${font}`;
      g.globalAlpha = here ? 1 : 0.65;
      g.fillText(text, left, top);
    };
    g.textAlign = "right";
    for (let r = 0; r < grid.rows && grid.rowHead && h >= 9; r++)
      each(grid.rowHead(r), r === row, x - 4, y + (r + 0.5) * h);
    g.textAlign = "center";
    for (let c = 0; c < grid.columns && grid.columnHead && w >= 19; c++)
      each(grid.columnHead(c), c === column, x + (c + 0.5) * w, y - 8);
    g.globalAlpha = 1;
  }

  /** @param {CanvasRenderingContext2D} g @param {number} x @param {number} y @param {number} w @param {number} h */
  outline(g, x, y, w, h) {
    const [top, bottom] = [this.cursor[0], this.anchor[0]].sort((a, b) => a - b),
      [left, right] = [this.cursor[1], this.anchor[1]].sort((a, b) => a - b);
    for (const [style, line] of /** @type {[string, number][]} */ ([
      ["rgb(0 0 0 / .8)", 4],
      ["#fff", 2],
    ])) {
      g.strokeStyle = style;
      g.lineWidth = line;
      g.strokeRect(x + left * w + 1, y + top * h + 1, (right - left + 1) * w - 2, (bottom - top + 1) * h - 2);
    }
  }
}
