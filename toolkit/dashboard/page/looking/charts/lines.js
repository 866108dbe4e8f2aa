// Lines over an axis of numbers: tuning curves, accuracy over amounts, learning.
import { axes, legend, SERIES, SOFT } from "./axes.js";
import { extent, short, widened } from "./scale.js";

/** @typedef {import("./types.js").Drawing} Drawing */
/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("./types.js").Table} Table */
/** @typedef {{name: string, x: ArrayLike<number>, y: ArrayLike<number>, colour?: string, dash?: string}} Series */
/** @typedef {{label: string, low?: number, high?: number, ticks?: number[], text?: (value: number) => string, unit?: string}} Side */
/**
 * @typedef {object} Lines
 * @property {Series[]} series
 * @property {Side} x
 * @property {Side} y
 * @property {number} [height]
 * @property {{at: number, label: string}[]} [marks] vertical lines
 * @property {{at: number, label: string}[]} [levels] horizontal ones
 * @property {(x: number) => void} [act] what a click on a place of the axis does
 */

/** @param {Lines} given @param {number} width @returns {Drawing} */
export function lines({ series, x, y, height = 220, marks: upright = [], levels = [], act }, width) {
  const coloured = series.map((each, k) => ({ ...each, colour: each.colour ?? SERIES[k % SERIES.length] }));
  const names = legend(coloured.length > 1 ? coloured : [], width);
  const xs = [...new Set(coloured.flatMap((each) => Array.from(each.x)))]
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const [x0, x1] = widened(...(extent(xs) ?? [0, 1])),
    [y0, y1] = widened(
      ...(extent([...coloured.flatMap((each) => Array.from(each.y)), ...levels.map(({ at }) => at)]) ?? [
        0, 1,
      ]),
    );
  const sides = {
    x: { ...x, low: x.low ?? x0, high: x.high ?? x1 },
    y: { ...y, low: y.low ?? y0, high: y.high ?? y1 },
  };
  const { marks, X, Y, box } = axes({ width, height, ...sides, top: names.height + 8, right: 14 });
  marks.push(...names.marks);
  for (const { at, label } of levels)
    marks.push(
      { kind: "line", x1: box.x, y1: Y(at), x2: box.x + box.width, y2: Y(at), stroke: SOFT, dash: "4 3" },
      { kind: "text", x: box.x + box.width, y: Y(at) - 4, text: label, anchor: "end", fill: SOFT },
    );
  for (const { at, label } of upright) {
    const late = X(at) > box.x + box.width / 2;
    marks.push(
      { kind: "line", x1: X(at), y1: box.y, x2: X(at), y2: box.y + box.height, stroke: SOFT, dash: "4 3" },
      {
        kind: "text",
        x: X(at) + (late ? -4 : 4),
        y: box.y + 10,
        text: label,
        anchor: late ? "end" : "start",
        fill: SOFT,
      },
    );
  }
  for (const each of coloured) {
    marks.push({ kind: "path", d: pathOf(each, X, Y), stroke: each.colour, thick: 2, dash: each.dash });
    if (each.x.length <= 24)
      for (let k = 0; k < each.x.length; k++)
        if (Number.isFinite(each.y[k]))
          marks.push({ kind: "dot", x: X(each.x[k]), y: Y(each.y[k]), r: 2.6, fill: each.colour });
  }
  const text = x.text ?? short,
    value = y.text ?? short;
  const at = (/** @type {Series} */ each, /** @type {number} */ place) =>
    each.y[Array.from(each.x).indexOf(place)];
  return {
    width,
    height,
    marks,
    spots: {
      count: xs.length,
      across: 1,
      at: (px, py) => (py < box.y - 4 || px < box.x - 8 ? -1 : nearest(xs.map(X), px)),
      box: (k) => ({ x: X(xs[k]) - 0.5, y: box.y, width: 1, height: box.height }),
      says: (k) =>
        `${text(xs[k])}${x.unit ?? ""}: ${coloured
          .filter((each) => at(each, xs[k]) !== undefined)
          .map(
            (each) => `${coloured.length > 1 ? `${each.name} ` : ""}${value(at(each, xs[k]))}${y.unit ?? ""}`,
          )
          .join(", ")}`,
      act: act && ((k) => act(xs[k])),
    },
  };
}

/** @param {Series} series @param {(value: number) => number} X @param {(value: number) => number} Y */
function pathOf({ x, y }, X, Y) {
  let d = "",
    pen = "M";
  for (let k = 0; k < x.length; k++) {
    if (!Number.isFinite(y[k]) || !Number.isFinite(x[k])) {
      pen = "M"; // where there is no number there is a gap
      continue;
    }
    d += `${pen}${X(x[k]).toFixed(1)} ${Y(y[k]).toFixed(1)}`;
    pen = "L";
  }
  return d;
}

/** @param {number[]} places rising @param {number} at */
export function nearest(places, at) {
  let best = -1;
  for (let k = 0; k < places.length; k++)
    if (best < 0 || Math.abs(places[k] - at) < Math.abs(places[best] - at)) best = k;
  return best;
}

/** @param {Lines} given @returns {Table} */
export function linesTable({ series, x, y }) {
  const rows = series.flatMap((each) =>
    Array.from(each.x, (at, k) => /** @type {(string|number)[]} */ ([each.name, at, each.y[k]])),
  );
  return { columns: ["series", x.label, y.label], rows };
}
