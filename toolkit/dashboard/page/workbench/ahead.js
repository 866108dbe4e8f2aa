// How far the first layers could carry the network, beside the accuracy, and what stands out in its
// neurons: a small mark on the tile, and a list to act on.
import { unscored } from "../core/classes.js";
import { AHEAD_WORDS as words } from "../words/ahead.js";
import { element, find } from "./dom.js";
import { openFitting } from "./fitting.js";
import { entitle } from "./meaning/names.js";
import { bar } from "./shares.js";

/**
 * @typedef {import("./bench.js").Bench} Bench
 * @typedef {{layer: number, neuron: number, code: string, share: number, other: number|null, correlation: number|null, factor: number|null, text: string}} Remark
 */

const NAME = "ahead";
const QUIET = ["blank"]; // seen without a mark

/** @param {import("../core/types.js").Layer} layer */
const isBlank = ({ weights }) => weights.every((value) => value === 0);

class Ahead {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    /** @type {any} */
    this.told = null;
    this.shown = "";
    this.span = element("button", {
      className: "ceilings",
      hidden: true,
      onclick: () => this.toggle(),
    });
    this.body = element("div", { className: "ahead" });
    find(bench.root, ".bar .accuracy").after(this.span);
    bench.commands.add({ name: words.command, group: "see", also: words.also, run: () => this.open() });
    bench.wants.add(NAME);
    bench.hear("answer", () => this.receive());
    bench.hear("store", () => this.receive());
  }

  receive() {
    const { store } = this.bench;
    const told = store?.state ? store.extra(NAME) : null;
    const look = JSON.stringify([told, this.deafAt]);
    if (look === this.shown) return;
    this.shown = look;
    // Until anything is found anew, what was found before stands, of this network alone.
    this.told = told;
    find(this.bench.root, ".hint").classList.toggle("deaf", this.deafAt > 0);
    this.showShort();
    this.mark();
    if (this.bench.dock.name === NAME) this.fill();
  }

  /** The lowest layer that nothing listens to, or that is blank itself; 0 where there is none. */
  get deafAt() {
    const { layers } = this.bench.store;
    const at = layers.findIndex(isBlank);
    return at < 0 ? 0 : Math.max(at, 1);
  }

  /** What to do where painting changes nothing yet. */
  get deafness() {
    const { layers } = this.bench.store,
      at = this.deafAt;
    if (!at) return "";
    const blank = isBlank(layers[at - 1]);
    return blank ? (layers.length > at ? words.blank(at, layers.length) : "") : words.deaf(at);
  }

  showShort() {
    const { told, span } = this;
    const known = told?.ceilings?.length;
    span.parentElement?.classList.toggle("two", Boolean(told?.ceilings?.length));
    // Without a score there is no ceiling of one.
    const why = unscored(this.bench.store.state);
    span.hidden = !told || Boolean(why || told.error) || (told.fresh && !known);
    if (span.hidden) return;
    const deaf = this.deafAt,
      layers = this.bench.store.layers;
    const waits = known && deaf && !isBlank(layers[deaf - 1]) && deaf <= known;
    const ceilings = waits ? [told.ceilings[deaf - 1]] : told.ceilings;
    span.textContent = known ? words.short(ceilings, told.fresh) : words.working;
    if (waits) span.append(element("span", { textContent: words.deafShort(deaf) }));
    span.classList.toggle("stale", !told.fresh);
    const said = known ? words.long(told) + (told.fresh ? "" : words.stale) : words.computing;
    span.title = [said, this.deafness, words.more].filter(Boolean).join(" ");
  }

  /** @returns {Remark[]} */
  get remarks() {
    return this.told?.remarks ?? [];
  }

  mark() {
    const { network, store } = this.bench;
    /** @type {Map<string, Remark>} */
    const by = new Map(this.remarks.map((each) => [`${each.layer}.${each.neuron}`, each]));
    // A mark that is being worked out anew is there, and not as if it held of what is there now.
    const fresh = Boolean(this.told?.fresh);
    find(this.bench.root, ".network-panel").classList.toggle("remarks-stale", !fresh);
    network.layers.forEach((tiles, at) => {
      tiles.forEach(({ button }, j) => {
        const found = by.get(`${at + 1}.${j}`);
        const loud = found && !QUIET.includes(found.code) && !this.crowd(found);
        if (loud) {
          button.dataset.remark = found.code;
          const text = found.text.replace(/^[\d.]+ /, "");
          button.dataset.remarked = fresh ? text : words.before(text);
        } else if (button.dataset.remark) {
          delete button.dataset.remark;
          delete button.dataset.remarked;
        } else return;
        entitle(button, store, at + 1, j);
      });
    });
  }

  /** Whether it holds of much of a layer, which is said once. @param {Remark} remark */
  crowd({ layer, code }) {
    if (code === "unheard") return layer === this.deafAt;
    return code === "useless" && this.uselessIn(layer);
  }

  /** Whether of a layer any one neuron can be missed. @param {number} layer */
  uselessIn(layer) {
    const count = this.remarks.filter((each) => each.layer === layer && each.code === "useless").length;
    return count > this.bench.network.tiles(layer).length / 2;
  }

  toggle() {
    if (this.bench.dock.name === NAME) this.bench.dock.close();
    else this.open();
  }

  open() {
    this.fill();
    this.bench.dock.open(NAME, words.card, this.body);
  }

  fill() {
    const { told } = this;
    if (!told || told.error || !told.ceilings) {
      this.bench.dock.refill(this.body, element("p", { textContent: told?.error ?? words.computing }));
      return;
    }
    const rows = told.ceilings.map((/** @type {any} */ each) =>
      bar(words.row(each, told.fresh), each.accuracy),
    );
    const now = bar(words.now(told.accuracy), told.accuracy, "now");
    const parts = [element("div", { className: "bars" }, now, ...rows)];
    if (this.deafness) parts.push(element("p", { className: "deaf", textContent: this.deafness }));
    parts.push(...this.groups());
    const note = element("p", { className: "note", textContent: words.measured(told) });
    if (!told.fresh) note.append(words.stale);
    parts.push(note);
    const fit = { textContent: words.fit, title: words.fitTitle, onclick: () => openFitting(this.bench) };
    parts.push(element("p", {}, element("button", fit)));
    this.bench.dock.refill(this.body, ...parts);
  }

  groups() {
    const found = this.remarks.filter((each) => !this.crowd(each));
    const layers = this.bench.network.layers.map((_, at) => at + 1);
    const any = layers
      .filter((layer) => this.uselessIn(layer))
      .map((layer) => element("p", { textContent: words.anyUseless(layer) }));
    if (!found.length) return any.length ? any : [element("p", { textContent: words.nothing })];
    const groups = Object.keys(words.codes).flatMap((code) => {
      const these = found.filter((each) => each.code === code);
      if (!these.length) return [];
      if (code === "blank")
        return [element("p", { textContent: `${words.codes.blank}: ${this.blanks(these)}` })];
      const list = these.map((each) => this.line(each));
      return [
        element("h5", { textContent: words.codes[code] }),
        element("p", { className: "these" }, ...list),
      ];
    });
    return [...groups, ...any];
  }

  /** @param {Remark[]} these */
  blanks(these) {
    return this.bench.network.layers
      .map((tiles, at) => [at + 1, these.filter(({ layer }) => layer === at + 1).length, tiles.length])
      .filter(([, count]) => count)
      .map(([layer, count, of]) => words.manyBlank(layer, count, of))
      .join(", ");
  }

  /** @param {Remark} remark */
  line(remark) {
    const { layer, neuron, factor, text } = remark,
      { bench } = this;
    const name = element("button", {
      textContent: `${layer}.${neuron}`,
      title: text,
      onclick: () => bench.select(layer, neuron),
    });
    const parts = [name, element("small", { textContent: words.why(remark) })];
    if (factor !== null && factor < 1) {
      const edit = { kind: "move", layer, neuron, move: "scale", factor, bias: true };
      parts.push(
        element("button", {
          className: "remedy",
          textContent: words.scale,
          title: words.scaleTitle(factor),
          onclick: () => bench.ask({ kind: "edit", edit }),
        }),
      );
    }
    return element("span", {}, ...parts);
  }
}

/** @param {Bench} bench */
export function install(bench) {
  new Ahead(bench);
}
