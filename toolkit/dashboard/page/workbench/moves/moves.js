// Moves of the whole map, and what is done between two neurons: the menu in the map's title, the same
// as commands, and the cards on which those with numbers are tried.
import { ANYWHERE } from "../../core/moves.js";
import { MOVES, TRY } from "../../words/stamps.js";
import { element } from "../dom.js";
import { ENTRIES, item, label } from "../entries.js";
import { called } from "../meaning/names.js";
import { openFamilies } from "../stamps/families.js";
import { copy, hasCopy, paste } from "./clipboard.js";
import { RegionHand } from "./region.js";
import { follow, TryCard } from "./trycard.js";

/**
 * @typedef {import("../bench.js").Bench} Bench
 * @typedef {import("../../core/types.js").MoveEdit} MoveEdit
 * @typedef {{name: string, keys?: string, also?: string, group?: string, when: (bench: Bench) => boolean, run: (bench: Bench) => void}} Entry
 */

/** @param {Bench} bench @param {string} move @param {Record<string, any>} [numbers] @returns {MoveEdit} */
function moveOf(bench, move, numbers = {}) {
  const [layer, neuron] = bench.store.selected;
  return { kind: "move", layer, neuron, move, ...numbers };
}

/** Whether a neuron's weights can be moved so: only the first layer's are pictures. @param {string} move */
const can = (move) => (/** @type {Bench} */ bench) =>
  ANYWHERE.includes(move) || bench.store.selected[0] === 1;

/** @param {string} name @param {string} move @param {Record<string, any>} numbers @returns {Entry} */
const atOnce = (name, move, numbers = {}) => ({
  name,
  when: can(move),
  run: (bench) => bench.edit(moveOf(bench, move, numbers)),
});

/**
 * @param {string} name @param {string} move @param {(card: TryCard) => Node[]} parts
 * @param {(values: Record<string, any>, bench: Bench) => Record<string, any>} [numbers] of the edit, from those of the card
 * @returns {Entry}
 */
const tried = (name, move, parts, numbers = (values) => values) => ({
  name: `${name}…`,
  when: can(move),
  run: (bench) =>
    new TryCard(bench, {
      name: move,
      title: name,
      parts,
      edit: (values) => (can(move)(bench) ? moveOf(bench, move, numbers(values, bench)) : null),
    }).open(),
});

/** The largest weight of the map in hand, without what is tried on it. @param {Bench} bench */
const largest = (bench) => {
  const [layer, neuron] = bench.store.selected;
  bench.store.show(null);
  return bench.store
    .row(layer, neuron)
    .reduce(
      (/** @type {number} */ most, /** @type {number} */ each) => Math.max(most, Math.abs(each) || 0),
      0,
    );
};

/** @type {Entry[]} */
const TURNED = [
  atOnce(MOVES.flipAcross, "flip", { axis: "left-right" }),
  atOnce(MOVES.flipOver, "flip", { axis: "top-bottom" }),
  tried(MOVES.rotate, "rotate", (card) => [
    card.slider({ name: "angle", label: "degrees", value: 15, low: -180, high: 180, step: 1 }),
    element("p", { textContent: TRY.rotate }),
  ]),
  tried(MOVES.shift, "shift", (card) => [
    card.slider({ name: "rows", label: "down", value: 1, low: -14, high: 14, step: 0.25 }),
    card.slider({ name: "columns", label: "to the right", value: 0, low: -14, high: 14, step: 0.25 }),
  ]),
];

/** @type {Entry[]} */
const SIZED = [
  tried(MOVES.scale, "scale", (card) => [
    card.slider({ name: "factor", label: "times", value: 0.5, low: 0, high: 4, step: 0.05 }),
    card.check("with_bias", TRY.bias, true),
    element("p", { textContent: TRY.scale }),
  ]),
  tried(MOVES.normalise, "normalise", (card) => [
    card.choice("measure", "make the", [
      ["largest", "largest weight"],
      ["sum", "sum of sizes"],
      ["length", "length"],
    ]),
    card.slider({ name: "size", label: "as large as", value: 1, low: 0.1, high: 10, step: 0.1 }),
    card.check("with_bias", TRY.bias, true),
  ]),
  tried(MOVES.blur, "blur", (card) => [
    card.slider({ name: "radius", label: "cells", value: 1, low: 0.1, high: 5, step: 0.1 }),
  ]),
  tried(MOVES.sharpen, "sharpen", (card) => [
    card.slider({ name: "amount", label: "how much", value: 1, low: 0, high: 5, step: 0.1 }),
    card.slider({ name: "radius", label: "cells", value: 1, low: 0.1, high: 5, step: 0.1 }),
  ]),
  tried(
    MOVES.threshold,
    "threshold",
    (card) => [
      card.slider({ name: "share", label: "% of the largest", value: 20, low: 0, high: 100, step: 1 }),
      card.choice("keep", "keep", [
        ["both", "both signs"],
        ["positive", "what fires it"],
        ["negative", "what holds back"],
      ]),
    ],
    ({ share, keep }, bench) => ({ level: Number(((share / 100) * largest(bench)).toPrecision(4)), keep }),
  ),
  atOnce(MOVES.invert, "invert"),
];

/** @type {Entry} */
const MASK = {
  name: `${MOVES.mask}…`,
  when: can("mask"),
  run(bench) {
    const hand = new RegionHand(bench, (region) => {
      for (const [k, show] of fields.entries()) show(k < 2 ? region[k] : region[k] - 1);
      card.update();
    });
    /** @type {((value: number) => void)[]} */
    const fields = [];
    const card = new TryCard(bench, {
      name: "mask",
      title: MOVES.mask,
      edit: ({ what }) =>
        can("mask")(bench) ? moveOf(bench, "mask", { region: hand.region, outside: what === "keep" }) : null,
      parts: (made) => [
        made.choice("what", "what is", [
          ["keep", "kept"],
          ["clear", "cleared"],
        ]),
        element(
          "div",
          { className: "pairs" },
          ...[MOVES.top, MOVES.left, MOVES.bottom, MOVES.right].map((text, k) => {
            const { node, show } = made.number(text, (value) => {
              const region = /** @type {import("./region.js").Region} */ ([...hand.region]);
              region[k] = k < 2 ? value : value + 1;
              hand.set(region);
            });
            fields.push(show);
            return node;
          }),
        ),
        element("p", { textContent: TRY.mask }),
      ],
      closed: () => {
        if (bench.lent === hand) bench.lent = null;
      },
    });
    card.open();
    bench.lent = hand;
    hand.set(hand.region);
  },
};

/** @param {Bench} bench */
const hasOthers = (bench) => bench.store.state.sizes[bench.store.selected[0]] > 1;

/** @param {string} name @param {"swap"|"average"} how @returns {Entry} */
const between = (name, how) => ({
  name: `${name}…`,
  when: hasOthers,
  run(bench) {
    const { state, selected } = bench.store,
      [layer] = selected;
    const last = layer === state.sizes.length - 1;
    new TryCard(bench, {
      name: how,
      title: name,
      edit({ other, outgoing }) {
        const [at, neuron] = bench.store.selected;
        if (at !== layer || Number(other) === neuron) return null;
        return { kind: "combine", how, layer, from: Number(other), to: neuron, outgoing: Boolean(outgoing) };
      },
      parts: (card) => [
        card.choice(
          "other",
          how === "swap" ? "with" : "with the weights of",
          Array.from({ length: state.sizes[layer] }, (_, j) => /** @type {[string, string]} */ ([String(j), called(bench.store, layer, j)])).filter(([j]) => Number(j) !== selected[1]), // biome-ignore format: one line
        ),
        ...(last || how === "average" ? [] : [card.check("outgoing", TRY.outgoing, false)]),
        element("p", { textContent: TRY[how] }),
      ],
    }).open();
  },
});

/** @type {Entry[]} */
const PAIRED = [
  { name: MOVES.copy, keys: "Ctrl+C", when: () => true, run: copy },
  { name: MOVES.paste, keys: "Ctrl+V", when: hasCopy, run: (bench) => paste(bench) },
  { name: MOVES.pasteWeights, when: hasCopy, run: (bench) => paste(bench, false) },
  between(MOVES.swap, "swap"),
  between(MOVES.average, "average"),
];

/** @type {Entry} */
const FAMILY = {
  name: `${MOVES.families}…`,
  group: "stamps",
  also: "family families preset sixteen edges segments gabor rings arcs spots strokes",
  when: (bench) => bench.store.firstGrid.rows > 1,
  run: openFamilies,
};

/** @param {Bench} bench */
export function install(bench) {
  follow(bench);
  const all = [...TURNED, ...SIZED, MASK, ...PAIRED, FAMILY];
  bench.commands.add(
    {
      name: MOVES.stamp,
      group: "stamps",
      keys: "S",
      also: "edge line arc ring blob gabor gradient rectangle class mean difference",
      run: (on) => on.setTool("stamp"),
    },
    ...all.map(({ name, keys, also = "map", group = "map", when, run }) => ({
      name,
      keys,
      also,
      group,
      when,
      run,
    })),
  );
  ENTRIES.map = (on) => {
    /** @param {Entry[]} entries */
    const items = (entries) =>
      entries.map(({ name, keys, when, run }) =>
        item(
          name,
          keys,
          () => {
            on.menus.close();
            run(on);
          },
          { disabled: !when(on) },
        ),
      );
    const [layer, neuron] = on.store.selected;
    return [
      label(`The whole of ${layer}.${neuron}. Undo takes each back.`),
      ...items(TURNED),
      element("hr"),
      ...items(SIZED),
      ...items([MASK]),
      element("hr"),
      ...items(PAIRED),
      element("hr"),
      ...items([FAMILY]),
    ];
  };
}
