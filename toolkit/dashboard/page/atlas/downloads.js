// The atlas as a file: a button a kind, what is being drawn, and in words why there is none.
import { drawing, MAPS_ALONE, sentence } from "../words.js";
import { element } from "../workbench/dom.js";
import { fetched } from "../workbench/fetching.js";

const KINDS = { png: "PNG", svg: "SVG", pdf: "PDF", maps: MAPS_ALONE };

// The menu may be closed and opened again while something is drawn.
const now = { text: "", failed: false, busy: false, show: () => {} };

/** @param {string} text @param {{busy?: boolean, failed?: boolean}} [how] */
function say(text, { busy = false, failed = false } = {}) {
  Object.assign(now, { text, busy, failed });
  now.show();
}

/**
 * @param {string} url of a figure, to which the kind is to be added
 * @param {string} kind
 * @param {string} name of the kind
 */
async function download(url, kind, name) {
  say(drawing(name), { busy: true });
  const problem = await fetched(`${url}?kind=${kind}`, {
    name: "atlas",
    problem: { code: "figure-failed" },
  });
  say(problem ? sentence(problem) : "", { failed: problem !== null });
}

/**
 * @param {ShadowRoot|HTMLElement} parent
 * @param {{root: string, given: () => {figure: string}}} context
 */
export function mount(parent, context) {
  const buttons = Object.entries(KINDS).map(([kind, name]) =>
    element("button", {
      textContent: name,
      onclick: () => download(`${context.root}weight-maps/figure/${context.given().figure}`, kind, name),
    }),
  );
  const line = element("p", { role: "status" });
  const root = element("div", { className: "downloads" }, ...buttons, line);
  parent.append(root);
  const show = () => {
    for (const button of buttons) button.disabled = now.busy;
    line.textContent = now.text;
    line.hidden = !now.text;
    line.className = now.failed ? "failed" : "";
  };
  now.show = show;
  if (!now.busy) say("");
  show();
  return () => {
    if (now.show === show) now.show = () => {};
    root.remove();
  };
}
