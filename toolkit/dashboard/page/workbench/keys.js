// Keys: one table for what they do and for the list that tells.
import { TOOLS } from "../tools/index.js";
import { GLOSSARY_WORDS as words } from "../words/glossary.js";
import { STAMP_KEYS as STAMP_HELP } from "../words/stamps.js";
import { element, find } from "./dom.js";
import { wordList } from "./glossary.js";
import { copy, paste } from "./moves/clipboard.js";

/**
 * @typedef {import("./bench.js").Bench} Bench
 * @typedef {{keys: string[], shown: string, help: string, run?: (bench: Bench, event: KeyboardEvent) => boolean|void, ctrl?: boolean, map?: boolean}} Key
 *   `ctrl`: with Ctrl or ⌘; `map`: only with the keyboard on the map. `run` may return false for "not mine".
 */

const MAX_SIZE = 14;
/** @type {{[key: string]: [number, number]}} */
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** @type {Key[]} */
const TOOL_KEYS = TOOLS.filter((tool) => tool.key).map((/** @type {any} */ tool) => ({
  keys: [tool.key],
  shown: tool.key.toUpperCase(),
  help: tool.name === "pick" ? "pick a weight" : tool.name,
  run: (bench) => bench.setTool(tool.name),
}));

/** @type {Key[]} */
const STAMP_KEYS = STAMP_HELP.map(([shown, help]) => ({ keys: [], shown, help }));

/** @type {Key[]} */
const OTHER_KEYS = [
  {
    keys: ["x"],
    shown: "X",
    help: "swap the sign",
    run: (bench) => bench.set("strength", -bench.settings.strength),
  },
  {
    keys: ["[", "]"],
    shown: "[ ]",
    help: "smaller, larger brush",
    run: (bench, { key }) =>
      bench.set("size", Math.max(1, Math.min(MAX_SIZE, bench.settings.size + (key === "]" ? 1 : -1)))),
  },
  {
    keys: ["z"],
    ctrl: true,
    shown: "Ctrl+Z",
    help: "undo",
    run: (bench, event) => bench.ask({ kind: event.shiftKey ? "redo" : "undo" }),
  },
  {
    keys: ["y"],
    ctrl: true,
    shown: "Ctrl+Shift+Z",
    help: "redo",
    run: (bench) => bench.ask({ kind: "redo" }),
  },
  {
    keys: ["n"],
    shown: "N",
    help: "next digit",
    run: (bench, event) => bench.digits.step(event.shiftKey ? "previous" : "next"),
  },
  { keys: [], shown: "Shift+N", help: "previous digit" },
  { keys: ["w"], shown: "W", help: "next one read wrong", run: (bench) => bench.digits.step("wrong") },
  { keys: ["c"], shown: "C (hold)", help: "the network as loaded", run: (bench) => bench.showOriginal(true) },
  {
    keys: Object.keys(MOVES),
    map: true,
    shown: "← ↑ → ↓",
    help: "move the cell cursor",
    run: (bench, { key }) => bench.surface.moveCursor(MOVES[key]),
  },
  {
    keys: ["+", "=", "-", "−"],
    map: true,
    shown: "+ −",
    help: "change that weight",
    run: (bench, { key }) => change(bench, key === "+" || key === "=" ? 1 : -1),
  },
  { keys: ["c"], ctrl: true, map: true, shown: "Ctrl+C, Ctrl+V", help: "copy, paste the neuron", run: copy },
  { keys: ["v"], ctrl: true, map: true, shown: "", help: "", run: (bench) => paste(bench) },
  {
    keys: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "Enter"],
    map: true,
    shown: "0–9, ↵",
    help: "type that weight",
    run: (bench, { key }) => bench.surface.field.open(key === "Enter" ? "" : key),
  },
  { keys: [], shown: "F2", help: "name the neuron" },
  { keys: [" "], map: true, shown: "Space", help: "paint at the cursor", run: paint },
  {
    keys: [",", "."],
    shown: ", .",
    help: "previous, next neuron",
    run: (bench, { key }) => {
      const [layer, neuron] = bench.store.selected,
        size = bench.store.state.sizes[layer];
      bench.select(layer, (neuron + (key === "." ? 1 : -1) + size) % size);
    },
  },
  { keys: [], shown: "< >", help: "walk back, or on, by a step" },
  ...STAMP_KEYS,
  { keys: ["Escape"], shown: "Esc", help: "drop the stroke, close", run: drop },
  {
    keys: ["F6"],
    shown: "F6",
    help: "to the card beside the work, and back",
    run: ({ dock }) => {
      if (!dock.isOpen) return false;
      if (dock.hasKeyboard) dock.leave();
      else dock.enter();
    },
  },
  { keys: [], shown: "Ctrl+K", help: "find anything by its name" },
  { keys: ["?"], shown: "?", help: "words and keys", run: (bench) => bench.keys.show() },
];

export const KEYS = [...TOOL_KEYS, ...OTHER_KEYS];

/** @param {Bench} bench @param {number} sign */
function change(bench, sign) {
  const { store } = bench,
    cursor = bench.surface.here();
  if (!cursor) return false;
  const [layer, neuron] = store.selected,
    cell = cursor[0] * store.grid.columns + cursor[1];
  if (cell >= store.row(layer, neuron).length) return true;
  const put = sign * 0.1 * Math.abs(bench.settings.strength);
  bench.edit({ kind: "stroke", layer, neuron, cells: [cell], keep: [1], put: [put], tool: "key" });
  return true;
}

/** @param {Bench} bench */
function paint(bench) {
  const cursor = bench.surface.here();
  if (!cursor) return false;
  bench.beginStroke([cursor[0] + 0.5, cursor[1] + 0.5], bench.surface.limit);
  bench.endStroke();
  return true;
}

/** @param {Bench} bench */
function drop(bench) {
  if (bench.menus.close() || bench.dock.close()) return;
  bench.notices.clear();
  bench.surface.cursor = null;
  bench.surface.pointer = null;
  bench.surface.held?.cancel();
  bench.dropStroke();
}

export class Keys {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    /** @type {HTMLDialogElement} */
    this.dialog = find(bench.root, "dialog.keys");
    const list = element("dl");
    for (const { shown, help } of KEYS.filter(({ help: said }) => said))
      list.append(element("dt", { textContent: shown }), element("dd", { textContent: help }));
    const told = wordList();
    /** @param {string} textContent @param {HTMLElement} shown */
    const tab = (textContent, shown) =>
      element("button", {
        textContent,
        onclick: () => {
          for (const each of [list, told]) each.hidden = each !== shown;
          for (const each of tabs)
            each.setAttribute("aria-pressed", String(each.textContent === textContent));
          this.dialog.scrollTop = 0;
        },
      });
    const tabs = [tab(words.words, told), tab(words.keys, list)];
    const close = element("button", { textContent: words.close, onclick: () => this.dialog.close() });
    this.dialog.replaceChildren(element("header", {}, ...tabs, element("span"), close), told, list);
    tabs[0].click();
    // Captured at the window: the page around has keys of its own on the same letters.
    bench.listen(window, "keydown", (event) => this.down(event), true);
    bench.listen(
      window,
      "keyup",
      (event) => event.key.toLowerCase() === "c" && bench.showOriginal(false),
      true,
    );
    bench.listen(window, "blur", () => bench.showOriginal(false));
  }

  show() {
    this.dialog.showModal();
  }

  /** @param {KeyboardEvent} event */
  down(event) {
    const target = event.composedPath()[0];
    if (event.defaultPrevented || !this.bench.store?.state || this.dialog.open) return;
    const field = "input:not([type=range]):not([type=checkbox]), select, textarea, [contenteditable]";
    if (target instanceof Element && target.closest(field) && event.key !== "F6") {
      const { menus, dock } = this.bench;
      if (event.key !== "Escape" || !(menus.close() || (dock.hasKeyboard && dock.close()))) return;
    } else if (!this.run(event, target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** @param {KeyboardEvent} event @param {EventTarget} target */
  run(event, target) {
    const { root, surface, hand } = this.bench;
    const free = target === surface.map || target === root || target === document.body;
    if (hand?.key(event, free)) return true;
    if (event.altKey) return false;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const ctrl = event.ctrlKey || event.metaKey,
      onMap = target === this.bench.surface.map;
    const found = KEYS.find(
      (each) => each.keys.includes(key) && !!each.ctrl === ctrl && (!each.map || onMap),
    );
    return found?.run !== undefined && found.run(this.bench, event) !== false;
  }
}
