// The digits that the last step gained, or lost, or that what is in hand would: how many, and the first.
import { SCORE_WORDS as words } from "../words/score.js";
import { element, find } from "./dom.js";
import { drawGrey } from "./draw.js";

/** @typedef {import("./bench.js").Bench} Bench */
/** @typedef {{button: HTMLButtonElement, canvas: HTMLCanvasElement, shown: string, index: number}} Place */

const MOST = 10;

export class Flips {
  /** @param {Bench} bench @param {"gained"|"lost"} side */
  constructor(bench, side) {
    this.bench = bench;
    this.side = side;
    this.title = find(bench.root, `.${side}-title`);
    /** What it says. */
    this.count = -1;
    this.open = false;
    /** The same places over and over, so that the page is not laid out anew. @type {Place[]} */
    this.places = Array.from({ length: MOST }, () => {
      const canvas = element("canvas"),
        button = element("button", { onclick: () => bench.digits.show(place.index), disabled: true }, canvas),
        place = { button, canvas, shown: "", index: -1 };
      return place;
    });
    find(bench.root, `.thumbs[data-side=${side}]`).append(...this.places.map(({ button }) => button));
  }

  /** @param {import("./reading.js").Reading} reading @param {import("./reading.js").Flips} flips */
  show(reading, { count, digits }) {
    const { store } = this.bench,
      { state } = store,
      of = `${state.digits.source} ${state.sizes[0]}`;
    const open = Boolean(reading.live && reading.open);
    if (count !== this.count || open !== this.open) this.title.textContent = words[this.side](count, open);
    this.count = count;
    this.open = open;
    this.places.forEach((place, k) => {
      const index = digits[k],
        pixels = index === undefined ? null : (reading.picture?.(index) ?? store.thumb(index));
      // One of which there is no picture yet has an empty place until there is.
      const shown = pixels ? `${index} ${of}` : "";
      if (place.shown === shown) return;
      place.shown = shown;
      place.button.disabled = !pixels;
      if (!pixels) return;
      place.index = index;
      place.button.title = `digit ${index}`;
      place.button.ariaLabel = `Show digit ${index}`;
      drawGrey(
        place.canvas,
        Float32Array.from(pixels, (level) => level / 255),
        state.grid[1],
      );
    });
  }
}
