// Families: stamps for a whole layer at once, made for maps of 28×28 and fitted to others. The same
// lists, number by number, as toolkit/stamps/families.py.
import { cosineSine } from "./exact.js";
import { complete, fitted, hundredths } from "./stamps.js";

/** @typedef {import("./types.js").Grid} Grid */
/** @typedef {import("./types.js").Stamp} Stamp */
/** @typedef {import("./types.js").SeveralEdit} SeveralEdit */
/** @typedef {{name: string, stamp: Stamp}} Member */
/** @typedef {{key: string, name: string, description: string, members: Member[]}} Family */

const AROUND = [
  "right",
  "right-upper",
  "upper-right",
  "top-right",
  "top",
  "top-left",
  "upper-left",
  "left-upper",
  "left",
  "left-lower",
  "lower-left",
  "bottom-left",
  "bottom",
  "bottom-right",
  "lower-right",
  "right-lower",
];
/** @type {[string, number, number][]} */
const CORNERS = [
  ["upper-left", 9, 9],
  ["upper-right", 9, 19],
  ["lower-left", 19, 9],
  ["lower-right", 19, 19],
];
/** @type {[string, number][]} */
const WAYS = [
  ["flat", 0],
  ["rising", 45],
  ["upright", 90],
  ["falling", 135],
];

/**
 * @param {string} name
 * @param {string} shape
 * @param {number} row
 * @param {number} column
 * @param {Partial<Stamp>} numbers
 * @returns {Member}
 */
const member = (name, shape, row, column, numbers) => ({
  name,
  stamp: complete({ shape, at: [row, column], ...numbers }),
});

function edges() {
  return AROUND.map((where, k) => {
    const [cosine, sine] = cosineSine(22.5 * k);
    const [row, column] = [hundredths(14 - 9 * sine), hundredths(14 + 7 * cosine)];
    return member(`${where} edge`, "edge", row, column, { angle: 22.5 * k + 90, length: 8, width: 3 });
  });
}

function segments() {
  const made = [];
  for (const [height, row] of /** @type {[string, number][]} */ ([
    ["top", 5],
    ["middle", 14],
    ["bottom", 23],
  ]))
    for (const [side, column] of /** @type {[string, number][]} */ ([
      ["left", 10.5],
      ["right", 17.5],
    ]))
      made.push(member(`${height}-${side} bar`, "line", row, column, { length: 7 }));
  for (const [side, column] of /** @type {[string, number][]} */ ([
    ["left side", 7],
    ["middle post", 14],
    ["right side", 21],
  ]))
    for (const [half, row] of /** @type {[string, number][]} */ ([
      ["upper", 9.5],
      ["lower", 18.5],
    ]))
      made.push(member(`${half} ${side}`, "line", row, column, { angle: 90, length: 9 }));
  for (const [where, row, column, angle] of /** @type {[string, number, number, number][]} */ ([
    ["upper-left", 9.5, 10.5, -52],
    ["upper-right", 9.5, 17.5, 52],
    ["lower-left", 18.5, 10.5, 52],
    ["lower-right", 18.5, 17.5, -52],
  ]))
    made.push(member(`${where} slant`, "line", row, column, { angle, length: 10 }));
  return made;
}

function strokes() {
  return CORNERS.flatMap(([where, row, column]) =>
    WAYS.map(([way, angle]) => member(`${where} ${way} stroke`, "line", row, column, { angle, length: 9 })),
  );
}

function gabors() {
  const made = [];
  for (const [size, width] of /** @type {[string, number][]} */ ([
    ["narrow", 3],
    ["wide", 5],
  ]))
    for (const [sort, phase] of /** @type {[string, number][]} */ ([
      ["stripes", 0],
      ["steps", 90],
    ]))
      for (const [way, angle] of WAYS)
        made.push(member(`${size} ${way} ${sort}`, "gabor", 14, 14, { angle, length: 12, width, phase }));
  return made;
}

function ringsAndArcs() {
  const made = [
    member("large ring", "ring", 14, 14, { length: 12, height: 17 }),
    member("upper ring", "ring", 9.5, 14, { length: 9, height: 8 }),
    member("lower ring", "ring", 18.5, 14, { length: 9, height: 8 }),
    member("small ring", "ring", 14, 14, { length: 6 }),
  ];
  for (const [
    which,
    row,
    reach,
    curvature,
    length,
  ] of /** @type {[string, number, number, number, number][]} */ ([
    ["upper loop", 9.5, 4.5, 0.22, 10],
    ["lower loop", 18.5, 4.5, 0.22, 10],
    ["large loop", 14, 7.5, 0.14, 15],
  ]))
    for (const [part, angle, down, right] of /** @type {[string, number, number, number][]} */ ([
      ["top", 0, -1, 0],
      ["left side", 90, 0, -1],
      ["bottom", 180, 1, 0],
      ["right side", 270, 0, 1],
    ]))
      made.push(
        member(`${which} ${part}`, "arc", row + down * reach, 14 + right * reach, {
          angle,
          length,
          curvature,
        }),
      );
  return made;
}

function spots() {
  const four = [0, 1, 2, 3];
  return four.flatMap((row) =>
    four.map((column) =>
      member(`spot row ${row + 1} column ${column + 1}`, "blob", 6.5 + 5 * row, 6.5 + 5 * column, {
        length: 5,
        surround: 0.5,
      }),
    ),
  );
}

/** @type {Family[]} */
export const FAMILIES = [
  {
    key: "edges",
    name: "sixteen edges around the frame",
    description: "Where does the digit end? Bright inside, dark outside, all the way round.",
    members: edges(),
  },
  {
    key: "segments",
    name: "segments of a display",
    description: "The sixteen bars of a display that shows digits and letters, each with dark flanks.",
    members: segments(),
  },
  {
    key: "strokes",
    name: "sixteen strokes",
    description: "Flat, rising, upright and falling, one of each in every quarter of the map.",
    members: strokes(),
  },
  {
    key: "gabors",
    name: "Gabor bank",
    description: "Stripes in four directions, narrow and wide, with a bright middle or an edge there.",
    members: gabors(),
  },
  {
    key: "loops",
    name: "rings and arcs",
    description: "Four rings, and top, bottom and sides of an upper, a lower and a large loop.",
    members: ringsAndArcs(),
  },
  {
    key: "spots",
    name: "sixteen spots",
    description: "Is there ink here? Four rows of four soft spots, each a little dark around.",
    members: spots(),
  },
];

/**
 * One step that stamps a family on neurons of layer 1, the members in order.
 * @param {Family} family
 * @param {number[]} neurons
 * @param {{mode?: "add" | "replace", strength?: number, zeroSum?: boolean, grid?: Grid, named?: boolean}} [how] named: the
 *   neurons are called what their stamps are called
 * @returns {SeveralEdit}
 */
export function familyEdit(
  { name, members },
  neurons,
  { mode = "replace", strength, zeroSum, grid, named } = {},
) {
  const count = Math.min(neurons.length, members.length);
  const edits = members.slice(0, count).map(({ stamp }, k) => ({
    kind: /** @type {const} */ ("stamp"),
    layer: 1,
    neuron: neurons[k],
    ...(grid ? fitted(stamp, grid) : stamp),
    strength: strength ?? stamp.strength,
    zero_sum: zeroSum ?? stamp.zero_sum,
    mode,
  }));
  /** @type {import("./types.js").NameEdit[]} */
  const names = [];
  if (named) {
    const call = (/** @type {number} */ k, /** @type {string} */ text) =>
      names.push({ kind: "name", layer: 1, neuron: neurons[k], name: text });
    // First no name is left, so that none that is given is another's.
    for (let k = 0; k < count; k++) call(k, "");
    for (let k = 0; k < count; k++) call(k, members[k].name);
  }
  return { kind: "several", label: `${name} on layer 1`, edits: [...edits, ...names] };
}
