// A tool at work: from pointer down to pointer up. Becomes one edit.
import { toolNamed } from "../tools/index.js";
import { cellAt, coverer } from "./geometry.js";
import { DOWNHILL } from "./modes.js";

/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("../tools/tool.js").Settings} Settings */
/** @typedef {import("../tools/tool.js").Context} Context */
/** @typedef {import("./store.js").Store} Store */

/**
 * Begins with the tool that the settings name; null outside the map, or if the tool paints nothing.
 * @param {object} given
 * @param {Store} given.store
 * @param {Settings} given.settings
 * @param {Point} given.point
 * @param {number} given.shownLimit the weight shown brightest
 * @param {(value: number) => void} given.pick called with the weight that the picking tool finds
 * @param {ArrayLike<number> | null} [given.slope] rate × gradient a cell; without one the coach's tool
 *   does nothing
 */
export function beginGesture({ store, settings, point, shownLimit, pick, slope = null }) {
  const [layer, neuron] = store.selected;
  const { grid } = store;
  const row = store.row(layer, neuron);
  if (store.stroke || cellAt(grid, row.length, point) < 0) return null;
  const tool = toolNamed(settings.tool);
  const own = layer > 1 ? { ...settings, size: 1, mirror: "none" } : settings;
  const here = { grid, layer, settings: own, from: point, last: point, shownLimit, pick };
  if (tool.paints === false) {
    tool.begin({ ...here, before: row, cover() {}, clear() {} }, point);
    return null;
  }
  if (tool.mode === DOWNHILL && slope?.length !== row.length) return null;
  const stroke = store.beginStroke(tool.name, tool.mode ?? own.mode, own.strength, slope);
  /** @type {Context} */
  const context = {
    ...here,
    // An answer that arrives meanwhile may change what lies below.
    get before() {
      return stroke.before;
    },
    cover: coverer(stroke.coverage, grid, own.mirror),
    clear: () => stroke.coverage.fill(0),
  };
  return new Gesture(store, stroke, tool, context);
}

export class Gesture {
  /**
   * @param {Store} store
   * @param {import("./store.js").Stroke} stroke
   * @param {import("../tools/tool.js").Tool} tool
   * @param {Context} context
   */
  constructor(store, stroke, tool, context) {
    this.store = store;
    this.stroke = stroke;
    this.tool = tool;
    this.context = context;
    tool.begin(context, context.from);
    store.paint();
  }

  /** Whether the stroke is still the one in progress: it may have been ended by other means. */
  get alive() {
    return this.store.stroke === this.stroke;
  }

  /**
   * Where the pointer went since it was last reported; shown once.
   * @param {Point[]} points
   */
  move(points) {
    if (!this.alive) return;
    for (const point of points) {
      this.tool.move(this.context, point);
      this.context.last = point;
    }
    this.store.paint();
  }

  end() {
    if (!this.alive) return;
    this.tool.end?.(this.context);
    this.store.endStroke();
  }

  cancel() {
    if (this.alive) this.store.cancelStroke();
  }
}
