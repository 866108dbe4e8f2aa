// The forward pass, in the browser. Layers are {weights, biases, out, in}: one Float32Array of
// (out, in) row-major and one of (out). Sums run in double precision and are stored as float32.

export function unpack(bytes, sizes) {
  // Copied first: a Float32Array must start at a multiple of four bytes.
  const values = new Float32Array(bytes.slice().buffer);
  const layers = [];
  let at = 0;
  for (let k = 1; k < sizes.length; k++) {
    const inputs = sizes[k - 1], out = sizes[k];
    layers.push({
      out, in: inputs,
      weights: values.slice(at, at + out * inputs),
      biases: values.slice(at + out * inputs, at + out * inputs + out),
    });
    at += out * inputs + out;
  }
  return layers;
}

export function pack(layers) {
  const count = layers.reduce((sum, l) => sum + l.weights.length + l.biases.length, 0);
  const values = new Float32Array(count);
  let at = 0;
  for (const { weights, biases } of layers) {
    values.set(weights, at);
    values.set(biases, at + weights.length);
    at += weights.length + biases.length;
  }
  return new Uint8Array(values.buffer);
}

export function copyLayers(layers) {
  return layers.map((l) => ({ ...l, weights: l.weights.slice(), biases: l.biases.slice() }));
}

const elementwise = {
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
  relu: (z) => (z > 0 || Number.isNaN(z) ? z : 0),
  tanh: Math.tanh,
  identity: (z) => z,
};

export function activate(name, z) {
  const a = new Float32Array(z.length);
  if (name !== "softmax") {
    const f = elementwise[name];
    for (let j = 0; j < z.length; j++) a[j] = f(z[j]);
    return a;
  }
  let top = -Infinity, sum = 0;
  for (const value of z) top = value > top || Number.isNaN(value) ? value : top;
  for (const value of z) sum += Math.exp(value - top);
  for (let j = 0; j < z.length; j++) a[j] = Math.exp(z[j] - top) / sum;
  return a;
}

export function forward(layers, activations, input) {
  let a = input;
  const trace = { z: [], a: [] };
  layers.forEach((layer, k) => {
    const z = new Float32Array(layer.out);
    for (let j = 0; j < layer.out; j++) {
      let sum = layer.biases[j];
      const row = j * layer.in;
      for (let i = 0; i < layer.in; i++) sum += layer.weights[row + i] * a[i];
      z[j] = sum;
    }
    a = activate(activations[k], z);
    trace.z.push(z);
    trace.a.push(a);
  });
  return trace;
}

// The winner is read from the pre-activations, as in Python: outputs that saturate stay apart.
export function winner(trace) {
  const z = trace.z[trace.z.length - 1];
  let best = 0;
  for (let j = 1; j < z.length; j++) if (z[j] > z[best]) best = j;
  return best;
}

// W2·W1, W3·W2·W1, ...: what each later neuron would look for if every activation were linear.
export function composedMaps(layers) {
  const maps = [layers[0].weights];
  for (let k = 1; k < layers.length; k++) {
    const { weights, out, in: inputs } = layers[k], below = maps[k - 1];
    const pixels = layers[0].in, result = new Float32Array(out * pixels);
    for (let j = 0; j < out; j++) {
      for (let i = 0; i < inputs; i++) {
        const w = weights[j * inputs + i];
        if (w === 0) continue;
        for (let p = 0; p < pixels; p++) result[j * pixels + p] += w * below[i * pixels + p];
      }
    }
    maps.push(result);
  }
  return maps;
}
