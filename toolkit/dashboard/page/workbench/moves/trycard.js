// A card on which an edit is tried: what it would do is shown while its numbers change, and done once
// it is said to be right.
import { TRY } from "../../words/stamps.js";
import { element } from "../dom.js";
import { numberField } from "../numberfield.js";

/**
 * @typedef {import("../bench.js").Bench} Bench
 * @typedef {import("../../core/types.js").Edit} Edit
 * @typedef {object} Slider
 * @property {string} name
 * @property {string} label
 * @property {number} value to begin with
 * @property {number} low @property {number} high of the slider; what is typed may lie beyond
 * @property {number} step
 */

export class TryCard {
  /**
   * @param {Bench} bench
   * @param {object} given
   * @param {string} given.name
   * @param {string} given.title
   * @param {(values: Record<string, any>) => Edit|null} given.edit
   * @param {(card: TryCard) => Node[]} given.parts
   * @param {() => void} [given.closed]
   */
  constructor(bench, { name, title, edit, parts, closed }) {
    this.bench = bench;
    this.name = name;
    this.title = title;
    this.edit = edit;
    this.closed = closed;
    /** @type {Record<string, any>} what is set */
    this.values = {};
    this.done = element("button", {
      textContent: TRY.apply,
      className: "primary",
      onclick: () => this.apply(),
    });
    const cancel = element("button", { textContent: TRY.cancel, onclick: () => bench.dock.close() });
    this.node = element(
      "div",
      { className: "trying" },
      ...parts(this),
      element("div", { className: "row" }, this.done, cancel),
    );
  }

  open() {
    const { bench } = this;
    bench.stamping.drop();
    bench.dock.open(this.name, this.title, this.node, () => {
      if (current === this) current = null;
      bench.store?.show(null);
      this.closed?.();
      bench.dirty();
    });
    current = this;
    this.update();
    // A number at once by keyboard; a phone's keyboard would cover what is to be seen.
    const first = matchMedia("(pointer: coarse)").matches ? "button.primary" : ".number, select";
    /** @type {HTMLElement|null} */ (this.node.querySelector(first))?.focus({ preventScroll: true });
  }

  /** Show what it would do now. */
  update() {
    const edit = this.edit(this.values);
    this.bench.store.show(edit);
    this.done.disabled = !edit;
    this.bench.dirty();
  }

  apply() {
    const edit = this.edit(this.values);
    this.bench.store.show(null);
    if (edit) this.bench.edit(edit);
    this.bench.dock.close();
    this.bench.surface.map.focus({ preventScroll: true });
  }

  /** @param {string} name @param {any} value */
  set(name, value) {
    this.values[name] = value;
    this.update();
  }

  // ---- what a card is made of --------------------------------------------------------------------

  /** @param {Slider} slider */
  slider({ name, label, value, low, high, step }) {
    this.values[name] = value;
    const range = element("input", { type: "range", min: low, max: high, step, value, ariaLabel: `${label}, by slider` }); // biome-ignore format: one line
    /** @param {number} next */
    const put = (next) => {
      const tidy = Number(next.toFixed(4));
      range.value = String(tidy);
      show(tidy);
      this.set(name, tidy);
    };
    const { input, show } = numberField({
      name: label,
      put,
      step: (steps) => put(this.values[name] + steps * step),
      refuse: (got) => this.bench.say({ code: "bad-number", kind: "error", fields: { name: label, got } }),
      enter: () => this.apply(),
      leave: () => this.bench.dock.close(),
    });
    range.addEventListener("input", () => put(Number(range.value)));
    show(value);
    return element("div", { className: "slider" }, element("span", { textContent: label }), range, input);
  }

  /** A number alone. @param {string} label @param {(value: number) => void} put */
  number(label, put) {
    let now = 0;
    const field = numberField({
      name: label,
      put,
      step: (steps) => put(now + steps),
      refuse: (got) => this.bench.say({ code: "bad-number", kind: "error", fields: { name: label, got } }),
      enter: () => this.apply(),
      leave: () => this.bench.dock.close(),
    });
    const text = element("span", { textContent: label });
    return {
      node: element("label", { className: "numbered" }, text, field.input),
      /** @param {number} value */
      show(value) {
        now = value;
        field.show(value);
      },
    };
  }

  /** @param {string} name @param {string} label @param {boolean} value */
  check(name, label, value) {
    this.values[name] = value;
    const box = element("input", { type: "checkbox", checked: value });
    box.addEventListener("change", () => this.set(name, box.checked));
    return element("label", { className: "check" }, box, ` ${label}`);
  }

  /** @param {string} name @param {string} label @param {[string, string][]} options */
  choice(name, label, options) {
    this.values[name] = options[0]?.[0] ?? "";
    const select = element(
      "select",
      { ariaLabel: label },
      ...options.map(([value, textContent]) => element("option", { value, textContent })),
    );
    select.addEventListener("change", () => this.set(name, select.value));
    return element("label", { className: "numbered" }, element("span", { textContent: label }), select);
  }
}

/** The card that is open. @type {TryCard|null} */
let current = null;

/** Another neuron is tried on, or none any more. @param {Bench} bench */
export function follow(bench) {
  bench.hear("select", () => current?.bench === bench && current.update());
  bench.hear("store", () => current?.bench === bench && bench.dock.close());
}
