// Why, for the digit at hand: what adds up to the weighted sum, and why one answer and not another.
import { blame, runnerUp } from "../core/blame.js";
import { outputNames, unscored } from "../core/classes.js";
import { forward, ranked } from "../core/network.js";
import { bars, barsTable } from "../looking/charts/bars.js";
import { limitOf, mapTable, weightMap } from "../looking/charts/maps.js";
import { short } from "../looking/charts/scale.js";
import { DigitBar } from "../looking/digitbar.js";
import { NEURON_WORDS } from "../words/neuron.js";
import { element, setText } from "../workbench/dom.js";
import { calledAt, floats, orNaN, Part } from "./parts.js";

const words = NEURON_WORDS.why;
const NAMED = 4; // pixels that are named

export class Reasons extends Part {
  /** @param {import("../looking/page.js").Looking} looking */
  constructor(looking) {
    super(looking, "reasons", NEURON_WORDS.sections.why);
    this.bar = new DigitBar(looking);
    this.sum = element("p", { className: "sum" });
    this.sum.setAttribute("aria-live", "polite");
    this.figures.before(this.bar.node, this.sum);
    this.contributions = this.figure("contributions", NEURON_WORDS.contributions);
    this.gradient = this.figure("gradient", NEURON_WORDS.gradient);
    const redraw = () => this.#why();
    const picker = (/** @type {string} */ name) => element("select", { className: name, onchange: redraw });
    this.winner = picker("winner");
    this.other = picker("other");
    this.said = element("p", { className: "lead" });
    /** @type {{head: any, winner: number, other: number}|null} what was found last */
    this.lead = null;
    const asked = element(
      "p",
      { className: "asked" },
      element("label", {}, `${words.why} `, this.winner),
      element("label", {}, ` ${words.not} `, this.other),
      element("button", {
        className: "link",
        textContent: words.workbench,
        onclick: () => looking.goTo("", { why: `${this.winner.value}-${this.other.value}` }),
      }),
    );
    const under = element("div", { className: "figures" });
    this.node.append(asked, this.said, under);
    this.neurons = this.figure("why-neurons", words.neurons);
    this.pixels = this.figure("why-pixels", words.pixels);
    this.linear = this.figure("why-linear", words.linear);
    under.append(this.neurons.node, this.pixels.node, this.linear.node);
  }

  /** What stands for the digit at hand. */
  get digit() {
    const { store } = this.looking;
    return store
      ? [store.state.digit.index, store.blocks.digit.reduce((sum, level, k) => (sum * 31 + level + k) | 0, 7)]
      : [];
  }

  show() {
    const { looking } = this,
      [layer, index] = looking.neuron,
      { digit } = this;
    this.bar.show();
    const key = [looking.stamp, layer, index, digit, looking.palette];
    this.once("sum", key, () => this.#sum(layer, index));
    this.once("gradient", key, () => {
      this.gradient.wait();
      looking.ask(
        "neuron-digit",
        { what: "neuron-digit", layer, neuron: index },
        ({ body }) => {
          const { unit } = NEURON_WORDS.gradient;
          this.#map(this.gradient, floats(body, 0, body.length / 4), unit);
        },
        (why) => {
          this.again("gradient");
          this.gradient.empty(why);
        },
      );
    });
    this.once("candidates", [looking.stamp, digit], () => this.#candidates());
    this.once("why", [looking.stamp, digit, looking.palette], () => this.#why());
    this.#lead();
  }

  /**
   * @param {import("../looking/figure.js").Figure} figure @param {ArrayLike<number>} values
   * @param {string} unit @param {number} [limit] the value that is brightest; the largest without
   */
  #map(figure, values, unit, limit) {
    const [, columns] = this.looking.shown.state.grid;
    const given = { values, columns, look: this.looking.look, unit, limit };
    figure.show({ draw: (width) => weightMap(given, width), table: () => mapTable(given) });
  }

  /** @param {number} layer @param {number} index */
  #sum(layer, index) {
    const { looking } = this,
      store = looking.shown,
      told = NEURON_WORDS.contributions;
    const weights = store.row(layer, index),
      below = layer > 1 ? store.trace.a[layer - 2] : store.digit;
    const parts = Float64Array.from(weights, (weight, k) => weight * below[k]);
    let sum = 0;
    for (const part of parts) sum += part;
    const bias = store.bias(layer, index),
      z = store.trace.z[layer - 1][index],
      a = store.trace.a[layer - 1][index];
    const order = [...parts.keys()].sort((one, next) => Math.abs(parts[next]) - Math.abs(parts[one]));
    const largest = order.slice(0, NAMED).filter((k) => parts[k] !== 0);
    if (layer > 1) {
      const given = {
        values: parts,
        names: Array.from(parts, (_, k) => String(k)),
        label: told.y,
        things: `${NEURON_WORDS.incoming.things} of layer ${layer - 1}`,
        height: 240,
        says: (/** @type {number} */ k) =>
          `${calledAt(store, layer - 1, k)}: ${short(weights[k])} × ${short(below[k])} = ${short(parts[k])}`,
        act: (/** @type {number} */ k) => looking.select(layer - 1, k),
      };
      this.contributions.show({
        title: told.later,
        caption: told.laterCaption,
        draw: (width) => bars(given, width),
        table: () => barsTable(given),
      });
    } else {
      const { columns } = store.firstGrid;
      const given = {
        values: parts,
        columns,
        look: looking.look,
        unit: told.unit,
        says: (/** @type {number} */ k) => `${short(weights[k])} × ${short(below[k])} = ${short(parts[k])}`,
        marks: largest.map((k) => ({ row: Math.floor(k / columns), column: k % columns })),
      };
      this.contributions.show({
        title: told.title,
        caption: told.caption,
        draw: (width) => weightMap(given, width),
        table: () => mapTable(given),
      });
    }
    const { columns } = store.firstGrid;
    const named = largest.map((k) =>
      layer > 1
        ? `${calledAt(store, layer - 1, k)} ${parts[k] < 0 ? "" : "+"}${short(parts[k])}`
        : told.pixel(Math.floor(k / columns), k % columns, parts[k]),
    );
    const line = told.sum(sum, bias, z, a, store.activations[layer - 1], layer > 1 ? told.y : told.unit);
    setText(this.sum, named.length ? `${line} ${told.largest(named)}` : line);
  }

  /** The answer, and the truth where it is another; else the runner-up. */
  #candidates() {
    const store = this.looking.shown,
      ranks = ranked(store.trace, store.activations),
      read = store.winner,
      { label } = store.state.digit;
    const names = outputNames(store.state);
    for (const select of [this.winner, this.other])
      if ([...select.options].map(({ textContent }) => textContent).join(" ") !== names.join(" "))
        select.replaceChildren(
          ...names.map((textContent, k) => element("option", { value: String(k), textContent })),
        );
    this.winner.value = String(read);
    this.other.value = String(
      label !== null && label !== read && !unscored(store.state) ? label : runnerUp(ranks, read),
    );
  }

  #why() {
    const { looking } = this,
      winner = Number(this.winner.value),
      other = Number(this.other.value);
    this.lead = null;
    if (looking.shown.state.sizes[looking.shown.state.sizes.length - 1] < 2) {
      setText(this.said, words.alone);
      for (const figure of [this.neurons, this.pixels, this.linear]) figure.empty(words.alone);
      return;
    }
    for (const figure of [this.neurons, this.pixels, this.linear]) figure.wait();
    looking.ask(
      "neuron-why",
      { what: "neuron-why", winner, other },
      ({ head, body }) => this.#split(head, body, winner, other),
      (why) => {
        this.again("why");
        setText(this.said, why);
        for (const figure of [this.neurons, this.pixels, this.linear]) figure.empty(why);
      },
    );
  }

  /** What the lead is, and what the neuron itself adds to it. */
  #lead() {
    if (!this.lead) return;
    const { head, winner, other } = this.lead,
      store = this.looking.shown,
      { layers, activations } = store,
      [layer, index] = this.looking.neuron;
    const names = outputNames(store.state);
    let text = words.said(head, names[winner], names[other]);
    if (layer < layers.length) {
      const blank = new Float32Array(store.digit.length);
      const shown = { input: store.digit, trace: store.trace },
        reference = { input: blank, trace: forward(layers, activations, blank) };
      const part = blame(layers, activations, shown, reference, winner, other).parts[layer][index];
      if (Number.isFinite(part))
        text += words.part(calledAt(store, layer, index), part, layer === layers.length - 1);
    }
    setText(this.said, text);
  }

  /** @param {any} head @param {Uint8Array} body @param {number} winner @param {number} other */
  #split(head, body, winner, other) {
    const { looking } = this,
      store = looking.shown;
    if (head.difference === null) {
      setText(this.said, words.broken);
      for (const figure of [this.neurons, this.pixels, this.linear]) figure.empty(words.broken);
      return;
    }
    this.lead = { head, winner, other };
    this.#lead();
    const hidden = store.state.sizes.length - 2;
    const parts = [...head.neurons.map(orNaN), orNaN(head.biases)];
    const [here, at] = looking.neuron;
    const given = {
      values: parts,
      names: [...parts.slice(0, -1).map((_, k) => String(k)), "b"],
      label: words.unit,
      things: `${words.neurons.things} of layer ${hidden}`,
      height: 260,
      strong: here === hidden ? new Set([at]) : undefined,
      says: (/** @type {number} */ k) =>
        `${k === parts.length - 1 ? "biases" : hidden ? calledAt(store, hidden, k) : `pixel ${k}`}: ${short(parts[k])}`,
      act: (/** @type {number} */ k) => {
        if (hidden && k < parts.length - 1) looking.select(hidden, k);
      },
    };
    this.neurons.show({
      title: words.card(outputNames(store.state)[winner], outputNames(store.state)[other]),
      draw: (width) => bars(given, width),
      table: () => barsTable(given),
    });
    const pixels = body.length / 8;
    const [along, linear] = [floats(body, 0, pixels), floats(body, 4 * pixels, pixels)];
    // Beside each other: one scale for both.
    const limit = Math.max(limitOf(along), limitOf(linear));
    this.#map(this.pixels, along, words.unit, limit);
    this.#map(this.linear, linear, words.unit, limit);
  }
}
