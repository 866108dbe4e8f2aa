// The epochs of a training as they can be gone through: which is shown, playing, and the maps as they come.

/** @typedef {import("../looking/page.js").Looking} Looking */

const FRAME_MS = 140;

export class Film {
  /** @param {Looking} looking @param {() => void} show called when another epoch is shown, or more came */
  constructor(looking, show) {
    this.looking = looking;
    this.show = show;
    this.run = "";
    /** @type {number[]} the epochs kept */
    this.epochs = [];
    /** @type {Uint8Array[]} maps of each, as far as they came */
    this.maps = [];
    /** @type {number[]} the weight that the highest level is, of each */
    this.tops = [];
    this.at = 0;
    /** @type {any} */
    this.timer = null;
  }

  /** @param {any} told how a training is that is over */
  load(told) {
    if (told.run === this.run) return;
    this.pause();
    this.run = told.run;
    this.epochs = told.epochs;
    this.maps = [];
    this.tops = [];
    this.size = told.size * told.grid[0] * told.grid[1];
    this.at = this.epochs.length - 1;
    this.#fetch();
  }

  clear() {
    this.pause();
    Object.assign(this, { run: "", epochs: [], maps: [], tops: [], at: 0 });
  }

  get epoch() {
    return this.epochs[this.at] ?? 0;
  }

  get playing() {
    return this.timer !== null;
  }

  #fetch() {
    const { run } = this,
      first = this.maps.length;
    if (!run || first >= this.epochs.length) return;
    this.looking.ask("maps", { what: "learning", do: "maps", first }, ({ head, body }) => {
      if (head.run !== this.run || head.first !== this.maps.length) return;
      const size = this.size ?? 0;
      for (let k = 0; k < head.count; k++) this.maps.push(body.slice(k * size, (k + 1) * size));
      this.tops.push(...head.tops);
      this.show();
      this.#fetch();
    });
  }

  /** Asked again where the line broke. */
  resume() {
    this.#fetch();
  }

  /** @param {number} at */
  go(at) {
    const to = Math.max(0, Math.min(this.epochs.length - 1, at));
    if (to === this.at) return;
    this.at = to;
    this.show();
  }

  /** The epoch kept that is nearest. @param {number} epoch */
  goTo(epoch) {
    let best = 0;
    this.epochs.forEach((each, k) => {
      if (Math.abs(each - epoch) < Math.abs(this.epochs[best] - epoch)) best = k;
    });
    this.pause();
    this.go(best);
  }

  play() {
    if (this.playing || this.epochs.length < 2) return;
    if (this.at === this.epochs.length - 1) this.at = 0;
    this.timer = setInterval(() => {
      if (this.at >= this.epochs.length - 1) this.pause();
      else this.go(this.at + 1);
    }, FRAME_MS);
    this.show();
  }

  pause() {
    if (this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
    this.show();
  }
}
