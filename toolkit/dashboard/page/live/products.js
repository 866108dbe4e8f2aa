// Sums of products, in whatever order is quick.

/**
 * A sum of products; four at a time, since each addition waits for the one before.
 * @param {Float32Array} w @param {number} at @param {Float64Array} a @param {number} start @param {number} many
 */
export function dot(w, at, a, start, many) {
  let one = 0,
    two = 0,
    three = 0,
    four = 0,
    i = 0;
  for (const end = many - 3; i < end; i += 4) {
    one += w[at + i] * a[start + i];
    two += w[at + i + 1] * a[start + i + 1];
    three += w[at + i + 2] * a[start + i + 2];
    four += w[at + i + 3] * a[start + i + 3];
  }
  for (; i < many; i++) one += w[at + i] * a[start + i];
  return one + two + (three + four);
}

/**
 * All neurons of a layer; four at a time, since what comes in is then read once for them.
 * @param {Float32Array} w a row for each neuron @param {Float32Array} biases
 * @param {Float64Array} a @param {number} start of what comes in
 * @param {Float64Array} z @param {number} at where their pre-activations are put
 */
export function multiply(w, biases, a, start, z, at) {
  const out = biases.length,
    inputs = w.length / out;
  let j = 0;
  for (; j < out - 3; j += 4) {
    let one = biases[j],
      two = biases[j + 1],
      three = biases[j + 2],
      four = biases[j + 3];
    for (let i = 0, row = j * inputs; i < inputs; i++, row++) {
      const own = a[start + i];
      one += w[row] * own;
      two += w[row + inputs] * own;
      three += w[row + 2 * inputs] * own;
      four += w[row + 3 * inputs] * own;
    }
    z[at + j] = one;
    z[at + j + 1] = two;
    z[at + j + 2] = three;
    z[at + j + 3] = four;
  }
  for (; j < out; j++) z[at + j] = dot(w, j * inputs, a, start, inputs) + biases[j];
}
