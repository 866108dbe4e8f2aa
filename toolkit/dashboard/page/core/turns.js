// What the server says is taken in its order. What comes behind a figure that is to be seen at once
// waits until that is on the screen, or another such figure comes: to take a whole answer first would
// have the figure wait for a later frame.
import { decode } from "./frames.js";

/** @typedef {import("./surroundings.js").Surroundings} Surroundings */
/** @typedef {{head: any, body: Uint8Array}} Frame */

/** Kinds of frames that are to be seen at once. */
const SEEN_FIRST = new Set(["scored"]);

export class Turns {
  /**
   * @param {Surroundings} around
   * @param {object} heard
   * @param {(head: any, body: Uint8Array) => void} heard.onFrame
   * @param {() => void} heard.onRubbish what came is no frame
   */
  constructor(around, heard) {
    this.around = around;
    this.heard = heard;
    /** @type {Frame[]} */
    this.waiting = [];
    this.held = 0; // which figure it is that the rest waits for
    this.last = 0;
  }

  /** @param {ArrayBuffer | Uint8Array} raw */
  put(raw) {
    let frame;
    try {
      frame = decode(raw);
    } catch (error) {
      console.error(error);
      this.heard.onRubbish();
      return;
    }
    const first = SEEN_FIRST.has(frame.head.kind);
    if (this.held && !first) {
      this.waiting.push(frame);
      return;
    }
    this.end();
    this.heard.onFrame(frame.head, frame.body);
    if (first) this.#hold();
  }

  #hold() {
    const now = ++this.last;
    this.held = now;
    this.around.painted(() => {
      if (this.held === now) this.end();
    });
  }

  /** Takes all that waits. */
  end() {
    this.held = 0;
    for (let frame = this.waiting.shift(); frame; frame = this.waiting.shift()) {
      this.heard.onFrame(frame.head, frame.body);
    }
  }
}
