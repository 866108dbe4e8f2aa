// The page's words beside the things themselves: told on hover, and in a card by a click or a tap.
import { GLOSSARY, GLOSSARY_WORDS as words } from "../words/glossary.js";
import { element } from "./dom.js";

/** @typedef {import("./bench.js").Bench} Bench */

const CARD = "words";

/** The list of all words. @param {Set<string>} [marked] those in question stand first and are marked */
export function wordList(marked = new Set()) {
  const list = element("dl", { className: "words" });
  const first = GLOSSARY.filter(({ word }) => marked.has(word));
  const rest = GLOSSARY.filter(({ word }) => !marked.has(word));
  for (const { word, says } of [...first, ...rest]) {
    const className = marked.has(word) ? "here" : "";
    list.append(
      element("dt", { textContent: word, className }),
      element("dd", { textContent: says, className }),
    );
  }
  return list;
}

class Glossary {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    bench.commands.add({
      name: words.command,
      group: words.group,
      also: words.also,
      keys: "?",
      run: () => this.open(new Set()),
    });
    bench.hear("answer", () => this.mark());
    bench.hear("select", () => this.mark());
    bench.root.addEventListener("click", (event) => {
      const from = event.target instanceof Element ? event.target.closest(".explained") : null;
      const on =
        event.target instanceof Element ? event.target.closest("button, input, select, label") : null;
      if (from instanceof HTMLElement && !on) this.open(new Set((from.dataset.words ?? "").split("|")));
    });
  }

  /** @param {Set<string>} marked */
  open(marked) {
    this.bench.dock.open(CARD, words.card, wordList(marked));
  }

  /** What is on the page now says what it is. */
  mark() {
    /** @type {Map<HTMLElement, import("../words/glossary.js").Word[]>} */
    const found = new Map();
    for (const each of GLOSSARY) {
      for (const selector of each.at ?? []) {
        for (const node of this.bench.root.querySelectorAll(selector)) {
          const thing = /** @type {HTMLElement} */ (node.closest("label") ?? node);
          found.set(thing, [...(found.get(thing) ?? []), each]);
        }
      }
    }
    for (const [thing, told] of found) {
      const key = told.map(({ word }) => word).join("|");
      if (thing.dataset.words === key) continue;
      thing.dataset.words = key;
      thing.title = told.map(({ word, says }) => `${word}: ${says}`).join("\n\n");
      if (!thing.closest("button, label")) thing.classList.add("explained");
    }
  }
}

/** @param {Bench} bench */
export function install(bench) {
  new Glossary(bench);
}
