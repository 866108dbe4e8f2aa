// What neurons are called: beside the map's title, where it can be changed, and wherever one is pointed at.
import { standing } from "../../core/outbox.js";
import { NAME_WORDS as words } from "../../words/meaning.js";
import { element, find, hasFocus } from "../dom.js";

/** @typedef {import("../bench.js").Bench} Bench */

const SHORT = 6; // signs: on a phone it has room beside what else stands above a map of the first layer

const MOST_FOUND = 64; // of a wide layer's neurons, in a list that is read

/**
 * Names by layer.index, with those that the server does not know yet.
 * @param {any} store
 * @returns {Map<string, string>}
 */
export function namesOf(store) {
  /** @type {Map<string, string>} */
  const names = new Map();
  for (const [layer, index, name] of store.state.names ?? []) names.set(`${layer}.${index}`, name);
  for (const edit of standing(store.outbox.entries, store.state.history.cursor)) {
    const each = /** @type {any} */ (edit);
    if (each.kind !== "name") continue;
    if (each.name) names.set(`${each.layer}.${each.neuron}`, each.name);
    else names.delete(`${each.layer}.${each.neuron}`);
  }
  return names;
}

/** A neuron with its name, where it has one. @param {any} store @param {number} layer @param {number} index */
export function called(store, layer, index) {
  const at = `${layer}.${index}`,
    name = namesOf(store).get(at);
  return name ? `${at} · ${name}` : at;
}

/**
 * Says on a tile which neuron it is, what that is called, and what is remarked of it.
 * @param {HTMLElement} button @param {Parameters<typeof called>[0]} store @param {number} layer @param {number} index
 */
export function entitle(button, store, layer, index) {
  const { remarked } = button.dataset;
  button.title = `neuron ${called(store, layer, index)}${remarked ? `: ${remarked}` : ""}`;
}

export class NameField {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.told = "";
    this.input = element("input", {
      className: "neuron-name",
      placeholder: words.placeholder,
      ariaLabel: "Name",
      maxLength: 40,
      spellcheck: false,
    });
    find(bench.root, ".map-title").after(this.input);
    this.head = find(bench.root, ".map-panel > h3");
    this.input.addEventListener("change", () => this.take());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.input.value = this.known;
      else if (event.key !== "Enter") return;
      event.preventDefault();
      this.input.blur();
    });
    bench.listen(window, "keydown", (event) => {
      if (event.key !== "F2" || event.defaultPrevented || !bench.store?.state) return;
      event.preventDefault();
      this.edit();
    });
    bench.commands.add({
      name: words.command,
      group: "neuron",
      keys: "F2",
      also: words.also,
      run: () => this.edit(),
    });
    bench.commands.finders.push((written) => this.found(written));
    bench.hear("frame", () => this.draw());
  }

  /** The neurons of that number or name, the nearest first. @param {string} written */
  found(written) {
    const { bench } = this,
      wanted = written
        .trim()
        .toLowerCase()
        .replace(/^neuron /, "");
    if (!wanted) return [];
    const names = namesOf(bench.store);
    /** @param {string} at @param {string} name */
    const far = (at, name) =>
      at === wanted || name === wanted
        ? 0
        : (wanted.includes(".") && at.startsWith(wanted)) || name.startsWith(wanted)
          ? 1
          : name.includes(wanted)
            ? 2
            : 3;
    const sizes = /** @type {number[]} */ (bench.store.state.sizes).slice(1);
    return sizes
      .flatMap((size, k) =>
        Array.from({ length: size }, (_, j) => ({ layer: k + 1, j, at: `${k + 1}.${j}` })),
      )
      .map((each) => ({ ...each, far: far(each.at, (names.get(each.at) ?? "").toLowerCase()) }))
      .filter((each) => each.far < 3)
      .sort((one, other) => one.far - other.far)
      .slice(0, MOST_FOUND)
      .map(({ layer, j }) => ({
        name: called(bench.store, layer, j),
        // As well as a command of that name.
        also: `neuron ${written}`,
        group: "neuron",
        run: () => bench.select(layer, j),
      }));
  }

  get known() {
    const { store } = this.bench,
      [layer, neuron] = store.selected;
    return namesOf(store).get(`${layer}.${neuron}`) ?? "";
  }

  edit() {
    this.input.focus();
    this.input.select();
  }

  take() {
    const [layer, neuron] = this.bench.store.selected,
      name = this.input.value.trim().replace(/\s+/g, " ");
    if (name !== this.known) this.bench.edit({ kind: "name", layer, neuron, name });
  }

  draw() {
    const { store, network } = this.bench;
    if (!hasFocus(this.input) && this.input.value !== this.known) this.input.value = this.known;
    this.head.classList.toggle("two-lines", store.selected[0] > 1 || this.known.length > SHORT);
    const title = words.titled(this.known);
    if (this.input.title !== title) this.input.title = title;
    const names = namesOf(store),
      told = JSON.stringify([network.shape, [...names]]);
    if (told === this.told) return;
    this.told = told;
    network.layers.forEach((tiles, k) => {
      tiles.forEach(({ button }, j) => {
        entitle(button, store, k + 1, j);
      });
    });
    network.outputs.forEach(({ button }, j) => {
      button.title = `output ${called(store, network.layers.length + 1, j)}`;
    });
  }
}
