// Words of the page Learning.
import { count, percent } from "../words.js";
import { nameOf, saysOf } from "./activations.js";

const duration = (/** @type {number} */ seconds) => {
  const whole = Math.max(1, Math.ceil(seconds));
  return whole < 90 ? `${whole} s` : `${Math.ceil(whole / 60)} min`;
};

export const LEARNING_WORDS = {
  form: "How it is trained",
  begin: "start from",
  begins: { fresh: "random weights", now: "this network as it is" },
  seed: "seed",
  seedTitle: "Names the random weights and the order of the digits: the same seed, the same training",
  epochs: "epochs",
  epochsTitle: "Passes through the training digits, 1 to 100",
  rate: "rate",
  rateTitle: "How far a step goes, at its largest: it rises at first and falls to nothing at the end",
  decay: "weight decay",
  decayTitle: "Each step makes every weight a little smaller, in proportion to this",
  batch: "digits to a step",
  batchTitle: "After so many digits the weights change",
  activation: "activation",
  activations: [
    ["as it is", "as in the network"],
    ...["sigmoid", "relu", "tanh", "leaky_relu", "elu", "gelu", "silu", "softplus", "hard_sigmoid"].map(
      (name) => [name, nameOf(name)],
    ),
  ],
  /** @param {string} activation */
  activationTitle: (activation) =>
    `Of the hidden layers${activation === "as it is" ? "" : `. ${saysOf(activation)}`}`,
  count: "learn from",
  counts: (/** @type {number} */ n) => (n < 60_000 ? count(n, "digit") : `all, at most ${count(n, "digit")}`),
  go: "Train",
  again: "Train again",
  stop: "Stop after this epoch, keep what was learned",
  skip: "Stop here, without the other verdicts",
  stopWaiting: "Cancel: do not begin",
  decayNote:
    "With weight decay 0 the noise of the start stays on pixels that no digit lights; with more it fades.",
  untouched: "No experiment is changed by it. A tenth of the training digits is set aside to measure on.",
  empty:
    "Nothing was trained here yet. Choose how, and press Train: the network after each epoch is kept, and you go through them with the slider.",
  lost: "The server was started anew, and the training ended with the old one. Train again.",
  waits: (/** @type {number} */ before, /** @type {number} */ seconds) =>
    `Waits for ${count(before, "other training", "other trainings")}: begins in about ${duration(seconds)}. One is trained at a time.`,
  soon: "Begins…",
  looking: (/** @type {number} */ done, /** @type {number} */ of) =>
    `Looking at what the neurons became: epoch ${done} of ${of}.`,
  ending: "Ends after this epoch…",
  progress: (
    /** @type {number} */ epoch,
    /** @type {number} */ epochs,
    /** @type {number|null} */ accuracy,
    /** @type {number|null} */ left,
  ) =>
    `Epoch ${epoch} of ${epochs}${accuracy === null ? "" : `: ${percent(accuracy)} read right`}${left === null ? "" : `, ${duration(left)} left`}`,
  onward:
    "It goes on if you leave, and is here when you come back in this browser, until the server is started anew.",
  stopped: "It was stopped before it began.",
  failed: (/** @type {string} */ why) => `The training came to no end: ${why}`,
  early: (/** @type {string} */ why) => `Ended early: ${why}.`,
  replaced: (/** @type {string} */ name) =>
    `These digits have none to learn from but those that networks are measured on; ${name} were learned instead.`,
  every: (/** @type {number} */ every) =>
    `The network is wide: of it each ${every === 2 ? "second" : every === 3 ? "third" : `${every}th`} epoch is kept, and the best.`,
  epoch: "Epoch",
  epochFile: (/** @type {number} */ epoch) => `epoch ${epoch}`,
  allEpochs: "learning",
  play: "Play",
  pause: "Pause",
  playTitle: "Play the epochs as a film; ← and → go one on and back",
  at: (/** @type {number} */ epoch, /** @type {number} */ last) => `epoch ${epoch} of ${last}`,
  start: "the start",
  best: "the best",
  reads: (/** @type {number} */ accuracy) => `${percent(accuracy)} read right`,
  loss: (/** @type {number} */ loss) => `loss ${loss.toFixed(loss < 0.1 ? 4 : 3)}`,
  open: "Open in the workbench",
  openTitle: "Makes an experiment of the network as it was after this epoch",
  gif: "Film, GIF",
  gifTitle: "Layer 1's maps, a frame an epoch, less than 2 MB",
  csv: "Figures, CSV",
  filming: "The film is being made…",
  noFile: "The file could not be made; the server may be away. Try again.",
  maps: {
    title: "Weight maps of layer 1",
    /**
     * @param {boolean} alone @param {string} limit
     * @param {number|null} before the epoch that the verdicts are of, if another
     * @param {boolean} told
     */
    caption: (alone, limit, before, told) =>
      `${alone ? "This epoch's own scale" : "One scale for all epochs"}, full colour at ±${limit} and beyond: ink on a positive weight makes a neuron fire, on a negative one holds it back, and black is zero${
        before !== null
          ? `; in grey below each stands what it was at epoch ${before}, the last before this one of which verdicts were worked out`
          : told
            ? "; below each stands what it is by its verdict"
            : ""
      }.`,
    scale: "scale:",
    scales: { all: "all epochs", each: "each epoch" },
    neuron: (/** @type {number} */ index, /** @type {string} */ kind) => `1.${index}${kind && `: ${kind}`}`,
    some: (/** @type {number} */ first, /** @type {number} */ last) => `neurons ${first} to ${last}`,
    which: "Which neurons",
    later: "The maps come when the training has ended.",
  },
  accuracy: {
    title: "Accuracy",
    caption: (/** @type {string} */ digits) =>
      `Share read right of the digits set aside (a tenth of: ${digits}) after each epoch; a click goes to that epoch.`,
    label: "read right, %",
  },
  losses: {
    title: "Loss",
    caption:
      "Mean loss over each epoch's steps, on the digits that are learned: it falls as the answers come nearer to the labels.",
    label: "loss",
  },
  kinds: {
    title: "What the neurons are",
    /** @param {number} at @param {number} kept */
    caption: (at, kept) =>
      `How many neurons of layer 1 got which verdict, worked out at ${at === kept ? `all ${kept}` : `${at} of the ${kept}`} epochs that were kept and drawn through between them; a click goes to that epoch.`,
    label: "neurons of layer 1",
    none: "Without verdicts: they were skipped, or there are too many neurons.",
  },
};
