// Questions that the server answers once each.

/** @typedef {{head: any, body: Uint8Array}} Reply */

export class Asking {
  /** @param {(head: object) => boolean} send false while there is no connection */
  constructor(send) {
    this.send = send;
    this.count = 0;
    /** @type {Map<number, {resolve: (reply: Reply) => void, reject: (error: Error) => void}>} */
    this.open = new Map();
  }

  /**
   * @param {{what: string, [more: string]: any}} question
   * @returns {Promise<Reply>}
   */
  ask(question) {
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      this.open.set(id, { resolve, reject });
      if (this.send({ ...question, kind: "ask", id })) return;
      this.open.delete(id);
      reject(new Error("not connected"));
    });
  }

  /**
   * @param {any} head
   * @param {Uint8Array} body
   */
  take(head, body) {
    const found = this.open.get(head.id);
    this.open.delete(head.id);
    if (head.error !== undefined) found?.reject(new Error(head.error));
    else found?.resolve({ head, body });
  }

  /** Nothing that is open will be answered any more. */
  fail() {
    for (const { reject } of this.open.values()) reject(new Error("not connected"));
    this.open.clear();
  }
}
