// The network panel: every neuron as a small map with its activation, the outputs as bars, and the
// outputs once more, small, above the map for a phone.
import { classesKey, outputNames, unscored } from "../core/classes.js";
import { productsOf } from "../core/composed.js";
import { FUNCTION_WORDS as words } from "../words/activations.js";
import { element, find } from "./dom.js";
import { drawMap, limitOf, number } from "./draw.js";
import { layerHeights } from "./fit.js";

/**
 * @typedef {import("./bench.js").Bench} Bench
 * @typedef {{button: HTMLElement, canvas: HTMLCanvasElement, level: HTMLElement, seen: boolean, share: string, shown: Float32Array|null, look: string}} Tile
 * @typedef {{button: HTMLElement, bar: HTMLElement, amount: HTMLElement, text: string, share: number, is: string}} Output
 * @typedef {Parameters<typeof layerHeights>[1] & {row: number}} Place
 */

/** @param {number} share of a bar's length @returns {number} of one that can be drawn: none of NaN, and no finer than is seen */
const part = (share) => (Number.isFinite(share) ? Math.round(1000 * share) / 1000 : 0);

const MOST_ROWS = 16, // of outputs below one another; more stand beside one another, and scroll
  CROWD_ROWS = 10; // that those take up
const CROWD = 64; // of more maps those in sight alone are drawn
const NEAR = "300px"; // of the edge of what scrolls counts as in sight
// So many products a frame go into composed maps: some milliseconds. The others follow.
const PRODUCTS = 4e6;

export class NetworkPanel {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.root = find(bench.root, ".network-panel");
    this.shape = "";
    /** @type {Tile[][]} by layer but the last */
    this.layers = [];
    /** Where the layers but the last stand. */
    this.hidden = element("div", { className: "hidden-layers" });
    this.revealed = "";
    this.laid = "";
    /** @type {Output[]} */
    this.outputs = [];
    /** @type {HTMLSelectElement[]} */
    this.choices = [];
    /** @type {{box: HTMLElement, bar: HTMLElement}[]} */
    this.strip = [];
    /** @type {HTMLElement|null} the neuron selected */
    this.chosen = null;
    /** @type {import("./bench.js").Frame|null} the last one drawn */
    this.frame = null;
    /** Products that this frame may still spend. */
    this.left = 0;
    /** Whether maps are left for the next frame. */
    this.unfinished = false;
    /** Whether maps are left for when the hand has let go. */
    this.waits = false;
    /** @type {IntersectionObserver|null} */
    this.eyes = null;
    bench.hear("close", () => this.eyes?.disconnect());
  }

  /** The small maps of a layer. @param {number} layer */
  tiles(layer) {
    return this.layers[layer - 1];
  }

  /** Build it anew where the network has another shape. @param {any} state */
  receive(state) {
    const shape = JSON.stringify([state.sizes, state.functions, classesKey(state)]);
    if (this.shape === shape) return;
    this.shape = shape;
    const last = state.sizes.length - 1;
    this.hidden.replaceChildren();
    this.root.replaceChildren(this.hidden);
    this.hidden.hidden = last === 1;
    this.revealed = "";
    this.chosen = this.frame = null;
    this.layers = [];
    this.choices = [];
    const names = outputNames(state);
    this.buildStrip(names);
    for (let layer = 1; layer <= last; layer++) {
      const box = element("div", { className: layer === last ? "outputs" : "neurons" });
      const title = element("span", { textContent: layer === last ? "output" : `layer ${layer}` });
      if (layer > 1 && layer < last)
        title.append(
          " ",
          element("small", { className: "composed-word", textContent: "composed, a linear approximation" }),
        );
      if (layer === last)
        this.outputs = this.build(names.length, layer, box, (at, j) => outputRow(at, j, names[j]));
      else this.layers.push(this.build(state.sizes[layer], layer, box, neuronTile));
      const choice = this.choice(layer, state.functions);
      this.choices.push(choice);
      box.classList.toggle("many", state.sizes[layer] > CROWD);
      box.classList.toggle("crowd", layer === last && names.length > MOST_ROWS);
      const place = layer === last ? this.root : this.hidden;
      place.append(element("div", { className: "layer" }, element("h3", {}, title, choice), box));
    }
    this.watch();
  }

  /** Of very many maps note which are in sight. */
  watch() {
    this.eyes?.disconnect();
    const tiles = this.layers.flat();
    if (tiles.length <= CROWD) return;
    /** @type {Map<Element, Tile>} */
    const of = new Map(tiles.map((tile) => [tile.button, tile]));
    const see = (/** @type {Tile|undefined} */ tile, /** @type {boolean} */ seen) => {
      if (!tile) return;
      tile.seen = seen;
      tile.button.classList.toggle("unseen", !seen);
    };
    for (const tile of tiles) see(tile, false);
    const near = /** @type {IntersectionObserverInit} */ ({ rootMargin: NEAR, scrollMargin: NEAR });
    const eyes = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) see(of.get(target), isIntersecting);
      this.bench.dirty();
    }, near);
    for (const { button } of tiles) eyes.observe(button);
    this.eyes = eyes;
  }

  /** Let the outputs be in sight, however many maps stand above them. @param {Place} place */
  lay(place) {
    const counts = this.layers.map((tiles) => tiles.length);
    const { own, all } = layerHeights(
      counts,
      place,
      place.row,
      this.outputs.length > MOST_ROWS ? CROWD_ROWS : this.outputs.length,
    );
    const shown = JSON.stringify([place.mini, own, all]);
    if (shown !== this.laid) this.revealed = "";
    this.laid = shown;
    const pixels = (/** @type {number|null} */ height) => (height === null ? "" : `${height}px`);
    this.hidden.style.maxHeight = pixels(all);
    this.hidden.classList.toggle("scrolls", all !== null);
    own.forEach((height, at) => {
      const box = this.boxOf(at + 1);
      box.style.maxHeight = place.net === null ? "" : pixels(height) || "none";
    });
  }

  /** Where the maps of a hidden layer stand. @param {number} layer @returns {HTMLElement} */
  boxOf(layer) {
    return find(this.hidden, `.layer:nth-child(${layer}) .neurons`);
  }

  /** Let the neuron that was chosen be in sight in its layer. @param {number} layer @param {number} j */
  reveal(layer, j) {
    const name = `${layer}.${j}`;
    if (this.revealed === name) return;
    this.revealed = name;
    const box = this.boxOf(layer),
      { button } = this.layers[layer - 1][j];
    const top = button.offsetTop - box.offsetTop,
      bottom = top + button.offsetHeight;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
  }

  /**
   * @template {{button: HTMLElement}} T
   * @param {number} count @param {number} layer @param {HTMLElement} box
   * @param {(layer: number, j: number) => T} make
   */
  build(count, layer, box, make) {
    return Array.from({ length: count }, (_, j) => {
      const made = make(layer, j);
      made.button.addEventListener("click", () => this.bench.select(layer, j));
      box.append(made.button);
      return made;
    });
  }

  /** @param {number} layer @param {string[]} functions */
  choice(layer, functions) {
    const options = functions.map(functionOption);
    const choice = element(
      "select",
      { ariaLabel: `Activation of layer ${layer}`, title: words.title("") },
      ...options,
    );
    choice.addEventListener("change", () => {
      this.bench.edit({ kind: "activation", layer, activation: choice.value });
    });
    return choice;
  }

  /** @param {string[]} names */
  buildStrip(names) {
    this.strip = names.map((name) => {
      const bar = element("i");
      return { bar, box: element("div", {}, element("span", {}, bar), name) };
    });
    const strip = find(this.bench.root, ".strip");
    strip.style.gridTemplateColumns = `repeat(${names.length}, minmax(0, 1fr))`;
    strip.classList.toggle("crowd", names.length > MOST_ROWS);
    strip.replaceChildren(...this.strip.map(({ box }) => box));
  }

  /** @param {import("./bench.js").Frame} frame */
  draw(frame) {
    const { store } = this.bench,
      { trace } = frame,
      last = store.state.sizes.length - 1;
    this.frame = frame;
    this.left = PRODUCTS;
    this.unfinished = false;
    this.waits = this.isTooMuch();
    this.choose();
    for (let layer = 1; layer <= last; layer++) {
      const choice = this.choices[layer - 1],
        name = frame.activations[layer - 1];
      if (choice.value !== name) {
        // One with a slope or an α of its own stands in no list until a layer has it.
        if (![...choice.options].some(({ value }) => value === name)) choice.append(functionOption(name));
        choice.value = name;
      }
      const title = words.title(name);
      if (choice.title !== title) choice.title = title;
      if (layer < last) this.drawLayer(layer, trace.a[layer - 1]);
    }
    this.drawOutputs(trace.a[last - 1], frame.read);
    if (this.unfinished) this.bench.dirty();
  }

  /** Whether under the hand more maps change than a frame can follow. */
  isTooMuch() {
    const { store } = this.bench,
      { sizes } = store.state;
    if (!store.stroke && !store.preview) return false;
    let products = 0;
    for (const [at, tiles] of this.layers.entries()) {
      const cost = at && productsOf(sizes, at + 1);
      if (!cost || cost * tiles.length <= PRODUCTS) continue;
      for (const [j, { seen }] of tiles.entries())
        if (seen && !this.frame?.maps.known(at + 1, j)) products += cost;
    }
    return products > PRODUCTS;
  }

  /** Mark the neuron selected. */
  choose() {
    const [layer, j] = this.bench.store.selected,
      tile = this.layers[layer - 1]?.[j];
    const button = tile?.button ?? this.outputs[j].button;
    if (this.chosen !== button) {
      this.chosen?.classList.remove("selected");
      button.classList.add("selected");
      this.chosen = button;
    }
    if (tile && this.layers[layer - 1].length > CROWD) this.reveal(layer, j);
  }

  /** @param {number} layer @param {Float32Array} a */
  drawLayer(layer, a) {
    const tiles = this.layers[layer - 1];
    if (isCovered(tiles[0])) return;
    let top = 1;
    for (let j = 0; j < a.length; j++) top = Math.max(top, Math.abs(a[j]));
    const shared = this.shared(layer);
    for (let j = 0; j < tiles.length; j++) {
      const tile = tiles[j];
      if (!tile.seen) continue;
      const share = `scaleX(${part(Math.abs(a[j]) / top)})`;
      if (tile.share !== share) tile.level.style.transform = share;
      tile.share = share;
      this.drawTile(layer, j, shared);
    }
  }

  /** The weight that is brightest on all maps of a layer; 0 where each has its own. @param {number} layer */
  shared(layer) {
    if (this.bench.settings.scale !== "layer" || !this.frame) return 0;
    if (layer === 1) return this.frame.limit(1);
    let limit = 0;
    for (let j = 0; j < this.layers[layer - 1].length; j++) {
      const map = this.map(layer, j);
      if (map) limit = Math.max(limit, limitKnown(map));
    }
    return limit;
  }

  /** What a neuron looks for; null where that has to wait. @param {number} layer @param {number} j */
  map(layer, j) {
    const { maps } = /** @type {import("./bench.js").Frame} */ (this.frame),
      known = maps.known(layer, j);
    if (known) return known;
    const cost = productsOf(this.bench.store.state.sizes, layer);
    if (!this.waits && (this.left >= cost || this.left === PRODUCTS)) {
      this.left -= cost;
      return maps.map(layer, j);
    }
    this.unfinished = !this.waits;
    return null;
  }

  /** @param {number} layer @param {number} j @param {number} shared */
  drawTile(layer, j, shared) {
    const { bench } = this,
      { store, settings } = bench,
      tile = this.layers[layer - 1][j],
      values = this.map(layer, j);
    const look = `${settings.scale} ${settings.fixed} ${bench.palette} ${shared}`;
    if (!values || !hasChanged(tile, values, look)) return;
    const fixed = settings.scale === "fixed" && layer === 1;
    const limit = shared || (fixed ? settings.fixed : limitOf(values));
    drawMap(tile.canvas, values, store.state.grid[1], limit, bench.look);
  }

  /**
   * The small map of a neuron, as it was in the last frame; null of an output.
   * @param {number} layer @param {number} j
   */
  picture(layer, j) {
    const tile = this.layers[layer - 1]?.[j];
    if (!tile) return null;
    const drawn = tile.seen && !isCovered(tile);
    if (!drawn && this.frame) this.drawTile(layer, j, this.shared(layer));
    if (this.unfinished) this.bench.dirty();
    return tile.canvas;
  }

  /** @param {Float32Array} a @param {number} read */
  drawOutputs(a, read) {
    const { store } = this.bench,
      label = unscored(store.state) ? null : store.state.digit.label;
    let low = 0,
      high = -Infinity;
    for (let j = 0; j < a.length; j++) {
      low = Math.min(low, a[j]);
      high = Math.max(high, a[j]);
    }
    const span = Math.max(high, low + 1) - low;
    this.outputs.forEach((output, j) => {
      const share = part((a[j] - low) / span),
        text =
          Math.abs(a[j]) < 1000
            ? a[j].toFixed(3).replace("-0.000", "0.000").replace("-", "−")
            : number(a[j], 0, false),
        is = `${j === read} ${j === label}`;
      // What is as it was is not written again.
      if (output.text !== text) output.amount.textContent = text;
      if (output.share !== share) {
        output.bar.style.transform = `scaleX(${share})`;
        this.strip[j].bar.style.transform = `scaleY(${share})`;
      }
      if (output.is !== is) {
        output.button.classList.toggle("winner", j === read);
        output.button.classList.toggle("truth", j === label);
        this.strip[j].box.className = j === read ? "winner" : "";
      }
      Object.assign(output, { text, share, is });
    });
  }
}

/** Whether a table stands in the place of its layer's maps. @param {Tile} tile */
const isCovered = ({ button }) => Boolean(button.parentElement?.hidden);

/** @param {string} name */
const functionOption = (name) => element("option", { value: name, textContent: name });

/** @param {number} layer @param {number} j @returns {Tile} */
function neuronTile(layer, j) {
  const canvas = element("canvas", { width: 28, height: 28 }),
    level = element("i");
  const properties = {
    className: "neuron",
    title: `neuron ${layer}.${j}`,
    ariaLabel: `Neuron ${layer}.${j}`,
  };
  const button = element("button", properties, canvas, element("div", { className: "level" }, level));
  return { button, canvas, level, seen: true, share: "", shown: null, look: "" };
}

/** @param {number} layer @param {number} j @param {string} called @returns {Output} */
function outputRow(layer, j, called) {
  const bar = element("i"),
    amount = element("span", { className: "amount" });
  const properties = { className: "output", title: `output ${layer}.${j}`, ariaLabel: `Output ${called}` };
  const name = element("span", { className: "name", textContent: called });
  const button = element("button", properties, name, element("span", { className: "track" }, bar), amount);
  return { button, bar, amount, text: "", share: -1, is: "" };
}

/** @type {WeakMap<Float32Array, number>} */
const limits = new WeakMap();

/** The largest weight of a composed map, which is never written to. @param {Float32Array} map */
function limitKnown(map) {
  const limit = limits.get(map) ?? limitOf(map);
  limits.set(map, limit);
  return limit;
}

/**
 * A small map is drawn again only where something it shows has changed.
 * @param {Tile} tile @param {Float32Array} values @param {string} look
 */
function hasChanged(tile, values, look) {
  const { shown } = tile;
  let same = shown !== null && shown.length === values.length && tile.look === look;
  if (same && shown) {
    for (let i = 0; i < values.length && same; i++) same = Object.is(shown[i], values[i]);
    if (same) return false;
  }
  if (shown?.length === values.length) shown.set(values);
  else tile.shown = values.slice();
  tile.look = look;
  return true;
}
