// Fit the rest: a card that asks what is held and what is trained, shows how far it is, and tells
// what the part made by hand was worth.
import { FIT_WORDS as words } from "../words/ahead.js";
import { element } from "./dom.js";
import { bar, percent } from "./shares.js";

/** @typedef {import("./bench.js").Bench} Bench */

const NAME = "fit";

/** @type {WeakMap<Bench, Fitting>} */
const cards = new WeakMap();

class Fitting {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.shown = "";
    this.asking = true; // whether the form is shown where a fit is over
    this.error = "";
    this.wasUnderWay = false;
    this.lost = false; // with a server that ended
    this.body = element("div", { className: "fitting" });
    /** @type {{made: number, neurons: number}|null} */
    this.made = null;
    /** Shows in the form what was counted. */
    this.showCount = () => {};
    bench.commands.add({ name: words.command, group: "train", also: words.also, run: () => this.open() });
    bench.wants.add(NAME);
    bench.hear("answer", () => this.receive());
    bench.hear("store", () => {
      this.asking = true;
      this.made = null;
      this.wasUnderWay = this.lost = false;
    });
  }

  get told() {
    return this.bench.store?.state
      ? (this.bench.store.extra(NAME) ?? { status: "none" })
      : { status: "none" };
  }

  get underWay() {
    return this.told.status === "waiting" || this.told.status === "running";
  }

  receive() {
    const look = JSON.stringify(this.told);
    if (look === this.shown) return;
    this.shown = look;
    const { status } = this.told;
    this.lost = status === "none" && (this.lost || this.wasUnderWay);
    const inVain = this.lost || (status === "failed" && this.wasUnderWay);
    this.wasUnderWay = this.underWay;
    if (status !== "none" || this.lost) this.asking = false;
    if (this.bench.dock.name === NAME) this.fill();
    else if (status === "ready" || inVain) this.open();
  }

  async open() {
    this.error = "";
    this.fill();
    this.bench.dock.open(NAME, words.card, this.body);
    if (this.told.status === "none") await this.count();
  }

  async count() {
    const head = await this.ask({ do: "count" });
    if (!head) return;
    this.made = { made: head.made, neurons: head.neurons };
    this.showCount();
  }

  /** @param {object} fields @returns {Promise<any>} null where it was refused */
  async ask(fields) {
    this.error = "";
    try {
      return (await this.bench.post.ask({ what: NAME, ...fields })).head;
    } catch (error) {
      this.error = String(Reflect.get(Object(error), "message"));
      this.fill();
      return null;
    }
  }

  fill() {
    const parts = this.asking && !this.underWay ? this.form() : this.progress();
    if (this.error) parts.push(element("p", { className: "wrong", textContent: this.error, role: "alert" }));
    this.bench.dock.refill(this.body, ...parts);
  }

  form() {
    const { bench } = this,
      { layers, selected } = bench.store;
    const name = selected.join(".");
    /** @type {[string, string][]} what is held, in words */
    const holds = [
      ["by hand", ""],
      ["cells by hand", words.cells],
      ...layers.map((/** @type {any} */ _, /** @type {number} */ at) => [
        String(at + 1),
        words.layer(at + 1),
      ]),
      [name, words.neuron(name)],
    ];
    const boxes = holds.map(([value]) => element("input", { type: "checkbox", value }));
    const more = element("input", { placeholder: "1.3:4-10x6-20, biases", title: words.moreTitle });
    more.setAttribute("aria-label", words.moreTitle);
    const only = element(
      "select",
      { ariaLabel: words.train },
      ...Object.entries(words.only).map(([value, textContent]) => element("option", { value, textContent })),
      ...layers.map((/** @type {any} */ _, /** @type {number} */ at) =>
        element("option", { value: String(at + 1), textContent: words.onlyLayer(at + 1) }),
      ),
    );
    const epochs = element("input", {
      inputMode: "numeric",
      value: "20",
      title: words.epochsTitle,
    });
    const anew = element("input", { type: "checkbox" });
    const compare = element("input", { type: "checkbox" });
    const begin = () => {
      const hold = boxes.filter(({ checked }) => checked).map(({ value }) => value);
      hold.push(
        ...more.value
          .split(",")
          .map((part) => part.trim())
          .filter(Boolean),
      );
      this.asking = false;
      this.ask({
        do: "begin",
        hold,
        only: only.value ? [only.value] : [],
        epochs: Number(epochs.value),
        anew: anew.checked,
        compare: compare.checked,
      }).then((head) => {
        if (head) return;
        this.asking = true;
        this.fill();
      });
    };
    const line = (/** @type {Node} */ box, /** @type {string} */ text, title = "") =>
      element("label", { title }, box, ` ${text}`);
    const lines = boxes.map((box, at) => line(box, holds[at][1]));
    // In place: who has begun to fill it in keeps the keyboard and what was typed.
    this.showCount = () => {
      const { made = 0, neurons = 0 } = this.made ?? {};
      boxes[0].checked = neurons > 0;
      boxes[0].disabled = boxes[1].disabled = !made;
      /** @type {Node} */ (lines[0].lastChild).textContent = ` ${words.byHand(neurons, made)}`;
    };
    this.showCount();
    return [
      element(
        "fieldset",
        {},
        element("legend", { textContent: words.hold }),
        ...lines.slice(0, 2),
        element("div", { className: "layers" }, ...lines.slice(2)),
        element("label", { className: "wide", title: words.moreTitle }, `${words.more} `, more),
      ),
      element(
        "p",
        { className: "row" },
        element("label", {}, `${words.train} `, only),
        element("label", { title: words.epochsTitle }, `${words.epochs} `, epochs),
      ),
      line(anew, words.anew, words.anewTitle),
      line(compare, words.compare, words.compareTitle),
      element(
        "p",
        { className: "begin" },
        element("button", { className: "go", textContent: words.begin, onclick: begin }),
      ),
    ];
  }

  progress() {
    const { told } = this,
      parts = [];
    if (this.underWay) {
      const { epoch } = told;
      if (epoch) {
        const meter = element("progress", { max: epoch.epochs, value: epoch.number });
        parts.push(
          meter,
          element("p", { textContent: words.progress(epoch, words.stages[epoch.stage] ?? "") }),
        );
      } else parts.push(element("progress"), element("p", { textContent: words.waiting }));
      parts.push(element("p", { className: "note", textContent: words.onward }));
      parts.push(this.button(words.stop, () => this.ask({ do: "stop" })));
      return parts;
    }
    if (told.past) parts.push(element("p", { className: "verdict", textContent: words.past }));
    if (told.after !== undefined) {
      parts.push(
        element(
          "div",
          { className: told.past ? "bars past" : "bars" },
          bar(`${percent(told.before)} before`, told.before),
          bar(`${percent(told.after)} after`, told.after, "now"),
          ...Object.entries(told.compared).map(([name, value]) =>
            bar(words.compared[name](percent(Number(value))), Number(value)),
          ),
        ),
      );
    }
    const said = Reflect.get(words, told.status);
    if (this.lost) parts.push(element("p", { className: "wrong", textContent: words.lost }));
    if (typeof said === "string" && !told.past) parts.push(element("p", { textContent: said }));
    if (told.text) parts.push(element("p", { className: "wrong", textContent: told.text }));
    if (told.after !== undefined)
      parts.push(
        element("p", {
          className: "note",
          textContent: words.measured(told, this.bench.store.state.digits.part),
        }),
      );
    if (told.status === "ready") {
      parts.push(this.button(words.lay, () => this.ask({ do: "lay" })));
      parts.push(this.button(words.discard, () => this.ask({ do: "stop" }).then(() => this.anew())));
    } else parts.push(this.button(words.again, () => this.anew()));
    return parts;
  }

  anew() {
    this.asking = true;
    this.error = "";
    this.fill();
    this.count();
  }

  /** @param {string} textContent @param {() => void} onclick */
  button(textContent, onclick) {
    return element("button", { textContent, onclick });
  }
}

/** @param {Bench} bench */
export function openFitting(bench) {
  cards.get(bench)?.open();
}

/** @param {Bench} bench */
export function install(bench) {
  cards.set(bench, new Fitting(bench));
}
