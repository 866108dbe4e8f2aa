// What may lie over the map: each with a box to tick under "show".
import { element, find } from "./dom.js";

/** @typedef {import("./bench.js").Bench} Bench */
/**
 * @typedef {object} Overlay
 * @property {string} name
 * @property {string} label
 * @property {string} [title]
 * @property {(g: CanvasRenderingContext2D, frame: import("./bench.js").Frame, size: {width: number, height: number, cellWidth: number, cellHeight: number, later: boolean}) => void} draw
 * @property {(on: boolean) => void} [turned] called when it is ticked or not
 */

export class Overlays {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    /** @type {Map<string, {overlay: Overlay, box: HTMLInputElement}>} */
    this.all = new Map();
  }

  /** @param {Overlay} overlay */
  add(overlay) {
    const box = element("input", { type: "checkbox", onchange: () => this.turn(overlay.name, box.checked) });
    const line = element(
      "label",
      { className: "check", title: overlay.title ?? "" },
      box,
      ` ${overlay.label}`,
    );
    find(this.bench.root, ".overlays").append(line);
    this.all.set(overlay.name, { overlay, box });
  }

  /** @param {string} name */
  isOn(name) {
    return this.all.get(name)?.box.checked ?? false;
  }

  /** @param {string} name @param {boolean} on */
  turn(name, on) {
    const found = this.all.get(name);
    if (!found) return;
    found.box.checked = on;
    found.overlay.turned?.(on);
    this.bench.dirty();
  }

  /**
   * @param {CanvasRenderingContext2D} g @param {import("./bench.js").Frame} frame
   * @param {Parameters<Overlay["draw"]>[2]} size
   */
  draw(g, frame, size) {
    for (const { overlay, box } of this.all.values()) if (box.checked) overlay.draw(g, frame, size);
  }
}
