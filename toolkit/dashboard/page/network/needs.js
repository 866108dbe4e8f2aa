// Which neurons two digits are told apart by: ranked by what that loses without each.
import { classNames } from "../core/classes.js";
import { composedRow } from "../core/composed.js";
import { ACCENT, SIZE, SOFT, TEXT } from "../looking/charts/axes.js";
import { coloured, limitOf } from "../looking/charts/maps.js";
import { Figure } from "../looking/figure.js";
import { NETWORK_WORDS } from "../words/network.js";
import { element } from "../workbench/dom.js";

/** @typedef {import("../looking/page.js").Looking} Looking */
/** @typedef {import("../looking/charts/types.js").Drawing} Drawing */
/** @typedef {import("../looking/charts/types.js").Mark} Mark */
/** @typedef {import("../workbench/draw.js").Look} Look */
/** @typedef {{layer: number, index: number, fall: number}} Need */

const words = NETWORK_WORDS.needs;
const MOST = 10,
  SIDE = 34,
  LINE = 40;
const LEAST_POINTS = 1; // the axis reaches so far at least: chance does not fill it

/**
 * Hidden neurons, that first without which most is lost; those of no figure last.
 * @param {(number|null)[][]} falls by layer, 0..1
 * @returns {Need[]}
 */
export function ranked(falls) {
  const all = falls.flatMap((layer, k) =>
    layer.map((fall, index) => ({ layer: k + 1, index, fall: fall ?? Number.NaN })),
  );
  const place = (/** @type {Need} */ { fall }) => (Number.isNaN(fall) ? Number.NEGATIVE_INFINITY : fall);
  return all.sort((one, other) => place(other) - place(one) || one.layer - other.layer);
}

/** @param {number} fall of accuracy, 0..1 */
const points = (fall) => (Number.isNaN(fall) ? "–" : (100 * fall).toFixed(2).replace("-", "−"));

/**
 * A line a neuron: its map, its name, and a bar of the points lost without it.
 * @param {{needs: Need[], mapOf: (need: Need) => ArrayLike<number>, nameOf: (need: Need) => string, columns: number, look: Look, act: (need: Need) => void}} given
 * @param {number} width @returns {Drawing}
 */
export function needRows({ needs, mapOf, nameOf, columns, look, act }, width) {
  const left = SIDE + Math.min(130, width / 3) + 8,
    room = Math.max(20, width - left - 44);
  const most = Math.max(LEAST_POINTS, ...needs.map(({ fall }) => (Number.isNaN(fall) ? 0 : 100 * fall)));
  /** @type {Mark[]} */
  const marks = [{ kind: "text", x: left, y: SIZE, text: words.label, fill: SOFT }];
  const top = SIZE + 8;
  needs.forEach((need, k) => {
    const y = top + k * LINE,
      map = mapOf(need),
      rows = Math.max(1, Math.ceil(map.length / columns));
    const scale = SIDE / Math.max(rows, columns);
    const wide = (room * Math.max(0, Number.isNaN(need.fall) ? 0 : 100 * need.fall)) / most;
    marks.push(
      {
        kind: "cells",
        x: 0,
        y,
        width: columns * scale,
        height: rows * scale,
        columns,
        rows,
        pixels: coloured(map, rows * columns, limitOf(map), look),
      },
      { kind: "text", x: SIDE + 8, y: y + SIDE / 2 + 4, text: nameOf(need), fill: TEXT },
      { kind: "rect", x: left, y: y + 9, width: Math.max(0.5, wide), height: SIDE - 18, fill: ACCENT },
      { kind: "text", x: left + wide + 6, y: y + SIDE / 2 + 4, text: points(need.fall), fill: TEXT },
    );
  });
  return {
    width,
    height: Math.max(1, top + needs.length * LINE),
    marks,
    spots: {
      count: needs.length,
      across: 1,
      at: (_, y) => {
        const k = Math.floor((y - top) / LINE);
        return k < 0 || k >= needs.length ? -1 : k;
      },
      box: (k) => ({ x: 0, y: top + k * LINE, width: width - 1, height: SIDE }),
      says: (k) => words.says(nameOf(needs[k]), points(needs[k].fall)),
      act: (k) => act(needs[k]),
    },
  };
}

export class Needs {
  /** @param {Looking} looking */
  constructor(looking) {
    this.looking = looking;
    this.stamp = "";
    /** @type {string[]} what the classes are called */
    this.names = [];
    const digit = (/** @type {string} */ ariaLabel, /** @type {number} */ at) => {
      const choice = element("select", { ariaLabel, onchange: () => this.ask() });
      choice.append(element("option", { value: String(at), textContent: String(at) }));
      return choice;
    };
    this.one = digit(words.one, 4);
    this.other = digit(words.other, 9);
    this.held = element(
      "select",
      { ariaLabel: words.held, onchange: () => this.ask() },
      ...Object.entries(words.replacements).map(([value, textContent]) =>
        element("option", { value, textContent }),
      ),
    );
    this.figure = new Figure({
      id: "needs",
      title: words.title("4", "9"),
      caption: "",
      of: () => [...looking.fileOf, this.one.value, this.other.value],
      controls: [
        element("span", { className: "choice" }, this.one, ` ${words.against} `, this.other),
        element("label", { className: "choice" }, `${words.held} `, this.held),
      ],
    });
    looking.hear("answer", () => {
      this.showNames();
      if (looking.stamp !== this.stamp) this.ask();
    });
    looking.hear("close", () => this.figure.close());
  }

  /** Let every class be there to choose. */
  showNames() {
    const names = classNames(this.looking.shown.state);
    if (names.join(" ") === this.names.join(" ")) return;
    this.names = names;
    for (const choice of [this.one, this.other]) {
      const before = Number(choice.value);
      choice.replaceChildren(
        ...names.map((textContent, k) => element("option", { value: String(k), textContent })),
      );
      choice.value = String(Math.min(before, names.length - 1));
    }
    if (this.one.value === this.other.value) this.one.value = "0";
  }

  /** @param {number} one @param {number} other */
  show(one, other) {
    this.one.value = String(one);
    this.other.value = String(other);
    this.ask();
  }

  ask() {
    const { looking, figure } = this;
    const [one, other, replacement] = [Number(this.one.value), Number(this.other.value), this.held.value];
    this.stamp = looking.stamp;
    figure.heading.textContent = words.title(
      this.names[one] ?? String(one),
      this.names[other] ?? String(other),
    );
    figure.wait();
    looking.ask(
      "pair-needs",
      { what: "pair-needs", one, other, replacement },
      ({ head }) => this.draw(head, one, other, replacement),
      (why) => figure.empty(one === other ? words.same : why),
    );
  }

  /** @param {{images: number, accuracy: number, falls: (number|null)[][]}} found @param {number} one @param {number} other @param {string} replacement */
  draw({ images, accuracy, falls }, one, other, replacement) {
    const { looking, figure } = this;
    const all = ranked(falls);
    if (!all.length) {
      figure.empty(words.none);
      return;
    }
    const called = new Map(
      looking.shown.state.names.map(([layer, index, name]) => [`${layer}.${index}`, name]),
    );
    const nameOf = (/** @type {Need} */ { layer, index }) => {
      const name = called.get(`${layer}.${index}`);
      return name ? `${layer}.${index} ${name}`.slice(0, 22) : `${layer}.${index}`;
    };
    const given = {
      needs: all.slice(0, MOST),
      mapOf: (/** @type {Need} */ { layer, index }) =>
        layer === 1 ? looking.shown.row(1, index) : composedRow(looking.shown.layers, layer, index),
      nameOf,
      columns: looking.shown.firstGrid.columns,
      look: looking.look,
      act: (/** @type {Need} */ { layer, index }) => looking.goTo("neuron", { neuron: `${layer}.${index}` }),
    };
    figure.show({
      title: words.title(this.names[one], this.names[other]),
      caption: words.caption(this.names[one], this.names[other], images, accuracy, replacement),
      draw: (width) => needRows(given, width),
      table: () => ({
        columns: ["neuron", words.label],
        rows: all.map((need) => [nameOf(need), Number.isNaN(need.fall) ? null : 100 * need.fall]),
      }),
    });
  }
}
