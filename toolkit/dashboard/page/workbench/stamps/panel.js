// The stamp's numbers in the column of tools, in the place of the brush's.
import { SHAPES } from "../../core/stamps.js";
import { NUMBERS, STAMP_MODES, shapeName, stampNotes } from "../../words/stamps.js";
import { element } from "../dom.js";
import { numberField } from "../numberfield.js";
import { CHOICES, PICTURES, STEPS } from "./stamping.js";

/** @typedef {import("../bench.js").Bench} Bench */

const NAMES = [...new Set(["row", "column", ...Object.values(SHAPES).flatMap((has) => Object.keys(has))])];

export class StampPanel {
  /** @param {Bench} bench @param {HTMLElement} root */
  constructor(bench, root) {
    this.bench = bench;
    this.root = root;
    const { stamping } = bench;
    this.shape = choice(
      "Shape",
      CHOICES.map((name) => [name, shapeName(name)]),
      (name) => stamping.choose(name),
    );
    const digits = /** @type {[string, string][]} */ (bench.digits.names.map((name, k) => [String(k), name]));
    this.of = choice("Digit", digits, (digit) => stamping.set({ of: Number(digit) }));
    this.minus = choice("Less the digit", digits, (digit) => stamping.set({ minus: Number(digit) }));
    bench.hear("classes-built", () => {
      for (const select of [this.of, this.minus])
        select.replaceChildren(
          ...bench.digits.names.map((textContent, label) => element("option", { value: label, textContent })),
        );
      this.show();
    });
    this.less = element("span", { textContent: "−" });
    this.pictures = element("div", { className: "row" }, this.of, this.less, this.minus);
    this.waiting = element("p", { textContent: stampNotes.lacksMeans });
    this.fields = new Map(
      NAMES.map((name) => [
        name,
        this.field(
          name,
          (steps) => stamping.step(name, steps),
          (value) => stamping.setNumber(name, value),
        ),
      ]),
    );
    this.mode = choice("How it is laid", Object.entries(STAMP_MODES), (mode) => stamping.set({ mode }));
    this.amount = this.field(
      "amount",
      (steps) => stamping.set({ amount: share(stamping.kept.amount + steps * STEPS.amount) }),
      (value) => stamping.set({ amount: share(value) }),
    );
    this.zeroSum = element("input", { type: "checkbox" });
    this.zeroSum.addEventListener("change", () => stamping.set({ zeroSum: this.zeroSum.checked }));
    const zeroSum = element(
      "label",
      { className: "check", title: "Balanced: all its weights sum to zero" },
      this.zeroSum,
      " zero-sum",
    );
    this.lay = element("button", { textContent: "stamp", title: "Lay it (Enter, or a double tap)" });
    this.lay.addEventListener("click", () => stamping.lay());
    this.drop = element("button", { textContent: "drop", title: "Take it off the map (Esc)" });
    this.drop.addEventListener("click", () => stamping.drop());
    const numbers = element(
      "div",
      { className: "numbers" },
      ...[...this.fields.values()].map(({ row }) => row),
    );
    root.append(
      this.shape,
      this.pictures,
      this.waiting,
      numbers,
      this.mode,
      this.amount.row,
      zeroSum,
      element("div", { className: "row" }, this.lay, this.drop),
    );
    stamping.onChange = () => this.show();
  }

  /**
   * @param {string} name @param {(steps: number) => void} step @param {(value: number) => void} put
   */
  field(name, step, put) {
    const [text, title] = NUMBERS[name],
      { bench } = this;
    const { input, show } = numberField({
      name: text,
      title,
      step,
      put,
      refuse: (got) => bench.say({ code: "bad-number", kind: "error", fields: { name: text, got } }),
      enter: () => bench.surface.map.focus({ preventScroll: true }),
      leave: () => bench.surface.map.focus({ preventScroll: true }),
    });
    const row = element(
      "label",
      { className: "numbered", title },
      element("span", { textContent: text }),
      input,
    );
    return { row, show };
  }

  show() {
    const { stamping } = this.bench,
      { kept, numbers } = stamping;
    if (this.root.hidden) return;
    const picture = PICTURES.includes(kept.shape);
    this.shape.value = kept.shape;
    this.of.value = String(kept.of);
    this.minus.value = String(kept.minus);
    this.pictures.hidden = !picture;
    this.waiting.hidden = !stamping.lacksMeans;
    this.less.hidden = this.minus.hidden = kept.shape !== "difference";
    for (const [name, { row, show }] of this.fields) {
      row.hidden = !(name in numbers);
      if (name in numbers) show(numbers[name]);
    }
    this.mode.value = kept.mode;
    this.amount.row.hidden = kept.mode !== "blend";
    this.amount.show(kept.amount);
    this.zeroSum.checked = kept.zeroSum;
    this.lay.disabled = !stamping.fits;
    this.lay.classList.toggle("primary", stamping.stands);
    this.drop.disabled = !stamping.stands;
  }
}

/** @param {number} value */
const share = (value) => Math.max(0, Math.min(1, Number(value.toFixed(3))));

/**
 * @param {string} name @param {[string, string][]} options @param {(value: string) => void} chosen
 */
function choice(name, options, chosen) {
  const select = element(
    "select",
    { ariaLabel: name, title: name },
    ...options.map(([value, textContent]) => element("option", { value, textContent })),
  );
  select.addEventListener("change", () => chosen(select.value));
  return select;
}
