// Confusion: what is read as what, in the place of the bars of each digit; and the digits behind both.
import { element, find } from "./dom.js";
import { TableCanvas } from "./tablecanvas.js";

/** @typedef {import("./bench.js").Bench} Bench */

/** @param {Bench} bench */
export function install(bench) {
  const bars = find(bench.root, ".per-digit");
  const says = element("small", { className: "confusion-says" });
  const table = new TableCanvas("Confusion: rows are what a digit is, columns what it is read as", {
    pick: (label, read) => show(label, read),
    head: (read) => bench.sheet.show({ title: `Digits read as ${read}`, of: { read } }),
    say: (text) => {
      says.textContent = text;
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
  const head = element(
    "h4",
    { className: "per-digit-head" },
    element("span", { textContent: "read right" }),
    button,
  );
  bars.before(head);
  bars.after(says);
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
    says.textContent = "";
    if (on) bench.wants.add("confusion");
    else bench.wants.drop("confusion");
    receive();
  }

  function receive() {
    const counts = on ? bench.store?.extra("confusion")?.counts : null;
    if (!counts) return;
    const totals = counts.map((/** @type {number[]} */ row) => row.reduce((sum, each) => sum + each, 0));
    const digits = Array.from({ length: 10 }, (_, c) => String(c));
    table.show({
      rows: 10,
      columns: 10,
      share: (row, column) => (totals[row] ? counts[row][column] / totals[row] : 0),
      text: (row, column) =>
        totals[row] && counts[row][column]
          ? String(Math.round((100 * counts[row][column]) / totals[row]))
          : "",
      says: (row, column) =>
        `${counts[row][column].toLocaleString("en")} of ${totals[row].toLocaleString("en")} ${row}s read as ${column}`,
      heads: digits,
      sides: digits,
      marked: (row, column) => row === column,
    });
  }

  bench.hear("answer", receive);
  bars.querySelectorAll(":scope > div").forEach((column, label) => {
    column.setAttribute("role", "button");
    /** @type {HTMLElement} */ (column).tabIndex = 0;
    const wrong = () => bench.sheet.show({ title: `${label}s read wrong`, of: { label, right: false } });
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
