// What the network makes of pictures that are no digits, and of digits changed a little.
import { outputNames } from "../core/classes.js";
import { ACCENT, SIZE, SOFT, TEXT } from "../looking/charts/axes.js";
import { lines, linesTable } from "../looking/charts/lines.js";
import { grey } from "../looking/charts/maps.js";
import { shares, sharesTable } from "../looking/charts/shares.js";
import { Figure } from "../looking/figure.js";
import { NETWORK_WORDS, percentOf } from "../words/network.js";
import { UNSCORED_WORDS } from "../words/see.js";
import { element } from "../workbench/dom.js";

/** @typedef {import("../looking/page.js").Looking} Looking */
/** @typedef {import("../looking/charts/types.js").Drawing} Drawing */
/** @typedef {import("../looking/charts/types.js").Mark} Mark */
/**
 * @typedef {{kind: string, count: number, answers: number[], median: number|null, sure: number|null, examples: {read: number, confidence: number|null, pixels: Uint8Array}[]}} Kind
 */

const { nonsense: words, robustness: changed } = NETWORK_WORDS;
const SIDE = 44,
  GAP = 6,
  MOST_TICKS = 9;

/** @param {string} kind */
const nameOf = (kind) => /** @type {{[kind: string]: string}} */ (words.kinds)[kind] ?? kind;

/** @param {number[]} answers */
const favourite = (answers) => answers.indexOf(Math.max(...answers));

/** Every so many of amounts, so that there is room to write them. @param {number[]} amounts */
export const some = (amounts) => {
  const every = Math.ceil(amounts.length / MOST_TICKS);
  return amounts.filter((_, k) => k % every === 0);
};

/** @param {Kind} kind */
const shareOf = ({ answers, count }) => (count ? answers[favourite(answers)] / count : null);

/**
 * A row a kind: some of its pictures, each with its answer, and a bar of how often it is sure.
 * @param {Kind[]} kinds @param {number} columns of a picture @param {number} width
 * @param {string[]} names of the outputs
 * @returns {Drawing}
 */
export function exampleRows(kinds, columns, width, names) {
  /** @type {Mark[]} */
  const marks = [];
  /** @type {{x: number, y: number, width: number, height: number, says: string}[]} */
  const places = [];
  const bar = width > 700 ? 240 : 0;
  let y = 0;
  for (const kind of kinds) {
    const rows = (kind.examples[0]?.pixels.length ?? columns) / columns,
      high = (SIDE * rows) / columns;
    marks.push({ kind: "text", x: 0, y: y + SIZE + 1, text: nameOf(kind.kind), fill: TEXT, bold: true });
    const answer = favourite(kind.answers);
    const said = words.line(kind.sure, names[answer], shareOf(kind));
    if (!bar) marks.push({ kind: "text", x: width, y: y + SIZE + 1, text: said, anchor: "end", fill: SOFT });
    y += SIZE + 8;
    const room = Math.max(1, Math.floor((width - bar + GAP) / (SIDE + GAP)));
    kind.examples.slice(0, room).forEach(({ read, confidence, pixels }, k) => {
      const x = k * (SIDE + GAP);
      marks.push(
        {
          kind: "cells",
          x,
          y,
          width: SIDE,
          height: high,
          columns,
          rows,
          pixels: grey(Float32Array.from(pixels, (level) => level / 255)),
        },
        {
          kind: "text",
          x: x + SIDE / 2,
          y: y + high + SIZE + 1,
          text: confidence === null ? `${names[read]}, –` : `${names[read]} ${percentOf(confidence)}`,
          anchor: "middle",
          fill: TEXT,
          size: 10,
        },
      );
      places.push({
        x,
        y,
        width: SIDE,
        height: high,
        says: words.says(nameOf(kind.kind), names[read], confidence),
      });
    });
    if (bar) {
      const shown = Math.min(room, Math.max(...kinds.map(({ examples }) => examples.length)));
      const x = shown * (SIDE + GAP) + 14,
        wide = Math.min(width - x - 2, 420);
      marks.push(
        { kind: "rect", x, y: y + 6, width: wide, height: 12, fill: "var(--look-grid)" },
        { kind: "rect", x, y: y + 6, width: wide * (kind.sure ?? 0), height: 12, fill: ACCENT },
        { kind: "text", x, y: y + 34, text: said, fill: SOFT },
      );
    }
    y += high + SIZE + 14;
  }
  return {
    width,
    height: Math.max(1, y),
    marks,
    spots: {
      count: places.length,
      across: kinds.length ? Math.max(1, Math.round(places.length / kinds.length)) : 1,
      at: (px, py) =>
        places.findIndex(
          (each) => px >= each.x && px < each.x + each.width && py >= each.y && py < each.y + each.height,
        ),
      box: (k) => places[k],
      says: (k) => places[k].says,
    },
  };
}

export class Nonsense {
  /** @param {Looking} looking */
  constructor(looking) {
    this.looking = looking;
    this.stamp = "";
    /** @type {any} */
    this.of = null;
    const of = () => looking.fileOf;
    this.examples = new Figure({ id: "nonsense", ...words.examples, of });
    this.answers = new Figure({ id: "nonsense-answers", ...words.answers, of });
    this.examples.node.classList.add("wide");
    this.figures = element("div", { className: "figures" }, this.examples.node, this.answers.node);
    this.heading = element("h3", { className: "part", textContent: changed.title });
    this.curves = element("div", { className: "figures curves" });
    this.nodes = [this.figures, this.heading, this.curves];
    /** @type {Map<string, Figure>} */
    this.kinds = new Map();
    for (const kind of Object.keys(changed.kinds)) this.#figure(kind).empty(NETWORK_WORDS.hope.waits);
    looking.hear("answer", () => {
      this.receive();
      this.receiveCurves();
    });
    looking.hear("analysis", () => this.receiveCurves());
    looking.hear("close", () => {
      for (const each of [this.examples, this.answers, ...this.kinds.values()]) each.close();
    });
  }

  /** @param {string} kind */
  #figure(kind) {
    let figure = this.kinds.get(kind);
    if (!figure) {
      const title = /** @type {{[kind: string]: string}} */ (changed.kinds)[kind] ?? kind;
      figure = new Figure({ id: `robustness-${kind}`, title, caption: "", of: () => this.looking.fileOf });
      this.kinds.set(kind, figure);
      this.curves.append(figure.node);
    }
    return figure;
  }

  receive() {
    const { looking } = this;
    if (looking.stamp === this.stamp) return;
    this.stamp = looking.stamp;
    this.examples.wait();
    this.answers.wait();
    looking.ask(
      "nonsense",
      { what: "nonsense" },
      ({ head, body }) => this.show(head.kinds, body),
      (why) => {
        this.stamp = "";
        this.examples.empty(why);
        this.answers.empty(why);
      },
    );
  }

  /** @param {any[]} found @param {Uint8Array} body */
  show(found, body) {
    const { rows, columns } = this.looking.shown.firstGrid,
      size = rows * columns;
    let at = 0;
    /** @type {Kind[]} */
    const kinds = found.map((each) => ({
      ...each,
      examples: each.examples.map((/** @type {[number, number|null]} */ [read, confidence]) => {
        const pixels = body.slice(at, at + size);
        at += size;
        return { read, confidence, pixels };
      }),
    }));
    const names = outputNames(this.looking.shown.state);
    this.examples.show({
      draw: (width) => exampleRows(kinds, columns, width, names),
      table: () => ({
        columns: ["kind", "pictures", "median confidence", "share at least 80% sure", ...names],
        rows: kinds.map(({ kind, count, median, sure, answers }) => [kind, count, median, sure, ...answers]),
      }),
    });
    /** @type {import("../workbench/tablecanvas.js").Table} */
    const table = {
      rows: kinds.length,
      columns: names.length,
      heads: names,
      sides: kinds.map(({ kind }) => nameOf(kind)),
      share: (row, column) => kinds[row].answers[column] / (kinds[row].count || 1),
      text: (row, column) => {
        const share = kinds[row].answers[column] / (kinds[row].count || 1);
        return share >= 0.005 ? String(Math.round(100 * share)) : "";
      },
      says: (row, column) =>
        words.called(
          nameOf(kinds[row].kind),
          names[column],
          kinds[row].answers[column] / (kinds[row].count || 1),
        ),
    };
    this.answers.show({
      draw: (width) => shares({ table, labels: { columns: "read as" } }, width),
      table: () => sharesTable(table, (row, column) => kinds[row].answers[column], "kind"),
    });
  }

  receiveCurves() {
    const analysis = this.looking.analysis,
      network = analysis?.network ?? null;
    for (const each of this.kinds.values())
      each.node.classList.toggle("stale", Boolean(network && !analysis?.fresh));
    if (!network) {
      const { failed, waits } = NETWORK_WORDS.hope;
      this.of = null;
      for (const each of this.kinds.values()) each.empty(analysis?.state === "failed" ? failed : waits);
    }
    if (!network || network === this.of) return;
    this.of = network;
    if (network.unscored)
      for (const each of this.kinds.values()) each.empty(UNSCORED_WORDS.said(network.unscored));
    for (const { kind, unit, amounts, accuracy, images } of network.robustness) {
      const given = {
        series: [
          {
            name: kind,
            x: amounts,
            y: accuracy.map((/** @type {number|null} */ share) => 100 * (share ?? Number.NaN)),
          },
        ],
        x: { label: unit, ticks: some(amounts) },
        y: { label: changed.accuracy, low: 0, high: 100 },
        height: 190,
      };
      this.#figure(kind).show({
        caption: changed.caption(images ?? network.images),
        draw: (width) => lines(given, width),
        table: () => linesTable(given),
      });
    }
  }
}
