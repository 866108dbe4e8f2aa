// Sine, cosine, exponential and angle from + − × ÷ and square root alone: the same operations in the
// same order as toolkit/stamps/exact.py, so the same bits on every machine.

const RADIANS = 0.017453292519943295; // in a degree
const LEAST = -60;
const MOST = 60;

/** @param {number} x */
export function exponential(x) {
  const small = Math.min(Math.max(x, LEAST), MOST) / 1024;
  let power = 1;
  for (let k = 9; k > 0; k--) power = 1 + (small / k) * power;
  for (let k = 0; k < 10; k++) power *= power;
  return power;
}

/**
 * Cosine and sine of an angle in degrees; exactly 0 and ±1 at the quarter turns.
 * @param {number} degrees
 * @returns {[number, number]}
 */
export function cosineSine(degrees) {
  const turned = degrees - 360 * Math.floor(degrees / 360);
  let quarter = Math.floor(turned / 90 + 0.5);
  const x = (turned - 90 * quarter) * RADIANS;
  const square = x * x;
  let sine = 1;
  let cosine = 1;
  for (let k = 8; k > 0; k--) {
    sine = 1 - (square / (2 * k * (2 * k + 1))) * sine;
    cosine = 1 - (square / ((2 * k - 1) * 2 * k)) * cosine;
  }
  sine = x * sine;
  quarter -= 4 * Math.floor(quarter / 4);
  const first = quarter === 0 ? cosine : quarter === 1 ? -sine : quarter === 2 ? -cosine : sine;
  const second = quarter === 0 ? sine : quarter === 1 ? cosine : quarter === 2 ? -sine : -cosine;
  return [first + 0, second + 0]; // no minus zero
}

/**
 * The angle between the x-axis and (x, y), 0 to π, y counting as positive.
 * @param {number} x
 * @param {number} y
 */
export function angleFrom(x, y) {
  const rise = Math.abs(y);
  const below = Math.sqrt(x * x + rise * rise) + Math.abs(x);
  let tangent = below > 0 ? rise / below : 0;
  for (let k = 0; k < 3; k++) tangent = tangent / (1 + Math.sqrt(1 + tangent * tangent));
  const square = tangent * tangent;
  let total = 0;
  for (let k = 17; k > 0; k -= 2) total = 1 / k - square * total;
  const angle = 16 * (tangent * total);
  return x < 0 ? Math.PI - angle : angle;
}
