// Putting numbers on canvases. Colours come from Python as one table of 511 entries, zero in the
// middle, so both sides show a weight in the same colour.

export function limitOf(values) {
  let limit = 0;
  for (const value of values) if (Number.isFinite(value)) limit = Math.max(limit, Math.abs(value));
  return limit;
}

const opaque = ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r; // as ImageData lies in memory

// A palette as Python describes it: 511 colours, zero in the middle, and a colour for each mark.
export function makeLook(table, marks) {
  const colours = Array.from({ length: 511 }, (_, k) => [...table.subarray(3 * k, 3 * k + 3)]);
  return { colours, packed: Int32Array.from(colours, opaque), marks };
}

export function colourOf(value, limit, { colours, marks }) {
  if (Number.isNaN(value)) return marks.nan;
  if (!Number.isFinite(value)) return value > 0 ? marks.plus_infinity : marks.minus_infinity;
  if (Math.abs(value) > limit) return value > 0 ? marks.clipped_positive : marks.clipped_negative;
  return colours[255 + (limit > 0 ? Math.round((255 * value) / limit) : 0)];
}

function fill(canvas, columns, rows, pixel) {
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d"), image = context.createImageData(columns, rows);
  const pixels = new Int32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = pixel(i);
  context.putImageData(image, 0, 0);
}

export function drawMap(canvas, values, columns, limit, look, lit = null) {
  const scale = limit > 0 ? 255 / limit : 0;
  fill(canvas, columns, Math.ceil(values.length / columns), (i) => {
    const value = values[i];
    if (lit && !lit[i]) return opaque(colourOf(value, limit, look).map((c, k) => 0.75 * look.marks.never_lit[k] + 0.25 * c));
    if (!(Math.abs(value) <= limit)) return opaque(colourOf(value, limit, look));
    return look.packed[255 + Math.round(value * scale)];
  });
}

// Grey levels 0..1, ink bright.
export function drawGrey(canvas, values, columns) {
  fill(canvas, columns, values.length / columns, (i) => {
    const level = Math.round(255 * values[i]);
    return opaque([level, level, level]);
  });
}

// Size a canvas to its box in device pixels; returns a context in CSS pixels.
export function crisp(canvas) {
  const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  const w = Math.round(width * ratio), h = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

export function number(value, digits = 2, sign = true) {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  const text = size !== 0 && (size < 0.01 || size >= 10000) ? size.toExponential(1) : size.toFixed(size >= 100 ? 0 : digits);
  return (value < 0 ? "−" : sign && value > 0 ? "+" : "") + text;
}

export function percentPoints(value) {
  return `${number(100 * value, 2)}`;
}
