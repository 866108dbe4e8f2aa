// A family of stamps for the whole first layer: chosen by pictures of what it gives, seen in the
// network before it is laid, and laid in one step.
import { FAMILIES, familyEdit } from "../../core/families.js";
import { stampWeights } from "../../core/stamps.js";
import { STAMP_MODES, TRY } from "../../words/stamps.js";
import { element } from "../dom.js";
import { drawMap } from "../draw.js";
import { TryCard } from "../moves/trycard.js";

/** @typedef {import("../bench.js").Bench} Bench */
/** @typedef {import("../../core/families.js").Family} Family */

const GRID = { rows: 28, columns: 28 };
const ACROSS = 8; // maps in a row of a family's picture

/** All maps of a family in one picture. @param {Family} family @param {Bench} bench */
function picture({ members }, bench) {
  const canvas = element("canvas"),
    down = Math.ceil(members.length / ACROSS),
    width = ACROSS * 29;
  const all = new Float32Array(down * 29 * width);
  for (const [k, { stamp }] of members.entries()) {
    const weights = stampWeights(stamp, GRID),
      top = Math.floor(k / ACROSS) * 29,
      left = (k % ACROSS) * 29;
    for (let cell = 0; cell < weights.length; cell++)
      all[(top + Math.floor(cell / 28)) * width + left + (cell % 28)] = weights[cell];
  }
  drawMap(canvas, all, width, 1, bench.look);
  return canvas;
}

/** @param {Bench} bench */
export function openFamilies(bench) {
  let chosen = FAMILIES[0];
  const buttons = FAMILIES.map((family) => {
    const button = element(
      "button",
      { className: "family", title: family.description, onclick: () => choose(family) },
      picture(family, bench),
      element("span", { textContent: family.name }),
    );
    button.setAttribute("role", "radio");
    return button;
  });
  const card = new TryCard(bench, {
    name: "families",
    title: "stamp a whole layer",
    parts: (made) => {
      const list = element("div", { className: "families" }, ...buttons);
      list.setAttribute("role", "radiogroup");
      list.setAttribute("aria-label", "Family");
      return [
        list,
        made.slider({ name: "strength", label: "strength", value: 1, low: 0.1, high: 5, step: 0.1 }),
        made.choice("mode", "what is there", [
          ["replace", STAMP_MODES.replace],
          ["add", STAMP_MODES.add],
        ]),
        element(
          "div",
          { className: "row" },
          made.check("zeroSum", "zero-sum", false),
          made.check("named", TRY.named, true),
        ),
        element("p", { textContent: TRY.families }),
      ];
    },
    edit: ({ strength, mode, zeroSum, named }) => {
      const neurons = Array.from({ length: bench.store.state.sizes[1] }, (_, j) => j);
      return familyEdit(chosen, neurons, { mode, strength, zeroSum, named, grid: bench.store.firstGrid });
    },
  });
  /** @param {Family} family */
  function choose(family) {
    chosen = family;
    show();
    card.update();
  }
  function show() {
    for (const [k, button] of buttons.entries()) {
      button.classList.toggle("on", FAMILIES[k] === chosen);
      button.setAttribute("aria-checked", String(FAMILIES[k] === chosen));
    }
  }
  show();
  card.open();
}
