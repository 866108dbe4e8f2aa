// Small pictures of digits, out of a set that is kept a pixel after another.

/** @typedef {import("./digits.js").Digits} Digits */
/** @typedef {[number: number, pixels: Uint8Array]} Picture of a digit, by its number in the whole set */

export class Pictures {
  /** @param {Digits} digits */
  constructor(digits) {
    this.digits = digits;
    /** Whose were asked for last: those who asked have them. @type {Set<number>} */
    this.known = new Set();
  }

  /** Those of these digits that were not asked for a moment ago. @param {number[]} numbers @returns {Picture[]} */
  take(numbers) {
    const { known, digits } = this;
    this.known = new Set(numbers);
    return numbers.filter((each) => !known.has(each)).map((each) => [each, pictureOf(digits, each)]);
  }
}

/** @param {Digits} digits @param {number} number */
function pictureOf({ pixels, numbers, starts, which, ink }, number) {
  const place = numbers ? numbers.indexOf(number) : number,
    picture = new Uint8Array(pixels);
  for (let p = 0; p < pixels; p++) {
    // A pixel's digits rise.
    let low = starts[p],
      high = starts[p + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (which[middle] < place) low = middle + 1;
      else high = middle;
    }
    if (low < starts[p + 1] && which[low] === place) picture[p] = ink[low];
  }
  return picture;
}
