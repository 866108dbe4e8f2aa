// While the network is shown as it was loaded, its accuracy and its ridges are too.
import { countsOf } from "../core/sums.js";
import { find } from "./dom.js";

/** @typedef {import("./bench.js").Bench} Bench */

/** @type {Map<string, any>} ridges by experiment, digits and neuron; null while they are asked for */
const known = new Map();

/** @param {Bench} bench */
const key = ({ store }) => `${store.experiment} ${store.state.digits.source} ${store.selected.join(".")}`;

/** What was found of the neuron selected, if it is here. @param {Bench} bench @returns {any} */
export const asLoaded = (bench) => known.get(key(bench)) ?? null;

/** @param {Bench} bench */
export function install(bench) {
  let shown = false;
  bench.hear("frame", () => {
    if (bench.original && !known.has(key(bench))) ask(bench);
    if (bench.original === shown) return;
    shown = bench.original;
    const { score, revision } = bench.store.state;
    if (score.unscored) return;
    const start = score.accuracy - score.start;
    bench.bar.showScore(
      shown
        ? { ...score, accuracy: start, correct: Math.round(start * score.images), last: null, start: 0 }
        : score,
      revision,
    );
    const note = find(bench.root, ".delta[data-of=start]");
    if (shown) note.textContent = "as it was loaded";
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
