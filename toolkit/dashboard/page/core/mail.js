// The letters of all experiments: sent when they are written, and again until they are answered.
import { encode } from "./frames.js";
import { Outbox } from "./outbox.js";

/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Notice} Notice */
/** @typedef {import("./types.js").Refusal} Refusal */
/** @typedef {import("./drawer.js").Drawer} Drawer */
/** @typedef {import("./drawer.js").Left} Left */
/** @typedef {import("./line.js").Line} Line */
/** @typedef {import("./outbox.js").Refused} Refused */
/** @typedef {import("./surroundings.js").Surroundings} Surroundings */

const RETRY_MS = [400, 800, 1600, 3000];
const UNSAVED_RETRY_MS = [2000, 4000, 8000];
// Frames on their way at once; what is done meanwhile goes with the next answer or try.
const MOST_UNANSWERED = 6;
const MOST_BUFFERED = 1 << 20;

export class Mail {
  /**
   * @param {object} given
   * @param {string} given.client this page's name
   * @param {Drawer} given.drawer
   * @param {Surroundings} given.around
   * @param {Pick<Line, "open" | "buffered" | "send">} given.line
   * @param {() => void} given.onTry called when letters were sent again
   */
  constructor({ client, drawer, around, line, onTry }) {
    this.client = client;
    this.drawer = drawer;
    this.around = around;
    this.line = line;
    this.onTry = onTry;
    /** @type {Map<string, Outbox>} */
    this.outboxes = new Map();
    this.seq = 0;
    this.timer = null;
  }

  /** How many letters wait, and how they fare. */
  get state() {
    const outboxes = [...this.outboxes.values()];
    return {
      waiting: outboxes.reduce((sum, outbox) => sum + outbox.waiting, 0),
      kept: outboxes.every((outbox) => outbox.kept),
      tries: Math.max(0, ...outboxes.map((outbox) => outbox.tries)),
      unsaved: outboxes.find((outbox) => outbox.unsaved)?.unsaved ?? null,
    };
  }

  /**
   * @param {string} experiment
   * @returns {Outbox}
   */
  outbox(experiment) {
    const found = this.outboxes.get(experiment);
    if (found) return found;
    const made = new Outbox(experiment, this.client, this.drawer, () => ++this.seq);
    this.outboxes.set(experiment, made);
    return made;
  }

  /**
   * Takes up what other pages left; returns how many letters, by experiment.
   * @param {Left[]} lefts
   * @returns {{experiment: string, count: number}[]}
   */
  takeUp(lefts) {
    const taken = lefts.map((left) => {
      const outbox = this.outbox(left.experiment);
      const count = outbox.takeUp(left);
      if (count) this.flush(outbox);
      return { experiment: left.experiment, count };
    });
    return taken.filter(({ count }) => count);
  }

  /**
   * @param {Outbox} outbox
   * @param {Item} item
   */
  post(outbox, item) {
    // That of an experiment left behind may have been let go.
    this.outboxes.set(outbox.experiment, outbox);
    outbox.add(item, () => this.flush(outbox));
  }

  /**
   * Sends what waits, unless that is on its way already.
   * @param {Outbox} outbox
   * @param {boolean} [anew] send it again, though no answer to the last time has come
   */
  flush(outbox, anew = false) {
    if (!outbox.length) return;
    if (this.line.open && this.line.buffered < MOST_BUFFERED) {
      const { heads, span } = outbox.frames();
      if (anew || (outbox.unanswered < MOST_UNANSWERED && outbox.sent !== span)) {
        this.#send(heads);
        outbox.sent = span;
        outbox.unanswered++;
      }
    }
    if (!outbox.nextTry) this.#schedule(outbox);
    this.#setTimer();
  }

  /** @param {string[]} heads */
  #send(heads) {
    for (const head of heads) this.line.send(encode(head));
  }

  /** @param {Outbox} outbox */
  #schedule(outbox) {
    const waits = outbox.unsaved ? UNSAVED_RETRY_MS : RETRY_MS;
    outbox.nextTry = this.around.now() + waits[Math.min(outbox.tries, waits.length - 1)];
  }

  #setTimer() {
    this.pause();
    const waiting = [...this.outboxes.values()].filter((outbox) => outbox.length);
    if (!waiting.length || !this.line.open) return;
    const next = Math.min(...waiting.map((outbox) => outbox.nextTry));
    this.timer = this.around.later(() => this.#retry(), Math.max(0, next - this.around.now()));
  }

  #retry() {
    const now = this.around.now();
    for (const outbox of this.outboxes.values()) {
      if (!outbox.length || outbox.nextTry > now) continue;
      outbox.nextTry = 0;
      outbox.tries++;
      this.flush(outbox, true);
    }
    this.#setTimer();
    this.onTry();
  }

  /** A last try: the page may be gone in a moment. */
  sendAll() {
    for (const outbox of this.outboxes.values()) this.#send(outbox.frames().heads);
  }

  /**
   * On a new line, before the visit: what was done, so that the visit's answer holds it already.
   * What concerns the view waits until `resume`: it is the new view that it is to change.
   */
  begin() {
    for (const outbox of this.outboxes.values()) {
      outbox.renew();
      outbox.unanswered = outbox.nextTry = outbox.tries = 0;
      outbox.sent = "";
      this.#send(outbox.frames(true).heads);
    }
  }

  /** On a new line, after the visit. */
  resume() {
    for (const outbox of this.outboxes.values()) {
      this.flush(
        outbox,
        outbox.entries.some((entry) => !entry.durable),
      );
    }
  }

  /** Tries nothing until the next flush. */
  pause() {
    this.around.cancel(this.timer);
    this.timer = null;
  }

  /**
   * Drops what an answer names; returns whether anything was.
   * @param {Outbox} outbox
   * @param {{acks?: Record<string, number>, unsaved?: Notice | null}} head
   */
  answered(outbox, { acks = {}, unsaved = null }) {
    const progress = outbox.acknowledge(acks);
    const news = unsaved !== null && unsaved.id !== outbox.unsaved?.id;
    outbox.unsaved = outbox.waiting ? unsaved : null;
    if (progress || !outbox.length) outbox.nextTry = 0;
    else if (outbox.unsaved && news) {
      outbox.unanswered = 0;
      this.#schedule(outbox);
      this.#setTimer();
    }
    return progress;
  }

  /**
   * Takes out what the server refused; returns those that waited here.
   * @param {Outbox} outbox
   * @param {Refusal[]} refusals
   * @returns {Refused[]}
   */
  refused(outbox, refusals = []) {
    return refusals.flatMap(({ client, seq, notice }) => outbox.refuse(client, seq, notice) ?? []);
  }

  /**
   * Lets empty outboxes go, but for that of one experiment.
   * @param {string | undefined} shown
   */
  forget(shown) {
    for (const [experiment, outbox] of this.outboxes) {
      if (!outbox.length && experiment !== shown) this.outboxes.delete(experiment);
    }
  }

  /**
   * What is not answered, for another page to go on with.
   * @returns {Left[]}
   */
  get left() {
    /** @type {Map<string, Left>} */
    const left = new Map();
    for (const [experiment, { start, entries }] of this.outboxes) {
      for (const { client, seq, item, durable } of entries) {
        if (!durable) continue;
        const key = `${experiment} ${client}`;
        const its = left.get(key) ?? { experiment, client, start, items: [] };
        left.set(key, its);
        its.items.push({ ...item, seq });
      }
    }
    return [...left.values()];
  }
}
