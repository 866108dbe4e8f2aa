// Live scoring, as the page has it: a worker scores the network on show on all digits, over and over.
//
//   const live = new Live(context);              where the server's own paths are, and these modules
//   live.follow(store);                          at each frame drawn: cheap, tells the worker what changed
//   const drop = live.want("ridges");            have more worked out, until drop() is called:
//                                                "flips" (gained and lost), "pictures" (of the
//                                                first of these), "ridges", "fires"
//   live.bell.on("result", (result) => …);       each time that there is one
//   live.bell.on("status", (status) => …);       each time that it changes
//   live.result                                  the newest (Found of figures.js), null before the first
//   live.current                                 whether it is of the very network on show
//   live.status                                  {state: "off" | "loading" | "ready", …}
//   live.close();                                when the page is left
//
// Gained and lost are counted from the network as the server's last answer has it (`store.base`).
// What a worker finds equals what Python finds of the same weights. A result may be on a sample: then
// `images` is below `of`, and below what the server scored on, and is not to be compared with that.
import { Bell } from "../core/events.js";
import { Changes } from "./changes.js";
import { room } from "./room.js";

/** @typedef {import("../core/types.js").Layer} Layer */
/** @typedef {import("./figures.js").Found} Found */
/** @typedef {import("./room.js").Around} Around */
/** @typedef {"flips" | "pictures" | "ridges" | "fires"} Want */
/**
 * `settled`: it may be of the network that the server has, where that is another than the one on show;
 * `ms`: how long the worker took.
 * @typedef {Found & {stamp: number, settled: boolean, ms: number}} Result
 */

/**
 * `reason` is one of those in words/live.js; `left` in seconds.
 * @typedef {{state: "loading", share: number, left: number | null} | {state: "ready"} | {state: "off", reason: string}} Status
 */

/**
 * What of a store is followed; a Store is one.
 * @typedef {object} Followed
 * @property {Layer[]} layers as they are on show
 * @property {Layer[]} base as the server has them: of each layer another object when it is another
 * @property {{written: ReadonlySet<number>[]}} shown by layer the rows in which these may differ
 * @property {string[]} activations
 * @property {[number, number]} selected
 * @property {{sizes: number[], activations: string[], digits: {count: number, of: number, classes: number, file: string}}} state
 */

/** @typedef {{kind: "open", address: string, bytes: number}} Opening */
/**
 * A state of the network, as what changed since the last; `whole` where there is none before.
 * @typedef {object} Posted
 * @property {"state"} kind
 * @property {number} stamp
 * @property {{sizes: number[], classes: number} | null} whole
 * @property {import("./scorer.js").Change | null} change
 * @property {boolean} settle gained and lost are counted from it
 * @property {[number, number]} selected
 * @property {string[]} wants
 */
/**
 * @typedef {{kind: "loading", share: number, left: number | null}
 *   | {kind: "off", reason: string, text: string}
 *   | {kind: "result", stamp: number, wrong: string, settled: boolean, found: Found | null, ms: number}} Told
 */

const AGAIN_MS = 10_000; // after which digits that could not be had are asked for again

export class Live {
  /** @param {{root: string, hash: string}} context @param {Around} [around] the browser */
  constructor({ root, hash }, around = globalThis) {
    this.folder = `${root}weight-maps/`;
    this.script = `${this.folder}modules/${hash}/linked/live/worker.js`;
    this.around = around;
    /** @type {Bell<{result: [result: Result], status: [status: Status]}>} */
    this.bell = new Bell();
    /** @type {Result | null} */
    this.result = null;
    this.current = false;
    /** @type {Status} */
    this.status = { state: "loading", share: 0, left: null };
    /** @type {Map<Want, number>} */
    this.wanted = new Map();
    this.changes = new Changes();
    /** @type {Worker | null} */
    this.worker = null;
    /** The file of the digits that the worker has, and what was told to it of the network. */
    this.file = "";
    this.sizes = "";
    this.asked = "";
    this.told = false;
    /** The base that gained and lost are counted from. @type {Layer[] | null} */
    this.settled = null;
    this.stamp = 0;
    /** Whether the worker has not answered yet: what comes meanwhile waits, and of that the newest is told. */
    this.busy = false;
    /** Whether it is at work on the base, with another network on show. */
    this.aside = false;
    /** When it failed, and which base there was. @type {{at: number, base: Layer[]} | null} */
    this.failed = null;
    /** @type {Followed | null} */
    this.followed = null;
  }

  /** @param {Want} name @returns {() => void} it is wanted no more */
  want(name) {
    this.wanted.set(name, (this.wanted.get(name) ?? 0) + 1);
    return () => {
      this.wanted.set(name, (this.wanted.get(name) ?? 1) - 1);
    };
  }

  /** @param {Followed} store */
  follow(store) {
    const { state } = store,
      { digits, sizes } = state;
    if (this.followed !== store) this.#drop();
    this.followed = store;
    if (sizes[sizes.length - 1] !== digits.classes) {
      this.#drop();
      this.#say({ state: "off", reason: "unscored" });
      return;
    }
    const { failed } = this;
    // An answer has come since: the server is there.
    if (failed && failed.base !== store.base && performance.now() - failed.at > AGAIN_MS) this.file = "";
    if (digits.file !== this.file) this.#open(digits, sizes);
    if (!this.worker) return;
    const now = `${this.file} ${sizes} ${digits.classes}`;
    if (now !== this.sizes) this.#startOver(now);
    if (!this.busy) this.#post();
  }

  /** The page is left. */
  close() {
    this.#end();
    this.followed = null;
  }

  /** What was found is not of what is followed. */
  #drop() {
    this.result = null;
    this.current = false;
  }

  #end() {
    this.#drop();
    this.worker?.terminate();
    this.worker = null;
    this.busy = false;
    this.sizes = "";
  }

  /** @param {string} now */
  #startOver(now) {
    this.sizes = now;
    this.told = false;
    this.changes.forget();
    this.settled = null;
    this.busy = false;
    this.#drop();
  }

  /** Have other digits. @param {Followed["state"]["digits"]} digits @param {number[]} sizes */
  #open({ file, count, of }, sizes) {
    this.#end();
    this.failed = null;
    this.file = file;
    const { reason, most } = room(this.around, count, sizes);
    if (reason) {
      this.#say({ state: "off", reason });
      return;
    }
    try {
      this.worker = new Worker(this.script, { type: "module" });
    } catch {
      this.#say({ state: "off", reason: "no-worker" });
      return;
    }
    const { worker } = this,
      fewer = most < count,
      images = fewer ? most : count;
    worker.onmessage = ({ data }) => worker === this.worker && this.#hear(data);
    worker.onerror = () => worker === this.worker && this.#fail("crashed");
    const address = `${location.origin}${this.folder}digits/${file}${fewer ? `?most=${most}` : ""}`;
    const bytes = 16 + images * (sizes[0] + 1) + (images < of ? 4 * images : 0);
    this.#say({ state: "loading", share: 0, left: null });
    worker.postMessage({ kind: "open", address, bytes });
  }

  /** @param {string} reason */
  #fail(reason) {
    this.#end();
    if (this.followed) this.failed = { at: performance.now(), base: this.followed.base };
    this.#say({ state: "off", reason });
  }

  /** Tell the worker what is new, if anything is. */
  #post() {
    const { followed: store, worker } = this;
    if (!store || !worker) return;
    const { layers, base, activations, state, selected, shown } = store,
      whole = this.told ? null : { sizes: [...state.sizes], classes: state.digits.classes },
      atRest = layers.every((layer, k) => layer === base[k]) && same(activations, state.activations),
      settle = this.settled !== base;
    // What the server has settled is scored before what was done to it since.
    const aside = settle && !atRest;
    const change = aside
      ? this.changes.take(base, state.activations, base)
      : this.changes.take(layers, activations, base, shown.written);
    const wants = [...this.wanted].filter(([, many]) => many > 0).map(([name]) => name);
    const asked = `${selected} ${wants}`;
    if (!change && !settle && asked === this.asked) {
      this.current = this.result !== null;
      return;
    }
    this.asked = aside ? "" : asked;
    this.aside = aside;
    this.settled = base;
    this.told = true;
    this.busy = true;
    this.current = false;
    worker.postMessage(
      {
        kind: "state",
        stamp: ++this.stamp,
        whole,
        change,
        settle,
        selected: [...selected],
        wants: aside ? [] : wants,
      },
      (change?.layers ?? []).flatMap((rows) => (rows ? [rows.weights.buffer, rows.biases.buffer] : [])),
    );
  }

  /** @param {Told} told */
  #hear(told) {
    if (told.kind === "loading") {
      if (this.status.state !== "ready") this.#say({ state: "loading", share: told.share, left: told.left });
      return;
    }
    if (told.kind === "off") {
      console.error(told.text);
      this.#fail(told.reason);
      return;
    }
    if (told.stamp !== this.stamp) return;
    const { aside } = this;
    this.busy = false;
    // At once, so that it does not wait for what is shown of this one.
    this.#post();
    if (aside) return;
    if (told.found) {
      this.result = { ...told.found, stamp: told.stamp, settled: told.settled, ms: told.ms };
      this.current = !this.busy;
      this.#say({ state: "ready" });
      this.bell.ring("result", this.result);
    } else {
      this.#drop();
      this.#say({ state: "off", reason: told.wrong });
    }
  }

  /** @param {Status} status */
  #say(status) {
    const before = this.status;
    if (before.state === status.state && JSON.stringify(before) === JSON.stringify(status)) return;
    this.status = status;
    this.bell.ring("status", status);
  }
}

/** @param {string[]} one @param {string[]} other */
const same = (one, other) => one.every((name, k) => name === other[k]);
