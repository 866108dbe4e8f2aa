// The stamp in hand: it stands on the map as a preview with its handles until it is laid or dropped.
import { complete, ONE, packLevels, RANGES, SHAPES } from "../../core/stamps.js";
import { stampNotes } from "../../words/stamps.js";
import { bends, dragged, handlesOf, outlineOf, stepped, turn } from "./handles.js";

/**
 * @typedef {import("../bench.js").Bench} Bench
 * @typedef {import("../../core/types.js").Stamp} Stamp
 * @typedef {import("../../core/types.js").StampEdit} StampEdit
 * @typedef {import("../../core/types.js").Point} Point
 * @typedef {import("./handles.js").Full} Full
 * @typedef {import("./handles.js").Handle} Handle
 */

const TOUCH = 24, // CSS pixels around a handle that take it
  MOUSE = 10,
  TWICE = 400; // ms between the taps of a double tap

/** Shapes that are pictures of digits: made from class means of training digits. */
export const PICTURES = ["mean", "difference"];
export const CHOICES = [...Object.keys(SHAPES).filter((shape) => shape !== "picture"), ...PICTURES];

/** How far a key, the wheel or an arrow in a field changes a number. @type {Record<string, number>} */
export const STEPS = {
  row: 0.5,
  column: 0.5,
  angle: 5,
  length: 1,
  width: 0.5,
  height: 1,
  curvature: 0.01,
  surround: 0.1,
  flank: 0.5,
  soft: 0.5,
  phase: 15,
  strength: 0.1,
  amount: 0.1,
};

// What a hand has set stays when one comes back from another page.
export const kept = {
  shape: "edge",
  mode: "add",
  amount: 0.5,
  zeroSum: false,
  of: 3,
  minus: 7,
  at: /** @type {[number, number]} */ ([14, 14]),
  angle: 0,
  /** @type {Record<string, Record<string, number>>} the other numbers of each shape */
  numbers: Object.fromEntries(Object.entries(SHAPES).map(([shape, has]) => [shape, { ...has }])),
};

export class Stamping {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.kept = kept;
    /** Whether it stands on the map, not yet laid. */
    this.stands = false;
    /** Whether it goes along to the next neuron: not after it was dropped. */
    this.goesAlong = true;
    /** Whether it will, once the means are there. */
    this.waits = false;
    /** @type {{handle: Handle["name"], from: Full, dx: number, dy: number, start: Point, moved: boolean}|null} */
    this.drag = null;
    /** @type {{time: number, at: Point}|null} */
    this.tapped = null;
    this.coarse = false;
    /** @type {() => void} */
    this.onChange = () => {};
    for (const name of /** @type {["select", "store"]} */ (["select", "store"]))
      bench.hear(name, () => this.inHand && this.goesAlong && this.stand());
    bench.hear("answer", () => this.waits && !this.lacksMeans && this.inHand && this.stand());
  }

  get inHand() {
    return this.bench.settings.tool === "stamp";
  }

  /** Whether this neuron's weights make a picture. */
  get onMap() {
    return this.bench.store?.state && this.bench.store.selected[0] === 1;
  }

  /** Whether there is something to lay, and where. */
  get fits() {
    return this.onMap && !this.lacksMeans;
  }

  /** Whether it is a picture of digits whose means the server is still working out. */
  get lacksMeans() {
    return PICTURES.includes(kept.shape) && !this.bench.store?.blocks.means.length;
  }

  /** Whether its handles are on the map: as it stands, and where it was laid; not once it was dropped. */
  get seen() {
    return this.fits && (this.stands || this.goesAlong);
  }

  /** @returns {Full} */
  get stamp() {
    const { shape, at, angle, numbers, zeroSum } = kept;
    const strength = this.bench.settings.strength;
    if (PICTURES.includes(shape))
      return /** @type {Full} */ (
        complete({ shape: "picture", levels: this.levels(), strength, zero_sum: zeroSum })
      );
    return /** @type {Full} */ (
      complete({ shape, ...numbers[shape], at, angle, strength, zero_sum: zeroSum })
    );
  }

  /** A class's mean digit, or what one has more of than another, as text. */
  levels() {
    const { means } = this.bench.store.blocks,
      cells = this.bench.store.state.sizes[0],
      most = this.bench.store.state.digits.classes - 1;
    // What was kept may be of a set of more classes.
    for (const name of /** @type {["of", "minus"]} */ (["of", "minus"]))
      kept[name] = Math.min(kept[name], most);
    const level = (/** @type {number} */ digit, /** @type {number} */ cell) =>
      means[digit * cells + cell] / ONE;
    return packLevels(
      Array.from({ length: cells }, (_, cell) =>
        kept.shape === "mean" ? level(kept.of, cell) : level(kept.of, cell) - level(kept.minus, cell),
      ),
    );
  }

  /** @returns {StampEdit} */
  get edit() {
    const [layer, neuron] = this.bench.store.selected;
    const mode = /** @type {"add"} */ (kept.mode);
    return {
      kind: "stamp",
      layer,
      neuron,
      ...this.stamp,
      mode,
      amount: kept.mode === "blend" ? kept.amount : 1,
    };
  }

  /** The numbers that this shape has, by name. @returns {Record<string, number>} */
  get numbers() {
    const { shape, at, angle, numbers } = kept;
    if (PICTURES.includes(shape)) return {};
    return { row: at[0], column: at[1], ...numbers[shape], angle };
  }

  // ---- changes -----------------------------------------------------------------------------------

  /** Put it on the map as it is now. */
  stand() {
    const { bench } = this;
    this.goesAlong = true;
    this.waits = this.lacksMeans;
    this.stands = Boolean(this.fits) && this.inHand && !bench.original;
    if (this.stands) bench.store.show(this.edit);
    else if (bench.store?.state) bench.store.show(null);
    this.onChange();
    bench.dirty();
  }

  /** Take it off the map; it keeps its numbers. */
  drop() {
    this.drag = null;
    this.stands = this.goesAlong = this.waits = false;
    this.bench.store?.show(null);
    this.onChange();
    this.bench.dirty();
  }

  /** Lay it: one edit. */
  lay() {
    if (!this.fits) return;
    if (!this.stands) return this.stand();
    this.stands = false;
    this.drag = null;
    this.bench.store.keepShown();
    this.bench.dismissHint();
    this.onChange();
    this.bench.dirty();
  }

  /** @param {string} shape */
  choose(shape) {
    kept.shape = shape;
    this.stand();
  }

  /** @param {Partial<typeof kept>} changes */
  set(changes) {
    Object.assign(kept, changes);
    this.stand();
  }

  /** Set a number by its name; it is brought into its range. @param {string} name @param {number} value */
  setNumber(name, value) {
    if (!Number.isFinite(value)) return;
    if (name === "row") kept.at = [clamp(value, -1000, 1000), kept.at[1]];
    else if (name === "column") kept.at = [kept.at[0], clamp(value, -1000, 1000)];
    else if (name === "angle") kept.angle = clamp(value, -3600, 3600);
    else if (name in kept.numbers[kept.shape])
      kept.numbers[kept.shape][name] = clamp(value, ...rangeOf(name));
    this.stand();
  }

  /** @param {string} name @param {number} steps */
  step(name, steps) {
    const step = STEPS[name],
      value = this.numbers[name] + steps * step;
    if (!Number.isFinite(value)) return;
    this.setNumber(name, name === "angle" ? turn(value, 0.5) : stepped(value, step / 10));
  }

  /** @param {Partial<Stamp>} changes */
  take({ at, angle, ...numbers }) {
    if (at) kept.at = at;
    if (angle !== undefined) kept.angle = angle;
    Object.assign(kept.numbers[kept.shape] ?? {}, numbers);
    this.stand();
  }

  // ---- the pointer -------------------------------------------------------------------------------

  /** @param {Point} point in cells @param {PointerEvent} event */
  down(point, event) {
    if (!this.fits) return;
    this.coarse = event.pointerType === "touch";
    const from = this.stamp,
      handle = this.seen ? this.handleAt(point) : null,
      at = handle?.at ?? point;
    const name = handle?.name ?? "middle",
      base = name === "middle" ? (from.at ?? point) : at;
    this.drag = {
      handle: name,
      from,
      dx: base[1] - point[1],
      dy: base[0] - point[0],
      start: point,
      moved: false,
    };
    this.bench.dirty();
  }

  /** @param {Point[]} points */
  move(points) {
    const { drag } = this,
      point = points.at(-1);
    if (!drag || !point) return;
    const far = Math.hypot(point[0] - drag.start[0], point[1] - drag.start[1]);
    if (!drag.moved && far * this.cell < (this.coarse ? 6 : 3)) return;
    drag.moved = true;
    if (!PICTURES.includes(kept.shape))
      this.take(dragged(drag.from, drag.handle, [point[0] + drag.dy, point[1] + drag.dx]));
  }

  /** @param {Point} point */
  up(point) {
    const { drag } = this;
    this.drag = null;
    if (!drag) return;
    this.bench.dirty();
    if (drag.moved) return;
    const now = performance.now(),
      last = this.tapped;
    this.tapped = { time: now, at: point };
    if (last && now - last.time < TWICE && Math.hypot(point[0] - last.at[0], point[1] - last.at[1]) < 2) {
      this.tapped = null;
      this.lay();
    } else if (drag.handle === "middle" && !this.near(point)) {
      this.take({ at: [stepped(point[0], 0.25), stepped(point[1], 0.25)] });
    } else if (!this.stands) this.stand();
  }

  cancel() {
    const { drag } = this;
    this.drag = null;
    if (drag?.moved) this.take(drag.from);
  }

  /** CSS pixels of a cell. */
  get cell() {
    return this.bench.surface.map.clientWidth / this.bench.store.grid.columns;
  }

  /** @param {Point} point */
  near(point) {
    const [row, column] = kept.at;
    return Math.hypot(point[0] - row, point[1] - column) * this.cell < (this.coarse ? TOUCH : MOUSE);
  }

  /** The handle that a point takes: the nearest, the middle only where no other is. @param {Point} point @returns {Handle|null} */
  handleAt(point) {
    const reach = (this.coarse ? TOUCH : MOUSE) / this.cell;
    let best = null,
      least = reach;
    for (const handle of this.shownHandles()) {
      const far = Math.hypot(point[0] - handle.at[0], point[1] - handle.at[1]);
      if (far < least) [best, least] = [handle, far];
    }
    return best;
  }

  /** Handles, those that would lie off the map at its rim. @returns {Handle[]} */
  shownHandles() {
    const { rows, columns } = this.bench.store.grid;
    return handlesOf(this.stamp).map(({ name, at: [row, column] }) => ({
      name,
      at: [clamp(row, 0.4, rows - 0.4), clamp(column, 0.4, columns - 0.4)],
    }));
  }

  // ---- keys --------------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event @param {boolean} free whether no button has the keyboard */
  key(event, free) {
    const { key, shiftKey, altKey } = event,
      many = shiftKey ? 5 : 1;
    if (event.ctrlKey || event.metaKey || !this.onMap) return false;
    if (key === "Escape") {
      if (!this.stands) return false;
      this.drop();
      return true;
    }
    if (key === "s" || key === "S") this.choose(next(CHOICES, kept.shape, shiftKey ? -1 : 1));
    else if (!free) return false;
    else if (key === "Enter") this.lay();
    else if (altKey && key in TURNS) this.step(TURNS[key][0], many * TURNS[key][1]);
    else if (key in ARROWS) {
      const [rows, columns] = ARROWS[key];
      this.take({
        at: [kept.at[0] + rows * many * STEPS.row, kept.at[1] + columns * many * STEPS.column],
      });
    } else if (key === "[" || key === "]") this.step(this.across, key === "]" ? 1 : -1);
    else if (key in LETTERS) this.step(LETTERS[key][0], LETTERS[key][1]);
    else return false;
    return true;
  }

  get across() {
    return kept.shape in SHAPES && "width" in SHAPES[kept.shape] ? "width" : "height";
  }

  // ---- what lies over the map --------------------------------------------------------------------

  /** @param {CanvasRenderingContext2D} g @param {number} cell CSS pixels */
  draw(g, cell) {
    if (!this.seen || this.bench.original) return;
    const { stamp } = this;
    g.save();
    g.globalAlpha = this.stands ? 1 : 0.45;
    const line = outlineOf(stamp);
    for (const [style, wide] of OUTLINE) {
      g.strokeStyle = style;
      g.lineWidth = wide;
      g.setLineDash([5, 4]);
      g.beginPath();
      for (const [row, column] of line) g.lineTo(column * cell, row * cell);
      g.stroke();
    }
    g.setLineDash([]);
    const big = this.coarse || matchMedia("(pointer: coarse)").matches;
    for (const { name, at } of this.shownHandles())
      knob(g, name, at[1] * cell, at[0] * cell, big ? 8 : 5, this.drag?.handle === name);
    g.restore();
  }

  /** What the line above the map says; null for what it says else. */
  get readout() {
    if (!this.fits) return null; // the column of tools says why
    if (this.drag?.moved) return stampNotes.dragging(this.drag.handle, this.stamp, bends(this.stamp));
    return this.stands ? stampNotes.stands : null;
  }
}

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
/** With Alt. @type {Record<string, [string, number]>} */
const TURNS = {
  "[": ["flank", -1],
  "]": ["flank", 1],
  ArrowLeft: ["angle", 1],
  ArrowRight: ["angle", -1],
  ArrowUp: ["length", 1],
  ArrowDown: ["length", -1],
};
/** @type {Record<string, [string, number]>} */
const LETTERS = {
  "(": ["curvature", -1],
  ")": ["curvature", 1],
  "{": ["surround", -1],
  "}": ["surround", 1],
};
/** @type {[string, number][]} */
const OUTLINE = [
  ["rgb(0 0 0 / .7)", 3],
  ["rgb(255 255 255 / .85)", 1],
];

/**
 * One handle: a round one turns, a diamond bends, a square widens, a hollow one is the surround's.
 * @param {CanvasRenderingContext2D} g @param {Handle["name"]} name @param {number} x @param {number} y
 * @param {number} r @param {boolean} held
 */
function knob(g, name, x, y, r, held) {
  g.beginPath();
  if (name === "middle") {
    g.moveTo(x - 1.5 * r, y);
    g.lineTo(x + 1.5 * r, y);
    g.moveTo(x, y - 1.5 * r);
    g.lineTo(x, y + 1.5 * r);
  } else if (name === "bend") {
    g.moveTo(x, y - 1.3 * r);
    g.lineTo(x + 1.3 * r, y);
    g.lineTo(x, y + 1.3 * r);
    g.lineTo(x - 1.3 * r, y);
    g.closePath();
  } else if (name === "width" || name === "height") g.rect(x - r, y - r, 2 * r, 2 * r);
  else g.arc(x, y, r, 0, 2 * Math.PI);
  g.strokeStyle = "rgb(0 0 0 / .8)";
  g.lineWidth = 4;
  g.stroke();
  g.fillStyle = held ? "#ffd54a" : name === "surround" ? "rgb(0 0 0 / .75)" : "#fff";
  if (name !== "middle") g.fill();
  g.strokeStyle = held ? "#ffd54a" : "#fff";
  g.lineWidth = 1.6;
  g.stroke();
}

/** @param {number} value @param {number} low @param {number} high */
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/** @param {string} name @returns {[number, number]} */
const rangeOf = (name) => RANGES[name] ?? [-1000, 1000];

/** @param {string[]} all @param {string} one @param {number} by */
const next = (all, one, by) => all[(all.indexOf(one) + by + all.length) % all.length];
