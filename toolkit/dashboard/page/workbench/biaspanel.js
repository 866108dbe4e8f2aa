// The bias: its field, its picture and how often the neuron fires.
import { classNames, unscored } from "../core/classes.js";
import { sumAlone } from "../core/network.js";
import { firing } from "../core/sums.js";
import { fires } from "../words/activations.js";
import { RIDGE_WORDS as words } from "../words/see.js";
import { BiasView } from "./bias.js";
import { find } from "./dom.js";
import { number } from "./draw.js";
import { ridgesOf } from "./ridgesof.js";

/** @typedef {import("./bench.js").Bench} Bench */

export class BiasPanel {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.root = find(bench.root, ".bias-panel");
    /** @type {HTMLInputElement} */
    this.input = find(this.root, ".bias-value");
    /** @type {HTMLCanvasElement} */
    this.canvas = find(this.root, ".bias-view");
    /** @type {(spot: import("./bias.js").Spot|null) => void} what is done as one points at a ridge */
    this.hovered = () => {};
    /** @type {(spot: import("./bias.js").Spot) => void} and as one clicks */
    this.picked = () => {};
    this.view = new BiasView(this.canvas, {
      onDrag: (value) => {
        bench.store.dragBias(...bench.store.selected, value);
        bench.dirty();
      },
      onDrop: () => bench.redraw.spare(() => bench.store.endBias()),
      onHover: (spot) => {
        this.hovered(spot);
        if (this.view.cursor) bench.dirty();
      },
      onPick: (spot) => this.picked(spot),
    });
    this.input.addEventListener("change", () => this.enter(this.input.value));
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.input.blur();
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      event.preventDefault();
      this.step((event.shiftKey ? 1 : 0.1) * (event.key === "ArrowUp" ? 1 : -1));
    });
  }

  /** @param {string} text */
  enter(text) {
    const value = Number(text.trim().replace("−", "-").replace(",", "."));
    if (text.trim() === "" || !Number.isFinite(value) || Math.abs(value) > 3e38) {
      this.bench.say({ code: "bad-bias", kind: "error", fields: { got: text } });
    } else this.put(value);
    this.input.blur();
    this.bench.dirty();
  }

  /** @param {number} by */
  step(by) {
    const { store } = this.bench;
    this.put(store.bias(...store.selected) + by);
    this.input.value = number(store.bias(...store.selected), 3, false);
  }

  /** @param {number} value */
  put(value) {
    const [layer, neuron] = this.bench.store.selected;
    this.bench.edit({ kind: "bias", layer, neuron, value: Math.fround(value) });
  }

  /** @param {import("./bench.js").Frame} frame */
  draw({ layers, trace, read, style }) {
    const { bench } = this,
      { store } = bench,
      [layer, neuron] = store.selected,
      { digit } = store.state,
      { sums, laid } = ridgesOf(bench),
      bias = store.bias(layer, neuron, layers);
    const mine = sums.layer === layer && sums.neuron === neuron;
    this.canvas.style.opacity = mine ? "1" : "0.4";
    const { by, all: share } = firing(sums, bias);
    this.view.draw({
      sums,
      counts: sums.counts,
      shares: by,
      names: classNames(store.state),
      bias,
      sum: sumAlone(layers[layer - 1], neuron, layer > 1 ? trace.a[layer - 2] : store.digit),
      activation: store.activations[layer - 1],
      current: digit.label ?? (unscored(store.state) ? -1 : read),
      style: {
        ...style,
        accentFaint: `color-mix(in srgb, ${style.accent} 13%, transparent)`,
        curve: "#d99a00",
      },
    });
    const often = mine ? words.often(share, laid) : "";
    const node = find(this.root, ".firing");
    if (node.textContent !== often) {
      node.textContent = often;
      node.title = `${words.often(share)} of the digits${laid ? ", as laid," : ""}: where weighted sum and bias are above 0, right of the threshold. ${fires(store.activations[layer - 1])}`;
    }
  }
}
