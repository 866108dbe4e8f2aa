// Files that belong together, such as a model and the numbers beside it, travel as one zip archive.

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});
const UTF8 = 0x800;
const MIDNIGHT_1980 = 0x21 << 16; // the earliest that an archive can say

/** The checksum of ZIP and PNG. @param {Uint8Array} bytes */
export function crc32(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = TABLE[(rest ^ byte) & 0xff] ^ (rest >>> 8);
  return ~rest >>> 0;
}

/** Little-endian numbers, by how many bytes each takes. @param {[number, 2|4][]} parts */
function packed(parts) {
  const bytes = new Uint8Array(parts.reduce((sum, [, width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [value, width] of parts) {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += width;
  }
  return bytes;
}

/**
 * @param {[name: string, bytes: Uint8Array<ArrayBuffer>][]} files
 * @returns {Uint8Array<ArrayBuffer>[]} the archive's parts, nothing in it packed
 */
export function zip(files) {
  const parts = /** @type {Uint8Array<ArrayBuffer>[]} */ ([]),
    directory = /** @type {Uint8Array<ArrayBuffer>[]} */ ([]);
  let at = 0;
  for (const [name, bytes] of files) {
    const path = new TextEncoder().encode(name);
    /** @type {[number, 2|4][]} */
    const shared = [
      [20, 2], // the version that reads it
      [UTF8, 2],
      [0, 2], // as it is
      [MIDNIGHT_1980, 4],
      [crc32(bytes), 4],
      [bytes.length, 4],
      [bytes.length, 4],
      [path.length, 2],
      [0, 2],
    ];
    /** @type {[number, 2|4][]} */
    const rest = [
      [0, 2],
      [0, 2],
      [0, 2],
      [0, 4],
      [at, 4],
    ];
    directory.push(packed([[0x02014b50, 4], [20, 2], ...shared, ...rest]), path);
    const header = packed([[0x04034b50, 4], ...shared]);
    parts.push(header, path, bytes);
    at += header.length + path.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = packed([
    [0x06054b50, 4],
    [0, 4],
    [files.length, 2],
    [files.length, 2],
    [size, 4],
    [at, 4],
    [0, 2],
  ]);
  return [...parts, ...directory, end];
}

/**
 * One file of those chosen or dropped together: itself if it is alone, else an archive under the name
 * of the one that the others stand beside.
 * @param {ArrayLike<File>|null|undefined} chosen
 * @returns {Promise<File|null>}
 */
export async function together(chosen) {
  const files = Array.from(chosen ?? []);
  if (files.length < 2) return files[0] ?? null;
  const first = files.find(({ name }) => /\.onnx$/i.test(name)) ?? files[0];
  const read = files.map(
    async (file) =>
      /** @type {[string, Uint8Array<ArrayBuffer>]} */ ([
        file.name,
        new Uint8Array(await file.arrayBuffer()),
      ]),
  );
  return new File(zip(await Promise.all(read)), first.name);
}
