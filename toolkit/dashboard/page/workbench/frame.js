// What one frame shows: the network as it is, or as it was loaded.
import { composedMaps, forward, winner } from "../core/network.js";

/** @typedef {import("./bench.js").Bench} Bench */
/** @typedef {{layers: any[], activations: string[], trace: {z: Float32Array[], a: Float32Array[]}, maps: Float32Array[], read: number}} Frame */

/** @type {{of: any, maps: Float32Array[]}} the composed maps of the network as it was loaded */
const loaded = { of: null, maps: [] };

/** @param {Bench} bench @returns {Frame} */
export function frameOf({ store, original }) {
  const { activations } = store;
  if (!original) {
    const { layers, trace } = store;
    return { layers, activations, trace, maps: store.composed ?? [], read: store.winner };
  }
  const layers = store.original,
    trace = forward(layers, activations, store.digit);
  if (loaded.of !== layers) Object.assign(loaded, { of: layers, maps: composedMaps(layers) });
  return { layers, activations, trace, maps: loaded.maps, read: winner(trace, activations) };
}
