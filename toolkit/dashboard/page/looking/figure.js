// A figure: title, picture, what is read where one points, a sentence that says how to read it, and a
// menu by which picture and numbers are taken along.

import { FIGURE_WORDS as words } from "../words/looking.js";
import { element, hasFocus, setText } from "../workbench/dom.js";
import { cellsCanvas, marksText } from "./charts/render.js";
import { csv, fileName, pngOf, save, svgOf } from "./take.js";

/** @typedef {import("./charts/types.js").Drawing} Drawing */
/** @typedef {import("./charts/types.js").Table} Table */
/**
 * @typedef {object} Shown
 * @property {(width: number) => Drawing} draw the picture for a width in CSS pixels
 * @property {() => Table} [table] its numbers
 * @property {string} [title]
 * @property {string} [caption]
 */

/** @type {{[key: string]: (k: number, across: number) => number}} */
const KEYS = {
  ArrowLeft: (k) => k - 1,
  ArrowRight: (k) => k + 1,
  ArrowUp: (k, across) => k - across,
  ArrowDown: (k, across) => k + across,
};

export class Figure {
  /**
   * @param {object} given
   * @param {string} given.id names its files, and its node: `data-figure`
   * @param {string} given.title
   * @param {string} given.caption one sentence: how to read it
   * @param {() => string[]} [given.of] what it is of, for files' names
   * @param {Node[]} [given.controls] beside the title
   */
  constructor({ id, title, caption, of = () => [], controls = [] }) {
    this.id = id;
    this.of = of;
    /** @type {Shown|null} */
    this.shown = null;
    /** @type {Drawing|null} */
    this.drawing = null;
    this.at = -1;
    this.width = 0;
    this.heading = element("h3", { textContent: title });
    this.canvas = element("canvas", { className: "under" });
    this.svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.plot = element("div", { className: "plot" }, this.canvas);
    this.plot.append(this.svg);
    this.readout = element("p", { className: "readout" });
    this.caption = element("figcaption", { textContent: caption });
    this.none = element("p", { className: "none", hidden: true });
    this.menu = this.#menu();
    this.node = element(
      "figure",
      { className: "figure" },
      element("header", {}, this.heading, ...controls, this.menu),
      this.none,
      this.plot,
      this.readout,
      this.caption,
    );
    this.node.dataset.figure = id;
    this.plot.addEventListener("pointermove", (event) => this.#point(event));
    this.plot.addEventListener("pointerleave", () => this.#go(-1));
    this.plot.addEventListener("click", (event) => {
      this.#point(event);
      this.#act();
    });
    this.svg.addEventListener("keydown", (event) => this.#key(event));
    this.svg.addEventListener("blur", () => this.#go(-1));
    this.watch = new ResizeObserver(() => {
      if (Math.abs(this.plot.clientWidth - this.width) >= 1) this.redraw();
    });
    this.watch.observe(this.plot);
  }

  #menu() {
    const button = (/** @type {string} */ text, /** @type {() => unknown} */ take) =>
      element("button", {
        textContent: text,
        onclick: () => {
          menu.open = false;
          take();
        },
      });
    const summary = element("summary", { textContent: "⋯", title: words.take, ariaLabel: words.take });
    const menu = element(
      "details",
      { className: "take" },
      summary,
      element(
        "div",
        {},
        button(words.svg, () => this.take("svg")),
        button(words.png, () => this.take("png")),
        button(words.csv, () => this.take("csv")),
      ),
    );
    // A browser that gives a pressed button no focus says that it goes nowhere: then it stays open.
    menu.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !menu.contains(relatedTarget)) menu.open = false;
    });
    const outside = (/** @type {Event} */ event) => {
      if (!event.composedPath().includes(menu)) menu.open = false;
    };
    menu.addEventListener("toggle", () => {
      if (menu.open) document.addEventListener("pointerdown", outside);
      else document.removeEventListener("pointerdown", outside);
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      summary.focus();
      event.stopPropagation();
    });
    return menu;
  }

  /** @param {Shown} shown */
  show(shown) {
    this.shown = shown;
    if (shown.title !== undefined) setText(this.heading, shown.title);
    if (shown.caption !== undefined) setText(this.caption, shown.caption);
    this.none.hidden = true;
    this.plot.hidden = this.menu.hidden = false;
    this.node.classList.remove("stale");
    this.redraw();
  }

  /** There is nothing to be seen, and why. @param {string} why */
  empty(why) {
    this.shown = this.drawing = null;
    setText(this.none, why);
    this.none.hidden = false;
    this.plot.hidden = this.menu.hidden = true;
    this.node.classList.remove("stale");
    setText(this.readout, "");
  }

  /** What is shown is of before, until the next is there. */
  wait() {
    if (!this.shown) this.empty(words.waits);
    this.node.classList.add("stale");
  }

  redraw() {
    const width = this.plot.clientWidth;
    if (!this.shown || !width) return;
    this.width = width;
    const drawing = this.shown.draw(width);
    this.drawing = drawing;
    const { spots } = drawing,
      [w, h] = [Math.ceil(drawing.width), Math.ceil(drawing.height)];
    this.svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
    this.svg.setAttribute("width", String(w));
    this.svg.setAttribute("height", String(h));
    this.svg.setAttribute("role", "img");
    this.svg.setAttribute("aria-label", `${this.heading.textContent}. ${this.caption.textContent}`);
    this.svg.classList.toggle("acts", Boolean(spots?.act));
    if (spots?.count) this.svg.setAttribute("tabindex", "0");
    else this.svg.removeAttribute("tabindex");
    this.svg.innerHTML = `${marksText(drawing.marks)}<rect class="at" fill="none"/>`;
    this.#cells(w, h);
    const at = spots && this.at < spots.count ? this.at : -1;
    this.at = -2;
    this.#go(at);
  }

  /** What is made of cells lies under the rest. @param {number} w @param {number} h */
  #cells(w, h) {
    const cells = (this.drawing?.marks ?? []).filter((mark) => mark.kind === "cells");
    this.canvas.hidden = !cells.length;
    if (!cells.length) return;
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    Object.assign(this.canvas, { width: Math.round(w * ratio), height: Math.round(h * ratio) });
    Object.assign(this.canvas.style, { width: `${w}px`, height: `${h}px` });
    const g = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    g.imageSmoothingEnabled = false;
    g.scale(ratio, ratio);
    for (const mark of cells) g.drawImage(cellsCanvas(mark), mark.x, mark.y, mark.width, mark.height);
  }

  /** @param {MouseEvent} event */
  #point(event) {
    const spots = this.drawing?.spots;
    if (!spots) return;
    const box = this.svg.getBoundingClientRect();
    this.#go(spots.at(event.clientX - box.left, event.clientY - box.top));
  }

  /** @param {number} k */
  #go(k) {
    if (k === this.at) return;
    this.at = k;
    const spots = this.drawing?.spots,
      frame = this.svg.querySelector(".at");
    const inside = spots && k >= 0 && k < spots.count;
    setText(this.readout, inside ? spots.says(k) : "");
    frame?.classList.toggle("on", Boolean(inside));
    if (inside) spots.hover?.(k);
    if (!inside || !frame) return;
    for (const [name, value] of Object.entries(spots.box(k))) frame.setAttribute(name, String(value));
    if (hasFocus(this.svg)) this.svg.setAttribute("aria-label", spots.says(k));
  }

  #act() {
    const spots = this.drawing?.spots;
    if (spots?.act && this.at >= 0) spots.act(this.at);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const spots = this.drawing?.spots,
      step = KEYS[event.key];
    if (!spots?.count) return;
    if (step) {
      const next = this.at < 0 ? 0 : step(this.at, spots.across);
      this.#go(Math.max(0, Math.min(spots.count - 1, next)));
    } else if ((event.key === "Enter" || event.key === " ") && spots.act) this.#act();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {"svg"|"png"|"csv"} kind */
  async take(kind) {
    const { drawing, shown } = this;
    if (!drawing || !shown) return;
    const name = `${fileName(...this.of(), this.id)}.${kind}`;
    if (kind === "svg") save(svgOf(drawing, this.node, this.heading.textContent ?? ""), name);
    else if (kind === "png") save(await pngOf(drawing, this.node), name);
    else if (shown.table) save(new Blob([csv(shown.table())], { type: "text/csv" }), name);
  }

  close() {
    this.watch.disconnect();
  }
}
