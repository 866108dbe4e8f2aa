// What the page says of where weights come from, of the coach, and of why an answer is what it is.

/** What a weight's provenance means. @type {{[name: string]: string}} */
export const PROVENANCE = {
  blank: "zero from the start",
  loaded: "came with a network, or pasted from elsewhere",
  painted: "set by hand",
  stamped: "from a shape",
  clause: "from a sentence",
  coached: "a step along the gradient",
  fitted: "trained",
  mixed: "by hand, onto loaded or fitted",
};

export const PROVENANCE_WORDS = {
  label: "provenance",
  title: "Where each weight comes from, each kind in a colour of its own",
  card: "Where the weights come from",
  command: "Where the weights come from (provenance)",
  also: "overlay origin blank loaded painted stamped clause coached fitted mixed count",
  columns: ["", "this map", "layer", "all"],
  note: "The column “this map” counts its bias too. Paint added to a loaded or fitted weight, or blended with it, makes it mixed until it is replaced; added to a zero it is painted.",
};

export const COACH_WORDS = {
  label: "coach",
  title: "What the loss's gradient would do to these weights; it plays no move of its own",
  card: "The coach",
  command: "Coach: what the loss would change here",
  brush: "Coach's brush: a small step inside the brush",
  also: "gradient loss overlay arrows learn improve step",
  over: "for",
  scopes: { all: "all digits", wrong: "the mistakes now" },
  /** @param {string} digit */
  scope: (digit) => `the ${digit}s`,
  add: "▲ raise",
  take: "▼ take down",
  step: "step",
  stepTitle: "How far the steepest weight moves; the others in proportion",
  take_up: "small steps with the brush",
  take_up_title:
    "A click, or a stroke, moves what the brush covers one small step down the slope, and nothing else",
  working: "being worked out…",
  /** @param {{digits: number, set: string, name: string, loss: number|null}} given */
  measured: ({ digits, set, name, loss }) =>
    `Over ${digits.toLocaleString("en")} digits of ${set}: ${name} ${loss === null ? "not finite" : loss.toFixed(4)}.`,
  none: "There are no such digits: nothing to learn from.",
  flat: "Flat: no change of these weights moves the loss. Nothing above listens to this neuron, or it is saturated on every digit.",
  /** @param {string} rate */
  rate: (rate) => `new = old − ${rate} × gradient × brush`,
  /** @param {string} slope */
  bias: (slope) => `The loss's slope by the bias is ${slope}`,
};

export const WHY_WORDS = {
  ask: "why?",
  command: "Why this answer: winner against truth, neuron by neuron",
  also: "blame explain contributions split attribution mistake because",
  /** @param {string} winner @param {string} other */
  card: (winner, other) => `Why ${winner} and not ${other}`,
  not: "and not",
  truth: "the truth",
  runnerUp: "the runner-up",
  against: "against",
  references: { mean: "the mean digit", blank: "a blank picture" },
  referenceTitle:
    "Layers further down are split by what they do otherwise than for this picture (DeepLIFT's rescale rule)",
  /** @param {string} lead @param {string} winner @param {string} other */
  lead: (lead, winner, other) => `${winner} leads ${other} by ${lead} (weighted sums).`,
  /** @param {number} layer @param {string} parts @param {string} rest @param {boolean} exact */
  layer: (layer, parts, rest, exact) =>
    `layer ${layer}: neurons ${parts}, ${exact ? "the outputs' biases" : "without them"} ${rest}`,
  /** @param {string} name @param {string} part @param {string} winner @param {string} other */
  bar: (name, part, winner, other) =>
    part.startsWith("−") ? `${name}: ${part}, speaks for ${other}` : `${name}: ${part}, speaks for ${winner}`,
  most: "Most to blame:",
  mostRight: "Most for it:",
  alone: "There is one output, so there is no other answer that it could have given.",
  none: "Nothing between pixels and outputs: there is no neuron to split this over.",
  broken: "A weighted sum is no finite number; there is nothing to split.",
};
