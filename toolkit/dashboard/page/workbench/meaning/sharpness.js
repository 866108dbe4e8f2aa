// The sharpness of a clause: its number, how hard or faint it is on the digits, one click to mend that.
import { CLAUSE_WORDS as words } from "../../words/meaning.js";
import { element, setText } from "../dom.js";
import { number } from "../draw.js";
import { numberField } from "../numberfield.js";

/** @typedef {import("../bench.js").Bench} Bench */
/** @typedef {{z?: [number, number], softer?: number|null, sharper?: number|null}} Told where z lies on the digits; less hard, or less faint, with which sharpness */

const USUAL = 4;
const [DULLEST, SHARPEST] = [0.001, 100];

export class Sharpness {
  /** @param {Bench} bench @param {{changed: (typed: boolean) => void, make: () => void, leave: () => void}} hands */
  constructor(bench, { changed, make, leave }) {
    this.value = USUAL;
    /** A person chose it for what is written: else it follows the numbers of the sentence. */
    this.chosen = false;
    /** That chosen last for a clause that was made: the next neuron begins with it. */
    this.last = USUAL;
    /** What is offered instead. @type {number|null} */
    this.better = null;
    // What is out of bounds is refused where it is asked for, which says why.
    const put = (/** @type {number} */ value) => {
      this.put(value, true);
      changed(true);
    };
    this.field = numberField({
      name: words.sharpness,
      title: words.sharpnessTitle,
      put,
      step: (steps) => put(stepped(this.value, steps)),
      refuse: (got) =>
        bench.say({ code: "bad-number", kind: "error", fields: { name: words.sharpness, got } }),
      enter: make,
      write: (value) => String(Number(value.toPrecision(3))),
      leave,
    });
    this.label = element("label", { title: words.sharpnessTitle }, `${words.sharpness} `, this.field.input);
    this.range = element("span");
    this.mend = element("button", {
      className: "softer",
      onclick: () => {
        this.put(this.better ?? this.value, true);
        changed(false);
      },
    });
    this.line = element("p", { className: "steep" }, this.range, " ", this.mend);
  }

  /** @param {number} value @param {boolean} [chosen] */
  put(value, chosen = false) {
    this.value = value;
    this.chosen = chosen;
  }

  /** What is written down of it, for `put`. */
  get kept() {
    return { sharpness: this.value, chosen: this.chosen };
  }

  /** @param {Told|null} told */
  draw(told) {
    this.field.show(this.value);
    this.line.hidden = !told?.z;
    if (!told?.z) return;
    const [low, high] = told.z,
      range = words.range(number(low, 1), number(high, 1));
    const softer = told.softer ?? null,
      sharper = told.sharper ?? null;
    this.better = softer ?? sharper;
    setText(this.range, softer !== null ? words.hard(range) : sharper !== null ? words.faint(range) : range);
    this.mend.hidden = this.better === null;
    this.line.classList.toggle("hard", this.better !== null);
    this.mend.title = softer !== null ? words.softerTitle : words.sharperTitle;
    if (softer !== null) setText(this.mend, words.softer(softer));
    else if (sharper !== null) setText(this.mend, words.sharper(sharper));
  }
}

/**
 * A sharpness some steps on: by halves, and below 1 in its first digit.
 * @param {number} value @param {number} steps
 */
export function stepped(value, steps) {
  let to = value;
  for (let k = 0; k < Math.abs(steps); k++) {
    const from = steps < 0 ? to * 0.999 : to;
    const step = from >= 1 ? 0.5 : 10 ** Math.floor(Math.log10(Math.max(DULLEST, from)) + 1e-9);
    to = Math.max(DULLEST, Math.min(SHARPEST, Number((to + Math.sign(steps) * step).toFixed(3))));
  }
  return to;
}
