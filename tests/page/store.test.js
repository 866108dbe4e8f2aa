// What the page shows: base, outbox and the stroke in progress, whatever arrives meanwhile.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Asking } from "../../toolkit/dashboard/page/core/asking.js";
import { Drawer } from "../../toolkit/dashboard/page/core/drawer.js";
import { forward } from "../../toolkit/dashboard/page/core/network.js";
import { Outbox, standing } from "../../toolkit/dashboard/page/core/outbox.js";
import { Post } from "../../toolkit/dashboard/page/core/post.js";
import { FakeStorage, World } from "./fakes.js";
import { applied, ID, stroke } from "./fakeserver.js";

function page(world) {
  const post = new Post({ root: "/", modules: "m1", around: world.around() });
  post.connect();
  post.visit({ experiment: ID, start: { network: "blank" } });
  world.clock.pass(50);
  return post;
}

function opened() {
  const world = new World();
  const post = page(world);
  return { world, post, store: post.store, row: () => [...post.store.row(1, 0)] };
}

const draw = (store, cell, mode = "add", strength = 1) => {
  const made = store.beginStroke("brush", mode, strength);
  made.coverage[cell] = 1;
  store.paint();
  return made;
};

test("a stroke is shown as it grows, and becomes one edit at its end", () => {
  const { world, store, row } = opened();
  const told = mock.method(store, "send");
  const made = draw(store, 1, "set", 0.5);
  assert.deepEqual(row(), [0, 0.5, 0, 0, 0, 0]);
  made.coverage[2] = 0.5;
  store.paint();
  assert.deepEqual(row(), [0, 0.5, 0.25, 0, 0, 0]);
  assert.equal(store.outbox.length, 0);
  store.endStroke();
  assert.deepEqual(told.mock.calls[0].arguments[0].edit, {
    kind: "stroke",
    layer: 1,
    neuron: 0,
    cells: [1, 2],
    keep: [0, 0.5],
    put: [0.5, 0.25],
    tool: "brush",
  });
  world.clock.pass(50);
  assert.deepEqual(row(), [0, 0.5, 0.25, 0, 0, 0]);
});

test("the outputs follow each paint as a full pass would have them", () => {
  const { store } = opened();
  store.setDigit(Float32Array.from([1, 0.5, 0, 1, 0, 1]));
  draw(store, 0, "set", 3);
  assert.deepEqual(store.trace, forward(store.layers, store.activations, store.digit));
  store.cancelStroke();
  store.dragBias(2, 3, 7);
  assert.deepEqual(store.trace, forward(store.layers, store.activations, store.digit));
  assert.equal(store.winner, 3);
});

test("a stroke that covers nothing, and one that is called off, leave no trace", () => {
  const { store, row } = opened();
  store.beginStroke("brush", "set", 1);
  store.paint();
  store.endStroke();
  draw(store, 3);
  store.cancelStroke();
  assert.deepEqual(row(), [0, 0, 0, 0, 0, 0]);
  assert.deepEqual([store.outbox.length, store.stroke], [0, null]);
});

test("an answer under the hand: the stroke in progress is laid on what it brings", () => {
  const { world, store, row } = opened();
  const other = page(world);
  const made = draw(store, 2);
  other.store.edit(stroke(2, 10));
  world.clock.pass(50);
  assert.deepEqual(row(), [0, 0, 11, 0, 0, 0]);
  made.coverage[3] = 1;
  store.paint();
  store.endStroke();
  assert.deepEqual(row(), [0, 0, 11, 1, 0, 0]);
  world.clock.pass(50);
  assert.deepEqual(row(), [0, 0, 11, 1, 0, 0]);
  assert.deepEqual([...other.store.row(1, 0)], [0, 0, 11, 1, 0, 0]);
});

test("a bias dragged while an answer arrives stays where the hand has it", () => {
  const { world, store } = opened();
  const other = page(world);
  store.dragBias(1, 0, -2);
  other.store.edit({ kind: "bias", layer: 1, neuron: 0, value: 5 });
  world.clock.pass(50);
  assert.equal(store.bias(1, 0), -2);
  store.endBias();
  world.clock.pass(50);
  assert.deepEqual([store.bias(1, 0), other.store.bias(1, 0)], [-2, -2]);
  store.dragBias(1, 0, Number.NaN);
  assert.equal(store.biasDrag, null);
});

test("three quick undos are three, each shown at once, and redo brings them back", () => {
  const { world, store, row } = opened();
  for (const cell of [0, 1, 2]) store.edit(stroke(cell, 1));
  world.clock.pass(50);
  store.edit(stroke(3, 1));
  for (let k = 0; k < 3; k++) store.tell({ kind: "undo" });
  assert.deepEqual(row(), [1, 1, 1, 0, 0, 0], "its own is taken back here; what is below, by the server");
  world.clock.pass(50);
  assert.deepEqual(row(), [1, 0, 0, 0, 0, 0]);
  store.tell({ kind: "redo" });
  world.clock.pass(50);
  assert.deepEqual(row(), [1, 1, 0, 0, 0, 0]);
});

test("a stroke after an undo that is under way stays, wherever it is laid", () => {
  const { world, store, row } = opened();
  store.edit(stroke(0, 1));
  world.clock.pass(50);
  store.tell({ kind: "undo" });
  draw(store, 0);
  store.endStroke();
  assert.deepEqual(row(), [2, 0, 0, 0, 0, 0]);
  world.clock.pass(50);
  assert.deepEqual(row(), [1, 0, 0, 0, 0, 0]);
  assert.equal(store.state.history.cursor, 1);
});

test("away, undo and redo of what is not answered work alone", () => {
  const { world, store, row } = opened();
  assert.deepEqual([store.canUndo, store.canRedo], [false, false]);
  world.down();
  store.edit(stroke(0, 1));
  store.edit(stroke(1, 1));
  assert.deepEqual([store.canUndo, store.canRedo], [true, false]);
  store.tell({ kind: "undo" });
  assert.deepEqual(row(), [1, 0, 0, 0, 0, 0]);
  assert.equal(store.canRedo, true);
  store.tell({ kind: "redo" });
  assert.deepEqual(row(), [1, 1, 0, 0, 0, 0]);
  world.up = true;
  world.clock.pass(6000);
  assert.deepEqual(row(), [1, 1, 0, 0, 0, 0]);
});

const laid = (items, below) =>
  standing(
    items.map((item) => ({ item: typeof item === "number" ? { kind: "edit", edit: item } : { kind: item } })),
    below,
  );

test("what stands of letters when undo and redo among them are done", () => {
  assert.deepEqual(laid([1, 2, "undo"], 0), [1]);
  assert.deepEqual(laid([1, 2, "undo", 3], 0), [1, 3]);
  assert.deepEqual(laid([1, "undo", "undo", "redo"], 5), [], "the redo is of the step below");
  assert.deepEqual(laid([1, "undo", "undo", "redo", "redo"], 5), [1]);
  assert.deepEqual(laid([1, "undo", "undo", "redo"], 0), [1], "nothing below to undo");
  assert.deepEqual(laid([1, "jump", 2, "undo", "undo"], 3), [1], "a jump is the server's");
  assert.deepEqual(laid([1, "undo", 2, "redo"], 0), [2]);
});

test("an edit that does not fit is left out of the picture, and to the server to refuse", () => {
  const { world, store, post, row } = opened();
  const refused = mock.fn();
  post.on("refused", refused);
  world.down();
  store.edit(stroke(0, 1));
  store.edit(stroke(99, 1));
  store.edit({ kind: "bias", layer: 7, neuron: 0, value: 1 });
  store.tell({ kind: "edit", edit: null });
  store.rebuild();
  assert.deepEqual(row(), [1, 0, 0, 0, 0, 0]);
  world.up = true;
  const error = mock.method(console, "error", () => {});
  assert.equal(store.load({}, new Map()), false);
  error.mock.restore();
  world.clock.pass(6000);
  assert.equal(refused.mock.callCount(), 3);
  assert.deepEqual([row(), store.outbox.length], [[1, 0, 0, 0, 0, 0], 0]);
});

test("the answered state stays as it was where edits are only laid on it", () => {
  const { store } = opened();
  const [first] = store.base;
  store.edit(stroke(0, 1));
  assert.equal(store.base[0], first);
  assert.equal(first.weights[0], 0);
  assert.equal(store.original[0].weights[0], 0);
  assert.equal(store.layers[1], store.base[1], "a layer that nothing was laid on is not copied");
});

test("a selection holds until the server has it, then what the server has", () => {
  const { world, store, post } = opened();
  const changes = [];
  store.onChange((change) => changes.push(change));
  store.select(1, 1);
  store.select(2, 4);
  assert.deepEqual(store.selected, [2, 4]);
  assert.deepEqual(store.grid, { rows: 2, columns: 2 });
  assert.equal(store.outbox.length, 1, "only the last selection waits");
  store.onChange(() => assert.deepEqual(store.selected, [2, 4]));
  world.server.answer([...world.server.visits][0]);
  store.edit(stroke(0, 1));
  world.clock.pass(50);
  assert.deepEqual([store.selected, store.selection], [[2, 4], null]);
  assert.deepEqual(post.store.state.selected, [2, 4]);
  assert.ok(["select", "edit", "answer"].every((change) => changes.includes(change)));
});

test("a selection in the middle of a stroke calls the stroke off", () => {
  const { store, row } = opened();
  draw(store, 0);
  store.select(1, 1);
  assert.deepEqual([row(), store.stroke], [[0, 0, 0, 0, 0, 0], null]);
});

test("a digit under the pen is not taken away by an answer, nor before the server has it", () => {
  const { world, store } = opened();
  store.penDown = true;
  store.setDigit(Float32Array.from([1, 0, 0, 0, 0, 0]));
  store.edit(stroke(0, 1));
  world.clock.pass(50);
  assert.deepEqual([...store.digit], [1, 0, 0, 0, 0, 0]);
  store.penDown = false;
  store.tell({ kind: "digit", how: "raw", pixels: btoa("\xff\0\0\0\0\0") });
  world.server.answer([...world.server.visits][0]);
  world.clock.pass(1);
  assert.deepEqual([...store.digit], [1, 0, 0, 0, 0, 0]);
  world.clock.pass(50);
  assert.deepEqual([...store.digit], [1, 0, 0, 0, 0, 0]);
  assert.equal(store.state.digit.index, null);
});

// The outbox by itself.

function outbox(storage = new FakeStorage()) {
  let seq = 0;
  return new Outbox(ID, "me", new Drawer(storage), () => ++seq);
}

test("only what changes the experiment is written down, before anything else, as it will travel", () => {
  const storage = new FakeStorage();
  const box = outbox(storage);
  box.start = { network: "blank" };
  box.add({ kind: "select", layer: 1, neuron: 0 });
  assert.deepEqual(storage.outboxes, []);
  box.add({ kind: "undo" });
  box.add({ kind: "rename", name: "A" });
  const [key] = storage.outboxes;
  assert.equal(key, `weight-map-toolkit.outbox.${ID}.me`);
  assert.deepEqual(JSON.parse(storage.getItem(key)), {
    start: { network: "blank" },
    items: [
      { kind: "undo", seq: 2 },
      { kind: "rename", name: "A", seq: 3 },
    ],
  });
  assert.deepEqual([box.length, box.waiting], [3, 2]);
  box.acknowledge({ me: 2 });
  assert.deepEqual(
    JSON.parse(storage.getItem(key)).items.map((item) => item.seq),
    [3],
  );
  box.acknowledge({ me: 9 });
  assert.deepEqual(storage.outboxes, []);
});

test("each frame begins with its writer's oldest letter and has no gap", () => {
  const box = outbox();
  for (let k = 0; k < 300; k++) box.add({ kind: "undo" });
  box.takeUp({
    experiment: ID,
    client: "other",
    start: { network: "n" },
    items: [
      { seq: 7, kind: "undo" },
      { seq: 9, kind: "redo" },
    ],
  });
  const heads = box.frames().heads.map((text) => JSON.parse(text));
  assert.deepEqual(
    heads.map((head) => [head.client, head.items[0].seq, head.items.length]),
    [
      ["other", 7, 2],
      ["me", 1, 254],
    ],
  );
  assert.deepEqual(
    heads[1].items.map((item) => item.seq),
    Array.from({ length: 254 }, (_, k) => k + 1),
  );
  assert.deepEqual(heads[0].start, { network: "n" });
});

test("a letter larger than a frame's measure goes alone", () => {
  const box = outbox();
  box.add({ kind: "rename", name: "x".repeat(3 << 20) });
  box.add({ kind: "undo" });
  assert.equal(JSON.parse(box.frames().heads[0]).items.length, 1);
});

test("what another page has written since is not struck out with what was answered", () => {
  const storage = new FakeStorage();
  const drawer = new Drawer(storage);
  const write = (...seqs) =>
    drawer.write(
      ID,
      "other",
      JSON.stringify({ start: null, items: seqs.map((seq) => ({ seq, kind: "undo" })) }),
    );
  write(1, 2);
  const box = outbox(storage);
  box.takeUp(drawer.read(ID, "other"));
  write(1, 2, 3);
  box.acknowledge({ other: 2 });
  assert.deepEqual(
    drawer.read(ID, "other").items.map((item) => item.seq),
    [3],
  );
});

test("known experiments: newest first, each once, at most 500", () => {
  const drawer = new Drawer(new FakeStorage());
  const id = (k) => k.toString(16).padStart(32, "0");
  for (let k = 0; k < 510; k++) drawer.know(id(k));
  drawer.know(id(20));
  drawer.know("../etc");
  assert.deepEqual([drawer.known.length, drawer.known[0], drawer.known[1]], [500, id(20), id(509)]);
  drawer.storage.setItem("weight-map-toolkit.known", "{");
  assert.deepEqual(drawer.known, []);
});

test("a storage that only throws is as none", () => {
  const broken = new Proxy(
    {},
    {
      get: () => {
        throw new Error("SecurityError");
      },
    },
  );
  const drawer = new Drawer(broken);
  assert.deepEqual(
    [drawer.write(ID, "me", "x"), drawer.read(ID, "me"), drawer.others("me"), drawer.known],
    [false, null, [], []],
  );
  drawer.remove(ID, "me");
  drawer.know(ID);
});

test("the fakes lay edits as they should", () => {
  const { store } = opened();
  assert.equal(applied(store.base, stroke(5, 2))[0].weights[5], 2);
});

test("several edits are shown together, or left to the server if one of them is not known here", () => {
  const { store, row } = opened();
  const paint = (cell, value) => ({
    kind: "weights",
    layer: 1,
    neuron: 0,
    cells: [cell],
    values: [value],
  });
  store.edit({ kind: "several", label: "two", edits: [paint(0, 2), paint(1, 3)] });
  assert.deepEqual(row().slice(0, 3), [2, 3, 0]);
  const trace = store.trace;
  store.edit({ kind: "several", label: "odd", edits: [paint(2, 4), { kind: "unheard-of", layer: 1 }] });
  assert.deepEqual(row().slice(0, 3), [2, 3, 0]);
  assert.deepEqual(store.trace, trace);
});

test("a question is answered once, fails with the server's words, and with the line", async () => {
  const sent = [];
  const asking = new Asking((head) => sent.push(head) > 0 && head.what !== "offline");
  const first = asking.ask({ what: "sum" });
  const second = asking.ask({ what: "sum" });
  const third = asking.ask({ what: "sum" });
  await assert.rejects(asking.ask({ what: "offline" }), /not connected/);
  asking.take({ id: sent[1].id, error: "of: expected numbers" }, new Uint8Array());
  asking.take({ id: sent[0].id, sum: 6 }, Uint8Array.of(7));
  asking.take({ id: 99, sum: 6 }, new Uint8Array());
  asking.fail();
  assert.deepEqual((await first).head.sum, 6);
  await assert.rejects(second, /expected numbers/);
  await assert.rejects(third, /not connected/);
});

test("what is shown as if it were done is undone by another neuron, and done by keeping it", () => {
  const { world, store, row } = opened();
  const told = mock.method(store, "send");
  const put = { kind: "weights", layer: 1, neuron: 0, cells: [1], values: [0.5] };
  store.show(put);
  assert.deepEqual(row(), [0, 0.5, 0, 0, 0, 0]);
  assert.deepEqual(store.trace, forward(store.layers, store.activations, store.digit));
  store.show({ ...put, cells: [2] });
  assert.deepEqual(row(), [0, 0, 0.5, 0, 0, 0]);
  assert.equal(store.outbox.length, 0);
  store.select(1, 1);
  assert.deepEqual([row(), store.preview], [[0, 0, 0, 0, 0, 0], null]);
  store.show(put);
  store.keepShown();
  world.clock.pass(50);
  assert.deepEqual([row(), store.preview], [[0, 0.5, 0, 0, 0, 0], null]);
  const edits = told.mock.calls.map((call) => call.arguments[0]).filter(({ kind }) => kind === "edit");
  assert.deepEqual(edits, [{ kind: "edit", edit: put }]);
});
