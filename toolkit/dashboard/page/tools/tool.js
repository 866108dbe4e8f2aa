// What a tool is. One file a tool, and one line in index.js: buttons, keys and help follow from that.

/** @typedef {import("../core/types.js").Grid} Grid */
/** @typedef {import("../core/types.js").Point} Point */

/**
 * @typedef {object} Settings
 * @property {string} tool
 * @property {string} mode
 * @property {number} strength
 * @property {number} size
 * @property {boolean} soft
 * @property {string} mirror
 */

/**
 * What a tool works with while the pointer is down.
 * @typedef {object} Context
 * @property {Grid} grid
 * @property {number} layer
 * @property {Float32Array} before the weights under the stroke
 * @property {Settings} settings as they hold here: of a later layer single cells, unmirrored
 * @property {(row: number, column: number, amount: number) => void} cover cell and mirror images
 * @property {() => void} clear covers nothing
 * @property {Point} from where the pointer went down
 * @property {Point} last where it was reported before
 * @property {number} shownLimit the weight shown brightest
 * @property {(value: number) => void} pick takes a strength over
 */

/**
 * @typedef {object} Tool
 * @property {string} name
 * @property {string} key lower case; "" where none takes it in hand
 * @property {string} icon path on 16 × 16
 * @property {string} cursor
 * @property {string} help
 * @property {string} [mode] the one it always has
 * @property {boolean} [sized] whether the brush's outline follows the pointer
 * @property {boolean} [hidden] whether it has no button: a card takes it in hand
 * @property {boolean} [paints] false for one that changes no weight
 * @property {boolean} [stands] whether what it makes stands on the map, to be moved, before it is laid
 * @property {(context: Context, point: Point) => void} begin
 * @property {(context: Context, point: Point) => void} move
 * @property {(context: Context) => void} [end]
 * @property {(g: CanvasRenderingContext2D, context: Context) => void} [overlay]
 */

export {};
