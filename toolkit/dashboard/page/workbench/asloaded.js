// While the network is shown as it was loaded, its ridges are too.
import { countsOf } from "../core/sums.js";

/** @typedef {import("./bench.js").Bench} Bench */

/** @type {Map<string, any>} ridges by experiment, digits and neuron; null while they are asked for */
const known = new Map();

/** @param {Bench} bench */
const key = ({ store }) => `${store.experiment} ${store.state.digits.source} ${store.selected.join(".")}`;

/** What was found of the neuron selected, if it is here. @param {Bench} bench @returns {any} */
export const asLoaded = (bench) => known.get(key(bench)) ?? null;

/** @param {Bench} bench */
export function install(bench) {
  bench.hear("frame", () => {
    if (bench.original && !known.has(key(bench))) ask(bench);
  });
}

/** @param {Bench} bench */
async function ask(bench) {
  const [layer, neuron] = bench.store.selected,
    name = key(bench);
  known.set(name, null);
  try {
    const { head, body } = await bench.post.ask({ what: "ridges-as-loaded", layer, neuron });
    known.set(name, { ...head.sums, counts: countsOf(body, head.sums) });
    bench.dirty();
  } catch {
    known.delete(name); // asked again at the next frame that wants them
  }
}
