// Whether a browser has room for live scoring, and for how many digits.

/** @typedef {{Worker?: any, navigator?: any}} Around */

const FEWEST = 2_000; // digits that the server makes a sample of, as in studio/digitfile.py
const SOME = 10_000;

/**
 * @param {Around} around @param {number} count how many digits there are
 * @returns {{reason: string, most: number}} why there is none, or how many digits at most
 */
export function room({ Worker, navigator }, count) {
  if (!Worker) return { reason: "no-worker", most: 0 };
  const { saveData = false, effectiveType = "4g" } = navigator?.connection ?? {};
  if (saveData) return { reason: "save-data", most: 0 };
  if (/2g$/.test(effectiveType)) return { reason: "slow-line", most: 0 };
  // In GiB, as far as a browser tells; those that do not are taken to have enough.
  const memory = navigator?.deviceMemory ?? 8;
  if (memory <= 0.5) return { reason: "memory", most: 0 };
  if (memory <= 1 || effectiveType === "3g") return { reason: "", most: FEWEST };
  return { reason: "", most: memory <= 4 ? SOME : count };
}
