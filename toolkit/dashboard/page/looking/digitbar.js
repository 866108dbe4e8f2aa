// Which digit is at hand: its picture, what it is and is read as, and how one goes to another.

import { classNames, outputNames, unscored } from "../core/classes.js";
import { DIGIT_WORDS as words } from "../words/looking.js";
import { count } from "../words.js";
import { element, hasFocus, setText } from "../workbench/dom.js";
import { drawGrey } from "../workbench/draw.js";

/** @typedef {import("./page.js").Looking} Looking */

export class DigitBar {
  /** @param {Looking} looking */
  constructor(looking) {
    this.looking = looking;
    this.canvas = element("canvas", { className: "at-hand", width: 28, height: 28, role: "img" });
    this.said = element("p", { className: "digit-said" });
    this.said.setAttribute("aria-live", "polite");
    this.number = element("input", {
      type: "text",
      inputMode: "numeric",
      className: "digit-number",
      ariaLabel: words.number,
      title: words.number,
      onchange: () => this.#typed(),
    });
    const button = (/** @type {string} */ how, /** @type {string} */ text, /** @type {string} */ title) =>
      element("button", { textContent: text, title, ariaLabel: title, onclick: () => this.go(how) });
    this.node = element(
      "div",
      { className: "digit-bar" },
      this.canvas,
      element(
        "div",
        {},
        this.said,
        element(
          "div",
          { className: "row" },
          button("previous", "◂", words.previous),
          this.number,
          button("next", "▸", words.next),
          button("random", words.random, words.randomTitle),
          button("wrong", words.wrong, words.wrongTitle),
        ),
      ),
    );
    looking.hear("answer", () => this.show());
    this.show();
  }

  /** @param {string} how */
  go(how) {
    this.looking.shown.tell({ kind: "digit", how, class: null });
  }

  /** @param {number} index */
  pick(index) {
    this.looking.shown.tell({ kind: "digit", how: "index", index });
  }

  #typed() {
    const { state } = this.looking.shown,
      text = this.number.value.trim(),
      which = Number(text);
    if (!/^\d+$/.test(text) || which >= state.digits.of) {
      this.looking.say({
        code: "bad-index",
        kind: "error",
        fields: { most: state.digits.of - 1, got: text },
      });
      this.number.value = state.digit.index === null ? "" : String(state.digit.index);
    } else if (which !== state.digit.index) this.pick(which);
  }

  show() {
    const { store } = this.looking;
    if (!store?.state) return;
    const { index, label } = store.state.digit;
    drawGrey(this.canvas, store.digit, store.state.grid[1]);
    const { state } = store,
      why = unscored(state),
      is = label === null ? null : classNames(state)[label],
      as = outputNames(state)[store.winner];
    const alone = state.sizes[state.sizes.length - 1] === 1;
    const said = why ? words.answered(index, is, alone ? null : as) : words.said(index, is, as);
    setText(this.said, said);
    this.canvas.ariaLabel = said;
    this.said.classList.toggle("wrong", label !== null && !why && label !== store.winner);
    if (!hasFocus(this.number)) this.number.value = index === null ? "" : String(index);
    this.number.title = `${words.number}, ${count(store.state.digits.of, "digit")}`;
  }
}
