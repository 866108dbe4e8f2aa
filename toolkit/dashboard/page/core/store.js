// One experiment as this page shows it: the network as the server last sent it (the base), what was
// done since (the outbox), the stroke in progress, and the digit. Nothing here draws or sends.
import { Extras } from "./extras.js";
import { fits } from "./laying.js";
import { describe } from "./modes.js";
import { pack, unpackLayer, winner } from "./network.js";
import { standing } from "./outbox.js";
import { Shown } from "./shown.js";
import { layOn } from "./strokes.js";
import { countsOf } from "./sums.js";

/** @typedef {import("./types.js").Edit} Edit */
/** @typedef {import("./types.js").Grid} Grid */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Layer} Layer */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./frames.js").Block} Block */
/** @typedef {import("./outbox.js").Outbox} Outbox */
/** @typedef {import("./modes.js").Covered} Covered */
/** @typedef {Covered & {coverage: Float32Array, before: Float32Array}} Stroke */
/** @typedef {"answer" | "edit" | "stroke" | "outbox" | "digit" | "select"} Change */
/** @typedef {{layer: number, neuron: number, value: number}} BiasDrag */

export class Store {
  /**
   * @param {string} experiment
   * @param {Outbox} outbox
   * @param {(item: Item) => void} tell puts a letter into the outbox and sends it
   */
  constructor(experiment, outbox, tell) {
    this.experiment = experiment;
    this.outbox = outbox;
    this.send = tell;
    // There is a state, and all below it, from the first answer on; nobody has the store before.
    this.state = /** @type {State} */ (/** @type {unknown} */ (null));
    this.shown = new Shown();
    /** @type {Layer[]} */
    this.original = [];
    /** @type {Float32Array} */
    this.digit = new Float32Array(0);
    /** @type {Stroke | null} */
    this.stroke = null;
    /** @type {BiasDrag | null} */
    this.biasDrag = null;
    /** @type {Edit | null} what is shown as if it were done */
    this.preview = null;
    /** @type {[number, number] | null} */
    this.selection = null;
    this.penDown = false;
    /** @type {{means: Uint16Array, lit: Uint8Array, colours: Uint8Array, digit: Uint8Array}} */
    this.blocks = { means: new Uint16Array(), lit: NOTHING, colours: NOTHING, digit: NOTHING };
    /** @type {Map<string, {bytes: Uint8Array, layer: Layer}>} */
    this.unpacked = new Map();
    /** Of the base's layers. @type {string[]} */
    this.hashes = [];
    /** @type {Map<string, Block>} */
    this.received = new Map();
    this.extras = new Extras();
    this.facts = { hash: "", value: {} };
    /** Of each class in 4096ths; empty until the server has worked them out. */
    this.means = { hash: "", levels: new Uint16Array() };
    /** @type {Set<(change: Change) => void>} */
    this.listeners = new Set();
  }

  /**
   * @param {(change: Change) => void} task
   * @returns {() => void} stops it
   */
  onChange(task) {
    this.listeners.add(task);
    return () => this.listeners.delete(task);
  }

  /** @param {Change} change */
  changed(change) {
    for (const task of [...this.listeners]) task(change);
  }

  // ---- what arrives ---------------------------------------------------------------------------

  /**
   * Takes an answer; false, and nothing changed, if its parts do not belong together.
   * @param {any} head
   * @param {Map<string, Block>} blocks
   * @returns {boolean}
   */
  load(head, blocks) {
    try {
      this.#take(head, blocks);
    } catch (error) {
      console.error(error);
      this.hashes = [];
      return false;
    }
    this.changed("answer");
    return true;
  }

  /**
   * @param {any} head
   * @param {Map<string, Block>} blocks
   */
  #take(head, blocks) {
    const block = (/** @type {string} */ name) => {
      const found = blocks.get(name);
      if (!found) throw new Error(`answer: block ${name} is missing`);
      return found;
    };
    /** @type {number[]} */
    const sizes = head.sizes;
    const numbers = sizes.slice(1).map((_, k) => k + 1);
    const [layers, originals] = ["layer", "original"].map((name) =>
      numbers.map((number) => block(`${name}/${number}`)),
    );
    /** @type {Store["unpacked"]} */
    const unpacked = new Map();
    const unpack = (/** @type {Block} */ { hash, bytes }, /** @type {number} */ k) => {
      const known = unpacked.get(hash) ?? this.unpacked.get(hash);
      const layer = known?.bytes === bytes ? known.layer : unpackLayer(bytes, sizes[k], sizes[k + 1]);
      unpacked.set(hash, { bytes, layer });
      return layer;
    };
    const [base, original] = [layers.map(unpack), originals.map(unpack)];
    const facts = block("facts");
    if (facts.hash !== this.facts.hash) {
      this.facts = { hash: facts.hash, value: JSON.parse(new TextDecoder().decode(facts.bytes)) };
    }
    const counts = countsOf(block("counts").bytes, head.sums);
    const [lit, colours, digit] = ["lit", "colours", "digit"].map((name) => block(name).bytes);
    if (digit.length !== head.sizes[0])
      throw new Error(`digit: expected ${head.sizes[0]} pixels; got ${digit.length}`);

    const same = this.state?.sizes.join() === sizes.join();
    const changed = layers.map(({ hash, patch }, k) => {
      if (same && hash === this.hashes[k]) return [];
      return same && patch && patch.from === this.hashes[k] ? patch.rows : null;
    });
    this.shown.rebase(base, changed);
    this.hashes = layers.map(({ hash }) => hash);
    this.state = { ...head, ...this.facts.value, sums: { ...head.sums, counts } };
    Object.assign(this, { original, unpacked, received: blocks });
    const means = block("means");
    if (means.hash !== this.means.hash)
      this.means = { hash: means.hash, levels: new Uint16Array(means.bytes.slice().buffer) };
    this.blocks = { means: this.means.levels, lit, colours, digit };
    // Not under a pen that is drawing one, nor before the server has the one that was drawn.
    const drawn = this.outbox.entries.some(({ item }) => item.kind === "digit" && item.how === "raw");
    if (!(this.penDown || drawn) || this.digit.length !== digit.length) {
      const levels = Float32Array.from(digit, (level) => level / 255);
      if (levels.length !== this.digit.length || levels.some((level, i) => level !== this.digit[i]))
        this.digit = levels;
    }
    const asked = this.outbox.entries.some(({ item }) => item.kind === "select");
    if (!asked || !this.#has(this.selection)) this.selection = null;
    this.rebuild();
  }

  /** @param {[number, number] | null} neuron */
  #has(neuron) {
    return neuron !== null && neuron[0] > 0 && neuron[1] >= 0 && neuron[1] < this.state.sizes[neuron[0]];
  }

  /**
   * A digit gained or lost by the last step.
   * @param {number} index
   */
  thumb(index) {
    return this.received.get(`thumb/${index}`)?.bytes ?? null;
  }

  /**
   * What the server worked out because this page wants it; null until it is there.
   * @param {string} name
   * @returns {any}
   */
  extra(name) {
    return this.extras.read(name, this.received.get(`extra/${name}`));
  }

  /**
   * The same for what is no text.
   * @param {string} name
   */
  extraBytes(name) {
    return this.received.get(`extra/${name}`)?.bytes ?? null;
  }

  // ---- what is shown --------------------------------------------------------------------------

  get base() {
    return this.shown.base;
  }

  get layers() {
    return this.shown.layers;
  }

  get activations() {
    return this.shown.activations;
  }

  get trace() {
    return this.shown.trace;
  }

  /** Base, then the outbox in order, then what is tried or in progress. */
  rebuild() {
    const { shown, preview, stroke, biasDrag } = this;
    shown.putBack(this.state.activations);
    for (const edit of standing(this.outbox.entries, this.state.history.cursor)) this.#lay(edit);
    if (preview) this.#lay(preview);
    if (stroke) {
      stroke.before = this.row(stroke.layer, stroke.neuron).slice();
      this.#layStroke(stroke);
    }
    if (biasDrag) this.#layBias(biasDrag);
    this.run();
  }

  /** @param {Edit} edit */
  #lay(edit) {
    this.shown.lay(edit, this.firstGrid);
  }

  /** @param {Stroke} stroke */
  #layStroke(stroke) {
    this.shown.own(stroke.layer, [stroke.neuron]);
    const row = this.row(stroke.layer, stroke.neuron);
    row.set(stroke.before);
    const edit = describe(stroke);
    if (edit) layOn(edit, row);
  }

  /** @param {BiasDrag} drag */
  #layBias({ layer, neuron, value }) {
    this.shown.own(layer, [neuron]).biases[neuron] = value;
  }

  /** What was written shows. */
  run() {
    this.shown.settle(this.digit);
  }

  get winner() {
    return winner(this.trace, this.activations);
  }

  /**
   * A neuron's incoming weights; to look at.
   * @param {number} layer
   * @param {number} neuron
   * @param {Layer[]} [layers]
   */
  row(layer, neuron, layers = this.layers) {
    const { weights, in: inputs } = layers[layer - 1];
    return weights.subarray(neuron * inputs, (neuron + 1) * inputs);
  }

  /**
   * @param {number} layer
   * @param {number} neuron
   * @param {Layer[]} [layers]
   */
  bias(layer, neuron, layers = this.layers) {
    return layers[layer - 1].biases[neuron];
  }

  get selected() {
    return this.selection ?? this.state.selected;
  }

  /** @returns {Grid} of the first layer's maps */
  get firstGrid() {
    return { rows: this.state.grid[0], columns: this.state.grid[1] };
  }

  /** @returns {Grid} of the selected neuron's map */
  get grid() {
    const [layer] = this.selected;
    if (layer === 1) return this.firstGrid;
    const count = this.layers[layer - 1].in;
    const columns = Math.ceil(Math.sqrt(count));
    return { rows: Math.ceil(count / columns), columns };
  }

  /** Of each neuron, what it looks for; of later ones, what it would if nothing between were curved. */
  get maps() {
    return this.shown.maps;
  }

  get packed() {
    return pack(this.layers);
  }

  get refused() {
    return this.outbox.refused;
  }

  get unsaved() {
    return this.outbox.unsaved;
  }

  get canUndo() {
    return this.state.history.cursor > 0 || standing(this.outbox.entries, 0).length > 0;
  }

  get canRedo() {
    const { cursor, count } = this.state.history;
    const undone = this.outbox.entries.some(({ item }) => item.kind === "undo");
    return undone || (count > cursor && !this.outbox.entries.some(({ item }) => item.kind === "edit"));
  }

  // ---- what is done ---------------------------------------------------------------------------

  /**
   * @param {string} tool
   * @param {string} mode
   * @param {number} strength
   * @param {ArrayLike<number> | null} [slope] for the coach's mode
   * @returns {Stroke}
   */
  beginStroke(tool, mode, strength, slope = null) {
    const [layer, neuron] = this.selected;
    const before = this.row(layer, neuron).slice();
    const coverage = new Float32Array(before.length);
    this.stroke = { layer, neuron, tool, mode, strength, grid: this.grid, coverage, before, slope };
    return this.stroke;
  }

  /** Shows the stroke's coverage as it is now. */
  paint() {
    const { stroke } = this;
    if (!stroke) return;
    this.#layStroke(stroke);
    this.run();
    this.changed("stroke");
  }

  /** The stroke becomes an edit, if it covers anything. */
  endStroke() {
    const { stroke } = this;
    this.stroke = null;
    const edit = stroke && describe(stroke);
    if (!stroke || !edit) return this.cancelStroke(stroke);
    // Its answer is on its way while the same is done here.
    this.send({ kind: "edit", edit });
    this.#layStroke(stroke);
    this.run();
    this.changed("edit");
  }

  /** What was under the stroke, or under the drag of a bias, is shown again. */
  cancelStroke(stroke = this.stroke) {
    if (!stroke && !this.biasDrag) return;
    this.stroke = this.biasDrag = null;
    this.rebuild();
    this.changed("stroke");
  }

  /**
   * @param {number} layer
   * @param {number} neuron
   * @param {number} value
   */
  dragBias(layer, neuron, value) {
    if (!fits({ kind: "bias", layer, neuron, value: Math.fround(value) }, this.layers)) return;
    this.biasDrag = { layer, neuron, value: Math.fround(value) };
    this.#layBias(this.biasDrag);
    this.run();
    this.changed("stroke");
  }

  endBias() {
    if (!this.biasDrag) return;
    const { layer, neuron, value } = this.biasDrag;
    this.biasDrag = null;
    this.edit({ kind: "bias", layer, neuron, value });
  }

  /**
   * Does what an edit describes, here at once.
   * @param {Edit} edit
   */
  edit(edit) {
    this.#lay(edit);
    this.run();
    this.tell({ kind: "edit", edit });
  }

  /**
   * Shows what an edit would make of the network; null shows it as it is.
   * @param {Edit | null} edit
   */
  show(edit) {
    if (!edit && !this.preview) return;
    this.preview = edit;
    this.rebuild();
    this.changed("stroke");
  }

  /** What is shown is done. */
  keepShown() {
    const { preview } = this;
    this.show(null);
    if (preview) this.edit(preview);
  }

  /**
   * @param {number} layer
   * @param {number} neuron
   */
  select(layer, neuron) {
    this.cancelStroke();
    this.show(null);
    this.selection = [layer, neuron];
    this.changed("select");
    this.tell({ kind: "select", layer, neuron });
  }

  /**
   * Shows other pixels, as while one draws; the server is not told.
   * @param {Float32Array} digit levels 0..1
   */
  setDigit(digit) {
    this.digit = digit;
    this.run();
    this.changed("digit");
  }

  /**
   * Any letter.
   * @param {Item} item
   */
  tell(item) {
    this.send(item);
    // Undo and redo of what is not answered yet need not wait for the answer.
    if (item.kind === "undo" || item.kind === "redo") this.rebuild();
    this.changed(item.kind === "edit" ? "edit" : "outbox");
  }
}

const NOTHING = new Uint8Array(0);
