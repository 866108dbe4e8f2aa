// Exercises: a list of them, and a card for the one in hand that measures what was made.
import { EXERCISES as words } from "../words/exercises.js";
import { ago } from "../words.js";
import { element, remember, remembered } from "./dom.js";

/** @typedef {import("./bench.js").Bench} Bench */
/** @typedef {{name: string, title: string, goal: string, minutes: number, select: string, hints: string[], checks: [string, string][], notice: string}} Exercise */
/** @typedef {{id: string, steps: number, changed: number}} Try an experiment begun with an exercise */
/** @typedef {{says: string, wanted: string, figure: string, met: boolean, error: string}} Mark */
/** @typedef {{exercise: string, solved: boolean, checks: Mark[], experiment: string, cursor: number, bits: string[]}} Marked */

const CARD = "exercises";
const SOLVED = "exercises-solved";

class Exercises {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    /** @type {Exercise[]} */
    this.all = [];
    /** @type {string[]} what is wrong with a teacher's own that are not listed */
    this.wrong = [];
    /** @type {Exercise|null} */
    this.chosen = null;
    this.hints = 0;
    this.box = element("div", { className: "exercises" });
    /** @type {Try[]} what was begun before with the one chosen, but for what is shown */
    this.tries = [];
    /** Of which exercise, and looking at what, they were asked for. */
    this.sought = "";
    bench.commands.add({
      name: words.command,
      group: words.group,
      also: words.also,
      run: () => this.open(),
    });
    bench.hear("answer", () => {
      this.look();
      this.seek();
    });
  }

  /** What was begun before with the exercise in hand is offered, beside beginning anew. */
  async seek() {
    const { bench, chosen } = this;
    if (!chosen || bench.dock.name !== CARD) return;
    const sought = `${chosen.name} ${bench.store.experiment}`;
    if (this.sought === sought) return;
    this.sought = sought;
    const ask = { what: "exercise-tries", exercise: chosen.name };
    const { head } = await bench.post.ask(ask).catch(() => ({ head: { tries: [] } }));
    if (this.sought !== sought || bench.dock.name !== CARD) return;
    this.tries = head.tries;
    this.showOne();
  }

  /** @param {Exercise} exercise */
  begun({ select }) {
    const { bench } = this;
    const buttons = this.tries.map(({ id, steps, changed }) =>
      element("button", {
        textContent: words.goOn(steps, ago(changed)),
        title: words.goOnTitle,
        onclick: () => {
          this.result = null;
          bench.menus.close();
          bench.place.open({ experiment: id, view: { neuron: select } });
          this.showOne();
        },
      }),
    );
    return element("div", { className: "begun" }, ...(buttons.length ? [words.begun, ...buttons] : []));
  }

  /** What was measured is told of nothing else: not of what came after, nor of another experiment. */
  look() {
    if (this.past !== this.shownPast && this.chosen && this.bench.dock.name === CARD) this.showOne();
  }

  get past() {
    const { result, bench } = this;
    if (!result || typeof result === "string") return false;
    const { state } = bench.store;
    const here = state.experiment === result.experiment && state.history.cursor === result.cursor;
    return !here || bitsOf(bench.store).join() !== result.bits.join();
  }

  get solved() {
    return new Set((remembered(SOLVED) ?? "").split(" "));
  }

  async open() {
    const { bench } = this;
    bench.dock.open(CARD, words.list, this.box);
    if (this.chosen) return this.showOne();
    if (this.all.length) this.showAll();
    try {
      // Each time: a teacher may have changed one meanwhile.
      const { head } = await bench.post.ask({ what: "exercises" });
      this.all = head.exercises;
      this.wrong = head.wrong;
      if (bench.dock.name === CARD && !this.chosen) this.showAll();
    } catch (error) {
      this.box.replaceChildren(element("p", { textContent: String(Reflect.get(Object(error), "message")) }));
    }
  }

  showAll() {
    const { solved } = this;
    this.chosen = null;
    this.bench.dock.entitle(words.list);
    const rows = this.all.map((exercise, k) => {
      const done = solved.has(exercise.name);
      const row = element(
        "button",
        {
          className: done ? "exercise solved" : "exercise",
          title: exercise.goal,
          onclick: () => this.choose(exercise),
        },
        element("span", { className: "done", textContent: done ? "✓" : `${k + 1}.` }),
        element("span", { textContent: exercise.title }),
        element("small", { textContent: words.minutes(exercise.minutes) }),
      );
      row.dataset.exercise = exercise.name;
      if (done) row.setAttribute("aria-label", `${exercise.title}, ${words.solved}`);
      return element("li", {}, row);
    });
    const wrong = this.wrong.map((said) =>
      element("p", {}, element("small", { className: "error", textContent: words.wrong(said) })),
    );
    this.bench.dock.refill(
      this.box,
      element("p", { textContent: words.intro }),
      element("ol", {}, ...rows),
      ...wrong,
    );
  }

  /** @param {Exercise} exercise */
  choose(exercise) {
    this.chosen = exercise;
    this.hints = 0;
    this.result = null;
    this.sought = "";
    this.tries = [];
    this.showOne();
  }

  /** The card of the one chosen, as far as one has come. */
  showOne() {
    const { chosen: exercise } = this;
    if (!exercise) return;
    this.shownPast = this.past;
    this.bench.dock.entitle(exercise.title);
    const left = exercise.hints.length - this.hints;
    const here = this.bench.store.state.origin === `exercise:${exercise.name}`;
    const buttons = element(
      "div",
      { className: "row" },
      element("button", { textContent: words.all, onclick: () => this.showAll() }),
      element("button", {
        textContent: here || this.tries.length ? words.startAnew : words.start,
        title: words.startTitle,
        onclick: () => this.begin(),
      }),
      element("button", {
        className: "main",
        textContent: words.check,
        title: words.checkTitle,
        onclick: () => this.check(),
      }),
      element("button", {
        textContent: words.hint(left),
        title: words.hintTitle,
        disabled: !left,
        onclick: () => {
          this.hints += 1;
          this.showOne();
        },
      }),
    );
    const hints = exercise.hints.slice(0, this.hints).map((hint) => element("li", { textContent: hint }));
    this.bench.dock.refill(
      this.box,
      element("p", { className: "goal", textContent: exercise.goal }),
      buttons,
      this.begun(exercise),
      element("ul", { className: "hints" }, ...hints),
      this.results(exercise),
    );
    this.seek();
  }

  /** @param {Exercise} exercise */
  results(exercise) {
    const box = element("div", { className: "results" });
    box.setAttribute("aria-live", "polite");
    const { result, past } = this;
    if (typeof result === "string") box.append(element("p", { textContent: result }));
    const marks = result && typeof result === "object" ? result.checks : null;
    const rows = exercise.checks.map(([says, wanted], k) => {
      const mark = marks?.[k];
      const sign = mark ? (mark.met ? "✓" : "✗") : "";
      const told = mark?.error ? element("small", { className: "error", textContent: mark.error }) : "";
      return element(
        "tr",
        { className: mark ? (mark.met ? "met" : "open") : "" },
        element("td", { className: "sign", textContent: sign }),
        element("td", {}, says, told),
        element("td", { className: "figure", textContent: mark ? mark.figure : "" }),
        element("td", { className: "wanted", textContent: wanted }),
      );
    });
    box.append(element("table", {}, ...rows));
    if (!marks || typeof result !== "object" || !result) return box;
    const met = marks.filter((mark) => mark.met).length;
    const verdict = result.solved ? words.yes : words.notYet(met, marks.length);
    box.classList.toggle("past", past);
    box.prepend(
      element("p", {
        className: result.solved && !past ? "verdict solved" : "verdict",
        textContent: past ? words.past(verdict) : verdict,
      }),
    );
    if (result.solved)
      box.append(
        element(
          "p",
          { className: "to-notice" },
          element("b", { textContent: words.notice }),
          ` ${exercise.notice}`,
        ),
      );
    return box;
  }

  begin() {
    const { bench, chosen } = this;
    if (!chosen) return;
    this.result = null;
    bench.menus.close();
    bench.place.open({
      start: { network: `exercise:${chosen.name}` },
      view: { digits: "drawn", neuron: chosen.select },
    });
    this.showOne();
  }

  async check() {
    const { bench, chosen } = this;
    if (!chosen) return;
    this.result = words.checking;
    this.showOne();
    /** @type {Marked|string} */
    let result;
    try {
      const { head } = await bench.post.ask({ what: "check-exercise", exercise: chosen.name });
      result = head;
      if (head.solved) remember(SOLVED, [...this.solved.add(chosen.name)].join(" ").trim());
    } catch (error) {
      result = String(Reflect.get(Object(error), "message"));
    }
    // Not of one that was chosen since.
    if (this.chosen !== chosen) return;
    this.result = result;
    if (bench.dock.name === CARD) this.showOne();
  }

  /** @type {Marked|string|null} what the last check said */
  result = null;
  shownPast = false;
}

/** Says which network the server has told of, bit for bit. @param {any} store @returns {string[]} */
function bitsOf({ state, received }) {
  const { activations, sizes } = state;
  const hash = (/** @type {number} */ _, /** @type {number} */ k) => received.get(`layer/${k + 1}`).hash;
  return [...activations, ...sizes.slice(1).map(hash)];
}

/** @param {Bench} bench */
export function install(bench) {
  new Exercises(bench);
}
