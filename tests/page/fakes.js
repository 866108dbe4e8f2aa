// A browser without a browser: time, storage and a line that a test holds in its hand.
import { decode } from "../../toolkit/dashboard/page/core/frames.js";
import { FakeServer } from "./fakeserver.js";

/** How long it takes until what is shown is on the screen. */
export const FRAME_MS = 16;

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export class Clock {
  now = 0;
  #tasks = new Map();
  #count = 0;

  later(task, wait) {
    this.#tasks.set(++this.#count, { at: this.now + Math.max(0, wait), task });
    return this.#count;
  }

  cancel(timer) {
    this.#tasks.delete(timer);
  }

  /** Lets time pass, and all that is due in it happen, in order. */
  pass(milliseconds) {
    const end = this.now + milliseconds;
    for (;;) {
      let next = null;
      for (const [timer, { at }] of this.#tasks) {
        if (at <= end && (next === null || at < this.#tasks.get(next).at)) next = timer;
      }
      if (next === null) break;
      const { at, task } = this.#tasks.get(next);
      this.#tasks.delete(next);
      this.now = Math.max(this.now, at);
      task();
    }
    this.now = end;
  }
}

/** Like localStorage; may be full. */
export class FakeStorage {
  map = new Map();
  room = Number.POSITIVE_INFINITY;

  get length() {
    return this.map.size;
  }

  key(k) {
    return [...this.map.keys()][k] ?? null;
  }

  getItem(key) {
    return this.map.get(key) ?? null;
  }

  setItem(key, value) {
    let used = value.length;
    for (const [other, text] of this.map) if (other !== key) used += text.length;
    if (used > this.room) throw new Error("QuotaExceededError");
    this.map.set(key, String(value));
  }

  removeItem(key) {
    this.map.delete(key);
  }

  get outboxes() {
    return [...this.map.keys()].filter((key) => key.startsWith("weight-map-toolkit.outbox."));
  }
}

/** Between a page and a server: it may be slow, cut, silent, and may pass frames on twice. */
export class World {
  constructor({ seed = 1, delay = 1 } = {}) {
    this.clock = new Clock();
    this.server = new FakeServer();
    this.random = seeded(seed);
    this.delay = delay;
    this.up = true;
    this.full = false;
    this.silent = false;
    this.twice = 0;
    this.sockets = new Set();
    this.names = 0;
    this.storage = new FakeStorage();
  }

  /** What a page finds around it. Its windows' events are rung by `page.ring`. */
  around(storage = this.storage) {
    const listeners = new Map();
    const around = {
      origin: "ws://test",
      storage,
      now: () => this.clock.now,
      later: (task, wait) => this.clock.later(task, wait),
      cancel: (timer) => this.clock.cancel(timer),
      name: () => `page${++this.names}`,
      visible: () => true,
      painted: (task) => this.clock.later(task, FRAME_MS),
      full: async () => this.full,
      listen(type, task) {
        listeners.set(type, (listeners.get(type) ?? new Set()).add(task));
        return () => listeners.get(type).delete(task);
      },
      connect: (url) => this.#connect(url),
      ring(type, event = {}) {
        for (const task of listeners.get(type) ?? []) task(event);
        return event;
      },
    };
    return around;
  }

  #connect(url) {
    const world = this;
    const socket = {
      url,
      readyState: 0,
      bufferedAmount: 0,
      binaryType: "",
      alive: true,
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      send(frame) {
        if (socket.readyState !== 1) throw new Error("not open");
        const bytes = frame.slice();
        const times = decode(bytes).head.kind === "letters" && world.random() < world.twice ? 2 : 1;
        for (let k = 0; k < times; k++) {
          world.#after(
            socket,
            "up",
            () => socket.alive && world.#whole(socket) && world.server.take(socket.visit, bytes),
          );
        }
      },
      close: () => world.#end(socket, 1000),
    };
    this.sockets.add(socket);
    this.clock.later(() => {
      if (!socket.alive) return;
      if (!this.up) {
        this.#end(socket, 1006);
        return;
      }
      socket.readyState = 1;
      socket.visit = this.server.accept(
        (frame) =>
          this.#after(
            socket,
            "down",
            () => this.#whole(socket) && socket.onmessage?.({ data: frame.slice().buffer }),
          ),
        () => this.#end(socket, 1006),
      );
      socket.onopen?.({});
    }, this.delay);
    return socket;
  }

  /** Frames of one direction keep their order, whatever the delay. */
  #after(socket, way, task) {
    const at = Math.max(this.clock.now + this.delay * (0.5 + this.random()), socket[way] ?? 0);
    socket[way] = at;
    this.clock.later(task, at - this.clock.now);
  }

  /** A line that once swallowed a frame brings none any more: between two there is never a gap. */
  #whole(socket) {
    socket.swallowed ||= this.silent;
    return !socket.swallowed;
  }

  #end(socket, code) {
    if (!socket.alive) return;
    socket.alive = false;
    socket.readyState = 3;
    this.sockets.delete(socket);
    if (socket.visit) this.server.gone(socket.visit);
    this.clock.later(() => socket.onclose?.({ code }), 0);
  }

  /** Ends every connection; frames on their way to the server are lost, those to the page may still come. */
  cut() {
    for (const socket of [...this.sockets]) this.#end(socket, 1006);
  }

  down() {
    this.up = false;
    this.cut();
  }
}
