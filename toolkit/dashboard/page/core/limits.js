// How bright a map is drawn: its largest weight is the brightest.

/** The largest finite weight, sign aside. @param {ArrayLike<number>} values */
export function limitOf(values) {
  let limit = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]);
    if (size > limit && size !== Infinity) limit = size;
  }
  return limit;
}
