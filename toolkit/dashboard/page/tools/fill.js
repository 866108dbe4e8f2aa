import { coverFill } from "../core/geometry.js";

// Weights that no eye tells apart belong to one area.
const TOLERANCE = 1e-3;

/** @type {import("./tool.js").Tool} */
const fill = {
  name: "fill",
  key: "g",
  icon: "M7 2l6 6-5 5-6-6zM14 11c1 2 1 3 0 3s-1-1 0-3",
  cursor: "crosshair",
  help: "Fill the joined cells of nearly the same weight; let go outside the map to leave it",
  begin({ cover, grid, before, shownLimit }, point) {
    coverFill(cover, grid, before, point, TOLERANCE * (shownLimit || 1));
  },
  move(context, point) {
    context.clear();
    fill.begin(context, point);
  },
};

export default fill;
