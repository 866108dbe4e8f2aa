// The menus of the bar: what opens, shows a list and closes. What each holds stands in entries.js.

import { element, find } from "./dom.js";
import { ENTRIES } from "./entries.js";
import { HistoryList } from "./history.js";

/** @typedef {import("./bench.js").Bench} Bench */

export class Menus {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.box = find(bench.root, ".menu");
    /** @type {HTMLElement|null} what opened it */
    this.button = null;
    this.name = "";
    this.history = new HistoryList(bench);
    this.box.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (!step) return;
      const items = /** @type {HTMLElement[]} */ ([...this.box.querySelectorAll("button:not(:disabled)")]);
      const here = /** @type {ShadowRoot} */ (this.box.getRootNode()).activeElement;
      const at = items.indexOf(/** @type {HTMLElement} */ (here)) + step;
      items[(at + items.length) % items.length]?.focus();
      event.preventDefault();
    });
    bench.listen(window, "pointerdown", (event) => {
      const path = event.composedPath();
      const inside = path.includes(this.box) || path.some((/** @type {any} */ node) => node.dataset?.menu);
      if (!inside) this.close();
    });
  }

  get isOpen() {
    return !this.box.hidden;
  }

  /** @param {HTMLElement} button */
  toggle(button) {
    const again = this.button === button && this.isOpen;
    this.close();
    if (!again) this.open(button, button.dataset.menu ?? "");
  }

  /** Open a menu that has no button of its own, where the network's stands. @param {string} name */
  openNamed(name) {
    this.close();
    const own = /** @type {HTMLElement|null} */ (this.bench.root.querySelector(`[data-menu=${name}]`));
    this.open(own ?? find(this.bench.root, "[data-menu=network]"), name);
  }

  /** @param {HTMLElement} button @param {string} name */
  open(button, name) {
    this.button = button;
    this.name = name;
    this.box.dataset.open = name;
    this.fill();
    this.box.hidden = false;
    this.box.scrollTop = 0; // not where the menu before it was
    const { root } = this.bench,
      place = root.getBoundingClientRect(),
      from = button.getBoundingClientRect();
    const left = Math.max(4, Math.min(from.left - place.left, place.width - this.box.offsetWidth - 4));
    Object.assign(this.box.style, { left: `${left}px`, top: `${from.bottom - place.top + 4}px` });
    /** @type {HTMLElement|null} */ (this.box.querySelector("button:not(:disabled)"))?.focus({
      preventScroll: true,
    });
  }

  fill() {
    if (this.name === "history") {
      this.history.ask();
      this.box.replaceChildren(this.history.box);
    } else this.box.replaceChildren(...(ENTRIES[this.name]?.(this.bench) ?? []));
  }

  /**
   * Show what changed in an open menu.
   * @param {boolean} [set] whether a setting changed; else what the server said
   */
  refresh(set = false) {
    if (!this.isOpen) return;
    if (this.name === "history") {
      if (!set) this.history.ask();
      return;
    }
    // While one writes a name it must not go.
    const at = /** @type {ShadowRoot} */ (this.box.getRootNode()).activeElement;
    if (at instanceof HTMLInputElement && this.box.contains(at)) return;
    const scrolled = this.box.scrollTop,
      place = at ? [...this.box.querySelectorAll("button")].indexOf(/** @type {any} */ (at)) : -1;
    this.fill();
    this.box.scrollTop = scrolled;
    if (place >= 0) this.box.querySelectorAll("button")[place]?.focus({ preventScroll: true });
  }

  /** @param {any} head */
  showHistory(head) {
    this.history.receive(head);
  }

  /** Whether one was open. */
  close() {
    if (!this.isOpen) return false;
    this.box.hidden = true;
    this.box.replaceChildren(element("span"));
    this.button?.focus({ preventScroll: true });
    this.button = null;
    this.name = this.box.dataset.open = "";
    return true;
  }
}
