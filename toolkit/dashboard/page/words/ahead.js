// What the page says of ceilings, of what stands out in neurons, and of fitting the rest.

/** @param {number} value */
export const share = (value) => `${(100 * value).toFixed(1)}%`;

/** @param {number} layers */
export const held = (layers) => (layers === 1 ? "layer 1" : `layers 1–${layers}`);

export const AHEAD_WORDS = {
  /** @param {{layers: number, accuracy: number}[]} ceilings @param {boolean} fresh or of what was there before */
  short: (ceilings, fresh) =>
    `ceiling ${fresh ? "" : "… was "}${ceilings.map(({ accuracy }) => share(accuracy)).join(" · ")}`,
  /** @param {number} layer */
  deafShort: (layer) => ` from ${held(layer)} · layer ${layer + 1} is blank`,
  working: "ceiling …",
  /** @param {any} told */
  long: (told) =>
    `${told.ceilings
      .map((/** @type {any} */ each) => `${share(each.accuracy)} from ${held(each.layers)}`)
      .join(
        " · ",
      )}: what the best layers above could make of these features. Trained on ${told.learned.toLocaleString("en")} digits of ${told.learned_from}, read on ${told.measured.toLocaleString("en")} others of ${told.measured_on}.`,
  stale: " Of the network a moment ago; of what is there now it is being worked out.",
  /** @param {string} remark */
  before: (remark) => `a moment ago, and being worked out anew: ${remark}`,
  more: " Click for what stands out.",
  card: "What these features could reach",
  command: "Ceilings: what these features could reach, and what stands out",
  also: "saturated useless dead silent same correlation features advice strength best possible",
  /** @param {{layers: number, accuracy: number}} ceiling @param {boolean} fresh */
  row: ({ layers, accuracy }, fresh) => `${fresh ? "" : "… was "}${share(accuracy)} from ${held(layers)}`,
  /** @param {number} accuracy */
  now: (accuracy) => `${share(accuracy)} now`,
  /** @param {any} told */
  measured: (told) =>
    `The best layers of this shape above what is held, trained on ${told.learned.toLocaleString("en")} digits of ${told.learned_from}, read on ${told.measured.toLocaleString("en")} of ${told.measured_on}.`,
  computing: "being worked out…",
  /** @param {number} layer */
  deaf: (layer) =>
    `Nothing listens to layer ${layer} yet: all weights of layer ${layer + 1} are zero. So painting layer ${layer} moves its ceiling and not the accuracy, until layer ${layer + 1} has weights.`,
  /** @param {number} layer @param {number} top */
  blank: (layer, top) =>
    `Layer ${layer} is blank: paint a neuron of it. The accuracy moves once ${top > layer + 1 ? `layers ${layer + 1} to ${top} have` : `layer ${top} has`} weights too; until then the ceiling says how good the features are.`,
  fit: "fit the rest…",
  fitTitle: "Train the layers above, or anything else, and hold what you made",
  scale: "turn it down",
  /** @param {number} factor */
  scaleTitle: (factor) =>
    `Multiply its weights and bias by ${factor}: it fires on the same digits, and says how much`,
  /** @param {number} layer @param {number} count @param {number} of */
  manyBlank: (layer, count, of) => (count === of ? `all of layer ${layer}` : `${count} of layer ${layer}`),
  /** @param {number} layer */
  anyUseless: (layer) => `Of layer ${layer} any one neuron can be missed: the others make up for it.`,
  nothing: "Nothing stands out: no neuron is saturated, silent, unheard or twice there.",
  /** @type {{[code: string]: string}} */
  codes: {
    blank: "blank",
    silent: "never fires: raise the bias, or the weights where there is ink",
    always: "at the upper end on nearly all digits: turn its strength down",
    saturated: "at either end of its range on nearly all digits: turn its strength down",
    unheard: "fires, but nothing listens: give the next layer weights from it",
    same: "says the same as another",
    opposite: "says the opposite of another",
    useless: "adds nothing: without it the ceiling stays",
  },
  /** @param {any} remark */
  why: ({ layer, code, share: part, other, correlation }) =>
    code === "always" || code === "saturated"
      ? share(part).replace(".0%", "%")
      : code === "same" || code === "opposite"
        ? `${layer}.${other} (${correlation})`
        : "",
};

export const FIT_WORDS = {
  command: "Fit the rest: hold what was painted, train what is left",
  also: "train learn backpropagation optimise hold freeze finish",
  card: "Fit the rest",
  hold: "hold",
  /** @param {number} neurons @param {number} made */
  byHand: (neurons, made) =>
    neurons
      ? `neurons that I made (${neurons}; ${made.toLocaleString("en")} weights and biases by hand)`
      : "neurons that I made (none yet)",
  cells: "only the cells that I made",
  /** @param {number} layer */
  layer: (layer) => `layer ${layer}`,
  /** @param {string} name */
  neuron: (name) => `neuron ${name}, the one on show`,
  more: "and",
  moreTitle:
    "More parts, with commas between: a layer 2, a neuron 1.3, cells of its map 1.3:4-10x6-20 (rows x columns, from 0), biases, 2.biases",
  train: "train",
  /** @type {{[value: string]: string}} */
  only: { "": "everything else", biases: "only biases" },
  /** @param {number} layer */
  onlyLayer: (layer) => `only layer ${layer}`,
  epochs: "passes",
  epochsTitle: "How often each of the training digits is seen",
  anew: "begin it anew",
  anewTitle: "What is trained starts blank and not from what is there",
  compare: "measure what the held part is worth",
  compareTitle: "Trains twice more: with the held part blank, and with nothing held",
  begin: "fit",
  stop: "stop",
  again: "fit again…",
  lay: "lay it over",
  discard: "discard it",
  waiting: "waiting for its turn…",
  /** @type {{[stage: string]: string}} */
  stages: { "": "", blank: "with the held part blank: ", free: "with nothing held: " },
  /** @param {any} epoch @param {string} stage */
  progress: ({ number, epochs, accuracy, seconds_left }, stage) =>
    `${stage}pass ${number} of ${epochs}: ${share(accuracy)} of the digits set aside, ${Math.ceil(seconds_left)} s left`,
  onward: "You may go on painting; the fit goes on, on this page or without it.",
  stopped: "Stopped; nothing was changed.",
  lost: "The server was started anew meanwhile, and with the old one the fit ended; nothing was changed.",
  nothing: "Nothing better was found: the network stays as it is.",
  laid: "It is one step: Ctrl+Z takes it back.",
  past: "It is another network now; when it was fitted:",
  ready:
    "You went on meanwhile. Lay the fit over what is there? What was held stays as it is now; what was trained becomes the fit's. It can be undone.",
  /** @type {{[name: string]: (value: string) => string}} */
  compared: {
    blank: (value) => `${value} with the held part blank`,
    free: (value) => `${value} with nothing held`,
  },
  /** @param {any} told @param {string} part of the set that networks are scored on here */
  measured: ({ learned, chosen_on, digits, held, trained }, part) =>
    `Learned on ${learned.toLocaleString("en")} of ${digits}, read on ${chosen_on.toLocaleString("en")} others of them. ${held.toLocaleString("en")} weights and biases held, ${trained.toLocaleString("en")} trained.${part === "test" ? "" : " The accuracy of the workbench counts digits that it has learned from."}`,
};
