// How far it is from the hope that the first layer picks up on edges: counts and scores, beside others.
import { lines } from "../looking/charts/lines.js";
import { namedBars } from "../looking/charts/namedbars.js";
import { shares, sharesTable } from "../looking/charts/shares.js";
import { Figure } from "../looking/figure.js";
import { NETWORK_WORDS } from "../words/network.js";
import { element, setText } from "../workbench/dom.js";

/** @typedef {import("../looking/page.js").Looking} Looking */
/** @typedef {{edges: number, lines: number, of: number, kinds: {[kind: string]: number}, scores: (number|null)[]}} Counted */

const words = NETWORK_WORDS.hope;
const ALL = 100; // percent

/**
 * A network's scores against the share of its layer, from the most edge-like neuron to the least.
 * @param {(number|null)[]} scores
 */
export function scoreCurve(scores) {
  const known = scores.filter((score) => score !== null).sort((a, b) => b - a);
  return { x: known.map((_, k) => (k + 0.5) / known.length), y: known };
}

export class Hope {
  /**
   * @param {Looking} looking
   * @param {(kind: string, layer: number) => void} list shows neurons in the table
   */
  constructor(looking, list) {
    this.looking = looking;
    this.list = list;
    /** @type {any} */
    this.of = null;
    const of = () => looking.fileOf;
    this.found = element("b");
    this.lead = element(
      "p",
      { className: "lead" },
      this.found,
      " ",
      element("span", { textContent: words.lead }),
    );
    this.counts = new Figure({ id: "edges-and-lines", ...words.counts, of });
    this.scores = new Figure({ id: "edge-scores", ...words.scores, of });
    this.kinds = new Figure({ id: "verdicts", ...words.kinds, of });
    this.figures = element(
      "div",
      { className: "figures" },
      this.counts.node,
      this.scores.node,
      this.kinds.node,
    );
    this.nodes = [this.lead, this.figures];
    for (const each of this.all) each.empty(words.waits);
    looking.hear("analysis", () => this.receive());
    looking.hear("answer", () => this.receive());
    looking.hear("close", () => {
      for (const each of this.all) each.close();
    });
  }

  get all() {
    return [this.counts, this.scores, this.kinds];
  }

  receive() {
    const analysis = this.looking.analysis,
      network = analysis?.network ?? null;
    for (const each of this.all) each.node.classList.toggle("stale", Boolean(network && !analysis?.fresh));
    if (!network) {
      const why = analysis?.state === "failed" ? words.failed : words.waits;
      setText(this.found, "");
      this.of = null;
      for (const each of this.all) each.empty(why);
    }
    if (!network || network === this.of) return;
    this.of = network;
    this.show(network.hope, network.kinds);
  }

  /** @param {Counted & {threshold: number, others: {[name: string]: Counted}}} hope @param {{[kind: string]: number}[]} kinds by layer */
  show(hope, kinds) {
    const networks = [
      { name: words.here, it: /** @type {Counted} */ (hope) },
      ...Object.entries(hope.others).map(([name, it]) => ({ name, it })),
    ];
    setText(this.found, words.found(hope.edges, hope.lines, hope.of));
    const given = {
      values: networks.map(({ it }) => (ALL * (it.edges + it.lines)) / it.of),
      names: networks.map(({ name }) => name),
      label: words.counts.label,
      figure: (/** @type {number} */ k) =>
        `${networks[k].it.edges + networks[k].it.lines} of ${networks[k].it.of}`,
      says: (/** @type {number} */ k) => words.beside(networks[k].name, networks[k].it),
      strong: new Set([0]),
      high: ALL / 4,
    };
    this.counts.show({
      draw: (width) => namedBars(given, width),
      table: () => ({
        columns: ["network", "edges", "lines", "neurons"],
        rows: networks.map(({ name, it }) => [name, it.edges, it.lines, it.of]),
      }),
    });
    const curves = {
      series: networks.map(({ name, it }, k) => ({
        name,
        ...scoreCurve(it.scores),
        ...(k === 0 ? {} : { dash: "5 3" }),
      })),
      x: { label: words.scores.x, low: 0, high: 1 },
      y: { label: words.scores.y, low: 0, high: 1 },
      levels: [{ at: hope.threshold, label: "" }],
      height: 280,
    };
    this.scores.show({
      caption: `${words.scores.caption} ${words.scores.threshold(hope.threshold)}`,
      draw: (width) => lines(curves, width),
      table: () => ({
        columns: ["network", "rank", "edge score"],
        rows: networks.flatMap(({ name, it }) =>
          it.scores.map((score, k) => /** @type {(string|number|null)[]} */ ([name, k + 1, score])),
        ),
      }),
    });
    this.showKinds(kinds);
  }

  /** @param {{[kind: string]: number}[]} kinds */
  showKinds(kinds) {
    const names = Object.keys(kinds[0] ?? {});
    const sizes = kinds.map((layer) => names.reduce((sum, kind) => sum + layer[kind], 0));
    const of = (/** @type {number} */ row, /** @type {number} */ layer) => kinds[layer][names[row]];
    /** @type {import("../workbench/tablecanvas.js").Table} */
    const table = {
      rows: names.length,
      columns: kinds.length,
      heads: kinds.map((_, k) => String(k + 1)),
      sides: names,
      share: (row, layer) => of(row, layer) / (sizes[layer] || 1),
      text: (row, layer) => String(of(row, layer) || ""),
      says: (row, layer) =>
        `layer ${layer + 1}: ${of(row, layer)} of ${sizes[layer]} neurons are ${names[row]}`,
    };
    this.kinds.show({
      draw: (width) =>
        shares(
          {
            table,
            labels: { columns: "layer" },
            act: (row, layer) => this.list(names[row], layer + 1),
            most: 74,
            high: 25,
          },
          width,
        ),
      table: () => sharesTable(table, of, "verdict"),
    });
  }
}
