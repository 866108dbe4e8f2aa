// What the map's place shows: the map or row of what comes in, the column of what goes out, all the
// layer's weights, or the neuron as a clause.
import { TITLES, VIEW_WORDS, CELL_WORDS as words } from "../../words/meaning.js";
import { element, find } from "../dom.js";
import { limitOf } from "../draw.js";
import { Cells } from "./cells.js";
import { ClauseView } from "./clause.js";
import { called, namesOf } from "./names.js";

/** @typedef {import("../bench.js").Bench} Bench */
/** @typedef {import("../bench.js").Frame} Frame */
/** @typedef {import("./cells.js").Grid} Grid */
/** @typedef {import("../../core/types.js").Layer} Layer */
/** @typedef {"map"|"row"|"column"|"matrix"|"clause"} View */

const MOST_CELLS = 1 << 16; // of more, the first rows

export class Views {
  /** @param {Bench} bench @param {import("./nudge.js").Nudge} nudge */
  constructor(bench, nudge) {
    this.bench = bench;
    /** @type {View} */
    this.wanted = "row";
    this.cells = new Cells(bench, nudge);
    this.clause = new ClauseView(bench);
    this.place = element("div", { className: "other-view" });
    this.place.hidden = true;
    find(bench.root, ".surface").append(this.place);
    this.switch = element("span", { className: "views" });
    this.switch.setAttribute("role", "radiogroup");
    this.switch.setAttribute("aria-label", "View");
    find(bench.root, ".map-panel .neuron-name").after(this.switch);
    /** @type {Map<View, HTMLButtonElement>} */
    this.buttons = new Map();
    for (const view of /** @type {View[]} */ (Object.keys(VIEW_WORDS))) {
      const [textContent, title] = VIEW_WORDS[view];
      const button = element("button", { textContent, title, onclick: () => this.choose(view) });
      button.setAttribute("role", "radio");
      this.buttons.set(view, button);
      this.switch.append(button);
    }
    const open = (/** @type {View} */ view) => ({
      run: () => this.choose(view),
      when: () => this.possible.includes(view),
      group: "neuron",
    });
    bench.commands.add(
      { name: "Where this neuron goes (column)", also: "outgoing weights next layer", ...open("column") },
      {
        name: "All weights of the layer (matrix)",
        also: "table spreadsheet paste numbers",
        ...open("matrix"),
      },
      { name: this.clause.command, also: this.clause.also, ...open("clause") },
      {
        ...open("clause"),
        name: this.clause.commandSharpness,
        also: this.clause.also,
        run: () => {
          this.choose("clause");
          this.clause.sharpness.field.input.focus();
        },
      },
      {
        name: "What comes into this neuron",
        group: "neuron",
        also: "row map incoming weights",
        run: () => this.choose("row"),
      },
    );
    bench.hear("frame", (frame) => this.draw(frame));
    bench.hear("select", () => this.selected());
    bench.hear("store", () => {
      this.clause.forgetAll();
      this.selected();
    });
    bench.keeps.set("view", {
      read: () => this.wanted,
      put: (view) => {
        if (this.buttons.has(view)) this.wanted = view;
        this.selected();
      },
    });
    bench.surface.titled = (at, layer) => TITLES[this.view](at, layer);
    bench.surface.noted = () => (this.onCells ? this.cells.note : null);
  }

  /** Those that this neuron has. @returns {View[]} */
  get possible() {
    const { store } = this.bench;
    if (!store?.state) return [];
    const [layer] = store.selected,
      last = store.state.sizes.length - 1;
    /** @type {View[]} */
    const views = layer === 1 ? ["map"] : ["row"];
    if (layer < last) views.push("column");
    if (layer > 1) views.push("matrix", "clause");
    return views;
  }

  /** @returns {View} */
  get view() {
    const { possible } = this;
    return possible.includes(this.wanted) ? this.wanted : possible[0];
  }

  /** Whether weights stand there as numbers. */
  get onCells() {
    return this.view === "column" || this.view === "matrix";
  }

  /** @param {View} view */
  choose(view) {
    this.wanted = view;
    this.cells.told = null;
    this.bench.dropStroke();
    this.bench.store.show(null);
    this.cells.cursor = this.cells.anchor = [0, 0];
    this.selected();
    if (this.onCells) this.cells.canvas.focus({ preventScroll: true });
    if (view === "clause") this.clause.focus();
  }

  /** Another neuron, or another view. */
  selected() {
    const { store } = this.bench;
    if (!store?.state) return;
    this.cells.told = null;
    if (this.view === "matrix") {
      const column = Math.min(this.cells.cursor[1], store.layers[store.selected[0] - 1].in - 1);
      this.cells.cursor = this.cells.anchor = [store.selected[1], column];
    }
    this.clause.show(this.view === "clause");
    // At once: a key that comes before the next frame is meant for what was chosen.
    this.lay(this.bench.original ? store.original : store.layers);
    this.bench.toolbox.show();
    this.bench.dirty();
  }

  /** @param {Frame} frame */
  draw(frame) {
    const { view, possible } = this;
    for (const [each, button] of this.buttons) {
      button.hidden = !possible.includes(each);
      button.classList.toggle("on", each === view);
      button.setAttribute("aria-checked", String(each === view));
    }
    this.switch.hidden = possible.length < 2;
    // A name of one neuron is none of the whole layer's.
    find(this.bench.root, ".neuron-name").hidden = view === "matrix";
    // Bias and ridges are those of its row, which is not in the title.
    find(this.bench.root, ".bias-of").textContent =
      view === "matrix" ? words.biasOf(this.bench.store.selected.join(".")) : "";
    this.lay(frame.layers);
    if (this.onCells) {
      this.cells.draw();
      // The line above was written before the cells had these weights.
      this.bench.surface.readout(frame);
    }
    if (view === "clause") this.clause.draw(frame);
  }

  /** Put into the map's place what stands there in this view. @param {Layer[]} layers */
  lay(layers) {
    const { view, place, cells, clause } = this,
      node = this.onCells ? cells.node : view === "clause" ? clause.node : null;
    place.hidden = !node;
    this.bench.surface.cover(Boolean(node));
    if (node && place.firstChild !== node) place.replaceChildren(node);
    if (this.onCells) cells.take(view === "column" ? this.column(layers) : this.matrix(layers));
  }

  /** What the next layer has for this neuron. @param {Layer[]} layers @returns {Grid} */
  column(layers) {
    const { store, network } = this.bench,
      [layer, neuron] = store.selected,
      { weights, in: inputs, out } = layers[layer];
    const columns = Math.ceil(Math.sqrt(out)),
      at = (/** @type {number} */ row, /** @type {number} */ column) => row * columns + column;
    const values = Float32Array.from({ length: out }, (_, j) => weights[j * inputs + neuron]);
    const names = namesOf(store);
    return {
      rows: Math.ceil(out / columns),
      columns,
      value: (row, column) => values[at(row, column)],
      edit: (changes) => ({
        kind: "column",
        layer: layer + 1,
        input: neuron,
        neurons: changes.map(([row, column]) => at(row, column)),
        values: changes.map(([, , value]) => value),
      }),
      where: (row, column) =>
        `${called(store, layer, neuron)} into ${called(store, layer + 1, at(row, column))}`,
      limit: this.bench.limit(values, () => limitOf(weights)),
      tile: (row, column) => network.picture(layer + 1, at(row, column)),
      label: (row, column) => {
        const name = `${layer + 1}.${at(row, column)}`;
        return names.get(name) ?? name;
      },
    };
  }

  /** All weights of a layer. @param {Layer[]} layers @returns {Grid} */
  matrix(layers) {
    const { store } = this.bench,
      [layer] = store.selected,
      { weights, in: inputs, out } = layers[layer - 1];
    const rows = Math.min(out, Math.floor(MOST_CELLS / Math.min(inputs, MOST_CELLS)));
    return {
      rows,
      columns: Math.min(inputs, MOST_CELLS),
      value: (row, column) => weights[row * inputs + column],
      edit: (changes) => matrixEdit(layer, changes),
      where: (row, column) => `${called(store, layer - 1, column)} into ${called(store, layer, row)}`,
      limit: this.bench.settings.scale === "fixed" ? this.bench.settings.fixed : limitOf(weights),
      went: (row) => {
        if (row !== store.selected[1]) this.bench.select(layer, row, false);
      },
      rowHead: (row) => `${layer}.${row}`,
      columnHead: (column) => (inputs > 12 ? String(column) : `${layer - 1}.${column}`),
    };
  }
}

/**
 * One edit for a row or for a column of weights; several for more, by rows or by columns, of which
 * there are fewer.
 * @param {number} layer @param {import("./cells.js").Change[]} changes
 * @returns {import("../../core/types.js").Edit}
 */
export function matrixEdit(layer, changes) {
  const rows = groups(changes, 0),
    columns = groups(changes, 1);
  const edits =
    columns.length < rows.length
      ? columns.map((own) => ({
          kind: /** @type {const} */ ("column"),
          layer,
          input: own[0][1],
          neurons: own.map(([row]) => row),
          values: own.map(([, , value]) => value),
        }))
      : rows.map((own) => ({
          kind: /** @type {const} */ ("weights"),
          layer,
          neuron: own[0][0],
          cells: own.map(([, column]) => column),
          values: own.map(([, , value]) => value),
          tool: "matrix",
        }));
  return edits.length === 1
    ? edits[0]
    : { kind: "several", label: `matrix of layer ${layer}, ${changes.length} weights`, edits };
}

/**
 * Those of one row, or of one column, together.
 * @param {import("./cells.js").Change[]} changes @param {0|1} by
 */
function groups(changes, by) {
  /** @type {Map<number, import("./cells.js").Change[]>} */
  const found = new Map();
  for (const change of changes) {
    const own = found.get(change[by]);
    if (own) own.push(change);
    else found.set(change[by], [change]);
  }
  return [...found.values()];
}
