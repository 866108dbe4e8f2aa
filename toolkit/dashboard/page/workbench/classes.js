// Neuron × class: how often each neuron of a layer fires for each class. Under each small map as a
// strip of ten cells, and as a table in the place of the maps.

import { classNames } from "../core/classes.js";
import { firesBriefly } from "../words/activations.js";
import { SHEET_WORDS as words } from "../words/see.js";
import { wholePercent } from "../words.js";
import { element, find } from "./dom.js";
import { number, strip } from "./draw.js";
import { called, namesOf } from "./meaning/names.js";
import { TableCanvas } from "./tablecanvas.js";

/** @typedef {import("./bench.js").Bench} Bench */
/** @typedef {{fires: Uint16Array, means: Float32Array}} Classes */

const FULL = 10000;
// Of wider layers no strips, and the table is worked out only while it is shown, for so many neurons
// around the one selected.
const CROWD = 64;

/** @param {Bench} bench */
export function install(bench) {
  const tables = new ClassTables(bench);
  bench.hear("answer", () => tables.receive());
  bench.hear("frame", () => tables.choose());
  bench.hear("classes", () => tables.show());
  bench.commands.add({
    name: "Neuron × class: maps or tables",
    group: "see",
    also: "how often fires each digit heat",
    run: () => tables.turnAll(),
  });
  bench.keeps.set("classes", {
    read: () => tables.layers.filter(({ on }) => on).map(({ layer }) => layer),
    put: (on) => {
      for (const each of tables.layers) if (each.on !== on?.includes?.(each.layer)) each.turn(!each.on);
    },
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

  show() {
    for (const layer of this.layers) layer.show();
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
    this.first = 0;
    this.wantedName = "";
    this.on = false;
    /** How high the maps are that it stands in the place of. */
    this.height = 0;
    this.names = "";
    /** What the classes are called. */
    this.classes = classNames(bench.store.state);
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
      head: (column) => bench.select(layer, this.first + column),
      say: (text) => {
        this.says.textContent = text || this.brief;
      },
    });
    const heading = find(this.box, "h3");
    heading.insertBefore(this.button, heading.lastElementChild);
    heading.firstElementChild?.append(" ", this.says);
    this.strips =
      last || size > CROWD
        ? []
        : bench.network.tiles(layer).map(({ button }) => {
            const canvas = element("canvas", {
              width: this.classes.length,
              height: 1,
              className: "class-strip",
            });
            canvas.setAttribute("aria-hidden", "true");
            button.append(canvas);
            return canvas;
          });
    this.want(this.strips.length > 0);
  }

  /** What the figures are. */
  get brief() {
    return firesBriefly(this.bench.store.activations[this.layer - 1]);
  }

  /** @param {boolean} wanted */
  want(wanted) {
    const name = wanted ? this.name : "";
    if (name === this.wantedName) return;
    if (name) this.bench.wants.add(name);
    if (this.wantedName) this.bench.wants.drop(this.wantedName);
    this.wantedName = name;
  }

  get name() {
    return this.size > CROWD ? `classes/${this.layer}/${this.first}` : `classes/${this.layer}`;
  }

  /** How many neurons the table has. */
  get count() {
    return Math.min(CROWD, this.size - this.first);
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
      this.height = this.usual.offsetHeight;
      this.table.canvas.style.height = `${this.height}px`;
      this.usual.hidden = true;
      this.usual.after(this.table.canvas);
      this.says.textContent = this.brief;
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
    if (!bytes || bytes === this.bytes || this.wantedName !== this.name) return;
    this.bytes = bytes;
    const { buffer } = bytes.slice();
    const cells = this.classes.length * this.count;
    if (bytes.length !== 6 * cells) return; // an error, in words: the network has another shape by now
    this.found = {
      fires: new Uint16Array(buffer, 0, cells),
      // After an odd number of shares they are not where numbers of four bytes may begin.
      means: new Float32Array(buffer.slice(2 * cells, 6 * cells)),
    };
    this.show();
  }

  choose() {
    const [layer, neuron] = this.bench.store.selected,
      chosen = layer === this.layer ? neuron : -1;
    const names = this.on ? JSON.stringify(this.called()) : "";
    if (chosen === this.chosen && names === this.names) return;
    this.names = names;
    this.chosen = chosen;
    if (chosen >= 0 && this.size > CROWD) {
      const first = chosen - (chosen % CROWD);
      if (first !== this.first) this.found = null;
      this.first = first;
      this.want(this.on);
    }
    if (this.on) this.show();
  }

  /** What its neurons are called. */
  called() {
    const names = namesOf(this.bench.store);
    return Array.from({ length: this.count }, (_, j) => names.get(`${this.layer}.${this.first + j}`) ?? "");
  }

  show() {
    const { found, count, first, layer } = this;
    if (!found) return;
    const { fires, means } = found,
      many = this.classes.length;
    this.strips.forEach((canvas, j) => {
      strip(canvas, fires.subarray(many * j, many * (j + 1)), FULL, this.bench.root);
    });
    if (!this.on) return;
    /** @param {number} row @param {number} column */
    const share = (row, column) => fires[many * column + row] / FULL;
    this.table.show({
      rows: many,
      columns: count,
      share,
      text: (row, column) => wholePercent(share(row, column)),
      says: (row, column) =>
        `${called(this.bench.store, layer, first + column)} fires on ${(100 * share(row, column)).toFixed(1)}% of the ${this.classes[row]}s; mean a ${number(means[many * column + row], 2, false)}`,
      heads: Array.from({ length: count }, (_, j) => String(first + j)),
      names: this.called(),
      headSays: (column) => called(this.bench.store, layer, first + column),
      height: this.height,
      sides: this.classes,
      chosen: this.chosen - first,
      apart: (row) => this.bench.classesChosen.size > 0 && !this.bench.classesChosen.has(row),
    });
  }

  /** @param {number} row @param {number} column */
  pick(row, column) {
    const neuron = [this.layer, this.first + column];
    const name = called(this.bench.store, neuron[0], neuron[1]);
    /** @type {import("./sheet.js").Way[]} */
    const ways = [
      {
        label: words.firesShort,
        title: words.fires(this.classes[row], name),
        of: { label: row, neuron, fires: true, order: "most" },
      },
      {
        label: words.silentShort,
        title: words.silent(this.classes[row], name),
        of: { label: row, neuron, fires: false, order: "most" },
      },
    ];
    this.bench.sheet.show(ways[0], ways);
  }
}
