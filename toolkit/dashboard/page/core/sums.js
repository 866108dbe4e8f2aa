// The weighted sums of a neuron over the digits, as they come.

/**
 * How many digits fall into each bin.
 * @param {Uint8Array} bytes
 * @param {{bins: number, wide: boolean}} sums
 * @returns {number[][]} by class
 */
export function countsOf(bytes, { bins, wide }) {
  const size = wide ? 4 : 2;
  if (bytes.length !== 10 * bins * size)
    throw new Error(`counts: expected ${10 * bins * size} bytes; got ${bytes.length}`);
  const { buffer } = bytes.slice();
  const all = wide ? new Uint32Array(buffer) : new Uint16Array(buffer);
  return Array.from({ length: 10 }, (_, k) => [...all.subarray(k * bins, (k + 1) * bins)]);
}
