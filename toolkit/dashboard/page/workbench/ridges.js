// The digits behind the ridges: those at a place of one, those that fire a neuron most, least and
// near its threshold; and the accuracy while the threshold is dragged.

import { classNames } from "../core/classes.js";
import { RIDGE_WORDS as words } from "../words/see.js";
import { element, find } from "./dom.js";
import { drawGrey, number } from "./draw.js";
import { called } from "./meaning/names.js";
import { biasTried } from "./ridgesof.js";
import { digitsOf } from "./sheet.js";

/** @typedef {import("./bench.js").Bench} Bench */
/** @typedef {import("./bias.js").Spot} Spot */

const ORDERS = /** @type {const} */ (["most", "near", "least"]);
const HOVER_MS = 60; // of resting on a ridge, until its digits are asked for
const FEW = 12;

class Ridges {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.asked = 0;
    /** @type {any} */
    this.timer = 0;
    const panel = find(bench.root, ".bias-panel");
    this.note = element("span");
    this.thumbs = element("span");
    this.strip = element("div", { className: "ridge-digits", hidden: true }, this.thumbs, this.note);
    panel.append(this.strip);
    const buttons = ORDERS.map((order) => {
      const button = element("button", {
        className: "class-switch",
        textContent: words[order],
        onclick: () => this.show(order),
      });
      button.addEventListener("pointerenter", () => {
        button.title = words.titles(this.name)[order];
      });
      bench.commands.add({
        name: words.titles("this neuron")[order],
        group: words.group,
        also: words.also,
        run: () => this.show(order),
      });
      return button;
    });
    find(panel, "h3").append(
      element(
        "span",
        { className: "ridge-ways" },
        element("span", { className: "ridge-word", textContent: words.digits }),
        ...buttons,
      ),
    );
    bench.biases.hovered = (spot) => this.hover(spot);
    bench.biases.picked = (spot) => this.pick(spot);
    bench.hear("select", () => this.hover(null));
    bench.hear("close", () => clearTimeout(this.timer));
  }

  /** @returns {number[]} the one shown */
  get neuron() {
    return this.bench.store.selected;
  }

  /** What it is called. */
  get name() {
    const [layer, neuron] = this.neuron;
    return called(this.bench.store, layer, neuron);
  }

  /** Digits of all classes by the neuron's weighted sum. @param {"most"|"near"|"least"} order */
  show(order) {
    const { neuron } = this,
      titles = words.titles(this.name);
    const ways = ORDERS.map((each) => ({
      label: each === "near" ? words.nearLong : words[each],
      title: titles[each],
      of: { neuron, order: each },
    }));
    this.bench.sheet.show(ways[ORDERS.indexOf(order)], ways);
  }

  /** Digits of one class, or all, near a sum. @param {Spot} spot */
  pick({ label, sum }) {
    const { neuron } = this,
      title = words.there(classNames(this.bench.store.state)[label], number(sum));
    this.hover(null);
    this.bench.sheet.show({ title, of: { label, neuron, near: sum } });
  }

  /** @param {Spot|null} spot */
  hover(spot) {
    clearTimeout(this.timer);
    this.asked++;
    if (!spot || !this.bench.store?.state) {
      this.strip.hidden = true;
      return;
    }
    const { asked } = this;
    this.timer = setTimeout(() => this.look(spot, asked), HOVER_MS);
  }

  /** @param {Spot} spot @param {number} asked */
  async look({ label, sum }, asked) {
    const { bench } = this;
    let found;
    try {
      found = await digitsOf(bench, { label, neuron: this.neuron, near: sum }, 0, FEW);
    } catch {
      return; // it is only looked at: away, or another experiment by now
    }
    if (asked !== this.asked || bench.closed) return;
    const columns = bench.store.state.grid[1];
    this.thumbs.replaceChildren(
      ...found.digits.map(({ pixels }) => {
        const canvas = element("canvas");
        drawGrey(
          canvas,
          Float32Array.from(pixels, (level) => level / 255),
          columns,
        );
        return canvas;
      }),
    );
    this.note.textContent = words.there(classNames(bench.store.state)[label], number(sum));
    this.strip.hidden = !found.digits.length;
  }
}

/** The accuracy that the threshold would give where it is, one question at a time: where none is live. */
class Trial {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.busy = false;
    this.tried = "";
    bench.hear("frame", () => this.look());
  }

  async look() {
    const { bench } = this,
      { store, readings } = bench,
      drag = store.biasDrag;
    if (!drag) {
      this.tried = "";
      // Dropped, its answer is on the way; given up, what was shown is not so.
      if (readings.tried && !store.outbox.length) {
        readings.tried = null;
        bench.dirty();
      }
      return;
    }
    const text = JSON.stringify(drag);
    if (this.busy || text === this.tried || bench.closed || bench.following?.counts) return;
    this.busy = true;
    this.tried = text;
    try {
      const { head } = await bench.post.ask({ what: "bias", ...drag });
      const { settled } = readings;
      if (bench.store === store && store.biasDrag && settled && !bench.closed) {
        const start = (settled.accuracy ?? 0) - (settled.start ?? 0);
        const last = head.accuracy - (settled.accuracy ?? 0);
        const { accuracy, correct, images } = head;
        if (!settled.unscored)
          readings.tried = { ...settled, accuracy, correct, images, last, start: accuracy - start };
        biasTried(bench, head);
      }
    } catch {
      // Too wide, or away: the exact accuracy comes when it is dropped.
    }
    this.busy = false;
    if (!bench.closed) this.look();
  }
}

/** @param {Bench} bench */
export function install(bench) {
  new Ridges(bench);
  new Trial(bench);
}
