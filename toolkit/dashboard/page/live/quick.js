// Activation functions for ten thousands of digits a frame: straight ones as they are, curved ones
// read from a table, with bounds on what that is off by.
import { family } from "../core/activations.js";
import { exactly } from "./resolving.js";

const REACH = 24; // a table goes from −REACH to REACH; what a function lacks of its limit there is below 1e-9
const A_UNIT = 128; // parabolas, each through three points of the function
const MANY = 2 * REACH * A_UNIT;
const BEYOND = 1e-9;
/** What an activation may have moved by without what comes after it being worked out again. */
const SETTLED = 2 ** -27;

/** The most of its third derivative. @type {Record<string, number>} */
const BEND = { sigmoid: 0.126, tanh: 2.01, softplus: 0.1, silu: 0.4, gelu: 0.8, gelu_tanh: 1, elu: 1 };
/** The most that it rises, where that is not 1. @type {Record<string, number>} */
const STEEPEST = { sigmoid: 0.25, hard_sigmoid: 0.17, silu: 1.1, gelu: 1.13, gelu_tanh: 1.13 };
/** Those that never exceed 1 in size. */
const SQUASHING = new Set(["sigmoid", "tanh", "hard_sigmoid", "softmax"]);
/** Those that are two straight lines: how much of what is below 0 is left. @type {Record<string, number>} */
const SLOPES = { relu: 0, identity: 1 };

export class Quick {
  /** @param {string} name */
  constructor(name) {
    const [kind, parameter] = family(name),
      by = Math.fround(parameter),
      factor = Math.max(1, Math.abs(by) || 0);
    this.softmax = kind === "softmax";
    this.squashing = SQUASHING.has(kind);
    this.factor = factor;
    this.straight = kind in SLOPES || kind === "leaky_relu";
    this.slope = SLOPES[kind] ?? by;
    /** The most that an activation changes for each unit that its pre-activation does. */
    this.steepest = (STEEPEST[kind] ?? 1) * factor;
    /** The most that {@link at} differs from the exact function. */
    this.off = this.straight ? 0 : ((BEND[kind] ?? 0) / (124 * A_UNIT ** 3) + BEYOND) * factor;
    /** The most that an activation may be kept by though it has moved. */
    this.tolerance = this.straight ? 0 : SETTLED * factor;
    this.table = this.straight || this.softmax ? NOTHING : tabled(exactly(name));
    this.left = this.table[0];
    this.right = this.table[3 * MANY];
    /** Whether it goes on as z itself to the right. */
    this.rising = !this.squashing;
  }

  /** @param {number} z */
  at(z) {
    ONE[0] = z;
    this.fill(ONE, 0, ONE);
    return ONE[0];
  }

  /**
   * Activations for some pre-activations in a row.
   * @param {Float64Array} z @param {number} from @param {Float64Array} a filled with as many as it holds
   */
  fill(z, from, a) {
    if (this.softmax) softmax(z, from, a);
    else if (this.straight) bent(this.slope, z, from, a);
    else curved(this, z, from, a);
  }

  /** What no activation exceeds in size, where no pre-activation exceeds this. @param {number} most */
  most(most) {
    return this.squashing ? 1 : (this.straight ? most : most + 1) * this.factor;
  }
}

const NOTHING = new Float64Array(0);
const ONE = new Float64Array(1);

/** @param {number} slope @param {Float64Array} z @param {number} from @param {Float64Array} a */
function bent(slope, z, from, a) {
  for (let j = 0; j < a.length; j++) {
    const own = z[from + j];
    a[j] = own > 0 ? own : own * slope;
  }
}

/** @param {Quick} f @param {Float64Array} z @param {number} from @param {Float64Array} a */
function curved({ table, left, right, rising }, z, from, a) {
  for (let j = 0; j < a.length; j++) {
    const own = z[from + j],
      x = (own + REACH) * A_UNIT;
    if (!(x > 0)) a[j] = left;
    else if (x >= MANY) a[j] = rising ? own : right;
    else {
      const k = x | 0,
        y = x - k,
        at = 3 * k;
      a[j] = table[at] + y * (table[at + 1] + y * table[at + 2]);
    }
  }
}

/** @param {Float64Array} z @param {number} from @param {Float64Array} a */
function softmax(z, from, a) {
  let top = z[from],
    sum = 0;
  for (let j = 1; j < a.length; j++) if (z[from + j] > top) top = z[from + j];
  for (let j = 0; j < a.length; j++) {
    a[j] = Math.exp(z[from + j] - top);
    sum += a[j];
  }
  for (let j = 0; j < a.length; j++) a[j] /= sum;
}

/**
 * For each step the parabola through the function's values at its ends and in its middle.
 * @param {(z: number) => number} f
 */
function tabled(f) {
  const table = new Float64Array(3 * (MANY + 1));
  let low = f(-REACH);
  for (let k = 0; k <= MANY; k++) {
    const z = k / A_UNIT - REACH,
      middle = f(z + 0.5 / A_UNIT),
      high = f(z + 1 / A_UNIT);
    table.set([low, 4 * middle - 3 * low - high, 2 * (low + high - 2 * middle)], 3 * k);
    low = high;
  }
  return table;
}

/** @type {Map<string, Quick>} */
const known = new Map();

/** @param {string} name */
export function quick(name) {
  const found = known.get(name) ?? new Quick(name);
  known.set(name, found);
  return found;
}
