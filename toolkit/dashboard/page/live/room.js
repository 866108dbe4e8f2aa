// Whether a browser has room for live scoring, and for how many digits.

/** @typedef {{Worker?: any, navigator?: any}} Around */

/** Digits of which the server makes a sample, as in studio/digitfile.py. */
const FEWER = [10_000, 2_000];
const SHARE = 1 / 16; // of a device's memory that this may take
const GIBI = 2 ** 30;
const USUAL = 8; // GiB, of a browser that does not tell

/**
 * @param {Around} around
 * @param {number} count how many digits there are
 * @param {number[]} sizes of the network, the input first
 * @returns {{reason: string, most: number}} why there is none, or how many digits at most
 */
export function room({ Worker, navigator }, count, sizes) {
  if (!Worker) return { reason: "no-worker", most: 0 };
  const { saveData = false, effectiveType = "4g" } = navigator?.connection ?? {};
  if (saveData) return { reason: "save-data", most: 0 };
  if (/2g$/.test(effectiveType)) return { reason: "slow-line", most: 0 };
  // While they are read the pixels are there twice; of each hidden neuron two numbers are kept.
  const hidden = sizes.slice(1, -1).reduce((sum, size) => sum + size, 0),
    each = 2 * sizes[0] + 16 * (hidden || sizes[1]),
    most = ((navigator?.deviceMemory ?? USUAL) * GIBI * SHARE) / each;
  const fewest = FEWER[FEWER.length - 1],
    found = [count, ...FEWER].find(
      (some) => some <= count && some <= most && (effectiveType !== "3g" || some <= fewest),
    );
  return found ? { reason: "", most: found } : { reason: "memory", most: 0 };
}
