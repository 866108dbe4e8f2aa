// Confusion: what is read as what, in the place of the bars of each digit; and the digits behind both.
import { CONFUSION_WORDS, SHEET_WORDS as words } from "../words/see.js";
import { confusionTable } from "./confusiontable.js";
import { element, find } from "./dom.js";
import { TableCanvas } from "./tablecanvas.js";

/** @typedef {import("./bench.js").Bench} Bench */

/** @param {Bench} bench */
export function install(bench) {
  const bars = find(bench.root, ".per-digit");
  const says = element("span", { textContent: CONFUSION_WORDS.bars });
  const table = new TableCanvas("Confusion: rows are what a digit is, columns what it is read as", {
    pick: (label, read) => show(label, read),
    head: (read) => bench.sheet.show({ title: `Digits read as ${read}`, of: { read } }),
    say: (text) => {
      says.textContent = text || (on ? CONFUSION_WORDS.table : CONFUSION_WORDS.bars);
    },
  });
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

  /** @param {number} label @param {number} read */
  function show(label, read) {
    const title = label === read ? `${label}s read right` : `${label}s read as ${read}`;
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
    says.textContent = on ? CONFUSION_WORDS.table : CONFUSION_WORDS.bars;
    if (on) bench.wants.add("confusion");
    else bench.wants.drop("confusion");
    receive();
  }

  function receive() {
    const counts = on ? bench.store?.extra("confusion")?.counts : null;
    if (!counts) return;
    table.show({
      ...confusionTable(counts),
      apart: (row) => bench.classesChosen.size > 0 && !bench.classesChosen.has(row),
    });
  }

  bench.keeps.set("confusion", { read: () => on, put: (now) => now === !on && turn(now) });
  bench.hear("answer", receive);
  bench.hear("classes", receive);
  bars.querySelectorAll(":scope > div").forEach((column, label) => {
    column.setAttribute("role", "button");
    /** @type {HTMLElement} */ (column).tabIndex = 0;
    const ways = [
      { label: words.readWrong, title: words.wrong(label), of: { label, right: false } },
      { label: words.readRight, title: words.right(label), of: { label, right: true } },
    ];
    const wrong = () => bench.sheet.show(ways[0], ways);
    column.addEventListener("click", wrong);
    column.addEventListener("keydown", (event) => {
      if (/** @type {KeyboardEvent} */ (event).key === "Enter") wrong();
    });
  });
  bench.commands.add({
    name: "Confusion: what is read as what",
    group: "see",
    also: "errors matrix table mistakes",
    run: () => turn(!on),
  });
}
