// The page's address: which experiment it shows, and what of it. Streamlit runs its pages as one:
// parameters that are not ours stay.

/** As many classes as a set may have. */
const MOST_CLASSES = 256;

const OURS = ["experiment", "network", "digits", "neuron", "digit", "palette", "classes", "why"];

/**
 * What an address asks for.
 * @param {string} [search]
 * @returns {{experiment: string|null, start: {network: string}|null, view: {digits?: string, neuron?: string, digit?: number|string, palette?: string}}}
 */
export function read(search = location.search) {
  const query = new URLSearchParams(search);
  const network = query.get("network"),
    digit = query.get("digit");
  /** @type {{digits?: string, neuron?: string, digit?: number|string, palette?: string}} */
  const view = {};
  const digits = query.get("digits");
  if (digits !== null) view.digits = digits;
  const neuron = query.get("neuron"),
    palette = query.get("palette");
  if (neuron !== null) view.neuron = neuron;
  if (palette !== null) view.palette = palette;
  if (digit !== null) view.digit = /^-?\d+$/.test(digit) ? Number(digit) : digit;
  return { experiment: query.get("experiment"), start: network === null ? null : { network }, view };
}

/**
 * Which classes an address wants scored alone, rising; none for all.
 * @param {string} [search]
 */
export function classes(search = location.search) {
  const text = new URLSearchParams(search).get("classes") ?? "";
  const parts = text.includes(".") ? text.split(".").filter(Boolean) : [...text];
  if (parts.length > MOST_CLASSES || !parts.every((part) => /^\d{1,3}$/.test(part))) return [];
  return [...new Set(parts.map(Number))].sort((a, b) => a - b);
}

/**
 * Chosen classes as an address has them: `017`, or with points where one is above 9, as in `0.17`.
 * @param {Iterable<number>} labels
 */
export function classesText(labels) {
  const rising = [...labels].sort((a, b) => a - b);
  if (!rising.some((label) => label > 9)) return rising.join("");
  return rising.length > 1 ? rising.join(".") : `${rising[0]}.`;
}

/**
 * Which two outputs an address asks about: why one and not the other.
 * @param {string} [search]
 * @returns {[winner: number, other: number]|null}
 */
export function why(search = location.search) {
  const found = /^(\d{1,4})-(\d{1,4})$/.exec(new URLSearchParams(search).get("why") ?? "");
  return found && found[1] !== found[2] ? [Number(found[1]), Number(found[2])] : null;
}

/**
 * What names an experiment, and what of it is shown.
 * @param {import("../core/store.js").Store} store
 */
export function named({ experiment, state, selected }) {
  const { draft, start, digits, digit, palette } = state;
  return {
    // What a kept experiment started from, or was called, says nothing of what it is now; which
    // digits it is measured on is kept with it.
    experiment: draft ? null : experiment,
    network: draft ? (start?.network ?? null) : null,
    digits: draft ? digits.source : null,
    neuron: selected.join("."),
    digit: digit.index,
    palette,
  };
}

/**
 * Whether an address leads to what is shown already: names it, or nothing.
 * @param {ReturnType<typeof read>} asked
 * @param {import("../core/store.js").Store} store
 */
export function isHere({ experiment, start }, store) {
  if (experiment !== null) return experiment === store.experiment;
  return start === null || (store.state.draft && start.network === store.state.start?.network);
}

/**
 * The experiment shown, as it is shown but for what is asked of it.
 * @param {import("../core/store.js").Store} store
 * @param {{[name: string]: any}} asked
 */
export function here({ experiment, state, selected }, asked) {
  const { palette, gamma, digit, digits } = state;
  const view = {
    digits: digits.source,
    neuron: selected.join("."),
    palette,
    gamma,
    // A number says nothing in another set.
    ...(digit.index === null || (asked.digits ?? digits.source) !== digits.source
      ? {}
      : { digit: digit.index }),
  };
  return { experiment, start: state.start ?? null, view: { ...view, ...asked } };
}

/**
 * The query that names these values; an absent one leaves the address.
 * @param {{[name: string]: string|number|null|undefined}} values
 * @param {string} [search]
 */
export function compose(values, search = location.search) {
  const query = new URLSearchParams(search);
  for (const name of OURS) {
    if (!(name in values)) continue;
    const value = values[name];
    if (value === null || value === undefined) query.delete(name);
    else query.set(name, String(value));
  }
  // Names stand first, in one order, so that an address reads the same whatever came first.
  const all = new URLSearchParams();
  for (const name of OURS) {
    const value = query.get(name);
    if (value !== null) all.set(name, value);
  }
  for (const [name, value] of query) if (!OURS.includes(name)) all.append(name, value);
  const text = all.toString();
  return text ? `?${text}` : "";
}

/**
 * Write the address; `push` when another experiment was opened, so that Back leads to the one before.
 * @param {{[name: string]: string|number|null|undefined}} values
 * @param {boolean} [push]
 */
export function write(values, push = false) {
  const search = compose(values);
  if (search === location.search) return;
  const url = `${location.pathname}${search}${location.hash}`;
  // A state object of others, as Streamlit's, stays with its entry.
  if (push) history.pushState({}, "", url);
  else history.replaceState(history.state, "", url);
}

/**
 * Go to another of Streamlit's pages as its own links do, without a reload if it takes part.
 * @param {string} url
 * @param {() => boolean} stillHere whether the page that asks is still shown
 */
export function goTo(url, stillHere) {
  history.pushState({}, "", url);
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  // Streamlit does not while it has no connection of its own; then the browser does.
  setTimeout(() => {
    if (stillHere()) location.assign(url);
  }, 1500);
}
