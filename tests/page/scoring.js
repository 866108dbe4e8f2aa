// What tests of the page's scorer share.

/** Numbers from 0 to below 1, the same ones each time: mulberry32. */
export function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const pick = (random, from) => from[Math.floor(random() * from.length)];

/** Digits in the form in which they come from the server. */
export function digitFile(random, { count, pixels, classes }) {
  const bytes = new Uint8Array(16 + count * (pixels + 1));
  new Uint32Array(bytes.buffer, 0, 4).set([count, pixels, count, 1]);
  for (let at = 16; at < 16 + count; at++) bytes[at] = Math.floor(classes * random());
  for (let at = 16 + count; at < bytes.length; at++) bytes[at] = random() < 0.5 ? 0 : 256 * random();
  return bytes;
}

/** What a generator returns in the end. */
export function finish(steps) {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Rows of a layer as a change tells of them; all of them where none are named. */
export function whole({ weights, biases, in: inputs, out }, rows = Array.from({ length: out }, (_, j) => j)) {
  const told = new Float32Array(rows.length * inputs);
  for (const [at, row] of rows.entries())
    told.set(weights.subarray(row * inputs, (row + 1) * inputs), at * inputs);
  return { rows, weights: told, biases: Float32Array.from(rows, (row) => biases[row]) };
}
