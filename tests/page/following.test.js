// What the page shows of what is in hand, and how often it is counted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../../toolkit/dashboard/page/workbench/pace.js";
import { liveReading } from "../../toolkit/dashboard/page/workbench/reading.js";

const NONE = { count: 0, digits: [] };
/** Two classes, as Python has told of them: 60 and 90 of a hundred each, as loaded 50 and 90. */
const SETTLED = {
  live: false,
  unscored: "",
  accuracy: 0.75,
  correct: 150,
  images: 200,
  last: null,
  start: 0.05,
  per_digit: [0.6, 0.9],
  per_digit_start: [0.5, 0.9],
  gained: NONE,
  lost: NONE,
};
const HAND = { stroke: {}, outbox: { waiting: 0 } };

/** @param {number[]} confusion @param {number} images @param {object} more */
const result = (confusion, images, more = {}) => ({
  confusion: Uint32Array.from(confusion),
  outputs: 2,
  images,
  of: 200,
  correct: confusion[0] + confusion[3],
  gained: NONE,
  lost: NONE,
  ridges: null,
  fires: null,
  ...more,
});
/** @param {any} found @param {any} base */
const reading = (found, base = null) =>
  liveReading(
    found,
    SETTLED,
    { base, pictures: new Map([[7, new Uint8Array([1])]]) },
    /** @type {any} */ (HAND),
  );
/** @param {number|null} value */
const near = (value) => Number(Number(value).toFixed(9));

test("of all digits it is what was counted, and what that changes", () => {
  const found = reading(result([70, 30, 12, 88], 200));
  assert.equal(found.accuracy, 0.79);
  assert.equal(near(found.last), 0.04);
  assert.equal(near(found.start), 0.09);
  assert.deepEqual(found.per_digit, [0.7, 0.88]);
  assert.deepEqual(found.per_class, [100, 100]);
  assert.deepEqual(found.confusion, [
    [70, 30],
    [12, 88],
  ]);
  assert.ok(found.live && found.open);
  assert.deepEqual([...(found.picture?.(7) ?? [])], [1]);
});

test("of a sample the change alone is taken: nothing jumps as a hand comes down", () => {
  const base = result([6, 4, 2, 8], 20);
  const atRest = reading(base, base);
  assert.equal(atRest.accuracy, SETTLED.accuracy);
  assert.deepEqual(atRest.per_digit, SETTLED.per_digit);
  const more = { gained: { count: 3, digits: [1] }, lost: { count: 1, digits: [2] } };
  const found = reading(result([8, 2, 2, 8], 20, more), base);
  assert.equal(near(found.accuracy), 0.85);
  assert.equal(near(found.last), 0.1);
  assert.deepEqual(found.per_digit.map(near), [0.8, 0.9]);
});

test("it is counted at every frame, less often while frames are late, and never less than ten times a second", () => {
  const pace = new Pace();
  let now = 1000;
  /** How many of a hundred frames are counted at. @param {number} each ms @param {number} [waited] ms */
  const counted = (each, waited = each) => {
    let many = 0;
    for (let k = 0; k < 100; k++) {
      now += each;
      if (!pace.wait(true, waited, now)) many++;
    }
    return many;
  };
  assert.equal(counted(16.7), 100);
  assert.ok(counted(50) < 90);
  const late = counted(50);
  assert.ok(late >= 33 && late <= 50, String(late));
  counted(16.7);
  assert.equal(counted(16.7), 100);
  // A pointer that says something at every third beat only makes no frame late.
  assert.equal(counted(50, 12), 100);
  // Where nothing moves there is nothing to wait for.
  counted(50);
  assert.equal(pace.wait(false, 50, now + 1), 0);
});
