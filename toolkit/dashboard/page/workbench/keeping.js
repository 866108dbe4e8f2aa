// What a reload brings back besides the work itself: the tools as they were set, for this browser, and
// how each experiment was looked at, for this tab.
import { MODES } from "../core/modes.js";
import { TOOLS } from "../tools/index.js";
import { remember, remembered, rememberedHere, rememberHere } from "./dom.js";
import { settings } from "./settings.js";
import { CHOICES, kept as stamp } from "./stamps/stamping.js";

/**
 * @typedef {import("./bench.js").Bench} Bench
 * @typedef {{read: () => any, put: (value: any) => void}} Kept what stands in a part of the view, as JSON
 */

/** @type {Record<string, any[]>} where not any value of the usual type will do */
const CHOSEN = {
  tool: TOOLS.filter((tool) => !tool.hidden).map(({ name }) => name),
  mode: MODES,
  mirror: ["none", "left-right", "top-bottom", "both"],
  scale: ["neuron", "layer", "fixed"],
  shape: CHOICES,
  how: ["add", "replace", "blend"],
};

/**
 * Take those values over that are of the same kind as what is there.
 * @param {Record<string, any>} into @param {any} from @param {Record<string, any[]>} [chosen]
 */
export function take(into, from, chosen = {}) {
  if (typeof from !== "object" || from === null) return;
  for (const [name, usual] of Object.entries(into)) {
    const value = from[name];
    if (typeof value !== typeof usual || Array.isArray(value) !== Array.isArray(usual)) continue;
    if (name in chosen && !chosen[name].includes(value)) continue;
    if (typeof value === "number" && !(Number.isFinite(value) && Math.abs(value) <= 1e6)) continue;
    if (typeof usual === "object") take(usual, value);
    else into[name] = value;
  }
}

/** @param {string|null} text @returns {any} */
function parsed(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

let taken = false;

function takeTools() {
  if (taken) return; // from another of Streamlit's pages: they are as they were
  taken = true;
  const found = parsed(remembered("tools"));
  take(settings, found?.settings, CHOSEN);
  for (const name of /** @type {["strength", "fixed"]} */ (["strength", "fixed"])) settings[name] ||= 1;
  settings.fixed = Math.abs(settings.fixed);
  settings.size = Math.max(1, Math.min(14, Math.round(settings.size)));
  take(stamp, found?.stamp, { shape: CHOSEN.shape, mode: CHOSEN.how });
  for (const name of /** @type {["of", "minus"]} */ (["of", "minus"]))
    stamp[name] = Math.max(0, Math.min(255, Math.round(stamp[name])));
}

/** @param {Bench} bench */
export function install(bench) {
  takeTools();
  // None is tried on the map before it is asked for.
  bench.stamping.goesAlong = false;
  bench.toolbox.show();
  /** What the view shown is kept under. */
  let key = "";
  const keepView = () => {
    if (!key) return;
    const view = Object.fromEntries([...bench.keeps].map(([name, { read }]) => [name, read()]));
    rememberHere(key, JSON.stringify(view));
  };
  const keep = () => {
    remember("tools", JSON.stringify({ settings, stamp }));
    keepView();
  };
  /** @type {any} */
  let shown = null;
  bench.hear("answer", () => {
    const { store } = bench;
    // A draft has another name after a reload.
    key = `view.${store.state.draft ? store.state.origin : store.experiment}`;
    if (store === shown) return;
    shown = store;
    const view = parsed(rememberedHere(key)) ?? {};
    for (const [name, { put }] of bench.keeps) if (name in view) put(view[name]);
    bench.dirty();
  });
  // Another experiment is looked at: of the one before it is still known how that was.
  bench.hear("store", () => {
    if (bench.store !== shown) keepView();
  });
  bench.listen(window, "pagehide", keep);
  bench.listen(document, "visibilitychange", () => document.hidden && keep());
  bench.hear("close", keep);
}
