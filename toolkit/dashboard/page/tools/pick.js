import { cellAt } from "../core/geometry.js";

/** @type {import("./tool.js").Tool} */
export default {
  name: "pick",
  key: "i",
  icon: "M3 13l1-3 6-6 2 2-6 6zM10 3l3 3",
  cursor: "cell",
  help: "Take the weight under the pointer as the strength",
  paints: false,
  begin({ grid, before, pick }, point) {
    const weight = before[cellAt(grid, before.length, point)];
    if (Number.isFinite(weight) && weight !== 0) pick(weight);
  },
  move() {},
};
