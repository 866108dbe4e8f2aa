// The weighted sums of a neuron over the digits, as they come.

/**
 * How many digits fall into each bin.
 * @param {Uint8Array} bytes
 * @param {{bins: number, wide: boolean}} sums
 * @returns {number[][]} by class
 */
export function countsOf(bytes, { bins, wide }) {
  const size = wide ? 4 : 2;
  const classes = bytes.length / (bins * size);
  if (!classes || !Number.isInteger(classes))
    throw new Error(`counts: expected ${bins * size} bytes a class; got ${bytes.length} in all`);
  const { buffer } = bytes.slice();
  const all = wide ? new Uint32Array(buffer) : new Uint16Array(buffer);
  return Array.from({ length: classes }, (_, k) => [...all.subarray(k * bins, (k + 1) * bins)]);
}

/**
 * On which share of the digits a neuron fires, where weighted sum and bias are above 0. It is exact
 * for the bias that was asked about; for any other it is made out from the bins.
 * @param {import("./types.js").State["sums"]} sums
 * @param {number} bias
 * @returns {{by: (number|null)[], all: number}} by class, null where it has no digit; and of all
 */
export function firing(sums, bias) {
  const { of, fired } = sums;
  const told = sums.bias === (Number.isFinite(bias) ? bias : null);
  const found = told ? fired : of.map((_, digit) => Math.min(of[digit], fromBins(sums, digit, bias)));
  const total = of.reduce((sum, each) => sum + each, 0);
  return {
    by: found.map((count, digit) => (of[digit] ? count / of[digit] : null)),
    all: total ? found.reduce((sum, each) => sum + each, 0) / total : 0,
  };
}

/**
 * @param {import("./types.js").State["sums"]} sums
 * @param {number} digit
 * @param {number} bias
 */
function fromBins({ low, high, bins, counts, zeros }, digit, bias) {
  const step = (high - low) / bins,
    // What is 0 is all of it on one side of the threshold: on it, it does not fire.
    ofZero = Math.min(bins - 1, Math.floor(-low / step + 1e-9));
  let over = bias > 0 ? zeros[digit] : 0;
  for (let k = 0; k < bins; k++) {
    const count = counts[digit][k] - (k === ofZero ? zeros[digit] : 0);
    over += Math.max(0, count) * Math.max(0, Math.min(1, (low + (k + 1) * step + bias) / step));
  }
  return over;
}
