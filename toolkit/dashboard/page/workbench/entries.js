// What each menu holds, built from the experiment shown, the page's settings and what may be asked.
import { ago, measuredOn, percent } from "../words.js";
import { element } from "./dom.js";

/** @typedef {import("./bench.js").Bench} Bench */

/**
 * @param {string} text @param {string|null|undefined} note @param {() => void} onclick
 * @param {{[property: string]: any}} [properties]
 */
export const item = (text, note, onclick, properties = {}) =>
  element(
    "button",
    { onclick, role: "menuitem", ...properties },
    element("span", { textContent: text }),
    element("span", { className: "delta", textContent: note ?? "" }),
  );
/** @param {string} text */
export const label = (text) => element("div", { className: "label", textContent: text });
const rule = () => element("hr");
const SHOWN_WAYS = 12;
const TRIED_ON = 2000; // digits, or fewer of a large network

/** What stands above the ways to understand a file. @param {[string, number|null][]} ways */
const otherWays = (ways) =>
  `Choose another way to understand it${
    ways.some(([, accuracy]) => accuracy !== null)
      ? ` (right, of the first ${TRIED_ON.toLocaleString("en")} digits at most; the bar's figure is of all that are scored)`
      : ""
  }:`;

/** One way to understand a file, with its number and what it reads. @param {Bench} bench @param {number} way */
function wayItem(bench, way) {
  const { ways, chosen } = bench.store.state.understood,
    [summary, accuracy] = ways[way];
  return item(
    `${way + 1}. ${summary}`,
    accuracy === null ? "" : `${(100 * accuracy).toFixed(1)}%`,
    () => bench.ask({ kind: "interpret", way }),
    { className: way === chosen ? "here" : "" },
  );
}

/**
 * A field with a button that does what Enter does.
 * @param {string} name @param {string} button @param {(value: string) => void} done
 * @param {{[property: string]: any}} [properties] of the field
 */
export function field(name, button, done, properties = {}) {
  const input = element("input", { ariaLabel: name, maxLength: 60, ...properties });
  const finish = () => {
    if (input.value.trim()) done(input.value);
    else input.focus();
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") finish();
  });
  return element(
    "div",
    { className: "field" },
    input,
    element("button", { textContent: button, className: "do", onclick: finish }),
  );
}

const SCALES = { neuron: "each map on its own", layer: "one for each layer", fixed: "fixed" };
/** @type {[number, string][]} */
const GAMMAS = [
  [1, "in proportion to the weight"],
  [0.5, "small weights lifted"],
];

/** @type {{[menu: string]: (bench: Bench) => Node[]}} */
export const ENTRIES = {
  network(bench) {
    const { state } = bench.store,
      { sizes, shipped, earlier = [], understood } = state;
    const about = Object.entries(state.about ?? {})
      .map(([key, value]) => `${key}: ${value}`)
      .join("; ");
    const rename = field("Name", "rename", (name) => bench.ask({ kind: "rename", name }), {
      value: state.name,
    });
    const others = earlier.filter((/** @type {any} */ each) => each.id !== bench.store.experiment);
    return [
      label(`${sizes.join("-")}, ${state.parameters.toLocaleString("en")} weights and biases. ${about}`),
      rename,
      rule(),
      label("Start from"),
      ...shipped.map((/** @type {string} */ name) =>
        item(name, "", () => bench.open({ start: { network: name } })),
      ),
      item("random, another", "", () => bench.open({ start: { network: "random", seed: "new" } })),
      item("a file…", "any framework's", () => bench.files.choose("upload", "")),
      ...(understood ? [item("how the file was read…", "", () => bench.menus.openNamed("understood"))] : []),
      rule(),
      ...others.map((/** @type {any} */ { id, name, accuracy, changed }) =>
        item(`back to ${name}`, `${accuracy === null ? "" : `${percent(accuracy)}, `}${ago(changed)}`, () =>
          bench.open({ experiment: id }),
        ),
      ),
      item("all experiments…", "", () => bench.place.goTo("experiments")),
    ];
  },
  understood(bench) {
    const { understood } = bench.store.state;
    if (!understood) return [label("This network does not come from a file.")];
    const { file, format, notes, guess, ways, chosen } = understood;
    const shown = ways.flatMap((/** @type {any} */ _, /** @type {number} */ way) =>
      way < SHOWN_WAYS || way === chosen ? [wayItem(bench, way)] : [],
    );
    return [
      label(`${file}: ${format}. ${notes.join(" ")}${guess ? ` That is a guess: ${guess}.` : ""}`),
      label(ways.length > 1 ? otherWays(ways) : "The file says all there is to know."),
      ...shown,
      ...(shown.length < ways.length
        ? [item(`all ${ways.length} ways…`, "", () => bench.menus.openNamed("ways"))]
        : []),
      label(
        "Whatever scaling of pixels it was trained with is folded into its first layer: here pixels go from 0 to 1, ink bright.",
      ),
    ];
  },
  ways(bench) {
    const { understood } = bench.store.state;
    return (understood?.ways ?? []).map((/** @type {any} */ _, /** @type {number} */ way) =>
      wayItem(bench, way),
    );
  },
  digits(bench) {
    const { digits, sources } = bench.store.state;
    return [
      label(measuredOn(digits)),
      ...sources.map((/** @type {any} */ source) =>
        item(
          source.label,
          source.note,
          () => (source.fetchable ? bench.ask({ kind: "fetch" }) : bench.bar.chooseDigits(source)),
          {
            disabled: !source.ready && !source.fetchable,
            className: source.name === digits.source ? "here" : "",
          },
        ),
      ),
    ];
  },
  tools(bench) {
    const groups = [...bench.commands.groups].map(([group, commands]) => [
      rule(),
      ...(group ? [label(group)] : []),
      ...commands.map(({ name, keys, run }) =>
        item(name, keys, () => {
          bench.menus.close();
          run(bench);
        }),
      ),
    ]);
    return [item("find by name…", "Ctrl+K", () => bench.commands.open()), ...groups.flat()];
  },
  reset(bench) {
    const [layer, neuron] = bench.store.selected;
    return [
      label("Bring back what was loaded. Undo takes it back."),
      item(`neuron ${layer}.${neuron}`, "", () => bench.ask({ kind: "reset", layer, neuron })),
      item(`layer ${layer}`, "", () => bench.ask({ kind: "reset", layer, neuron: null })),
      item("all", "", () => bench.ask({ kind: "reset", layer: null, neuron: null })),
    ];
  },
  view(bench) {
    const { settings } = bench,
      { state } = bench.store;
    const fixed = element("input", { value: settings.fixed, inputMode: "decimal", ariaLabel: "Fixed limit" });
    fixed.addEventListener("change", () =>
      bench.set("fixed", Math.max(1e-6, Number(fixed.value.replace(",", ".")) || 1)),
    );
    /** @param {boolean} is */
    const here = (is) => ({ className: is ? "here" : "" });
    return [
      label("Colours"),
      ...state.palettes.map((/** @type {string} */ name) =>
        item(name, "", () => bench.ask({ kind: "palette", name }), here(name === state.palette)),
      ),
      rule(),
      label("Brightness"),
      ...GAMMAS.map(([gamma, text]) =>
        item(text, "", () => bench.ask({ kind: "palette", gamma }), here(gamma === state.gamma)),
      ),
      rule(),
      label("Brightest at the largest weight of"),
      ...Object.entries(SCALES).map(([name, text]) =>
        item(text, "", () => bench.set("scale", name), here(name === settings.scale)),
      ),
      ...(settings.scale === "fixed" ? [element("div", { className: "field" }, fixed)] : []),
      label("Magenta: not a number. White, yellow: infinite. Grey: a pixel no digit lights."),
      rule(),
      ...(bench.following?.entries() ?? []),
    ];
  },
  download(bench) {
    const writable = /** @type {[string, string][]} */ (Object.entries(bench.store.state.writable));
    const { back } = bench.store.state;
    return [
      ...(back
        ? [
            label("Back to where it came from"),
            item(`${back.form}, as it came`, back.kind, () => bench.files.download("back")),
          ]
        : []),
      label("As it is now"),
      ...writable.map(([suffix, text]) => item(text, suffix, () => bench.files.download(suffix))),
      item("recipe of your edits", ".toml", () => bench.files.download("recipe")),
      label("Pictures of all maps: see the atlas."),
    ];
  },
};
