// The tools beside the map and how they paint.
import { MODES, UNSIGNED_MODES } from "../core/modes.js";
import { TOOLS } from "../tools/index.js";
import { TOOL_WORDS as words } from "../words/meaning.js";
import { modeName } from "../words.js";
import { element, find } from "./dom.js";
import { inkOf } from "./draw.js";
import { numberField } from "./numberfield.js";
import { StampPanel } from "./stamps/panel.js";

/** @typedef {import("./bench.js").Bench} Bench */

const INK = 0.7; // how bright a sign's colour is, of the brightest
const UP_AND_DOWN = "M8 2v12M5 5l3-3 3 3M5 11l3 3 3-3";
const LEAST = 0.001,
  MOST = 1e6; // of a strength

export class Toolbox {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.root = find(bench.root, ".tools");
    /** @template {HTMLElement} T @param {string} selector @returns {T} */
    const part = (selector) => find(this.root, selector);
    /** @type {HTMLSelectElement} */
    this.mode = part(".mode");
    /** @type {HTMLSelectElement} */
    this.mirror = part(".mirror");
    /** @type {HTMLInputElement} */
    this.soft = part(".soft");
    /** @type {HTMLInputElement} */
    this.size = part(".size");
    /** @type {HTMLInputElement} */
    this.strength = part(".strength");
    this.number = numberField({
      name: "Strength",
      title: "The weight that is painted; a minus holds back",
      put: (value) => this.setStrength(value),
      step: (steps) => this.setStrength(bench.settings.strength + 0.1 * steps),
      refuse: (got) => bench.say({ code: "bad-number", kind: "error", fields: { name: "strength", got } }),
      enter: () => this.leave(),
      leave: () => this.leave(),
    });
    part(".strength-head").append(this.number.input);
    /** @type {HTMLButtonElement} */
    this.sign = part(".sign");
    this.brush = part(".brush-settings");
    this.stamp = part(".stamp-settings");
    this.stamps = new StampPanel(bench, this.stamp);
    /** @type {NodeListOf<HTMLInputElement>} */
    this.overlays = this.root.querySelectorAll("[data-overlay]");
    this.buttons = TOOLS.filter((tool) => !tool.hidden).map((tool) => this.button(tool));
    /** Beside the line the one tool of weights that stand as numbers. */
    this.drag = this.button({ name: "drag", sets: "brush", help: words.dragHelp, icon: UP_AND_DOWN });
    part(".tool-grid").append(this.drag, ...this.buttons);
    this.note = element("p", { className: "tools-note" });
    this.brush.before(this.note);
    this.mode.append(...MODES.map((mode) => element("option", { value: mode, textContent: modeName(mode) })));
    this.wire();
    this.show();
  }

  /** @param {any} tool */
  button(tool) {
    const button = element("button", {
      title: `${tool.help ?? tool.name}${tool.key ? ` (${tool.key.toUpperCase()})` : ""}`,
      ariaLabel: tool.name,
      onclick: () => this.bench.setTool(tool.sets ?? tool.name),
    });
    button.dataset.tool = tool.name;
    button.setAttribute("role", "radio");
    button.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${tool.icon}"/></svg>`;
    return button;
  }

  wire() {
    const { bench } = this;
    this.mode.addEventListener("change", () => bench.set("mode", this.mode.value));
    this.mirror.addEventListener("change", () => bench.set("mirror", this.mirror.value));
    this.soft.addEventListener("change", () => bench.set("soft", this.soft.checked));
    this.size.addEventListener("input", () => bench.set("size", Number(this.size.value)));
    this.strength.addEventListener("input", () => {
      const size = Number((10 ** Number(this.strength.value)).toPrecision(2));
      bench.set("strength", Math.sign(bench.settings.strength) * size);
    });
    for (const box of this.overlays) {
      const name = /** @type {"ghost"} */ (box.dataset.overlay);
      box.addEventListener("change", () => bench.set(name, box.checked));
    }
  }

  /** From a number back to what it is for. */
  leave() {
    const { surface, views } = this.bench;
    (views?.onCells ? views.cells.canvas : surface.map).focus({ preventScroll: true });
  }

  /** @param {number} value which is not zero: nothing would be painted */
  setStrength(value) {
    const size = Math.min(MOST, Math.max(LEAST, Math.abs(value)));
    this.bench.set("strength", Number((value < 0 ? -size : size).toPrecision(6)));
  }

  /** Where the tools would work: on weights as numbers, on a sentence, on a later layer. */
  get where() {
    const { store, views, settings } = this.bench,
      later = Boolean(store?.state) && store.selected[0] > 1;
    return {
      cells: Boolean(views?.onCells),
      clause: views?.view === "clause",
      later,
      line: settings.tool === "line",
    };
  }

  /** Show what is set. */
  show() {
    const { settings, tool, store } = this.bench;
    const { cells, clause, later, line } = this.where;
    this.drag.hidden = !cells;
    this.drag.classList.toggle("on", !line);
    this.drag.setAttribute("aria-checked", String(!line));
    for (const button of this.buttons) {
      button.hidden = clause || (cells && button.dataset.tool !== "line");
      const on = button.dataset.tool === settings.tool;
      button.classList.toggle("on", on);
      button.setAttribute("aria-checked", String(on));
    }
    this.mode.value = settings.mode;
    this.mirror.value = settings.mirror;
    this.soft.checked = settings.soft;
    this.size.value = String(settings.size);
    find(this.root, ".size-value").textContent = String(settings.size);
    const size = Math.abs(settings.strength);
    this.strength.value = String(Math.log10(size));
    this.number.show(settings.strength);
    const plus = settings.strength > 0;
    this.sign.classList.toggle("plus", plus);
    this.sign.classList.toggle("minus", !plus);
    if (store?.state) {
      Object.assign(this.sign.style, inkOf(plus ? INK : -INK, this.bench.look));
      for (const [name, share] of Object.entries({ plus: INK, minus: -INK }))
        Object.assign(find(this.bench.root, `.hint .${name}`).style, inkOf(share, this.bench.look));
    }
    // What does nothing here is out of sight.
    const stamp = settings.tool === "stamp",
      stamps = stamp && !later;
    this.root.classList.toggle("stamps", stamps);
    this.brush.hidden = stamp || cells || clause;
    this.stamp.hidden = !stamps;
    find(this.root, ".strength-label").hidden = clause;
    find(this.root, ".sign-row").hidden = clause || (cells && !line);
    find(this.root, ".overlays").hidden = cells || clause;
    const said = clause
      ? words.clause
      : cells
        ? line
          ? words.line(settings.strength)
          : words.drag(settings.strength)
        : stamp && later
          ? words.stamps
          : "";
    this.note.hidden = !said;
    this.note.textContent = said;
    this.stamps.show();
    this.sign.textContent = plus ? "+ fires it" : "− holds back";
    this.sign.disabled = UNSIGNED_MODES.has(tool?.mode ?? settings.mode);
    for (const box of this.overlays) box.checked = settings[/** @type {"ghost"} */ (box.dataset.overlay)];
    find(this.bench.root, ".map").style.cursor = tool?.cursor ?? "crosshair";
  }
}
