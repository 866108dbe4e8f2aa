// How well the network on show reads the digits: one record, drawn by the same code whether Python has
// told it or this page has counted it while something is still in hand.

import { isInHand, isOpen } from "../core/hand.js";
import { SCORE_WORDS } from "../words/score.js";

/** @typedef {import("./bench.js").Bench} Bench */
/** @typedef {import("../core/types.js").State["sums"]} Sums */
/** @typedef {{count: number, digits: number[]}} Flips how many digits, and the first of them */

/**
 * Shares are null where there is nothing to count.
 * @typedef {object} Reading
 * @property {boolean} live whether this page has counted it; else it is Python's
 * @property {string} unscored why there is no accuracy, in words; empty where there is one
 * @property {number|null} accuracy
 * @property {number} correct
 * @property {number} images
 * @property {number|null} last what the last step changed, or what is in hand changes
 * @property {number|null} start what was changed since the network was loaded
 * @property {string} [note] stands in the place of that
 * @property {(number|null)[]} per_digit
 * @property {(number|null)[]} per_digit_start as the network was loaded
 * @property {Flips} gained by the last step, or by what is in hand
 * @property {Flips} lost
 * @property {boolean} [open] whether that goes on: the hand has not let go
 * @property {number} [of] how many digits the whole set has, where those counted are a sample
 * @property {number[][]} [confusion] a row for each class
 * @property {Sums|null} [sums] of the neuron selected
 * @property {number[]} [per_class] how many digits of each class were counted
 * @property {ArrayLike<number>[]|null} [fires] by layer, on how many digits of each class each neuron fires: a row of
 *   classes for each
 * @property {(index: number) => ArrayLike<number>|null} [picture] of a digit gained or lost, 0 to 255
 */

/**
 * What is counted here of what is in hand. Where that is on a sample, what it changes there is added to
 * what Python has told of all.
 * @param {import("../live/live.js").Result} result
 * @param {Reading} settled
 * @param {{base: import("../live/live.js").Result|null, pictures: Map<number, Uint8Array>}} known what was counted
 *   of the network that the server has, and pictures of the digits gained and lost
 * @param {import("../core/store.js").Store} store
 * @returns {Reading}
 */
export function liveReading(result, settled, { base, pictures }, store) {
  const { correct, images, outputs, gained, lost, ridges, fires } = result;
  const confusion = rowsOf(result.confusion, outputs),
    per_class = confusion.map((row) => row.reduce((sum, each) => sum + each, 0)),
    sampled = images !== settled.images,
    before = sampled && base ? rowsOf(base.confusion, outputs) : null;
  const known = settled.accuracy ?? Number.NaN,
    start = known - (settled.start ?? 0);
  const accuracy = sampled ? known + ((gained?.count ?? 0) - (lost?.count ?? 0)) / images : correct / images;
  const none = { count: 0, digits: [] };
  return {
    live: true,
    // Of several steps at once it is not the last that is told of.
    open: isOpen(store) || store.outbox.waiting > 1,
    unscored: settled.unscored,
    accuracy,
    correct,
    images,
    last: accuracy - known,
    start: accuracy - start,
    per_digit: per_class.map((of, label) => {
      if (!of) return null;
      if (!before) return confusion[label][label] / of;
      return (settled.per_digit[label] ?? 0) + (confusion[label][label] - before[label][label]) / of;
    }),
    per_digit_start: settled.per_digit_start,
    gained: gained ?? none,
    lost: lost ?? none,
    confusion,
    per_class,
    sums: ridges,
    fires,
    picture: (index) => pictures.get(index) ?? null,
  };
}

/** @param {Uint32Array} counts @param {number} outputs @returns {number[][]} */
const rowsOf = (counts, outputs) =>
  Array.from({ length: counts.length / outputs }, (_, label) => [
    ...counts.subarray(label * outputs, (label + 1) * outputs),
  ]);

export class Readings {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    /** @type {Reading|null} what Python has told last */
    this.settled = null;
    /** The revision that this is of. */
    this.revision = -1;
    /** @type {Reading|null} Python's accuracy, where that comes before its answer */
    this.ahead = null;
    /** @type {Reading|null} what this page has counted of what is in hand */
    this.live = null;
    /** @type {Reading|null} what Python has told of a threshold that is dragged */
    this.tried = null;
    /** @type {{of: Reading|null, reading: Reading|null}} */
    this.loaded = { of: null, reading: null };
    /** @type {{score: Reading|null, rest: Reading|null}} what is on the page */
    this.shown = { score: null, rest: null };
  }

  /** An answer. @param {any} state */
  take({ score, revision }) {
    this.settled = { live: false, ...score };
    this.revision = revision;
    this.ahead = this.tried = null;
  }

  /** The accuracy, which comes before the rest of its answer. @param {any} score @param {number} revision */
  takeScore(score, revision) {
    const { store } = this.bench;
    // Of more than one step in hand it is not the last that it tells of.
    if (!this.settled || isOpen(store) || store.outbox.waiting > 1) return;
    this.ahead = { ...(this.live ?? this.settled), ...score, live: false, open: false };
    this.revision = revision;
    this.tried = null;
  }

  /** What is to be shown. @returns {Reading|null} */
  get now() {
    const { settled, live, tried, bench } = this;
    if (bench.original && settled && !settled.unscored) return this.#asLoaded(settled);
    if (isOpen(bench.store)) return live ?? tried ?? settled;
    return this.ahead ?? (isInHand(bench.store) ? live : null) ?? tried ?? settled;
  }

  /** The accuracy, if it is another than the page shows. */
  showScore() {
    const { now, shown } = this;
    if (!now || now === shown.score) return;
    shown.score = now;
    this.bench.bar.showScore(now, this.revision);
  }

  /** All that goes with it. */
  showRest() {
    const { now, shown, bench } = this;
    if (!now || now === shown.rest) return;
    shown.rest = now;
    bench.digits.showReading(now);
    bench.bell.ring("reading", now);
  }

  /** @param {Reading} settled @returns {Reading} */
  #asLoaded(settled) {
    let { reading } = this.loaded;
    if (this.loaded.of !== settled || !reading) {
      const accuracy = (settled.accuracy ?? 0) - (settled.start ?? 0),
        none = { count: 0, digits: [] };
      reading = {
        ...settled,
        accuracy,
        correct: Math.round(accuracy * settled.images),
        last: null,
        start: 0,
        note: SCORE_WORDS.loaded,
        per_digit: settled.per_digit_start,
        gained: none,
        lost: none,
      };
      this.loaded = { of: settled, reading };
    }
    return reading;
  }
}
