// The matrix view: a layer's equation for the digit at hand, the map of the row under the pointer, and
// that row term by term.

import { composedRow } from "../core/composed.js";
import { grey, mapTable, weightMap } from "../looking/charts/maps.js";
import { Figure } from "../looking/figure.js";
import { MATRIX_WORDS as words } from "../words/matrix.js";
import { digitTitle } from "../words.js";
import { element } from "../workbench/dom.js";
import { number } from "../workbench/draw.js";
import { equation, lies } from "./equation.js";
import { rowTable, rowTerms, shownOf } from "./row.js";

/** @typedef {import("../looking/page.js").Looking} Looking */

export class MatrixView {
  /** @param {Looking} looking */
  constructor(looking) {
    this.looking = looking;
    this.layer = 1;
    this.row = 0;
    this.hovered = -1;
    this.drawn = "";
    this.which = element("select", {
      ariaLabel: words.layer,
      onchange: () => this.choose(Number(this.which.value)),
    });
    const step = (/** @type {string} */ text, /** @type {string} */ title, /** @type {string} */ how) =>
      element("button", {
        textContent: text,
        title,
        ariaLabel: title,
        onclick: () => looking.shown.tell({ kind: "digit", how, class: null }),
      });
    const buttons = [
      step("◂", words.previous, "previous"),
      step("▸", words.next, "next"),
      step("random", words.random, "random"),
      step("wrong", words.wrong, "wrong"),
    ];
    const of = () => [...looking.fileOf, `layer-${this.layer}`];
    this.equation = new Figure({
      id: "matrix",
      title: words.title,
      caption: "",
      of,
      controls: [element("label", { className: "choice" }, `${words.layer} `, this.which)],
    });
    this.digit = new Figure({ id: "digit", ...words.digit, of, controls: buttons });
    this.map = new Figure({ id: "row-map", title: "", caption: "", of });
    this.terms = new Figure({ id: "row", title: "", caption: "", of });
    this.figures = element(
      "div",
      { className: "matrix" },
      this.equation.node,
      element("div", { className: "beside" }, this.digit.node, this.map.node),
      this.terms.node,
    );
    this.nodes = [this.figures];
    const receive = () => this.receive();
    looking.hear("answer", receive);
    looking.hear("digit", receive);
    looking.hear("store", () => {
      this.layer = 1;
      this.row = 0;
    });
    looking.hear("close", () => {
      for (const each of [this.equation, this.digit, this.map, this.terms]) each.close();
    });
    // Nothing is drawn that nobody has scrolled to yet: of a wide network it is a lot.
    this.seen = false;
    this.watch = new IntersectionObserver(
      (entries) => {
        this.seen = entries.some(({ isIntersecting }) => isIntersecting);
        if (this.seen) this.receive();
      },
      { rootMargin: "400px" },
    );
    this.watch.observe(this.figures);
    looking.hear("close", () => this.watch.disconnect());
  }

  /** @param {number} layer */
  choose(layer) {
    this.layer = layer;
    this.row = 0;
    this.hovered = -1;
    this.receive();
  }

  receive() {
    const { looking, seen } = this,
      { store } = looking;
    if (!seen || !store?.state) return;
    const { state } = store;
    const shape = state.sizes.join();
    if (this.which.dataset.shape !== shape) {
      this.which.dataset.shape = shape;
      this.which.replaceChildren(
        ...state.sizes.slice(1).map((_, k) =>
          element("option", {
            value: String(k + 1),
            textContent: words.layerName(k + 1, k + 2 === state.sizes.length),
          }),
        ),
      );
      if (this.layer >= state.sizes.length) this.layer = 1;
    }
    this.which.value = String(this.layer);
    if (this.row >= state.sizes[this.layer]) this.row = 0;
    const { index, label } = state.digit;
    const drawn = JSON.stringify([looking.stamp, index, this.layer, this.row, looking.palette]);
    // A digit that is from no set has no number to be known by.
    if (drawn === this.drawn && index !== null) return;
    this.drawn = drawn;
    this.digit.show({
      title: words.digit.says(digitTitle(state.digit.title), label, store.winner),
      draw: (width) => this.#picture(width),
      table: () => mapTable({ values: store.digit, columns: store.firstGrid.columns, unit: "ink" }),
    });
    this.#showEquation();
    this.#showRow();
    this.#showMap();
  }

  /** @param {number} width */
  #picture(width) {
    const { shown } = this.looking,
      { rows, columns } = shown.firstGrid;
    const side = Math.min(width, 190),
      high = (side * rows) / columns,
      cell = side / columns;
    return /** @type {import("../looking/charts/types.js").Drawing} */ ({
      width: side,
      height: high,
      marks: [
        { kind: "cells", x: 0, y: 0, width: side, height: high, columns, rows, pixels: grey(shown.digit) },
      ],
      spots: {
        count: rows * columns,
        across: columns,
        at: (x, y) => {
          const [column, row] = [Math.floor(x / cell), Math.floor(y / cell)];
          return column < 0 || column >= columns || row < 0 || row >= rows ? -1 : row * columns + column;
        },
        box: (k) => ({
          x: (k % columns) * cell,
          y: Math.floor(k / columns) * cell,
          width: cell,
          height: cell,
        }),
        says: (k) =>
          `row ${Math.floor(k / columns)}, column ${k % columns}: ${number(shown.digit[k], 2, false)}`,
      },
    });
  }

  /** What comes into the layer, and what comes of it. */
  #of() {
    const { store } = this.looking,
      { layers, activations, trace, digit } = /** @type {import("../core/store.js").Store} */ (store);
    const k = this.layer - 1;
    return {
      number: this.layer,
      layer: layers[k],
      activation: activations[k],
      below: k ? trace.a[k - 1] : digit,
      z: trace.z[k],
      a: trace.a[k],
    };
  }

  #showEquation() {
    const of = this.#of(),
      { look } = this.looking,
      { layer, activation } = of;
    const given = {
      ...of,
      look,
      row: this.row,
      hover: (/** @type {number} */ row) => this.#light(row),
      act: (/** @type {number} */ row) => this.#pick(row),
    };
    this.equation.show({
      caption: words.caption(
        this.layer,
        activation,
        lies(layer),
        layer.in > 2 * this.equation.width && lies(layer),
      ),
      draw: (width) => equation(given, width),
      table: () => ({
        columns: ["row", "a", "z", "b", ...Array.from({ length: layer.in }, (_, i) => `w ${i}`)],
        rows: Array.from({ length: layer.out }, (_, j) => [
          j,
          of.a[j],
          of.z[j],
          layer.biases[j],
          ...layer.weights.subarray(j * layer.in, (j + 1) * layer.in),
        ]),
      }),
    });
  }

  /** The row under the pointer: its map. @param {number} row */
  #light(row) {
    if (row === this.hovered) return;
    this.hovered = row;
    this.#showMap();
  }

  /** @param {number} row */
  #pick(row) {
    this.row = row;
    this.hovered = row;
    this.receive();
  }

  #showMap() {
    const { shown, look } = this.looking,
      index = this.hovered >= 0 ? this.hovered : this.row;
    const values = this.layer === 1 ? shown.row(1, index) : composedRow(shown.layers, this.layer, index);
    const given = {
      values,
      columns: shown.firstGrid.columns,
      look,
      unit: this.layer === 1 ? words.map.unit : "",
      most: 240,
      act: () => this.looking.goTo("neuron", { neuron: `${this.layer}.${index}` }),
    };
    this.map.show({
      title: words.map.title(`${this.layer}.${index}`),
      caption: this.layer === 1 ? words.map.caption : words.map.composed,
      draw: (width) => weightMap(given, width),
      table: () => mapTable(given),
    });
  }

  #showRow() {
    const { number: layer, layer: values, activation, below, a } = this.#of(),
      { looking, row } = this,
      { columns } = looking.shown.firstGrid;
    const of = shownOf(values, row, below);
    const nameOf = (/** @type {number} */ input) =>
      layer === 1 ? `${Math.floor(input / columns)},${input % columns}` : `${layer - 1}.${input}`;
    const rest = of.left ? words.row.rest(of.left, number(of.rest, 3)) : "";
    this.terms.show({
      title: words.row.title(`${layer}.${row}`),
      caption: words.row.caption(of.kept.length, of.zero, rest),
      draw: (width) =>
        rowTerms({ of, number: layer, row, a: a[row], activation, nameOf, look: looking.look }, width),
      table: () => rowTable(of, nameOf),
    });
  }
}
