// What the page says to the person: notices that go by themselves, the calm line while the server is
// away, and the steps that could not be laid, which stay until they are dismissed.
import { DURABLE } from "../core/outbox.js";
import { away, label, letterName, refusedTitle, sentence } from "../words.js";
import { element } from "./dom.js";

/**
 * @typedef {import("../words.js").Notice} Notice
 * @typedef {import("../words.js").Action} Action
 */

const MOST_LINES = 4;
const INFO_MS = 8000,
  LONG_MS = 15000;
const KEPT_HEARD = 100;
const CALM_MS = 1000; // a shorter absence is nobody's concern

const OPENED = new Set(["uploaded", "imported"]);
const PAST = ["last-experiment", "upload-failed"];

export class Notices {
  /**
   * @param {HTMLElement} box of notices
   * @param {(action: Action) => void} act does what a button says
   */
  constructor(box, act) {
    this.box = box;
    this.act = act;
    /** @type {string[]} all that was said, newest last */
    this.heard = [];
    /** @type {Map<string, {line: HTMLElement, timer: any, id: string|undefined, own: boolean}>} by code */
    this.lines = new Map();
  }

  /** @param {string} text */
  hear(text) {
    this.heard.push(text);
    if (this.heard.length > KEPT_HEARD) this.heard.shift();
  }

  /** @param {Notice} notice */
  say(notice) {
    const { code, kind = "info", actions = [] } = notice,
      text = sentence(notice);
    const before = this.lines.get(code);
    if (before) this.drop(code, true);
    if (before?.line.firstChild?.textContent !== text) this.hear(text);
    // Who has opened a file is done with one that failed, and with what lay there before.
    if (OPENED.has(code)) for (const past of PAST) this.drop(past, true);
    const buttons = actions.map((action) =>
      element("button", {
        textContent: label(action),
        onclick: () => {
          this.drop(code);
          this.act(action);
        },
      }),
    );
    const close = element("button", {
      textContent: "×",
      ariaLabel: "Close",
      className: "close",
      onclick: () => this.drop(code),
    });
    const line = element(
      "div",
      { className: `said ${kind}` },
      element("span", { textContent: text }),
      ...buttons,
      close,
    );
    const wait = kind === "error" || actions.length ? LONG_MS : INFO_MS;
    const own = actions.some(({ letter }) => letter && DURABLE.has(letter.kind));
    const entry = { line, timer: setTimeout(() => this.drop(code), wait), id: notice.id, own };
    // What is being read does not go.
    line.addEventListener("pointerenter", () => clearTimeout(entry.timer));
    line.addEventListener("pointerleave", () => {
      clearTimeout(entry.timer);
      entry.timer = setTimeout(() => this.drop(code), INFO_MS);
    });
    this.lines.set(code, entry);
    for (const oldest of [...this.lines.keys()].slice(0, -MOST_LINES)) this.drop(oldest);
    this.box.append(line);
    this.box.hidden = false;
    raise(this.box);
    this.box.classList.toggle(
      "error",
      [...this.box.children].some((each) => each.classList.contains("error")),
    );
  }

  /** @param {string} code @param {boolean} [stay] whether the box stays, another line being on its way */
  drop(code, stay = false) {
    const entry = this.lines.get(code);
    if (!entry) return;
    clearTimeout(entry.timer);
    entry.line.remove();
    this.lines.delete(code);
    if (!stay && !this.lines.size) this.box.hidden = true;
  }

  /** What was entered now is right: what was wrong with an earlier entry is nobody's concern. */
  settle() {
    for (const code of [...this.lines.keys()]) if (/^(bad-|refused)/.test(code)) this.drop(code);
  }

  /** Another experiment is shown: what a button would do to the one before goes. */
  leave() {
    for (const [code, { own }] of [...this.lines]) if (own) this.drop(code);
  }

  clear() {
    for (const code of [...this.lines.keys()]) this.drop(code);
  }
}

/** Let the place of notices lie over all else, where it is made for that. @param {HTMLElement} box */
export function raise(box) {
  const place = box.closest("[popover]");
  if (place?.isConnected && !place.matches(":popover-open")) /** @type {HTMLElement} */ (place).showPopover();
}

/** The calm line in the bar while the server is away. */
export class ConnectionLine {
  /** @param {HTMLElement} node @param {Notices} notices */
  constructor(node, notices) {
    this.node = node;
    this.notices = notices;
    this.isAway = false;
    /** @type {any} */
    this.timer = 0;
    this.shown = "";
    this.waited = 0;
    this.full = false;
  }

  /**
   * Show how the connection is.
   * @param {boolean} connected @param {number} waiting steps that wait to be sent
   * @param {boolean} full whether it is away because the server has no room
   */
  show(connected, waiting, full) {
    if (!connected) {
      this.full = full;
      if (!this.timer)
        this.timer = setTimeout(() => {
          this.isAway = true;
          this.write();
        }, CALM_MS);
      this.waited = waiting;
      if (this.isAway) this.write();
      return;
    }
    clearTimeout(this.timer);
    this.timer = 0;
    if (!this.isAway) {
      this.waited = 0;
      return;
    }
    // Back; it is said once what waited is saved.
    if (waiting) {
      this.waited = Math.max(this.waited, waiting);
      return;
    }
    this.isAway = false;
    this.write();
    this.notices.say({ code: "connection-back", fields: { saved: this.waited } });
    this.waited = 0;
  }

  write() {
    const text = this.isAway ? away(this.waited, this.full) : "";
    this.node.hidden = !this.isAway;
    if (text === this.shown) return;
    if (text && !this.shown) this.notices.hear(text);
    this.node.textContent = this.shown = text;
  }

  close() {
    clearTimeout(this.timer);
  }
}

/** The steps that could not be laid, each with why. */
export class Tray {
  /** @param {HTMLElement} box @param {Notices} notices @param {() => void} dismissed */
  constructor(box, notices, dismissed) {
    this.box = box;
    this.notices = notices;
    this.dismissed = dismissed;
    /** @type {{item: any, notice: Notice}[]} */
    this.kept = [];
  }

  /** @param {{item: any, notice: Notice}} refused */
  add(refused) {
    this.kept.push(refused);
    this.notices.hear(sentence(refused.notice));
    this.show();
  }

  show() {
    this.box.hidden = !this.kept.length;
    if (!this.kept.length) return;
    const list = element("ul");
    for (const { item, notice } of this.kept.slice(-20).reverse()) {
      list.append(
        element("li", {}, element("b", { textContent: letterName(item) }), `: ${sentence(notice)}`),
      );
    }
    const dismiss = element("button", {
      textContent: "Dismiss",
      onclick: () => {
        this.kept = [];
        this.show();
        this.dismissed();
      },
    });
    const head = element(
      "div",
      { className: "head" },
      element("b", { textContent: refusedTitle(this.kept.length) }),
      dismiss,
    );
    this.box.replaceChildren(head, list);
  }
}
