// Classes other than ten: what they are called, and which of them an address names.
import assert from "node:assert/strict";
import { test } from "node:test";
import { classNames, outputNames, unscored } from "../../toolkit/dashboard/page/core/classes.js";
import { countsOf } from "../../toolkit/dashboard/page/core/sums.js";
import { confusionCounts } from "../../toolkit/dashboard/page/network/confusion.js";
import { classes, classesText } from "../../toolkit/dashboard/page/workbench/address.js";

const LETTERS = { digits: { classes: 3, names: ["7", "K", "q"] }, score: { unscored: "" }, sizes: [4, 3] };
const TWO = {
  digits: { classes: 3, names: [] },
  score: { unscored: "not scored: 2 outputs, the digits have 3 classes" },
  sizes: [4, 2],
};

test("outputs are called as the classes where there is one for each, else by number", () => {
  assert.deepEqual(outputNames(LETTERS), ["7", "K", "q"]);
  assert.deepEqual(classNames(TWO), ["0", "1", "2"]);
  assert.deepEqual(outputNames(TWO), ["0", "1"]);
  assert.equal(unscored(LETTERS), "");
});

test("where nothing is scored no answer is right and none is a mistake", () => {
  const table = confusionCounts(
    [
      [3, 1],
      [0, 2],
      [1, 1],
    ],
    TWO,
  );
  assert.deepEqual([table.rows, table.columns], [3, 2]);
  assert.equal(table.bad?.(0, 1), false);
  assert.equal(table.marked?.(1, 1), false);
  assert.equal(table.share(0, 1), 0.25);
  assert.match(table.says(0, 1), /^output 1 leads on 1 of the digits that are a 0, 25\.0% of them/);
});

test("chosen classes above nine are parted by points in the address, and come back", () => {
  assert.equal(classesText([7, 0, 1]), "017");
  for (const chosen of [[0, 1, 7], [17], [3, 46], []]) {
    assert.deepEqual(classes(`?classes=${classesText(chosen)}`), chosen);
  }
  assert.deepEqual(classes("?classes=1.x"), []);
});

test("counts come for as many classes as there are bytes for", () => {
  const bytes = new Uint8Array(Uint16Array.of(1, 2, 3, 4, 5, 6).buffer);
  assert.deepEqual(countsOf(bytes, { bins: 2, wide: false }), [
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  assert.throws(() => countsOf(bytes.subarray(1), { bins: 2, wide: false }), /expected 4 bytes a class/);
});
