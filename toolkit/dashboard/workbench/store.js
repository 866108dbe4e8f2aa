// What the browser holds: the network as Python last sent it (the base), what the person did since
// (the outbox), the stroke in progress, and the digit. Nothing here draws.
//
// Triggers to Python may be lost or overtake one another, so every change waits in the outbox, with
// a sequence number, until Python's answer names that number; the whole outbox travels each time.
import { blend } from "./tools.js";
import { copyLayers, forward, pack, unpack, winner, composedMaps } from "./network.js";

// Python alone knows what these do to the network: strokes made after one wait for its answer
// before their values are fixed, and are shown meanwhile on top of what is known.
const BARRIERS = new Set(["undo", "redo", "jump", "reset", "open", "upload", "back", "adopt"]);
const RETRY_MS = [400, 800, 1600, 3000];
const HEAVY = 1 << 20, HEAVY_RETRY_MS = 30_000; // a large file takes its time; it is not sent again at once

export class Store {
  constructor(send) {
    this.send = send;
    this.client = Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) => n.toString(36)).join("");
    this.sequence = 0;
    this.outbox = [];
    this.stroke = null;
    this.state = null;
    this.tries = 0;
  }

  // Take Python's answer. Returns false for one that is older than what is here.
  load(state, bytes) {
    if (this.state && state.desk === this.state.desk && state.revision < this.state.revision) return false;
    const answered = state.acks[this.client] ?? 0;
    const before = this.outbox.length;
    this.outbox = this.outbox.filter((entry) => entry.seq > answered);
    if (this.outbox.length < before) this.tries = 0;
    if (this.state?.sizes.join() !== state.sizes.join()) this.composedMaps = null;
    this.state = state;
    this.base = unpack(bytes.weights, state.sizes);
    this.original = unpack(bytes.original, state.sizes);
    // Not under a pen that is drawing one.
    if (!this.penDown) this.digit = Float32Array.from(bytes.digit, (p) => p / 255);
    this.rebuild();
    this.flush();
    return true;
  }

  get grid() {
    const [layer] = this.selected;
    if (layer === 1) return { rows: this.state.grid[0], columns: this.state.grid[1] };
    const count = this.layers[layer - 1].in, columns = Math.ceil(Math.sqrt(count));
    return { rows: Math.ceil(count / columns), columns };
  }

  get selected() {
    return this.selection ?? this.state.selected;
  }

  row(layer, neuron, layers = this.layers) {
    const { weights, in: inputs } = layers[layer - 1];
    return weights.subarray(neuron * inputs, (neuron + 1) * inputs);
  }

  bias(layer, neuron, layers = this.layers) {
    return layers[layer - 1].biases[neuron];
  }

  // Base, then the outbox in order, then the stroke in progress.
  rebuild() {
    this.layers = copyLayers(this.base);
    this.activations = [...this.state.activations];
    for (const entry of this.outbox) {
      if (entry.stroke) this.lay(entry.stroke);
      else if (entry.message.kind === "edit") this.applyEdit(entry.message.edit);
    }
    if (this.stroke) {
      this.stroke.before = this.row(this.stroke.layer, this.stroke.neuron).slice();
      this.lay(this.stroke);
    }
    if (this.biasDrag) this.layers[this.biasDrag.layer - 1].biases[this.biasDrag.neuron] = this.biasDrag.value;
    this.run();
  }

  run() {
    this.trace = forward(this.layers, this.activations, this.digit);
    this.composedStale = true;
  }

  get winner() {
    return winner(this.trace);
  }

  // Of a wide network they take longer than a frame: then they wait for the end of the stroke.
  get composed() {
    const { sizes } = this.state, heavy = sizes[0] * sizes.slice(1, -1).reduce((sum, size, k) => sum + size * sizes[k + 2], 0) > 4e6;
    if (this.composedStale && !(heavy && this.composedMaps && (this.stroke || this.biasDrag))) {
      this.composedMaps = composedMaps(this.layers);
      this.composedStale = false;
    }
    return this.composedMaps;
  }

  lay(stroke) {
    const row = this.row(stroke.layer, stroke.neuron);
    const { cells, values } = blend(stroke, row.slice());
    cells.forEach((cell, k) => { row[cell] = values[k]; });
    return { cells, values };
  }

  applyEdit(edit) {
    if (edit.kind === "weights") {
      const row = this.row(edit.layer, edit.neuron);
      edit.cells.forEach((cell, k) => { row[cell] = edit.values[k]; });
    } else if (edit.kind === "bias") {
      this.layers[edit.layer - 1].biases[edit.neuron] = edit.value;
    } else if (edit.kind === "activation") {
      this.activations[edit.layer - 1] = edit.activation;
    }
  }

  beginStroke(tool, mode, strength) {
    const [layer, neuron] = this.selected;
    const before = this.row(layer, neuron).slice();
    const coverage = new Float32Array(before.length);
    this.stroke = { layer, neuron, tool, mode, strength, grid: this.grid, coverage, before };
    return this.stroke;
  }

  // Show the stroke's coverage as it is now.
  paint() {
    const { stroke } = this;
    this.row(stroke.layer, stroke.neuron).set(stroke.before);
    this.lay(stroke);
    this.run();
  }

  endStroke() {
    const stroke = this.stroke;
    this.stroke = null;
    if (!stroke || !stroke.coverage.some((amount) => amount > 0)) return;
    this.outbox.push({ seq: ++this.sequence, stroke });
    this.flush();
  }

  cancelStroke() {
    this.stroke = null;
    this.biasDrag = null;
    this.rebuild();
  }

  dragBias(layer, neuron, value) {
    this.biasDrag = { layer, neuron, value: Math.fround(value) };
    this.layers[layer - 1].biases[neuron] = this.biasDrag.value;
    this.run();
  }

  endBias() {
    if (!this.biasDrag) return;
    const { layer, neuron, value } = this.biasDrag;
    this.biasDrag = null;
    this.edit({ kind: "bias", layer, neuron, value });
  }

  edit(edit) {
    this.tell({ kind: "edit", edit });
    this.applyEdit(edit);
    this.run();
  }

  // Queue a message for Python and send what can be sent.
  tell(message) {
    this.outbox.push({ seq: ++this.sequence, message });
    this.flush();
  }

  // Fix the values of strokes that no unanswered barrier precedes, and list what may travel.
  sendable() {
    const ready = [], layers = this.layers;
    this.layers = copyLayers(this.base);
    let barrier = false;
    for (const entry of this.outbox) {
      if (entry.stroke) {
        if (barrier) break;
        const { layer, neuron, tool } = entry.stroke;
        const { cells, values } = this.lay(entry.stroke);
        entry.message = { kind: "edit", edit: { kind: "weights", layer, neuron, cells, values, tool } };
        delete entry.stroke;
      } else if (entry.message.kind === "edit" && entry.message.edit.kind !== "activation") {
        this.applyEdit(entry.message.edit);
      }
      barrier ||= BARRIERS.has(entry.message.kind);
      ready.push({ seq: entry.seq, ...entry.message });
    }
    this.layers = layers;
    return ready;
  }

  flush() {
    clearTimeout(this.timer);
    if (!this.outbox.length) return;
    const items = this.sendable();
    if (items.length) this.send({ client: this.client, items });
    const heavy = items.some((item) => item.data?.length > HEAVY);
    const wait = heavy ? HEAVY_RETRY_MS : RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)];
    this.timer = setTimeout(() => this.flush(), wait);
  }

  close() {
    clearTimeout(this.timer);
  }

  get packed() {
    return pack(this.layers);
  }
}
