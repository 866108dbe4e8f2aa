// What outlives the page in this browser: letters that are not answered yet, and the experiments it
// knows. Storage may be off, full or cleared: nothing here throws, and who writes is told.

/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Start} Start */
/** @typedef {{experiment: string, client: string, start: Start | null, items: (Item & {seq: number})[]}} Left */

const PREFIX = "weight-map-toolkit.outbox.";
const KNOWN = "weight-map-toolkit.known";
const BROWSER = "weight-map-toolkit.browser";
const MOST_KNOWN = 500;
const ID = /^[0-9a-f]{32}$/;

/**
 * @param {string} experiment
 * @param {string} client
 */
const keyOf = (experiment, client) => `${PREFIX}${experiment}.${client}`;

export class Drawer {
  /** @param {Storage | null} storage */
  constructor(storage) {
    this.storage = storage;
  }

  /**
   * Returns what this browser's pages go by together: the name of the first of them.
   * @param {string} client
   * @returns {string}
   */
  browser(client) {
    try {
      const name = this.storage?.getItem(BROWSER);
      if (!name) this.storage?.setItem(BROWSER, client);
      return name?.slice(0, 32) || client;
    } catch {
      return client;
    }
  }

  /**
   * @param {string} experiment
   * @param {string} client
   * @param {string} text what the outbox holds
   * @returns {boolean} whether it is kept
   */
  write(experiment, client, text) {
    try {
      if (!this.storage) return false;
      this.storage.setItem(keyOf(experiment, client), text);
      return true;
    } catch {
      return false; // full, or forbidden; what was there before stays, and is still true
    }
  }

  /**
   * @param {string} experiment
   * @param {string} client
   */
  remove(experiment, client) {
    try {
      this.storage?.removeItem(keyOf(experiment, client));
    } catch {
      // Then it is sent once more, some day, and skipped.
    }
  }

  /**
   * Takes out of an outbox what was answered.
   * @param {string} experiment
   * @param {string} client
   * @param {number} seq
   */
  strike(experiment, client, seq) {
    const left = this.read(experiment, client);
    if (!left) return;
    const items = left.items.filter((item) => item.seq > seq);
    if (items.length) this.write(experiment, client, JSON.stringify({ start: left.start, items }));
    else this.remove(experiment, client);
  }

  /**
   * @param {string} experiment
   * @param {string} client
   * @returns {Left | null}
   */
  read(experiment, client) {
    try {
      const text = this.storage?.getItem(keyOf(experiment, client));
      if (!text) return null;
      const { start, items } = JSON.parse(text);
      let last = 0;
      const sound = items.every((/** @type {any} */ item) => {
        const rising = Number.isSafeInteger(item.seq) && item.seq > last && typeof item.kind === "string";
        last = item.seq;
        return rising;
      });
      return sound && items.length ? { experiment, client, start: start ?? null, items } : null;
    } catch {
      return null;
    }
  }

  /**
   * Outboxes that other pages of this browser left, or still use.
   * @param {string} client
   * @returns {Left[]}
   */
  others(client) {
    /** @type {Left[]} */
    const found = [];
    try {
      const count = this.storage?.length ?? 0;
      for (let k = 0; k < count; k++) {
        const key = this.storage?.key(k);
        if (!key?.startsWith(PREFIX)) continue;
        const [experiment, owner] = key.slice(PREFIX.length).split(".");
        if (!ID.test(experiment) || !owner || owner.length > 32 || owner === client) continue;
        const left = this.read(experiment, owner);
        if (left) found.push(left);
      }
    } catch {
      // No storage: nothing was left.
    }
    return found;
  }

  /**
   * Ids of experiments that this browser has been at, newest first.
   * @returns {string[]}
   */
  get known() {
    try {
      const ids = JSON.parse(this.storage?.getItem(KNOWN) ?? "[]");
      return Array.isArray(ids) ? ids.filter((id) => typeof id === "string" && ID.test(id)) : [];
    } catch {
      return [];
    }
  }

  /** @param {string} id */
  know(id) {
    const known = this.known;
    if (!ID.test(id) || known[0] === id) return;
    try {
      const ids = [id, ...known.filter((each) => each !== id)].slice(0, MOST_KNOWN);
      this.storage?.setItem(KNOWN, JSON.stringify(ids));
    } catch {
      // Then its card is missing from this browser's list.
    }
  }
}
