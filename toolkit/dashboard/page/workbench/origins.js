// Where each weight comes from, as colours over the map, with a legend that counts them.
import { PROVENANCE, PROVENANCE_WORDS as words } from "../words/coach.js";
import { fromBase64 } from "./base64.js";
import { element } from "./dom.js";

/**
 * @typedef {import("./bench.js").Bench} Bench
 * @typedef {{layer: number, neuron: number, names: string[], weights: string, bias: number, in_layer: number[], in_all: number[], codes?: Uint8Array}} Told
 */

/** None of a palette's: what is seen through them stays a weight. @type {{[name: string]: string}} */
const COLOURS = {
  loaded: "#8d8da3",
  painted: "#ffd84a",
  stamped: "#33d6e5",
  clause: "#b98cff",
  coached: "#ff6fc4",
  fitted: "#f3efe6",
  mixed: "#ff9a4a",
};
/** What is there in most cells lies thin. */
const THIN = new Set(["loaded", "fitted"]);
const NAME = "provenance";

class Origins {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.body = element("div", { className: "origins" });
    this.told = "";
    bench.overlays.add({
      name: NAME,
      label: words.label,
      title: words.title,
      draw: (g, _frame, size) => this.draw(g, size),
      turned: (on) => this.turned(on),
    });
    bench.commands.add({
      name: words.command,
      group: "see",
      also: words.also,
      run: () => bench.overlays.turn(NAME, !bench.overlays.isOn(NAME)),
    });
    bench.hear("answer", () => this.fill());
    bench.hear("select", () => this.fill());
  }

  /** @param {boolean} on */
  turned(on) {
    const { bench } = this;
    if (on) {
      bench.overlays.turn("coach", false);
      bench.wants.add(NAME);
      bench.dock.open(NAME, words.card, this.body);
    } else {
      bench.wants.drop(NAME);
      if (bench.dock.name === NAME) bench.dock.close();
    }
    this.fill();
  }

  /** What the server says of the neuron on show; null where it speaks of another still. @returns {Told|null} */
  get known() {
    const { store } = this.bench;
    /** @type {Told|null} */
    const told = store?.state ? store.extra(NAME) : null;
    if (!told?.weights) return null;
    const [layer, neuron] = store.selected;
    if (told.layer !== layer || told.neuron !== neuron) return null;
    told.codes ??= fromBase64(told.weights);
    return told;
  }

  /** @param {CanvasRenderingContext2D} g @param {{cellWidth: number, cellHeight: number, later: boolean}} size */
  draw(g, { cellWidth: w, cellHeight: h, later }) {
    const { known } = this;
    if (!known?.codes || this.bench.original) return;
    const { columns } = this.bench.store.grid;
    const edge = later ? 4 : 0;
    g.save();
    g.lineWidth = edge;
    known.codes.forEach((code, cell) => {
      const colour = COLOURS[known.names[code]];
      if (!colour) return;
      const x = (cell % columns) * w,
        y = Math.floor(cell / columns) * h;
      g.fillStyle = g.strokeStyle = colour;
      g.globalAlpha = later ? 1 : THIN.has(known.names[code]) ? 0.34 : 0.58;
      if (later) g.strokeRect(x + edge, y + edge, w - 2 * edge, h - 2 * edge);
      else g.fillRect(x + 0.5, y + 0.5, w - 1, h - 1);
    });
    g.restore();
  }

  fill() {
    if (this.bench.dock.name !== NAME) return;
    const { known } = this;
    if (!known?.codes) return;
    const here = known.names.map(() => 0);
    for (const code of known.codes) here[code] += 1;
    here[known.bias] += 1;
    const text = JSON.stringify([here, known.in_layer, known.in_all]);
    if (text === this.told && this.body.firstChild) return;
    this.told = text;
    const rows = known.names.map((name, code) => {
      const swatch = element("i");
      swatch.style.background = COLOURS[name] ?? "";
      const counts = [here[code], known.in_layer[code], known.in_all[code]];
      const row = element(
        "tr",
        { className: counts[2] ? "" : "none" },
        element("th", {}, swatch, name, element("small", { textContent: PROVENANCE[name] ?? "" })),
        ...counts.map((count) => element("td", { textContent: count ? count.toLocaleString("en") : "·" })),
      );
      row.dataset.provenance = name;
      return row;
    });
    const heads = words.columns.map((textContent) => element("th", { textContent }));
    this.body.replaceChildren(
      element("table", {}, element("tr", {}, ...heads), ...rows),
      element("p", { textContent: words.note }),
    );
  }
}

/** @param {Bench} bench */
export function install(bench) {
  new Origins(bench);
}
