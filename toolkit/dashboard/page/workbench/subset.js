// Some classes scored alone: chosen below the bars, kept in the address, each person's own.
import { SUBSET_WORDS as words } from "../words/see.js";
import * as address from "./address.js";
import { element, find, setText } from "./dom.js";

/** @typedef {import("./bench.js").Bench} Bench */

class Subset {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    /** @type {Set<number>} */
    this.chosen = new Set(address.classes());
    this.wanted = "";
    this.bars = find(bench.root, ".per-digit");
    this.said = element("span", {});
    this.among = element("small", {});
    const clear = element("button", { textContent: "×", title: words.clear, onclick: () => this.choose([]) });
    clear.setAttribute("aria-label", words.clear);
    this.line = element(
      "div",
      { className: "subset", hidden: true },
      element("span", {}, this.said, " ", this.among),
      clear,
    );
    this.bars.after(this.line);
    this.buttons = this.build();
    bench.hear("classes-built", () => {
      this.buttons = this.build();
      // Of classes that are not there none is chosen.
      const kept = [...this.chosen].filter((label) => label < this.buttons.length);
      if (kept.length < this.chosen.size) this.choose(kept);
      else this.show();
    });
    bench.commands.add(
      {
        name: words.command,
        group: "see",
        also: words.also,
        run: () => this.ask(),
      },
      {
        name: words.all,
        group: "see",
        also: words.also,
        run: () => this.choose([]),
        when: () => this.chosen.size > 0,
      },
    );
    bench.hear("answer", () => this.receive());
    bench.hear("reading", () => this.receive());
    this.show();
  }

  build() {
    return [...this.bars.querySelectorAll(":scope > div")].map((column, label) => {
      const old = find(column, ":scope > span"),
        button = element("button", {
          className: "class-choice",
          textContent: this.bench.digits.names[label],
        });
      button.addEventListener("click", (event) => {
        event.stopPropagation();
        this.turn(label);
      });
      // The column's own Enter shows its digits.
      button.addEventListener("keydown", (event) => event.stopPropagation());
      old.replaceWith(button);
      return button;
    });
  }

  /** Say what to do, where it is done. */
  ask() {
    const { bench, line, said, among } = this;
    bench.keeps.get("confusion")?.put(false);
    if (!this.wanted) {
      said.textContent = words.none;
      among.textContent = "";
      this.asking = true;
      line.hidden = false;
    }
    this.buttons[0].focus();
  }

  /** Whether the line says what to do until a class is chosen. */
  asking = false;

  /** @param {number} label */
  turn(label) {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(label)) chosen.add(label);
    this.choose(chosen);
  }

  /** @param {Iterable<number>} labels */
  choose(labels) {
    this.asking = false;
    this.chosen = new Set(labels);
    address.write({ classes: this.name || null });
    this.show();
    this.receive();
  }

  /** As in the address. */
  get name() {
    return address.classesText(this.chosen);
  }

  show() {
    const { bench, name } = this;
    const wanted = name ? `subset/${name}` : "";
    if (wanted !== this.wanted) {
      if (wanted) bench.wants.add(wanted);
      if (this.wanted) bench.wants.drop(this.wanted);
      this.wanted = wanted;
    }
    this.buttons.forEach((button, label) => {
      const on = this.chosen.has(label);
      button.classList.toggle("on", on);
      button.ariaPressed = String(on);
      button.title = words.choose(bench.digits.names[label], on);
    });
    bench.classesChosen = this.chosen;
    bench.bell.ring("classes");
  }

  /** Those of the network in hand, which tells nothing of how it were without the other outputs. */
  live() {
    const { confusion } = this.bench.readings.now ?? {};
    if (!confusion) return null;
    let images = 0,
      correct = 0;
    for (const label of this.chosen) {
      correct += confusion[label]?.[label] ?? 0;
      for (const count of confusion[label] ?? []) images += count;
    }
    return { images, correct, among: null };
  }

  receive() {
    const { bench, wanted } = this;
    const live = wanted && bench.store?.state ? this.live() : null;
    const found = live ?? (wanted && bench.store?.state ? bench.store.extra(wanted) : null);
    // What moves with the hand would never stop talking.
    this.line.ariaLive = live ? "off" : "polite";
    this.line.hidden = (!wanted && !this.asking) || Boolean(bench.store?.state?.score.unscored);
    if (!wanted) return;
    const named = [...this.chosen]
      .sort((a, b) => a - b)
      .map((label) => bench.digits.names[label])
      .join(" ");
    if (typeof found?.images !== "number") {
      this.said.textContent = words.scored(named, "…");
      this.among.textContent = "";
      return;
    }
    const { images, correct, among } = found;
    const percent = (/** @type {number} */ right) =>
      images ? `${((100 * right) / images).toFixed(2)}%` : "–";
    setText(this.said, words.scored(named, percent(correct)));
    if (among === null) return;
    // Of one class alone no other answer would be left.
    setText(this.among, this.chosen.size > 1 ? words.among(percent(among)) : "");
    this.line.title = words.title(correct, images, among);
  }
}

/** @param {Bench} bench */
export function install(bench) {
  new Subset(bench);
}
