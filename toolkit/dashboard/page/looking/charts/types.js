// What a chart is before it is drawn: marks in CSS pixels, and spots that can be pointed at. Colours
// are as CSS has them; those of the theme are `var(--…)`. Nothing runs here.

/** @typedef {{kind: "line", x1: number, y1: number, x2: number, y2: number, stroke: string, thick?: number, dash?: string, opacity?: number}} LineMark */
/** @typedef {{kind: "rect", x: number, y: number, width: number, height: number, fill: string, stroke?: string, opacity?: number}} RectMark */
/** @typedef {{kind: "path", d: string, stroke?: string, fill?: string, thick?: number, dash?: string, opacity?: number}} PathMark */
/** @typedef {{kind: "dot", x: number, y: number, r: number, fill: string, opacity?: number}} DotMark */
/** @typedef {{kind: "text", x: number, y: number, text: string, size?: number, anchor?: "start"|"middle"|"end", fill?: string, bold?: boolean, turn?: number}} TextMark */
/** @typedef {{kind: "cells", x: number, y: number, width: number, height: number, columns: number, rows: number, pixels: Uint8ClampedArray}} CellsMark RGBA, row-major */
/** @typedef {LineMark|RectMark|PathMark|DotMark|TextMark|CellsMark} Mark */

/**
 * What can be pointed at, in the order in which arrow keys go through it.
 * @typedef {object} Spots
 * @property {number} count
 * @property {number} across how many stand in a row: so far up and down arrows go
 * @property {(x: number, y: number) => number} at which is there; −1 for none
 * @property {(k: number) => {x: number, y: number, width: number, height: number}} box
 * @property {(k: number) => string} says
 * @property {(k: number) => void} [hover] what pointing at it does
 * @property {(k: number) => void} [act] what a click or Enter does
 */

/** @typedef {{width: number, height: number, marks: Mark[], spots?: Spots}} Drawing */
/** @typedef {{columns: string[], rows: (string|number|null)[][]}} Table */

export {};
