// Taking a figure along: its picture as SVG or PNG, its numbers as CSV.
import { element } from "../workbench/dom.js";
import { cellsCanvas, paint, resolver, svgFile } from "./charts/render.js";

/** @typedef {import("./charts/types.js").Drawing} Drawing */
/** @typedef {import("./charts/types.js").Table} Table */

const SHARP = 2; // pixels of a PNG for each of the page's

/** @param {Table} table */
export function csv({ columns, rows }) {
  const cell = (/** @type {string|number|null} */ value) => {
    const text = value === null || value === undefined ? "" : String(value);
    // What a spreadsheet would take for a formula is told to be text.
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `${[columns, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** A name that any system takes. @param {string[]} parts */
export const fileName = (...parts) =>
  parts
    .map((part) => part.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").replaceAll(/^[-.]+|-+$/g, ""))
    .filter(Boolean)
    .join("-")
    .slice(0, 120) || "figure";

/** @param {Blob} file @param {string} name */
export function save(file, name) {
  const href = URL.createObjectURL(file);
  element("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** @param {HTMLElement} node whose theme it has */
function themeOf(node) {
  const { resolve, done } = resolver(node);
  const ground = resolve("var(--st-background-color)");
  return { ground, font: getComputedStyle(node).fontFamily || "sans-serif", resolve, done };
}

/** @param {Drawing} drawing @param {HTMLElement} node @param {string} title */
export function svgOf(drawing, node, title) {
  const theme = themeOf(node);
  const text = svgFile(drawing, { ...theme, title, picture: (cells) => cellsCanvas(cells).toDataURL() });
  theme.done();
  return new Blob([text], { type: "image/svg+xml" });
}

/** @param {Drawing} drawing @param {HTMLElement} node @returns {Promise<Blob>} */
export function pngOf({ width, height, marks }, node) {
  const theme = themeOf(node);
  const canvas = element("canvas", { width: Math.ceil(SHARP * width), height: Math.ceil(SHARP * height) });
  const g = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  g.scale(SHARP, SHARP);
  g.fillStyle = theme.ground;
  g.fillRect(0, 0, width, height);
  paint(g, marks, theme.resolve, theme.font);
  theme.done();
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"),
  );
}
