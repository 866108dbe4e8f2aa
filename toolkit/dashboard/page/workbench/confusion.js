// Confusion: what is read as what, in the place of the bars of each digit; and the digits behind both.
import { classNames, outputNames, unscored } from "../core/classes.js";
import { CONFUSION_WORDS, SHEET_WORDS as words } from "../words/see.js";
import { confusionTable } from "./confusiontable.js";
import { element, find, setText } from "./dom.js";
import { TableCanvas } from "./tablecanvas.js";

/** @typedef {import("./bench.js").Bench} Bench */

/** @param {Bench} bench */
export function install(bench) {
  const bars = find(bench.root, ".per-digit");
  const says = element("span", { textContent: CONFUSION_WORDS.bars });
  const hands = {
    pick: (/** @type {number} */ label, /** @type {number} */ read) => show(label, read),
    head: (/** @type {number} */ read) =>
      bench.sheet.show({ title: `Digits read as ${called(read).read}`, of: { read } }),
    say: (/** @type {string} */ text) => setText(says, text || brief()),
  };
  const table = new TableCanvas(
    "Confusion: rows are what a digit is, columns what it is read as",
    hands,
    () => bench.style,
  );
  table.canvas.classList.add("confusion");
  const button = element("button", {
    className: "class-switch",
    textContent: "confusion",
    title: "What is read as what: rows are what a digit is, columns what it is read as",
    onclick: () => turn(!on),
  });
  button.setAttribute("aria-pressed", "false");
  const head = element("h4", { className: "per-digit-head" }, says, button);
  bars.before(head);
  let on = false;

  function brief() {
    const { state } = bench.store ?? {};
    if (state && unscored(state)) return on ? CONFUSION_WORDS.answers : "";
    return on ? CONFUSION_WORDS.table : CONFUSION_WORDS.bars;
  }

  /** @param {number} read @param {number} [label] */
  function called(read, label = 0) {
    const { state } = bench.store;
    return { label: classNames(state)[label], read: outputNames(state)[read] };
  }

  /** @param {number} label @param {number} read */
  function show(label, read) {
    const its = called(read, label),
      right = label === read && !unscored(bench.store.state);
    const title = right ? `${its.label}s read right` : `${its.label}s read as ${its.read}`;
    bench.sheet.show({ title, of: { label, read } });
  }

  /** @param {boolean} now */
  function turn(now) {
    on = now;
    button.setAttribute("aria-pressed", String(on));
    button.classList.toggle("on", on);
    bars.hidden = on;
    if (on) bars.after(table.canvas);
    else table.canvas.remove();
    says.textContent = brief();
    if (on) bench.wants.add("confusion");
    else bench.wants.drop("confusion");
    receive();
  }

  function receive() {
    const { state } = bench.store ?? {};
    if (!table.at) setText(says, brief());
    const counts = on ? (bench.readings.now?.confusion ?? bench.store?.extra("confusion")?.counts) : null;
    // Until the answer is here they may be of other classes.
    if (!counts || counts.length !== state.digits.classes) return;
    if (counts[0].length !== state.sizes[state.sizes.length - 1]) return;
    table.show({
      ...confusionTable(counts, state),
      apart: (row) => bench.classesChosen.size > 0 && !bench.classesChosen.has(row),
    });
  }

  bench.keeps.set("confusion", { read: () => on, put: (now) => now === !on && turn(now) });
  bench.hear("answer", receive);
  bench.hear("reading", receive);
  bench.hear("classes", receive);
  const wire = () =>
    bars.querySelectorAll(":scope > div").forEach((column, label) => {
      column.setAttribute("role", "button");
      /** @type {HTMLElement} */ (column).tabIndex = 0;
      const name = bench.digits.names[label];
      const ways = [
        { label: words.readWrong, title: words.wrong(name), of: { label, right: false } },
        { label: words.readRight, title: words.right(name), of: { label, right: true } },
      ];
      const wrong = () => bench.sheet.show(ways[0], ways);
      column.addEventListener("click", wrong);
      column.addEventListener("keydown", (event) => {
        if (/** @type {KeyboardEvent} */ (event).key === "Enter") wrong();
      });
    });
  wire();
  bench.hear("classes-built", wire);
  bench.commands.add({
    name: "Confusion: what is read as what",
    group: "see",
    also: "errors matrix table mistakes",
    run: () => turn(!on),
  });
}
