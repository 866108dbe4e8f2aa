// What this page wants the server to work out beside the rest, as long as somebody looks at it.

/** @typedef {import("./bench.js").Bench} Bench */

export class Wants {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    /** @type {Map<string, number>} how many want each */
    this.counts = new Map();
    this.told = "";
  }

  /** @param {string} name */
  add(name) {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    this.tell();
  }

  /** @param {string} name */
  drop(name) {
    const left = (this.counts.get(name) ?? 0) - 1;
    if (left > 0) this.counts.set(name, left);
    else this.counts.delete(name);
    this.tell();
  }

  /** Nobody looks any more. */
  close() {
    this.counts.clear();
    this.tell();
  }

  tell() {
    const { post } = this.bench;
    const what = [...this.counts.keys()].sort();
    post.wants = what;
    const text = JSON.stringify(what);
    // Once for all that is added and dropped in one go.
    queueMicrotask(() => {
      if (text === this.told || text !== JSON.stringify(post.wants)) return;
      this.told = text;
      post.store?.tell({ kind: "want", what });
    });
  }
}
