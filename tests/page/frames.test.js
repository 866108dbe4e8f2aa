// Frames, and the blocks that an answer leaves out because the page has them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BlockCache, decode, encode, lay } from "../../toolkit/dashboard/page/core/frames.js";
import { pack, unpackLayer } from "../../toolkit/dashboard/page/core/network.js";

const bytes = (...values) => Uint8Array.from(values);

test("a frame is a length, a text and blocks, and comes apart again", () => {
  const frame = encode({ kind: "é" }, [bytes(1, 2), bytes(3)]);
  assert.equal(new DataView(frame.buffer).getUint32(0, true), 13);
  assert.deepEqual(decode(frame.buffer), { head: { kind: "é" }, body: bytes(1, 2, 3) });
  const inside = new Uint8Array(frame.length + 3);
  inside.set(frame, 3);
  assert.deepEqual(decode(inside.subarray(3)).body, bytes(1, 2, 3));
});

test("what is no frame is said to be none", () => {
  assert.throws(() => decode(bytes(1, 0)), /four bytes/);
  assert.throws(() => decode(bytes(9, 0, 0, 0, 123)), /expected 13 bytes/);
  assert.throws(() => decode(encode("3")), /object/);
  assert.throws(() => decode(encode("{")), SyntaxError);
});

const layer = (weights, biases) => ({
  in: 2,
  out: 3,
  weights: Float32Array.from(weights),
  biases: Float32Array.from(biases),
});

test("a patch replaces some rows and their biases", () => {
  const before = layer([1, 2, 3, 4, 5, 6], [7, 8, 9]);
  const part = new Uint8Array(Float32Array.of(50, 60, 10, 20, 90, 70).buffer);
  const after = unpackLayer(lay(pack([before]), part, [2, 0]), 2, 3);
  assert.deepEqual(after, layer([10, 20, 3, 4, 50, 60], [70, 8, 90]));
  assert.deepEqual(before, layer([1, 2, 3, 4, 5, 6], [7, 8, 9]));
  assert.throws(() => lay(pack([before]), part, [3, 0]), /expected a row from 0 to 2; got 3/);
  assert.throws(() => lay(pack([before]), part.subarray(1), [2, 0]), /do not fit/);
});

test("a block that the last answer had need not come again, one of an answer before must", () => {
  const cache = new BlockCache();
  assert.deepEqual(cache.take([["a", "h1", 2]], bytes(1, 2)).get("a"), { hash: "h1", bytes: bytes(1, 2) });
  assert.deepEqual(
    cache
      .take(
        [
          ["b", "h1", null],
          ["c", "h2", 1],
        ],
        bytes(3),
      )
      .get("b").bytes,
    bytes(1, 2),
  );
  assert.ok(cache.take([["c", "h2", null]], bytes()));
  assert.equal(cache.take([["a", "h1", null]], bytes()), null);
});

test("the same bytes under two names come once", () => {
  const found = new BlockCache().take(
    [
      ["layer/1", "h", 1],
      ["original/1", "h", null],
    ],
    bytes(5),
  );
  assert.deepEqual(found.get("original/1").bytes, bytes(5));
});

test("small pictures stay for the connection's life", () => {
  const cache = new BlockCache();
  cache.take([["thumb/5", "t5", 1]], bytes(5));
  cache.take([], bytes());
  assert.deepEqual(cache.take([["thumb/5", "t5", null]], bytes()).get("thumb/5").bytes, bytes(5));
  cache.clear();
  assert.equal(cache.take([["thumb/5", "t5", null]], bytes()), null);
});

test("a patch of a block that is not here, or that does not fit, is missing", () => {
  const cache = new BlockCache();
  const part = new Uint8Array(12);
  assert.equal(cache.take([["layer/1", "h2", 12, { from: "h1", rows: [0] }]], part), null);
  cache.take([["layer/1", "h1", 36]], pack([layer([1, 2, 3, 4, 5, 6], [7, 8, 9])]));
  assert.equal(cache.take([["layer/1", "h3", 12, { from: "h1", rows: [7] }]], part), null);
  const found = cache.take([["layer/1", "h2", 12, { from: "h1", rows: [1] }]], part);
  assert.deepEqual(unpackLayer(found.get("layer/1").bytes, 2, 3), layer([1, 2, 0, 0, 5, 6], [7, 0, 9]));
});

test("rows are laid into the bytes that were held, unless these stand under another name too", () => {
  const cache = new BlockCache();
  const part = new Uint8Array(12).fill(1);
  const start = pack([layer([1, 2, 3, 4, 5, 6], [7, 8, 9])]);
  const both = (hash, size, patch) => [
    ["original/1", "h1", hash === "h1" ? size : null],
    ["layer/1", hash, hash === "h1" ? null : size, patch],
  ];
  const first = cache.take(both("h1", 36), start);
  const second = cache.take(both("h2", 12, { from: "h1", rows: [1] }), part);
  assert.notEqual(second.get("layer/1").bytes, first.get("layer/1").bytes);
  assert.deepEqual(second.get("original/1").bytes, start);
  const third = cache.take(both("h3", 12, { from: "h2", rows: [0] }), part);
  assert.equal(third.get("layer/1").bytes, second.get("layer/1").bytes);
  assert.deepEqual(third.get("layer/1").patch.rows, [0]);
  assert.deepEqual(third.get("layer/1").bytes, lay(lay(start, part, [1]), part, [0]));
  // Of an answer that is not whole nothing is laid into what is held.
  const held = third.get("layer/1").bytes.slice();
  assert.equal(cache.take([...both("h4", 12, { from: "h3", rows: [2] }), ["more", "h9", 99]], part), null);
  assert.deepEqual(third.get("layer/1").bytes, held);
});

test("a frame that ends too early is asked for again, and what came of it is kept", () => {
  const cache = new BlockCache();
  cache.take([["a", "h1", 1]], bytes(1));
  assert.equal(
    cache.take(
      [
        ["b", "h2", 1],
        ["c", "h3", 9],
      ],
      bytes(2, 3),
    ),
    null,
  );
  assert.ok(
    cache.take(
      [
        ["a", "h1", null],
        ["b", "h2", null],
        ["c", "h4", 1],
      ],
      bytes(4),
    ),
  );
});
