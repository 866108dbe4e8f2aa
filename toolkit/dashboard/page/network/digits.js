// Digits behind a figure, as pictures: some at a time, each one click away from the workbench.
import { classNames, outputNames, unscored } from "../core/classes.js";
import { strip, stripTable } from "../looking/charts/maps.js";
import { Figure } from "../looking/figure.js";
import { element } from "../workbench/dom.js";
import { digitsOf } from "../workbench/sheet.js";

/** @typedef {import("../looking/page.js").Looking} Looking */
/** @typedef {import("../workbench/sheet.js").Of} Of */
/** @typedef {import("../workbench/sheet.js").Found} Found */

const AT_ONCE = 40;

export class DigitsFigure {
  /**
   * @param {Looking} looking
   * @param {{id: string, title: string, caption: string, none: string}} given `none` where nothing was asked for yet
   * @param {(more: number, left: number) => string} more what the button for more of them says
   */
  constructor(looking, { id, title, caption, none }, more) {
    this.looking = looking;
    this.words = more;
    this.more = element("button", { hidden: true, onclick: () => this.#load() });
    this.figure = new Figure({ id, title, caption, of: () => looking.fileOf, controls: [this.more] });
    this.figure.empty(none);
    this.node = this.figure.node;
    this.asked = 0;
    /** @type {Of|null} */
    this.of = null;
    /** @type {Found[]} */
    this.digits = [];
    this.count = 0;
    /** @type {string|undefined} */
    this.title = undefined;
    /** @type {(digit: Found) => Found} */
    this.turn = (digit) => digit;
    /** @type {((digit: Found) => string)|undefined} */
    this.says = undefined;
  }

  /**
   * @param {Of} of which digits
   * @param {object} [how]
   * @param {string} [how.title]
   * @param {string} [how.caption]
   * @param {string} [how.empty] where there are none
   * @param {(digit: Found) => Found} [how.turn] another reading of each, where it is not the network's as it is
   * @param {(digit: Found) => string} [how.says]
   */
  async show(of, { title, caption, empty = "", turn = (digit) => digit, says } = {}) {
    Object.assign(this, { of, title, caption, digits: [], turn, says, nothing: empty });
    if (title !== undefined) this.figure.heading.textContent = title;
    this.figure.wait();
    await this.#load();
  }

  /** Those of the network as it is now. */
  again() {
    if (!this.of) return;
    this.digits = [];
    this.figure.wait();
    this.#load();
  }

  /** Nothing is asked for any more. @param {string} why */
  clear(why) {
    this.asked++;
    this.of = null;
    this.more.hidden = true;
    this.figure.empty(why);
  }

  /** Numbers of digits are asked for a page at a time, others by where they begin. */
  async #load() {
    const asked = ++this.asked,
      { of, digits } = this;
    if (!of) return;
    const first = digits.length;
    const part = of.numbers ? { numbers: of.numbers.slice(first, first + AT_ONCE) } : of;
    try {
      const found =
        of.numbers && !of.numbers.length
          ? { count: 0, digits: [] }
          : await digitsOf(/** @type {any} */ (this.looking), part, of.numbers ? 0 : first, AT_ONCE);
      if (asked !== this.asked || this.looking.closed) return;
      this.count = of.numbers ? of.numbers.length : found.count;
      this.digits = [...digits, ...found.digits.map(this.turn)];
      this.#draw();
    } catch (error) {
      if (asked === this.asked && !this.looking.closed)
        this.figure.empty(error instanceof Error ? error.message : String(error));
    }
  }

  #draw() {
    const { digits, figure, looking, title, caption, says } = /** @type {any} */ (this);
    const left = this.count - digits.length;
    this.more.hidden = left <= 0 || !digits.length;
    this.more.textContent = this.words(Math.min(AT_ONCE, left), left);
    if (!digits.length) {
      figure.empty(/** @type {any} */ (this).nothing);
      return;
    }
    const is = classNames(looking.shown.state),
      as = outputNames(looking.shown.state);
    const given = {
      digits,
      columns: looking.shown.firstGrid.columns,
      scored: !unscored(looking.shown.state),
      label: (/** @type {number} */ k) => `${is[digits[k].label]} → ${as[digits[k].read]}`,
      says: says && ((/** @type {number} */ k) => says(digits[k])),
      act: (/** @type {number} */ k) => looking.goTo("", { digit: digits[k].number }),
    };
    figure.show({
      title,
      caption,
      draw: (/** @type {number} */ width) => strip(given, width),
      table: () => stripTable(given),
    });
  }

  close() {
    this.figure.close();
  }
}
