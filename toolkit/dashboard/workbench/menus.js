// The menus of the bar, the notice and the list of keys: what opens, shows a list and closes.
import { number, percentPoints } from "./draw.js";

export const KEYS = [
  ["B", "brush"], ["E", "erase"], ["L", "line"], ["R", "rectangle"], ["G", "fill"], ["I", "pick a weight"],
  ["X", "swap the sign"], ["[ ]", "smaller, larger brush"], ["Ctrl+Z", "undo"], ["Ctrl+Shift+Z", "redo"],
  ["N", "next digit"], ["Shift+N", "previous digit"], ["W", "next one read wrong"], ["C (hold)", "the network as loaded"],
  ["← ↑ → ↓", "move the cell cursor"], ["+ −", "change that weight"], ["Space", "paint at the cursor"],
  [", .", "previous, next neuron"], ["Esc", "drop the stroke, close"], ["?", "this list"],
];

export function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

const item = (text, note, onclick, properties = {}) =>
  element("button", { onclick, role: "menuitem", ...properties }, element("span", { textContent: text }), element("span", { className: "delta", textContent: note ?? "" }));
const label = (text) => element("div", { className: "label", textContent: text });
const rule = () => element("hr");

// Each builds the content of one menu from the store, the page's settings and what it may ask for.
export const MENUS = {
  network({ store, ask, chooseFile, show }) {
    const { network, sizes, shipped, earlier, understood } = store.state;
    const name = element("input", { value: network.name, ariaLabel: "Name", maxLength: 60 });
    const rename = () => ask({ kind: "rename", name: name.value });
    name.addEventListener("keydown", (event) => event.key === "Enter" && rename());
    const about = Object.entries(network.about).map(([key, value]) => `${key}: ${value}`).join("; ");
    return [
      label(`${sizes.join("-")}, ${network.parameters.toLocaleString("en")} weights and biases. ${about}`),
      element("div", { className: "field" }, name, element("button", { textContent: "rename", onclick: rename, style: "width:auto" })),
      rule(), label("Start from"),
      ...shipped.map((each) => item(each, "", () => ask({ kind: "open", name: each }))),
      item("random, another", "", () => ask({ kind: "open", name: "random", reseed: true })),
      item("a file…", "any framework's", chooseFile),
      ...(understood ? [item("how the file was read…", "", () => show("understood"))] : []),
      ...(earlier ? [rule(), item(`back to ${earlier}`, "", () => ask({ kind: "back" }))] : []),
    ];
  },
  understood({ store, ask }) {
    const { file, format, notes, ways, chosen } = store.state.understood;
    return [
      label(`${file}: ${format}. ${notes.join(" ")}`),
      label(ways.length > 1 ? "What the file leaves open was tried on the digits. Choose another way:" : "The file says all there is to know."),
      ...ways.map(([summary, accuracy], way) => item(summary, accuracy === null ? "" : `${(100 * accuracy).toFixed(1)}%`, () => ask({ kind: "interpret", way }), { className: way === chosen ? "here" : "" })),
      label("Whatever scaling of pixels it was trained with is folded into its first layer: here pixels go from 0 to 1, ink bright."),
    ];
  },
  digits({ store, ask }) {
    const { digits, sources } = store.state;
    return [
      label(`In use: ${digits.name}, ${digits.count.toLocaleString("en")} images. Accuracy is measured on all of them.`),
      ...sources.map((source) => item(source.label, source.note, () => ask(source.fetchable ? { kind: "fetch" } : { kind: "digits", source: source.name }),
        { disabled: !source.ready && !source.fetchable, className: source.name === digits.source ? "here" : "" })),
    ];
  },
  history({ store, ask }) {
    const { history } = store.state;
    const steps = history.steps.map(([name, change], k) => {
      const step = history.first + k + 1;
      const className = step === history.cursor ? "here" : step > history.cursor ? "undone" : "";
      return item(`${step}. ${name}`, change === null ? "" : percentPoints(change), () => ask({ kind: "jump", step }), { className });
    });
    const start = item("as loaded", "", () => ask({ kind: "jump", step: 0 }), { className: history.cursor === 0 ? "here" : "" });
    if (!steps.length) return [label("Nothing done yet. Every stroke, bias and reset will be listed here, to go back to.")];
    return [...steps.reverse(), ...(history.first ? [label(`${history.first} earlier steps`)] : []), start];
  },
  reset({ store, ask }) {
    const [layer, neuron] = store.selected;
    return [
      label("Bring back what was loaded. Undo takes it back."),
      item(`neuron ${layer}.${neuron}`, "", () => ask({ kind: "reset", layer, neuron })),
      item(`layer ${layer}`, "", () => ask({ kind: "reset", layer, neuron: null })),
      item("all", "", () => ask({ kind: "reset", layer: null, neuron: null })),
    ];
  },
  view({ store, ask, settings, set }) {
    const scales = { neuron: "each map on its own", layer: "one for each layer", fixed: "fixed" };
    const fixed = element("input", { value: settings.fixed, inputMode: "decimal", ariaLabel: "Fixed limit" });
    fixed.addEventListener("change", () => set("fixed", Math.max(1e-6, Number(fixed.value.replace(",", ".")) || 1)));
    return [
      label("Colours"),
      ...store.state.palettes.map((name) => item(name, "", () => ask({ kind: "palette", name }), { className: name === store.state.palette ? "here" : "" })),
      rule(), label("Brightness"),
      ...[[1, "in proportion to the weight"], [0.5, "small weights lifted"]].map(([gamma, text]) => item(text, "", () => ask({ kind: "palette", gamma }), { className: gamma === store.state.gamma ? "here" : "" })),
      rule(), label("Brightest at the largest weight of"),
      ...Object.entries(scales).map(([name, text]) => item(text, "", () => set("scale", name), { className: name === settings.scale ? "here" : "" })),
      ...(settings.scale === "fixed" ? [element("div", { className: "field" }, fixed)] : []),
      label("Magenta: not a number. White, yellow: infinite. Grey: a pixel no digit lights."),
    ];
  },
  download({ store, ask }) {
    return [
      label("As it is now"),
      ...Object.entries(store.state.writable).map(([suffix, text]) => item(text, suffix, () => ask({ kind: "download", what: suffix }))),
      item("recipe of your edits", ".json", () => ask({ kind: "download", what: "recipe" })),
      label("Pictures of all maps: see the atlas."),
    ];
  },
};

export class Menu {
  constructor(box, root) {
    this.box = box;
    this.root = root;
    box.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        const items = [...box.querySelectorAll("button:not(:disabled)")];
        const at = items.indexOf(box.getRootNode().activeElement) + (event.key === "ArrowDown" ? 1 : -1);
        items[(at + items.length) % items.length]?.focus();
        event.preventDefault();
      }
    });
  }

  open(button, content) {
    this.button = button;
    this.box.replaceChildren(...content);
    this.box.hidden = false;
    const place = this.root.getBoundingClientRect(), from = button.getBoundingClientRect();
    const left = Math.max(4, Math.min(from.left - place.left, place.width - this.box.offsetWidth - 4));
    Object.assign(this.box.style, { left: `${left}px`, top: `${from.bottom - place.top + 4}px` });
    this.box.querySelector("button:not(:disabled)")?.focus({ preventScroll: true });
  }

  close() {
    if (this.box.hidden) return false;
    this.box.hidden = true;
    this.button?.focus({ preventScroll: true });
    this.button = null;
    return true;
  }
}

export function fillKeys(dialog) {
  const list = element("dl");
  for (const [key, does] of KEYS) list.append(element("dt", { textContent: key }), element("dd", { textContent: does }));
  dialog.replaceChildren(element("b", { textContent: "Keys" }), list, element("button", { textContent: "Close", onclick: () => dialog.close() }));
}

export { number };
