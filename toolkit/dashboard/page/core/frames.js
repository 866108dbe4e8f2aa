// Frames between page and server: the length of a JSON text (uint32, little-endian), that text, then
// blocks of bytes as its `blocks` lists them.

/** @typedef {import("./types.js").Listed} Listed */
/** @typedef {import("./types.js").Patch} Patch */

// More than the server counts before it begins anew.
const MOST_THUMBS = 4096;

/**
 * @param {object | string} head plain data, or its JSON text
 * @param {Uint8Array[]} [blocks]
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encode(head, blocks = []) {
  const text = new TextEncoder().encode(typeof head === "string" ? head : JSON.stringify(head));
  const frame = new Uint8Array(blocks.reduce((sum, block) => sum + block.length, 4 + text.length));
  new DataView(frame.buffer).setUint32(0, text.length, true);
  frame.set(text, 4);
  let at = 4 + text.length;
  for (const block of blocks) {
    frame.set(block, at);
    at += block.length;
  }
  return frame;
}

/**
 * @param {ArrayBuffer | Uint8Array} frame
 * @returns {{head: any, body: Uint8Array}}
 */
export function decode(frame) {
  const bytes = frame instanceof Uint8Array ? frame : new Uint8Array(frame);
  if (bytes.length < 4)
    throw new RangeError(`frame: expected four bytes and a text; got ${bytes.length} bytes`);
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (end > bytes.length) throw new RangeError(`frame: expected ${end} bytes or more; got ${bytes.length}`);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, end)));
  if (typeof head !== "object" || !head) throw new TypeError(`frame: expected a JSON object; got ${head}`);
  return { head, body: bytes.subarray(end) };
}

/**
 * A layer's bytes with some rows replaced: their weights, then their biases.
 * @param {Uint8Array} from
 * @param {Uint8Array} part
 * @param {number[]} rows
 * @param {Uint8Array} [result] the bytes to write to, which are those of `from` but for these rows
 */
export function lay(from, part, rows, result = from.slice()) {
  if (!rows.length) return result;
  const width = part.length / rows.length - 4;
  const out = from.length / (width + 4);
  if (!Number.isInteger(width) || width < 4 || !Number.isInteger(out)) {
    throw new RangeError(
      `patch: ${part.length} bytes for ${rows.length} rows do not fit ${from.length} bytes`,
    );
  }
  const bad = rows.find((row) => !(row >= 0 && row < out));
  if (bad !== undefined) throw new RangeError(`patch: expected a row from 0 to ${out - 1}; got ${bad}`);
  rows.forEach((row, k) => {
    result.set(part.subarray(k * width, (k + 1) * width), row * width);
    const at = rows.length * width + 4 * k;
    result.set(part.subarray(at, at + 4), out * width + 4 * row);
  });
  return result;
}

/** @typedef {{hash: string, bytes: Uint8Array, patch?: Patch}} Block */

/** Blocks by their hash: those of the last answer, and small pictures. */
export class BlockCache {
  constructor() {
    /** @type {Map<string, Uint8Array>} */
    this.held = new Map();
    /** @type {Map<string, Uint8Array>} */
    this.thumbs = new Map();
  }

  clear() {
    this.held = new Map();
    this.thumbs = new Map();
  }

  /**
   * An answer's blocks by name; null if one is missing here: then the server must be asked again. A
   * layer of which some rows came is laid into the bytes that were held, unless these are wanted too.
   * @param {Listed[]} listing
   * @param {Uint8Array} body
   * @returns {Map<string, Block> | null}
   */
  take(listing, body) {
    const wanted = this.#wanted(listing, body);
    /** @type {Map<string, Block>} */
    const found = new Map();
    /** @type {Map<string, Uint8Array>} */
    const now = new Map();
    let at = 0;
    let complete = true;
    for (const [name, hash, size, patch] of listing) {
      const part = size === null ? null : body.subarray(at, at + size);
      const bytes = this.#bytes(hash, part, patch, now, wanted);
      if (size !== null && at + size > body.length) complete = false;
      at += size ?? 0;
      if (!bytes) {
        complete = false;
        continue;
      }
      found.set(name, patch ? { hash, bytes, patch } : { hash, bytes });
      now.set(hash, bytes);
      if (name.startsWith("thumb/")) this.#keepThumb(hash, bytes);
    }
    // What is missing may still come as a patch of what was held.
    this.held = complete ? now : new Map([...this.held, ...now]);
    return complete ? found : null;
  }

  /**
   * How often each block is needed for an answer; null if something is missing for it.
   * @param {Listed[]} listing
   * @param {Uint8Array} body
   * @returns {Map<string, number> | null}
   */
  #wanted(listing, body) {
    /** @type {Map<string, number>} */
    const wanted = new Map();
    const here = new Set([...this.held.keys(), ...this.thumbs.keys()]);
    let size = 0;
    for (const [, hash, length, patch] of listing) {
      if ((length === null && !here.has(hash)) || (patch && !here.has(patch.from))) return null;
      for (const each of patch ? [hash, patch.from] : [hash]) wanted.set(each, (wanted.get(each) ?? 0) + 1);
      here.add(hash);
      size += length ?? 0;
    }
    return size > body.length ? null : wanted;
  }

  /**
   * @param {string} hash
   * @param {Uint8Array | null} part
   * @param {Patch | undefined} patch
   * @param {Map<string, Uint8Array>} now
   * @param {Map<string, number> | null} wanted
   */
  #bytes(hash, part, patch, now, wanted) {
    if (!part) return now.get(hash) ?? this.held.get(hash) ?? this.thumbs.get(hash);
    if (!patch) return part.slice();
    const from = this.held.get(patch.from) ?? now.get(patch.from);
    try {
      return from && lay(from, part, patch.rows, wanted?.get(patch.from) === 1 ? from : from.slice());
    } catch {
      return undefined;
    }
  }

  /**
   * @param {string} hash
   * @param {Uint8Array} bytes
   */
  #keepThumb(hash, bytes) {
    this.thumbs.delete(hash);
    this.thumbs.set(hash, bytes);
    for (const oldest of this.thumbs.keys()) {
      if (this.thumbs.size <= MOST_THUMBS) break;
      this.thumbs.delete(oldest);
    }
  }
}
