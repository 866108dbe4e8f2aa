// Has the network on show scored in the page, frame by frame.

/** @typedef {import("./bench.js").Bench} Bench */

/** @param {Bench} bench */
export function install(bench) {
  const { live } = bench;
  bench.hear("frame", () => live.follow(bench.store));
  bench.hear("close", () => live.close());
}
