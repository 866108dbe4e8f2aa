// A weight as a number: typed into a cell of a table, or changed by the wheel on the map.
import { CELL_WORDS as words } from "../../words/meaning.js";
import { element, hasFocus } from "../dom.js";
import { numberOf } from "../numberfield.js";

/** @typedef {import("../bench.js").Bench} Bench */
/**
 * @typedef {object} Typed
 * @property {DOMRect} box where the field stands, in the page
 * @property {number} value
 * @property {string} [text] what it begins with; by default the value
 * @property {(value: number) => void} put
 * @property {(by: [number, number]|null) => void} done with where to go on, after Enter or Tab
 */

/** A weight as one types it: as short as says it to seven figures. @param {number} value */
const plain = (value) => String(Number(value.toPrecision(7)));

export class NumberInput {
  /** @param {Bench} bench @param {HTMLElement} place what it stands in */
  constructor(bench, place) {
    this.bench = bench;
    this.place = place;
    this.input = element("input", { className: "cell-input", inputMode: "decimal", ariaLabel: "Weight" });
    this.input.hidden = true;
    place.append(this.input);
    /** @type {Typed|null} */
    this.typed = null;
    this.input.addEventListener("blur", () => this.close(true));
    this.input.addEventListener("keydown", (event) => {
      /** @type {Record<string, [number, number]>} */
      const next = { Enter: [1, 0], Tab: [0, event.shiftKey ? -1 : 1] };
      if (event.key === "Escape") this.close(false, null);
      else if (next[event.key]) this.close(true, next[event.key]);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  /** @param {Typed} typed */
  open(typed) {
    this.close(true);
    this.typed = typed;
    const { box } = typed,
      around = this.place.getBoundingClientRect();
    const width = Math.max(66, box.width),
      height = Math.max(26, box.height > 40 ? 26 : box.height);
    const left = box.left - around.left + (box.width - width) / 2,
      top = box.top - around.top + (box.height - height) / 2;
    Object.assign(this.input.style, {
      left: `${Math.max(0, Math.min(left, around.width - width))}px`,
      top: `${Math.max(0, Math.min(top, around.height - height))}px`,
      width: `${width}px`,
      height: `${height}px`,
    });
    this.input.value = typed.text ?? plain(typed.value);
    this.input.hidden = false;
    this.input.focus({ preventScroll: true });
    if (typed.text === undefined) this.input.select();
  }

  /** @param {boolean} take @param {[number, number]|null} [by] */
  close(take, by) {
    const { typed } = this;
    if (!typed) return;
    this.typed = null;
    const text = this.input.value;
    this.input.hidden = true;
    const value = numberOf(text);
    if (take && text.trim() !== "") {
      if (!Number.isFinite(value) || !Number.isFinite(Math.fround(value)))
        this.bench.say({ code: "bad-number", kind: "error", fields: { name: "Weight", got: text } });
      else if (Math.fround(value) !== typed.value) typed.put(value);
    }
    if (by !== undefined) typed.done(by);
    this.bench.dirty();
  }
}

export class MapWheel {
  /** @param {Bench} bench @param {import("./nudge.js").Nudge} nudge */
  constructor(bench, nudge) {
    this.bench = bench;
    this.nudge = nudge;
    const { map } = bench.surface;
    map.addEventListener(
      "wheel",
      (event) => {
        // Where nobody works on the map the wheel moves the page.
        if (!hasFocus(map) || event.ctrlKey || bench.hand || bench.original || bench.store.stroke) return;
        event.preventDefault();
        this.turn(event);
      },
      { passive: false },
    );
    bench.commands.add({
      name: words.type,
      group: "map",
      keys: "0–9, ↵",
      also: words.typeAlso,
      when: ({ surface, views }) =>
        Boolean(views?.onCells || (views?.view !== "clause" && (surface.cursor ?? surface.clicked))),
      run: ({ surface, views }) => (views?.onCells ? views.cells.type() : surface.field.open()),
    });
  }

  /** @param {WheelEvent} event */
  turn(event) {
    const { store, surface, settings } = this.bench,
      [row, column] = surface.at(event).map(Math.floor),
      { columns } = store.grid,
      cell = row * columns + column,
      [layer, neuron] = store.selected,
      weights = store.row(layer, neuron);
    if (column < 0 || column >= columns || !(cell >= 0 && cell < weights.length)) return;
    const before = /** @type {any} */ (this.nudge.shown);
    if (before && before.cells?.[0] !== cell) this.nudge.keep();
    const old = Number.isFinite(weights[cell]) ? weights[cell] : 0,
      way = event.deltaY + event.deltaX < 0 ? 1 : -1,
      value = Math.fround(old + way * (event.shiftKey ? 0.5 : 0.1) * Math.abs(settings.strength));
    this.nudge.show({ kind: "weights", layer, neuron, cells: [cell], values: [value], tool: "wheel" });
  }
}

/**
 * The cells of a straight line, each once.
 * @param {[number, number]} from @param {[number, number]} to @returns {[number, number][]}
 */
export function between(from, to) {
  const down = to[0] - from[0],
    along = to[1] - from[1],
    steps = Math.max(Math.abs(down), Math.abs(along), 1);
  return Array.from({ length: steps + 1 }, (_, k) => [
    from[0] + Math.round((k * down) / steps),
    from[1] + Math.round((k * along) / steps),
  ]);
}
