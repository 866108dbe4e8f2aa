// Letters of one experiment that are not answered yet, of this page and of earlier ones of this
// browser. Each has its writer's name and a number; the server skips what it has seen, so a letter
// may be sent any number of times, by any page. What changes the experiment is also written down in
// the browser, in one breath with its being sent.

/** @typedef {import("./types.js").Edit} Edit */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Notice} Notice */
/** @typedef {import("./types.js").Start} Start */
/** @typedef {import("./drawer.js").Drawer} Drawer */
/** @typedef {import("./drawer.js").Left} Left */

/**
 * @typedef {object} Entry
 * @property {string} client
 * @property {number} seq
 * @property {Item} item
 * @property {boolean} durable
 * @property {string} text as it travels
 */

/** @typedef {{client: string, seq: number, item: Item, notice: Notice}} Refused */

/** Kinds of letters that change the experiment; the others only change what a page shows. */
export const DURABLE = new Set([
  "edit",
  "undo",
  "redo",
  "jump",
  "reset",
  "rename",
  "save-point",
  "restore",
  "lay-again",
  "why",
]);

// A frame's bounds: small enough that the first answers come soon, far below what the server takes.
const MOST_ITEMS = 256;
const MOST_CHARACTERS = 1 << 20;
const MOST_REFUSED = 50;
// Of the five million characters or so that a browser keeps for all of a site.
const MOST_KEPT = 4 << 20;

export class Outbox {
  /**
   * @param {string} experiment
   * @param {string} client this page's name
   * @param {Drawer} drawer
   * @param {() => number} count gives the next number
   */
  constructor(experiment, client, drawer, count) {
    this.experiment = experiment;
    this.client = client;
    this.drawer = drawer;
    this.count = count;
    /** @type {Start | null} */
    this.start = null;
    this.revision = 0;
    /** @type {Entry[]} */
    this.entries = [];
    /** @type {Refused[]} */
    this.refused = [];
    /** @type {Notice | null} */
    this.unsaved = null;
    // Whether all that would be lost with the page is written down.
    this.kept = true;
    // Which letters were sent last, and how often some were since one was answered.
    this.sent = "";
    this.unanswered = 0;
    this.tries = 0;
    this.nextTry = 0;
  }

  get length() {
    return this.entries.length;
  }

  [Symbol.iterator]() {
    return this.entries[Symbol.iterator]();
  }

  get waiting() {
    return this.entries.filter((entry) => entry.durable).length;
  }

  /**
   * @param {Item} item
   * @param {() => void} [send] done before it is written down, which takes as long as all the rest
   * @returns {Entry}
   */
  add(item, send) {
    const supersedes = (/** @type {Entry} */ { client, item: other }) =>
      client === this.client && SUPERSEDED.some((same) => same(other, item));
    this.entries = this.entries.filter((entry) => !supersedes(entry));
    const entry = this.#entry(this.client, this.count(), item);
    this.entries.push(entry);
    send?.();
    if (entry.durable) this.write();
    return entry;
  }

  /**
   * @param {string} client
   * @param {number} seq
   * @param {Item} item
   * @returns {Entry}
   */
  #entry(client, seq, item) {
    return { client, seq, item, durable: DURABLE.has(item.kind), text: JSON.stringify({ ...item, seq }) };
  }

  /** Writes down this page's letters. */
  write() {
    const own = this.entries.filter((entry) => entry.client === this.client && entry.durable);
    if (!own.length) {
      this.drawer.remove(this.experiment, this.client);
      this.kept = true;
      return;
    }
    const text = `{"start":${JSON.stringify(this.start)},"items":[${own.map((entry) => entry.text).join(",")}]}`;
    this.kept = text.length <= MOST_KEPT && this.drawer.write(this.experiment, this.client, text);
  }

  /**
   * Takes up what another page left; what is here already is not taken twice.
   * @param {Left} left
   * @returns {number} of letters
   */
  takeUp({ client, start, items }) {
    const here = new Set(this.entries.filter((entry) => entry.client === client).map((entry) => entry.seq));
    const taken = items
      .filter((item) => !here.has(item.seq))
      .map(({ seq, ...item }) => this.#entry(client, seq, item));
    this.start ??= start;
    const others = [...this.entries, ...taken].filter((entry) => entry.client !== this.client);
    // Each writer's in its order; this page's, which are newer, after them.
    const names = [...new Set(others.map((entry) => entry.client))];
    const sorted = names.flatMap((name) =>
      others.filter((entry) => entry.client === name).sort((a, b) => a.seq - b.seq),
    );
    this.entries = [...sorted, ...this.entries.filter((entry) => entry.client === this.client)];
    return taken.length;
  }

  /**
   * Drops what was answered.
   * @param {Record<string, number>} acks
   * @returns {boolean} whether anything was
   */
  acknowledge(acks) {
    const answered = (/** @type {Entry} */ entry) => entry.seq <= (acks[entry.client] ?? 0);
    const done = this.entries.filter(answered);
    if (!done.length) return false;
    this.entries = this.entries.filter((entry) => !answered(entry));
    this.#struck(done);
    return true;
  }

  /**
   * Takes out a letter that the server will not do.
   * @param {string} client
   * @param {number} seq
   * @param {Notice} notice
   * @returns {Refused | null} null if it is not here any more
   */
  refuse(client, seq, notice) {
    const entry = this.entries.find((each) => each.client === client && each.seq === seq);
    if (!entry) return null;
    this.entries = this.entries.filter((each) => each !== entry);
    const refused = { client, seq, item: entry.item, notice };
    this.refused = [...this.refused, refused].slice(-MOST_REFUSED);
    this.#struck([entry]);
    return refused;
  }

  /** @param {Entry[]} gone */
  #struck(gone) {
    this.tries = 0;
    this.unanswered = 0;
    const durable = gone.filter((entry) => entry.durable);
    if (durable.some((entry) => entry.client === this.client)) this.write();
    for (const client of new Set(durable.map((entry) => entry.client))) {
      if (client === this.client) continue;
      // Struck up to where nothing of that writer waits here: what it wrote since is its own.
      const waits = this.entries.find((entry) => entry.client === client);
      const last = Math.max(...durable.filter((entry) => entry.client === client).map((entry) => entry.seq));
      this.drawer.strike(this.experiment, client, waits ? Math.min(last, waits.seq - 1) : last);
    }
  }

  /**
   * Gives letters about the view new numbers, behind all others: a new connection has a new view,
   * which they are to change whether or not the old one saw them.
   */
  renew() {
    const lasting = this.entries.filter((entry) => entry.durable);
    const passing = this.entries.filter((entry) => !entry.durable);
    this.entries = [
      ...lasting,
      ...passing.map((entry) => this.#entry(this.client, this.count(), entry.item)),
    ];
  }

  /**
   * The frames that carry what waits: each from its writer's oldest letter on, without a gap, since
   * the server takes all below the highest number that it has seen as done.
   * @param {boolean} [lastingOnly]
   * @returns {{heads: string[], span: string}} JSON texts, and which letters they hold
   */
  frames(lastingOnly = false) {
    /** @type {Map<string, string[]>} */
    const texts = new Map();
    let room = MOST_CHARACTERS;
    let count = 0;
    let first = "";
    let last = "";
    for (const { client, seq, text, durable } of this.entries) {
      if (lastingOnly && !durable) continue;
      if (count === MOST_ITEMS || (count && text.length > room)) break;
      const list = texts.get(client);
      if (list) list.push(text);
      else texts.set(client, [text]);
      room -= text.length;
      count++;
      last = `${client} ${seq}`;
      first ||= last;
    }
    const { experiment, start, revision } = this;
    const heads = [...texts].map(([client, items]) => {
      const head = JSON.stringify({ kind: "letters", experiment, start, base: revision, client });
      return `${head.slice(0, -1)},"items":[${items.join(",")}]}`;
    });
    return { heads, span: `${first}, ${last}` };
  }
}

/** @type {((before: Item, after: Item) => boolean)[]} */
const SUPERSEDED = [
  (before, after) => before.kind === "select" && after.kind === "select",
  (before, after) => before.kind === "want" && after.kind === "want",
  (before, after) =>
    before.kind === "digit" &&
    after.kind === "digit" &&
    before.how === after.how &&
    (after.how === "raw" || after.how === "index"),
];

/** Kinds of letters of which the server alone knows what they do. */
const SERVERS = new Set(["jump", "reset", "restore", "lay-again"]);

/**
 * The edits among letters that still stand when undo and redo among them are done too. What lies
 * below them, and what a jump or a reset does, the server alone knows.
 * @param {Iterable<Entry>} entries
 * @param {number} below how many steps the answered experiment can undo
 * @returns {Edit[]}
 */
export function standing(entries, below) {
  /** @type {Edit[]} */
  const laid = [];
  /** @type {(Edit | null)[]} */
  let undone = [];
  let floor = 0;
  for (const { item } of entries) {
    if (item.kind === "edit" && item.edit) {
      laid.push(item.edit);
      undone = [];
    } else if (item.kind === "undo") {
      const last = laid.length > floor ? laid.pop() : undefined;
      if (last) undone.push(last);
      else if (below-- > 0) undone.push(null);
    } else if (item.kind === "redo") {
      const again = undone.pop();
      if (again) laid.push(again);
    } else if (SERVERS.has(item.kind)) {
      floor = laid.length;
      undone = [];
    }
  }
  return laid;
}
