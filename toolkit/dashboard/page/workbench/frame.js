// What one frame shows: the network as it is, or as it was loaded.
import { ComposedMaps } from "../core/composed.js";
import { limitOf } from "../core/limits.js";
import { forward, winner } from "../core/network.js";

/** @typedef {import("./bench.js").Bench} Bench */
/** @typedef {{text: string, accent: string, plate: string, background: string, bad: string, font: string}} Style colours of the page's theme, and its letters */
/** @typedef {import("../core/types.js").Layer} Layer */
/**
 * @typedef {object} Frame
 * @property {Layer[]} layers
 * @property {string[]} activations
 * @property {import("../core/types.js").Trace} trace
 * @property {ComposedMaps} maps
 * @property {(number: number) => number} limit the largest weight of a layer
 * @property {number} read
 * @property {Style} style
 */

/** @type {{layers: Layer[], maps: ComposedMaps|null, limits: Map<number, number>}} what was worked out of the network as it was loaded */
const loaded = { layers: [], maps: null, limits: new Map() };

/** @param {Element} node @returns {Style} */
export function styleOf(node) {
  const css = getComputedStyle(node);
  /** @param {string} name */
  const colour = (name) => css.getPropertyValue(name).trim();
  return {
    text: css.color,
    accent: colour("--st-primary-color") || "#1f6fd6",
    plate: colour("--st-secondary-background-color"),
    background: colour("--st-background-color"),
    bad: colour("--bad") || "#d64545",
    font: css.fontFamily,
  };
}

/** @param {Bench} bench @returns {Frame} */
export function frameOf({ store, original, root }) {
  const { activations } = store;
  // Before anything is written in this frame: later it would be worked out anew.
  const style = styleOf(root);
  if (!original) {
    const { layers, trace, maps, shown } = store;
    const limit = (/** @type {number} */ number) => shown.limit(number);
    return { layers, activations, trace, maps, limit, read: store.winner, style };
  }
  /** @type {Layer[]} */
  const layers = store.original;
  if (loaded.layers.length !== layers.length || layers.some((layer, k) => layer !== loaded.layers[k])) {
    const maps = new ComposedMaps({ layers, stamps: layers.map(() => 0) });
    Object.assign(loaded, { layers, maps, limits: new Map() });
  }
  const limit = (/** @type {number} */ number) => {
    const found = loaded.limits.get(number) ?? limitOf(layers[number - 1].weights);
    loaded.limits.set(number, found);
    return found;
  };
  const trace = forward(layers, activations, store.digit),
    maps = /** @type {ComposedMaps} */ (loaded.maps);
  return { layers, activations, trace, maps, limit, read: winner(trace, activations), style };
}
