// Drawings as SVG text, and on a canvas: the page shows one, a download is the other.

/** @typedef {import("./types.js").Drawing} Drawing */
/** @typedef {import("./types.js").Mark} Mark */
/** @typedef {import("./types.js").CellsMark} CellsMark */

const SIZE = 11;

/** @param {string} text */
const escaped = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** @param {number} value */
const at = (value) => (Number.isFinite(value) ? String(Math.round(100 * value) / 100) : "0");

/**
 * The marks as SVG elements. Cells are left out unless a picture's address can be given for them.
 * @param {Mark[]} marks
 * @param {(colour: string) => string} [resolve] from the theme's colours to plain ones
 * @param {(cells: CellsMark) => string} [picture] an address
 */
export function marksText(marks, resolve = (colour) => colour, picture) {
  return marks.map((mark) => oneText(mark, resolve, picture)).join("");
}

/** @param {Mark} mark @param {(colour: string) => string} resolve @param {((cells: CellsMark) => string)|undefined} picture */
function oneText(mark, resolve, picture) {
  const look = (
    /** @type {{stroke?: string, fill?: string, thick?: number, dash?: string, opacity?: number}} */ of,
  ) =>
    ` fill="${of.fill ? resolve(of.fill) : "none"}"${of.stroke ? ` stroke="${resolve(of.stroke)}"` : ""}` +
    `${of.thick ? ` stroke-width="${of.thick}"` : ""}${of.dash ? ` stroke-dasharray="${of.dash}"` : ""}` +
    `${of.opacity === undefined || of.opacity === 1 ? "" : ` opacity="${of.opacity}"`}`;
  switch (mark.kind) {
    case "line":
      return `<line x1="${at(mark.x1)}" y1="${at(mark.y1)}" x2="${at(mark.x2)}" y2="${at(mark.y2)}"${look(mark)}/>`;
    case "rect":
      return `<rect x="${at(mark.x)}" y="${at(mark.y)}" width="${at(Math.max(0, mark.width))}" height="${at(Math.max(0, mark.height))}"${look(mark)}/>`;
    case "path":
      return `<path d="${escaped(mark.d)}" stroke-linejoin="round"${look(mark)}/>`;
    case "dot":
      return `<circle cx="${at(mark.x)}" cy="${at(mark.y)}" r="${at(mark.r)}"${look(mark)}/>`;
    case "text": {
      const turned = mark.turn ? ` transform="rotate(${mark.turn} ${at(mark.x)} ${at(mark.y)})"` : "";
      const fill = resolve(mark.fill ?? "var(--look-text)");
      return `<text x="${at(mark.x)}" y="${at(mark.y)}" font-size="${mark.size ?? SIZE}" text-anchor="${mark.anchor ?? "start"}"${mark.bold ? ' font-weight="600"' : ""} fill="${fill}"${turned}>${escaped(mark.text)}</text>`;
    }
    case "cells":
      return picture
        ? `<image x="${at(mark.x)}" y="${at(mark.y)}" width="${at(mark.width)}" height="${at(mark.height)}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${picture(mark)}"/>`
        : "";
  }
}

/**
 * A whole file, with a ground and a title.
 * @param {Drawing} drawing @param {{title: string, ground: string, font: string, resolve: (colour: string) => string, picture: (cells: CellsMark) => string}} given
 */
export function svgFile({ width, height, marks }, { title, ground, font, resolve, picture }) {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="${escaped(font)}"><title>${escaped(title)}</title><rect width="${w}" height="${h}" fill="${ground}"/>${marksText(marks, resolve, picture)}</svg>
`;
}

/** Cells as a small picture, a pixel each. @param {CellsMark} mark */
export function cellsCanvas({ columns, rows, pixels }) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: columns, height: rows });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(columns, rows);
  image.data.set(pixels);
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * Draw marks on a canvas; `only` those of a kind.
 * @param {CanvasRenderingContext2D} g @param {Mark[]} marks
 * @param {(colour: string) => string} resolve @param {string} font
 */
export function paint(g, marks, resolve, font) {
  for (const mark of marks) {
    g.save();
    g.globalAlpha = ("opacity" in mark && mark.opacity) || 1;
    if ("dash" in mark && mark.dash) g.setLineDash(mark.dash.split(" ").map(Number));
    if ("thick" in mark && mark.thick) g.lineWidth = mark.thick;
    if ("stroke" in mark && mark.stroke) g.strokeStyle = resolve(mark.stroke);
    if ("fill" in mark && mark.fill && mark.fill !== "none") g.fillStyle = resolve(mark.fill);
    paintOne(g, mark, resolve, font);
    g.restore();
  }
}

/** @param {CanvasRenderingContext2D} g @param {Mark} mark @param {(colour: string) => string} resolve @param {string} font */
function paintOne(g, mark, resolve, font) {
  if (mark.kind === "cells") {
    g.imageSmoothingEnabled = false;
    g.drawImage(cellsCanvas(mark), mark.x, mark.y, mark.width, mark.height);
  } else if (mark.kind === "text") {
    g.font = `${mark.bold ? "600 " : ""}${mark.size ?? SIZE}px ${font}`;
    g.textAlign =
      { start: "left", middle: "center", end: "right" }[mark.anchor ?? "start"] === "left"
        ? "left"
        : mark.anchor === "end"
          ? "right"
          : "center";
    g.fillStyle = resolve(mark.fill ?? "var(--look-text)");
    g.translate(mark.x, mark.y);
    if (mark.turn) g.rotate((mark.turn * Math.PI) / 180);
    g.fillText(mark.text, 0, 0);
  } else {
    const path = new Path2D();
    if (mark.kind === "line") {
      path.moveTo(mark.x1, mark.y1);
      path.lineTo(mark.x2, mark.y2);
    } else if (mark.kind === "rect") path.rect(mark.x, mark.y, mark.width, mark.height);
    else if (mark.kind === "dot") path.arc(mark.x, mark.y, mark.r, 0, 2 * Math.PI);
    else path.addPath(new Path2D(mark.d));
    if ("fill" in mark && mark.fill && mark.fill !== "none") g.fill(path);
    if ("stroke" in mark && mark.stroke) g.stroke(path);
  }
}

/** Colours of the theme as plain ones, as a node has them. @param {HTMLElement} node */
export function resolver(node) {
  const probe = document.createElement("i");
  node.append(probe);
  /** @type {Map<string, string>} */
  const known = new Map();
  const resolve = (/** @type {string} */ colour) => {
    let found = known.get(colour);
    if (found === undefined) {
      probe.style.color = colour;
      found = colour === "none" ? colour : plain(getComputedStyle(probe).color);
      known.set(colour, found);
    }
    return found;
  };
  return { resolve, done: () => probe.remove() };
}

/** A computed colour as older programs read it too. @param {string} colour */
function plain(colour) {
  const mixed = /^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ ([\d.]+))?\)$/.exec(colour);
  if (!mixed) return colour;
  const [r, g, b] = mixed.slice(1, 4).map((part) => Math.round(255 * Number(part)));
  return mixed[4] === undefined ? `rgb(${r}, ${g}, ${b})` : `rgba(${r}, ${g}, ${b}, ${mixed[4]})`;
}
