// Every neuron's row in one table: its map, what it is, its figures; sorted, searched, and only those
// rows in the page that are in sight.
import { classNames } from "../core/classes.js";
import { composedRow } from "../core/composed.js";
import { csv, fileName, save } from "../looking/take.js";
import { TABLE_WORDS as words } from "../words/neurontable.js";
import { element, setText } from "../workbench/dom.js";
import { drawMap, limitOf } from "../workbench/draw.js";
import { COLUMNS, figureOf, find, inSight, pairOf, sorted } from "./finding.js";

/** @typedef {import("../looking/page.js").Looking} Looking */
/** @typedef {import("./finding.js").Row} Row */

const HIGH = 44; // CSS pixels of a row, as in the style
const WAIT_MS = 60; // after a key in the search
/** Columns of the file that the page has no room for. */
const MORE = [
  "layer",
  "index",
  "score",
  "best_auc",
  "selectivity",
  "row",
  "column",
  "dead",
  "always_on",
  "saturated",
  "redundant_with",
  "never_lit_share",
  "smoothness",
  "symmetry",
  "norm",
  "bias",
];

export class NeuronTable {
  /** @param {Looking} looking */
  constructor(looking) {
    this.looking = looking;
    /** @type {Row[]} */
    this.rows = [];
    /** @type {Row[]} those shown, in their order */
    this.shown = [];
    this.key = "neuron";
    this.falling = false;
    this.at = 0;
    this.analysed = false;
    /** @type {any} of which network the rows are */
    this.of = null;
    this.shape = "";
    /** @type {Map<string, HTMLElement>} rows that are in the page, by neuron */
    this.made = new Map();
    /** @type {Map<string, string>} the verdict on each neuron as a sentence */
    this.says = new Map();
    /** @type {any} */
    this.timer = 0;
    /** @type {{of: string, pairs: [number, number, number, number][], threshold: number}|null} */
    this.closest = null;
    /** @type {{of: string, label: string, why?: string}|null} which two digits the rows are ranked by */
    this.pair = null;
    const button = (/** @type {string} */ textContent, /** @type {() => void} */ onclick) =>
      element("button", { textContent, onclick });
    this.search = element("input", {
      type: "search",
      placeholder: words.search,
      ariaLabel: words.searchLabel,
      title: words.help,
      oninput: () => {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.refresh(), WAIT_MS);
      },
    });
    this.count = element("span", { className: "count", role: "status" });
    this.take = element("button", {
      textContent: words.csv,
      title: words.csvTitle,
      onclick: () => this.save(),
    });
    const ways = element(
      "div",
      { className: "ways" },
      button(words.edges, () => this.look("edges lines", "edge_score", true)),
      button(words.dead, () => this.look("dead", "neuron", false)),
      button(words.duplicates, () => this.look("duplicates", "neuron", false)),
      button(words.all, () => this.look("", "neuron", false)),
      this.count,
    );
    this.heads = element("div", { className: "heads" });
    this.heads.setAttribute("role", "row");
    this.heads.append(...this.#heads());
    this.sheet = element("div", { className: "sheet-rows" });
    this.body = element("div", { className: "rows", tabIndex: 0, onscroll: () => this.draw() }, this.sheet);
    this.body.addEventListener("keydown", (event) => this.#press(event));
    this.none = element("p", { className: "none", hidden: true });
    this.grid = element("div", { className: "neuron-grid" }, this.heads, this.body, this.none);
    this.grid.setAttribute("role", "grid");
    this.grid.setAttribute("aria-label", words.label);
    this.note = element("p", { className: "note", textContent: words.waits });
    this.node = element(
      "figure",
      { className: "figure neuron-table" },
      element("header", {}, this.search, ways, element("span", { className: "spring" }), this.take),
      this.note,
      this.grid,
      element("figcaption", { textContent: words.caption }),
    );
    this.node.dataset.figure = "neurons";
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.body);
    looking.hear("answer", () => this.receive());
    looking.hear("analysis", () => this.receive());
    looking.hear("close", () => this.close());
  }

  /** What stands in a row: beside the usual what a pair of digits loses, where one is searched for. */
  get columns() {
    if (!this.pair) return COLUMNS;
    /** @type {import("./finding.js").Column} */
    const more = { key: "pair", label: this.pair.label, title: words.pairTitle, unit: "points" };
    return [...COLUMNS.slice(0, 2), more, ...COLUMNS.slice(2)];
  }

  #heads() {
    const map = element("span", { textContent: words.map });
    map.setAttribute("role", "columnheader");
    const heads = this.columns.map(({ key, label, title, unit }) => {
      const head = element("button", { textContent: label, title, onclick: () => this.sortBy(key) });
      head.setAttribute("role", "columnheader");
      head.dataset.key = key;
      if (unit !== "text") head.classList.add("figure-of");
      return head;
    });
    return [map, ...heads];
  }

  /** @param {string} text @param {string} key @param {boolean} falling */
  look(text, key, falling) {
    this.search.value = text;
    Object.assign(this, { key, falling });
    this.refresh();
  }

  /** @param {string} key */
  sortBy(key) {
    // Figures the largest first, words as in a dictionary; and once more the other way round.
    const usual = !["neuron", "verdict", "health", "preferred_angle"].includes(key);
    this.falling = key === this.key ? !this.falling : usual;
    this.key = key;
    this.refresh();
  }

  /** The rows of the network as it is, or those of before while they are made anew. */
  receive() {
    const { looking } = this,
      { store, analysis } = looking;
    if (!store?.state) return;
    const found = analysis?.neurons ?? null;
    const shape = store.state.sizes.slice(1);
    const fits = found && found.length === shape.reduce((sum, size) => sum + size, 0);
    const of = JSON.stringify([looking.stamp, store.state.names, Boolean(fits), fits && analysis?.fresh]);
    setText(this.note, analysis?.state === "failed" ? words.failed : words.waits);
    if (of === this.shape && found === this.of) return;
    this.shape = of;
    this.of = found;
    this.analysed = Boolean(fits);
    this.rows = fits ? found : bare(store.state);
    if (this.pair) this.pair.of = "before";
    this.says = new Map(fits ? (analysis?.details ?? []).map(({ neuron, text }) => [neuron, text]) : []);
    this.note.hidden = this.analysed;
    this.node.classList.toggle("stale", Boolean(fits && !analysis?.fresh));
    this.refresh();
  }

  /** What two digits that are searched for lose without each neuron; they are asked for once. @param {string} text */
  #rank(text) {
    const found = pairOf(text),
      label = found ? words.pair(...found) : "",
      of = found ? `${this.looking.stamp} ${label}` : "";
    if (of === (this.pair?.of ?? "")) return;
    this.pair = found && { of, label };
    this.key = found ? "pair" : "neuron";
    this.falling = Boolean(found);
    for (const row of this.rows) row.pair = null;
    this.grid.classList.toggle("paired", Boolean(found));
    this.heads.replaceChildren(...this.#heads());
    if (!found) return;
    const [one, other] = found;
    this.looking.ask(
      "table-pair",
      { what: "pair-needs", one, other, replacement: "mean" },
      ({ head }) => {
        if (this.pair?.of !== of) return;
        for (const row of this.rows) row.pair = head.falls[row.layer - 1]?.[row.index] ?? null;
        this.refresh();
      },
      (why) => {
        if (this.pair?.of !== of) return;
        this.pair.why = why;
        this.refresh();
      },
    );
  }

  /** Where there are no duplicates: which neurons come closest. */
  #nearest() {
    const { looking, closest } = this,
      { stamp } = looking;
    if (closest?.of === stamp) return words.noneTwice(closest.threshold, closest.pairs);
    looking.ask(
      "closest",
      { what: "closest" },
      ({ head }) => {
        this.closest = { of: stamp, ...head };
        this.refresh();
      },
      () => {},
    );
    return words.noneTwice(null, []);
  }

  /** Why no row is shown. @param {string} text what is searched for */
  #why(text) {
    if (this.pair && this.rows.every(({ pair }) => pair === null)) return this.pair.why ?? words.ranking;
    if (!this.analysed) return words.waits;
    if (text === "dead") return words.noneDead;
    if (/^(?:duplicates?|redundant|twins?)$/.test(text)) return this.#nearest();
    if (/^edges?$/.test(text)) return words.noneEdge(find(this.rows, "lines").length);
    return text === "edges lines" ? words.noneEdges : words.none;
  }

  refresh() {
    const text = this.search.value.trim().toLowerCase();
    this.#rank(text);
    this.shown = sorted(find(this.rows, text), this.key, this.falling);
    this.at = Math.max(0, Math.min(this.at, this.shown.length - 1));
    setText(this.count, words.count(this.shown.length, this.rows.length));
    for (const head of /** @type {Iterable<HTMLElement>} */ (this.heads.children))
      if (head.dataset.key === this.key)
        head.setAttribute("aria-sort", this.falling ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    this.grid.setAttribute("aria-rowcount", String(this.shown.length + 1));
    this.none.hidden = this.shown.length > 0;
    if (!this.shown.length) this.none.textContent = this.#why(text);
    this.body.hidden = !this.shown.length;
    this.sheet.style.height = `${HIGH * this.shown.length}px`;
    this.made = new Map();
    this.sheet.replaceChildren();
    this.draw();
  }

  /** Bring the rows in sight into the page, and leave out the others. */
  draw() {
    const { shown, body, sheet } = this;
    if (!body.clientHeight) return;
    // Heads stand above their figures, however wide the bar is by which the rows are scrolled.
    this.heads.style.paddingRight = `${6 + body.offsetWidth - body.clientWidth}px`;
    const [first, end] = inSight(body.scrollTop, body.clientHeight, HIGH, shown.length);
    const wanted = new Set(shown.slice(first, end).map(({ neuron }) => neuron));
    for (const [neuron, row] of this.made)
      if (!wanted.has(neuron)) {
        row.remove();
        this.made.delete(neuron);
      }
    for (let k = first; k < end; k++) {
      const row = shown[k];
      let node = this.made.get(row.neuron);
      if (!node) {
        node = this.#row(row, k);
        this.made.set(row.neuron, node);
        sheet.append(node);
      }
      node.classList.toggle("at", k === this.at);
    }
    const now = shown[this.at];
    if (now) body.setAttribute("aria-activedescendant", `neuron-${now.neuron}`);
  }

  /** @param {Row} row @param {number} k */
  #row(row, k) {
    const canvas = element("canvas", { className: "small-map" });
    const { shown, look } = this.looking;
    const map = row.layer === 1 ? shown.row(1, row.index) : composedRow(shown.layers, row.layer, row.index);
    drawMap(canvas, map, shown.firstGrid.columns, limitOf(map), look);
    const cells = this.columns.map((column) => {
      const cell = element("span", { textContent: figureOf(row, column, classNames(shown.state)) });
      cell.setAttribute("role", "gridcell");
      if (column.unit !== "text") cell.classList.add("figure-of");
      if (column.key === "verdict") cell.dataset.verdict = row.verdict ?? "";
      return cell;
    });
    const first = element("span", {}, canvas);
    first.setAttribute("role", "gridcell");
    const node = element(
      "div",
      {
        id: `neuron-${row.neuron}`,
        className: "row",
        title: words.open(row.neuron, this.says.get(row.neuron) ?? row.verdict ?? ""),
        onclick: () => this.open(row),
      },
      first,
      ...cells,
    );
    node.setAttribute("role", "row");
    node.setAttribute("aria-rowindex", String(k + 2));
    node.style.transform = `translateY(${k * HIGH}px)`;
    node.dataset.neuron = row.neuron;
    return node;
  }

  /** @param {Row} row */
  open(row) {
    this.looking.goTo("neuron", { neuron: `${row.layer}.${row.index}` });
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const { shown, body } = this,
      page = Math.max(1, Math.floor(body.clientHeight / HIGH) - 1);
    /** @type {{[key: string]: number}} */
    const to = {
      ArrowDown: this.at + 1,
      ArrowUp: this.at - 1,
      PageDown: this.at + page,
      PageUp: this.at - page,
      Home: 0,
      End: shown.length - 1,
    };
    if (event.key === "Enter" && shown[this.at]) this.open(shown[this.at]);
    else if (event.key in to) {
      this.at = Math.max(0, Math.min(shown.length - 1, to[event.key]));
      const top = this.at * HIGH;
      if (top < body.scrollTop) body.scrollTop = top;
      else if (top + HIGH > body.scrollTop + body.clientHeight)
        body.scrollTop = top + HIGH - body.clientHeight;
      this.draw();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  save() {
    const keys = [...COLUMNS.map(({ key }) => key).filter((key) => key !== "health"), ...MORE];
    const names = ["neuron", "name", ...keys.filter((key) => key !== "neuron")];
    const told = (/** @type {any} */ value) =>
      value === undefined || value === null ? null : typeof value === "number" ? value : String(value);
    const rows = this.shown.map((row) => names.map((key) => told(row[key])));
    save(
      new Blob([csv({ columns: names, rows })], { type: "text/csv" }),
      `${fileName(...this.looking.fileOf, "neurons")}.csv`,
    );
  }

  close() {
    clearTimeout(this.timer);
    this.watch.disconnect();
  }
}

/** Rows of neurons of which nothing is known yet. @param {{sizes: number[], names: [number, number, string][]}} state @returns {Row[]} */
function bare({ sizes, names }) {
  const called = new Map(names.map(([layer, index, name]) => [`${layer}.${index}`, name]));
  return sizes.slice(1).flatMap((size, k) =>
    Array.from({ length: size }, (_, index) => {
      const neuron = `${k + 1}.${index}`;
      return /** @type {Row} */ (
        /** @type {unknown} */ ({
          neuron,
          layer: k + 1,
          index,
          name: called.get(neuron) ?? null,
          verdict: null,
        })
      );
    }),
  );
}
