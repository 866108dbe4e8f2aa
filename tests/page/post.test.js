// The page's one Post against a model of the server, over a line that breaks in every way: each
// letter is done once, in order, whatever happens, and the page shows what the server has.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { decode, encode } from "../../toolkit/dashboard/page/core/frames.js";
import { getPost, Post } from "../../toolkit/dashboard/page/core/post.js";
import { FRAME_MS, World } from "./fakes.js";
import { blank, ID, OTHER, stroke } from "./fakeserver.js";
import { edit, open, opened, shows } from "./pages.js";

const weights = (post) => [...post.store.row(1, 0)];
const letters = (world) => world.server.frames.filter((head) => head.kind === "letters");

test("a page says hello, visits, and shows what it is answered", () => {
  const world = new World();
  const { post, heard } = opened(world);
  assert.deepEqual(world.server.frames.map((head) => head.kind).slice(0, 3), ["hello", "visit", "ping"]);
  assert.equal(post.store.experiment, ID);
  assert.deepEqual(
    heard.map(([name]) => name),
    ["store", "answer"],
  );
  assert.equal(post.status.state, "connected");
  shows(post, blank());
  assert.deepEqual(post.store.state.functions, ["identity"]);
  assert.deepEqual(post.store.state.sums.counts[9], [0, 0]);
});

test("an edit is shown at once, sent at once, and answered", () => {
  const world = new World();
  const { post } = opened(world);
  post.tell(edit(2, 0.5));
  post.store.edit(stroke(3, 1));
  assert.deepEqual(
    weights(post),
    [0, 0, 0, 1, 0, 0],
    "a letter alone changes nothing that is shown; an edit does",
  );
  assert.equal(post.status.waiting, 2);
  world.clock.pass(50);
  assert.equal(post.store.outbox.length, 0);
  assert.deepEqual(weights(post), [0, 0, 0.5, 1, 0, 0]);
  assert.equal(post.store.state.revision, 2);
  assert.deepEqual(world.storage.outboxes, []);
});

test("an answer waits until the figure that came before it is on the screen, and no longer", () => {
  const world = new World();
  const { post, said } = opened(world);
  const before = said("answer").length;
  post.store.edit(stroke(3, 1));
  const arrives = 4 * world.delay;
  world.clock.pass(arrives);
  assert.equal(said("scored").length, 1);
  assert.equal(said("answer").length, before);
  assert.equal(post.status.waiting, 1, "what is not taken is not answered");
  post.store.edit(stroke(4, 1));
  world.clock.pass(arrives);
  assert.equal(said("scored").length, 2, "another figure does not wait for the frame of the first");
  assert.equal(said("answer").length, before + 1);
  world.clock.pass(FRAME_MS);
  assert.ok(said("answer").length > before + 1);
  assert.equal(post.status.waiting, 0);
  shows(post, world.server.experiments.get(ID).layers);
});

test("a line that is lost while an answer waits for a frame: what came is taken, and nothing twice", () => {
  const world = new World();
  const { post, said } = opened(world);
  post.store.edit(stroke(3, 1));
  world.clock.pass(4 * world.delay);
  assert.equal(said("scored").length, 1);
  const before = said("answer").length;
  world.cut();
  world.clock.pass(1);
  assert.equal(said("answer").length, before + 1);
  assert.equal(post.status.waiting, 0);
  world.clock.pass(5000);
  assert.equal(world.server.experiments.get(ID).log.length, 1);
  shows(post, world.server.experiments.get(ID).layers);
});

test("the draft's id is told before its first letter is written down and sent", () => {
  const world = new World();
  const { post, said } = opened(world);
  post.on("draft-ends", () => {
    assert.deepEqual([letters(world).length, world.storage.outboxes.length], [0, 0]);
  });
  post.store.select(1, 2);
  post.store.edit(stroke(0, 1));
  post.store.edit(stroke(1, 1));
  world.clock.pass(50);
  assert.deepEqual(said("draft-ends"), [{ experiment: ID }]);
  assert.deepEqual(post.known, [ID]);
});

test("an id that the server makes, and one it does not know, become the page's", () => {
  const world = new World();
  const one = open(world, { experiment: null });
  world.clock.pass(50);
  assert.equal(one.post.store.experiment, "0".padStart(32, "a"));
  one.post.visit({ experiment: OTHER });
  world.clock.pass(50);
  assert.equal(one.post.store.experiment, "1".padStart(32, "b"));
  assert.equal(one.post.asked, null);
  world.cut();
  world.clock.pass(1000);
  assert.equal(one.post.store.experiment, "1".padStart(32, "b"), "and is visited again after a break");
});

test("what was done while away is sent when the line is back, before the visit", () => {
  const world = new World();
  const { post, said } = opened(world);
  world.down();
  world.clock.pass(2000);
  assert.equal(post.status.state, "away");
  for (const cell of [0, 1, 2]) post.store.edit(stroke(cell, 1));
  world.clock.pass(60_000);
  assert.deepEqual(weights(post), [1, 1, 1, 0, 0, 0]);
  assert.equal(letters(world).length, 0);
  world.up = true;
  world.server.frames.length = 0;
  post.store.onChange(() => assert.deepEqual(weights(post), [1, 1, 1, 0, 0, 0], "never twice, never gone"));
  world.clock.pass(6000);
  assert.equal(post.status.state, "connected");
  assert.deepEqual(
    world.server.frames.slice(0, 3).map((head) => head.kind),
    ["hello", "letters", "visit"],
  );
  assert.equal(said("back").length, 1);
  assert.equal(said("back")[0].waiting, 3);
  assert.ok(said("back")[0].seconds > 60);
  assert.deepEqual(weights(post), [1, 1, 1, 0, 0, 0]);
  assert.equal(post.store.outbox.length, 0);
});

test("it calls again after 0.2 s, then ever more slowly, and at once when the browser is online", () => {
  const world = new World();
  const { post, around } = opened(world);
  const calls = [];
  const { connect } = around;
  around.connect = (url) => {
    calls.push(world.clock.now);
    return connect(url);
  };
  world.down();
  world.clock.pass(30_000);
  const waits = calls.slice(1).map((at, k) => at - calls[k]);
  assert.ok(waits[0] >= 200 && waits[0] < 500, String(waits));
  assert.ok(Math.max(...waits) < 5100 && waits.at(-1) > 4900, String(waits));
  world.up = true;
  around.ring("online");
  world.clock.pass(20);
  assert.equal(post.status.state, "connected");
});

test("a server that is there and has no room says so, until there is room", async () => {
  const world = new World();
  const { post } = opened(world);
  world.full = true;
  world.down();
  world.clock.pass(3000);
  await new Promise(setImmediate);
  assert.deepEqual([post.status.state, post.status.full], ["away", true]);
  world.full = false;
  world.up = true;
  world.clock.pass(6000);
  assert.deepEqual([post.status.state, post.status.full], ["connected", false]);
});

test("a line that is dead without a word is noticed and given up", () => {
  const world = new World();
  const { post } = opened(world);
  world.silent = true;
  post.store.edit(stroke(0, 1));
  world.clock.pass(24_000);
  assert.equal(world.sockets.size, 1);
  assert.notEqual(post.line.socket, null);
  world.silent = false;
  world.clock.pass(14_000);
  assert.equal(post.store.outbox.length, 0);
  assert.deepEqual(world.server.experiments.get(ID).log.length, 1);
});

test("a lid opened on a dead line: a few seconds, not twenty", () => {
  const world = new World();
  const { post, around } = opened(world);
  const first = post.line.socket;
  world.silent = true;
  around.ring("visibilitychange");
  world.clock.pass(4100);
  assert.notEqual(post.line.socket, first);
});

test("letters that cannot be saved are kept, tried again more slowly, and saved in the end", () => {
  const world = new World();
  const { post } = opened(world);
  world.server.unsaved = true;
  for (const cell of [0, 1]) post.store.edit(stroke(cell, 1));
  world.clock.pass(100);
  assert.equal(post.status.unsaved.code, "unsaved");
  assert.equal(post.status.waiting, 2);
  const before = letters(world).length;
  world.clock.pass(30_000);
  const tries = letters(world).length - before;
  assert.ok(tries >= 3 && tries <= 6, `${tries} tries in 30 s`);
  world.server.unsaved = false;
  world.clock.pass(9000);
  assert.equal(post.status.waiting, 0);
  assert.equal(post.status.unsaved, null);
  assert.deepEqual(weights(post), [1, 1, 0, 0, 0, 0]);
});

test("a refused letter leaves the outbox, is kept aside, and holds nothing up", () => {
  const world = new World();
  const { post, said } = opened(world);
  post.store.edit(stroke(0, 1));
  post.store.edit(stroke(1, 1, { tool: "refuse me" }));
  post.store.edit(stroke(2, 1));
  assert.deepEqual(weights(post), [1, 1, 1, 0, 0, 0]);
  world.clock.pass(50);
  assert.deepEqual(weights(post), [1, 0, 1, 0, 0, 0]);
  assert.equal(said("refused").length, 1);
  assert.equal(said("refused")[0].item.edit.tool, "refuse me");
  assert.equal(post.store.refused.length, 1);
  assert.deepEqual(world.storage.outboxes, []);
});

test("letters for an experiment that the server does not have are refused and kept aside", () => {
  const world = new World();
  const { post, said } = opened(world);
  post.letters(OTHER, [edit(0, 1)]);
  world.clock.pass(50);
  assert.equal(said("refused")[0].notice.code, "no-such-experiment");
  assert.equal(said("refused")[0].experiment, OTHER);
  assert.equal(post.status.waiting, 0);
});

test("a block that is missing is asked for, and nothing is lost meanwhile", () => {
  const world = new World();
  const { post } = opened(world);
  post.store.edit(stroke(0, 1));
  world.clock.pass(20);
  post.blocks.clear();
  post.store.edit(stroke(1, 1));
  world.clock.pass(20);
  assert.ok(world.server.frames.some((head) => head.kind === "again"));
  assert.deepEqual(weights(post), [1, 1, 0, 0, 0, 0]);
  assert.equal(post.store.outbox.length, 0);
});

test("a server that begins anew gets the draft again from what the page knows", () => {
  const world = new World();
  const { post } = opened(world);
  post.store.select(1, 2);
  world.clock.pass(20);
  world.server.restart();
  post.store.edit(stroke(0, 1, { neuron: 2 }));
  world.clock.pass(3000);
  assert.equal(post.store.experiment, ID);
  assert.deepEqual(post.store.selected, [1, 2]);
  assert.equal(world.server.experiments.get(ID).log.length, 1);
  assert.deepEqual([...post.store.row(1, 2)], [1, 0, 0, 0, 0, 0]);
});

test("after a break the page shows the neuron and digit that it showed, also a drawn one", () => {
  const world = new World();
  const { post } = opened(world);
  post.tell({ kind: "digit", how: "next" });
  post.store.select(2, 4);
  world.clock.pass(20);
  world.cut();
  world.clock.pass(1000);
  assert.deepEqual([post.store.selected, post.store.state.digit.index], [[2, 4], 1]);
  post.store.setDigit(Float32Array.of(1, 0, 0, 0, 0, 1));
  post.tell({ kind: "digit", how: "raw", pixels: btoa("\xff\0\0\0\0\xff") });
  world.clock.pass(20);
  world.server.restart();
  world.server.experiments.clear();
  world.clock.pass(1000);
  assert.equal(post.store.state.digit.index, null);
  assert.deepEqual([...post.store.digit], [1, 0, 0, 0, 0, 1]);
});

test("a view's letter that a break swallowed is done on the new view, once", () => {
  const world = new World({ delay: 20 });
  const { post } = open(world);
  world.clock.pass(200);
  post.tell({ kind: "digit", how: "next" });
  world.cut();
  world.clock.pass(2000);
  assert.equal(post.store.state.digit.index, 1);
  assert.equal(post.store.outbox.length, 0);
});

test("a view's letter that was done on the old view is done on the new one too", () => {
  const world = new World({ delay: 20 });
  const { post } = open(world);
  world.clock.pass(200);
  const [visit] = world.server.visits;
  post.tell({ kind: "digit", how: "next" });
  while (visit.view.digit !== 1) world.clock.pass(1);
  world.cut();
  for (const socket of world.sockets) socket.onmessage = null;
  post.line.cut();
  world.clock.pass(2000);
  assert.equal(post.store.state.digit.index, 1);
  assert.equal(post.store.outbox.length, 0);
});

test("what another page left is taken up under its name, said, and struck out when answered", () => {
  const world = new World();
  const first = opened(world);
  world.down();
  first.post.store.edit(stroke(0, 1));
  first.post.store.edit(stroke(1, 1));
  first.post.close();
  assert.equal(world.storage.outboxes.length, 1);
  world.server.experiments.clear();
  world.up = true;
  const second = opened(world);
  assert.deepEqual(second.said("takenup"), [{ experiment: ID, count: 2 }]);
  assert.deepEqual(weights(second.post), [1, 1, 0, 0, 0, 0]);
  assert.deepEqual(world.storage.outboxes, []);
  assert.deepEqual(world.server.experiments.get(ID).log, ["page1 1", "page1 2"]);
});

test("taken up while the other page still lives: each letter is done once", () => {
  const world = new World();
  const first = opened(world);
  world.down();
  first.post.store.edit(stroke(0, 1));
  world.up = true;
  const second = opened(world);
  assert.deepEqual(weights(second.post), [1, 0, 0, 0, 0, 0]);
  first.post.store.edit(stroke(0, 1));
  world.clock.pass(10_000);
  assert.deepEqual(weights(first.post), [2, 0, 0, 0, 0, 0]);
  assert.deepEqual(weights(second.post), [2, 0, 0, 0, 0, 0]);
  assert.equal(first.post.store.outbox.length + second.post.store.outbox.length, 0);
  assert.deepEqual(world.storage.outboxes, []);
});

test("also of an experiment that nobody looks at", () => {
  const world = new World();
  const first = opened(world);
  world.down();
  first.post.store.edit(stroke(0, 1));
  first.post.close();
  world.up = true;
  const second = opened(world, { experiment: OTHER });
  assert.deepEqual(second.said("takenup"), [{ experiment: ID, count: 1 }]);
  assert.equal(world.server.experiments.get(ID).log.length, 1);
  assert.deepEqual(weights(second.post), [0, 0, 0, 0, 0, 0]);
});

test("what is left of storage is checked before it is taken up", () => {
  const world = new World();
  const put = (name, value) => world.storage.map.set(`weight-map-toolkit.outbox.${name}`, value);
  put(`${ID}.a`, "{");
  put(
    `${ID}.b`,
    JSON.stringify({
      start: null,
      items: [
        { seq: 2, kind: "undo" },
        { seq: 1, kind: "undo" },
      ],
    }),
  );
  put(`${ID}.c`, JSON.stringify({ start: null, items: [{ seq: 1 }] }));
  put("../../etc.d", JSON.stringify({ start: null, items: [{ seq: 1, kind: "undo" }] }));
  put(
    `${ID}.e`,
    JSON.stringify({
      items: [{ seq: 4, kind: "edit", edit: { kind: "stroke", layer: 9, neuron: 0, cells: [0] } }],
    }),
  );
  const { post, said } = opened(world);
  assert.deepEqual(said("takenup"), [{ experiment: ID, count: 1 }]);
  assert.ok(post.store);
});

test("the page may go when all is answered or written down, and asks first when it is not", () => {
  const world = new World();
  const { post, around } = opened(world);
  const leaves = () => {
    const event = { preventDefault: mock.fn() };
    around.ring("beforeunload", event);
    return event.preventDefault.mock.callCount() === 0;
  };
  assert.ok(leaves());
  world.down();
  post.store.edit(stroke(0, 1));
  assert.ok(leaves(), "written down");
  world.storage.room = 10;
  post.store.edit(stroke(1, 1));
  assert.ok(!leaves(), "no room to write it down");
  assert.equal(post.status.kept, false);
  assert.equal(
    JSON.parse(world.storage.getItem(world.storage.outboxes[0])).items.length,
    1,
    "the first is still there",
  );
  world.up = true;
  world.clock.pass(6000);
  assert.ok(leaves());
  assert.deepEqual(weights(post), [1, 1, 0, 0, 0, 0]);
});

test("without any storage it works, and asks before it goes with unanswered letters", () => {
  const world = new World();
  const { post, around } = opened(world, { storage: null });
  post.store.edit(stroke(0, 1));
  const event = { preventDefault: mock.fn() };
  around.ring("beforeunload", event);
  assert.equal(event.preventDefault.mock.callCount(), 1);
  world.clock.pass(50);
  assert.equal(post.status.waiting, 0);
  assert.deepEqual(post.known, []);
});

test("a page that goes tries a last time to send", () => {
  const world = new World({ delay: 100 });
  const { post, around } = open(world);
  world.clock.pass(1000);
  for (let k = 0; k < 9; k++) post.store.edit(stroke(0, 1));
  around.ring("pagehide");
  world.clock.pass(200);
  assert.equal(world.server.experiments.get(ID).log.length, 9);
});

test("another experiment: a stroke under the hand stays with the one before", () => {
  const world = new World();
  const { post, heard } = opened(world);
  post.visit({ experiment: OTHER, start: { network: "blank" } });
  const drawn = post.store.beginStroke("brush", "set", 1);
  drawn.coverage[4] = 1;
  post.store.paint();
  world.clock.pass(50);
  assert.equal(post.store.experiment, OTHER);
  assert.deepEqual(weights(post), [0, 0, 0, 0, 0, 0]);
  assert.deepEqual(
    [...world.server.experiments.get(ID).layers[0].weights.subarray(0, 6)],
    [0, 0, 0, 0, 1, 0],
  );
  assert.equal(post.status.waiting, 0);
  assert.equal(heard.filter(([name]) => name === "store").length, 2);
});

test("a late answer of the experiment before does not end the wait for the new one", () => {
  const world = new World();
  const { post } = opened(world);
  const other = opened(world);
  const { server } = world;
  const take = server.take.bind(server);
  server.take = (visit, frame) => decode(frame).head.kind === "visit" || take(visit, frame);
  post.visit({ experiment: OTHER, start: { network: "blank" } });
  other.post.store.edit(stroke(0, 1));
  world.clock.pass(50);
  assert.deepEqual(weights(post), [1, 0, 0, 0, 0, 0], "it is still shown, and current");
  assert.equal(post.asked.experiment, OTHER);
  server.take = take;
  world.cut();
  world.clock.pass(2000);
  assert.equal(post.store.experiment, OTHER);
  assert.equal(post.asked, null);
});

test("a frame that is none, and one of a socket given up, change nothing", () => {
  const world = new World();
  const { post, said } = opened(world);
  const old = post.line.socket;
  const error = mock.method(console, "error", () => {});
  old.onmessage({ data: Uint8Array.of(1, 2).buffer });
  error.mock.restore();
  world.clock.pass(50);
  assert.equal(post.store.experiment, ID);
  world.cut();
  world.clock.pass(1000);
  assert.notEqual(post.line.socket, old);
  old.onmessage({ data: encode({ kind: "go", experiment: OTHER }).buffer });
  old.onclose({ code: 1006 });
  old.onopen({});
  assert.deepEqual(said("go"), []);
  assert.equal(post.status.state, "connected");
});

test("an answer whose parts do not belong together is asked for again", () => {
  const world = new World();
  const { post } = opened(world);
  const { server } = world;
  const answer = server.answer.bind(server);
  let broken = 0;
  server.answer = (visit) => {
    const tell = visit.tell;
    visit.tell = (frame) => {
      const { head, body } = decode(frame);
      if (head.kind === "answer" && broken++ === 0) head.sizes = [7, 3, 10];
      tell(encode(head, [body]));
    };
    answer(visit);
    visit.tell = tell;
  };
  const error = mock.method(console, "error", () => {});
  post.store.edit(stroke(0, 1));
  world.clock.pass(100);
  assert.equal(error.mock.callCount(), 1);
  error.mock.restore();
  assert.equal(broken, 2);
  assert.deepEqual(weights(post), [1, 0, 0, 0, 0, 0]);
  assert.equal(post.store.outbox.length, 0);
});

test("thousands of letters go in frames that the server takes", () => {
  const world = new World();
  const { post } = opened(world);
  world.down();
  for (let k = 0; k < 3000; k++) post.store.outbox.add(edit(k % 6, 1 / 1024));
  world.up = true;
  world.server.frames.length = 0;
  world.clock.pass(20_000);
  assert.equal(post.store.outbox.length, 0);
  assert.equal(world.server.experiments.get(ID).log.length, 3000);
  for (const head of letters(world))
    assert.ok(head.items.length <= 2000 && JSON.stringify(head).length < 8 << 20);
  assert.ok(letters(world).length < 40, `${letters(world).length} frames`);
});

test("on a slow line letters do not pile up in the socket", () => {
  const world = new World({ delay: 1000 });
  const { post } = open(world);
  world.clock.pass(10_000);
  world.server.frames.length = 0;
  for (let k = 0; k < 100; k++) {
    post.store.edit(stroke(k % 6, 1));
    world.clock.pass(20);
  }
  const sent = letters(world).reduce((sum, head) => sum + head.items.length, 0);
  assert.ok(sent < 400, `${sent} letters sent for 100`);
  world.clock.pass(30_000);
  assert.equal(world.server.experiments.get(ID).log.length, 100);
});

test("a list asked for while away is asked for once it is back", () => {
  const world = new World();
  const { post } = open(world, { visit: false });
  let lists = 0;
  post.on("experiments", () => lists++);
  post.list();
  post.list();
  world.clock.pass(50);
  assert.equal(lists, 1);
  assert.equal(post.store, null);
});

test("what must be heard waits for somebody who listens", () => {
  const world = new World();
  const around = world.around();
  const post = new Post({ root: "/", modules: "old", around });
  post.connect();
  world.clock.pass(50);
  let reloads = 0;
  post.on("reload", () => reloads++);
  assert.equal(reloads, 1);
});

test("a listener that fails stops nothing", () => {
  const world = new World();
  const { post } = opened(world);
  const error = mock.method(console, "error", () => {});
  const stop = post.on("answer", () => {
    throw new Error("drawing failed");
  });
  post.store.edit(stroke(0, 1));
  world.clock.pass(50);
  assert.equal(error.mock.callCount(), 1);
  error.mock.restore();
  stop();
  assert.equal(post.store.outbox.length, 0);
});

test("a Post of other modules hands its letters to the next", () => {
  const world = new World();
  const { post } = opened(world, { storage: null });
  world.down();
  post.store.edit(stroke(0, 1));
  post.store.select(1, 1);
  const left = post.retire();
  assert.deepEqual(
    left.map(({ client, items }) => [client, items.map((item) => item.kind)]),
    [["page1", ["edit"]]],
  );
  world.up = true;
  const next = opened(world, { left, storage: null, modules: "m2" });
  assert.deepEqual(weights(next.post), [1, 0, 0, 0, 0, 0]);
  assert.equal(next.said("takenup")[0].count, 1);
});

test("there is one Post a page, and another where the modules are others", () => {
  const calls = [];
  const fake = { close() {}, send() {}, readyState: 0, bufferedAmount: 0 };
  const before = { WebSocket: globalThis.WebSocket, location: globalThis.location };
  globalThis.WebSocket = class {
    constructor(url) {
      calls.push(url);
      Object.assign(this, fake);
    }
  };
  globalThis.location = { origin: "https://host:8501" };
  globalThis.addEventListener ??= () => {};
  globalThis.window = { addEventListener() {}, removeEventListener() {} };
  globalThis.document = { addEventListener() {}, removeEventListener() {}, visibilityState: "visible" };
  try {
    const one = getPost({ root: "/sub/", modules: "a" });
    assert.equal(getPost({ root: "/sub/", modules: "a" }), one);
    const other = getPost({ root: "/sub/", modules: "b" });
    assert.notEqual(other, one);
    assert.equal(one.line.closed, true);
    assert.deepEqual(calls, Array(2).fill("wss://host:8501/sub/weight-maps/socket"));
    assert.match(other.client, /^[0-9a-z]{8,32}$/);
    other.close();
  } finally {
    Object.assign(globalThis, before);
    delete globalThis.weightMapPost;
    delete globalThis.window;
    delete globalThis.document;
  }
});
