// The tools, as the pointer uses them.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Drawer } from "../../toolkit/dashboard/page/core/drawer.js";
import { beginGesture } from "../../toolkit/dashboard/page/core/gesture.js";
import { Outbox } from "../../toolkit/dashboard/page/core/outbox.js";
import { Store } from "../../toolkit/dashboard/page/core/store.js";
import { TOOLS, toolForKey, toolNamed } from "../../toolkit/dashboard/page/tools/index.js";

const ROWS = 4;
const COLUMNS = 6;

// A store as an answer leaves it, without the answer: 24 inputs on 4 × 6, five hidden neurons.
function bench(settings = {}, weights = null) {
  const layers = [24, 5, 10].slice(0, 2).map((inputs, k) => {
    const out = [5, 10][k];
    return { out, in: inputs, weights: new Float32Array(out * inputs), biases: new Float32Array(out) };
  });
  if (weights) layers[0].weights.set(weights);
  const told = [];
  const store = new Store("e", new Outbox("e", "me", new Drawer(null), () => 1), (item) => told.push(item));
  store.shown.rebase(layers, [null, null]);
  Object.assign(store, { original: layers, digit: new Float32Array(24) });
  store.state = {
    sizes: [24, 5, 10],
    grid: [ROWS, COLUMNS],
    selected: [1, 0],
    activations: ["relu", "identity"],
    history: { cursor: 0, count: 0 },
  };
  store.rebuild();
  const all = { tool: "brush", mode: "set", strength: 1, size: 1, soft: false, mirror: "none", ...settings };
  const begin = (point, more = {}) =>
    beginGesture({ store, settings: all, point, shownLimit: 1, pick: () => {}, ...more });
  return { store, told, begin, row: () => [...store.row(...store.selected)] };
}

const painted = (row) => [...row.keys()].filter((cell) => row[cell]);
const drag = ({ begin }, from, ...points) => {
  const gesture = begin(from);
  for (const point of points) gesture.move([point]);
  gesture.end();
};

test("each tool has what buttons, keys and help are made from, and its own key", () => {
  assert.deepEqual(
    TOOLS.map((tool) => tool.name),
    ["brush", "erase", "line", "rectangle", "fill", "pick", "stamp", "coach"],
  );
  assert.equal(new Set(TOOLS.map((tool) => tool.key)).size, TOOLS.length);
  for (const tool of TOOLS) {
    // One that a command alone takes up has neither button nor key.
    assert.match(tool.key, tool.hidden ? /^$/ : /^[a-z]$/);
    assert.ok(tool.icon.startsWith("M") && tool.cursor && tool.help.length > 10, tool.name);
    assert.equal(toolNamed(tool.name), tool);
    assert.equal(toolForKey(tool.key.toUpperCase()), tool.hidden ? null : tool);
  }
  assert.equal(toolNamed("spoon").name, "brush");
  assert.equal(toolForKey("§"), null);
});

test("a brush paints its way, also between two reports, and is one edit", () => {
  const page = bench();
  drag(page, [0.5, 0.5], [0.5, 5.5]);
  assert.deepEqual(painted(page.row()), [0, 1, 2, 3, 4, 5]);
  assert.equal(page.told.length, 1);
  assert.deepEqual(page.told[0].edit.cells, [0, 1, 2, 3, 4, 5]);
  assert.equal(page.told[0].edit.tool, "brush");
});

test("a brush off the map and back paints what is on it", () => {
  const page = bench();
  drag(page, [0.5, 5.5], [0.5, 9.5], [2.5, 9.5], [2.5, 5.5]);
  assert.deepEqual(painted(page.row()), [5, 17]);
});

test("several reports in one frame are one paint", () => {
  const page = bench();
  const paint = mock.method(page.store, "paint");
  const gesture = page.begin([0.5, 0.5]);
  gesture.move([
    [0.5, 1.5],
    [0.5, 2.5],
    [1.5, 2.5],
  ]);
  assert.equal(paint.mock.callCount(), 2);
  assert.deepEqual(painted(page.row()), [0, 1, 2, 8]);
});

test("the eraser erases whatever the mode is", () => {
  const page = bench({ tool: "erase", mode: "add", strength: 5 }, new Float32Array(24).fill(2));
  drag(page, [0.5, 0.5], [0.5, 1.5]);
  assert.deepEqual(page.row().slice(0, 3), [0, 0, 2]);
  assert.deepEqual([page.told[0].edit.tool, page.told[0].edit.put], ["erase", 0]);
});

test("a line is from where the pointer went down to where it is", () => {
  const page = bench({ tool: "line" });
  drag(page, [0.5, 0.5], [3.5, 0.5], [0.5, 3.5]);
  assert.deepEqual(painted(page.row()), [0, 1, 2, 3]);
});

test("a rectangle is between the two, and keeps to the map", () => {
  const page = bench({ tool: "rectangle" });
  drag(page, [1.5, 4.5], [0.5, 1.5], [2.5, 99]);
  assert.deepEqual(painted(page.row()), [10, 11, 16, 17]);
  assert.equal(page.told[0].edit.put, 1);
});

test("a rectangle's click is a cell", () => {
  const page = bench({ tool: "rectangle" });
  drag(page, [1.5, 4.5]);
  assert.deepEqual(painted(page.row()), [10]);
});

test("a fill takes the area under the pointer where it is let go", () => {
  const walls = new Float32Array(24);
  for (const cell of [3, 9, 15, 21]) walls[cell] = 1;
  const page = bench({ tool: "fill", strength: 2 }, walls);
  drag(page, [0.5, 0.5], [1.5, 5.5]);
  assert.deepEqual(page.told[0].edit.cells, [4, 5, 10, 11, 16, 17, 22, 23]);
});

test("a fill let go outside the map fills nothing and is no edit", () => {
  for (const outside of [
    [1.5, 6.1],
    [-0.1, 2],
    [4.2, 2],
    [1.5, -3],
  ]) {
    const page = bench({ tool: "fill" });
    drag(page, [0.5, 0.5], outside);
    assert.deepEqual([painted(page.row()), page.told], [[], []]);
  }
});

test("a fill from a cell that is not a number does not flood", () => {
  const page = bench({ tool: "fill" }, [0, Number.NaN]);
  drag(page, [0.5, 1.5]);
  assert.deepEqual(page.told[0].edit.cells, [1]);
  assert.equal(page.row()[1], 1);
});

test("picking takes the weight over and paints nothing", () => {
  const page = bench({ tool: "pick" }, [0, 0.25, Number.NaN]);
  const pick = mock.fn();
  for (const point of [
    [0.5, 0.5],
    [0.5, 1.5],
    [0.5, 2.5],
  ])
    assert.equal(page.begin(point, { pick }), null);
  assert.deepEqual(
    pick.mock.calls.map((call) => call.arguments),
    [[0.25]],
  );
  assert.equal(page.store.stroke, null);
});

test("mirrored: both sides at once, also of a fill and a rectangle", () => {
  const page = bench({ tool: "rectangle", mirror: "both" });
  drag(page, [0.5, 0.5], [0.5, 1.5]);
  assert.deepEqual(painted(page.row()), [0, 1, 4, 5, 18, 19, 22, 23]);
});

test("a later layer is painted cell by cell, unmirrored, and its short last row has an end", () => {
  const page = bench({ size: 5, soft: true, mirror: "both" });
  page.store.state.selected = [2, 3];
  assert.deepEqual(page.store.grid, { rows: 2, columns: 3 });
  drag(page, [0.5, 0.5], [0.5, 1.5]);
  assert.deepEqual(page.row(), [1, 1, 0, 0, 0]);
  assert.equal(page.begin([1.5, 2.5]), null, "there is no sixth cell");
  assert.deepEqual([page.told[0].edit.layer, page.told[0].edit.neuron], [2, 3]);
});

test("nothing begins outside the map, or while a stroke is in progress", () => {
  const page = bench();
  for (const point of [
    [-0.1, 0],
    [0, 6],
    [4, 0],
    [0, Number.NaN],
  ])
    assert.equal(page.begin(point), null);
  const gesture = page.begin([0.5, 0.5]);
  assert.ok(gesture.alive);
  assert.equal(page.begin([0.5, 1.5]), null);
});

test("a gesture whose stroke was ended by other means does nothing more", () => {
  const page = bench();
  const gesture = page.begin([0.5, 0.5]);
  page.store.cancelStroke();
  gesture.move([[0.5, 3.5]]);
  gesture.end();
  gesture.cancel();
  assert.deepEqual([painted(page.row()), page.told, gesture.alive], [[], [], false]);
});

test("a gesture called off leaves the map as it was", () => {
  const page = bench();
  page.begin([0.5, 0.5]).cancel();
  assert.deepEqual([painted(page.row()), page.told], [[], []]);
});

test("smoothing sends what it covers, for its grid", () => {
  const page = bench({ mode: "smooth" }, [9]);
  drag(page, [0.5, 0.5]);
  assert.deepEqual(page.told[0].edit, {
    kind: "smooth",
    layer: 1,
    neuron: 0,
    cells: [0],
    amounts: 1,
    columns: 6,
    tool: "brush",
  });
  assert.equal(page.row()[0], 2.25);
});

test("no tool begins outside the map", () => {
  const outside = [
    [1.5, 8.5],
    [-3.5, 1.5],
    [1.5, -0.1],
    [4, 1.5],
    [Number.NaN, 1],
  ];
  for (const { name } of TOOLS) {
    for (const point of outside) {
      const page = bench({ tool: name, strength: 2 });
      const gesture = page.begin(point, { pick: () => assert.fail("nothing is there") });
      assert.equal(gesture, null, `${name} ${point}`);
      assert.deepEqual([painted(page.row()), page.told.length], [[], 0]);
    }
  }
});

test("a rectangle and a line let go outside cover what of them is on the map, and no other row", () => {
  for (const tool of ["rectangle", "line"]) {
    const page = bench({ tool });
    drag(page, [1.5, 4.5], [1.5, 40.5]);
    assert.deepEqual(painted(page.row()), [10, 11], tool);
  }
});
