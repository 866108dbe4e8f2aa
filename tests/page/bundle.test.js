// Files that are dropped together become one archive, which Python's strict reader opens.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { crc32, together, zip } from "../../toolkit/dashboard/page/workbench/bundle.js";

test("the checksum is the known one", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});

test("one file stays itself, several are an archive named after the model", async () => {
  const [data, model] = [new File(["numbers"], "m.onnx.data"), new File(["graph"], "m.onnx")];
  assert.equal(await together([data]), data);
  assert.equal(await together([]), null);
  const bundled = /** @type {File} */ (await together([data, model]));
  assert.equal(bundled.name, "m.onnx");
  assert.equal(new TextDecoder().decode((await bundled.arrayBuffer()).slice(0, 2)), "PK");
});

test("the archive holds names and bytes as they are", () => {
  const parts = zip([
    ["ü.npy", new Uint8Array([1, 2, 3])],
    ["empty.npy", new Uint8Array()],
  ]);
  const { BUNDLE } = process.env;
  if (BUNDLE) writeFileSync(BUNDLE, Buffer.concat(parts));
  assert.equal(
    parts.reduce((sum, part) => sum + part.length, 0),
    2 * (30 + 46) + 2 * ("ü.npy".length + 1 + "empty.npy".length) + 3 + 22,
  );
});
