// The line to the server: a socket that is opened again whenever it is lost, and watched, since a
// line may be dead without a word.

/** @typedef {import("./surroundings.js").Surroundings} Surroundings */
/** @typedef {import("./surroundings.js").Socket} Socket */

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5000;
const PING_MS = 10_000;
const PATIENCE_MS = 12_000;
const SHORT_PATIENCE_MS = 4000;
const TRY_LATER = 1013;
const OPEN = 1;

export class Line {
  /**
   * @param {string} url
   * @param {Surroundings} around
   * @param {object} heard
   * @param {() => void} heard.onOpen
   * @param {() => void} heard.onAway a line was lost, or could not be opened
   * @param {(frame: ArrayBuffer | Uint8Array) => void} heard.onFrame
   * @param {() => Uint8Array<ArrayBuffer>} heard.ping a frame that the server answers
   */
  constructor(url, around, heard) {
    this.url = url;
    this.around = around;
    this.heard = heard;
    /** @type {Socket | null} */
    this.socket = null;
    this.wait = FIRST_WAIT_MS;
    this.timer = null;
    this.patience = null;
    this.until = 0;
    this.closed = false;
    this.unlisten = [
      around.listen("online", () => this.check()),
      around.listen("pageshow", () => this.check()),
      around.listen("visibilitychange", () => around.visible() && this.check()),
    ];
  }

  get open() {
    return this.socket?.readyState === OPEN;
  }

  get buffered() {
    return this.socket?.bufferedAmount ?? 0;
  }

  connect() {
    if (this.socket || this.closed) return;
    this.#stopTimers();
    /** @type {Socket} */
    let socket;
    try {
      socket = this.around.connect(this.url);
    } catch {
      this.#lost(0);
      return;
    }
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    // A socket given up for lost may still speak: it is not listened to any more.
    const current = () => this.socket === socket;
    socket.onopen = () => {
      if (!current()) return;
      this.#stopTimers();
      this.heard.onOpen();
      this.#ping(PATIENCE_MS);
    };
    socket.onmessage = ({ data }) => {
      if (!current()) return;
      this.wait = FIRST_WAIT_MS;
      this.around.cancel(this.patience);
      this.patience = null;
      if (typeof data !== "string") this.heard.onFrame(data);
    };
    socket.onclose = ({ code }) => {
      if (current()) this.#lost(code);
    };
    socket.onerror = () => {};
    this.#expect(PATIENCE_MS);
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} frame
   * @returns {boolean} whether it was given to the socket
   */
  send(frame) {
    if (!this.open) return false;
    try {
      this.socket?.send(frame);
      return true;
    } catch {
      return false;
    }
  }

  /** Gives the socket up; another is opened. */
  cut() {
    const { socket } = this;
    if (!socket) return;
    this.#lost(0);
    try {
      socket.close();
    } catch {
      // It is of no use anyway.
    }
  }

  /** Something speaks for the line being back, or lost: see at once. */
  check() {
    if (this.closed) return;
    if (!this.socket) {
      this.wait = FIRST_WAIT_MS;
      this.connect();
    } else if (this.open) this.#ping(SHORT_PATIENCE_MS);
  }

  close() {
    this.closed = true;
    this.#stopTimers();
    for (const stop of this.unlisten) stop();
    const { socket } = this;
    this.socket = null;
    try {
      socket?.close();
    } catch {
      // Gone already.
    }
  }

  /** @param {number} patience */
  #ping(patience) {
    this.around.cancel(this.timer);
    this.send(this.heard.ping());
    this.#expect(patience);
    this.timer = this.around.later(() => this.#ping(PATIENCE_MS), PING_MS);
  }

  /**
   * Gives the line up unless something is heard in time. Who waits already waits no longer for it.
   * @param {number} patience
   */
  #expect(patience) {
    const until = this.around.now() + patience;
    if (this.patience !== null && this.until <= until) return;
    this.around.cancel(this.patience);
    this.until = until;
    this.patience = this.around.later(() => this.cut(), patience);
  }

  /** @param {number} code */
  #lost(code) {
    this.socket = null;
    this.#stopTimers();
    if (code === TRY_LATER) this.wait = Math.max(this.wait, 1000);
    this.timer = this.around.later(() => this.connect(), this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT_MS);
    this.heard.onAway();
  }

  #stopTimers() {
    this.around.cancel(this.timer);
    this.around.cancel(this.patience);
    this.timer = this.patience = null;
  }
}
