// What connects this browser page with the server. There is one for as long as the page is loaded,
// whatever is mounted in it: letters go out, and are sent again, until they are answered.
import { Asking } from "./asking.js";
import { Drawer } from "./drawer.js";
import { Bell } from "./events.js";
import { BlockCache, encode } from "./frames.js";
import { Line } from "./line.js";
import { Mail } from "./mail.js";
import { DURABLE } from "./outbox.js";
import { Store } from "./store.js";
import { browser } from "./surroundings.js";
import { Turns } from "./turns.js";

/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Notice} Notice */
/** @typedef {import("./types.js").Refusal} Refusal */
/** @typedef {import("./types.js").Start} Start */
/** @typedef {import("./drawer.js").Left} Left */
/** @typedef {import("./outbox.js").Outbox} Outbox */
/** @typedef {import("./outbox.js").Refused} Refused */
/** @typedef {import("./surroundings.js").Surroundings} Surroundings */

/** @typedef {{neuron?: string, digit?: number, palette?: string, gamma?: number, digits?: string, wants?: string[]}} AskedView */
/** @typedef {{experiment: string | null, start?: Start | null, view?: AskedView}} Asked */

/**
 * @typedef {object} Status
 * @property {"connecting" | "connected" | "away"} state
 * @property {boolean} full whether it is away because the server has no room
 * @property {number} since milliseconds
 * @property {number} waiting letters that change something and are not answered
 * @property {boolean} kept whether they would outlive the page
 * @property {number} tries sent how often without an answer
 * @property {Notice | null} unsaved why they cannot be saved
 */

/**
 * @typedef {{
 *   store: [store: Store, before: Store | null],
 *   answer: [store: Store],
 *   notice: [notice: Notice, experiment: string | null],
 *   refused: [refused: Refused & {experiment: string}],
 *   status: [status: Status],
 *   back: [{seconds: number, waiting: number}],
 *   takenup: [{experiment: string, count: number}],
 *   "draft-ends": [{experiment: string}],
 *   go: [{experiment: string, notice: Notice | null}],
 *   scored: [head: any],
 *   experiments: [head: any],
 *   history: [head: any],
 *   reload: [],
 * }} Events
 */

const AGAIN_MS = 1000;

/**
 * The page's one Post. That of other modules than these, of before an upgrade, hands over to it.
 * @param {{root: string, modules: string}} given
 * @returns {Post}
 */
export function getPost({ root, modules }) {
  const page = /** @type {{weightMapPost?: Post}} */ (globalThis);
  const living = page.weightMapPost;
  if (living && living.modules === modules && living.root === root) return living;
  const left = living?.retire() ?? [];
  page.weightMapPost = new Post({ root, modules, left });
  page.weightMapPost.connect();
  return page.weightMapPost;
}

export class Post {
  /**
   * @param {object} given
   * @param {string} given.root where the server's addresses begin
   * @param {string} given.modules hash of the page's modules
   * @param {Left[]} [given.left] letters of a Post before this one
   * @param {Surroundings} [given.around]
   */
  constructor({ root, modules, left = [], around = browser() }) {
    this.root = root;
    this.modules = modules;
    this.around = around;
    this.client = around.name().slice(0, 32);
    this.drawer = new Drawer(around.storage);
    /** @type {Store | null} */
    this.store = null;
    /** @type {Bell<Events>} */
    this.bell = new Bell(["notice", "refused", "takenup", "back", "reload", "go"]);
    this.blocks = new BlockCache();
    /** @type {Asked | null} */
    this.asked = null;
    // Where the server has this connection: unknown until its first answer.
    this.attached = "";
    /** @type {Set<string | number>} */
    this.heard = new Set();
    /** @type {object[]} */
    this.requests = [];
    /** @type {string[]} what the page wants beside the rest */
    this.wants = [];
    this.asking = new Asking((head) => this.line.send(encode(head)));
    this.againAt = Number.NEGATIVE_INFINITY;
    this.state = /** @type {Status["state"]} */ ("connecting");
    this.full = false;
    this.since = around.now();
    this.saidStatus = "";
    this.turns = new Turns(around, {
      onFrame: (head, body) => this.#take(head, body),
      onRubbish: () => this.#askAgain(),
    });
    this.line = new Line(`${around.origin}${root}weight-maps/socket`, around, {
      onOpen: () => this.#opened(),
      onAway: () => this.#went(),
      onFrame: (frame) => this.turns.put(frame),
      ping: () => encode({ kind: "ping" }),
    });
    const { client, drawer, line } = this;
    this.mail = new Mail({ client, drawer, around, line, onTry: () => this.#say() });
    this.unlisten = [
      around.listen("beforeunload", (event) => this.#warn(event)),
      around.listen("pagehide", () => this.mail.sendAll()),
    ];
    this.#takeUp([...left, ...this.drawer.others(this.client)]);
  }

  connect() {
    this.line.connect();
  }

  /**
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {(...given: Events[Name]) => void} task
   * @returns {() => void} stops it
   */
  on(name, task) {
    return this.bell.on(name, task);
  }

  get known() {
    return this.drawer.known;
  }

  /** @returns {Status} */
  get status() {
    return { state: this.state, full: this.full, since: this.since, ...this.mail.state };
  }

  // ---- what the page asks for -----------------------------------------------------------------

  /**
   * Looks at an experiment; `store` stays the one before until it is there.
   * @param {Asked} asked
   */
  visit(asked) {
    this.asked = asked;
    const left = this.drawer.others(this.client);
    this.#takeUp(left.filter(({ experiment }) => experiment === asked.experiment));
    if (this.line.open) this.#sendVisit();
  }

  /**
   * A letter for the experiment that is shown.
   * @param {Item} item
   */
  tell(item) {
    this.store?.tell(item);
  }

  /**
   * Letters for an experiment, shown or not.
   * @param {string} experiment
   * @param {Item[]} items
   */
  letters(experiment, items) {
    for (const item of items) this.#post(this.mail.outbox(experiment), item);
  }

  /**
   * @param {Outbox} outbox
   * @param {Item} item
   */
  #post(outbox, item) {
    if (DURABLE.has(item.kind)) this.#draftEnds(outbox.experiment);
    this.mail.post(outbox, item);
    this.#say();
  }

  /** @param {string} experiment */
  #draftEnds(experiment) {
    const { store } = this;
    this.drawer.know(experiment);
    if (store?.experiment !== experiment || !store.state.draft) return;
    store.state.draft = false;
    this.bell.ring("draft-ends", { experiment });
  }

  /** @param {Left[]} lefts */
  #takeUp(lefts) {
    for (const taken of this.mail.takeUp(lefts)) this.bell.ring("takenup", taken);
  }

  list() {
    this.#request({ kind: "list" });
  }

  /**
   * @param {"rename" | "duplicate" | "bin" | "unbin" | "delete"} what
   * @param {string} experiment
   * @param {string} [name]
   */
  manage(what, experiment, name) {
    this.#request({ kind: "manage", what, experiment, ...(name === undefined ? {} : { name }) });
  }

  /**
   * @param {string} experiment
   * @param {number} [first] of the steps wanted; the last ones without
   */
  history(experiment, first) {
    this.#request({ kind: "history", experiment, ...(first === undefined ? {} : { first }) });
  }

  /**
   * Asks something about the experiment shown; fails if there is no answer, or the line breaks.
   * @param {{what: string, [more: string]: any}} question
   * @returns {Promise<import("./asking.js").Reply>}
   */
  ask(question) {
    return this.asking.ask({ experiment: this.store?.experiment ?? null, ...question });
  }

  /** @param {object} head */
  #request(head) {
    const text = JSON.stringify(head);
    if (this.line.send(encode(text))) return;
    if (this.requests.every((each) => JSON.stringify(each) !== text)) this.requests.push(head);
  }

  /**
   * Ends its work for another Post to go on with; returns what is not answered.
   * @returns {Left[]}
   */
  retire() {
    this.mail.sendAll();
    this.close();
    return this.mail.left;
  }

  close() {
    this.mail.pause();
    this.line.close();
    this.turns.end();
    for (const stop of this.unlisten) stop();
  }

  /** @param {any} event */
  #warn(event) {
    const { waiting, kept } = this.status;
    if (!waiting || kept) return;
    event.preventDefault();
    event.returnValue = "";
  }

  // ---- the line -------------------------------------------------------------------------------

  #opened() {
    this.blocks.clear();
    this.attached = "";
    const { client, modules, known } = this;
    this.line.send(encode({ kind: "hello", client, modules, known, browser: this.drawer.browser(client) }));
    this.mail.begin();
    this.#sendVisit();
    for (const head of this.requests.splice(0)) this.line.send(encode(head));
    const before = this.status;
    this.#be("connected");
    if (before.state === "away") {
      this.bell.ring("back", { seconds: (this.since - before.since) / 1000, waiting: before.waiting });
    }
    this.mail.resume();
  }

  #went() {
    this.turns.end();
    this.asking.fail();
    this.mail.pause();
    if (this.state === "connected" || this.state === "connecting") this.#be("away");
    this.#askForRoom();
  }

  async #askForRoom() {
    const full = await this.around.full(`${this.root}weight-maps/room`).catch(() => false);
    this.full = full && this.state === "away";
    this.#say();
  }

  /** @param {Status["state"]} state */
  #be(state) {
    this.state = state;
    this.full = false;
    this.since = this.around.now();
    this.#say();
  }

  #say() {
    const { status } = this;
    const text = JSON.stringify(status);
    if (text === this.saidStatus) return;
    this.saidStatus = text;
    this.bell.ring("status", status);
  }

  #sendVisit() {
    const { asked, store } = this;
    if (asked) {
      const { experiment, view = {} } = asked;
      const start = asked.start ?? (experiment ? this.mail.outboxes.get(experiment)?.start : null) ?? null;
      const all = { ...view, wants: this.wants };
      this.line.send(encode({ kind: "visit", experiment, start, view: all }));
    } else if (store) {
      const { state, selected } = store;
      const { index } = state.digit;
      /** @type {AskedView} */
      const view = {
        neuron: selected.join("."),
        palette: state.palette,
        gamma: state.gamma,
        digits: state.digits.source,
        wants: this.wants,
      };
      if (index !== null) view.digit = index;
      this.line.send(encode({ kind: "visit", experiment: store.experiment, start: state.start, view }));
      // A digit that is from no set is known to the page alone.
      if (index === null) this.#tellDigit(store);
    }
  }

  /** @param {Store} store */
  #tellDigit(store) {
    if (store.outbox.entries.some(({ item }) => item.kind === "digit")) return;
    let bytes = "";
    for (const level of store.digit) bytes += String.fromCharCode(Math.round(255 * level));
    store.outbox.add({ kind: "digit", how: "raw", pixels: btoa(bytes) });
  }

  // ---- what arrives ---------------------------------------------------------------------------

  /**
   * @param {any} head
   * @param {Uint8Array} body
   */
  #take(head, body) {
    if (head.kind === "answer") this.#takeAnswer(head, body);
    else if (head.kind === "acked") this.#takeAcked(head);
    else if (head.kind === "notice") this.bell.ring("notice", head.notice, null);
    else if (head.kind === "go")
      this.bell.ring("go", { experiment: head.experiment, notice: head.notice ?? null });
    else if (head.kind === "experiments") this.bell.ring("experiments", head);
    else if (head.kind === "scored") this.bell.ring("scored", head);
    else if (head.kind === "history") this.bell.ring("history", head);
    else if (head.kind === "reply") this.asking.take(head, body);
    else if (head.kind === "reload") this.bell.ring("reload");
    this.#say();
  }

  /**
   * @param {any} head
   * @param {Uint8Array} body
   */
  #takeAnswer(head, body) {
    const { experiment } = head;
    const outbox = this.mail.outbox(experiment);
    outbox.start = head.start ?? outbox.start;
    outbox.revision = head.revision;
    const blocks = this.blocks.take(head.blocks, body);
    // Both said once: heard even if the rest has to be asked for again.
    const refused = this.#refused(outbox, head.refused);
    if (head.notice && !this.heard.has(head.notice.id)) {
      this.heard.add(head.notice.id);
      this.bell.ring("notice", head.notice, experiment);
    }
    if (!blocks) {
      this.#askAgain();
      return;
    }
    const progress = this.mail.answered(outbox, head) || refused;
    const before = this.store;
    const shown = before && before.experiment === experiment ? before : this.#newStore(experiment, outbox);
    if (!shown.load(head, blocks)) {
      this.blocks.clear();
      this.#askAgain();
      return;
    }
    this.againAt = Number.NEGATIVE_INFINITY;
    if (!head.draft) this.drawer.know(experiment);
    const { asked } = this;
    if (asked && (asked.experiment === experiment || this.attached !== experiment)) this.asked = null;
    this.attached = experiment;
    if (shown !== before) {
      // Under the hand at that moment: it is of the experiment before, and kept there.
      before?.endStroke();
      before?.endBias();
      this.store = shown;
      this.bell.ring("store", shown, before);
    }
    this.bell.ring("answer", shown);
    if (progress) this.mail.flush(outbox);
    this.mail.forget(this.store?.experiment);
  }

  /**
   * @param {string} experiment
   * @param {Outbox} outbox
   */
  #newStore(experiment, outbox) {
    return new Store(experiment, outbox, (item) => this.#post(outbox, item));
  }

  /** @param {any} head */
  #takeAcked(head) {
    const outbox = this.mail.outbox(head.experiment);
    const refused = this.#refused(outbox, head.refused);
    // Of the experiment shown, the answer that holds what was done is on its way, with the same
    // acknowledgement: until then it stays in the picture as something that waits.
    const coming = this.store?.outbox === outbox && this.attached !== head.experiment && !head.unsaved;
    const told = coming ? { ...head, acks: {} } : head;
    if (this.mail.answered(outbox, told) || refused) this.mail.flush(outbox);
    this.mail.forget(this.store?.experiment);
  }

  /**
   * Says which letters were refused; returns whether any was that waited here.
   * @param {Outbox} outbox
   * @param {Refusal[]} refusals
   */
  #refused(outbox, refusals) {
    const refused = this.mail.refused(outbox, refusals);
    for (const each of refused) this.bell.ring("refused", { experiment: outbox.experiment, ...each });
    if (this.store?.outbox === outbox && refused.some(({ item }) => item.kind === "edit"))
      this.store.rebuild();
    return refused.length > 0;
  }

  #askAgain() {
    const now = this.around.now();
    if (now - this.againAt < AGAIN_MS) return;
    this.againAt = now;
    this.line.send(encode({ kind: "again" }));
  }
}
