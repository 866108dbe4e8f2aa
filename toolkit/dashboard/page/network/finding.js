// Which neurons a search means, and in which order the table has them: words and numbers, no drawing.

/**
 * A neuron as the report has it: plain values, null where something is not known.
 * @typedef {{neuron: string, layer: number, index: number, name?: string|null, verdict: string, [column: string]: any}} Row
 * @typedef {{key: string, label: string, title: string, unit?: "share"|"points"|"angle"|"text"}} Column
 */

/** What the table shows of a neuron, after its map. @type {Column[]} */
export const COLUMNS = [
  { key: "neuron", label: "neuron", title: "Layer and index, and its name where it has one", unit: "text" },
  { key: "verdict", label: "verdict", title: "What its map looks like, by the numbers", unit: "text" },
  { key: "edge_score", label: "edge score", title: "How much its map is an edge or a line, 0 to 1" },
  {
    key: "orientation_selectivity",
    label: "orientation",
    title: "How much its answer depends on the angle of a bar, measured: 0 not at all, 1 one angle alone",
  },
  {
    key: "preferred_angle",
    label: "angle (bars)",
    title: "The angle of the bars that it answers to most, measured, from lying, counter-clockwise",
    unit: "angle",
  },
  {
    key: "ablation_drop",
    label: "fall, at its mean",
    title: "By how many points accuracy falls with its activation held at its mean over the digits",
    unit: "points",
  },
  {
    key: "ablation_drop_zero",
    label: "at zero",
    title: "By how many points accuracy falls with its activation held at zero",
    unit: "points",
  },
  {
    key: "best_class",
    label: "class",
    title: "The class that its weighted sum tells best from the rest; sorted by how well (AUC)",
    unit: "text",
  },
  {
    key: "fires",
    label: "fires",
    title: "On how many of the digits its weighted sum is above 0",
    unit: "share",
  },
  {
    key: "health",
    label: "health",
    title: "Dead, always on, saturated, or another neuron's twin",
    unit: "text",
  },
];

const KINDS = ["edge", "line", "arc", "blob", "template", "diffuse", "noise", "dead"];

/** Other words for a verdict or a state. @type {{[word: string]: string}} */
const OTHERWISE = { bar: "line", curve: "arc", spot: "blob", digit: "template", silent: "dead" };

/** What is looked for as a number, by the words for it. @type {{[word: string]: string}} */
const NUMBERS = {
  edge: "edge_score",
  "edge score": "edge_score",
  score: "edge_score",
  selectivity: "orientation_selectivity",
  orientation: "orientation_selectivity",
  angle: "preferred_angle",
  falls: "ablation_drop",
  fall: "ablation_drop",
  drop: "ablation_drop",
  "at zero": "ablation_drop_zero",
  fires: "fires",
  auc: "best_auc",
  smoothness: "smoothness",
  symmetry: "symmetry",
  norm: "norm",
  bias: "bias",
};

const POINTS = new Set(["ablation_drop", "ablation_drop_zero", "fires"]); // in percent, where one writes more than 1 or %

const COMPARISON = /^(.*?)\s*(>=|<=|≥|≤|>|<|=)\s*([-−+]?(?:\d+\.?\d*|\.\d+))\s*(%?)/;

/**
 * @typedef {(row: Row) => boolean} Test
 * @typedef {{kinds: Set<string>, tests: Test[]}} Meaning
 */

/** In words what is the matter with a neuron; empty where nothing is. @param {Row} row */
export function healthOf(row) {
  const said = [];
  if (row.dead) said.push("dead");
  if (row.always_on) said.push("always on");
  else if (row.saturated) said.push("saturated");
  if (row.redundant_with !== null && row.redundant_with !== undefined)
    said.push(`as ${row.layer}.${String(row.redundant_with).split(".").at(-1)}`);
  return said.join(", ");
}

/** @param {Row} row */
const isDead = (row) => Boolean(row.dead) || row.verdict === "dead";

/** @param {string} word @returns {string|null} */
function kindOf(word) {
  const one = word.endsWith("s") && word !== "s" ? word.slice(0, -1) : word;
  for (const each of [word, one]) {
    if (KINDS.includes(each)) return each;
    if (Object.hasOwn(OTHERWISE, each)) return OTHERWISE[each];
  }
  return null;
}

/** @type {{[operator: string]: (a: number, b: number) => boolean}} */
const OPERATORS = {
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  ">=": (a, b) => a >= b,
  "≥": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
  "≤": (a, b) => a <= b,
  "=": (a, b) => Math.abs(a - b) < 5e-3,
};

/**
 * @param {string} key @param {string} operator @param {string} figure @param {boolean} percent
 * @returns {Test}
 */
function comparing(key, operator, figure, percent) {
  const written = Number(figure.replace("−", "-"));
  const wanted = percent || (POINTS.has(key) && Math.abs(written) > 1) ? written / 100 : written;
  return (row) => typeof row[key] === "number" && OPERATORS[operator](row[key], wanted);
}

const PAIR = /\b(\d)\s*(?:against|vs\.?|versus|from|or|and|↔|\/)\s*(\d)(?![\d.])/;

/**
 * The two digits that a search names, as in "4 against 9"; null where it names none.
 * @param {string} text
 * @returns {[number, number]|null}
 */
export function pairOf(text) {
  const [, one, other] = PAIR.exec(text.toLowerCase()) ?? [];
  return one === undefined || one === other ? null : [Number(one), Number(other)];
}

/**
 * What a search means. Kinds add to one another, "edges lines" being either; all else must hold.
 * @param {string} text
 * @returns {Meaning}
 */
export function meaningOf(text) {
  /** @type {Meaning} */
  const meaning = { kinds: new Set(), tests: [] };
  const plain = text.toLowerCase();
  // Two digits rank the hidden neurons, and leave out the outputs, which are what competes.
  if (pairOf(plain)) meaning.tests.push((row) => row.pair !== null);
  let rest = (pairOf(plain) ? plain.replace(PAIR, " ") : plain).replace(
    /[,;]|\b(?:and|or|the|neurons?|in|of)\b/g,
    " ",
  );
  rest = rest.trim();
  while (rest) {
    const taken = takeNumber(rest, meaning) ?? takePhrase(rest, meaning) ?? takeWord(rest, meaning);
    rest = taken.trim();
  }
  return meaning;
}

/** A comparison at the beginning, with the name of its column or without. @param {string} rest @param {Meaning} meaning */
function takeNumber(rest, meaning) {
  const found = COMPARISON.exec(rest);
  if (!found) return null;
  const [whole, name, operator, figure, percent] = found;
  if (name && !Object.hasOwn(NUMBERS, name)) return null;
  meaning.tests.push(comparing(name ? NUMBERS[name] : "edge_score", operator, figure, percent === "%"));
  return rest.slice(whole.length);
}

/** @type {[RegExp, (found: RegExpExecArray) => Test][]} */
const PHRASES = [
  [
    /^(?:layer|l)\s?(\d+)\b/,
    ([, number]) =>
      (row) =>
        row.layer === Number(number),
  ],
  [
    /^(?:class|for)\s?(\d{1,3})\b/,
    ([, label]) =>
      (row) =>
        row.best_class === Number(label),
  ],
  [
    /^(\d{1,3})s\b/,
    ([, label]) =>
      (row) =>
        row.best_class === Number(label),
  ],
  [
    /^(\d+)\.(\d+)(?!\S)/,
    ([, layer, index]) =>
      (row) =>
        row.neuron === `${layer}.${index}`,
  ],
  [/^always[\s-]on\b/, () => (row) => Boolean(row.always_on)],
  [/^saturated\b/, () => (row) => Boolean(row.saturated)],
  [
    /^(?:redundant|duplicates?|twins?|same)\b/,
    () => (row) => row.redundant_with !== null && row.redundant_with !== undefined,
  ],
  [/^healthy\b/, () => (row) => !healthOf(row)],
];

/** @param {string} rest @param {Meaning} meaning */
function takePhrase(rest, meaning) {
  const not = /^(?:not\s+|-(?=[a-z]))/.exec(rest);
  const from = not ? rest.slice(not[0].length) : rest;
  for (const [pattern, make] of PHRASES) {
    const found = pattern.exec(from);
    if (!found) continue;
    const test = make(found);
    meaning.tests.push(not ? (row) => !test(row) : test);
    return from.slice(found[0].length);
  }
  if (!not) return null;
  const [word] = from.split(/\s+/);
  const test = ofWord(word);
  meaning.tests.push((row) => !test(row));
  return from.slice(word.length);
}

/** @param {string} word @returns {Test} */
function ofWord(word) {
  const kind = kindOf(word);
  if (kind === "dead") return isDead;
  if (kind) return (row) => row.verdict === kind;
  return (row) =>
    `${row.neuron} ${row.name ?? ""} ${row.verdict ?? ""} ${healthOf(row)}`.toLowerCase().includes(word);
}

/** @param {string} rest @param {Meaning} meaning */
function takeWord(rest, meaning) {
  const [word] = rest.split(/\s+/);
  const kind = kindOf(word);
  if (kind) meaning.kinds.add(kind);
  else meaning.tests.push(ofWord(word));
  return rest.slice(word.length);
}

/**
 * The rows that a search means, all of them where it says nothing.
 * @param {Row[]} rows @param {string} text
 */
export function find(rows, text) {
  const { kinds, tests } = meaningOf(text);
  return rows.filter(
    (row) =>
      (!kinds.size || kinds.has(row.verdict) || (kinds.has("dead") && isDead(row))) &&
      tests.every((test) => test(row)),
  );
}

/**
 * Rows in the order of a column; what is not known comes last, whichever way round.
 * @param {Row[]} rows @param {string} key @param {boolean} falling
 */
export function sorted(rows, key, falling) {
  /** @type {(row: Row) => any} */
  const value =
    {
      neuron: (/** @type {Row} */ row) => row.layer * 1e6 + row.index,
      best_class: (/** @type {Row} */ row) => row.best_auc,
      health: (/** @type {Row} */ row) => healthOf(row) || null,
    }[key] ?? ((row) => row[key]);
  const known = (/** @type {any} */ each) => each !== null && each !== undefined && !Number.isNaN(each);
  return [...rows].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (!known(a) || !known(b)) return Number(known(b)) - Number(known(a)) || place(one) - place(other);
    const order = typeof a === "string" ? a.localeCompare(String(b)) : a - b;
    return (falling ? -order : order) || place(one) - place(other);
  });
}

/** @param {Row} row */
const place = (row) => row.layer * 1e6 + row.index;

/** A figure of the table in words. @param {Row} row @param {Column} column @param {string[]} [names] of the classes */
export function figureOf(row, { key, unit }, names) {
  const value = row[key];
  if (key === "neuron") return row.name && row.name !== row.neuron ? `${row.neuron} ${row.name}` : row.neuron;
  if (key === "health") return healthOf(row);
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (key === "best_class")
    return typeof row.best_auc === "number"
      ? `${names?.[value] ?? value} (${row.best_auc.toFixed(2)})`
      : String(names?.[value] ?? value);
  if (unit === "text") return String(value);
  if (unit === "angle") return `${Math.round(value)}°`;
  if (unit === "share") return `${(100 * value).toFixed(value > 0 && value < 0.0995 ? 1 : 0)}%`;
  if (unit === "points") return points(value);
  return value.toFixed(2);
}

/** @param {number} fall of accuracy, 0..1 */
function points(fall) {
  const text = Math.abs(100 * fall).toFixed(Math.abs(fall) < 0.0995 ? 2 : 1);
  return Number(text) === 0 ? "0" : `${fall < 0 ? "−" : ""}${text}`;
}

/**
 * Which rows a box of some height shows, with some beyond both ends.
 * @param {number} top scrolled by @param {number} height @param {number} row high @param {number} count
 * @param {number} [beyond]
 * @returns {[number, number]} from, and up to but not with
 */
export function inSight(top, height, row, count, beyond = 6) {
  const first = Math.max(0, Math.floor(top / row) - beyond);
  return [Math.min(first, count), Math.min(count, Math.ceil((top + height) / row) + beyond)];
}
