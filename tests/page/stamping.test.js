// A stamp on the map: what its handles say, and what is shown before it is laid.
import assert from "node:assert/strict";
import { test } from "node:test";
import { complete, stampWeights } from "../../toolkit/dashboard/page/core/stamps.js";
import { numberOf } from "../../toolkit/dashboard/page/workbench/numberfield.js";
import {
  dragged,
  handlesOf,
  outlineOf,
  pointOf,
  turn,
} from "../../toolkit/dashboard/page/workbench/stamps/handles.js";

const GRID = { rows: 28, columns: 28 };
const near = (one, other, most = 1e-9) => {
  for (const [k, x] of one.entries()) assert.ok(Math.abs(x - other[k]) <= most);
};

test("the end is to the right at angle 0, above at 90, and the bright side of an edge above", () => {
  const lying = complete({ shape: "edge", at: [10, 12], length: 8, width: 2 });
  near(pointOf(lying, 4, 0), [10, 16]);
  near(pointOf(lying, 0, 2), [8, 12]);
  const upright = complete({ ...lying, angle: 90 });
  near(pointOf(upright, 4, 0), [6, 12]);
  near(pointOf(upright, 0, 2), [10, 10]);
});

test("a bent stroke's outline lies on its bright cells, and its ends go down", () => {
  for (const [curvature, angle] of [
    [0.15, 0],
    [-0.1, 30],
    [0.2, 200],
  ]) {
    const stamp = complete({ shape: "arc", at: [14, 14], length: 14, width: 3, curvature, angle });
    const weights = stampWeights(stamp, GRID);
    for (const [row, column] of outlineOf(stamp).slice(2, -2))
      assert.ok(weights[Math.floor(row) * 28 + Math.floor(column)] > 0.6, `${curvature} ${row} ${column}`);
  }
  const [row] = pointOf(complete({ shape: "arc", at: [14, 14], curvature: 0.15 }), 5, 0);
  assert.ok(row > 14);
});

test("a handle dragged to where it stands changes nothing, whatever the stamp", () => {
  for (const shape of ["edge", "line", "arc", "ring", "blob", "gabor", "gradient", "rectangle"]) {
    for (const [angle, curvature] of [
      [0, 0],
      [40, 0.1],
      [-110, -0.05],
    ]) {
      const given = { shape, at: [14, 14], angle, length: 10, surround: 0.5 };
      const stamp = complete(["edge", "line", "arc"].includes(shape) ? { ...given, curvature } : given);
      for (const { name, at } of handlesOf(stamp)) {
        for (const [number, value] of Object.entries(dragged(stamp, name, at)))
          near([value].flat(), [stamp[number]].flat(), 0.011);
      }
    }
  }
});

test("dragging the end turns and stretches, the diamond bends", () => {
  const stamp = complete({ shape: "line", at: [14, 14], length: 10 });
  assert.deepEqual(dragged(stamp, "end", [7, 14]), { length: 14, angle: 90 });
  assert.equal(dragged(stamp, "bend", [14, 9]).curvature, 0);
  assert.ok(dragged(stamp, "bend", [17, 10]).curvature > 0);
  assert.ok(dragged(stamp, "bend", [11, 10]).curvature < 0);
  assert.deepEqual(handlesOf(complete({ shape: "picture", levels: [] })), []);
});

test("angles stay within a turn, and numbers are read as people write them", () => {
  assert.deepEqual([turn(190), turn(-190), turn(180), turn(-180)], [-170, 170, 180, 180]);
  assert.deepEqual(["−1,5", " 2 ", "30°", "", "x"].map(numberOf), [-1.5, 2, 30, Number.NaN, Number.NaN]);
});
