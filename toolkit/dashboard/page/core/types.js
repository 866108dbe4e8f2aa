// The shapes of what travels through the page. Nothing runs here.

/**
 * Weights (out, in) row-major, and biases (out).
 * @typedef {object} Layer
 * @property {number} out
 * @property {number} in
 * @property {Float32Array} weights
 * @property {Float32Array} biases
 */

/**
 * Pre-activations and activations, by layer.
 * @typedef {{z: Float32Array[], a: Float32Array[]}} Trace
 */

/** @typedef {{rows: number, columns: number}} Grid */

/**
 * Row and column on a map, in cells, with fractions.
 * @typedef {readonly [number, number]} Point
 */

/** @typedef {number | ArrayLike<number>} Numbers one a cell, or one that stands for all */

/** @typedef {{kind: "stroke", layer: number, neuron: number, cells: number[], keep: number | number[], put: number | number[], tool: string}} StrokeEdit */
/** @typedef {{kind: "smooth", layer: number, neuron: number, cells: number[], amounts: number | number[], columns: number, tool: string}} SmoothEdit */
/** @typedef {{kind: "weights", layer: number, neuron: number, cells: number[], values: number[], tool?: string}} WeightsEdit */
/** @typedef {{kind: "bias", layer: number, neuron: number, value: number, tool?: string}} BiasEdit */
/** @typedef {{kind: "activation", layer: number, activation: string}} ActivationEdit */

/**
 * A shape with its numbers; what each means is said at toolkit.stamps.Stamp. Those that are not there
 * are the usual ones.
 * @typedef {object} Stamp
 * @property {string} shape
 * @property {[number, number]} [at] row and column, in cells
 * @property {number} [angle] degrees, counter-clockwise
 * @property {number} [length]
 * @property {number} [width]
 * @property {number} [height]
 * @property {number} [curvature] 1 / radius
 * @property {number} [surround]
 * @property {number} [flank]
 * @property {number} [soft]
 * @property {number} [phase] degrees
 * @property {string | number[]} [levels] of a picture
 * @property {number} [strength]
 * @property {boolean} [zero_sum]
 */
/** @typedef {{kind: "stamp", layer: number, neuron: number, mode?: "add" | "replace" | "blend", amount?: number} & Stamp} StampEdit */
/** @typedef {{kind: "move", layer: number, neuron: number, move: string, axis?: string, angle?: number, rows?: number, columns?: number, factor?: number, size?: number, measure?: string, radius?: number, amount?: number, level?: number, keep?: string, with_bias?: boolean, cells?: number[], region?: number[], outside?: boolean}} MoveEdit */
/** @typedef {{kind: "combine", how: "copy" | "swap" | "average", layer: number, from: number, to: number, outgoing?: boolean, with_bias?: boolean, neuron?: undefined}} CombineEdit */
/** @typedef {{kind: "column", layer: number, input: number, neurons: number[], values: number[], tool?: string, neuron?: undefined}} ColumnEdit */
/** @typedef {{kind: "name", layer: number, neuron: number, name: string}} NameEdit */
/** @typedef {{kind: "clause", layer: number, neuron: number, text: string, sharpness: number, ranges: number[][], row?: number[], bias?: number}} ClauseEdit */
/** @typedef {StrokeEdit | SmoothEdit | WeightsEdit | BiasEdit | ActivationEdit | StampEdit | MoveEdit | CombineEdit | ColumnEdit | NameEdit | ClauseEdit} SingleEdit */
/** @typedef {{kind: "several", label: string, edits: SingleEdit[], layer?: undefined, neuron?: undefined}} SeveralEdit */
/** @typedef {SingleEdit | SeveralEdit} Edit */

/**
 * What a letter asks for: `kind`, and what belongs to it.
 * @typedef {{kind: string, edit?: Edit, [more: string]: any}} Item
 */

/**
 * What a draft is made from again, should the server forget it.
 * @typedef {{network?: string, seed?: number | "new", checksum?: string}} Start
 */

/** @typedef {{label: string, fields?: Record<string, any>, letter?: Item, visit?: string, menu?: string, page?: string, command?: string}} NoticeAction */
/** @typedef {{id: string | number, code: string, fields: Record<string, any>, kind: "info" | "error", actions: NoticeAction[]}} Notice */
/** @typedef {{client: string, seq: number, notice: Notice}} Refusal */
/** @typedef {{from: string, rows: number[]}} Patch */
/** @typedef {[name: string, hash: string, size: number | null, patch?: Patch]} Listed */

/**
 * An answer's head, with what its block `facts` holds.
 * @typedef {object} State
 * @property {"answer"} kind
 * @property {string} experiment
 * @property {Start} start
 * @property {number} revision
 * @property {boolean} draft
 * @property {Record<string, number>} acks
 * @property {Refusal[]} refused
 * @property {Notice | null} unsaved
 * @property {Notice | null} notice
 * @property {{id: string, name: string, accuracy: number|null, changed: number}[]} earlier
 * @property {string} name
 * @property {string} origin
 * @property {number} parameters
 * @property {number[]} sizes
 * @property {string[]} activations
 * @property {[layer: number, index: number, name: string][]} names
 * @property {[number, number]} grid
 * @property {[number, number]} selected
 * @property {string} palette
 * @property {number} gamma
 * @property {{index: number | null, label: number | null, title: {code: string, fields?: Record<string, any>}, class: number | null}} digit
 * @property {{name: string, source: string, part: string, count: number, of: number, classes: number, names: string[], file: string}} digits
 * @property {any} score
 * @property {{cursor: number, count: number}} history
 * @property {{layer: number, neuron: number, low: number, high: number, bins: number, wide: boolean, counts: number[][], bias: number|null, of: number[], fired: number[], zeros: number[]}} sums
 * @property {number} others
 * @property {any} fetch
 * @property {string[]} functions
 * @property {string[]} palettes
 * @property {Record<string, [number, number, number]>} marks
 * @property {string[]} shipped
 * @property {any[]} sources
 * @property {Record<string, any>} writable
 * @property {{kind: string, form: string, changed: [number, string][]}|null} back
 * @property {Record<string, any>} about
 * @property {any} understood
 * @property {Listed[]} blocks
 */

export {};
