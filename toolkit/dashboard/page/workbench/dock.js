// A card beside the work, one at a time: what one looks at or fills in while one goes on painting.
import { element, find } from "./dom.js";
import { isPhone } from "./fit.js";

/** @typedef {import("./bench.js").Bench} Bench */

const EXPECT_MS = 1500; // what a card shows may have to be asked for first

export class Dock {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.root = find(bench.root, ".dock");
    this.title = element("b");
    this.body = element("div", { className: "dock-body" });
    const close = element("button", { textContent: "×", title: "Close (Esc)", onclick: () => this.close() });
    close.setAttribute("aria-label", "Close");
    const head = element("header", { title: "Drag it to where it hides nothing" }, this.title, close);
    this.root.replaceChildren(head, this.body);
    this.letDrag(head);
    this.name = "";
    this.expected = 0;
    /** Until when what comes into an empty card takes the keyboard that the card was given. */
    this.waits = 0;
    /** @type {HTMLElement|null} what had the keyboard when it opened */
    this.from = null;
    /** @type {(() => void)|undefined} */
    this.closed = undefined;
  }

  /** By its head the card is moved, on a screen where it does not fill the width. @param {HTMLElement} head */
  letDrag(head) {
    /** @type {{x: number, y: number}|null} the pointer's place on the card */
    let held = null;
    head.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || isPhone() || event.target instanceof HTMLButtonElement) return;
      const box = this.root.getBoundingClientRect();
      held = { x: event.clientX - box.left, y: event.clientY - box.top };
      head.setPointerCapture(event.pointerId);
    });
    head.addEventListener("pointermove", (event) => {
      if (!held) return;
      const { offsetWidth, offsetHeight } = this.root;
      const left = Math.max(0, Math.min(window.innerWidth - offsetWidth, event.clientX - held.x));
      const top = Math.max(0, Math.min(window.innerHeight - offsetHeight, event.clientY - held.y));
      Object.assign(this.root.style, { left: `${left}px`, top: `${top}px`, right: "auto", bottom: "auto" });
    });
    for (const end of ["pointerup", "pointercancel"]) head.addEventListener(end, () => (held = null));
    head.addEventListener("dblclick", () => this.putBack());
    this.bench.listen(window, "resize", () => this.putBack());
  }

  /** Where it stood before it was dragged. */
  putBack() {
    Object.assign(this.root.style, { left: "", top: "", right: "", bottom: "" });
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
    if (!this.isOpen) this.from = this.focused;
    this.name = name;
    this.closed = closed;
    this.entitle(title);
    this.root.dataset.card = name;
    if (this.body.firstChild !== node || this.body.childNodes.length !== 1) this.body.replaceChildren(node);
    this.root.hidden = false;
    if (performance.now() > this.expected) return;
    this.expected = 0;
    this.enter();
  }

  /** What the card shows is called something else now. @param {string} title */
  entitle(title) {
    this.title.textContent = title;
    this.root.setAttribute("aria-label", title);
  }

  /**
   * Show something else in a card; who has the keyboard there keeps it, at the button of the same name.
   * @param {HTMLElement} box @param {...(Node|string)} nodes
   */
  refill(box, ...nodes) {
    const was = this.hasKeyboard ? this.focused : null;
    box.replaceChildren(...nodes);
    if (was && performance.now() < this.waits) this.first?.focus({ preventScroll: true });
    this.waits = 0;
    if (!was || was.isConnected) return;
    const name = was.ariaLabel ?? was.textContent;
    const same = [...box.querySelectorAll("button")].find(
      (each) => (each.ariaLabel ?? each.textContent) === name,
    );
    same?.focus({ preventScroll: true });
    this.enter();
  }

  /** A card that opens in a moment was asked for by keys: it is given them. */
  expect() {
    this.expected = performance.now() + EXPECT_MS;
  }

  /** Whether one was open. */
  close() {
    if (!this.isOpen) return false;
    // Taken away with what has the keyboard, it would leave it nowhere.
    const lost = this.hasKeyboard || !this.focused;
    this.root.hidden = true;
    const { closed } = this;
    this.name = "";
    this.closed = undefined;
    this.body.replaceChildren();
    closed?.();
    if (lost) this.leave();
    return true;
  }

  /** What has the keyboard, in the page or in the card. @returns {HTMLElement|null} */
  get focused() {
    const at = /** @type {ShadowRoot} */ (this.root.getRootNode()).activeElement;
    return at instanceof HTMLElement ? at : null;
  }

  get hasKeyboard() {
    return this.root.contains(this.focused);
  }

  /** What in the card takes the keyboard. @returns {HTMLElement|null} */
  get first() {
    return this.body.querySelector(":is(input, select, textarea, button):not(:disabled), [tabindex]");
  }

  /** Give the card the keyboard. */
  enter() {
    if (!this.isOpen || this.hasKeyboard) return;
    const { first } = this;
    if (!first) this.waits = performance.now() + EXPECT_MS;
    (first ?? find(this.root, "button")).focus({ preventScroll: true });
  }

  /** Give the keyboard back to where it was before the card, or to the map. */
  leave() {
    const back = this.from?.isConnected && !this.root.contains(this.from) ? this.from : null;
    (back ?? this.bench.surface.map).focus({ preventScroll: true });
  }
}
