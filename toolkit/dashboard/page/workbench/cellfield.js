// A weight that is typed into its cell.
import { find } from "./dom.js";
import { numberField } from "./numberfield.js";

/** @typedef {import("./bench.js").Bench} Bench */

export class CellField {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    /** @type {[number, number, number]|null} layer, neuron and cell */
    this.of = null;
    const { input, show } = numberField({
      name: "Weight of this cell",
      title: "Enter keeps it, Esc leaves it; arrow keys and wheel change it",
      put: (value) => this.put(value),
      step: (steps) => this.put(this.value + (steps * Math.abs(bench.settings.strength)) / 10),
      refuse: (got) => bench.say({ code: "bad-number", kind: "error", fields: { name: "weight", got } }),
      enter: () => this.close(),
      leave: () => this.close(),
    });
    this.input = input;
    this.show = show;
    input.classList.add("cell-field");
    input.hidden = true;
    input.addEventListener("blur", () => {
      input.hidden = true;
    });
    find(bench.root, ".surface").append(input);
  }

  /** @returns {number} */
  get value() {
    if (!this.of) return 0;
    const [layer, neuron, cell] = this.of;
    return this.bench.store.row(layer, neuron)[cell];
  }

  /** Open it where the keyboard is. @param {string} [typed] what it begins with, in place of the weight */
  open(typed = "") {
    const { bench, input } = this,
      { store, surface } = bench,
      cursor = surface.here();
    if (!cursor) return false;
    const [layer, neuron] = store.selected,
      { rows, columns } = store.grid,
      cell = cursor[0] * columns + cursor[1];
    if (cell >= store.row(layer, neuron).length) return false;
    this.of = [layer, neuron, cell];
    const { map } = surface,
      left = ((cursor[1] + 0.5) * map.clientWidth) / columns,
      top = ((cursor[0] + 1) * map.clientHeight) / rows;
    input.hidden = false;
    Object.assign(input.style, {
      left: `${Math.max(0, Math.min(map.clientWidth - 84, left - 42))}px`,
      top: `${Math.min(map.clientHeight - 28, top + 3)}px`,
    });
    this.show(this.value);
    input.focus({ preventScroll: true });
    if (typed) {
      input.value = typed;
      input.dataset.typed = "yes";
      input.setSelectionRange(typed.length, typed.length);
    }
    return true;
  }

  /** @param {number} value */
  put(value) {
    if (!this.of) return;
    const [layer, neuron, cell] = this.of,
      single = Math.fround(value);
    if (!Number.isFinite(single))
      return this.bench.say({ code: "bad-number", kind: "error", fields: { name: "weight", got: value } });
    if (Object.is(single, this.value)) return;
    this.bench.edit({ kind: "weights", layer, neuron, cells: [cell], values: [single], tool: "typed" });
    this.show(this.value);
  }

  close() {
    this.input.hidden = true;
    this.bench.surface.map.focus({ preventScroll: true });
  }
}
