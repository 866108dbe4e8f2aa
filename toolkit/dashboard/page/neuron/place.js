// The neuron's place in the network: what it sends on, what is lost without it, which do the same, and
// whether it is well.
import { ranking } from "../core/activations.js";
import { classNames, outputNames } from "../core/classes.js";
import { argmax } from "../core/network.js";
import { bars, barsTable } from "../looking/charts/bars.js";
import { heat, heatTable } from "../looking/charts/heat.js";
import { tiles } from "../looking/charts/maps.js";
import { short } from "../looking/charts/scale.js";
import { NEURON_WORDS } from "../words/neuron.js";
import { percent } from "../words.js";
import { element, setText } from "../workbench/dom.js";
import { calledAt, orNaN, Part } from "./parts.js";

const words = NEURON_WORDS.without;

export class Place extends Part {
  /** @param {import("../looking/page.js").Looking} looking @param {() => unknown[]} digit what stands for the digit at hand */
  constructor(looking, digit) {
    super(looking, "place", NEURON_WORDS.sections.place);
    this.digit = digit;
    this.replacement = "mean";
    this.off = false;
    this.held = element(
      "select",
      {
        ariaLabel: words.held,
        onchange: () => {
          this.replacement = this.held.value;
          this.show();
        },
      },
      element("option", { value: "mean", textContent: words.mean }),
      element("option", { value: "zero", textContent: words.zero }),
    );
    this.live = element("input", {
      type: "checkbox",
      onchange: () => {
        this.off = this.live.checked;
        this.#outputs();
      },
    });
    this.said = element("p", { className: "without-said" });
    this.said.setAttribute("aria-live", "polite");
    const asked = element(
      "p",
      { className: "asked" },
      element("label", {}, `${words.held} `, this.held),
      element("label", { className: "switch" }, this.live, ` ${words.live}`),
    );
    this.figures.before(asked, this.said);
    this.outputs = this.figure("outputs", words.outputs);
    this.falls = this.figure("falls", words.falls);
    this.pairs = this.figure("pairs", words.pairs);
    this.outgoing = this.figure("outgoing", NEURON_WORDS.outgoing);
    this.twins = this.figure("twins", NEURON_WORDS.twins);
    this.health = element("dl", { className: "health" });
    this.node.append(
      element("h2", { textContent: NEURON_WORDS.sections.health }),
      element("p", { className: "caption", textContent: NEURON_WORDS.health.caption }),
      this.health,
    );
    /** @type {any} */
    this.without = null;
  }

  show() {
    const { looking } = this,
      [layer, index] = looking.neuron,
      { stamp, palette } = looking;
    this.once("outgoing", [stamp, layer, index, palette], () => this.#out(layer, index));
    this.once("without", [stamp, layer, index, palette, this.replacement, this.digit()], () =>
      this.#ask(layer, index),
    );
    this.once("neighbours", [stamp, layer, index, palette], () => this.#neighbours(layer, index));
  }

  /** @param {number} layer @param {number} index */
  #out(layer, index) {
    const { looking } = this,
      store = looking.shown,
      above = store.layers[layer];
    if (!above) return this.outgoing.empty(NEURON_WORDS.outgoing.none);
    const values = Float32Array.from({ length: above.out }, (_, k) => above.weights[k * above.in + index]);
    const given = {
      values,
      names: Array.from(values, (_, k) => String(k)),
      label: NEURON_WORDS.weight,
      things: `${NEURON_WORDS.outgoing.things} of layer ${layer + 1}`,
      height: 230,
      says: (/** @type {number} */ k) => `${calledAt(store, layer + 1, k)}: ${short(values[k])}`,
      act: (/** @type {number} */ k) => looking.select(layer + 1, k),
    };
    this.outgoing.show({ draw: (width) => bars(given, width), table: () => barsTable(given) });
  }

  /** @param {number} layer @param {number} index */
  #ask(layer, index) {
    const { looking, replacement } = this;
    for (const figure of [this.falls, this.pairs, this.outputs]) figure.wait();
    looking.ask(
      "without",
      { what: "without", layer, neuron: index, replacement },
      ({ head }) => {
        this.without = head;
        setText(this.said, words.said(orNaN(head.before), orNaN(head.after), replacement));
        this.#falls(head);
        this.#outputs();
      },
      (why) => {
        this.without = null;
        this.again("without");
        setText(this.said, why);
        for (const figure of [this.falls, this.pairs, this.outputs]) figure.empty(why);
      },
    );
  }

  /** @param {any} head */
  #falls(head) {
    const { look } = this.looking,
      names = classNames(this.looking.shown.state);
    const points = (/** @type {number|null} */ value) => 100 * orNaN(value);
    const given = {
      values: head.per_digit.map(points),
      names,
      label: words.falls.y,
      things: words.falls.things,
      height: 230,
      low: -0.5,
      high: 0.5,
    };
    this.falls.show({ draw: (width) => bars(given, width), table: () => barsTable(given) });
    const shown = {
      values: head.pair_falls.flat().map(points),
      rows: names,
      columns: names,
      look,
      labels: { rows: words.pairs.one, columns: words.pairs.other },
      unit: words.pairs.unit,
      says: (/** @type {number} */ row, /** @type {number} */ column) =>
        row === column
          ? ""
          : `${names[row]} against ${names[column]}: ${short(points(head.pair_falls[row][column]))} ${words.pairs.unit}`,
      text: (/** @type {number} */ value) =>
        Math.abs(value) >= 0.05 ? value.toFixed(1).replace("-", "−") : "",
    };
    this.pairs.show({ draw: (width) => heat(shown, width), table: () => heatTable(shown) });
  }

  #outputs() {
    const { without: found, off } = this,
      store = this.looking.shown;
    if (!found) return;
    const last = store.trace.a.length - 1,
      as = Array.from(store.trace.a[last]),
      held = found.a.map(orNaN);
    const read = store.winner,
      instead = argmax(ranking(store.activations[last], found.z.map(orNaN), held));
    const values = off ? held : as,
      called = outputNames(store.state);
    const given = {
      values,
      before: off ? as : undefined,
      names: called,
      label: words.outputs.y,
      things: words.outputs.things,
      height: 230,
      strong: new Set([off ? instead : read]),
      says: (/** @type {number} */ k) => `${called[k]}: ${short(as[k])}, without it ${short(held[k])}`,
    };
    const table = () => ({
      columns: ["class", "as it is", "without it"],
      rows: as.map((value, k) => [called[k], value, held[k]]),
    });
    const accuracy = off ? ` ${percent(orNaN(found.after))}` : "";
    this.outputs.show({
      title: `${off ? words.outputs.off(called[read], called[instead]) : words.outputs.on(called[read])}${accuracy ? ` Accuracy${accuracy}.` : ""}`,
      draw: (width) => bars(given, width),
      table,
    });
  }

  /** @param {number} layer @param {number} index */
  #neighbours(layer, index) {
    const { looking } = this;
    this.twins.wait();
    looking.ask(
      "neighbours",
      { what: "neighbours", layer, neuron: index },
      ({ head }) => {
        this.#twins(layer, head);
        this.#health(layer, head);
      },
      (why) => {
        this.again("neighbours");
        this.twins.empty(why);
        this.health.replaceChildren();
      },
    );
  }

  /** @param {number} layer @param {{twins: {index: number, weights: number|null, activations: number|null}[], redundant_from: number}} head */
  #twins(layer, { twins: found, redundant_from: from }) {
    const { looking } = this,
      store = looking.shown;
    if (!found.length) return this.twins.empty(NEURON_WORDS.twins.none);
    const given = {
      tiles: found.map(({ index, activations }) => ({
        values: store.maps.map(layer, index),
        columns: store.state.grid[1],
        label: `${layer}.${index}  ${activations === null ? "–" : short(activations, 2)}`,
      })),
      look: looking.look,
      says: (/** @type {number} */ k) =>
        `${calledAt(store, layer, found[k].index)}: ${NEURON_WORDS.twins.says(found[k].activations, found[k].weights)}`,
      act: (/** @type {number} */ k) => looking.select(layer, found[k].index),
    };
    const table = () => ({
      columns: ["neuron", "correlation of activations", "cosine of weights"],
      rows: found.map(({ index, weights, activations }) => [`${layer}.${index}`, activations, weights]),
    });
    const caption = NEURON_WORDS.twins.redundant(from);
    this.twins.show({ caption, draw: (width) => tiles(given, width), table });
  }

  /** @param {number} layer @param {any} head */
  #health(layer, { health, twins, unlit, redundant_from: from }) {
    const told = NEURON_WORDS.health;
    const [closest] = twins,
      like = closest?.activations ?? null;
    // Of two that are alike the report calls the later one redundant; here either one is told of the other.
    const other = health.redundant_with ?? (like !== null && Math.abs(like) >= from ? closest.index : null);
    const said = (/** @type {string} */ name) => {
      const value = health[name];
      if (name === "redundant_with") {
        if (other !== null) return `${layer}.${other}`;
        return like === null ? told.none : told.closest(`${layer}.${closest.index}`, like, from);
      }
      if (value === null || value === undefined) return told.none;
      if (typeof value === "boolean") return value ? told.yes : told.no;
      if (name === "never_lit_share") return told.unlit(percent(value), unlit);
      if (name === "fires") return percent(value);
      return Array.isArray(value) ? value.map((each) => short(orNaN(each), 2)).join(", ") : short(value, 2);
    };
    this.health.replaceChildren(
      ...Object.entries(told.rows)
        .filter(([name]) => name in health)
        .map(([name, [title, about]]) => {
          const bad = health[name] === true || (name === "redundant_with" && other !== null);
          const value = element("dd", { textContent: said(name), className: bad ? "bad" : "" });
          return element("div", { title: about }, element("dt", { textContent: title }), value);
        }),
    );
  }
}
