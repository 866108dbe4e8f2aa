import { sweep } from "./brush.js";

/** @type {import("./tool.js").Tool} */
export default {
  name: "line",
  key: "l",
  icon: "M3 13L13 3",
  cursor: "crosshair",
  help: "Drag a straight line, as wide as the brush",
  begin: (context, point) => sweep(context, point, point),
  move(context, point) {
    context.clear();
    sweep(context, context.from, point);
  },
};
