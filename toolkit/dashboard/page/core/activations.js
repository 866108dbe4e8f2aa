// Activation functions and their derivatives. The same arithmetic as toolkit/activations/.

/** @type {Record<string, (z: number) => number>} */
const elementwise = {
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
  relu: (z) => (z > 0 || Number.isNaN(z) ? z : 0),
  tanh: Math.tanh,
  identity: (z) => z,
  gelu: (z) => gated(z, 40, upperTail),
  gelu_tanh: (z) => gated(z, 22, (x) => falling(tanhForm(x))),
  silu: (z) => gated(z, 800, falling),
  softplus: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
  hard_sigmoid: (z) => Math.min(Math.max(z / 6 + 0.5, 0), 1),
};

/** With the parameter that stands in brackets. @type {Record<string, (z: number, by: number) => number>} */
const withParameter = {
  leaky_relu: (z, slope) => (z > 0 ? z : slope * z),
  elu: (z, alpha) => (z > 0 ? z : alpha * Math.expm1(z)),
};

/** What is meant where no parameter stands in brackets. @type {Record<string, number>} */
const USUAL = { leaky_relu: 0.01, elu: 1 };

/** Of the upper tail of the normal distribution, exp(-x²/2) t P(t) with t = 1 / (1 + c x), by its constant term first. */
export const TAIL = [
  0.08776770847767398, 0.08775218982203195, 0.08375811952661409, 0.07290445740827711, 0.07465364414574138,
  0.005497895575327996, 0.13792038648357752, -0.1513634066576372, 0.18511118305167512, -0.10444182300335796,
  0.020439643744205743,
];
export const TAIL_SCALE = 0.22;
export const TANH_FORM = 2 * Math.sqrt(2 / Math.PI);
export const CUBIC = 0.044715;
const DENSITY = 1 / Math.sqrt(2 * Math.PI);

/** How much of the normal distribution lies above. @param {number} x from 0 */
function upperTail(x) {
  const t = 1 / (1 + TAIL_SCALE * x);
  let series = 0;
  for (let k = TAIL.length - 1; k >= 0; k--) series = series * t + TAIL[k];
  return series * t * Math.exp(-0.5 * x * x);
}

/** The sigmoid of -x. @param {number} x from 0 */
const falling = (x) => 1 / (1 + Math.exp(x));

/** @param {number} x */
const tanhForm = (x) => TANH_FORM * (x + CUBIC * x * x * x);

/**
 * z times a share g(z) with g(-z) = 1 - g(z): what ReLU gives less |z| g(-|z|), so that infinity has
 * its limit.
 * @param {number} z
 * @param {number} most from which on the share is 0
 * @param {(x: number) => number} share of -x
 */
function gated(z, most, share) {
  const x = Math.min(Math.abs(z), most);
  return Math.max(z, 0) - x * share(x);
}

/** The name without its brackets, and the parameter. @param {string} name @returns {[string, number]} */
export function family(name) {
  const at = name.indexOf("(");
  if (at < 0) return [name, USUAL[name] ?? Number.NaN];
  return [name.slice(0, at), Number(name.slice(at + 1, -1))];
}

/** @type {Map<string, (z: number) => number>} */
const known = new Map(Object.entries(elementwise));

/** @param {string} name @returns {(z: number) => number} */
function functionOf(name) {
  let found = known.get(name);
  if (!found) {
    const [kind, by] = family(name);
    const f = withParameter[kind];
    if (!f) throw new RangeError(`activation: expected one that is known; got ${name}`);
    found = (z) => f(z, by);
    known.set(name, found);
  }
  return found;
}

/**
 * @param {string} name
 * @param {Float32Array} z
 */
export function activate(name, z) {
  const a = new Float32Array(z.length);
  if (name !== "softmax") {
    const f = functionOf(name);
    for (let j = 0; j < z.length; j++) a[j] = f(z[j]);
    return a;
  }
  let top = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (const value of z) top = value > top || Number.isNaN(value) ? value : top;
  for (const value of z) sum += Math.exp(value - top);
  for (let j = 0; j < z.length; j++) a[j] = Math.exp(z[j] - top) / sum;
  return a;
}

/** Whether a larger pre-activation never has a smaller activation. @param {string} name */
export function nonDecreasing(name) {
  const [kind, by] = family(name);
  return !["gelu", "gelu_tanh", "silu"].includes(kind) && !(by < 0);
}

/**
 * What outputs are ranked by: pre-activations, or activations where those may fall.
 * @template T
 * @param {string} name
 * @param {T} z
 * @param {T} a
 */
export const ranking = (name, z, a) => (nonDecreasing(name) ? z : a);

/**
 * The derivative, each neuron by itself; at a kink that of the side below.
 * @param {string} name
 * @param {number} z
 * @param {number} a
 */
export function derivative(name, z, a) {
  const [kind, by] = family(name);
  switch (kind) {
    case "sigmoid":
    case "softmax":
      return a * (1 - a);
    case "tanh":
      return 1 - a * a;
    case "relu":
      return z <= 0 ? 0 : 1;
    case "leaky_relu":
      return z > 0 ? 1 : by;
    case "elu":
      return z > 0 ? 1 : a + by;
    case "softplus":
      return elementwise.sigmoid(z);
    case "hard_sigmoid":
      return Math.abs(z) < 3 ? 1 / 6 : 0;
    case "gelu":
      return steep(z, 40, (x) => upperTail(x) - x * DENSITY * Math.exp(-0.5 * x * x));
    case "gelu_tanh":
      return steep(z, 22, (x) => {
        const share = falling(tanhForm(x));
        return share - x * TANH_FORM * (1 + 3 * CUBIC * x * x) * share * (1 - share);
      });
    case "silu":
      return steep(z, 800, (x) => falling(x) * (1 - x * (1 - falling(x))));
    default:
      return 1;
  }
}

/** @param {number} z @param {number} most @param {(x: number) => number} below the derivative at -x */
function steep(z, most, below) {
  const found = below(Math.min(Math.abs(z), most));
  return z > 0 ? 1 - found : found;
}
