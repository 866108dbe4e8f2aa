// Neuron × class: how often each neuron of a layer fires for each class. Under each small map as a
// strip of ten cells, and as a table in the place of the maps.
import { element, find } from "./dom.js";
import { number, strip } from "./draw.js";
import { TableCanvas } from "./tablecanvas.js";

/** @typedef {import("./bench.js").Bench} Bench */
/** @typedef {{fires: Uint16Array, means: Float32Array}} Classes */

const FULL = 10000;
const CROWD = 64; // of wider layers no strips, and the table is worked out only while it is shown

/** @param {Bench} bench */
export function install(bench) {
  const tables = new ClassTables(bench);
  bench.hear("answer", () => tables.receive());
  bench.hear("frame", () => tables.choose());
  bench.commands.add({
    name: "Neuron × class: maps or tables",
    group: "see",
    also: "how often fires each digit heat",
    run: () => tables.turnAll(),
  });
}

class ClassTables {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.shape = "";
    /** @type {LayerTable[]} */
    this.layers = [];
  }

  receive() {
    const { bench } = this,
      { network } = bench;
    if (this.shape !== network.shape || this.layers.some(({ box }) => !box.isConnected)) {
      for (const layer of this.layers) layer.drop();
      this.shape = network.shape;
      const { sizes } = bench.store.state;
      this.layers = sizes.slice(1).map((/** @type {number} */ size, /** @type {number} */ k) => {
        const last = k === sizes.length - 2;
        return new LayerTable(bench, k + 1, size, last);
      });
    }
    for (const layer of this.layers) layer.receive();
  }

  /** The neuron selected is marked. */
  choose() {
    for (const layer of this.layers) layer.choose();
  }

  turnAll() {
    const on = !this.layers.some((layer) => layer.on);
    for (const layer of this.layers) layer.turn(on);
  }
}

class LayerTable {
  /** @param {Bench} bench @param {number} layer @param {number} size @param {boolean} last */
  constructor(bench, layer, size, last) {
    this.bench = bench;
    this.layer = layer;
    this.size = size;
    this.name = `classes/${layer}`;
    this.on = false;
    this.wanted = false;
    this.chosen = -1;
    /** @type {Uint8Array|null} */
    this.bytes = null;
    /** @type {Classes|null} */
    this.found = null;
    this.box = last
      ? find(bench.network.root, ":scope > .layer:last-child")
      : find(bench.network.hidden, `.layer:nth-child(${layer})`);
    this.usual = find(this.box, last ? ".outputs" : ".neurons");
    this.says = element("small", { className: "class-says" });
    this.button = element("button", {
      className: "class-switch",
      textContent: "classes",
      title: "How often each neuron fires (its z above 0) for each class, in place of the maps",
      onclick: () => this.turn(!this.on),
    });
    this.button.setAttribute("aria-pressed", "false");
    this.table = new TableCanvas(`Layer ${layer}: share of each class on which each neuron fires`, {
      pick: (row, column) => this.pick(row, column),
      head: (column) => bench.select(layer, column),
      say: (text) => {
        this.says.textContent = text;
      },
    });
    const heading = find(this.box, "h3");
    heading.insertBefore(this.button, heading.lastElementChild);
    heading.firstElementChild?.append(" ", this.says);
    this.strips =
      last || size > CROWD
        ? []
        : bench.network.tiles(layer).map(({ button }) => {
            const canvas = element("canvas", { width: 10, height: 1, className: "class-strip" });
            canvas.setAttribute("aria-hidden", "true");
            button.append(canvas);
            return canvas;
          });
    this.want(this.strips.length > 0);
  }

  /** @param {boolean} wanted */
  want(wanted) {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    if (wanted) this.bench.wants.add(this.name);
    else this.bench.wants.drop(this.name);
  }

  drop() {
    this.want(false);
  }

  /** @param {boolean} on */
  turn(on) {
    this.on = on;
    this.button.setAttribute("aria-pressed", String(on));
    this.button.classList.toggle("on", on);
    if (on) {
      this.table.canvas.style.height = `${Math.max(96, this.usual.offsetHeight)}px`;
      this.table.canvas.style.minWidth = this.size > CROWD ? `${this.size * 12}px` : "";
      this.usual.hidden = true;
      this.usual.after(this.table.canvas);
    } else {
      this.table.canvas.remove();
      this.usual.hidden = false;
      this.says.textContent = "";
    }
    this.want(on || this.strips.length > 0);
    this.show();
  }

  receive() {
    const bytes = this.bench.store.extraBytes(this.name);
    if (!bytes || bytes === this.bytes) return;
    this.bytes = bytes;
    const { buffer } = bytes.slice();
    const cells = 10 * this.size;
    if (bytes.length !== 6 * cells) return; // an error, in words: the network has another shape by now
    this.found = {
      fires: new Uint16Array(buffer, 0, cells),
      means: new Float32Array(buffer, 2 * cells, cells),
    };
    this.show();
  }

  choose() {
    const [layer, neuron] = this.bench.store.selected,
      chosen = layer === this.layer ? neuron : -1;
    if (chosen === this.chosen) return;
    this.chosen = chosen;
    if (this.on) this.show();
  }

  show() {
    const { found, size, layer } = this;
    if (!found) return;
    const { fires, means } = found;
    this.strips.forEach((canvas, j) => {
      strip(canvas, fires.subarray(10 * j, 10 * j + 10), FULL, this.bench.root);
    });
    if (!this.on) return;
    /** @param {number} row @param {number} column */
    const share = (row, column) => fires[10 * column + row] / FULL;
    this.table.show({
      rows: 10,
      columns: size,
      share,
      text: (row, column) => String(Math.round(100 * share(row, column))),
      says: (row, column) =>
        `${layer}.${column} fires on ${(100 * share(row, column)).toFixed(1)}% of the ${row}s; mean a ${number(means[10 * column + row], 2, false)}`,
      heads: Array.from({ length: size }, (_, j) => String(j)),
      sides: Array.from({ length: 10 }, (_, c) => String(c)),
      chosen: this.chosen,
    });
  }

  /** @param {number} row @param {number} column */
  pick(row, column) {
    const neuron = [this.layer, column];
    this.bench.sheet.show({
      title: `${row}s on which ${neuron.join(".")} fires`,
      of: { label: row, neuron, fires: true, order: "most" },
    });
  }
}
