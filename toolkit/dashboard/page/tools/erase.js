import { sweep } from "./brush.js";

/** @type {import("./tool.js").Tool} */
export default {
  name: "erase",
  key: "e",
  icon: "M6 14h8M3 10l6-6 4 4-6 6H5z",
  cursor: "crosshair",
  help: "Bring weights back to zero",
  mode: "erase",
  sized: true,
  begin: (context, point) => sweep(context, point, point),
  move: (context, point) => sweep(context, context.last, point),
};
