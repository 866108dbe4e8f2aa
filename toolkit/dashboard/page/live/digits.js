// A digit set as the scorer wants it, from the file that the server sends (studio/digitfile.py).

/**
 * For each pixel the digits that light it, one pixel after another: those of pixel p are at
 * starts[p] to below starts[p + 1].  Four in five pixels of a digit are dark, and cost nothing.
 * @typedef {object} Digits
 * @property {number} count
 * @property {number} of how many the whole set has
 * @property {number} pixels of each
 * @property {Uint8Array} labels
 * @property {Uint32Array | null} numbers of the digits in the whole set; null where these are all
 * @property {Uint32Array} starts
 * @property {Uint16Array | Uint32Array} which
 * @property {Uint8Array} ink
 * @property {Uint8Array} brightest each pixel's largest value
 */

const HEAD = 16; // bytes
const LAYOUT = 1;
const AT_ONCE = 2000; // digits

/**
 * @param {Uint8Array} bytes
 * @returns {Generator<number, Digits>} how much of it is done
 */
export function* readDigits(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [count, pixels, of, layout] = [0, 4, 8, 12].map((at) => view.getUint32(at, true));
  const own = count < of ? 4 * count : 0;
  const size = HEAD + own + count * (pixels + 1);
  if (layout !== LAYOUT || bytes.length !== size)
    throw new Error(`digits: expected ${size} bytes in layout ${LAYOUT}; got ${bytes.length}`);
  const numbers = own ? new Uint32Array(bytes.slice(HEAD, HEAD + own).buffer) : null;
  const labels = bytes.slice(HEAD + own, HEAD + own + count);
  const rows = bytes.subarray(HEAD + own + count);
  const starts = new Uint32Array(pixels + 1),
    brightest = new Uint8Array(pixels);
  for (let from = 0; from < count; from += AT_ONCE) {
    countInk(rows, pixels, from, Math.min(count, from + AT_ONCE), starts, brightest);
    yield from / count / 2;
  }
  for (let p = 0; p < pixels; p++) starts[p + 1] += starts[p];
  const lit = starts[pixels];
  const which = count <= 1 << 16 ? new Uint16Array(lit) : new Uint32Array(lit);
  const ink = new Uint8Array(lit);
  const next = starts.slice(0, pixels);
  for (let from = 0; from < count; from += AT_ONCE) {
    placeInk(rows, pixels, from, Math.min(count, from + AT_ONCE), next, which, ink);
    yield 0.5 + from / count / 2;
  }
  return { count, of, pixels, labels, numbers, starts, which, ink, brightest };
}

/**
 * @param {Uint8Array} rows @param {number} pixels @param {number} from @param {number} to
 * @param {Uint32Array} starts @param {Uint8Array} brightest
 */
function countInk(rows, pixels, from, to, starts, brightest) {
  for (let d = from, at = from * pixels; d < to; d++) {
    for (let p = 0; p < pixels; p++, at++) {
      const level = rows[at];
      if (level === 0) continue;
      starts[p + 1]++;
      if (level > brightest[p]) brightest[p] = level;
    }
  }
}

/**
 * @param {Uint8Array} rows @param {number} pixels @param {number} from @param {number} to
 * @param {Uint32Array} next @param {Uint16Array | Uint32Array} which @param {Uint8Array} ink
 */
function placeInk(rows, pixels, from, to, next, which, ink) {
  for (let d = from, at = from * pixels; d < to; d++) {
    for (let p = 0; p < pixels; p++, at++) {
      const level = rows[at];
      if (level === 0) continue;
      const k = next[p]++;
      which[k] = d;
      ink[k] = level;
    }
  }
}
