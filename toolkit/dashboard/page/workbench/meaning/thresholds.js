// Help with the bias: a threshold that parts chosen classes from the rest, or fires so often.
import { THRESHOLD_WORDS as words } from "../../words/meaning.js";
import { element, find } from "../dom.js";
import { numberOf } from "../numberfield.js";
import { called } from "./names.js";

/** @typedef {import("../bench.js").Bench} Bench */

const NAME = "threshold";

export class Thresholds {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.share = element("input", {
      className: "number",
      inputMode: "decimal",
      value: "20",
      ariaLabel: "Share in %",
    });
    /** @type {HTMLButtonElement[]} */
    this.classes = [];
    this.row = element("span", { className: "class-row" });
    this.showClasses();
    bench.hear("classes-built", () => this.showClasses());
    this.told = element("p", { className: "told" });
    this.told.setAttribute("aria-live", "polite");
    const byShare = element("button", {
      textContent: words.set,
      ariaLabel: "Set by share",
      onclick: () => this.byShare(),
    });
    this.layer = element("button", { title: words.setLayerTitle, onclick: () => this.layerByShare() });
    const byClass = element("button", {
      textContent: words.set,
      ariaLabel: "Set by classes",
      onclick: () => this.byClass(),
    });
    this.share.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.byShare();
    });
    this.body = element(
      "div",
      { className: "thresholds" },
      element("p", {}, `${words.share} `, this.share, ` ${words.ofDigits} `, byShare, " ", this.layer),
      element("p", {}, `${words.parts} `, this.row, ` ${words.fromRest} `, byClass),
      this.told,
    );
    const open = element("button", {
      className: "find-threshold",
      textContent: words.button,
      title: words.title,
      onclick: () => this.open(),
    });
    find(bench.root, ".bias-value").after(open);
    bench.commands.add({ name: words.command, group: "neuron", also: words.also, run: () => this.open() });
    bench.hear("select", () => {
      this.told.textContent = "";
      if (bench.dock.name === NAME) this.entitle();
    });
  }

  showClasses() {
    this.classes = this.bench.digits.names.map((name) => {
      const button = element("button", { textContent: name, ariaLabel: `Class ${name}` });
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(on));
      });
      return button;
    });
    this.row.replaceChildren(...this.classes);
  }

  open() {
    this.bench.dock.open(NAME, "", this.body);
    this.entitle();
  }

  /** Say which neuron's it is. */
  entitle() {
    const { bench } = this;
    this.layer.textContent = words.setLayer(this.neuron[0]);
    bench.dock.entitle(words.card(called(bench.store, ...this.neuron)));
  }

  /** @returns {[number, number]} */
  get neuron() {
    return this.bench.store.selected;
  }

  /** The share that is typed; null, and said, where it is none. */
  get typedShare() {
    const share = numberOf(this.share.value) / 100;
    if (share >= 0 && share <= 1) return share;
    this.told.textContent = `Expected 0 to 100; got “${this.share.value}”.`;
    return null;
  }

  byShare() {
    const share = this.typedShare;
    if (share !== null) this.ask({ share });
  }

  /** Every neuron of the layer that has weights, in one step. */
  async layerByShare() {
    const share = this.typedShare;
    if (share === null) return;
    const { bench } = this,
      [layer, neuron] = this.neuron;
    try {
      const asked = { what: "threshold", layer, neuron, share, whole_layer: true };
      const { biases, least, most } = (await bench.post.ask(asked)).head;
      /** @type {import("../../core/types.js").SingleEdit[]} */
      const edits = biases.map((/** @type {[number, number]} */ [own, value]) => ({
        kind: "bias",
        layer,
        neuron: own,
        value,
      }));
      const label = words.layerLabel(layer, Number((100 * share).toFixed(2)));
      bench.edit({ kind: "several", label, edits });
      this.told.textContent = words.layerNow(biases.length, least, most);
    } catch (error) {
      this.told.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  byClass() {
    const classes = this.classes.flatMap((button, digit) =>
      button.getAttribute("aria-pressed") === "true" ? [digit] : [],
    );
    if (classes.length) this.ask({ classes });
    else this.told.textContent = words.some;
  }

  /** @param {{share?: number, classes?: number[]}} how */
  async ask(how) {
    const { bench } = this,
      [layer, neuron] = this.neuron;
    try {
      const { head } = await bench.post.ask({ what: "threshold", layer, neuron, ...how });
      bench.edit({ kind: "bias", layer, neuron, value: head.bias });
      this.told.textContent =
        head.chosen === null
          ? words.sharesNow(head.share)
          : words.partsNow(head.chosen, head.others, head.digits);
    } catch (error) {
      this.told.textContent = error instanceof Error ? error.message : String(error);
    }
  }
}
