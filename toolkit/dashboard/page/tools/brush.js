import { alongLine, dab } from "../core/geometry.js";

/** @typedef {import("./tool.js").Context} Context */
/** @typedef {import("./tool.js").Point} Point */

/**
 * Covers what lies under the brush on its way from where it was.
 * @param {Context} context
 * @param {Point} from
 * @param {Point} to
 */
export function sweep({ cover, grid, settings }, from, to) {
  alongLine(from, to, (row, column) => dab(cover, grid, row, column, settings.size, settings.soft));
}

/** @type {import("./tool.js").Tool} */
export default {
  name: "brush",
  key: "b",
  icon: "M3 13c3 0 2-3 4-4l6-6 2 2-6 6c-1 2-4 4-6 2z",
  cursor: "crosshair",
  help: "Paint weights along the pointer's way",
  sized: true,
  begin: (context, point) => sweep(context, point, point),
  move: (context, point) => sweep(context, context.last, point),
};
