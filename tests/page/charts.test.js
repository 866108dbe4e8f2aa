// Charts, described: where marks and spots are, and what of them is taken along.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bars, histogram } from "../../toolkit/dashboard/page/looking/charts/bars.js";
import { heat } from "../../toolkit/dashboard/page/looking/charts/heat.js";
import { lines } from "../../toolkit/dashboard/page/looking/charts/lines.js";
import { coloured, weightMap } from "../../toolkit/dashboard/page/looking/charts/maps.js";
import { quantiles } from "../../toolkit/dashboard/page/looking/charts/quantiles.js";
import { marksText, svgFile } from "../../toolkit/dashboard/page/looking/charts/render.js";
import { short, ticks } from "../../toolkit/dashboard/page/looking/charts/scale.js";
import { csv, fileName } from "../../toolkit/dashboard/page/looking/take.js";
import { makeLook } from "../../toolkit/dashboard/page/workbench/draw.js";

const table = Uint8Array.from({ length: 511 * 3 }, (_, k) =>
  k % 3 === 1 ? Math.max(0, (k - 765) / 3) : k % 3 === 0 ? Math.max(0, (765 - k) / 3) : 0,
);
const look = makeLook(table, {
  nan: [255, 0, 255],
  never_lit: [90, 90, 90],
  clipped_positive: [0, 255, 0],
  clipped_negative: [255, 0, 0],
});
const middle = ({ x, y, width, height }) => [x + width / 2, y + height / 2];

/** Each spot is found at its own middle, says something, and all lie in the picture. */
function checked(drawing) {
  const { spots, width, height } = drawing;
  for (let k = 0; k < spots.count; k++) {
    const [x, y] = middle(spots.box(k));
    assert.equal(spots.at(x, y), k);
    assert.ok(spots.says(k));
    assert.ok(x >= 0 && x <= width && y >= 0 && y <= height);
  }
  assert.equal(spots.at(-50, -50), -1);
  for (const mark of drawing.marks)
    for (const name of ["x", "y", "x1", "y1", "width", "height"])
      assert.ok(mark[name] === undefined || Number.isFinite(mark[name]), `${mark.kind} ${name}`);
  return drawing;
}

test("ticks are round, inside, and few; numbers are short", () => {
  assert.deepEqual(ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(-7, 12, 4), [-5, 0, 5, 10]);
  assert.deepEqual(ticks(3, 3), [3]);
  assert.deepEqual(
    [0, -0.12345, 1234567, Number.NaN].map((each) => short(each)),
    ["0", "−0.123", "1.2e+6", "no number"],
  );
});

test("a map's cells are where they are said to be, and broken or unlit ones have their colours", () => {
  const values = [1, -2, Number.NaN, 0, 0.5, 0];
  const drawing = checked(weightMap({ values, columns: 3, look }, 300));
  const { pixels } = drawing.marks.find(({ kind }) => kind === "cells");
  assert.deepEqual([...pixels.slice(8, 12)], [255, 0, 255, 255]);
  assert.ok(pixels[4] > 250 && pixels[1] > 120, "red for −2, half green for 1");
  assert.match(drawing.spots.says(4), /row 1, column 1: 0.5/);
  const grey = coloured([0, 0], 2, 1, look, [0, 1]);
  assert.ok(grey[0] > 60 && grey[4] === 0);
});

test("bars go up and down from their base, and one that is no number is no bar", () => {
  const given = { values: [2, -1, Number.NaN], names: ["a", "b", "c"], label: "v" };
  const { marks } = checked(bars(given, 320));
  const [up, down, ...more] = marks.filter(({ kind }) => kind === "rect");
  assert.equal(more.length, 0);
  assert.ok(Math.abs(up.y + up.height - down.y) < 0.01, "one ends where the other begins");
  assert.ok(Math.abs(up.height - 2 * down.height) < 0.01);
  const raised = bars({ ...given, values: [0.5, 0.75], base: 0.5 }, 320).marks.filter(
    ({ kind }) => kind === "rect",
  );
  assert.ok(raised[0].height <= 0.5 && raised[1].height > 10);
});

test("each chart's spots are found where they are drawn", () => {
  checked(histogram({ edges: [0, 1, 2, 4], series: [{ name: "n", counts: [1, 5, 2] }], label: "z" }, 320));
  checked(
    heat({ values: [1, 2, 3, 4, Number.NaN, 6], rows: ["a", "b"], columns: ["x", "y", "z"], look }, 300),
  );
  checked(
    quantiles({ names: ["0", "1"], rows: [[1, 2, 3, 4, 5], Array(5).fill(Number.NaN)], label: "z" }, 300),
  );
  const drawing = checked(
    lines(
      {
        series: [
          { name: "bars", x: [0, 45, 90], y: [1, Number.NaN, 3] },
          { name: "edges", x: [0, 90], y: [2, 2] },
        ],
        x: { label: "angle", unit: "°" },
        y: { label: "z" },
      },
      400,
    ),
  );
  assert.equal(drawing.spots.says(2), "90°: bars 3, edges 2");
  const { d } = drawing.marks.find(({ kind }) => kind === "path");
  assert.equal(d.split("M").length - 1, 2, "a gap where there is no number");
});

test("a file of a picture stands alone, and texts in it are no markup", () => {
  const marks = [
    { kind: "text", x: 1, y: 2, text: "a<b & c" },
    { kind: "cells", x: 0, y: 0, width: 9, height: 9, columns: 1, rows: 1, pixels: new Uint8ClampedArray(4) },
    { kind: "line", x1: 0, y1: 0, x2: 5, y2: 5, stroke: "var(--look-grid)" },
  ];
  const given = {
    title: "<t>",
    ground: "#fff",
    font: "sans",
    resolve: () => "#123456",
    picture: () => "data:image/png;base64,AA",
  };
  const text = svgFile({ width: 10.2, height: 9, marks }, given);
  assert.match(text, /<title>&lt;t&gt;<\/title>/);
  assert.match(text, /a&lt;b &amp; c/);
  assert.match(text, /width="11"/);
  assert.doesNotMatch(text, /var\(/);
  assert.match(text, /<image [^>]*data:image/);
  assert.doesNotMatch(marksText(marks), /<image/);
});

test("numbers are taken along as a spreadsheet reads them, and no name of a neuron becomes a formula", () => {
  const text = csv({
    columns: ["name", "v"],
    rows: [
      ["=1+1", -0.5],
      ['a "b", c', null],
    ],
  });
  assert.equal(text, 'name,v\r\n\'=1+1,-0.5\r\n"a ""b"", c",\r\n');
  assert.equal(fileName("my net/../x", "1.5", "weights"), "my-net-..-x-1.5-weights");
});
