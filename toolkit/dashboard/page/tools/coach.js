import { DOWNHILL } from "../core/modes.js";
import { sweep } from "./brush.js";

/** @type {import("./tool.js").Tool} */
export default {
  name: "coach",
  key: "",
  icon: "M2 4c4 0 5 8 12 8M11 9l3 3-3 3",
  cursor: "crosshair",
  help: "One small step down the loss's slope, inside the brush",
  mode: DOWNHILL,
  sized: true,
  hidden: true,
  begin: (context, point) => sweep(context, point, point),
  move: (context, point) => sweep(context, context.last, point),
};
