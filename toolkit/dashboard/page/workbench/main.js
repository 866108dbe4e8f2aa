// What boot.js mounts on the workbench's page.
import { Bench } from "./bench.js";
import { markup } from "./markup.js";

/**
 * Draw the workbench, once, and return what takes it away.
 * @param {ShadowRoot|HTMLElement} parent
 * @param {import("./bench.js").Context} context
 */
export function mount(parent, context) {
  /** @type {any} */
  let root = parent.querySelector(".bench");
  if (!root) {
    const box = document.createElement("template");
    box.innerHTML = markup;
    parent.append(box.content);
    root = parent.querySelector(".bench");
  }
  root.bench ??= new Bench(root, context);
  return () => {
    root.bench?.close();
    delete root.bench;
    root.remove();
  };
}
