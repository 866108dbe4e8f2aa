// What the server worked out because this page wants it, read once each.

/** @typedef {import("./frames.js").Block} Block */

export class Extras {
  /** @type {Map<string, {hash: string, value: any}>} */
  #known = new Map();

  /**
   * @param {string} name
   * @param {Block | undefined} block its JSON text
   * @returns {any} null until it is there
   */
  read(name, block) {
    if (!block) return null;
    const known = this.#known.get(name);
    if (known?.hash === block.hash) return known.value;
    const value = JSON.parse(new TextDecoder().decode(block.bytes));
    this.#known.set(name, { hash: block.hash, value });
    return value;
  }
}
