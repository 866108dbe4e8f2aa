// Words of the page Network: what the whole network does.
import { count } from "../words.js";

/** @param {number|null} share @param {number} [digits] */
export const percentOf = (share, digits = 0) =>
  share === null || share === undefined ? "no number" : `${(100 * share).toFixed(digits)}%`;

export const NETWORK_WORDS = {
  parts: {
    reads: "What it reads",
    neurons: "Every neuron",
    hope: "How far is it from the hope?",
    nonsense: "Confident nonsense",
    matrices: "As matrices",
  },
  jump: "Parts of this page",
  notScored: "Not scored",
  /** @param {number} correct @param {number} images */
  right: (correct, images) => `${correct.toLocaleString("en")} of ${count(images, "digit")} read right`,
  /** @param {number} accuracy */
  accuracy: (accuracy) => `${(100 * accuracy).toFixed(2)}%`,
  confusion: {
    title: "Confusion",
    caption:
      "Rows are what a digit is, columns what it is read as, in digits; the diagonal is right, and the redder a cell the more mistakes. Click on a cell for its digits, and for the neurons that tell the two apart.",
    answers: "What it answers",
    answersCaption:
      "Rows are what a digit is, columns the output that leads, in digits: no answer is right or wrong. Click on a cell for its digits.",
    /** @param {number} count @param {string} label @param {string} read @param {number} share of the digits that are so */
    answered: (count, label, read, share) =>
      `output ${read} leads on ${count.toLocaleString("en")} of the digits that are a ${label}, ${percentOf(share, 1)} of them`,
    /** @param {number} count @param {string} label @param {string} read @param {number} share of the digits that are so */
    cell: (count, label, read, share) =>
      label === read
        ? `${count.toLocaleString("en")} of the digits that are a ${label} are read right, ${percentOf(share, 1)} of them`
        : `${count === 1 ? "1 digit that is" : `${count.toLocaleString("en")} digits that are`} a ${label} ${count === 1 ? "is" : "are"} read as ${read}, ${percentOf(share, 1)} of them`,
    /** @param {{label: string, read: string, count: number}[]} pairs */
    worst: ([first, ...others]) =>
      first
        ? `Most often ${first.count === 1 ? "1 digit that is" : `${first.count.toLocaleString("en")} digits that are`} a ${first.label} ${first.count === 1 ? "is" : "are"} read as ${first.read}${others.map(({ label, read, count }) => `, ${count.toLocaleString("en")} that ${count === 1 ? "is" : "are"} a ${label} as ${read}`).join("")}.`
        : "None is read as another.",
  },
  needs: {
    /** @param {string} one @param {string} other */
    title: (one, other) => `Which neurons tell ${one} from ${other}`,
    against: "against",
    one: "A digit",
    other: "Another digit",
    held: "held at",
    replacements: { mean: "its mean", zero: "zero" },
    label: "points lost without it",
    /** @param {string} name @param {string} points */
    says: (name, points) => `neuron ${name}: ${points} points lost without it`,
    /** @param {string} one @param {string} other @param {number} images @param {number} accuracy @param {string} replacement */
    caption: (one, other, images, accuracy, replacement) =>
      `Among ${count(images, "digit")} that are ${one} or ${other}, when only these two outputs compete, ${percentOf(accuracy, 2)} are read right; a bar is by how many points that falls with one hidden neuron’s activation held at ${replacement === "zero" ? "zero" : "its mean"}. Click on one to look into it.`,
    same: "Choose two different digits.",
    none: "There is no hidden neuron.",
  },
  digits: {
    title: "Digits behind a cell",
    caption: "Below each what it is and what it is read as. Click on one to see it in the workbench.",
    none: "Click on a cell of the confusion, or choose one with the arrow keys and Enter.",
    empty: "None.",
    /** @param {string} label @param {string} read */
    cell: (label, read) =>
      label === read
        ? `digits that are a ${label}, read right`
        : `digits that are a ${label}, read as ${read}`,
    /** @param {number} shown @param {number} all */
    more: (shown, all) => `${shown} more of ${all.toLocaleString("en")}`,
  },
  mistakes: {
    title: "Most confident mistakes",
    caption:
      "The digits read wrong with the largest share of the answer, that first: what it is → what it is read as, and how sure. Click on one to see it in the workbench.",
    none: "It reads every digit right.",
    unsure: "Of none of its mistakes can it be said how sure it was: its outputs are no numbers.",
    /** @param {{number: number, label: string, read: string, sure: number|null, second: string}} of */
    says: ({ number, label, read, sure, second }) =>
      `digit ${number}: a ${label}, read as ${read}, ${percentOf(sure)} sure; second choice ${second}`,
  },
  calibration: {
    title: "Is it as sure as it is right?",
    /** @param {string} error */
    caption: (error) =>
      `Digits sorted by how sure the answer is: above the dashed line it is right more often than it is sure, below less. On average they are ${error} apart (expected calibration error, Guo et al. 2017).`,
    none: "It says nothing that could be taken for a share.",
    sure: "how sure, share of the answer",
    right: "share read right",
    line: "as sure as right",
    found: "this network",
  },
  sureness: {
    title: "How sure it is",
    caption: "How many digits it answers with how large a share; on the right the sure answers.",
    counted: "digits",
  },
  layers: {
    title: "Parameters by layer",
    /** @param {number} all @param {number} bad */
    caption: (all, bad) =>
      `How many weights and biases each layer has, of ${all.toLocaleString("en")} in all; pointing at one tells their range.${bad ? ` ${count(bad, "of them is", "of them are")} no finite number.` : ""}`,
    label: "weights and biases",
    things: "layer",
  },
  hope: {
    lead: "The hope is that the first layer picks up on edges and short lines, out of which later ones make loops and digits.",
    /** @param {number} edges @param {number} lines @param {number} of */
    found: (edges, lines, of) =>
      `Of the ${count(of, "neuron")} of its first layer ${edges + lines === 1 ? "1 is an edge or a line" : `${edges + lines} are edges or lines`} (${count(edges, "edge")}, ${count(lines, "line")}).`,
    /** @param {string} name @param {{edges: number, lines: number, of: number}} it */
    beside: (name, { edges, lines, of }) =>
      `${name}: ${count(edges, "edge")} and ${count(lines, "line")} of ${of} neurons`,
    here: "this one",
    counts: {
      title: "Edges and lines in the first layer",
      caption:
        "The share of the first layer's neurons that the verdict calls edge or line; random is a network of this shape that has learned nothing.",
      label: "edges and lines, % of the layer",
    },
    scores: {
      title: "How edge-like their neurons are",
      caption:
        "Each line goes through a network's first layer from its most edge-like neuron to its least; 1 is an ideal edge or line, 0 nothing of one. What chance alone reaches shows in the random one.",
      /** @param {number} threshold */
      threshold: (threshold) => `The level line across, at ${threshold}, is where the verdict begins.`,
      x: "share of the layer's neurons",
      y: "edge score",
    },
    kinds: {
      title: "What its neurons are, layer by layer",
      caption:
        "How many neurons of each layer, a column, have which verdict; later layers are judged by their composed maps. Click on a cell to list them in the table.",
    },
    waits: "Comes with the analysis of the whole network.",
    failed: "This would come with the analysis of the whole network, which could not be made.",
  },
  nonsense: {
    kinds: {
      noise: "uniform noise",
      blank: "a blank picture",
      inverted: "inverted digits",
      shifted: "digits shifted far",
      scrambled: "scrambled digits",
    },
    examples: {
      title: "What it makes of pictures that are no digits",
      caption:
        "Some pictures of each kind; below each the answer and how sure it is. With each kind stands how many of it it is at least 80% sure of: of 1,000, made of digits drawn at random, the same at every time. A network that knew its limits would be unsure here.",
    },
    answers: {
      title: "What it calls them",
      caption: "Rows are kinds of pictures, columns answers, in percent of the row.",
    },
    /** @param {number|null} sure @param {string} answer @param {number|null} share */
    line: (sure, answer, share) =>
      `sure of ${percentOf(sure)} of them; most often ${answer} (${percentOf(share)})`,
    /** @param {string} kind @param {string} read @param {number|null} sure */
    says: (kind, read, sure) => `${kind}: read as ${read}, ${percentOf(sure)} sure`,
    /** @param {string} kind @param {string} answer @param {number|null} share */
    called: (kind, answer, share) => `${kind}: called ${answer} in ${percentOf(share, 1)} of them`,
  },
  robustness: {
    title: "Digits changed a little",
    kinds: {
      shift: "Shifted",
      rotation: "Turned",
      thickness: "Thicker and thinner",
      noise: "With noise",
    },
    /** @param {number} images */
    caption: (images) =>
      `Accuracy on ${images.toLocaleString("en")} digits changed by so much; at the unchanged digits it is the accuracy as usual.`,
    accuracy: "accuracy, %",
  },
};
