// The digit that goes in: which one, drawing one by hand, how well each is read, and those that the
// last step gained and lost.
import { classNames, numbered, outputNames, unscored } from "../core/classes.js";
import { UNSCORED_WORDS } from "../words/see.js";
import { digitTitle, wholePercent } from "../words.js";
import { element, find, hasFocus, setText, toBase64 } from "./dom.js";
import { drawGrey, number, percentPoints } from "./draw.js";
import { Flips } from "./flips.js";

/** @typedef {import("./bench.js").Bench} Bench */

const SHEET = 112; // pixels along a side of what one draws on
const CROWD = 16; // classes, from which on there is no room for figures below their bars
const PEN = 5.4; // half the pen's width there: as wide as MNIST's pens were

export class DigitPanel {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.root = find(bench.root, ".digit-panel");
    /** @type {HTMLCanvasElement} */
    this.canvas = find(this.root, ".digit-view");
    /** @type {HTMLInputElement} */
    this.index = find(this.root, ".digit-index");
    /** @type {HTMLSelectElement} */
    this.choice = find(this.root, ".digit-class");
    /** @type {Float32Array|null} the sheet drawn on, while one draws */
    this.sheet = null;
    /** @type {Float32Array|null} the digit on the canvas */
    this.drawn = null;
    this.verdict = "";
    this.names = numbered(10);
    this.showChoices();
    this.choice.addEventListener("change", () => this.step("class"));
    this.index.addEventListener("change", () => this.goTo(this.index.value));
    this.root.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("button");
      if (button?.dataset.digit) this.step(button.dataset.digit);
    });
    this.perDigit = find(this.root, ".per-digit");
    this.columns = buildPerDigit(this.perDigit, this.names);
    this.gained = new Flips(bench, "gained");
    this.lost = new Flips(bench, "lost");
    this.unscored = element("p", { className: "unscored-note", hidden: true });
    this.perDigit.before(this.unscored);
    this.wirePen();
  }

  showChoices() {
    this.choice.replaceChildren(
      element("option", { value: "", textContent: "any" }),
      ...this.names.map((name, label) => element("option", { value: label, textContent: `a ${name}` })),
    );
  }

  /** Build anew what stands for each class, where there are others. @param {any} state */
  receiveClasses(state) {
    const names = classNames(state);
    if (JSON.stringify(names) === JSON.stringify(this.names)) return;
    this.names = names;
    this.showChoices();
    this.columns = buildPerDigit(this.perDigit, names);
    this.bench.bell.ring("classes-built");
  }

  /** @param {string} how */
  step(how) {
    this.setDrawing(false);
    const which = this.choice.value;
    this.bench.ask({ kind: "digit", how, class: which === "" ? null : Number(which) });
  }

  /** @param {string} text */
  goTo(text) {
    const { state } = this.bench.store,
      which = Number(text),
      most = state.digits.of - 1;
    if (text.trim() === "" || !Number.isInteger(which)) {
      this.bench.say({ code: "bad-index", kind: "error", fields: { most, got: text } });
      this.index.value = state.digit.index ?? "";
    } else if (which !== state.digit.index) this.show(which);
  }

  /** @param {number} index */
  show(index) {
    this.setDrawing(false);
    this.bench.ask({ kind: "digit", how: "index", index });
  }

  // ---- drawing by hand -------------------------------------------------------------------------

  wirePen() {
    const { canvas } = this;
    /** @param {PointerEvent} event @returns {[number, number]} */
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return [
        ((event.clientY - box.top) / box.height) * SHEET,
        ((event.clientX - box.left) / box.width) * SHEET,
      ];
    };
    /** @type {[number, number]|null} */
    let from = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (!this.sheet || event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      from = at(event);
      this.bench.store.penDown = true;
      this.ink(from, from);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!from) return;
      const events = event.getCoalescedEvents?.() ?? [];
      for (const each of events.length ? events : [event]) {
        const to = at(each);
        this.ink(from, to);
        from = to;
      }
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => {
        if (!from) return;
        from = null;
        this.bench.store.penDown = false;
        this.tell();
      });
    }
  }

  tell() {
    const pixels = toBase64(
      this.bench.store.digit.map((/** @type {number} */ level) => Math.round(255 * level)),
    );
    this.bench.ask({ kind: "digit", how: "raw", pixels });
  }

  /** Begin a drawing on an empty sheet, or leave drawing. @param {boolean} on */
  setDrawing(on) {
    const { store } = this.bench,
      was = this.sheet !== null;
    this.sheet = on ? new Float32Array(SHEET ** 2) : null;
    if (!on && !was) return;
    this.canvas.classList.toggle("drawing", on);
    const draw = find(this.root, ".draw");
    draw.classList.toggle("on", on);
    draw.textContent = on ? "drawing" : "draw";
    find(this.root, ".center").hidden = !on;
    find(this.root, ".clear").hidden = !on;
    find(this.root, "[data-do=picture]").hidden = on;
    if (on) {
      store.setDigit(new Float32Array(store.state.sizes[0]));
      this.tell();
    }
  }

  /** @param {[number, number]} from @param {[number, number]} to */
  ink(from, to) {
    const sheet = this.sheet,
      { store } = this.bench;
    if (!sheet) return;
    const steps = Math.max(1, Math.ceil(2 * Math.hypot(to[0] - from[0], to[1] - from[1])));
    for (let s = 0; s <= steps; s++) {
      const t = s / steps;
      spot(sheet, from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1]));
    }
    const [rows, columns] = store.state.grid;
    store.setDigit(shrink(sheet, rows, columns));
    this.bench.dirty();
  }

  center() {
    if (!this.sheet) return;
    const pixels = toBase64(this.sheet.map((level) => Math.round(255 * level)));
    this.setDrawing(false);
    this.bench.ask({ kind: "digit", how: "drawing", pixels });
  }

  // ---- what the server says --------------------------------------------------------------------

  /** @param {any} state */
  receive(state) {
    find(this.root, ".digit-title").textContent = digitTitle(state.digit.title);
    if (!hasFocus(this.index)) this.index.value = state.digit.index ?? "";
    this.index.placeholder = "–";
    this.receiveClasses(state);
    this.choice.value = state.digit.class ?? "";
    const why = unscored(state);
    this.root.classList.toggle("unscored", Boolean(why));
    this.unscored.hidden = !why;
    this.unscored.textContent = UNSCORED_WORDS.said(why);
  }

  /** How well each is read, and which were gained and lost. @param {import("./reading.js").Reading} reading */
  showReading(reading) {
    showPerDigit(this.columns, reading, this.names);
    this.gained.show(reading, reading.gained);
    this.lost.show(reading, reading.lost);
  }

  // ---- a frame -----------------------------------------------------------------------------------

  /** @param {{z: Float32Array[], a: Float32Array[]}} trace @param {number} read the class it is read as */
  draw(trace, read) {
    const { state, digit } = this.bench.store,
      z = trace.z[trace.z.length - 1];
    if (this.drawn !== digit) drawGrey(this.canvas, digit, state.grid[1]);
    this.drawn = digit;
    const { label } = state.digit,
      known = label !== null && !this.sheet;
    const tie = z.length > 1 && z.every((value) => value === z[0]);
    const why = unscored(state),
      right = !known || why ? "" : read === label ? "right" : "wrong",
      alone = z.length === 1 ? number(trace.a[trace.a.length - 1][0], 2, false) : "";
    const is = known ? `it is a ${classNames(state)[label]}` : "",
      named = outputNames(state)[read];
    const verdict = `${is} ${tie ? `tie ${z.length}` : named} ${right} ${alone} ${why}`;
    if (this.verdict === verdict) return;
    this.verdict = verdict;
    const box = find(this.root, ".verdict"),
      before = is ? `${is}; ` : "";
    if (tie) box.replaceChildren(`${before}${UNSCORED_WORDS.tie(z.length)}`);
    else if (alone)
      box.replaceChildren(`${before}${UNSCORED_WORDS.alone} `, element("b", { textContent: alone }));
    else if (why)
      box.replaceChildren(
        `${before}${UNSCORED_WORDS.largest[0]} `,
        element("b", { textContent: named }),
        ` ${UNSCORED_WORDS.largest[1]}`,
      );
    else
      box.replaceChildren(
        is ? `${is}, read as ` : "read as ",
        element("b", { textContent: named, className: right }),
      );
  }
}

/** A spot of the pen. @param {Float32Array} sheet @param {number} row @param {number} column */
function spot(sheet, row, column) {
  const top = Math.max(0, Math.floor(row - 2 * PEN)),
    bottom = Math.min(SHEET - 1, row + 2 * PEN);
  const left = Math.max(0, Math.floor(column - 2 * PEN)),
    right = Math.min(SHEET - 1, column + 2 * PEN);
  for (let r = top; r <= bottom; r++) {
    for (let c = left; c <= right; c++) {
      const level = Math.min(
        1,
        Math.max(0, 1.25 - 0.55 * (Math.hypot(r + 0.5 - row, c + 0.5 - column) / PEN) ** 2),
      );
      sheet[r * SHEET + c] = Math.max(sheet[r * SHEET + c], level);
    }
  }
}

/** The sheet on the network's grid. @param {Float32Array} sheet @param {number} rows @param {number} columns */
function shrink(sheet, rows, columns) {
  const digit = new Float32Array(rows * columns),
    counts = new Float32Array(rows * columns);
  for (let r = 0; r < SHEET; r++) {
    for (let c = 0; c < SHEET; c++) {
      const cell = Math.floor((r * rows) / SHEET) * columns + Math.floor((c * columns) / SHEET);
      digit[cell] += sheet[r * SHEET + c];
      counts[cell]++;
    }
  }
  return digit.map((level, cell) => Math.round((255 * level) / Math.max(1, counts[cell])) / 255);
}

/** @param {HTMLElement} box @param {string[]} names */
function buildPerDigit(box, names) {
  const columns = names.map((name) => {
    const fill = element("div", { className: "fill" }),
      was = element("div", { className: "was" });
    const bars = element("div", { className: "bar-box" }, fill, was);
    const amount = element("b");
    const column = element("div", {}, bars, element("span", { textContent: name }), amount);
    return { fill, was, amount, column, shown: "" };
  });
  box.replaceChildren(...columns.map(({ column }) => column));
  box.style.gridTemplateColumns = `repeat(${names.length}, minmax(0, 1fr))`;
  box.classList.toggle("crowd", names.length > CROWD);
  return columns;
}

/** @param {ReturnType<typeof buildPerDigit>} columns @param {import("./reading.js").Reading} reading @param {string[]} names */
function showPerDigit(columns, reading, names) {
  columns.forEach((column, label) => {
    const now = reading.per_digit[label],
      before = reading.per_digit_start[label];
    const shown = `${now} ${before}`;
    if (column.shown !== shown) {
      column.shown = shown;
      column.fill.style.transform = `scaleY(${now ?? 0})`;
      column.was.style.bottom = `calc(${100 * (before ?? 0)}% - 1px)`;
      column.was.hidden = before === null || before === now;
      setText(column.amount, now === null ? "" : wholePercent(now));
    }
    if (reading.live) return;
    const digit = names[label];
    const change =
      before === now || before === null ? "" : `, ${percentPoints((now ?? 0) - before)} since loaded`;
    const title =
      now === null
        ? `no ${digit} in this set`
        : `${digit}: ${(100 * now).toFixed(1)}% read right${change}; click for those read wrong`;
    if (column.column.title !== title) column.column.title = title;
  });
}
