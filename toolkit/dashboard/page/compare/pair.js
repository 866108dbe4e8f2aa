// What was found of two networks: what each reads, whose neuron is whose, how alike their layers are.
import { classNames } from "../core/classes.js";
import { composedRow } from "../core/composed.js";
import { copyLayers, unpack } from "../core/network.js";
import { pairedBars, pairedBarsTable } from "../looking/charts/pairedbars.js";
import { short } from "../looking/charts/scale.js";
import { shares, sharesTable } from "../looking/charts/shares.js";
import { Figure } from "../looking/figure.js";
import { DigitsFigure } from "../network/digits.js";
import { PAIR_WORDS as words } from "../words/compare.js";
import { UNSCORED_WORDS } from "../words/see.js";
import { element } from "../workbench/dom.js";
import { limitOf, percentPoints } from "../workbench/draw.js";
import { alike, difference, matched, ordered, pairsOf } from "./matched.js";

/** @typedef {import("../looking/page.js").Looking} Looking */
/** @typedef {{accuracy: number|null, unscored: string, per_digit: (number|null)[], alone: number, digits: number[], read: number[], sizes: number[], activations: string[], grid: [number, number], name: string, names: [number, number, string][]}} Side */

const AT_ONCE = 24; // pairs
const ALL = 100; // percent

export class PairView {
  /** @param {Looking} looking */
  constructor(looking) {
    this.looking = looking;
    this.by = "weights";
    this.layer = 1;
    /** @type {"alike"|"unlike"|"index"} */
    this.sort = "alike";
    this.count = AT_ONCE;
    this.shared = true;
    /** @type {any} */
    this.found = null;
    /** @type {import("../core/types.js").Layer[]} of this network, as it was compared */
    this.mine = [];
    /** @type {import("../core/types.js").Layer[]} */
    this.theirs = [];
    const of = () => [...looking.fileOf, this.found?.sides[1].name ?? ""];
    this.lead = element("p", { className: "lead" });
    this.perDigit = new Figure({ id: "per-digit", ...words.perDigit, of });
    const alone = (/** @type {string} */ id) =>
      new DigitsFigure(looking, { id, title: "", caption: "", none: "" }, words.alone.more);
    this.alone = [alone("only-one"), alone("only-other")];
    this.switches = ["weights", "activations"].map((by) =>
      element("button", {
        textContent: by === "weights" ? words.pairs.weights : words.pairs.activations,
        onclick: () => this.matchBy(by),
      }),
    );
    const select = (/** @type {string} */ ariaLabel, /** @type {(value: string) => void} */ chosen) =>
      element("select", {
        ariaLabel,
        onchange: (/** @type {Event} */ { target }) =>
          chosen(/** @type {HTMLSelectElement} */ (target).value),
      });
    this.which = select(words.pairs.layer, (value) => {
      this.layer = Number(value);
      this.count = AT_ONCE;
      this.showPairs();
    });
    this.sorts = select(words.pairs.sort, (value) => {
      this.sort = /** @type {"alike"|"unlike"|"index"} */ (value);
      this.showPairs();
    });
    this.scales = select(words.pairs.scale, (value) => {
      this.shared = value === "all";
      this.showPairs();
    });
    for (const [choice, options] of /** @type {[HTMLSelectElement, {[value: string]: string}][]} */ ([
      [this.sorts, words.pairs.sorts],
      [this.scales, words.pairs.scales],
    ]))
      choice.append(
        ...Object.entries(options).map(([value, textContent]) => element("option", { value, textContent })),
      );
    this.more = element("button", {
      hidden: true,
      onclick: () => {
        this.count += 4 * AT_ONCE;
        this.showPairs();
      },
    });
    this.pairs = new Figure({
      id: "pairs",
      title: words.pairs.title,
      caption: "",
      of: () => [...of(), `layer-${this.layer}`, this.by],
      controls: [
        element("span", { className: "choice" }, `${words.pairs.by} `, ...this.switches),
        element("label", { className: "choice" }, `${words.pairs.layer} `, this.which),
        element("label", { className: "choice" }, `${words.pairs.sort} `, this.sorts),
        element("label", { className: "choice" }, `${words.pairs.scale} `, this.scales),
        this.more,
      ],
    });
    this.cka = new Figure({ id: "cka", title: words.cka.title, caption: "", of });
    this.figures = [this.perDigit, this.pairs, this.cka];
    const part = (/** @type {string} */ title, /** @type {Node[]} */ ...nodes) =>
      element("section", {}, element("h2", { textContent: title }), ...nodes);
    this.node = element(
      "div",
      { className: "pair", hidden: true },
      part(
        words.parts.reads,
        this.lead,
        element("div", { className: "figures" }, this.perDigit.node, ...this.alone.map(({ node }) => node)),
      ),
      part(words.parts.neurons, this.pairs.node),
      part(words.parts.layers, element("div", { className: "figures" }, this.cka.node)),
    );
    looking.hear("close", () => {
      for (const each of [...this.figures, ...this.alone]) each.close();
    });
  }

  wait() {
    this.node.classList.add("stale");
  }

  /** @param {any} found @param {Uint8Array} body the other network's weights */
  show(found, body) {
    this.found = found;
    this.theirs = unpack(body, found.sides[1].sizes);
    this.mine = copyLayers(this.looking.shown.base);
    this.node.hidden = false;
    this.node.classList.remove("stale");
    // Weights of pictures of other sizes cannot be compared, what they answer can.
    const cannot = ["weights", "activations"].map((by) => found.matches[by].error);
    if (cannot[0] && !cannot[1]) this.by = "activations";
    this.switches.forEach((button, k) => {
      button.disabled = Boolean(cannot[k]);
      button.title = cannot[k] ? words.pairs.cannot(cannot[k]) : words.pairs.titles[k];
    });
    this.showReads();
    this.fillLayers();
    this.showPairs();
    this.showLayers();
  }

  get names() {
    const [one, other] = /** @type {[Side, Side]} */ (this.found.sides);
    return [one.name, other.name === one.name ? `${other.name} (the other)` : other.name];
  }

  showReads() {
    const [one, other] = /** @type {[Side, Side]} */ (this.found.sides),
      names = this.names;
    const both = one.accuracy !== null && other.accuracy !== null,
      change = (other.accuracy ?? 0) - (one.accuracy ?? 0);
    const large = (/** @type {Side} */ { accuracy, unscored }) =>
      element("b", {
        className: accuracy === null ? "" : "large",
        textContent: accuracy === null ? unscored : `${(ALL * accuracy).toFixed(2)}%`,
      });
    this.lead.replaceChildren(
      large(one),
      " → ",
      large(other),
      element("span", {
        className: `delta ${!both ? "" : change > 0 ? "up" : change < 0 ? "down" : ""}`,
        textContent: both ? ` ${percentPoints(change)} ` : " ",
      }),
      element("span", { textContent: words.on(names[0], names[1], this.found.images) }),
      ...(this.found.same ? [element("b", { textContent: ` ${words.same}` })] : []),
    );
    const values = [one, other].map(({ per_digit }) =>
      per_digit.map((share) => (share === null ? Number.NaN : ALL * share)),
    );
    const given = {
      names: /** @type {[string, string]} */ (names),
      values: /** @type {[number[], number[]]} */ (values),
      things: classNames(this.looking.shown.state),
      thing: words.perDigit.things,
      label: words.perDigit.label,
      high: ALL,
      says: (/** @type {number} */ which, /** @type {number} */ digit) =>
        words.perDigit.says(
          names[which],
          classNames(this.looking.shown.state)[digit],
          [one, other][which].per_digit[digit],
        ),
    };
    const why = one.unscored || other.unscored;
    if (one.unscored && other.unscored) this.perDigit.empty(UNSCORED_WORDS.said(why));
    else
      this.perDigit.show({
        draw: (width) => pairedBars(given, width),
        table: () => pairedBarsTable(given),
      });
    [one, other].forEach((side, k) => {
      if (why) {
        this.alone[k].figure.heading.textContent = words.alone.unknown(names[k]);
        this.alone[k].clear(UNSCORED_WORDS.said(why));
        return;
      }
      const by = names[1 - k];
      const reads = new Map(side.digits.map((number, at) => [number, side.read[at]]));
      this.alone[k].show(
        { numbers: side.digits },
        {
          title: words.alone.title(side.alone, names[k]),
          caption: words.alone.caption(by, side.digits.length < side.alone ? side.digits.length : 0),
          empty: words.alone.none,
          turn: (digit) => ({ ...digit, read: reads.get(digit.number) ?? digit.read }),
          says: (digit) => words.alone.says(digit, by),
        },
      );
    });
  }

  fillLayers() {
    const count = this.matches.length;
    this.which.replaceChildren(
      ...Array.from({ length: count }, (_, k) =>
        element("option", { value: String(k + 1), textContent: String(k + 1) }),
      ),
    );
    if (this.layer > count) this.layer = 1;
    this.which.value = String(this.layer);
  }

  /** @returns {import("./matched.js").Matching[]} by layer; none where they cannot be matched like this */
  get matches() {
    return this.found.matches[this.by].layers ?? [];
  }

  /** @param {string} by */
  matchBy(by) {
    this.by = by;
    this.fillLayers();
    this.showPairs();
  }

  showPairs() {
    const { looking, by, layer, found, theirs, mine } = this,
      [one, other] = /** @type {[Side, Side]} */ (found.sides);
    this.switches.forEach((button, k) => {
      const on = by === ["weights", "activations"][k];
      button.classList.toggle("on", on);
      button.setAttribute("aria-pressed", String(on));
    });
    const matching = this.matches[layer - 1];
    if (!matching) {
      this.more.hidden = true;
      this.pairs.empty(words.pairs.cannot(found.matches[by].error ?? words.pairs.none));
      return;
    }
    const pairs = ordered(pairsOf(matching), this.sort),
      some = pairs.slice(0, this.count);
    const comparable = one.grid.join() === other.grid.join();
    const shown = some.map((pair) => {
      const its = composedRow(mine, layer, pair.index),
        their = pair.partner < 0 ? null : composedRow(theirs, layer, pair.partner);
      return {
        ...pair,
        one: its,
        other: their,
        difference: their && comparable ? difference(its, their, pair.sign) : null,
      };
    });
    // Differences have the scale of the maps: else a small one would look like a large one.
    const limits = shown.map((each) =>
      Math.max(...[each.one, each.other, each.difference].map((map) => (map ? limitOf(map) : 0))),
    );
    const top = Math.max(...limits);
    const left = pairs.length - some.length;
    this.more.hidden = left <= 0;
    this.more.textContent = words.pairs.more(Math.min(4 * AT_ONCE, left), left);
    const given = {
      pairs: shown,
      layer,
      columns: one.grid[1],
      otherColumns: other.grid[1],
      limit: (/** @type {number} */ k) => (this.shared ? top : limits[k]),
      look: looking.look,
      act: (/** @type {import("./matched.js").Pair} */ { index }) =>
        looking.goTo("neuron", { neuron: `${layer}.${index}` }),
    };
    const [first, second] = this.names;
    const figure = by === "weights" ? words.pairs.cosine : words.pairs.correlation;
    this.pairs.show({
      caption:
        words.pairs.caption(first, second, figure, this.shared ? short(top) : null) +
        (layer > 1 ? words.pairs.composed : "") +
        (comparable ? "" : words.pairs.noDifference),
      draw: (width) => matched(given, width),
      table: () => ({
        columns: words.pairs.columns,
        rows: pairs.map(({ index, partner, similarity, sign, distance }) => [
          `${layer}.${index}`,
          partner < 0 ? null : `${layer}.${partner}`,
          similarity,
          sign,
          distance,
        ]),
      }),
    });
  }

  showLayers() {
    const { cka, compared_on: images } = this.found;
    const names = (/** @type {number} */ count) => Array.from({ length: count }, (_, k) => String(k + 1));
    /** @type {import("../workbench/tablecanvas.js").Table} */
    const table = {
      rows: cka.length,
      columns: cka[0]?.length ?? 0,
      heads: names(cka[0]?.length ?? 0),
      sides: names(cka.length),
      share: (row, column) => cka[row][column] ?? 0,
      text: (row, column) => alike(cka[row][column]),
      says: (row, column) => words.cka.says(row + 1, column + 1, alike(cka[row][column])),
    };
    const [rows, columns] = this.names;
    this.cka.show({
      caption: words.cka.caption(images),
      draw: (width) => shares({ table, labels: { rows, columns }, most: 64, high: 46 }, width),
      table: () => sharesTable(table, (row, column) => cka[row][column], "layer"),
    });
  }
}
