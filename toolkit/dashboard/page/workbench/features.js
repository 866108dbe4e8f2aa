// What the workbench can do beyond painting: each feature a module of its own, installed once.

/** @typedef {import("./bench.js").Bench} Bench */

/** @type {{install: (bench: Bench) => void}[]} */
export const FEATURES = [];
