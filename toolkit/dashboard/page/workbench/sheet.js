// A sheet of digits: those behind a figure, a few rows of them, each to be shown at a click.
import { count } from "../words.js";
import { element } from "./dom.js";
import { drawGrey } from "./draw.js";

/** @typedef {import("./bench.js").Bench} Bench */
/**
 * What describes digits, all of it that is given: of a class, read as another, right or wrong, on
 * which a neuron fires or not, in the order of its weighted sum, or by their numbers.
 * @typedef {{label?: number, read?: number, right?: boolean, neuron?: number[], fires?: boolean, order?: "most"|"least"|"near", near?: number, numbers?: number[]}} Of
 * @typedef {{number: number, label: number, read: number, pixels: Uint8Array}} Found
 */

const AT_ONCE = 40;

/**
 * Ask for digits.
 * @param {Bench} bench @param {Of} of @param {number} [first] @param {number} [most]
 * @returns {Promise<{count: number, digits: Found[]}>}
 */
export async function digitsOf(bench, of, first = 0, most = AT_ONCE) {
  const { head, body } = await bench.post.ask({ what: "digits", of, first, count: most });
  const size = head.digits.length ? body.length / head.digits.length : 0;
  const digits = head.digits.map(
    (/** @type {number[]} */ [number, label, read], /** @type {number} */ k) => ({
      number,
      label,
      read,
      pixels: body.slice(k * size, (k + 1) * size),
    }),
  );
  return { count: head.count, digits };
}

/**
 * A digit as a small picture that shows it at a click; one read wrong says as what.
 * @param {Bench} bench @param {Found} found
 */
export function thumb(bench, { number, label, read, pixels }) {
  const canvas = element("canvas");
  drawGrey(
    canvas,
    Float32Array.from(pixels, (level) => level / 255),
    bench.store.state.grid[1],
  );
  const wrong = label !== read;
  const button = element(
    "button",
    {
      className: wrong ? "thumb wrong" : "thumb",
      title: `digit ${number}: a ${label}, read as ${read}`,
      ariaLabel: `Show digit ${number}, a ${label} read as ${read}`,
      onclick: () => bench.digits.show(number),
    },
    canvas,
  );
  if (wrong) button.append(element("i", { textContent: String(read) }));
  return button;
}

export class Sheet {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.note = element("p");
    this.note.setAttribute("aria-live", "polite");
    this.list = element("div", { className: "sheet-digits" });
    this.more = element("button", { textContent: "more", onclick: () => this.load() });
    this.box = element("div", { className: "sheet" }, this.note, this.list, this.more);
    this.asked = 0;
    /** @type {Of} */
    this.of = {};
    this.list.addEventListener("keydown", (event) => this.walk(event));
  }

  /** @param {{title: string, of: Of}} given */
  show({ title, of }) {
    this.of = of;
    this.asked++;
    this.list.replaceChildren();
    this.note.textContent = "…";
    this.more.hidden = true;
    this.bench.dock.open("digits", title, this.box);
    this.load();
  }

  async load() {
    const asked = this.asked,
      first = this.list.childElementCount;
    try {
      const found = await digitsOf(this.bench, this.of, first);
      if (asked !== this.asked) return;
      this.list.append(...found.digits.map((each) => thumb(this.bench, each)));
      const left = found.count - this.list.childElementCount;
      this.note.textContent = found.count
        ? `${count(found.count, "digit")}${found.digits.some(({ label, read }) => label !== read) ? "; the small figure is what it is read as" : ""}.`
        : "None.";
      this.more.hidden = left <= 0;
      this.more.textContent = `${Math.min(left, AT_ONCE)} more of ${left.toLocaleString("en")}`;
    } catch (error) {
      if (asked === this.asked)
        this.note.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /** Arrow keys go from digit to digit. @param {KeyboardEvent} event */
  walk(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -8, ArrowDown: 8 };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const all = /** @type {HTMLElement[]} */ ([...this.list.children]);
    const at = all.indexOf(/** @type {HTMLElement} */ (event.target)) + step;
    all[Math.max(0, Math.min(all.length - 1, at))]?.focus();
  }
}
