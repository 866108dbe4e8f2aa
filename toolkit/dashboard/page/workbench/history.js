// The history: every step with what it changed, to go back to, and points that were given a name.
import { moment } from "../words.js";
import { element } from "./dom.js";
import { percentPoints } from "./draw.js";
import { field, item, label } from "./entries.js";

/** @typedef {import("./bench.js").Bench} Bench */

const PAGE = 200; // as many steps as the server sends at once

export class HistoryList {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    /** @type {any} what the server said last */
    this.head = null;
    this.shownFor = "";
    this.list = element("div", { className: "steps" });
    const name = field("Name of this point", "name this point", (text) => this.nameIt(text), {
      placeholder: "a name for this point",
    });
    this.input = /** @type {HTMLInputElement} */ (name.firstChild);
    this.box = element("div", { className: "history" }, name, this.list);
  }

  /** @param {string} text */
  nameIt(text) {
    this.bench.store.tell({ kind: "save-point", name: text });
    this.input.value = "";
    this.bench.dirty();
  }

  /** @param {number} [first] */
  ask(first) {
    const { store, post } = this.bench;
    if (this.head && this.head.experiment !== store.experiment) this.head = null;
    if (!this.head) this.list.replaceChildren(label("…"));
    post.history(store.experiment, first);
  }

  /** @param {any} head */
  receive(head) {
    if (head.experiment !== this.bench.store?.experiment) return;
    const { head: before } = this;
    // Steps from further back come before those that are here.
    if (before && head.first + head.steps.length === before.first && head.count === before.count) {
      head = { ...head, steps: [...head.steps, ...before.steps] };
    }
    this.head = head;
    this.show();
  }

  show() {
    const { bench, head } = this,
      { box } = bench.menus;
    const steps = head.steps.map((/** @type {any} */ step, /** @type {number} */ k) =>
      this.step(step, head.first + k + 1),
    );
    const { score } = bench.store.state;
    const loaded = score.unscored ? "" : `${(100 * (score.accuracy - (score.start ?? 0))).toFixed(2)}%`;
    const start = item("as loaded", loaded, () => bench.ask({ kind: "jump", step: 0 }), {
      className: head.cursor === 0 ? "here" : "",
    });
    const more = head.first
      ? [
          item(`${head.first.toLocaleString("en")} earlier steps…`, "", () =>
            bench.post.history(bench.store.experiment, Math.max(0, head.first - PAGE)),
          ),
        ]
      : [];
    const scrolled = box.scrollTop;
    const at = /** @type {ShadowRoot} */ (box.getRootNode()).activeElement,
      inside = at && this.list.contains(at);
    if (!steps.length && !head.save_points.length) {
      this.list.replaceChildren(
        label("Nothing done yet. Every stroke, bias and reset will be listed here, to go back to."),
      );
    } else this.list.replaceChildren(...this.points(), ...steps.reverse(), ...more, start);
    box.scrollTop = scrolled;
    if (inside)
      /** @type {HTMLElement|null} */ (this.list.querySelector(".here"))?.focus({ preventScroll: true });
  }

  /** @param {[string, number|null, number|null, string]} step @param {number} number */
  step([name, change, accuracy, why], number) {
    const { cursor } = this.head,
      className = number === cursor ? "here" : number > cursor ? "undone" : "";
    const made = item(`${number}. ${name}`, "", () => this.bench.ask({ kind: "jump", step: number }), {
      className,
      title: why,
    });
    const sign = change && change > 0 ? "up" : change && change < 0 ? "down" : "";
    made.lastElementChild?.replaceWith(
      element(
        "span",
        { className: "figures" },
        element("span", {
          className: `delta ${sign}`,
          textContent: change === null ? "" : percentPoints(change),
        }),
        element("span", {
          className: "delta after",
          textContent: accuracy === null ? "" : `${(100 * accuracy).toFixed(2)}%`,
        }),
      ),
    );
    return made;
  }

  points() {
    const { save_points: points } = this.head;
    if (!points.length) return [];
    return [
      label("Named points. Going back to one is a step that can be undone."),
      ...points.map((/** @type {[string, number, number]} */ [name, cursor, made]) =>
        element(
          "div",
          { className: "point" },
          item(`back to ${name}`, `after step ${cursor}`, () => this.bench.ask({ kind: "restore", name }), {
            title: moment(made),
          }),
          item("branch", "", () => this.bench.ask({ kind: "branch", point: name, name }), {
            title: "Go on from there in an experiment of its own; this one stays as it is",
            className: "aside",
          }),
        ),
      ),
      element("hr"),
    ];
  }
}
