// Which ridges of the neuron selected are shown: those of the weights on show, where the server has
// told of them, also while an edit is tried; otherwise those of what is laid.
import { countsOf } from "../core/sums.js";
import { asLoaded } from "./asloaded.js";

/** @typedef {import("./bench.js").Bench} Bench */
/** @typedef {import("../core/types.js").State["sums"]} Sums */

/**
 * What the server said of an edit, or of a bias, that is tried on what it said before.
 * @typedef {{laid: Sums|null, edit: object|null, sums: Sums|null}} Told
 */

/** @type {WeakMap<Bench, Told>} */
const tried = new WeakMap();
/** @type {Told} */
const NOTHING = { laid: null, edit: null, sums: null };

/** @param {Bench} bench @returns {{sums: Sums, laid: boolean}} and whether something is tried that is not in them */
export function ridgesOf(bench) {
  const { store } = bench,
    { sums } = store.state;
  if (bench.original) return { sums: asLoaded(bench) ?? sums, laid: false };
  // Counted here of what is in hand; of another neuron until it is counted of this one.
  const live = bench.readings.live?.sums;
  if (live && isOf(live, store.selected)) return { sums: live, laid: false };
  const told = tried.get(bench) ?? NOTHING,
    known = told.laid === sums && told.sums ? told : null;
  if (store.preview) return { sums: (known?.edit && known.sums) || sums, laid: !known?.edit };
  const dragged = known && !known.edit && known.sums?.bias === store.bias(...store.selected);
  return { sums: (dragged && known.sums) || sums, laid: false };
}

/** @param {Sums} sums @param {number[]} selected */
const isOf = (sums, [layer, neuron]) => sums.layer === layer && sums.neuron === neuron;

/** A bias was tried, and on so many digits the neuron fires. @param {Bench} bench @param {any} head */
export function biasTried(bench, { bias, fired }) {
  const laid = bench.store.state.sums;
  tried.set(bench, { laid, edit: null, sums: { ...laid, bias, fired } });
  bench.dirty();
}

/** @param {Bench} bench */
export function install(bench) {
  let busy = false;
  bench.hear("frame", () => look());

  async function look() {
    const { store } = bench,
      edit = store.preview,
      laid = store.state.sums,
      [layer, neuron] = store.selected,
      told = tried.get(bench) ?? NOTHING;
    if (!edit || bench.original || busy || bench.closed || bench.following?.counts) return;
    if (laid.layer !== layer || laid.neuron !== neuron || store.outbox.length) return;
    if (told.edit === edit && told.laid === laid) return;
    busy = true;
    /** @type {Sums|null} */
    let sums = null;
    try {
      const { head, body } = await bench.post.ask({ what: "tried", layer, neuron, edit });
      sums = { ...head.sums, counts: countsOf(body, head.sums) };
    } catch {
      // Too wide, or away: then those of what is laid are shown, and said to be so.
    }
    busy = false;
    if (bench.closed || bench.store !== store) return;
    tried.set(bench, { laid, edit, sums });
    bench.dirty();
  }
}
