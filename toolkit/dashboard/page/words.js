// What the page says, in English. Server and page say what happened as a code with fields; a second
// language is one more file like this one.

/**
 * @typedef {{[name: string]: any}} Fields
 * @typedef {{label: string, fields?: Fields, letter?: Fields, visit?: string, menu?: string, page?: string, command?: string, run?: () => void}} Action
 * @typedef {{id?: string, code: string, fields?: Fields, kind?: "info"|"error", actions?: Action[]}} Notice
 */

/** @param {number} n @param {string} one @param {string} [many] */
export const count = (n, one, many = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** @param {number} share */
export const percent = (share) => `${(100 * share).toFixed(1)}%`;

/** In whole percent, rounded, but never 100 where it is not all. @param {number} share */
export const wholePercent = (share) => String(share < 1 ? Math.min(99, Math.round(100 * share)) : 100);

/** @param {number} bytes */
const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)} MiB`;

/**
 * How long ago something was, in words.
 * @param {number} then seconds since 1970
 * @param {number} [now]
 */
export function ago(then, now = Date.now() / 1000) {
  const seconds = Math.max(0, now - then);
  if (seconds < 45) return "just now";
  if (seconds < 90) return "a minute ago";
  if (seconds < 3600) return `${Math.round(seconds / 60)} minutes ago`;
  if (seconds < 5400) return "an hour ago";
  if (seconds < 86400) return `${Math.round(seconds / 3600)} hours ago`;
  if (seconds < 2 * 86400) return "yesterday";
  if (seconds < 14 * 86400) return `${Math.floor(seconds / 86400)} days ago`;
  return new Date(then * 1000).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
  });
}

/** @param {number} then seconds since 1970 */
export const moment = (then) => new Date(then * 1000).toLocaleString("en-GB");

const UNSAVED = {
  "disk-full": "The disk is full",
  "read-only": "The workspace cannot be written",
  locked: "The workspace is in use by another program",
  newer: "The workspace is of a newer version of this program",
  damaged: "The workspace is damaged",
  unreadable: "The workspace cannot be read",
  stale: "Another program changed this experiment",
};

/** Sentences of notices by their code. @type {{[code: string]: (fields: Fields) => string}} */
const NOTICES = {
  opened: ({ name }) => `Opened ${name}.`,
  "opened-kept": ({ name, earlier }) => `Opened ${name}. Your work on ${earlier} is kept.`,
  branched: ({ name, earlier, point, step }) =>
    `This is a branch of ${earlier}${point ? `, from “${point}” on` : step === undefined ? "" : `, from step ${step} on`}: ${name}. What you do here leaves ${earlier} as it is.`,
  uploaded: ({ file, format, way, open, guess, earlier, broken }) =>
    `${file}: ${format}; read as ${way}.${open && !guess ? " The file does not say all of that; it was tried on digits." : ""}${guess ? ` That is a guess: ${guess}. Another way can be chosen.` : ""}${broken ? ` Of its weights and biases ${count(broken, "is", "are")} no finite number: magenta in the maps.` : ""}${earlier ? ` Your work on ${earlier} is kept.` : ""}`,
  imported: ({ name, steps }) => `Opened ${name}, with its ${count(steps, "step")}.`,
  "no-such-experiment": () =>
    "This address names an experiment that is not on this machine, or not any more. Here is a new one instead.",
  "unfit-experiment": ({ text }) =>
    `This experiment is kept, and can be downloaded, but this server does not open it: ${text}. Here is a new one instead.`,
  "last-experiment": ({ name, accuracy, changed }) =>
    `You were working on ${name} (${accuracy === null || accuracy === undefined ? "" : `${percent(accuracy)}, `}${ago(changed)}).`,
  "no-such-network": ({ name }) => `No network named “${name}” ships with the toolkit; here is another one.`,
  "no-such-neuron": ({ neuron }) => `There is no neuron ${neuron} in this network.`,
  "no-such-digit": ({ digit }) => `There is no digit number ${digit} in this set.`,
  "no-such-palette": ({ palette, known }) =>
    `There is no palette “${palette}”${known ? `; expected one of ${known.join(", ")}` : ""}.`,
  unsaved: ({ code, text }) =>
    `${UNSAVED[/** @type {keyof typeof UNSAVED} */ (code)] ?? "It could not be saved"}: nothing is lost yet, your steps are kept in this page and saved as soon as that works. ${text ?? ""}`,
  "workspace-repaired": ({ text }) => `${text}`,
  refused: ({ text }) => `${text}`,
  fault: () => "That did not work, through a fault of this program; nothing was changed.",
  "undo-others": ({ name }) => `The last step, ${name}, was made in another window.`,
  "left-out": ({ count: n }) =>
    `${count(n, "later step", "later steps")} that had been taken back ${n === 1 ? "was" : "were"} left out by that.`,
  "laid-again": ({ done, skipped }) =>
    `${count(done, "step was", "steps were")} done again.${skipped ? ` ${count(skipped, "does not fit", "do not fit")} any more.` : ""}`,
  "all-right": ({ class: which, sample }) =>
    `The network reads every ${which === null || which === undefined ? "digit" : which} of ${sample ? "the sample that it is scored on" : "this set"} right.`,
  "no-such-class": ({ class: which }) => `There is no ${which} in this set.`,
  "save-point": ({ name }) => `This point is named “${name}”; the history goes back to it.`,
  "digits-broken": ({ name }) => `${name} cannot be read. The drawn digits are in use instead.`,
  "digits-opening": ({ name }) => `Opening ${name}…`,
  "digits-replaced": ({ name, instead }) =>
    `The digits “${name}” are not to be had here. In use instead: ${instead}.`,
  "upload-failed": ({ file, text, status }) =>
    `${withName(file, text ?? (status ? `the server answered ${status}.` : "it did not arrive; the connection was lost. Try again."))}`,
  "picture-others": ({ file }) =>
    `${file}: more than one digit is on it; the one that stands out was taken. Cut the picture for another.`,
  "uploads-busy": ({ file }) =>
    `${file}: the server is reading other files at the moment; try again in a few seconds.`,
  "figure-gone": () => "These maps are not on offer any more. Reload the page, and try again.",
  "figure-failed": ({ text }) => `${text ?? "The server is away. Try again when it is back."}`,
  "figures-busy": () => "The server is drawing for others at the moment; try again in a few seconds.",
  unreadable: () => "The server could not read what this page sent. Reload the page if that happens again.",
  "too-fast": () => "The page sent more than the server takes at once; it goes on in a moment.",
  "frame-too-large": () => "The page sent more at once than the server takes.",

  // What the page itself has to say.
  "connection-back": ({ saved }) =>
    saved ? `Connected again, ${count(saved, "step")} saved.` : "Connected again.",
  "outbox-found": ({ count: n, name }) =>
    `${count(n, "step")} that had not been saved ${n === 1 ? "was" : "were"} sent now${name ? `, to ${name}` : ""}.`,
  "modules-changed": () =>
    "The workbench was updated on the server. Reload the page to use it; your work is kept.",
  "storage-full": () =>
    "The browser keeps no more unsaved steps for after a reload. Leave this page open until they are saved.",
  "storage-none": () =>
    "The browser keeps nothing for this page: steps not yet saved would be lost by a reload.",
  "upload-too-large": ({ file, bytes, most }) =>
    `${file}: ${mebibytes(bytes)}; expected at most ${mebibytes(most)}. Choose a smaller file.`,
  "upload-cancelled": ({ file }) => `${file}: cancelled, nothing was changed.`,
  "upload-busy": ({ file }) => `${file} is still on its way; wait for it, or cancel it.`,
  "upload-offline": ({ file }) =>
    `${file}: not connected to the server; try again when the connection is back.`,
  "download-failed": () => "Not downloaded: the server is away. Try again when it is back.",
  "back-functions": ({ changed }) =>
    `Such a file keeps no activation functions. The model that loads it must have these: ${changed
      .map((/** @type {[number, string]} */ [layer, name]) => `layer ${layer} ${name}`)
      .join(", ")}.`,
  "download-waits": ({ count: n }) =>
    `The download waits until ${n === 1 ? "your last step is" : `your last ${n} steps are`} saved.`,
  "bad-index": ({ most, got }) => `Digit: expected a whole number from 0 to ${most}; got “${got}”.`,
  "bad-bias": ({ got }) => `Bias: expected a number; got “${got}”.`,
  "coach-flat": () => "No change of these weights moves the loss: there is no step to take here.",
  "coach-waits": () => "The coach is still working this out; try again in a moment.",
  copied: ({ neuron }) => `${neuron} is copied: paste it into any neuron, of other networks too.`,
  "nothing-copied": () => "Nothing is copied yet.",
  "paste-unfit": ({ from, to, got, expected }) =>
    `${from} has ${count(got, "weight")}; ${to} takes ${count(expected, "weight")}. Paste it into a neuron of such a layer.`,
  "bad-number": ({ name, got }) => `${name}: expected a number; got “${got}”.`,
  fetching: ({ share, left }) =>
    `Fetching MNIST: ${share === null ? "calling" : `${Math.floor(100 * share)}%`}${left === null ? "" : `, ${Math.ceil(left)} s left`}`,
  "fetch-done": () => "MNIST is here.",
  "fetch-ended": ({ text }) => `${text}`,
  binned: ({ name }) => `${name} is in the bin, for 30 days.`,
  deleted: ({ name }) => `${name} was deleted for good.`,
};

/** The file's name stands before the sentence, once. @param {string} file @param {string} text */
function withName(file, text) {
  return !file || text.startsWith(file) ? text : `${file}: ${text}`;
}

/** Labels of buttons in notices. @type {{[code: string]: (fields: Fields) => string}} */
const LABELS = {
  "back-to": ({ name }) => `Back to ${name}`,
  "how-read": () => "How it was read",
  experiments: () => "All experiments",
  "go-on": () => "Go on",
  "step-by-step": () => "Step by step",
  "undo-it": () => "Undo it",
  "lay-again": () => "Do them again after it",
  reload: () => "Reload",
  cancel: () => "Cancel",
  "try-again": () => "Try again",
  "fetch-again": () => "Fetch it again",
  "use-it": () => "Use it",
  undo: () => "Undo",
  dismiss: () => "Dismiss",
};

const TITLES = {
  digit: (/** @type {Fields} */ { index }) => `digit ${index}`,
  noise: () => "uniform noise",
  drawing: () => "your drawing",
  picture: (/** @type {Fields} */ { name }) => name,
};

/** The sentence of a notice; of an unknown one its text, or its code. @param {Notice} notice */
export function sentence({ code, fields = {} }) {
  const words = Object.hasOwn(NOTICES, code) ? NOTICES[code] : null;
  return words ? words(fields).trim() : String(fields.text ?? code);
}

/** @param {Action} action */
export function label({ label: code, fields = {} }) {
  return Object.hasOwn(LABELS, code) ? LABELS[code](fields) : code;
}

/** @param {{code: string, fields?: Fields}|string} title */
export function digitTitle(title) {
  if (typeof title === "string") return title;
  const words = TITLES[/** @type {keyof typeof TITLES} */ (title.code)];
  return words ? words(title.fields ?? {}) : title.code;
}

/**
 * The calm line while the server is away.
 * @param {number} waiting how many steps wait
 * @param {boolean} full whether the server is there and has no room
 */
export function away(waiting, full) {
  if (full)
    return waiting
      ? `The server is full: ${count(waiting, "step")} ${waiting === 1 ? "is" : "are"} kept here and sent when there is room`
      : "The server is full: what you do is kept here and sent when there is room";
  return waiting
    ? `Not connected: ${count(waiting, "step")} ${waiting === 1 ? "is" : "are"} kept here and sent when it is back`
    : "Not connected: what you do is kept here and sent when it is back";
}

/** How far an upload is. @param {string} file @param {number} share @param {number|null} left seconds */
export function sending(file, share, left) {
  if (share >= 1) return `${file}: arrived, being read…`;
  return `${file}: ${Math.floor(100 * share)}%${left === null ? "" : `, ${Math.max(1, Math.ceil(left))} s left`}`;
}

/** The atlas without names and scale, as a file. */
export const MAPS_ALONE = "Maps alone (PNG)";

/** @param {string} kind */
export const drawing = (kind) => `Drawing: ${kind}…`;

/** @param {number} n how many could not be laid */
export const refusedTitle = (n) => `${count(n, "step")} could not be laid`;

/**
 * What a letter that was refused wanted.
 * @param {Fields} item
 */
export function letterName(item) {
  const edit = item?.edit;
  if (item?.kind === "lay-again") return "steps done again";
  if (!edit) return String(item?.kind ?? "a step");
  const where =
    edit.neuron === undefined || edit.neuron === null
      ? `layer ${edit.layer}`
      : `${edit.layer}.${edit.neuron}`;
  if (edit.kind === "name") return `name of ${where}`;
  if (edit.kind === "bias") return `bias of ${where}`;
  if (edit.kind === "activation") return `activation of layer ${edit.layer}`;
  return `${edit.tool ?? edit.kind} on ${where}${edit.cells ? `, ${count(edit.cells.length, "weight")}` : ""}`;
}

/** On how many digits the accuracy is, where not on all. @param {number} count @param {number} of */
export const shareOf = (count, of) => `on ${count.toLocaleString("en")} of ${of.toLocaleString("en")}`;

/** What accuracy is measured on. @param {{name: string, count: number, of: number, part: string}} digits */
export const measuredOn = ({ name, count, of, part }) =>
  `${
    count < of
      ? `In use: ${name}. ${shareReason(count, of)}.`
      : `In use: ${name}, ${count.toLocaleString("en")} images. Accuracy is measured on all of them.`
  }${seenBefore(part)}`;

/** What an accuracy on training digits is worth. @type {Record<string, string>} */
const SEEN = {
  train: "These are training digits:",
  all: "The training digits are among them:",
};

/** @param {string} part of a set: test, train or all */
export const seenBefore = (part) =>
  SEEN[part]
    ? ` ${SEEN[part]} a network that has learned from them reads them better than digits it never saw.`
    : "";

/** @param {number} count @param {number} of */
export const shareReason = (count, of) =>
  `Scored ${shareOf(count, of)} digits, a sample of the set, since the network is wide`;

const MODES = { set: "set to", add: "add", scale: "scale by", smooth: "smooth" };

/** @param {string} mode */
export const modeName = (mode) => MODES[/** @type {keyof typeof MODES} */ (mode)] ?? mode;
