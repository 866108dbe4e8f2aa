// A server without a server: a model of what the real one promises a page, and nothing more.
import { decode, encode } from "../../toolkit/dashboard/page/core/frames.js";
import { pack } from "../../toolkit/dashboard/page/core/network.js";
import { fits, layOn } from "../../toolkit/dashboard/page/core/strokes.js";

export const NONE = Array(10).fill(0);
const FIRING = { bias: 0, of: NONE, fired: NONE, zeros: NONE };
const SIZES = [6, 3, 10];
export const ID = "0123456789abcdef0123456789abcdef";
export const OTHER = "fedcba9876543210fedcba9876543210";

export function blank(sizes = SIZES) {
  return sizes.slice(1).map((out, k) => ({
    out,
    in: sizes[k],
    weights: new Float32Array(out * sizes[k]),
    biases: new Float32Array(out),
  }));
}

export function copy(layers) {
  return layers.map((l) => ({ ...l, weights: l.weights.slice(), biases: l.biases.slice() }));
}

export function applied(layers, edit) {
  const after = copy(layers);
  const layer = after[edit.layer - 1];
  if (edit.kind === "bias") layer.biases[edit.neuron] = edit.value;
  else layOn(edit, layer.weights.subarray(edit.neuron * layer.in, (edit.neuron + 1) * layer.in));
  return after;
}

const same = (a, b) => a.every((value, i) => Object.is(value, b[i]));
const hashOf = (bytes) => {
  let hash = 2166136261;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 16777619) >>> 0;
  return `${hash.toString(16)}-${bytes.length}`;
};

/** One experiment at the server. */
export class FakeExperiment {
  constructor(id, stored) {
    this.id = id;
    this.stored = stored;
    this.start = blank();
    this.states = [this.start];
    this.cursor = 0;
    this.revision = 0;
    this.name = "blank";
    this.seen = {};
    this.log = [];
    this.refusals = new Map();
  }

  get layers() {
    return this.states[this.cursor];
  }

  do(item) {
    if (item.kind === "edit") {
      if (item.edit?.tool === "refuse me" || !fits(item.edit, this.layers)) return "refused";
      this.states = [...this.states.slice(0, this.cursor + 1), applied(this.layers, item.edit)];
      this.cursor++;
    } else if (item.kind === "undo") this.cursor = Math.max(0, this.cursor - 1);
    else if (item.kind === "redo") this.cursor = Math.min(this.states.length - 1, this.cursor + 1);
    else if (item.kind === "rename") this.name = item.name;
    else return "refused";
    this.revision++;
    this.stored = true;
    return null;
  }
}

/** Letters in order, each once; answers with what is now. */
export class FakeServer {
  experiments = new Map();
  visits = new Set();
  unsaved = false;
  modules = "m1";
  frames = [];
  notices = 0;

  experiment(id, start) {
    const found = this.experiments.get(id);
    if (found) return found;
    if (!start) return null;
    const made = new FakeExperiment(id, false);
    this.experiments.set(id, made);
    return made;
  }

  /** The process ends: drafts and views are gone, what was stored is not. */
  restart() {
    for (const visit of [...this.visits]) visit.cut();
    for (const [id, experiment] of this.experiments) if (!experiment.stored) this.experiments.delete(id);
  }

  notice(code) {
    return { id: `n${++this.notices}`, code, fields: {}, kind: "error", actions: [] };
  }

  /** @returns a visit; `tell` is given each frame's bytes */
  accept(tell, cut) {
    const visit = {
      tell,
      cut,
      client: "",
      at: null,
      view: {},
      acks: {},
      writers: new Set(),
      refused: [],
      unsaved: null,
      held: null,
    };
    this.visits.add(visit);
    return visit;
  }

  gone(visit) {
    this.visits.delete(visit);
  }

  take(visit, frame) {
    const { head } = decode(frame);
    this.frames.push(head);
    if (head.kind === "hello") {
      visit.client = head.client;
      if (head.modules !== this.modules) visit.tell(encode({ kind: "reload" }));
    } else if (!visit.client) throw new Error(`expected hello first; got ${head.kind}`);
    else if (head.kind === "ping") visit.tell(encode({ kind: "pong" }));
    else if (head.kind === "visit") this.#visit(visit, head);
    else if (head.kind === "letters") this.#letters(visit, head);
    else if (head.kind === "again") {
      visit.held = null;
      this.answer(visit);
    } else if (head.kind === "list")
      visit.tell(encode({ kind: "experiments", entries: [], bin: [], all: true }));
    else if (head.kind === "history") visit.tell(encode({ kind: "history", experiment: head.experiment }));
  }

  #visit(visit, head) {
    let id = head.experiment ?? `${this.experiments.size}`.padStart(32, "a");
    if (head.experiment && !this.experiment(id, head.start))
      id = `${this.experiments.size}`.padStart(32, "b");
    visit.at = this.experiment(id, head.start ?? { network: "blank" });
    const { seen } = visit.at;
    const acks = Object.fromEntries(
      [...visit.writers].filter((each) => seen[each]).map((each) => [each, seen[each]]),
    );
    Object.assign(visit, { view: { ...head.view }, acks, refused: [], unsaved: null, held: null });
    this.answer(visit);
  }

  #letters(visit, { experiment: id, start, client, items }) {
    visit.writers.add(client);
    const experiment = this.experiment(id, start);
    if (!experiment) {
      const refused = items.map(({ seq }) => ({ client, seq, notice: this.notice("no-such-experiment") }));
      visit.tell(
        encode({
          kind: "acked",
          experiment: id,
          acks: { [client]: items.at(-1).seq },
          refused,
          unsaved: null,
        }),
      );
      return;
    }
    const here = visit.at === experiment;
    const said = here ? visit : { acks: {}, refused: [], unsaved: null };
    const { revision } = experiment;
    said.unsaved = null;
    let last = 0;
    for (const item of items) {
      if (item.seq <= last) throw new Error("items: expected rising numbers");
      last = item.seq;
      const name = `${client} ${item.seq}`;
      if (item.seq > (experiment.seen[client] ?? 0)) {
        const durable = ["edit", "undo", "redo", "rename"].includes(item.kind);
        if (durable && this.unsaved) {
          said.unsaved = this.notice("unsaved");
          break;
        }
        const why = durable ? experiment.do(item) : this.#look(visit, here, item);
        experiment.seen[client] = item.seq;
        if (why) experiment.refusals.set(name, this.notice(why));
        else if (durable) experiment.log.push(item.mark ?? item.edit?.mark ?? name);
      }
      said.acks[client] = Math.max(item.seq, said.acks[client] ?? 0);
      const notice = experiment.refusals.get(name);
      if (notice) said.refused.push({ client, seq: item.seq, notice });
    }
    if (here && experiment.revision !== revision) {
      visit.tell(encode({ kind: "scored", experiment: id, revision: experiment.revision, score: {} }));
    }
    for (const other of this.visits) if (other !== visit && other.at === experiment) this.answer(other);
    if (here) this.answer(visit);
    else visit.tell(encode({ kind: "acked", experiment: id, ...said }));
  }

  #look(visit, here, item) {
    if (!here) return null;
    if (item.kind === "select") visit.view.neuron = `${item.layer}.${item.neuron}`;
    else if (item.kind === "digit" && item.how === "next") visit.view.digit = (visit.view.digit ?? 0) + 1;
    else if (item.kind === "digit" && item.how === "raw") visit.view.raw = item.pixels;
    return null;
  }

  answer(visit) {
    const { at: experiment, view } = visit;
    const body = [];
    const now = { hashes: new Set(), layers: {} };
    const listing = [];
    const held = visit.held ?? { hashes: new Set(), layers: {} };
    const add = (name, bytes) => {
      const hash = hashOf(bytes);
      if (held.hashes.has(hash) || now.hashes.has(hash)) listing.push([name, hash, null]);
      else {
        listing.push([name, hash, bytes.length]);
        body.push(bytes);
      }
      now.hashes.add(hash);
    };
    experiment.layers.forEach((layer, k) => {
      const name = `layer/${k + 1}`;
      const bytes = pack([layer]);
      const hash = hashOf(bytes);
      const before = held.layers[name];
      now.layers[name] = layer;
      const rows = [];
      for (let j = 0; before && j < layer.out; j++) {
        const row = (l) => l.weights.subarray(j * l.in, (j + 1) * l.in);
        if (!same(row(layer), row(before)) || !Object.is(layer.biases[j], before.biases[j])) rows.push(j);
      }
      if (rows.length && !held.hashes.has(hash) && rows.length < layer.out) {
        const weights = rows.flatMap((j) => [...layer.weights.subarray(j * layer.in, (j + 1) * layer.in)]);
        const part = new Uint8Array(
          Float32Array.from([...weights, ...rows.map((j) => layer.biases[j])]).buffer,
        );
        listing.push([name, hash, part.length, { from: hashOf(pack([before])), rows }]);
        body.push(part);
        now.hashes.add(hash);
      } else add(name, bytes);
    });
    experiment.start.forEach((layer, k) => {
      add(`original/${k + 1}`, pack([layer]));
    });
    const digit = new Uint8Array(SIZES[0]).fill(view.digit ?? 0);
    if (view.raw) digit.set(Uint8Array.from(atob(view.raw), (c) => c.charCodeAt(0)));
    add("digit", digit);
    for (const [name, length] of [
      ["means", 120],
      ["lit", 6],
      ["colours", 1533],
    ])
      add(name, new Uint8Array(length));
    add("counts", new Uint8Array(new Uint16Array(20).buffer));
    add("facts", new TextEncoder().encode(JSON.stringify({ functions: ["identity"], understood: null })));
    visit.held = now;
    const [layer, neuron] = (view.neuron ?? "1.0").split(".").map(Number);
    const { acks, unsaved } = visit;
    const refused = visit.refused.splice(0);
    const head = {
      kind: "answer",
      experiment: experiment.id,
      start: { network: "blank", checksum: "c" },
      revision: experiment.revision,
      draft: !experiment.stored,
      acks,
      refused,
      unsaved,
      notice: null,
      earlier: [],
      name: experiment.name,
      sizes: SIZES,
      activations: ["identity", "identity"],
      grid: [2, 3],
      selected: [layer, neuron],
      palette: "green-red",
      gamma: 1,
      digit: {
        index: view.raw ? null : (view.digit ?? 0),
        label: null,
        title: { code: "digit" },
        class: null,
      },
      digits: { name: "drawn", source: "drawn", count: 9, classes: 10, names: [] },
      score: {},
      history: { cursor: experiment.cursor, count: experiment.states.length - 1 },
      sums: { layer, neuron, low: 0, high: 1, bins: 2, wide: false, ...FIRING },
      others: 0,
      fetch: null,
      blocks: listing,
    };
    visit.tell(encode(head, body));
  }
}

export function stroke(cell, put, more = {}) {
  return { kind: "stroke", layer: 1, neuron: 0, cells: [cell], keep: 1, put, tool: "brush", ...more };
}
