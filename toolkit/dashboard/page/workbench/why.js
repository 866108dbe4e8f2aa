// Why this answer: the winner's lead over the truth, split over the neurons of each layer, live.
import { blame, most, runnerUp, sum } from "../core/blame.js";
import { outputNames, unscored } from "../core/classes.js";
import { forward, ranked } from "../core/network.js";
import { ONE } from "../core/stamps.js";
import { WHY_WORDS as words } from "../words/coach.js";
import * as address from "./address.js";
import { element, find, setText } from "./dom.js";
import { number } from "./draw.js";
import { called } from "./meaning/names.js";

/**
 * @typedef {import("./bench.js").Bench} Bench
 * @typedef {{bar: HTMLElement, button: HTMLElement}} Bar
 */

const NAME = "why";
const MOST = 3;
const WIDEST = 64; // neurons of a layer that have bars

class Why {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.shape = "";
    /** @type {Bar[][]} by hidden layer */
    this.bars = [];
    /** What the outputs that there are to choose from are called. */
    this.others = "";
    /** @type {HTMLElement[]} */
    this.heads = [];
    this.against = "mean";
    /** Whose lead it is, where that was asked for: for one digit alone. @type {{winner: number, digit: unknown}|null} */
    this.winner = null;
    /** What the address asks for, until it is shown. */
    this.asked = address.why();
    /** @type {HTMLElement[]} tiles that carry a sign */
    this.marked = [];
    /** @type {{of: any, input: Float32Array}} */
    this.mean = { of: null, input: new Float32Array(0) };
    const redraw = () => this.bench.dirty();
    this.other = element("select", { ariaLabel: words.not, onchange: redraw });
    this.reference = element(
      "select",
      {
        ariaLabel: words.against,
        title: words.referenceTitle,
        onchange: () => {
          this.against = this.reference.value;
          redraw();
        },
      },
      ...Object.entries(words.references).map(([value, textContent]) =>
        element("option", { value, textContent }),
      ),
    );
    this.lead = element("p", { className: "lead" });
    this.layers = element("div", { className: "why-layers" });
    this.culprits = element("p", { className: "culprits" });
    this.body = element(
      "div",
      { className: "why" },
      element(
        "p",
        { className: "asked" },
        element("label", {}, `${words.not} `, this.other),
        element("label", {}, `${words.against} `, this.reference),
      ),
      this.lead,
      this.culprits,
      this.layers,
    );
    this.ask = element("button", {
      className: "why-ask",
      textContent: words.ask,
      title: words.command,
      onclick: () => (bench.dock.name === NAME ? bench.dock.close() : this.open()),
    });
    find(bench.root, ".verdict").after(this.ask);
    bench.commands.add({ name: words.command, group: "see", also: words.also, run: () => this.open() });
    bench.hear("frame", (frame) => this.draw(frame));
  }

  /** @param {[winner: number, other: number]|null} [pair] the answer and what it leads, without */
  open(pair = null) {
    const outputs = this.bench.store.state.sizes.at(-1);
    const known = pair?.every((each) => each < outputs) ? pair : null;
    this.showOthers();
    this.winner = known && { winner: known[0], digit: this.bench.store.state.digit.index };
    this.other.value = known ? String(known[1]) : "auto";
    if (this.other.value === "") this.other.value = "auto";
    this.bench.dock.open(NAME, words.card("0", "1"), this.body, () => this.unmark());
    this.bench.dirty();
  }

  /** Let all outputs be there to choose from. */
  showOthers() {
    const names = outputNames(this.bench.store.state),
      of = JSON.stringify(names);
    if (of === this.others) return;
    this.others = of;
    this.other.replaceChildren(
      element("option", { value: "auto", textContent: "auto" }),
      ...names.map((textContent, value) => element("option", { value, textContent })),
    );
  }

  /** The picture that lower layers are compared with. */
  picture() {
    const { blocks, state } = this.bench.store,
      pixels = state.sizes[0];
    if (this.against === "blank") return new Float32Array(pixels);
    if (this.mean.of !== blocks.means || this.mean.input.length !== pixels) {
      const input = new Float32Array(pixels);
      for (let i = 0; i < blocks.means.length; i++)
        input[i % pixels] += blocks.means[i] / ((blocks.means.length / pixels) * ONE);
      this.mean = { of: blocks.means, input };
    }
    return this.mean.input;
  }

  /** @param {import("./bench.js").Frame} frame */
  draw({ layers, activations, trace, read: answer }) {
    const { bench } = this,
      z = trace.z[trace.z.length - 1],
      ranks = ranked(trace, activations);
    if (this.asked) this.open(this.asked);
    this.asked = null;
    this.ask.hidden = z.every((value) => value === z[0]);
    if (bench.dock.name !== NAME) return;
    const { store } = bench,
      { label, index } = store.state.digit;
    if (this.winner?.digit !== index) this.winner = null;
    const read = this.winner?.winner ?? answer;
    this.showOthers();
    if (z.length < 2) {
      setText(this.lead, words.alone);
      this.layers.hidden = this.culprits.hidden = true;
      return;
    }
    const names = outputNames(store.state);
    const wrong = label !== null && label !== read && !unscored(store.state);
    const auto = wrong ? label : runnerUp(ranks, read);
    const options = /** @type {HTMLOptionElement[]} */ ([...this.other.options]);
    setText(options[0], `${names[auto]}, ${wrong ? words.truth : words.runnerUp}`);
    const chosen = this.other.value;
    const other = chosen === "auto" || Number(chosen) === read ? auto : Number(chosen);
    const title = words.card(names[read], names[other]);
    if (bench.dock.title.textContent !== title) bench.dock.entitle(title);
    const reference = this.picture();
    const found = blame(
      layers,
      activations,
      { input: store.digit, trace },
      { input: reference, trace: forward(layers, activations, reference) },
      read,
      other,
    );
    this.found = { ...found, winner: read, other };
    this.shapeTo(store.state.sizes.slice(1, -1));
    if (!Number.isFinite(found.difference) || !this.bars.length) {
      setText(this.lead, this.bars.length ? words.broken : words.none);
      this.layers.hidden = this.culprits.hidden = true;
      this.unmark();
      return;
    }
    this.layers.hidden = this.culprits.hidden = false;
    setText(this.lead, words.lead(number(found.difference), names[read], names[other]));
    this.bars.forEach((bars, k) => {
      const parts = found.parts[k + 1],
        rest = found.rest[k + 1];
      const exact = k === this.bars.length - 1;
      setText(this.heads[k], words.layer(k + 1, number(sum(parts)), number(rest), exact));
      let top = 0;
      for (const part of parts) top = Math.max(top, Math.abs(part));
      bars.forEach(({ bar, button }, j) => {
        const share = top ? parts[j] / top : 0;
        bar.className = share < 0 ? "against" : "for";
        bar.style.height = `${50 * Math.abs(share)}%`;
        button.title = words.bar(called(store, k + 1, j), number(parts[j]), names[read], names[other]);
        const [layer, neuron] = store.selected;
        button.classList.toggle("selected", layer === k + 1 && neuron === j);
      });
    });
    this.blameOn(most(found, MOST), wrong);
  }

  /** @param {{layer: number, neuron: number, part: number}[]} found @param {boolean} wrong */
  blameOn(found, wrong) {
    const text = JSON.stringify([found, wrong, this.bench.store.state.names]);
    if (this.culprits.dataset.told !== text) {
      this.culprits.dataset.told = text;
      const buttons = found.map(({ layer, neuron, part }) =>
        element("button", {
          textContent: `${called(this.bench.store, layer, neuron)} ${number(part)}`,
          onclick: () => this.bench.select(layer, neuron),
        }),
      );
      this.culprits.replaceChildren(wrong ? words.most : words.mostRight, ...buttons);
    }
    const tiles = found.map(({ layer, neuron }) => this.bench.network.tiles(layer)[neuron].button);
    if (tiles.length === this.marked.length && tiles.every((tile, k) => tile === this.marked[k])) return;
    this.unmark();
    for (const tile of tiles) tile.classList.add("blamed");
    this.marked = tiles;
  }

  unmark() {
    for (const tile of this.marked) tile.classList.remove("blamed");
    this.marked = [];
    this.culprits.dataset.told = "";
  }

  /** Build bars for hidden layers of these sizes. @param {number[]} sizes */
  shapeTo(sizes) {
    const shape = JSON.stringify(sizes);
    if (shape === this.shape) return;
    this.shape = shape;
    this.heads = [];
    this.bars = sizes.map((size, k) => {
      this.heads.push(element("h4"));
      return Array.from({ length: Math.min(size, WIDEST) }, (_, j) => {
        const bar = element("i");
        const button = element("button", { onclick: () => this.bench.select(k + 1, j) }, bar);
        button.setAttribute("aria-label", `${k + 1}.${j}`);
        return { bar, button };
      });
    });
    const rows = this.bars.map((bars, k) =>
      element(
        "section",
        {},
        this.heads[k],
        element("div", { className: "bars" }, ...bars.map(({ button }) => button)),
      ),
    );
    // From the answer down, as one asks.
    this.layers.replaceChildren(...rows.reverse());
  }
}

/** @param {Bench} bench */
export function install(bench) {
  new Why(bench);
}
