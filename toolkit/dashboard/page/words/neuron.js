// Words of the page Neuron. Each caption says in one sentence how its picture is read.
import { count, percent } from "../words.js";
import { nameOf } from "./activations.js";

/** @param {number} value @param {number} [digits] */
const plain = (value, digits = 3) =>
  (value < 0 ? "−" : "") + String(Number(Math.abs(value).toPrecision(digits)));
/** Points of a hundred. @param {number} share */
const points = (share) => `${(100 * share).toFixed(2).replace("-", "−")} points`;

export const NEURON_WORDS = {
  jump: "Parts of this page",
  weight: "weight",
  correlation: "correlation",
  /** @param {string} neuron @param {string} activation @param {boolean} output */
  title: (neuron, activation, output) => `${output ? "Output" : "Neuron"} ${neuron}, ${activation}`,
  sections: {
    looks: "What it looks for",
    answers: "What it answers to",
    why: "Why, for this digit",
    place: "Its place in the network",
    health: "Health",
  },
  weights: {
    title: "Weights that come in",
    caption:
      "Each cell is one weight: ink where it is positive makes the neuron fire, where it is negative holds it back; grey is where no digit of the set in use has ink.",
  },
  incoming: {
    title: "Weights that come in",
    caption:
      "One bar for each neuron below: upwards it makes this one fire, downwards it holds it back; a click goes there.",
    things: "neuron",
  },
  composed: {
    title: "Composed map",
    caption:
      "The weights multiplied down to the pixels: what it would look for if nothing between were curved.",
  },
  ideal: {
    title: "Ideal shape",
    caption:
      "Of a family of ideal shapes, the one that is most like the map on the pixels that digits ever light.",
    /** @param {string} shape @param {number} correlation */
    found: (shape, correlation) =>
      `${capital(article(shape))}: of a family of ideal shapes the one most like the map, correlation ${plain(correlation)} on the pixels that digits ever light.`,
    none: "No ideal shape is like this map.",
  },
  tuning: {
    title: "Measured orientation tuning",
    caption:
      "How much a bar or an edge of each angle raises z in the real network, above a blank picture, at the place where it raises it most; the line upright is the mean direction over the bars.",
    x: "angle, degrees counter-clockwise",
    y: "rise of pre-activation z",
    bars: "bars",
    edges: "edges",
    none: "No answer to bars or edges could be measured.",
  },
  maximised: {
    title: "Input it likes best",
    caption:
      "The picture found by gradient ascent that makes it fire most, kept plain and smooth by a penalty.",
    level: "ink",
    /** @param {number} z @param {number} steps */
    found: (z, steps) =>
      `The picture that makes it fire most, by ${count(steps, "step")} of gradient ascent with a penalty on ink and roughness: z = ${plain(z)}.`,
  },
  noVerdict: "There is no verdict without the whole analysis.",
  verdictWaits: "The verdict comes with the whole analysis.",
  /** @param {any} row of the report @param {any} more of it @param {number|undefined} needed for a verdict to name a shape */
  figures: (row, more, needed) =>
    [
      row.edge_score === null ? "" : `edge score ${plain(row.edge_score)}`,
      row.verdict === "diffuse" && needed !== undefined && row.score < needed
        ? `likeness ${Math.floor(1000 * row.score) / 1000}, a shape from ${needed} on`
        : "",
      more?.angle === null || more?.angle === undefined ? "" : `angle of the map ${plain(more.angle)}°`,
      row.orientation_selectivity === null
        ? ""
        : `orientation selectivity ${plain(row.orientation_selectivity)}`,
      row.preferred_angle === null ? "" : `angle of the bars it answers to ${plain(row.preferred_angle)}°`,
    ].filter(Boolean),

  most: {
    title: "Activate it most",
    caption:
      "The digits with the highest pre-activation z, written under each; a red frame is one that the network reads wrong.",
  },
  least: {
    title: "Activate it least",
    caption: "The digits with the lowest pre-activation; a click shows one further down.",
  },
  threshold: {
    title: "At its threshold",
    caption: "The digits whose pre-activation is nearest to 0: between these it decides.",
  },
  classes: {
    title: "Pre-activation by class",
    caption:
      "For each class the middle half of its digits as a box, 5 to 95% as a line, the median as a mark: it fires right of the threshold. The class that it tells best is bold.",
    x: "pre-activation z",
    things: "class",
    threshold: "threshold",
  },
  auc: {
    title: "How well it tells each class",
    caption:
      "Area under the ROC curve of “it is this class” by z: 0.5 is chance, 1 always fires more for the class, 0 always less. The class that it tells best is bright.",
    y: "AUC",
    things: "class",
  },
  difference: {
    title: "What is there when it fires",
    caption:
      "The mean picture of digits on which it fires minus that of the others: positive where ink goes with firing.",
    unit: "ink",
    none: "It fires on all digits, or on none: there is nothing to compare.",
  },
  /** @param {any} found @param {string[]} names of the classes */
  answers: ({ fires, best_class, selectivity, auc }, names) =>
    `It fires on ${fires === null ? "–" : percent(fires)} of the digits${best_class === null ? "" : ` and tells ${names[best_class]} best from the rest (AUC ${plain(auc[best_class] ?? Number.NaN)})`}; class selectivity ${selectivity === null ? "–" : plain(selectivity)} of 1.`,
  noDigits: "There are no digits that this network can be shown.",

  contributions: {
    title: "What each pixel adds",
    later: "What each neuron below adds",
    caption: "Weight times ink, pixel by pixel: with the bias these add up to the pre-activation exactly.",
    laterCaption:
      "Weight times activation of each neuron below: with the bias these add up to the pre-activation exactly.",
    y: "w·a",
    unit: "w·x",
    /** @param {number} sum @param {number} bias @param {number} z @param {number} a @param {string} name @param {string} products */
    sum: (sum, bias, z, a, name, products) =>
      `${products} + b = ${plain(sum, 5)} ${bias < 0 ? "−" : "+"} ${plain(Math.abs(bias), 5)} = z = ${plain(z, 5)}, a = ${nameOf(name)}(z) = ${plain(a)}.`,
    /** @param {string[]} parts */
    largest: (parts) => `Largest: ${parts.join("; ")}.`,
    /** @param {number} row @param {number} column @param {number} value */
    pixel: (row, column, value) => `row ${row}, column ${column} ${value < 0 ? "" : "+"}${plain(value)}`,
  },
  gradient: {
    title: "Gradient for this digit",
    caption:
      "How z would change with a little more ink at each pixel, through all that is between, at this digit.",
    unit: "dz/dx",
  },
  why: {
    why: "Why",
    not: "and not",
    /** @param {string} winner @param {string} other */
    card: (winner, other) => `Split of z(${winner}) − z(${other})`,
    neurons: {
      title: "Over the last hidden layer",
      caption:
        "What each neuron adds to the lead, exactly: difference of its two weights times its activation; b is the biases’ part. Where the neuron above is one of them, it is bright and the others dim.",
      things: "neuron",
    },
    pixels: {
      title: "Through to the pixels",
      caption:
        "Integrated gradients along the straight line from a blank picture: what each pixel’s ink adds to the lead.",
    },
    linear: {
      title: "In one linear step",
      caption:
        "The gradient at the digit times its ink: quicker to work out, and off by as much as the network is curved.",
    },
    unit: "part of the lead",
    alone: "There is one output, so there is no other answer that it could have given.",
    /** @param {any} found @param {string} winner @param {string} other */
    said: ({ difference, missed, linear_missed }, winner, other) =>
      `z(${winner}) − z(${other}) = ${plain(difference, 5)}. The pixels’ parts miss what the ink changes by ${plain(Math.abs(missed ?? Number.NaN), 2)}, the linear step by ${plain(Math.abs(linear_missed ?? Number.NaN), 2)}.`,
    /** @param {string} neuron @param {number} part @param {boolean} exact */
    part: (neuron, part, exact) =>
      ` Of the lead ${neuron} adds ${plain(part)}${
        exact
          ? ", exactly."
          : " against a blank picture, by DeepLIFT’s rescale rule: below the last hidden layer there is no one exact split. The workbench takes the mean digit instead of a blank one, unless told otherwise."
      }`,
    broken: "An output is no finite number for this digit: there is nothing to split.",
    workbench: "layer by layer, live, in the workbench",
  },

  outgoing: {
    title: "Weights that go out",
    caption:
      "One bar for each neuron above: upwards it is made to fire when this one does; a click goes there.",
    things: "neuron",
    none: "It is an output: nothing is above it.",
  },
  without: {
    held: "held at its",
    mean: "mean",
    zero: "zero",
    live: "Switch it off for this digit",
    /** @param {number} before @param {number} after @param {string} at */
    said: (before, after, at) =>
      `Held at its ${at} on every digit, accuracy goes from ${percent(before)} to ${percent(after)}: a fall of ${points(before - after)}.`,
    falls: {
      title: "Without it, digit by digit",
      caption:
        "By how much the share that is read right falls for each class when the neuron always answers the same.",
      y: "fall of accuracy, points",
      things: "class",
    },
    pairs: {
      title: "Without it, pair by pair",
      caption:
        "Fall of accuracy in telling two classes apart when only their two outputs compete: what it is needed for.",
      unit: "points",
      one: "class",
      other: "against",
    },
    outputs: {
      title: "Outputs for this digit",
      caption:
        "The outputs for the digit at hand, the answer bright; switched off, the neuron’s activation is the same for every digit, and lines are the outputs as they were.",
      things: "class",
      y: "activation",
      /** @param {string} read @param {string} off */
      off: (read, off) =>
        read === off
          ? `Switched off: still read as ${read}.`
          : `Switched off: read as ${off} instead of ${read}.`,
      /** @param {string} read */
      on: (read) => `As it is: read as ${read}.`,
    },
  },
  twins: {
    title: "Most alike",
    caption:
      "The neurons of its layer whose activations over the digits correlate most with its own, or against it: the correlation stands below each; a click goes there.",
    /** @param {number} from */
    redundant: (from) =>
      `The neurons of its layer whose activations over the digits correlate most with its own, or against it: the correlation stands below each, and from ${from} on one of two is redundant; a click goes there.`,
    none: "It is alone in its layer.",
    /** @param {number|null} activations @param {number|null} weights */
    says: (activations, weights) =>
      `correlation of activations ${activations === null ? "–" : plain(activations)}, cosine of weights ${weights === null ? "–" : plain(weights)}`,
  },
  health: {
    caption: "Whether it does its part: said of the digits in use.",
    yes: "yes",
    no: "no",
    none: "–",
    /** @param {string} neuron @param {number} correlation @param {number} from */
    closest: (neuron, correlation, from) =>
      `none: closest is ${neuron}, ${plain(correlation, 2)}, short of ${from}`,
    /** @param {string} share @param {{pixels: number, training: boolean, digits: string}} unlit */
    unlit: (share, { pixels, training, digits }) =>
      `${share}, on ${count(pixels, "pixel")} that no ${training ? "training digit" : `digit of ${digits}`} lights`,
    /** @type {{[name: string]: [string, string]}} */
    rows: {
      dead: ["dead", "It fires on no digit and says the same of each, or has no weights."],
      always_on: [
        "always on",
        "It is at its upper end on nine digits of ten; ReLU and its like have none: there it fires on every digit.",
      ],
      saturated: [
        "saturated",
        "It is at either end on nine digits of ten; ReLU, its like and identity have no two ends.",
      ],
      fires: ["fires on", "Share of the digits on which z is above 0."],
      redundant_with: ["redundant with", "A neuron of its layer that says nearly the same, or the opposite."],
      never_lit_share: [
        "weight on never-lit pixels",
        "Share of its weights’ size where no digit has ink: no training digit where there are some at hand.",
      ],
      smoothness: ["smoothness", "Of its map: 0 for white noise, 1 for one flat tone."],
      symmetry: ["symmetry, left–right and up–down", "Correlation of its map with its mirror image."],
    },
  },
};

/** @param {string} text */
const article = (text) => `${/^[aeiou]/.test(text) ? "an" : "a"} ${text}`;

/** @param {string} text */
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
