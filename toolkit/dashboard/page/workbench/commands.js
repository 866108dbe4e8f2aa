// Everything that can be done, by its name: the palette of commands (Ctrl+K), and the menu of tools.
import { element, find } from "./dom.js";

/** @typedef {import("./bench.js").Bench} Bench */
/**
 * @typedef {object} Command
 * @property {string} name what it does, as a person would look for it
 * @property {string} [id] by which the server can offer it
 * @property {string} [group] under which heading it stands
 * @property {string} [keys] that do the same, as they are shown
 * @property {string} [also] further words by which it is found
 * @property {(bench: Bench) => void} run
 * @property {(bench: Bench) => boolean} [when] whether it can be done now; always without
 */

/** How well a command fits what was written: lower is better, null not at all.
 * @param {Command} command @param {string} written */
export function fitness({ name, group = "", also = "" }, written) {
  const wanted = written.trim().toLowerCase();
  if (!wanted) return 0;
  const own = name.toLowerCase(),
    all = `${own} ${group} ${also}`.toLowerCase();
  if (own.startsWith(wanted)) return 0;
  if (own.includes(wanted)) return 1;
  return wanted.split(/\s+/).every((word) => all.includes(word)) ? 2 : null;
}

export class Commands {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    /** @type {Command[]} */
    this.all = [];
    /** What is no command and found by its name all the same. @type {((written: string) => Command[])[]} */
    this.finders = [];
    /** @type {Command[]} those shown, in order */
    this.shown = [];
    this.at = 0;
    /** @type {HTMLDialogElement} */
    this.dialog = find(bench.root, "dialog.palette");
    this.input = element("input", { placeholder: "What do you want to do?", ariaLabel: "Command" });
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-expanded", "true");
    this.list = element("div", { className: "found" });
    this.list.setAttribute("role", "listbox");
    this.dialog.replaceChildren(this.input, this.list);
    this.input.addEventListener("input", () => this.fill());
    this.dialog.addEventListener("keydown", (event) => this.down(event));
    this.dialog.addEventListener("pointerdown", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    bench.listen(
      window,
      "keydown",
      (event) => {
        if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        if (this.dialog.open) this.dialog.close();
        else this.open();
      },
      true,
    );
  }

  /** @param {...Command} commands */
  add(...commands) {
    // A menu's words are small; here each stands as a sentence of its own.
    for (const command of commands) {
      const { name } = command;
      this.all.push({ ...command, name: name.charAt(0).toUpperCase() + name.slice(1) });
    }
  }

  /** Those that can be used now. */
  get ready() {
    return this.all.filter(({ when }) => this.bench.store?.state && (!when || when(this.bench)));
  }

  /** By heading, in the order in which they came. @returns {Map<string, Command[]>} */
  get groups() {
    /** @type {Map<string, Command[]>} */
    const found = new Map();
    for (const command of this.ready) {
      const group = command.group ?? "";
      found.set(group, [...(found.get(group) ?? []), command]);
    }
    return found;
  }

  /** @param {string} [written] */
  open(written = "") {
    this.bench.menus.close();
    this.input.value = written;
    this.fill();
    if (!this.dialog.open) this.dialog.showModal();
    this.input.focus();
  }

  fill() {
    const written = this.input.value;
    const further = this.bench.store?.state ? this.finders.flatMap((find) => find(written)) : [];
    this.shown = [...further, ...this.ready]
      .map((command) => ({ command, fit: fitness(command, written) }))
      .filter(({ fit }) => fit !== null)
      .sort((one, other) => Number(one.fit) - Number(other.fit))
      .map(({ command }) => command);
    this.at = 0;
    const rows = this.shown.map((command, k) => {
      const row = element(
        "button",
        { onclick: () => this.run(command), tabIndex: -1, id: `command-${k}` },
        element("span", { textContent: command.name }),
        element("small", { textContent: command.group ?? "" }),
        element("kbd", { textContent: command.keys ?? "" }),
      );
      row.setAttribute("role", "option");
      return row;
    });
    const none = element("p", { textContent: `Nothing here is called “${written}”.` });
    this.list.replaceChildren(...(rows.length ? rows : [none]));
    this.mark();
  }

  mark() {
    for (const [k, row] of [...this.list.querySelectorAll("button")].entries()) {
      row.classList.toggle("here", k === this.at);
      row.setAttribute("aria-selected", String(k === this.at));
      if (k === this.at) row.scrollIntoView({ block: "nearest" });
    }
    this.input.setAttribute("aria-activedescendant", this.shown.length ? `command-${this.at}` : "");
  }

  /** @param {KeyboardEvent} event */
  down(event) {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    event.stopPropagation();
    if (step && this.shown.length) {
      this.at = (this.at + step + this.shown.length) % this.shown.length;
      this.mark();
    } else if (event.key === "Enter") {
      const command = this.shown[this.at];
      if (command) this.run(command);
    } else return;
    event.preventDefault();
  }

  /** @param {string} id of a command that can be used now */
  runNamed(id) {
    this.ready.find((command) => command.id === id)?.run(this.bench);
  }

  /** @param {Command} command */
  run(command) {
    this.dialog.close();
    this.bench.dock.expect();
    command.run(this.bench);
  }
}
