// Bytes that travel as text.

/** @param {string} text */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** Numbers of four bytes, little-endian. @param {string} text */
export function floatsOf(text) {
  return new Float32Array(fromBase64(text).buffer);
}
