// A sheet of digits: those behind a figure, a few rows of them, each to be shown at a click.

import { classNames, outputNames, unscored } from "../core/classes.js";
import { SHEET_WORDS as words } from "../words/see.js";
import { count } from "../words.js";
import { element } from "./dom.js";
import { drawGrey } from "./draw.js";

/** @typedef {import("./bench.js").Bench} Bench */
/**
 * What describes digits, all of it that is given: of a class, read as another, right or wrong, on
 * which a neuron fires or not, in the order of its weighted sum, or by their numbers.
 * @typedef {{label?: number, read?: number, right?: boolean, neuron?: number[], fires?: boolean, order?: "most"|"least"|"near", near?: number, numbers?: number[]}} Of
 * @typedef {{number: number, label: number, read: number, pixels: Uint8Array}} Found
 * @typedef {{title: string, of: Of}} Asked
 * @typedef {Asked & {label: string}} Way another sheet, one click away
 */

const AT_ONCE = 40,
  MOST = 60, // that the server sends at once
  ACROSS = 8; // in a row, as the style has it
const CURRENT_MS = 200; // after the last answer, until the digits are those of the network as it is

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
 * @param {string} [by] who reads it so, where that is not the network as it is
 */
export function thumb(bench, { number, label, read, pixels }, by = "") {
  const canvas = element("canvas");
  drawGrey(
    canvas,
    Float32Array.from(pixels, (level) => level / 255),
    bench.store.state.grid[1],
  );
  const { state } = bench.store,
    wrong = label !== read && !unscored(state);
  const [is, as] = [classNames(state)[label], outputNames(state)[read]];
  const button = element(
    "button",
    {
      value: String(number),
      className: wrong ? "thumb wrong" : "thumb",
      title: `digit ${number}: a ${is}, read as ${as}${by}`,
      ariaLabel: `Show digit ${number}, a ${is} read as ${as}${by}`,
      onclick: () => bench.digits.show(number),
    },
    canvas,
  );
  if (wrong) button.append(element("i", { textContent: as }));
  return button;
}

/** Of small pictures the digit that goes in is marked. @param {Bench} bench @param {Iterable<HTMLButtonElement>} thumbs */
export function markShown(bench, thumbs) {
  const { index } = bench.store.state.digit;
  for (const each of thumbs) each.classList.toggle("here", each.value === String(index));
}

/** Arrow keys go from digit to digit. @param {KeyboardEvent} event */
export function walkThumbs(event) {
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -ACROSS, ArrowDown: ACROSS };
  const step = steps[/** @type {keyof typeof steps} */ (event.key)];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  const all = /** @type {HTMLElement[]} */ ([.../** @type {HTMLElement} */ (event.currentTarget).children]);
  const at = all.indexOf(/** @type {HTMLElement} */ (event.target)) + step;
  all[Math.max(0, Math.min(all.length - 1, at))]?.focus();
}

export class Sheet {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.note = element("p");
    this.note.setAttribute("aria-live", "polite");
    this.list = element("div", { className: "sheet-digits" });
    this.more = element("button", { className: "more", textContent: "more", onclick: () => this.load() });
    this.choice = element("div", { className: "sheet-ways" });
    this.box = element("div", { className: "sheet" }, this.choice, this.note, this.list, this.more);
    this.asked = 0;
    this.revision = 0;
    /** @type {any} */
    this.timer = 0;
    /** @type {Of} */
    this.of = {};
    this.list.addEventListener("keydown", walkThumbs);
    bench.hear("answer", () => this.receive());
    bench.hear("close", () => clearTimeout(this.timer));
  }

  get isOpen() {
    return this.bench.dock.isOpen && this.bench.dock.name === "digits";
  }

  /** The digits stay those of the network as it is. */
  receive() {
    if (!this.isOpen) return;
    const { state } = this.bench.store;
    this.mark();
    if (state.revision === this.revision) return;
    this.revision = state.revision;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.bench.closed && this.isOpen) this.load(true);
    }, CURRENT_MS);
  }

  mark() {
    markShown(this.bench, /** @type {Iterable<HTMLButtonElement>} */ (this.list.children));
  }

  /**
   * @param {Asked} given
   * @param {Way[]} [ways] of looking at the same, this one among them
   */
  show({ title, of }, ways = []) {
    this.of = of;
    this.asked++;
    this.revision = this.bench.store.state.revision;
    this.list.replaceChildren();
    this.choice.replaceChildren(
      ...ways.map((way) =>
        element("button", {
          textContent: way.label,
          title: way.title,
          className: way.title === title ? "on" : "",
          ariaPressed: String(way.title === title),
          onclick: () => this.show(way, ways),
        }),
      ),
    );
    this.note.textContent = words.loading;
    this.more.hidden = true;
    this.bench.dock.open("digits", title, this.box);
    this.load();
  }

  /** Show more of them, or anew those that are shown. @param {boolean} [anew] */
  async load(anew = false) {
    if (anew) this.asked++;
    const asked = this.asked,
      shown = this.list.childElementCount,
      first = anew ? 0 : shown;
    try {
      const most = anew ? Math.max(AT_ONCE, Math.min(MOST, shown)) : AT_ONCE;
      const found = await digitsOf(this.bench, this.of, first, most);
      if (asked !== this.asked) return;
      const thumbs = found.digits.map((each) => thumb(this.bench, each));
      if (anew) this.replace(thumbs);
      else this.list.append(...thumbs);
      this.mark();
      const left = found.count - this.list.childElementCount;
      this.note.textContent = found.count
        ? `${count(found.count, "digit")}${found.digits.some(({ label, read }) => label !== read) ? `; ${words.figure}` : ""}.`
        : words.none;
      this.more.hidden = left <= 0;
      this.more.textContent = `${Math.min(left, AT_ONCE)} more of ${left.toLocaleString("en")}`;
    } catch (error) {
      if (asked === this.asked)
        this.note.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /** Others in their place; the keyboard stays on the digit it was on. @param {HTMLButtonElement[]} thumbs */
  replace(thumbs) {
    const root = /** @type {ShadowRoot} */ (this.list.getRootNode()),
      at = /** @type {HTMLButtonElement|null} */ (root.activeElement);
    const kept = at && this.list.contains(at) ? at.value : null;
    this.list.replaceChildren(...thumbs);
    if (kept !== null) (thumbs.find(({ value }) => value === kept) ?? thumbs[0])?.focus();
  }
}
