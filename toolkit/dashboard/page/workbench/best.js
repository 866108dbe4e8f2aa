// The best accuracy so far, near the present one while that is lower, and the way back to it.
import { BEST_WORDS as words } from "../words/see.js";
import { element, find } from "./dom.js";

/** @typedef {import("./bench.js").Bench} Bench */

/** @param {Bench} bench */
export function install(bench) {
  const button = element("button", { className: "best", hidden: true, onclick: () => back() });
  find(bench.root, ".bar .score").append(button);
  bench.wants.add("best");

  /** @returns {{step: number, accuracy: number}|null} where the present is lower */
  function best() {
    const found = bench.store?.state ? bench.store.extra("best") : null;
    if (typeof found?.accuracy !== "number") return null;
    return found.accuracy > bench.store.state.score.accuracy + 1e-9 ? found : null;
  }

  function back() {
    const found = best();
    if (found) bench.ask({ kind: "jump", step: found.step });
  }

  bench.hear("answer", () => {
    const found = best();
    button.hidden = !found;
    if (!found) return;
    button.textContent = words.best(`${(100 * found.accuracy).toFixed(2)}%`);
    button.title = words.title(found.step);
  });
  bench.commands.add({
    name: words.command,
    group: "see",
    also: words.also,
    run: back,
    when: () => best() !== null,
  });
}
