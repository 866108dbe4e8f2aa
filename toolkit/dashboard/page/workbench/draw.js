// Putting numbers on canvases. Colours come from Python as one table of 511 entries, zero in the
// middle, so both sides show a weight in the same colour.

/**
 * @typedef {[number, number, number]} Colour
 * @typedef {{colours: Colour[], packed: Int32Array, marks: {[mark: string]: Colour}}} Look
 */

export { limitOf } from "../core/limits.js";

// As ImageData lies in memory.
/** @param {Colour} colour */
const opaque = ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r;

/**
 * A palette as Python describes it: 511 colours, zero in the middle, and a colour for each mark.
 * @param {Uint8Array} table @param {{[mark: string]: Colour}} marks
 * @returns {Look}
 */
export function makeLook(table, marks) {
  const colours = Array.from(
    { length: 511 },
    (_, k) => /** @type {Colour} */ ([table[3 * k], table[3 * k + 1], table[3 * k + 2]]),
  );
  return { colours, packed: Int32Array.from(colours, opaque), marks };
}

/** @param {number} value @param {number} limit @param {Look} look @returns {Colour} */
export function colourOf(value, limit, { colours, marks }) {
  if (Number.isNaN(value)) return marks.nan;
  if (!Number.isFinite(value)) return value > 0 ? marks.plus_infinity : marks.minus_infinity;
  if (Math.abs(value) > limit) return value > 0 ? marks.clipped_positive : marks.clipped_negative;
  return colours[255 + (limit > 0 ? Math.round((255 * value) / limit) : 0)];
}

/**
 * How something is written on the colour of a weight: in that colour, text in what stands out from it.
 * @param {number} share −1 to 1 of the brightest @param {Look} look
 */
export function inkOf(share, look) {
  const colour = colourOf(share, 1, look),
    [red, green, blue] = colour;
  const light = 0.299 * red + 0.587 * green + 0.114 * blue > 140;
  return { background: `rgb(${colour.join(" ")})`, color: light ? "#000" : "#fff" };
}

/**
 * Pixels to write a picture into: those of each size are the same, and are written again at once.
 * @type {Map<string, {image: ImageData, pixels: Int32Array}>}
 */
const sheets = new Map();

/**
 * @param {HTMLCanvasElement} canvas @param {number} columns @param {number} rows
 * @param {(i: number) => number} pixel
 */
function fill(canvas, columns, rows, pixel) {
  if (canvas.width !== columns || canvas.height !== rows) {
    Object.assign(canvas, { width: columns, height: rows });
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const name = `${columns} ${rows}`;
  let sheet = sheets.get(name);
  if (!sheet) {
    const image = context.createImageData(columns, rows);
    sheet = { image, pixels: new Int32Array(image.data.buffer) };
    sheets.set(name, sheet);
  }
  const { image, pixels } = sheet;
  for (let i = 0; i < pixels.length; i++) pixels[i] = pixel(i);
  context.putImageData(image, 0, 0);
}

/**
 * Draw weights as a map, one pixel a cell.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} values @param {number} columns
 * @param {number} limit the weight that is brightest @param {Look} look
 * @param {Uint8Array|null} lit 0 for pixels that no digit lights
 */
export function drawMap(canvas, values, columns, limit, look, lit = null) {
  const scale = limit > 0 ? 255 / limit : 0;
  fill(canvas, columns, Math.ceil(values.length / columns), (i) => {
    const value = values[i];
    // As Python has it: what is no number keeps its mark.
    if (lit && i < values.length && !lit[i] && Number.isFinite(value)) {
      const grey = look.marks.never_lit,
        colour = colourOf(value, limit, look);
      return opaque([
        0.75 * grey[0] + 0.25 * colour[0],
        0.75 * grey[1] + 0.25 * colour[1],
        0.75 * grey[2] + 0.25 * colour[2],
      ]);
    }
    if (i >= values.length) return 255 << 24;
    if (!(Math.abs(value) <= limit)) return opaque(colourOf(value, limit, look));
    return look.packed[255 + Math.round(value * scale)];
  });
}

/**
 * Draw grey levels 0..1, ink bright.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} values @param {number} columns
 */
export function drawGrey(canvas, values, columns) {
  fill(canvas, columns, values.length / columns, (i) => {
    const level = Math.round(255 * values[i]);
    return opaque([level, level, level]);
  });
}

/** @typedef {{width: number, height: number}} Box CSS pixels */

/** @type {WeakMap<Element, Box>} */
const boxes = new WeakMap();
/** @type {Set<() => void>} */
const listeners = new Set();
/** @param {Element} node @returns {Box} */
const measured = ({ clientWidth, clientHeight }) => ({ width: clientWidth, height: clientHeight });
const watch =
  typeof ResizeObserver === "undefined"
    ? null
    : new ResizeObserver((entries) => {
        let changed = false;
        for (const { target } of entries) {
          const was = boxes.get(target),
            box = measured(target);
          if (was?.width === box.width && was.height === box.height) continue;
          boxes.set(target, box);
          changed = true;
        }
        if (changed) for (const task of [...listeners]) task();
      });

/**
 * How large a canvas is on the page, in CSS pixels. Asked of the page it would have all of it laid out
 * anew in the middle of a frame; so it is asked once, and the page tells when that changes.
 * @param {HTMLCanvasElement} canvas
 * @returns {Box}
 */
export function boxOf(canvas) {
  const known = boxes.get(canvas);
  if (known || !watch) return known ?? measured(canvas);
  const box = measured(canvas);
  boxes.set(canvas, box);
  watch.observe(canvas);
  return box;
}

/**
 * Hear that such a canvas has another size, before that is on the screen.
 * @param {() => void} task
 * @returns {() => void} stops it
 */
export function onBoxes(task) {
  listeners.add(task);
  return () => listeners.delete(task);
}

/**
 * Size a canvas to its box in device pixels; returns a context in CSS pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {Box} [box]
 */
export function crisp(canvas, { width, height } = measured(canvas)) {
  const ratio = window.devicePixelRatio || 1;
  const w = Math.round(width * ratio),
    h = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

const NOTHING = 1e-6;

/** @param {number} value @param {number} [digits] @param {boolean} [sign] */
export function number(value, digits = 2, sign = true) {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  let text = size >= 10000 ? size.toExponential(1) : size.toFixed(size >= 100 ? 0 : digits);
  // One that is small is told by its first digit; one that is only what rounding left is none.
  if (Number(text) === 0 && size >= NOTHING) text = size.toFixed(1 - Math.ceil(Math.log10(size * 1.0000001)));
  if (Number(text) === 0) return text;
  return (value < 0 ? "−" : sign ? "+" : "") + text;
}

/**
 * A name in a small place: of one too long the middle is left out, as names of a family differ at the end.
 * @param {Pick<CanvasRenderingContext2D, "measureText">} g @param {string} name @param {number} width
 * @param {string} [after] what follows it, and is kept
 */
export function shortened(g, name, width, after = "") {
  const wide = (/** @type {string} */ text) => g.measureText(text).width;
  if (!name || wide(name + after) <= width) return name + after;
  const signs = [...name];
  let kept = Math.min(signs.length - 1, Math.ceil((signs.length * (width - wide(after))) / wide(name)));
  for (; kept > 1; kept--) {
    const head = Math.floor(kept / 2);
    const said = `${signs.slice(0, head).join("")}…${signs.slice(head - kept).join("")}${after}`;
    if (wide(said) <= width) return said;
  }
  return `…${after}`;
}

/**
 * A name in two lines at most, parted between two words where the longer line is shortest.
 * @param {Parameters<typeof shortened>[0]} g @param {string} name @param {number} width
 */
export function inLines(g, name, width) {
  const wide = (/** @type {string} */ text) => g.measureText(text).width;
  if (wide(name) <= width) return [name];
  const words = name.split(" ");
  const ways = words.slice(1).map((_, k) => [words.slice(0, k + 1).join(" "), words.slice(k + 1).join(" ")]);
  const longer = (/** @type {string[]} */ lines) => Math.max(...lines.map(wide));
  const best = ways.sort((one, other) => longer(one) - longer(other))[0] ?? [name];
  return best.map((line) => shortened(g, line, width));
}

/** A weight in few characters. @param {number} value @param {number} width of its cell */
export function brief(value, width) {
  if (!Number.isFinite(value)) return "×";
  const size = Math.abs(value);
  const text = size.toFixed(size >= 100 ? 0 : width >= 30 && size < 10 ? 2 : size >= 10 ? 0 : 1);
  return (value < 0 ? "−" : "") + text.replace(/^0\./, ".");
}

/** A change in points of a hundred. @param {number} value */
export function percentPoints(value) {
  const text = Math.abs(100 * value).toFixed(2);
  return Number(text) === 0 ? text : (value < 0 ? "−" : "+") + text;
}

/**
 * Draw shares as a strip of cells, one pixel each.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} shares @param {number} full the whole
 * @param {string} colour
 */
export function strip(canvas, shares, full, colour) {
  const g = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  g.clearRect(0, 0, canvas.width, canvas.height);
  g.fillStyle = colour;
  for (let k = 0; k < shares.length; k++) {
    g.globalAlpha = 0.08 + (0.92 * shares[k]) / full;
    g.fillRect(k, 0, 1, 1);
  }
}
