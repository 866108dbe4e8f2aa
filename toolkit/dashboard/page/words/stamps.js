// What the page says of stamps and of moves of a whole map.

/** @type {Record<string, string>} */
const SHAPES = {
  mean: "mean of a digit",
  difference: "one digit less another",
  gabor: "Gabor",
};

/** @param {string} shape */
export const shapeName = (shape) => SHAPES[shape] ?? shape;

/** Of each number: its name, and what it means. @type {Record<string, [string, string]>} */
export const NUMBERS = {
  row: ["row", "Of its middle, in cells from the top"],
  column: ["column", "Of its middle, in cells from the left"],
  angle: ["angle", "Degrees, counter-clockwise (Alt+← →)"],
  length: ["length", "Along it, in cells (Alt+↑ ↓)"],
  width: ["width", "Of the bright part, in cells ([ ])"],
  height: ["height", "Across it, in cells"],
  curvature: ["bend", "1 / radius, from −1 to 1; positive bends the ends down ( ( ) )"],
  surround: ["surround", "How deep the dark side is, the bright one being 1 ({ })"],
  flank: ["flank", "How wide the dark side is, in cells (Alt+[ ])"],
  soft: ["soft", "Over how many cells a rim fades; 1 is sharp"],
  phase: ["phase", "Of the stripes, in degrees: 0 has a bright stripe in the middle, 90 an edge"],
  strength: ["strength", "The weight where it is brightest"],
  amount: ["amount", "How far a blend goes: 0 leaves the map, 1 replaces it"],
};

/** @type {Record<string, string>} */
export const STAMP_MODES = { add: "add to it", replace: "replace it", blend: "blend with it" };

/** @param {number} value */
const short = (value) => String(Number(value.toFixed(2))).replace("-", "−");

export const stampNotes = {
  stands: "Enter lays it, Esc drops it",
  lacksMeans: "One moment: the means of the training digits are being worked out.",
  /**
   * @param {string} handle @param {Record<string, any>} stamp @param {boolean} bends
   */
  dragging(handle, stamp, bends) {
    if (handle === "middle") return `row ${short(stamp.at[0])}, column ${short(stamp.at[1])}`;
    if (handle === "end") return `angle ${short(stamp.angle)}°, length ${short(stamp.length)}`;
    if (handle === "bend" && bends)
      return stamp.curvature ? `bent with a radius of ${short(Math.abs(1 / stamp.curvature))}` : "straight";
    if (handle === "surround")
      return `surround ${short(stamp.surround)} deep${stamp.flank === undefined ? "" : `, ${short(stamp.flank)} wide`}`;
    return `${handle} ${short(stamp[handle])}`;
  },
};

/** What keys do while a stamp is in hand. @type {[string, string][]} */
export const STAMP_KEYS = [
  ["S, S again", "stamp; its next shape (Shift: the one before)"],
  ["stamp: ← ↑ → ↓", "move it (Shift: five times as far)"],
  ["stamp: Alt+← →", "turn it"],
  ["stamp: Alt+↑ ↓", "longer, shorter"],
  ["stamp: [ ] ( )", "narrower, wider; bend it"],
  ["stamp: { } Alt+[ ]", "its dark side: shallower, deeper; narrower, wider"],
  ["stamp: Enter", "lay it; Esc drops it"],
];

export const MOVES = {
  flipAcross: "flip left–right",
  flipOver: "flip top–bottom",
  rotate: "rotate",
  shift: "shift",
  scale: "scale its strength",
  normalise: "normalise",
  blur: "blur",
  sharpen: "sharpen",
  threshold: "clear small weights",
  invert: "invert",
  mask: "keep or clear a region",
  copy: "copy",
  paste: "paste, with its bias",
  pasteWeights: "paste the weights alone",
  swap: "swap with another",
  average: "average with another",
  families: "stamp a whole layer",
  stamp: "put a stamp on the map",
  top: "first row",
  left: "first column",
  bottom: "last row",
  right: "last column",
};

/** What stands on the cards where a move is tried. */
export const TRY = {
  apply: "do it",
  cancel: "leave it",
  bias: "the bias too",
  rotate: "Counter-clockwise, about the middle of the map.",
  scale: "With its bias it fires on the same digits as before, more or less sharply.",
  mask: "Drag a rectangle on the map, or write where it begins and ends.",
  outgoing: "what they feed, too",
  swap: "With what they feed the network answers as before; without, the two change places under it.",
  average: "Weights and bias become the mean of both; the other stays as it is.",
  named: "name the neurons",
  families: "One step; undo takes it back. Biases stay.",
};
