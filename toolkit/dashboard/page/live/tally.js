// Which digits are read as what, and what is counted of that.

/** @typedef {import("./digits.js").Digits} Digits */
/** @typedef {{count: number, digits: number[]}} Side how many, and the first of them by their number in the set */

const FIRST = 10;
const NOBODY = 0xffff;

export class Tally {
  /** @param {Digits} digits @param {number} outputs @param {number} classes */
  constructor({ count, labels, numbers }, outputs, classes) {
    this.labels = labels;
    this.numbers = numbers;
    this.outputs = outputs;
    this.winners = new Uint16Array(count).fill(NOBODY);
    /** Counts, a row of outputs for each class. */
    this.confusion = new Uint32Array(classes * outputs);
    this.correct = 0;
    this.right = new Uint8Array(count);
    /** Which were read right by the network that changes are counted from; null where it is not known. @type {Uint8Array | null} */
    this.base = null;
  }

  /** @param {number} d @param {number} winner */
  set(d, winner) {
    const was = this.winners[d];
    if (was === winner) return;
    const label = this.labels[d],
      row = label * this.outputs;
    if (was !== NOBODY) this.confusion[row + was]--;
    this.confusion[row + winner]++;
    this.winners[d] = winner;
    const right = winner === label ? 1 : 0;
    this.correct += right - this.right[d];
    this.right[d] = right;
  }

  /** From now on changes are counted from what is so now. @param {boolean} known whether that is known */
  settle(known = true) {
    this.base = known ? this.right.slice() : null;
  }

  /** @returns {{gained: Side | null, lost: Side | null}} since then */
  flips() {
    const { right, base, numbers } = this,
      gained = { count: 0, digits: /** @type {number[]} */ ([]) },
      lost = { count: 0, digits: /** @type {number[]} */ ([]) };
    if (!base) return { gained: null, lost: null };
    for (let d = 0; d < right.length; d++) {
      if (right[d] === base[d]) continue;
      const side = right[d] ? gained : lost;
      if (side.count++ < FIRST) side.digits.push(numbers ? numbers[d] : d);
    }
    return { gained, lost };
  }
}
