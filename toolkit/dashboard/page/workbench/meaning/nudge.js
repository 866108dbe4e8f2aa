// A number that is changed little by little, by wheel or drag: shown at once, one step once it rests.

/** @typedef {import("../bench.js").Bench} Bench */
/** @typedef {import("../../core/types.js").Edit} Edit */

const RESTS = 500; // ms

export class Nudge {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    /** @type {Edit|null} */
    this.shown = null;
    /** @type {any} */
    this.timer = 0;
    // Whatever is done next comes after it.
    for (const kind of ["pointerdown", "keydown"]) bench.listen(window, kind, () => this.keep(), true);
    bench.hear("close", () => this.keep());
  }

  /** Show an edit in place of the one before. @param {Edit} edit @param {boolean} [rests] whether it is kept soon */
  show(edit, rests = true) {
    this.shown = edit;
    this.bench.store.show(edit);
    this.bench.dirty();
    clearTimeout(this.timer);
    if (rests) this.timer = setTimeout(() => this.keep(), RESTS);
  }

  keep() {
    clearTimeout(this.timer);
    const { shown } = this,
      { store } = this.bench;
    this.shown = null;
    if (!shown || store?.preview !== shown) return;
    store.keepShown();
    this.bench.dirty();
  }

  drop() {
    clearTimeout(this.timer);
    if (this.shown && this.bench.store.preview === this.shown) this.bench.store.show(null);
    this.shown = null;
    this.bench.dirty();
  }
}
