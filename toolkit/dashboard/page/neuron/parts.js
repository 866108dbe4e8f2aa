// What the parts of the page share: a part is a heading with figures under it.
import { Figure } from "../looking/figure.js";
import { element } from "../workbench/dom.js";

/** @typedef {import("../looking/page.js").Looking} Looking */

export class Part {
  /** @param {Looking} looking @param {string} name @param {string} title */
  constructor(looking, name, title) {
    this.looking = looking;
    this.figures = element("div", { className: "figures" });
    this.node = element(
      "section",
      { className: `part ${name}` },
      element("h2", { textContent: title }),
      this.figures,
    );
    /** @type {Map<string, string>} what each thing was last shown for */
    this.shown = new Map();
    /** @type {Figure[]} */
    this.all = [];
    looking.hear("close", () => {
      for (const figure of this.all) figure.close();
    });
  }

  /** @param {string} id @param {{title: string, caption: string}} words @param {Node[]} [controls] */
  figure(id, { title, caption }, controls = []) {
    const { looking } = this;
    const of = () => [...looking.fileOf, looking.neuron.join(".")];
    const figure = new Figure({ id, title, caption, of, controls });
    this.all.push(figure);
    this.figures.append(figure.node);
    return figure;
  }

  /** Do something once for the same things. @param {string} what @param {unknown[]} things @param {() => void} task */
  once(what, things, task) {
    const key = JSON.stringify(things);
    if (this.shown.get(what) === key) return;
    this.shown.set(what, key);
    task();
  }

  /** What failed is tried again when it is next shown. @param {string} what */
  again(what) {
    this.shown.delete(what);
  }
}

/** Floats in a reply. @param {Uint8Array} body @param {number} first byte @param {number} count */
export const floats = (body, first, count) => new Float32Array(body.slice(first, first + 4 * count).buffer);

/** The neuron's name, or its layer and index. @param {import("../core/store.js").Store} store @param {number} layer @param {number} index */
export function calledAt(store, layer, index) {
  const named = store.state.names.find(([l, i]) => l === layer && i === index);
  return named ? `${layer}.${index} ${named[2]}` : `${layer}.${index}`;
}

/** A number from JSON, where one that is not finite is null. @param {number|null|undefined} value */
export const orNaN = (value) => value ?? Number.NaN;
