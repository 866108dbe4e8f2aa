import { coverRectangle } from "../core/geometry.js";

/** @type {import("./tool.js").Tool} */
export default {
  name: "rectangle",
  key: "r",
  icon: "M3 4h10v8H3z",
  cursor: "crosshair",
  help: "Drag a filled rectangle",
  begin: ({ cover, grid }, point) => coverRectangle(cover, grid, point, point),
  move({ clear, cover, grid, from }, point) {
    clear();
    coverRectangle(cover, grid, from, point);
  },
};
