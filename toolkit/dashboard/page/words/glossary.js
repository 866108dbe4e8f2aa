// The page's own words, each explained once: in the list that ? opens, and beside the thing itself.

/** @typedef {{word: string, says: string, at?: string[]}} Word `at`: where on the page it stands */

/** @type {Word[]} */
export const GLOSSARY = [
  {
    word: "weight",
    says: "How much one input counts for a neuron: above zero it pushes the neuron to fire, below zero it holds it back. A neuron of layer 1 has one for each pixel, shown as a map; black is zero.",
    at: [".map-title"],
  },
  {
    word: "brightest",
    says: "The weight that is drawn at full brightness. Every map is scaled to its own unless “view” says otherwise, so two maps that look alike may differ in strength.",
    at: [".readout"],
  },
  {
    word: "z",
    says: "A neuron's weighted sum: each input times its weight, added up, and the bias. Above zero the neuron fires.",
    at: [".readout"],
  },
  {
    word: "a",
    says: "The activation: z after the layer's function, and all that the next layer sees of this neuron. With sigmoid it lies between 0 and 1, and is 0.5 where z is 0; what other functions do is said where one is chosen, above the neurons of a layer.",
    at: [".readout"],
  },
  {
    word: "bias",
    says: "A number added to the weighted sum. The lower it is, the more of what the map looks for is needed before the neuron fires.",
    at: [".bias-panel h3 > span:first-child"],
  },
  {
    word: "ridges",
    says: "Below the map: for each class how its digits' weighted sums are spread, from those that hold the neuron back to those that push it. The vertical line is the threshold, minus the bias; the neuron fires for what lies right of it.",
    at: [".bias-panel h3 .firing"],
  },
  {
    word: "fires",
    says: "A neuron fires for a digit where its z is above zero; with sigmoid its activation is then above 0.5, with ReLU, GELU and their like above 0. The share is over all digits in use.",
    at: [".bias-panel h3 .firing"],
  },
  {
    word: "composed",
    says: "What a neuron of a later layer would look for if nothing between were curved: its weights times the maps below, added up. An approximation, for the activation functions do curve.",
    at: [".composed-word", ".composed-note"],
  },
  {
    word: "saturated",
    says: "A neuron that is at an end of its range, above 0.99 or below 0.01, on nearly all digits. What it says is then yes or no and seldom how much: smaller weights and bias make it say more.",
  },
  {
    word: "ceiling",
    says: "The accuracy that the best upper layers would get from the first layer as it is now, and from the first two: learned from training digits in the background. Only better features move it.",
  },
  {
    word: "yellow dot",
    says: "On a neuron: something stands out there, such as that it is saturated, never fires, or says the same as another. Pointing at it says what; a click on the ceiling lists all. The dot is hollow while this is worked out anew, after a change.",
  },
  {
    word: "clause",
    says: "A sentence about the neurons below, by name or number, such as “top and left and not middle”, that says when a neuron fires: with and, or, not, “at least 2 of (a, b, c)”, or weighted, “2*a - b > 1”. It becomes the neuron's weights and bias. What one neuron alone cannot decide is said, and which neurons to make first.",
  },
  {
    word: "sharpness",
    says: "How decided a neuron made of a clause is: with its inputs on or off, z is at least this far above or below 0. With sigmoid 4 means above 0.98 or below 0.02; a small one says more by degrees. The finer the numbers of a weighted sentence, the smaller it must be: with tenths about a tenth.",
  },
  {
    word: "steadier",
    says: "Weights that decide as a weighted sentence does when its neurons are on or off, and still do when they are only nearly so: those written may misread 0.1 and 0.9. A click on “Steadier” writes them instead.",
    at: [".steadier"],
  },
  {
    word: "classes",
    says: "A table of how often each neuron of a layer fires for each of the ten digits. The ten small cells under a map are its row.",
  },
  {
    word: "confusion",
    says: "How often each digit is read as each other: row what it is, column what it is read as.",
    at: [".per-digit-head"],
  },
  {
    word: "gained, lost",
    says: "Digits that are read right since the last step and were not before, and those read right before it and now wrong.",
    at: [".gained-title", ".lost-title"],
  },
  {
    word: "w·x",
    says: "Each weight times what comes in there for the digit shown: where this digit pushes the neuron, and where it holds it back. The sum of all of them and the bias is z.",
    at: ["[data-overlay=contributions]"],
  },
  {
    word: "class mean",
    says: "All training digits of the class shown laid over each other: where they mostly have ink. The stamps of a digit's mean are made of it.",
    at: ["[data-overlay=mean]"],
  },
  {
    word: "training digits",
    says: "What labels teach is taken from these alone, and never from the digits that the network is scored on: class means and their stamps, a threshold set by classes, the coach, fit the rest, the ceilings. Files that have no training digits lend their own.",
  },
  {
    word: "never lit",
    says: "Pixels that have no ink in any digit. Their weights change nothing on these digits, and everything on noise.",
    at: ["[data-overlay=lit]"],
  },
  {
    word: "digit, over the map",
    says: "The digit shown, drawn thinly over the map, so that one sees which weights it meets.",
    at: ["[data-overlay=ghost]"],
  },
  {
    word: "coach",
    says: "What the loss would do to each weight: its slope over training digits, as an overlay. It does nothing by itself; its tool takes a small step down the slope, inside the brush.",
  },
  {
    word: "provenance",
    says: "Where each weight comes from: blank, loaded, painted, stamped, worked out from a clause, coached or fitted. A mixture is never more a person's own than its parts: what is added to, blended or averaged with a loaded or fitted weight is mixed, until it is replaced.",
  },
  {
    word: "stamp",
    says: "A shape with numbers, an edge, a line, an arc, a ring, laid on a map in one go: place, angle, length and width by handles or as numbers.",
  },
  {
    word: "without the neuron",
    says: "How far the accuracy falls when a neuron says the same for every digit: its mean. That is called mean ablation; the atlas sorts by it.",
  },
  {
    word: "noise",
    says: "A picture of random greys. It is no digit, and a network names one all the same, often with great confidence.",
    at: ["[data-digit=noise]"],
  },
  {
    word: "since loaded",
    says: "The accuracy now less what it was when this network was opened; “last step” is the change by the last thing done.",
  },
  {
    word: "live, so far",
    says: "While the dot beside the accuracy is full, the figures are of what is still in your hand, counted by this page at each move. Let go, and Python's count, which is the same, takes their place.",
  },
  {
    word: "step, point, branch",
    says: "All that is done is a step of the history and can be undone. A step with a name is a point to come back to; a branch goes on from one in an experiment of its own.",
  },
  {
    word: "recipe",
    says: "An experiment as a text that a person can read and write: where it starts, and its steps, each with a sentence if somebody wrote one. It makes the same network everywhere.",
  },
  {
    word: "drawn digits",
    says: "Digits that this program draws itself, the same on every machine, for when MNIST is not there.",
  },
];

export const GLOSSARY_WORDS = {
  command: "What do the words mean?",
  group: "learn",
  also: "help glossary explain z a brightest ridges composed saturation ceiling provenance",
  card: "Words",
  keys: "keys",
  words: "words",
  close: "Close",
};
