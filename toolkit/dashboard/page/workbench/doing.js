// The way to the page that says what the selected neuron does, and to those about the whole network.
import { PAGES, DOING_WORDS as words } from "../words/looking.js";
import { element, find } from "./dom.js";

/** @typedef {import("./bench.js").Bench} Bench */

/** @param {Bench} bench */
export function install(bench) {
  const go = (/** @type {string} */ page) => bench.place.goTo(page);
  find(bench.root, ".overlays").append(
    element("button", {
      className: "doing",
      textContent: words.ask,
      title: words.title,
      onclick: () => go("neuron"),
    }),
  );
  bench.commands.add(
    ...Object.entries(PAGES).map(([page, { about }]) => ({
      name: about,
      group: "see",
      also: words.also,
      run: () => go(page),
    })),
  );
}
