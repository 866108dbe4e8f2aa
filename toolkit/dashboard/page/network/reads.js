// What the network reads: accuracy, confusion and the digits behind it, mistakes, how sure it is.
import { classesKey, classNames, outputNames, unscored } from "../core/classes.js";
import { bars, histogram, histogramTable } from "../looking/charts/bars.js";
import { lines } from "../looking/charts/lines.js";
import { strip } from "../looking/charts/maps.js";
import { short } from "../looking/charts/scale.js";
import { shares, sharesTable } from "../looking/charts/shares.js";
import { Figure } from "../looking/figure.js";
import { percentOf, NETWORK_WORDS as words } from "../words/network.js";
import { UNSCORED_WORDS } from "../words/see.js";
import { element, setText } from "../workbench/dom.js";
import { confusionCounts, worst } from "./confusion.js";
import { DigitsFigure } from "./digits.js";
import { Needs } from "./needs.js";

/** @typedef {import("../looking/page.js").Looking} Looking */

export class Reads {
  /** @param {Looking} looking */
  constructor(looking) {
    this.looking = looking;
    this.stamp = "";
    this.counts = "";
    const of = () => looking.fileOf;
    const figure = (/** @type {string} */ id, /** @type {{title: string, caption?: any}} */ said) =>
      new Figure({
        id,
        title: said.title,
        caption: typeof said.caption === "string" ? said.caption : "",
        of,
      });
    this.confusion = figure("confusion", words.confusion);
    this.digits = new DigitsFigure(looking, { id: "digits", ...words.digits }, words.digits.more);
    this.needs = new Needs(looking);
    this.mistakes = figure("mistakes", words.mistakes);
    this.calibration = figure("calibration", words.calibration);
    this.sureness = figure("sureness", words.sureness);
    this.layers = figure("parameters", words.layers);
    this.accuracy = element("b", { className: "large" });
    this.right = element("span");
    this.lead = element("p", { className: "lead" }, this.accuracy, " ", this.right);
    this.mistakes.node.classList.add("whole");
    this.figures = element(
      "div",
      { className: "figures" },
      this.confusion.node,
      this.digits.node,
      this.needs.figure.node,
      this.calibration.node,
      this.sureness.node,
      this.layers.node,
      this.mistakes.node,
    );
    this.nodes = [this.lead, this.figures];
    looking.hear("answer", () => this.receive());
    looking.hear("store", () => {
      this.digits.figure.heading.textContent = words.digits.title;
      this.digits.clear(words.digits.none);
    });
    looking.hear("close", () => this.close());
  }

  receive() {
    const { looking } = this,
      { state } = looking.shown;
    const { score } = /** @type {any} */ (state);
    const why = unscored(state);
    setText(this.accuracy, why ? words.notScored : words.accuracy(score.accuracy));
    setText(this.right, why ? UNSCORED_WORDS.said(why) : words.right(score.correct, score.images));
    const counts = looking.shown.extra("confusion")?.counts;
    const text = JSON.stringify([counts ?? null, classesKey(state)]);
    const fits =
      counts?.length === state.digits.classes && counts[0].length === state.sizes[state.sizes.length - 1];
    if (fits && text !== this.counts) {
      this.counts = text;
      this.showConfusion(counts);
    }
    if (looking.stamp === this.stamp) return;
    this.stamp = looking.stamp;
    this.digits.again();
    const all = [this.mistakes, this.calibration, this.sureness, this.layers];
    for (const each of all) each.wait();
    looking.ask(
      "reading",
      { what: "reading" },
      ({ head, body }) => this.show(head, body),
      (why) => {
        this.stamp = "";
        for (const each of all) each.empty(why);
      },
    );
  }

  /** @param {number[][]} counts */
  showConfusion(counts) {
    const { state } = this.looking.shown,
      table = confusionCounts(counts, state),
      why = unscored(state);
    const { digits } = words,
      [is, as] = [classNames(state), outputNames(state)];
    const most = worst(counts).map(({ label, read, count }) => ({ label: is[label], read: as[read], count }));
    this.confusion.heading.textContent = why ? words.confusion.answers : words.confusion.title;
    this.confusion.show({
      caption: why
        ? words.confusion.answersCaption
        : `${words.confusion.worst(most)} ${words.confusion.caption}`,
      draw: (width) =>
        shares(
          {
            table,
            labels: { rows: "is", columns: "read as" },
            act: (label, read) => {
              this.digits.show(
                { label, read },
                { title: digits.cell(is[label], as[read]), caption: digits.caption, empty: digits.empty },
              );
              if (label !== read && !why) this.needs.show(label, read);
            },
          },
          width,
        ),
      table: () => sharesTable(table, (row, column) => counts[row][column], "is, read as"),
    });
  }

  /** @param {any} found @param {Uint8Array} body */
  show({ mistakes, calibration, layers, correct, images, unscored: why }, body) {
    this.showLayers(layers);
    if (why) {
      for (const each of [this.mistakes, this.calibration, this.sureness])
        each.empty(UNSCORED_WORDS.said(why));
      return;
    }
    if (mistakes.length) this.showMistakes(mistakes, body);
    else this.mistakes.empty(correct === images ? words.mistakes.none : words.mistakes.unsure);
    this.showCalibration(calibration);
  }

  /** @param {[number, number, number, number|null, number][]} mistakes @param {Uint8Array} body */
  showMistakes(mistakes, body) {
    const size = body.length / mistakes.length;
    const digits = mistakes.map(([number, label, read, sure, second], k) => ({
      number,
      label,
      read,
      sure,
      second,
      pixels: body.slice(k * size, (k + 1) * size),
    }));
    const { looking } = this,
      names = classNames(looking.shown.state);
    const given = {
      digits,
      columns: looking.shown.firstGrid.columns,
      label: (/** @type {number} */ k) =>
        `${names[digits[k].label]}→${names[digits[k].read]} ${percentOf(digits[k].sure)}`,
      says: (/** @type {number} */ k) =>
        words.mistakes.says({
          ...digits[k],
          label: names[digits[k].label],
          read: names[digits[k].read],
          second: names[digits[k].second],
        }),
      act: (/** @type {number} */ k) => looking.goTo("", { digit: digits[k].number }),
      size: 52,
    };
    this.mistakes.show({
      draw: (width) => strip(given, width),
      table: () => ({
        columns: ["digit", "is", "read as", "confidence", "second choice"],
        rows: digits.map(({ number, label, read, sure, second }) => [
          number,
          names[label],
          names[read],
          sure,
          names[second],
        ]),
      }),
    });
  }

  /** @param {{edges: number[], confidence: (number|null)[], accuracy: (number|null)[], counts: number[], error: number|null}} found */
  showCalibration({ edges, confidence, accuracy, counts, error }) {
    const said = words.calibration;
    const kept = counts.map((_, k) => k).filter((k) => counts[k] > 0 && confidence[k] !== null);
    if (!kept.length) {
      this.calibration.empty(said.none);
      this.sureness.empty(said.none);
      return;
    }
    const x = kept.map((k) => /** @type {number} */ (confidence[k])),
      y = kept.map((k) => accuracy[k] ?? Number.NaN);
    const given = {
      series: [
        { name: said.line, x: [0, 1], y: [0, 1], colour: "var(--look-soft)", dash: "5 4" },
        { name: said.found, x, y },
      ],
      x: { label: said.sure, low: 0, high: 1 },
      y: { label: said.right, low: 0, high: 1 },
      height: 260,
    };
    this.calibration.show({
      caption: said.caption(error === null ? "not a number" : percentOf(error, 1)),
      draw: (width) => lines(given, width),
      table: () => ({
        columns: ["from", "to", said.sure, said.right, "digits"],
        rows: counts.map((count, k) => [edges[k], edges[k + 1], confidence[k], accuracy[k], count]),
      }),
    });
    const bins = {
      edges,
      series: [{ name: words.sureness.counted, counts }],
      label: said.sure,
      counted: words.sureness.counted,
      height: 260,
    };
    this.sureness.show({ draw: (width) => histogram(bins, width), table: () => histogramTable(bins) });
  }

  /** @param {any[]} layers */
  showLayers(layers) {
    const said = words.layers;
    const counts = layers.map(({ neurons, inputs }) => neurons * (inputs + 1));
    const all = counts.reduce((sum, each) => sum + each, 0),
      bad = layers.reduce((sum, each) => sum + each.not_finite, 0);
    const given = {
      values: counts,
      names: layers.map((each) => `${each.layer} (${each.activation})`),
      label: said.label,
      things: said.things,
      text: (/** @type {number} */ value) => value.toLocaleString("en"),
      says: (/** @type {number} */ k) => {
        const { layer, neurons, inputs, least, largest, spread, zeros } = layers[k];
        return `layer ${layer}: ${neurons} × ${inputs} weights and ${neurons} biases, ${percentOf(counts[k] / all, 1)} of all; weights from ${short(least)} to ${short(largest)}, spread ${short(spread)}${zeros ? `, ${zeros.toLocaleString("en")} of them 0` : ""}`;
      },
      height: 220,
    };
    this.layers.show({
      caption: said.caption(all, bad),
      draw: (width) => bars(given, width),
      table: () => ({
        columns: [
          "layer",
          "neurons",
          "inputs",
          "activation",
          "least",
          "largest",
          "spread",
          "zeros",
          "not finite",
        ],
        rows: layers.map((each) => [
          each.layer,
          each.neurons,
          each.inputs,
          each.activation,
          each.least,
          each.largest,
          each.spread,
          each.zeros,
          each.not_finite,
        ]),
      }),
    });
  }

  close() {
    for (const each of [
      this.confusion,
      this.digits,
      this.mistakes,
      this.calibration,
      this.sureness,
      this.layers,
    ])
      each.close();
  }
}
