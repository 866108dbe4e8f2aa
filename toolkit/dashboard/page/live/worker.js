// The worker that scores while somebody paints. It fetches the digits once, keeps one network's score
// and answers each state with what is asked for. What it says and hears is written down in live.js.
import { readDigits } from "./digits.js";
import { figures } from "./figures.js";
import { Scorer } from "./scorer.js";

/** @typedef {import("./live.js").Opening} Opening */
/** @typedef {import("./live.js").Posted} Posted */
/** @typedef {import("./live.js").Told} Told */

const SLICE_MS = 30; // after which it looks whether there is something newer
/** Of the time until all is ready, what fetching and reading take, about. */
const FETCHED = 0.6,
  READ = 0.9;

/** @type {any} */
const line = globalThis;
/** @param {Told} told */
const tell = (told) => line.postMessage(told);

/** @type {import("./digits.js").Digits | null} */
let digits = null;
/** @type {Scorer | null} */
let scorer = null;
/** The newest state that nothing was done with yet. @type {Posted | null} */
let waiting = null;
let busy = false;
const began = performance.now();

line.onmessage = (/** @type {{data: Opening | Posted}} */ { data }) => {
  if (data.kind === "open") open(data);
  else {
    waiting = data;
    work();
  }
};

/** @param {number} share of all there is to do before the first result */
function progress(share) {
  const seconds = (performance.now() - began) / 1000;
  tell({ kind: "loading", share, left: share > 0.02 ? (seconds * (1 - share)) / share : null });
}

/** @param {Opening} opening */
async function open({ address, bytes }) {
  try {
    const read = readDigits(await fetched(address, bytes));
    digits = await inSlices(read, (share) => progress(FETCHED + (READ - FETCHED) * share));
  } catch (error) {
    const reason = error instanceof RangeError ? "memory" : "no-digits";
    tell({ kind: "off", reason, text: String(error) });
    return;
  }
  work();
}

/** @param {string} address @param {number} expected */
async function fetched(address, expected) {
  const answer = await fetch(address);
  if (!answer.ok || !answer.body) throw new Error(`digits: the server answered ${answer.status}`);
  const bytes = new Uint8Array(expected);
  let size = 0;
  for (const reader = answer.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if (size + value.length > expected) throw new Error(`digits: expected ${expected} bytes; more came`);
    bytes.set(value, size);
    size += value.length;
    progress((FETCHED * size) / expected);
  }
  return bytes.subarray(0, size);
}

/**
 * @template Found
 * @param {Generator<number, Found>} steps
 * @param {(share: number) => void} said after each slice
 * @param {() => boolean} [stopped]
 */
async function inSlices(steps, said, stopped = () => false) {
  for (let since = performance.now(); ; ) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - since < SLICE_MS) continue;
    said(value);
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (stopped()) throw new Superseded();
    since = performance.now();
  }
}

class Superseded extends Error {}

async function work() {
  if (busy || !digits) return;
  busy = true;
  while (waiting) {
    const state = waiting;
    waiting = null;
    try {
      await score(state);
    } catch (error) {
      if (!(error instanceof Superseded)) {
        scorer = null;
        tell({
          kind: "off",
          reason: error instanceof RangeError ? "memory" : "crashed",
          text: String(error),
        });
      }
    }
  }
  busy = false;
}

/** @param {Posted} state */
async function score({ stamp, whole, change, settle, selected, wants }) {
  if (!digits) return;
  const start = performance.now();
  if (whole) scorer = new Scorer(digits, whole.sizes, whole.classes);
  if (!scorer) return;
  let wrong = "";
  if (change) {
    const first = !scorer.known;
    wrong = await inSlices(
      scorer.update(change),
      (share) => first && progress(READ + (1 - READ) * share),
      () => Boolean(waiting?.whole),
    );
  }
  if (settle) scorer.tally.settle(!wrong);
  const found = wrong ? null : figures(scorer, selected, wants);
  tell({ kind: "result", stamp, wrong, settled: settle, found, ms: performance.now() - start });
}
