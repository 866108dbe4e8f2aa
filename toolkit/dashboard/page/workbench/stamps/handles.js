// Where a stamp's handles stand on the map, and what dragging one says of its numbers.
import { SHAPES } from "../../core/stamps.js";

/**
 * @typedef {import("../../core/types.js").Stamp} Stamp
 * @typedef {Required<Stamp>} Full with all its numbers
 * @typedef {import("../../core/types.js").Point} Point
 * @typedef {{name: "middle"|"end"|"bend"|"width"|"height"|"surround", at: Point}} Handle
 */

const LONGEST = 60, // cells; by numbers one can go further
  LEAST = 0.5,
  DEEPEST = 2; // of a surround, by hand

/** @param {number} value @param {number} step */
export const stepped = (value, step) => Number((Math.round(value / step) * step).toFixed(4)) + 0;

/** @param {number} value @param {number} low @param {number} high */
const within = (value, low, high) => Math.max(low, Math.min(high, value));

/** @param {number} value @param {number} step */
const size = (value, step = 0.25) => within(stepped(value, step), LEAST, LONGEST);

/** Along and across a shape, as they lie when it is not bent. @param {Full} stamp @param {number} along @param {number} across */
function straight({ curvature }, along, across) {
  if (!curvature) return [along, across];
  const side = Math.sign(curvature),
    radius = 1 / Math.abs(curvature),
    far = radius + side * across;
  return [far * Math.sin(along / radius), side * (far * Math.cos(along / radius) - radius)];
}

/** The point of the map that lies so far along and across a shape. @param {Full} stamp @param {number} along @param {number} across @returns {Point} */
export function pointOf(stamp, along, across) {
  const [u, v] = straight(stamp, along, across),
    turn = (stamp.angle * Math.PI) / 180,
    cosine = Math.cos(turn),
    sine = Math.sin(turn);
  return [stamp.at[0] - (u * sine + v * cosine), stamp.at[1] + u * cosine - v * sine];
}

/** How far right and up of a shape's middle a point lies, in the shape's own directions. @param {Full} stamp @param {Point} point */
function seen(stamp, [row, column]) {
  const turn = (stamp.angle * Math.PI) / 180,
    right = column - stamp.at[1],
    up = stamp.at[0] - row;
  return [right * Math.cos(turn) + up * Math.sin(turn), up * Math.cos(turn) - right * Math.sin(turn)];
}

/** Along and across a shape that may be bent. @param {Full} stamp @param {Point} point */
function alongAcross(stamp, point) {
  const [u, v] = seen(stamp, point);
  if (!stamp.curvature) return [u, v];
  const side = Math.sign(stamp.curvature),
    radius = 1 / Math.abs(stamp.curvature),
    y = side * v + radius;
  return [radius * Math.atan2(u, y), side * (Math.hypot(u, y) - radius)];
}

/** Whether a shape is a stroke that can be bent. @param {Stamp} stamp */
export const bends = ({ shape }) => "curvature" in SHAPES[shape];

/** How far across its bright part reaches on the dark side. @param {Full} stamp */
function brightReach({ shape, width, height }) {
  if (shape === "edge") return 0;
  if (shape === "line" || shape === "arc") return width / 2;
  return shape === "ring" ? (height + width) / 2 : height / 2;
}

/** How much along the surround's handle stands for a depth of one. @param {Full} stamp */
const depthUnit = ({ length }) => Math.max(length, 4) / 4;

/** @param {Full} stamp @returns {Handle[]} the middle first; none of a picture, which has no place */
export function handlesOf(stamp) {
  const has = SHAPES[stamp.shape];
  if (!("length" in has)) return [];
  const { length, width, height, surround } = stamp;
  /** @param {Handle["name"]} name @param {number} along @param {number} across @returns {Handle} */
  const handle = (name, along, across) => ({ name, at: pointOf(stamp, along, across) });
  const found = [handle("middle", 0, 0), handle("end", length / 2, 0)];
  if ("curvature" in has) found.push(handle("bend", -length / 2, 0));
  if ("height" in has) found.push(handle("height", 0, height / 2));
  if (stamp.shape === "ring") found.push(handle("width", -(length + width) / 2, 0));
  else if (stamp.shape === "gabor") found.push(handle("width", -length / 4, width / 2));
  else if ("width" in has) found.push(handle("width", 0, stamp.shape === "edge" ? width : width / 2));
  const flank = "flank" in has ? stamp.flank : 0;
  found.push(handle("surround", surround * depthUnit(stamp), -(brightReach(stamp) + flank)));
  return found;
}

/**
 * What a stamp's numbers become when a handle is dragged to a point.
 * @param {Full} stamp as it was when the drag began
 * @param {Handle["name"]} name @param {Point} point
 * @returns {Partial<Stamp>}
 */
export function dragged(stamp, name, point) {
  const [along, across] = alongAcross(stamp, point);
  if (name === "middle") return { at: [stepped(point[0], 0.25), stepped(point[1], 0.25)] };
  if (name === "end") return toEnd(stamp, point);
  if (name === "bend") return { curvature: bend(stamp, point) };
  if (name === "height") return { height: size(2 * Math.abs(across), 0.5) };
  if (name === "width") {
    if (stamp.shape === "ring") return { width: size(2 * Math.max(0, -along - stamp.length / 2)) };
    return { width: size(stamp.shape === "edge" ? Math.abs(across) : 2 * Math.abs(across)) };
  }
  const surround = within(stepped(along / depthUnit(stamp), 0.05), 0, DEEPEST);
  if (!("flank" in SHAPES[stamp.shape])) return { surround };
  return { surround, flank: within(stepped(-across - brightReach(stamp), 0.25), 0, LONGEST) };
}

/** Its end at a point: turned and as long as that needs. @param {Full} stamp @param {Point} point */
function toEnd(stamp, [row, column]) {
  const right = column - stamp.at[1],
    up = stamp.at[0] - row,
    chord = Math.hypot(right, up),
    bent = bends(stamp) ? stamp.curvature : 0;
  const half = bent ? (2 * Math.asin(Math.min(1, (chord * Math.abs(bent)) / 2))) / Math.abs(bent) : chord;
  const turned = ((Math.atan2(up, right) + (bent * half) / 2) * 180) / Math.PI;
  return { length: size(2 * half, 0.5), angle: turn(turned) };
}

/** An angle of −179 to 180. @param {number} degrees @param {number} [step] */
export function turn(degrees, step = 1) {
  const found = stepped(degrees, step) % 360;
  return found > 180 ? found - 360 : found <= -180 ? found + 360 : found;
}

/** How bent it is if its other end lies in the direction of a point. @param {Full} stamp @param {Point} point */
function bend(stamp, point) {
  const [u, v] = seen(stamp, point),
    chord = Math.atan2(-v, -u); // below the line through its middle, seen from there
  return within(stepped((4 * chord) / stamp.length, 0.01), -1, 1);
}

/** The line that shows what lies where: a stroke's spine, a surface's rim. @param {Full} stamp @returns {Point[]} */
export function outlineOf(stamp) {
  if (!("length" in SHAPES[stamp.shape])) return [];
  const half = stamp.length / 2,
    high = (stamp.height ?? 0) / 2;
  if (bends(stamp)) return Array.from({ length: 25 }, (_, k) => pointOf(stamp, (k / 12 - 1) * half, 0));
  if (stamp.shape === "rectangle" || stamp.shape === "gradient") {
    const corners = [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
      [-1, -1],
    ];
    return corners.map(([x, y]) => pointOf(stamp, x * half, y * high));
  }
  return Array.from({ length: 49 }, (_, k) => {
    const t = (k / 24) * Math.PI;
    return pointOf(stamp, half * Math.cos(t), high * Math.sin(t));
  });
}
