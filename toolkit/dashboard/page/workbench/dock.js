// A card beside the work, one at a time: what one looks at or fills in while one goes on painting.
import { element, find } from "./dom.js";

/** @typedef {import("./bench.js").Bench} Bench */

export class Dock {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.root = find(bench.root, ".dock");
    this.title = element("b");
    this.body = element("div", { className: "dock-body" });
    const close = element("button", { textContent: "×", title: "Close (Esc)", onclick: () => this.close() });
    close.setAttribute("aria-label", "Close");
    this.root.replaceChildren(element("header", {}, this.title, close), this.body);
    this.name = "";
    /** @type {(() => void)|undefined} */
    this.closed = undefined;
  }

  get isOpen() {
    return !this.root.hidden;
  }

  /**
   * Show a card; the one before goes.
   * @param {string} name @param {string} title @param {Node} node
   * @param {() => void} [closed] called when it goes
   */
  open(name, title, node, closed) {
    if (this.name !== name) this.close();
    this.name = name;
    this.closed = closed;
    this.title.textContent = title;
    this.root.dataset.card = name;
    this.root.setAttribute("aria-label", title);
    if (this.body.firstChild !== node || this.body.childNodes.length !== 1) this.body.replaceChildren(node);
    this.root.hidden = false;
  }

  /** Whether one was open. */
  close() {
    if (!this.isOpen) return false;
    this.root.hidden = true;
    const { closed } = this;
    this.name = "";
    this.closed = undefined;
    this.body.replaceChildren();
    closed?.();
    return true;
  }
}
