// The tools, in the order of their buttons.
import brush from "./brush.js";
import coach from "./coach.js";
import erase from "./erase.js";
import fill from "./fill.js";
import line from "./line.js";
import pick from "./pick.js";
import rectangle from "./rectangle.js";
import stamp from "./stamp.js";

/** @type {import("./tool.js").Tool[]} */
export const TOOLS = [brush, erase, line, rectangle, fill, pick, stamp, coach];

/** @param {string} name */
export function toolNamed(name) {
  return TOOLS.find((tool) => tool.name === name) ?? brush;
}

/** @param {string} letter */
export function toolForKey(letter) {
  return TOOLS.find((tool) => tool.key && tool.key === letter.toLowerCase()) ?? null;
}
