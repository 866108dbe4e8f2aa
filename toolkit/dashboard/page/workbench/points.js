// Points of an experiment: going on from one in an experiment of its own, and two side by side.
import { classNames } from "../core/classes.js";
import { COMPARE_WORDS as words } from "../words/see.js";
import { percent, wholePercent } from "../words.js";
import { element } from "./dom.js";
import { drawMap, limitOf, number, percentPoints } from "./draw.js";
import { called } from "./meaning/names.js";
import { digitsOf, markShown, thumb, walkThumbs } from "./sheet.js";

/** @typedef {import("./bench.js").Bench} Bench */
/** @typedef {{step?: number, point?: string}} Point */

const NOW = "now";
const SHOWN = 16; // digits at once, of each side: both sides are in sight

/** @param {Bench} bench */
export function install(bench) {
  const card = new CompareCard(bench);
  bench.commands.add(
    {
      name: "Name this point…",
      group: "history",
      also: "save point keep",
      run: () => bench.menus.openNamed("history"),
    },
    {
      name: "Branch from here",
      group: "history",
      also: "go on in a copy experiment",
      run: () => bench.ask({ kind: "branch" }),
    },
    {
      name: "Compare two points…",
      group: "history",
      also: "difference before after",
      run: () => card.open(),
    },
  );
  bench.hear("answer", () => card.mark());
  bench.hear("store", () => {
    if (bench.dock.name === "compare") bench.dock.close();
  });
  bench.undoers.push(bench.post.on("history", (/** @type {any} */ head) => card.receive(head)));
}

/** @param {string} value @returns {Point} */
function pointOf(value) {
  if (value === NOW) return {};
  const [kind, rest] = [value.slice(0, 5), value.slice(5)];
  return kind === "step:" ? { step: Number(rest) } : { point: rest };
}

export class CompareCard {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.one = element("select", { ariaLabel: "One point", onchange: () => this.compare() });
    this.other = element("select", { ariaLabel: "The other point", onchange: () => this.compare() });
    this.found = element("div", { className: "compared" });
    this.found.setAttribute("aria-live", "polite");
    const again = element("button", {
      textContent: "again",
      title: "Compare as it is now",
      onclick: () => this.compare(),
    });
    this.box = element(
      "div",
      { className: "compare" },
      element(
        "div",
        { className: "row" },
        this.one,
        element("span", { textContent: "and" }),
        this.other,
        again,
      ),
      this.found,
    );
    this.asked = 0;
  }

  open() {
    const { bench } = this;
    this.fill([]);
    bench.dock.open("compare", "Two points side by side", this.box);
    bench.post.history(bench.store.experiment);
    this.compare();
  }

  /** The named points, once the history is here. @param {any} head */
  receive(head) {
    if (head.experiment === this.bench.store?.experiment && this.bench.dock.name === "compare")
      this.fill(head.save_points.map((/** @type {any[]} */ [name]) => name));
  }

  /** @param {string[]} names */
  fill(names) {
    const { cursor } = this.bench.store.state.history;
    /** @type {[string, string][]} */
    const choices = [
      ["step:0", "as loaded"],
      ...(cursor > 1
        ? [/** @type {[string, string]} */ ([`step:${cursor - 1}`, "before the last step"])]
        : []),
      ...names.map((name) => /** @type {[string, string]} */ ([`name:${name}`, name])),
      [NOW, "now"],
    ];
    for (const [select, usual] of /** @type {[HTMLSelectElement, string][]} */ ([
      [this.one, "step:0"],
      [this.other, NOW],
    ])) {
      const before = select.value || usual;
      select.replaceChildren(
        ...choices.map(([value, textContent]) => element("option", { value, textContent })),
      );
      select.value = choices.some(([value]) => value === before) ? before : usual;
    }
  }

  async compare() {
    const { bench } = this,
      asked = ++this.asked;
    const [one, other] = [pointOf(this.one.value), pointOf(this.other.value)];
    this.found.classList.add("stale");
    try {
      const { head, body } = await bench.post.ask({ what: "compare", one, other });
      if (asked === this.asked) this.show(head, body);
    } catch (error) {
      if (asked !== this.asked) return;
      const text = error instanceof Error ? error.message : String(error);
      this.found.replaceChildren(element("p", { textContent: text }));
    }
    this.found.classList.remove("stale");
  }

  /** @param {any} head @param {Uint8Array} body */
  show({ sides, neurons }, body) {
    const names = [this.one, this.other].map((select) => select.selectedOptions[0]?.textContent ?? "");
    const why = sides[0].unscored || sides[1].unscored;
    if (why) {
      this.found.replaceChildren(element("p", { textContent: why }), ...this.maps(neurons, body));
      return;
    }
    const change = sides[1].accuracy - sides[0].accuracy;
    const sign = change > 0 ? "up" : change < 0 ? "down" : "";
    const accuracies = element(
      "p",
      { className: "both" },
      element("b", { textContent: percent(sides[0].accuracy) }),
      " → ",
      element("b", { textContent: percent(sides[1].accuracy) }),
      element("span", { className: `delta ${sign}`, textContent: ` ${percentPoints(change)}` }),
    );
    this.found.replaceChildren(
      accuracies,
      perDigit(sides, classNames(this.bench.store.state)),
      ...sides.map((/** @type {any} */ side, /** @type {number} */ k) =>
        this.alone(side, names[k], names[1 - k]),
      ),
      ...this.maps(neurons, body),
    );
  }

  /**
   * The digits that one point alone reads right, and as what the other reads them.
   * @param {any} side @param {string} name @param {string} other
   */
  alone(side, name, other) {
    const list = element("div", { className: "sheet-digits" });
    const more = element("button", {
      className: "more",
      onclick: () => this.addDigits(side, list, more, other),
    });
    list.addEventListener("keydown", walkThumbs);
    more.hidden = true;
    this.addDigits(side, list, more, other);
    return element(
      "div",
      { className: "alone sheet" },
      element("h4", { textContent: words.alone(side.alone, name) }),
      list,
      more,
    );
  }

  /**
   * Some more of them, as pictures.
   * @param {any} side @param {HTMLElement} list @param {HTMLButtonElement} more @param {string} other
   */
  async addDigits({ digits, read, alone }, list, more, other) {
    const { bench } = this,
      first = Number(list.dataset.asked ?? 0),
      numbers = digits.slice(first, first + SHOWN);
    if (!numbers.length) return;
    list.dataset.asked = String(first + numbers.length);
    const left = digits.length - first - numbers.length;
    more.hidden = true;
    more.textContent = words.more(Math.min(SHOWN, left), alone - first - numbers.length);
    try {
      const found = await digitsOf(bench, { numbers }, 0, SHOWN);
      list.append(
        ...found.digits.map((each) =>
          thumb(bench, { ...each, read: read[digits.indexOf(each.number)] }, words.by(other)),
        ),
      );
      this.mark();
      more.hidden = !left;
    } catch (error) {
      more.replaceWith(element("p", { textContent: error instanceof Error ? error.message : String(error) }));
    }
  }

  mark() {
    if (this.bench.dock.name === "compare")
      markShown(this.bench, this.found.querySelectorAll("button.thumb"));
  }

  /** The neurons that differ most: of the first layer both maps. @param {any[]} neurons @param {Uint8Array} body */
  maps(neurons, body) {
    if (!neurons.length) return [element("p", { textContent: "All weights and biases are the same." })];
    const { bench } = this,
      { grid, sizes } = bench.store.state,
      values = new Float32Array(body.slice().buffer);
    let at = 0;
    const shown = neurons.map(([layer, neuron, distance]) => {
      const button = element("button", {
        title: `Neuron ${called(bench.store, layer, neuron)}: its weights are ${distance === null ? "not finite" : `${number(distance, 2, false)} apart`}`,
        onclick: () => bench.select(layer, neuron),
      });
      if (layer === 1) {
        const pair = [0, 1].map((k) => values.subarray((at + k) * sizes[0], (at + k + 1) * sizes[0]));
        at += 2;
        const limit = Math.max(...pair.map(limitOf));
        for (const map of pair) {
          const canvas = element("canvas");
          drawMap(canvas, map, grid[1], limit, bench.look);
          button.append(canvas);
        }
      }
      button.append(element("span", { textContent: called(bench.store, layer, neuron) }));
      return button;
    });
    return [
      element("h4", { textContent: "Neurons that differ most" }),
      element("div", { className: "pairs" }, ...shown),
    ];
  }
}

/** @param {{per_digit: (number|null)[]}[]} sides @param {string[]} names */
function perDigit([one, other], names) {
  const row = (/** @type {string} */ head, /** @type {string[]} */ cells) =>
    element(
      "tr",
      {},
      element("th", { textContent: head }),
      ...cells.map((textContent) => element("td", { textContent })),
    );
  const whole = (/** @type {number|null} */ share) => (share === null ? "–" : wholePercent(share));
  const table = element(
    "table",
    {},
    row("", names),
    row("first", one.per_digit.map(whole)),
    row("second", other.per_digit.map(whole)),
  );
  table.setAttribute("aria-label", "Share of each digit read right, in percent");
  return table;
}
