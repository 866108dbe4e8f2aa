// One card an experiment: its maps, its name, what it reaches, and what can be done with it.
import { ago, count, moment, percent, shareOf, shareReason } from "../words.js";
import { element } from "../workbench/dom.js";

/**
 * @typedef {{id: string, name: string, origin: string, sizes: number[], digits: string, created: number, changed: number, cursor: number, steps: number, accuracy: number|null, share?: [number, number]|null, revision: number, binned?: number|null}} Entry
 * @typedef {{open: (id: string) => void, rename: (id: string, name: string) => void, duplicate: (id: string) => void, exported: (id: string) => void, bin: (entry: Entry) => void, restore: (id: string) => void, destroy: (entry: Entry) => void, address: (id: string) => string, picture: (entry: Entry) => string}} Hands
 */

const DAY = 86400,
  BIN_DAYS = 30;

/** @param {string} text @param {string} title @param {() => void} onclick @param {string} [className] */
const button = (text, title, onclick, className = "") =>
  element("button", { textContent: text, title, onclick, className });

/** @param {Entry} entry @param {Hands} hands */
export function card(entry, hands) {
  const { id } = entry;
  const picture = element("img", { src: hands.picture(entry), alt: "", loading: "lazy", draggable: false });
  picture.addEventListener("error", () => picture.classList.add("missing"));
  const link = element(
    "a",
    { href: hands.address(id), className: "maps", tabIndex: -1, ariaLabel: `Open ${entry.name}` },
    picture,
  );
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    hands.open(id);
  });
  const name = element("button", { className: "name", textContent: entry.name, title: "Rename (F2)" });
  const accuracy = element("span", {
    className: "accuracy",
    textContent: entry.accuracy === null ? "–" : percent(entry.accuracy),
    title: entry.digits ? `read right, of ${entry.digits}` : "read right",
  });
  if (entry.share && entry.accuracy !== null) {
    accuracy.append(element("small", { textContent: ` ${shareOf(...entry.share)}` }));
    accuracy.title = `${accuracy.title}. ${shareReason(...entry.share)}`;
  }
  const when = element("time", {
    textContent: ago(entry.changed),
    title: `changed ${moment(entry.changed)}, begun ${moment(entry.created)}`,
    dateTime: new Date(entry.changed * 1000).toISOString(),
  });
  const facts = [entry.sizes.join("-"), entry.digits, entry.steps ? count(entry.cursor, "step") : "no step"]
    .filter(Boolean)
    .join(" · ");
  const actions = element(
    "div",
    { className: "actions" },
    button("open", "Open in the workbench (Enter)", () => hands.open(id), "primary"),
    button("duplicate", "A copy with all its steps", () => hands.duplicate(id)),
    button("export", "Save its recipe as a file, to be imported elsewhere", () => hands.exported(id)),
    button("delete", "To the bin, for 30 days (Delete)", () => hands.bin(entry)),
  );
  const node = element(
    "li",
    { className: "card", tabIndex: 0 },
    link,
    element("div", { className: "line" }, name, accuracy),
    element("div", { className: "facts" }, element("span", { textContent: facts }), when),
    actions,
  );
  node.dataset.id = id;
  node.setAttribute("aria-label", `${entry.name}, ${accuracy.textContent}, ${facts}, ${when.textContent}`);
  const rename = () => renameIn(node, name, entry, hands);
  name.addEventListener("click", rename);
  node.addEventListener("keydown", (event) => {
    if (event.target !== node) return;
    if (event.key === "Enter") hands.open(id);
    else if (event.key === "F2") rename();
    else if (event.key === "Delete" || event.key === "Backspace") hands.bin(entry);
    else return;
    event.preventDefault();
  });
  return node;
}

/** @param {HTMLElement} node @param {HTMLElement} name @param {Entry} entry @param {Hands} hands */
function renameIn(node, name, entry, hands) {
  const input = element("input", {
    className: "rename",
    value: entry.name,
    maxLength: 60,
    ariaLabel: "Name",
  });
  let done = false;
  /** @param {boolean} keep */
  const finish = (keep) => {
    if (done) return;
    done = true;
    const text = input.value.trim();
    if (keep && text && text !== entry.name) {
      name.textContent = text;
      hands.rename(entry.id, text);
    }
    input.replaceWith(name);
    node.focus();
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") finish(true);
    else if (event.key === "Escape") finish(false);
    event.stopPropagation();
  });
  input.addEventListener("blur", () => finish(true));
  name.replaceWith(input);
  input.select();
  input.focus();
}

/** A line of the bin. @param {Entry} entry @param {Hands} hands */
export function binned(entry, hands) {
  const since = typeof entry.binned === "number" ? entry.binned : entry.changed;
  const left = Math.max(0, Math.ceil((since + BIN_DAYS * DAY - Date.now() / 1000) / DAY));
  const destroy = button("delete for good", "", () => {
    // Once more, since nothing brings it back.
    if (destroy.classList.contains("sure")) hands.destroy(entry);
    destroy.classList.add("sure");
    destroy.textContent = "really delete?";
  });
  destroy.addEventListener("blur", () => {
    destroy.classList.remove("sure");
    destroy.textContent = "delete for good";
  });
  const text = element(
    "span",
    {},
    element("b", { textContent: entry.name }),
    ` ${entry.accuracy === null ? "" : percent(entry.accuracy)}`,
  );
  const gone = element("span", {
    className: "facts",
    textContent: `deleted ${ago(since)}, kept for ${count(left, "more day", "more days")}`,
    title: moment(since),
  });
  return element(
    "li",
    {},
    text,
    gone,
    button("restore", "Back among the experiments", () => hands.restore(entry.id)),
    destroy,
  );
}

/** @type {{[name: string]: {label: string, order: (a: Entry, b: Entry) => number}}} */
export const ORDERS = {
  changed: { label: "newest first", order: (a, b) => b.changed - a.changed },
  name: { label: "by name", order: (a, b) => a.name.localeCompare(b.name, "en", { numeric: true }) },
  accuracy: { label: "by accuracy", order: (a, b) => (b.accuracy ?? -1) - (a.accuracy ?? -1) },
  steps: { label: "by steps", order: (a, b) => b.cursor - a.cursor },
};
