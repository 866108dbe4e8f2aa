// The page's side of live scoring: what the worker is told, one state at a time, and what is made of
// what it says.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Shown } from "../../toolkit/dashboard/page/core/shown.js";
import { Live } from "../../toolkit/dashboard/page/live/live.js";
import { room } from "../../toolkit/dashboard/page/live/room.js";
import { pick, randomFrom } from "./scoring.js";

const SIZES = [4, 3, 2];

/** What was told to each worker; each has as its network what it was told. */
let workers = [];

class FakeWorker {
  constructor() {
    this.heard = [];
    this.ended = false;
    workers.push(this);
  }

  postMessage(message) {
    this.heard.push(structuredClone(message));
    const { whole, change } = message;
    if (whole)
      this.layers = whole.sizes.slice(1).map((out, k) => ({
        weights: new Float32Array(out * whole.sizes[k]),
        biases: new Float32Array(out),
        in: whole.sizes[k],
      }));
    if (!change) return;
    this.activations = change.activations;
    for (const [k, told] of change.layers.entries()) {
      const layer = this.layers[k];
      for (const [at, row] of (told?.rows ?? []).entries()) {
        layer.weights.set(told.weights.subarray(at * layer.in, (at + 1) * layer.in), row * layer.in);
        layer.biases[row] = told.biases[at];
      }
    }
  }

  terminate() {
    this.ended = true;
  }

  get last() {
    return this.heard.at(-1);
  }

  say(told) {
    this.onmessage({ data: told });
  }

  /** Answers what it was told last. */
  answer(correct = 5, more = {}) {
    const { stamp, settle } = this.last;
    const found = { correct, pictures: [], ...more };
    this.say({ kind: "result", stamp, wrong: "", settled: settle, found, ms: 1 });
  }
}

beforeEach(() => {
  workers = [];
  Object.assign(globalThis, { Worker: FakeWorker, location: { origin: "http://here" } });
});

const layersOf = (value, sizes = SIZES) =>
  sizes.slice(1).map((out, k) => ({
    out,
    in: sizes[k],
    weights: new Float32Array(out * sizes[k]).fill(value),
    biases: new Float32Array(out),
  }));

/** A store, as much of it as is followed. */
function storeOf(sizes = SIZES, more = {}) {
  const shown = new Shown();
  const state = {
    sizes,
    activations: sizes.slice(1).map(() => "relu"),
    digits: { count: 10, of: 10, classes: sizes.at(-1), file: "f-10", ...more },
  };
  const base = layersOf(1, sizes);
  shown.rebase(
    base,
    base.map(() => null),
  );
  shown.putBack(state.activations);
  return {
    shown,
    state,
    selected: [1, 0],
    get base() {
      return shown.base;
    },
    get layers() {
      return shown.layers;
    },
    get activations() {
      return shown.activations;
    },
  };
}

function following(more) {
  const live = new Live({ root: "/app/", hash: "abc" });
  const store = storeOf(SIZES, more);
  const heard = { result: [], status: [] };
  live.bell.on("result", (result) => heard.result.push(result.correct));
  live.bell.on("status", ({ state, reason }) => heard.status.push(reason ?? state));
  live.follow(store);
  return { live, store, heard, worker: workers[0] };
}

const bias = (store, neuron, value, layer = 1) =>
  store.shown.lay({ kind: "bias", layer, neuron, value }, { rows: 2, columns: 2 });

const knows = (worker, store) => {
  assert.deepEqual(worker.activations, store.activations);
  for (const [k, { weights, biases }] of store.layers.entries()) {
    assert.deepEqual(worker.layers[k].weights, weights);
    assert.deepEqual(worker.layers[k].biases, biases);
  }
};

test("at first all of the network is told, then the rows that changed, then nothing", () => {
  const { live, store, worker } = following();
  const [open, first] = worker.heard;
  assert.equal(open.address, "http://here/app/weight-maps/digits/f-10");
  assert.equal(open.bytes, 16 + 10 * 5);
  assert.deepEqual(first.whole, { sizes: SIZES, classes: 2 });
  assert.equal(first.settle, true);
  knows(worker, store);
  worker.answer();
  bias(store, 2, 0.5);
  live.follow(store);
  assert.deepEqual(
    worker.last.change.layers.map((told) => told?.rows),
    [[2], undefined],
  );
  assert.equal(worker.last.settle, false);
  knows(worker, store);
  worker.answer();
  assert.equal(worker.heard.length, 3);
  live.follow(store);
  assert.equal(worker.heard.length, 3);
  assert.equal(live.current, true);
});

test("while the worker is busy nothing is told; then the newest, and what lay between is never counted", () => {
  const { live, store, worker, heard } = following();
  for (const value of [1, 2, 3]) {
    bias(store, 0, value);
    live.follow(store);
  }
  assert.equal(worker.heard.length, 2);
  worker.answer(4);
  assert.equal(worker.heard.length, 3);
  assert.equal(worker.last.change.layers[0].biases[0], 3);
  assert.equal(live.current, false);
  worker.answer(6);
  assert.deepEqual(heard.result, [4, 6]);
  assert.equal(live.current, true);
});

test("gained and lost are counted from the server's network, also where it comes amid a stroke", () => {
  const { live, store, worker, heard } = following();
  worker.answer(4);
  bias(store, 0, 1);
  live.follow(store);
  worker.answer(5);
  // The server has taken that bias; another is being dragged by now.
  const next = layersOf(1);
  next[0].biases[0] = 1;
  store.shown.rebase(next, [[0], []]);
  store.shown.putBack(store.state.activations);
  bias(store, 1, 7);
  live.follow(store);
  assert.equal(worker.last.settle, true);
  assert.deepEqual([...worker.layers[0].biases], [1, 0, 0]);
  worker.answer(5);
  assert.equal(worker.last.settle, false);
  knows(worker, store);
  worker.answer(6);
  assert.deepEqual(heard.result, [4, 5, 6], "what was counted of the server's network alone is not shown");
});

test("whatever is done, the worker comes to know the network on show", () => {
  const random = randomFrom(7);
  const { live, store, worker } = following();
  const values = () => ({ layer: pick(random, [1, 2]), neuron: pick(random, [0, 1]), value: random() });
  const steps = {
    bias: () => {
      const { layer, neuron, value } = values();
      bias(store, neuron, value, layer);
    },
    row: () => {
      const { layer, neuron, value } = values();
      store.shown.own(layer, [neuron]).weights[neuron * SIZES[layer - 1]] = value;
    },
    whole: () => store.shown.own(1).weights.fill(random()),
    back: () =>
      store.shown.putBack(
        pick(random, [
          ["relu", "relu"],
          ["tanh", "relu"],
        ]),
      ),
    answer: () => {
      // In the very bytes of the base before, as an answer's rows are laid.
      const next = store.base.map((layer) => ({ ...layer }));
      next[1].biases[0] = random();
      store.shown.rebase(next, [[], [0]]);
      store.shown.putBack(store.state.activations);
    },
  };
  for (let step = 0; step < 400; step++) {
    pick(random, Object.values(steps))();
    if (random() < 0.7) live.follow(store);
    if (random() < 0.5 && live.busy) worker.answer();
    if (step % 20) continue;
    live.follow(store);
    while (live.busy) worker.answer();
    knows(worker, store);
  }
});

test("what is wanted is asked for as long as somebody wants it", () => {
  const { live, store, worker } = following();
  worker.answer();
  const drops = [live.want("ridges"), live.want("ridges")];
  live.follow(store);
  assert.deepEqual(worker.last.wants, ["ridges"]);
  assert.equal(worker.last.change, null);
  worker.answer();
  drops[0]();
  live.follow(store);
  assert.equal(live.busy, false);
  drops[1]();
  store.selected = [2, 1];
  live.follow(store);
  assert.deepEqual(worker.last.wants, []);
  assert.deepEqual(worker.last.selected, [2, 1]);
});

test("a network of another shape is begun anew, and one of other digits in another worker", () => {
  const { live, worker } = following();
  const wider = storeOf([4, 5, 2]);
  live.follow(wider);
  assert.deepEqual(worker.last.whole.sizes, [4, 5, 2]);
  knows(worker, wider);
  // What it says of the one before is of nothing any more.
  worker.say({ kind: "result", stamp: 1, wrong: "", settled: true, found: { correct: 1 }, ms: 1 });
  assert.equal(live.result, null);
  worker.answer(3);
  assert.equal(live.result.correct, 3);
  live.follow(storeOf(SIZES, { file: "g-10" }));
  assert.equal(worker.ended, true);
  assert.equal(workers.length, 2);
  assert.equal(live.result, null);
  live.close();
  assert.equal(workers[1].ended, true);
});

test("why nothing is scored is said, and it goes on when it can again", () => {
  const { live, store, worker, heard } = following();
  worker.say({ kind: "loading", share: 0.5, left: 2 });
  assert.deepEqual(live.status, { state: "loading", share: 0.5, left: 2 });
  worker.answer();
  const { stamp } = worker.last;
  store.shown.own(1, [0]).biases[0] = Number.POSITIVE_INFINITY;
  live.follow(store);
  worker.say({ kind: "result", stamp: stamp + 1, wrong: "not-finite", settled: false, found: null, ms: 1 });
  assert.equal(live.result, null);
  bias(store, 0, 1);
  live.follow(store);
  worker.answer();
  live.follow(storeOf(SIZES, { classes: 3 }));
  live.follow(store);
  worker.answer();
  worker.onerror();
  assert.equal(live.current, false);
  live.follow(store);
  assert.equal(workers.length, 1);
  assert.deepEqual(heard.status, ["loading", "ready", "not-finite", "ready", "unscored", "ready", "crashed"]);
});

test("a small device or a slow line gets fewer digits, or says why there are none", () => {
  const of = (navigator, more = {}) =>
    room({ Worker: FakeWorker, navigator, ...more }, 70_000, [784, 16, 10]);
  assert.deepEqual(of({}), { reason: "", most: 70_000 });
  assert.deepEqual(of({ deviceMemory: 8, connection: { effectiveType: "4g" } }), {
    reason: "",
    most: 70_000,
  });
  assert.deepEqual(of({ deviceMemory: 1 }), { reason: "", most: 10_000 });
  assert.deepEqual(of({ connection: { effectiveType: "3g" } }), { reason: "", most: 2_000 });
  assert.equal(of({ connection: { saveData: true } }).reason, "save-data");
  assert.equal(of({ connection: { effectiveType: "slow-2g" } }).reason, "slow-line");
  assert.equal(of({}, { Worker: undefined }).reason, "no-worker");
  const wide = (deviceMemory, count) =>
    room({ Worker: FakeWorker, navigator: { deviceMemory } }, count, [784, 2000, 2000, 10]);
  assert.deepEqual(wide(8, 4000), { reason: "", most: 4000 });
  assert.deepEqual(wide(2, 4000), { reason: "", most: 2_000 });
  assert.equal(wide(1, 4000).reason, "memory");
});
