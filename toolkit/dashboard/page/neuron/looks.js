// What the neuron looks for: its map, the ideal shape most like it, how it is tuned, what it likes best.
import { stampWeights } from "../core/stamps.js";
import { bars, barsTable } from "../looking/charts/bars.js";
import { lines, linesTable } from "../looking/charts/lines.js";
import { limitOf, mapTable, weightMap } from "../looking/charts/maps.js";
import { short } from "../looking/charts/scale.js";
import { NEURON_WORDS as words } from "../words/neuron.js";
import { element, setText } from "../workbench/dom.js";
import { calledAt, floats, orNaN, Part } from "./parts.js";

const IDLE_MS = 250; // who walks through neurons asks for no ascent at each

export class Looks extends Part {
  /** @param {import("../looking/page.js").Looking} looking */
  constructor(looking) {
    super(looking, "looks", words.sections.looks);
    this.map = this.figure("weights", words.weights);
    this.below = this.figure("incoming", words.incoming);
    this.composed = this.figure("composed", words.composed);
    this.ideal = this.figure("ideal", words.ideal);
    this.tuning = this.figure("tuning", words.tuning);
    this.best = this.figure("maximised", words.maximised);
    this.verdict = element("p", { className: "verdict" });
    this.verdict.setAttribute("aria-live", "polite");
    this.node.append(this.verdict);
    /** @type {any} */
    this.timer = 0;
    looking.hear("close", () => clearTimeout(this.timer));
  }

  show() {
    const { looking } = this,
      store = looking.shown,
      [layer, index] = looking.neuron;
    const palette = [looking.palette];
    this.map.node.hidden = layer > 1;
    this.node.classList.toggle("later", layer > 1);
    this.below.node.hidden = this.composed.node.hidden = layer === 1;
    this.once("map", [looking.stamp, layer, index, palette, store.state.names], () =>
      layer === 1 ? this.#first(index) : this.#later(layer, index),
    );
    const { analysis } = looking;
    this.once(
      "verdict",
      [looking.stamp, layer, index, palette, analysis?.fresh, analysis?.state, Boolean(analysis?.neurons)],
      () => this.#verdict(layer, index),
    );
    this.once("best", [looking.stamp, layer, index, palette], () => this.#maximise(layer, index));
  }

  /** @param {number} index */
  #first(index) {
    const { looking } = this,
      store = looking.shown,
      { look } = looking;
    const given = {
      values: store.row(1, index),
      columns: store.grid.columns,
      look,
      lit: store.blocks.lit,
      unit: words.weight,
    };
    this.map.show({ draw: (width) => weightMap(given, width), table: () => mapTable(given) });
  }

  /** @param {number} layer @param {number} index */
  #later(layer, index) {
    const { looking } = this,
      store = looking.shown,
      { look } = looking;
    const values = store.row(layer, index);
    const given = {
      values,
      names: Array.from(values, (_, k) => String(k)),
      label: words.weight,
      things: `${words.incoming.things} of layer ${layer - 1}`,
      height: 260,
      says: (/** @type {number} */ k) => `${calledAt(store, layer - 1, k)}: ${short(values[k])}`,
      act: (/** @type {number} */ k) => looking.select(layer - 1, k),
    };
    this.below.show({ draw: (width) => bars(given, width), table: () => barsTable(given) });
    const shown = {
      values: store.maps.map(layer, index),
      columns: store.state.grid[1],
      look,
      unit: words.weight,
    };
    this.composed.show({ draw: (width) => weightMap(shown, width), table: () => mapTable(shown) });
  }

  /** @param {number} layer @param {number} index */
  #verdict(layer, index) {
    const { looking } = this,
      { analysis, look } = looking,
      { state } = looking.shown;
    const at = state.sizes.slice(1, layer).reduce((sum, size) => sum + size, 0) + index;
    const row = analysis?.neurons?.[at],
      more = analysis?.details?.[at];
    const mine = row && row.layer === layer && row.index === index;
    this.verdict.classList.toggle("stale", !analysis?.fresh);
    if (!mine) {
      const failed = analysis?.state === "failed";
      this.ideal.node.hidden = this.tuning.node.hidden = failed;
      setText(this.verdict, failed ? words.noVerdict : words.verdictWaits);
      for (const figure of [this.ideal, this.tuning]) figure.wait();
      return;
    }
    this.ideal.node.hidden = this.tuning.node.hidden = false;
    this.verdict.replaceChildren(
      element("b", { textContent: more?.text ?? row.verdict }),
      ...words.figures(row, more, analysis.needed).map((text) => element("span", { textContent: text })),
    );
    this.#ideal(more?.match ?? null, look);
    this.#tuned(more?.tuning ?? null, row);
  }

  /** @param {any} match @param {import("../workbench/draw.js").Look} look */
  #ideal(match, look) {
    const [rows, columns] = this.looking.shown.state.grid;
    if (!match?.stamp) return this.ideal.empty(words.ideal.none);
    const drawn = stampWeights(
      { ...match.stamp, strength: match.stamp.strength < 0 ? -1 : 1 },
      { rows, columns },
    );
    const given = { values: drawn, columns, look, limit: limitOf(drawn), unit: "" };
    this.ideal.show({
      caption: words.ideal.found(match.shape, orNaN(match.correlation)),
      draw: (width) => weightMap(given, width),
      table: () => mapTable(given),
    });
  }

  /** @param {any} tuning @param {any} row */
  #tuned(tuning, row) {
    const values = [...(tuning?.bars ?? []), ...(tuning?.edges ?? [])];
    if (!values.some((value) => Number.isFinite(value ?? Number.NaN)))
      return this.tuning.empty(words.tuning.none);
    const { angles = [], edge_angles: edges = [] } = tuning;
    const series = [
      { name: words.tuning.bars, x: angles, y: tuning.bars.map(orNaN) },
      ...(edges.length
        ? [{ name: words.tuning.edges, x: edges, y: tuning.edges.map(orNaN), dash: "5 3" }]
        : []),
    ];
    const angle = row.preferred_angle;
    const given = {
      series,
      x: {
        label: words.tuning.x,
        unit: "°",
        low: 0,
        high: edges.length ? 360 : 180,
        ticks: [0, 45, 90, 135, 180, 225, 270, 315, 360],
      },
      y: { label: words.tuning.y },
      height: 260,
      marks: angle === null || angle === undefined ? [] : [{ at: angle, label: `${short(angle)}°` }],
    };
    this.tuning.show({ draw: (width) => lines(given, width), table: () => linesTable(given) });
  }

  /** @param {number} layer @param {number} index */
  #maximise(layer, index) {
    clearTimeout(this.timer);
    this.best.wait();
    this.timer = setTimeout(() => {
      const { looking } = this;
      looking.ask(
        "maximise",
        { what: "maximise", layer, neuron: index },
        ({ head, body }) => {
          const [, columns] = looking.shown.state.grid;
          const given = {
            values: floats(body, 0, body.length / 4),
            columns,
            look: looking.look,
            limit: 1,
            unit: words.maximised.level,
          };
          this.best.show({
            caption: words.maximised.found(orNaN(head.pre_activation), head.steps),
            draw: (width) => weightMap(given, width),
            table: () => mapTable(given),
          });
        },
        (why) => this.best.empty(why),
      );
    }, IDLE_MS);
  }
}
