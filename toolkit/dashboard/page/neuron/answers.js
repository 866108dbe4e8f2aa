// What the neuron answers to: digits, classes, and what is there when it fires.
import { classNames, outputNames, unscored } from "../core/classes.js";
import { bars, barsTable } from "../looking/charts/bars.js";
import { mapTable, strip, stripTable, weightMap } from "../looking/charts/maps.js";
import { quantiles, quantilesTable } from "../looking/charts/quantiles.js";
import { short } from "../looking/charts/scale.js";
import { NEURON_WORDS as words } from "../words/neuron.js";
import { element, setText } from "../workbench/dom.js";
import { floats, orNaN, Part } from "./parts.js";

const KINDS = /** @type {const} */ (["most", "least", "threshold"]);

export class Answers extends Part {
  /** @param {import("../looking/page.js").Looking} looking @param {(number: number) => void} pick shows a digit */
  constructor(looking, pick) {
    super(looking, "answers", words.sections.answers);
    this.pick = pick;
    this.said = element("p", { className: "said-of-all" });
    this.figures.before(this.said);
    this.strips = Object.fromEntries(KINDS.map((kind) => [kind, this.figure(kind, words[kind])]));
    this.classes = this.figure("classes", words.classes);
    this.auc = this.figure("auc", words.auc);
    this.difference = this.figure("difference", words.difference);
    /** What the last answer was, for whoever else wants it. @type {any} */
    this.found = null;
  }

  show() {
    const { looking } = this,
      [layer, index] = looking.neuron;
    this.once("all", [looking.stamp, layer, index, looking.palette], () => {
      for (const figure of this.all) figure.wait();
      looking.ask(
        "neuron",
        { what: "neuron", layer, neuron: index },
        (reply) => this.#take(reply),
        (why) => {
          this.again("all");
          setText(this.said, why);
          for (const figure of this.all) figure.empty(why);
        },
      );
    });
  }

  /** @param {import("../core/asking.js").Reply} reply */
  #take({ head, body }) {
    const { looking } = this,
      { state } = looking.shown,
      pixels = state.sizes[0],
      [, columns] = state.grid;
    this.found = head;
    setText(this.said, words.answers(head, classNames(state)));
    let at = head.difference ? 4 * pixels : 0;
    if (head.difference) {
      const given = {
        values: floats(body, 0, pixels),
        columns,
        look: looking.look,
        unit: words.difference.unit,
      };
      this.difference.show({ draw: (width) => weightMap(given, width), table: () => mapTable(given) });
    } else this.difference.empty(words.difference.none);
    for (const kind of KINDS) {
      const digits = head.digits[kind].map(
        (/** @type {[number, number, number, number|null]} */ [number, label, read, z]) => {
          const picture = body.slice(at, at + pixels);
          at += pixels;
          return { number, label, read, z: orNaN(z), pixels: picture };
        },
      );
      if (!digits.length) this.strips[kind].empty(words.noDigits);
      else this.#strip(kind, digits, columns);
    }
    this.#byClass(head);
  }

  /** @param {string} kind @param {any[]} digits @param {number} columns */
  #strip(kind, digits, columns) {
    const { state } = this.looking.shown,
      [is, as] = [classNames(state), outputNames(state)];
    const given = {
      digits,
      columns,
      scored: !unscored(state),
      label: (/** @type {number} */ k) => short(digits[k].z, 2),
      says: (/** @type {number} */ k) =>
        `digit ${digits[k].number}, a ${is[digits[k].label]} read as ${as[digits[k].read]}: z = ${short(digits[k].z)}`,
      act: (/** @type {number} */ k) => this.pick(digits[k].number),
    };
    const table = () => {
      const plain = stripTable(given);
      return { columns: [...plain.columns, "z"], rows: plain.rows.map((row, k) => [...row, digits[k].z]) };
    };
    this.strips[kind].show({ draw: (width) => strip(given, width), table });
  }

  /** @param {any} head */
  #byClass(head) {
    const rows = head.quantiles.map((/** @type {(number|null)[]} */ row) => row.map(orNaN));
    const strong = new Set([head.best_class]),
      names = classNames(this.looking.shown.state);
    const given = {
      names,
      rows,
      label: words.classes.x,
      things: words.classes.things,
      marks: [{ at: 0, label: words.classes.threshold }],
      strong,
    };
    this.classes.show({ draw: (width) => quantiles(given, width), table: () => quantilesTable(given) });
    const shown = {
      values: head.auc.map(orNaN),
      names,
      label: words.auc.y,
      things: words.auc.things,
      base: 0.5,
      low: 0,
      high: 1,
      height: 230,
      strong,
    };
    this.auc.show({ draw: (width) => bars(shown, width), table: () => barsTable(shown) });
  }
}
