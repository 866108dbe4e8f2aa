// Walking through what was done, or through a recipe that was opened: a step at a time, with the
// sentence that says what it is for.

import { STEPS as words } from "../words/exercises.js";
import { percent } from "../words.js";
import { element } from "./dom.js";
import { percentPoints } from "./draw.js";

/** @typedef {import("./bench.js").Bench} Bench */
/** @typedef {{step: number, name: string, why: string, where: [number, number]|null, change: number|null, accuracy: number|null, points: string[]}} Told */

const CARD = "walk";

class Walk {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.box = element("div", { className: "walk" });
    this.asked = "";
    const group = words.group;
    bench.commands.add(
      { id: "walk", name: words.command, group, also: words.also, run: () => this.open() },
      {
        name: words.next,
        group,
        keys: ">",
        also: words.also,
        run: () => this.go(1),
        when: () => this.at < this.count,
      },
      {
        name: words.previous,
        group,
        keys: "<",
        also: words.also,
        run: () => this.go(-1),
        when: () => this.at > 0,
      },
    );
    bench.hear("answer", () => this.show());
    bench.listen(window, "keydown", (event) => this.down(event));
  }

  get at() {
    return this.bench.store?.state?.history.cursor ?? 0;
  }

  get count() {
    return this.bench.store?.state?.history.count ?? 0;
  }

  /** @param {KeyboardEvent} event */
  down(event) {
    const step = event.key === ">" ? 1 : event.key === "<" ? -1 : 0;
    const target = event.composedPath()[0];
    if (!step || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target instanceof Element && target.closest("input, select, textarea, [contenteditable], dialog"))
      return;
    this.go(step);
    event.preventDefault();
  }

  open() {
    this.asked = "";
    this.bench.dock.open(CARD, words.card, this.box);
    this.show();
  }

  /** @param {number} by */
  go(by) {
    this.jump(this.at + by);
  }

  /** @param {number} step */
  jump(step) {
    const { bench } = this;
    if (bench.dock.name !== CARD) this.open();
    if (step < 0 || step > this.count || step === this.at) return;
    this.wanted = step;
    bench.ask({ kind: "jump", step });
  }

  /** The step that one went to, where one went there by walking: its neuron is shown. */
  wanted = -1;

  async show() {
    const { bench } = this;
    if (bench.dock.name !== CARD) return;
    const { at, count } = this;
    const key = `${bench.store.experiment} ${at} ${count} ${bench.store.state.revision}`;
    if (key === this.asked) return;
    this.asked = key;
    /** @type {Told|null} */
    let told = null;
    if (at > 0) {
      try {
        told = (await bench.post.ask({ what: "step", step: at })).head;
      } catch {
        this.asked = "";
        return;
      }
    }
    const made = count ? null : await bench.post.ask({ what: "recipe" }).catch(() => null);
    if (this.asked !== key) return;
    if (told?.where && this.wanted === at) {
      const [layer, neuron] = bench.store.selected;
      if (layer !== told.where[0] || neuron !== told.where[1]) bench.select(told.where[0], told.where[1]);
    }
    this.wanted = -1;
    if (count) this.fill(told, at, count);
    else bench.dock.refill(this.box, ...this.empty(made));
  }

  /** @param {import("../core/asking.js").Reply|null} made the recipe that the network ships with */
  empty(made) {
    const none = element("p", { textContent: words.none });
    if (!made?.head.steps) return [none];
    const { name, steps } = made.head;
    // As if the person had it as a file.
    const file = new File([/** @type {BlobPart} */ (made.body.slice())], name);
    const open = element("button", {
      className: "primary",
      textContent: words.openShipped(steps),
      title: words.openShippedTitle,
      onclick: () => this.bench.files.send("upload", file),
    });
    return [element("p", { textContent: words.shipped }), element("p", {}, open)];
  }

  /** @param {Told|null} told @param {number} at @param {number} count */
  fill(told, at, count) {
    /** @param {string} text @param {string} title @param {number} step */
    const button = (text, title, step) => {
      const made = element("button", {
        textContent: text,
        title,
        disabled: step < 0 || step > count || step === at,
        onclick: () => this.jump(step),
      });
      made.setAttribute("aria-label", title);
      return made;
    };
    const row = element(
      "div",
      { className: "row" },
      button("|◂", words.first, 0),
      button("◂", `${words.previous} (<)`, at - 1),
      element("b", { className: "at", textContent: words.of(at, count) }),
      button("▸", `${words.next} (>)`, at + 1),
      button("▸|", words.last, count),
    );
    const focused = /** @type {ShadowRoot} */ (this.box.getRootNode()).activeElement;
    // While one writes it must not go.
    if (focused instanceof HTMLTextAreaElement && this.box.contains(focused) && this.filled === at) return;
    this.filled = at;
    const body = told ? this.said(told) : [element("p", { textContent: words.start })];
    const note = at < count ? [element("p", { className: "note", textContent: words.note })] : [];
    this.bench.dock.refill(this.box, row, ...body, ...note);
  }

  /** The step whose sentence is shown. */
  filled = -1;

  /** @param {Told} told */
  said(told) {
    const { bench } = this;
    const why = element("textarea", {
      className: "why",
      value: told.why,
      placeholder: words.noWhy,
      ariaLabel: words.whyTitle,
      title: words.whyTitle,
      maxLength: 500,
      rows: Math.min(5, Math.max(2, Math.ceil(told.why.length / 44))),
      onchange: () => {
        bench.store.tell({ kind: "why", step: told.step, text: why.value });
        bench.dirty();
      },
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        if (event.key === "Escape") why.value = told.why;
        why.blur();
        bench.root.focus({ preventScroll: true });
        event.preventDefault();
        event.stopPropagation();
      },
    });
    const figures = [
      told.accuracy === null ? "" : percent(told.accuracy),
      told.change === null ? "" : percentPoints(told.change),
      ...told.points.map((name) => `“${name}”`),
    ].filter(Boolean);
    return [
      why,
      element("p", { className: "name" }, told.name, element("small", { textContent: figures.join(" · ") })),
    ];
  }
}

/** @param {Bench} bench */
export function install(bench) {
  new Walk(bench);
}
