// What one frame shows: the network as it is, or as it was loaded.
import { composedMaps, forward, winner } from "../core/network.js";

/** @typedef {import("./bench.js").Bench} Bench */
/** @typedef {{text: string, accent: string, plate: string, background: string, bad: string, font: string}} Style colours of the page's theme, and its letters */
/** @typedef {{layers: any[], activations: string[], trace: {z: Float32Array[], a: Float32Array[]}, maps: Float32Array[], read: number, style: Style}} Frame */

/** @type {{of: any, maps: Float32Array[]}} the composed maps of the network as it was loaded */
const loaded = { of: null, maps: [] };

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
    const { layers, trace } = store;
    return { layers, activations, trace, maps: store.composed ?? [], read: store.winner, style };
  }
  const layers = store.original,
    trace = forward(layers, activations, store.digit);
  if (loaded.of !== layers) Object.assign(loaded, { of: layers, maps: composedMaps(layers) });
  return { layers, activations, trace, maps: loaded.maps, read: winner(trace, activations), style };
}
