// Neuron × class: how often each neuron of a layer fires for each class. Under each small map as a
// strip of ten cells, and as a table in the place of the maps.

import { classNames } from "../core/classes.js";
import { firesBriefly } from "../words/activations.js";
import { SHEET_WORDS as words } from "../words/see.js";
import { wholePercent } from "../words.js";
import { element, find, setText } from "./dom.js";
import { number, strip } from "./draw.js";
import { called, namesOf } from "./meaning/names.js";
import { TableCanvas } from "./tablecanvas.js";

/** @typedef {import("./bench.js").Bench} Bench */
/**
 * By neuron, a row of classes for each.
 * @typedef {{fires: ArrayLike<number>, means: Float32Array|null}} Classes in ten thousandths of a class, and the
 *   mean activation on it
 */

const FULL = 10000;
// Of wider layers no strips, and the table is worked out only while it is shown, for so many neurons
// around the one selected.
const CROWD = 64;

/** @param {Bench} bench */
export function install(bench) {
  const tables = new ClassTables(bench);
  bench.hear("answer", () => tables.receive());
  bench.hear("reading", () => tables.show());
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

/** How often one neuron fires for each class, as cells under its map: drawn where that has changed. */
class Strip {
  /** @param {HTMLElement} button @param {number} classes @param {Bench} bench */
  constructor(button, classes, bench) {
    this.bench = bench;
    this.canvas = element("canvas", { width: classes, height: 1, className: "class-strip" });
    this.canvas.setAttribute("aria-hidden", "true");
    button.append(this.canvas);
    this.drawn = new Uint16Array(classes);
    this.accent = "";
  }

  /** @param {ArrayLike<number>} fires in ten thousandths @param {number} from where its own begin */
  show(fires, from) {
    const { drawn } = this,
      { accent } = this.bench.style;
    let same = this.accent === accent;
    for (let k = 0; k < drawn.length; k++) {
      if (drawn[k] !== fires[from + k]) same = false;
      drawn[k] = fires[from + k];
    }
    if (same) return;
    this.accent = accent;
    strip(this.canvas, drawn, FULL, accent);
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
    /** @type {import("./tablecanvas.js").Hands} */
    const hands = {
      pick: (row, column) => this.pick(row, column),
      head: (column) => bench.select(layer, this.first + column),
      say: (text) => setText(this.says, text || this.brief),
    };
    const name = `Layer ${layer}: share of each class on which each neuron fires`;
    this.table = new TableCanvas(name, hands, () => bench.style);
    const heading = find(this.box, "h3");
    heading.insertBefore(this.button, heading.lastElementChild);
    heading.firstElementChild?.append(" ", this.says);
    this.strips =
      last || size > CROWD
        ? []
        : bench.network.tiles(layer).map(({ button }) => new Strip(button, this.classes.length, bench));
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
    this.bench.dirty();
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

  /** What is counted here of the network in hand, or what the server told. @returns {Classes|null} */
  get shown() {
    const { first, layer, count, bench, found } = this,
      many = this.classes.length,
      { fires, per_class: of } = bench.readings.now ?? {};
    const counts = fires?.[layer - 1];
    // They may be of a network that was here before.
    if (!counts || !of || of.length !== many || counts.length < many * (first + count)) return found;
    const own = Uint16Array.from({ length: many * count }, (_, k) => {
      const each = of[k % many];
      return each ? Math.round((FULL * counts[many * first + k]) / each) : 0;
    });
    return { fires: own, means: null };
  }

  show() {
    const { shown, count, first, layer } = this;
    if (!shown) return;
    const { fires, means } = shown,
      many = this.classes.length;
    if (!this.on) {
      for (const [j, strip] of this.strips.entries()) strip.show(fires, many * j);
    }
    if (!this.on) return;
    /** @param {number} row @param {number} column */
    const share = (row, column) => fires[many * column + row] / FULL;
    this.table.show({
      rows: many,
      columns: count,
      share,
      text: (row, column) => wholePercent(share(row, column)),
      says: (row, column) =>
        `${called(this.bench.store, layer, first + column)} fires on ${(100 * share(row, column)).toFixed(1)}% of the ${this.classes[row]}s${means ? `; mean a ${number(means[many * column + row], 2, false)}` : ""}`,
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
