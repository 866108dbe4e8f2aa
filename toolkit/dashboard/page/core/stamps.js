// Stamps: shapes with their numbers, as weights. The same operations in the same order as
// toolkit/stamps, so that a preview and what is kept are equal bit for bit. What each number means
// is said there, at Stamp.
import { angleFrom, cosineSine, exponential } from "./exact.js";

/** @typedef {import("./types.js").Grid} Grid */
/** @typedef {import("./types.js").Stamp} Stamp */
/** @typedef {import("./types.js").StampEdit} StampEdit */
/** @typedef {(u: number, v: number, s: Required<Stamp>) => number} Draw */

export const ONE = 4096; // the level of a shape's full strength
const STRAIGHT = 1e-6; // a circle of a million cells bends nothing that fits a map
const HALF_HIGH = 2.772588722239781;

/** Smallest and largest value of each number. @type {Record<string, [number, number]>} */
export const RANGES = {
  angle: [-3600, 3600],
  length: [0.1, 1000],
  width: [0.1, 1000],
  height: [0.1, 1000],
  curvature: [-1, 1],
  surround: [0, 10],
  flank: [0, 1000],
  soft: [0.1, 1000],
  phase: [-3600, 3600],
  strength: [-1e6, 1e6],
  amount: [0, 1],
};

/** How far from a map's corner a stamp may lie, in cells. */
export const FARTHEST = 1000;

/**
 * The shapes, and the numbers that each has, as they are where nobody gives them.
 * @type {Record<string, Record<string, number>>}
 */
export const SHAPES = {
  edge: { angle: 0, length: 12, width: 3, curvature: 0, surround: 1, flank: 3, soft: 1 },
  line: { angle: 0, length: 12, width: 3, curvature: 0, surround: 0.5, flank: 3, soft: 1 },
  arc: { angle: 0, length: 14, width: 3, curvature: 0.15, surround: 0.5, flank: 3, soft: 1 },
  ring: { angle: 0, length: 12, height: 12, width: 3, surround: 0.5, flank: 3, soft: 1 },
  blob: { angle: 0, length: 6, height: 6, surround: 0, flank: 3 },
  gabor: { angle: 0, length: 12, height: 12, width: 4, phase: 0, surround: 1 },
  gradient: { angle: 0, length: 28, height: 28, surround: 1, soft: 1 },
  rectangle: { angle: 0, length: 10, height: 6, surround: 0.5, flank: 2, soft: 1 },
  picture: {},
};

export const MODES = ["add", "replace", "blend"];

/**
 * A stamp with all its numbers: those given, and the usual ones for the rest.
 * @param {Stamp} stamp
 * @returns {Stamp}
 */
export function complete(stamp) {
  const usual = { ...SHAPES[stamp.shape] };
  /** @type {Partial<Stamp>} */
  const given = Object.fromEntries(Object.entries(stamp).filter(([, value]) => value != null));
  if (given.length !== undefined && ["ring", "blob", "gabor"].includes(stamp.shape))
    usual.height = given.length;
  if (given.width !== undefined && "flank" in usual) usual.flank = given.width;
  const place = stamp.shape === "picture" ? {} : { at: /** @type {[number, number]} */ ([14, 14]) };
  return { ...place, ...usual, strength: 1, zero_sum: false, ...given, shape: stamp.shape };
}

/** @param {number} value */
export const hundredths = (value) => Math.floor(value * 100 + 0.5) / 100;

/**
 * A stamp made for a map of 28×28 as it is on a map of another size.
 * @param {Stamp} stamp
 * @param {Grid} grid
 * @returns {Stamp}
 */
export function fitted(stamp, { rows, columns }) {
  const full = complete(stamp);
  if (!full.at || (rows === 28 && columns === 28)) return full;
  const share = Math.min(rows, columns) / 28;
  const numbers = Object.fromEntries(
    Object.keys(SHAPES[full.shape]).map((name) => {
      const value = /** @type {any} */ (full)[name];
      const [low, high] = RANGES[name];
      if (["length", "width", "height", "flank", "soft"].includes(name))
        return [name, Math.min(Math.max(hundredths(value * share), low), high)];
      return [name, name === "curvature" ? Math.min(Math.max(value / share, low), high) : value];
    }),
  );
  return {
    ...full,
    ...numbers,
    at: [hundredths((full.at[0] * rows) / 28), hundredths((full.at[1] * columns) / 28)],
  };
}

/**
 * @param {number} inside distance from the rim
 * @param {number} soft
 */
const ramp = (inside, soft) => Math.min(Math.max(0.5 + inside / soft, 0), 1);

/**
 * @param {number} core
 * @param {number} around
 * @param {number} depth
 */
const surrounded = (core, around, depth) => (1 + depth) * core - depth * around;

/**
 * @param {number} u
 * @param {number} v
 * @param {number} curvature
 * @returns {[number, number]} along and across a circle's arc
 */
function bent(u, v, curvature) {
  if (Math.abs(curvature) < STRAIGHT) return [u, v];
  const side = curvature > 0 ? 1 : -1;
  const radius = 1 / Math.abs(curvature);
  const y = side * v + radius;
  return [radius * angleFrom(y, u), side * (Math.sqrt(u * u + y * y) - radius)];
}

/**
 * @param {number} u
 * @param {number} v
 * @param {number} length
 * @param {number} height
 */
function hill(u, v, length, height) {
  const x = u / length;
  const y = v / height;
  return exponential(-HALF_HIGH * (x * x + y * y));
}

/** @type {Draw} */
function line(u0, v0, s) {
  const [u, v] = bent(u0, v0, s.curvature);
  const inside = s.width / 2 - Math.abs(v);
  const across = surrounded(ramp(inside, s.soft), ramp(inside + s.flank, s.soft), s.surround);
  return across * ramp(s.length / 2 - Math.abs(u), s.soft);
}

/** @type {Record<string, Draw>} */
const DRAW = {
  line,
  arc: line,
  edge(u0, v0, s) {
    const [u, v] = bent(u0, v0, s.curvature);
    const here = ramp(v, s.soft);
    let across = here - ramp(v - s.width, s.soft);
    across = across - s.surround * (ramp(v + s.flank, s.soft) - here);
    return across * ramp(s.length / 2 - Math.abs(u), s.soft);
  },
  ring(u, v, s) {
    const a = s.length / 2;
    const b = s.height / 2;
    const x = u / a;
    const y = v / b;
    const far = Math.sqrt(x * x + y * y);
    const gx = x / a;
    const gy = y / b;
    const slope = Math.sqrt(gx * gx + gy * gy);
    const outside = slope > 0 ? ((far - 1) * far) / slope : -Math.min(a, b);
    const inside = s.width / 2 - Math.abs(outside);
    return surrounded(ramp(inside, s.soft), ramp(inside + s.flank, s.soft), s.surround);
  },
  blob(u, v, s) {
    const wider = 2 * s.flank;
    const core = hill(u, v, s.length, s.height);
    return surrounded(core, hill(u, v, s.length + wider, s.height + wider), s.surround);
  },
  gabor(u, v, s) {
    let [stripes] = cosineSine((180 * v) / s.width + s.phase);
    if (stripes < 0) stripes *= s.surround;
    return stripes * hill(u, v, s.length, s.height);
  },
  gradient(u, v, s) {
    const along = s.length / 2;
    const across = s.height / 2;
    let slope = Math.min(Math.max(v / across, -1), 1);
    if (slope < 0) slope *= s.surround;
    return slope * ramp(along - Math.abs(u), s.soft) * ramp(across - Math.abs(v), s.soft);
  },
  rectangle(u, v, s) {
    const along = s.length / 2 - Math.abs(u);
    const across = s.height / 2 - Math.abs(v);
    const core = ramp(along, s.soft) * ramp(across, s.soft);
    const around = ramp(along + s.flank, s.soft) * ramp(across + s.flank, s.soft);
    return surrounded(core, around, s.surround);
  },
};

/**
 * Levels of a stamp, whole numbers of 4096ths of its strength.
 * @param {Stamp} stamp
 * @param {Grid} grid
 * @returns {Float64Array}
 */
export function levelsOf(stamp, grid) {
  const full = /** @type {Required<Stamp>} */ (complete(stamp));
  const found = full.shape === "picture" ? pictureLevels(full.levels) : drawn(full, grid);
  if (full.zero_sum) balance(found);
  return found;
}

/**
 * @param {Required<Stamp>} stamp
 * @param {Grid} grid
 */
function drawn(stamp, { rows, columns }) {
  const draw = DRAW[stamp.shape];
  const found = new Float64Array(rows * columns);
  const [cosine, sine] = cosineSine(stamp.angle);
  for (let cell = 0; cell < found.length; cell++) {
    const right = (cell % columns) + 0.5 - stamp.at[1];
    const up = stamp.at[0] - (Math.floor(cell / columns) + 0.5);
    const value = draw(right * cosine + up * sine, up * cosine - right * sine, stamp);
    found[cell] = Math.floor(value * ONE + 0.5);
  }
  return found;
}

/**
 * Levels of a picture from what its edit holds: base64 of little-endian int16, or numbers −1 to 1.
 * @param {string | ArrayLike<number>} levels
 * @returns {Float64Array}
 */
export function pictureLevels(levels) {
  if (typeof levels !== "string") return Float64Array.from(levels, (x) => Math.floor(x * ONE + 0.5));
  const bytes = Uint8Array.from(atob(levels), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length: bytes.length >> 1 }, (_, k) => view.getInt16(2 * k, true));
}

/**
 * The text in which a stamp holds a picture.
 * @param {ArrayLike<number>} levels −1 to 1
 */
export function packLevels(levels) {
  const view = new DataView(new ArrayBuffer(2 * levels.length));
  for (let k = 0; k < levels.length; k++)
    view.setInt16(2 * k, Math.min(Math.max(Math.floor(levels[k] * ONE + 0.5), -ONE), ONE), true);
  let text = "";
  for (const byte of new Uint8Array(view.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}

/**
 * Makes the levels sum to zero: the negative ones are scaled, or the mean is taken off.
 * @param {Float64Array} found changed in place
 */
function balance(found) {
  let positive = 0;
  let negative = 0;
  for (const level of found) {
    if (level > 0) positive += level;
    else negative -= level;
  }
  /** @type {(level: number) => boolean} */
  let which = () => true;
  if (4 * negative < positive) {
    const mean = Math.floor((positive - negative) / found.length);
    for (let k = 0; k < found.length; k++) found[k] -= mean;
    nudge(found, which);
    return;
  }
  const below = found.map((level) => (level < 0 ? 1 : 0));
  which = (k) => below[k] === 1;
  if (negative > 0)
    for (let k = 0; k < found.length; k++)
      if (below[k]) found[k] = -Math.floor((-found[k] * positive) / negative + 0.5) + 0;
  nudge(found, which);
}

/**
 * Takes the sum's last units off the first of some cells, one each.
 * @param {Float64Array} found
 * @param {(k: number) => boolean} which
 */
function nudge(found, which) {
  let over = 0;
  for (const level of found) over += level;
  const step = over > 0 ? 1 : -1;
  for (let k = 0; k < found.length && over !== 0; k++) {
    if (!which(k)) continue;
    found[k] -= step;
    over -= step;
  }
}

/**
 * What a stamp lays on each cell.
 * @param {Stamp} stamp
 * @param {Grid} grid
 * @returns {Float64Array}
 */
export function stampWeights(stamp, grid) {
  const strength = stamp.strength ?? 1;
  const found = levelsOf(stamp, grid);
  for (let k = 0; k < found.length; k++) found[k] = (found[k] / ONE) * strength + 0;
  return found;
}

/**
 * Lays a stamp on a neuron's row.
 * @param {Omit<StampEdit, "kind" | "layer" | "neuron">} edit
 * @param {Float32Array} row changed in place
 * @param {Grid} grid
 */
export function layStamp(edit, row, grid) {
  const put = stampWeights(edit, grid);
  const mode = edit.mode ?? "add";
  const amount = edit.amount ?? 1;
  for (let k = 0; k < row.length; k++) {
    if (mode === "add" && put[k] === 0) continue;
    const old = Number.isFinite(row[k]) ? row[k] : 0;
    const value = mode === "add" ? old + put[k] : mode === "replace" ? put[k] : old + amount * (put[k] - old);
    const single = Math.fround(value);
    row[k] = Number.isFinite(single) ? single : old;
  }
}

/**
 * Whether a stamp can be laid on a map of this grid; one that cannot is the server's to refuse.
 * @param {Partial<StampEdit>} edit
 * @param {number} cells
 */
export function fitsStamp(edit, cells) {
  const { shape, mode = "add", zero_sum: zeroSum = false } = edit;
  if (typeof shape !== "string" || !Object.hasOwn(SHAPES, shape)) return false;
  if (!MODES.includes(mode) || typeof zeroSum !== "boolean") return false;
  const has = SHAPES[shape];
  const within = (/** @type {unknown} */ value, /** @type {number} */ low, /** @type {number} */ high) =>
    typeof value === "number" && value >= low && value <= high;
  for (const [name, [low, high]] of Object.entries(RANGES)) {
    const value = /** @type {any} */ (edit)[name] ?? undefined;
    if (value === undefined) continue;
    const own = name in has || name === "strength" || name === "amount";
    if (!own || !within(value, low, high)) return false;
  }
  const { at, levels } = edit;
  if (shape === "picture") return (at ?? undefined) === undefined && fitsPicture(levels, cells);
  if ((levels ?? undefined) !== undefined) return false;
  if ((at ?? undefined) === undefined) return true;
  const place = /** @type {unknown[]} */ (at);
  return Array.isArray(at) && at.length === 2 && place.every((each) => within(each, -FARTHEST, FARTHEST));
}

/**
 * @param {unknown} levels
 * @param {number} cells
 */
function fitsPicture(levels, cells) {
  if (Array.isArray(levels))
    return levels.length === cells && levels.every((each) => typeof each === "number" && Math.abs(each) <= 1);
  if (typeof levels !== "string" || levels.length !== 4 * Math.ceil((2 * cells) / 3)) return false;
  try {
    const found = pictureLevels(levels);
    return found.length === cells && found.every((level) => Math.abs(level) <= ONE);
  } catch {
    return false;
  }
}
