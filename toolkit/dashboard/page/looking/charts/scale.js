// From numbers to places: ticks that read well, and what is written at them. Nothing here draws.

/** Ticks at round numbers from low to high. @param {number} low @param {number} high @param {number} [most] */
export function ticks(low, high, most = 6) {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const rough = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((each) => each * power >= rough * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9),
    last = Math.floor(high / step + 1e-9);
  // By whole numbers of steps: sums of steps would carry what rounding leaves.
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/** A number in few characters. @param {number} value @param {number} [digits] significant ones */
export function short(value, digits = 3) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "no number" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size === 0) return "0";
  let text = size.toPrecision(digits);
  if (size >= 1e5 || size < 1e-4) text = size.toExponential(Math.max(0, digits - 2));
  else text = String(Number(text));
  return (value < 0 ? "−" : "") + text;
}

/** Lowest and highest finite value. @param {ArrayLike<number>} values @returns {[number, number]|null} */
export function extent(values) {
  let low = Number.POSITIVE_INFINITY,
    high = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < values.length; k++) {
    const value = values[k];
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}

/** A range that is none is made one. @param {number} low @param {number} high @returns {[number, number]} */
export function widened(low, high) {
  if (high > low) return [low, high];
  const by = Math.abs(low) * 0.1 || 1;
  return [low - by, high + by];
}

/**
 * A line from a range of values to one of places.
 * @param {number} low @param {number} high @param {number} from @param {number} to
 */
export function linear(low, high, from, to) {
  const by = high === low ? 0 : (to - from) / (high - low);
  return (/** @type {number} */ value) => from + (value - low) * by;
}

/** How wide a text is, about: what is pure has no screen to measure on. @param {string} text @param {number} size */
export const textWidth = (text, size) => 0.56 * size * text.length;
