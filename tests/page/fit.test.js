// How the screen is shared.
import assert from "node:assert/strict";
import { test } from "node:test";
import { layerHeights, sizes } from "../../toolkit/dashboard/page/workbench/fit.js";

// A map is 56 wide, so 8 stand in a row of 544, and with its levels and the gap a row is 78 high.
const place = { height: 706, mini: 2, net: 544 };
// 706 less the bar's 42, the outputs' 27 + 220 and 10 above, and 8 below.
const ALL = 399;

test("where all maps have room none gives way", () => {
  assert.deepEqual(layerHeights([16, 16], place, 22, 10), { own: [null, null], all: null });
  assert.deepEqual(layerHeights([], place, 22, 10), { own: [], all: null });
});

test("a wide layer has what is left above the outputs", () => {
  assert.deepEqual(layerHeights([3000], place, 22, 10), { own: [ALL - 27], all: null });
});

test("two wide ones share alike, and a low one keeps its two rows", () => {
  assert.deepEqual(layerHeights([512, 512], place, 22, 10).own, [167, 167]);
  const room = ALL - 2 * 27 - 10;
  assert.deepEqual(layerHeights([512, 16], place, 22, 10).own, [room - 2 * 78, null]);
});

test("of many layers each shows more than a row, and together they scroll", () => {
  const { own, all } = layerHeights([64, 64, 64, 64, 64], place, 22, 10);
  assert.deepEqual(own, [124, 124, 124, 124, 124]);
  assert.equal(all, ALL);
});

test("on a phone nothing is shared: all stands one below another", () => {
  assert.deepEqual(layerHeights([512, 512], { ...place, net: null }, 22, 10), {
    own: [null, null],
    all: null,
  });
});

test("on a small laptop the map is large, and map, bias, small maps and outputs fit the screen", () => {
  for (const [width, height, least] of [
    [1366, 768, 16],
    [1280, 640, 13],
    [1024, 700, 13],
    [1920, 1080, 24],
  ]) {
    globalThis.window = /** @type {any} */ ({ innerWidth: width });
    const room = height - 46; // below Streamlit's own header
    const { cell, mini, digit, net, row, bias } = sizes(width - 32, room);
    assert.ok(cell >= least, `${width}: ${cell}`);
    assert.ok(digit + 112 + 28 * cell + Number(net) + 32 <= width - 32);
    assert.ok(42 + 27 + 28 * cell + 38 + bias <= room);
    const place = { height: room, mini, net };
    assert.deepEqual(layerHeights([16, 16], place, row, 10), { own: [null, null], all: null });
  }
});
