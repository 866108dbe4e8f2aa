// The Experiments page: all that one has begun, to go on with, to copy, to take away.
import { calm } from "../calm.js";
import { getPost } from "../core/post.js";
import { goTo } from "../workbench/address.js";
import { element, find } from "../workbench/dom.js";
import { ConnectionLine, Notices } from "../workbench/notices.js";
import { Uploads } from "../workbench/uploads.js";
import { binned, card, ORDERS } from "./cards.js";
import { markup } from "./markup.js";

/**
 * @typedef {import("./cards.js").Entry} Entry
 * @typedef {import("../workbench/bench.js").Context} Context
 */

const MANY = 6; // as many are found without searching

class Experiments {
  /** @param {HTMLElement} root @param {Context} context */
  constructor(root, context) {
    this.root = root;
    this.context = context;
    /** @type {any} */
    this.post = getPost({ root: context.root, modules: context.hash });
    /** @type {any} what the server said last */
    this.head = null;
    this.closed = false;
    this.order = "changed";
    this.cards = find(root, ".cards");
    /** @type {HTMLInputElement} */
    this.search = find(root, ".search");
    /** @type {HTMLSelectElement} */
    this.sort = find(root, ".sort");
    /** @type {HTMLInputElement} */
    this.file = find(root, ".file");
    this.notices = new Notices(find(root, ".notice"), (action) => action.run?.());
    this.line = new ConnectionLine(find(root, ".connection"), this.notices);
    /** @type {(() => void)[]} */
    this.undoers = [];
    /** @type {import("./cards.js").Hands} */
    this.hands = {
      address: (id) => `${context.root}?experiment=${id}`,
      picture: ({ id, revision }) => `${context.root}weight-maps/picture/${id}.png?revision=${revision}`,
      open: (id) => this.open(id),
      rename: (id, name) => this.post.manage("rename", id, name),
      duplicate: (id) => this.post.manage("duplicate", id),
      exported: (id) =>
        element("a", {
          href: `${context.root}weight-maps/download/${id}?what=history`,
          download: "",
        }).click(),
      bin: (entry) => this.bin(entry),
      restore: (id) => this.post.manage("unbin", id),
      destroy: (entry) => {
        this.post.manage("delete", entry.id);
        this.notices.say({ code: "deleted", fields: { name: entry.name } });
      },
    };
    this.uploads = new Uploads(find(root, ".uploading"), {
      address: (kind, name) =>
        `${context.root}weight-maps/upload?${new URLSearchParams({ kind, name, client: this.post.client })}`,
      say: (notice) => this.notices.say(notice),
      done: ({ experiment }) => experiment && this.open(experiment),
    });
    this.wire();
    this.showStatus();
    this.post.list();
  }

  /** @param {EventTarget} target @param {string} type @param {(event: any) => void} handler */
  listen(target, type, handler) {
    target.addEventListener(type, handler);
    this.undoers.push(() => target.removeEventListener(type, handler));
  }

  wire() {
    const { root, post } = this;
    this.undoers.push(
      post.on("experiments", (/** @type {any} */ head) => {
        this.head = head;
        this.show();
      }),
      post.on("notice", (/** @type {any} */ notice) => {
        // What belongs to the workbench is said there; here only what went wrong.
        if (notice.kind === "error") this.notices.say(notice);
      }),
      post.on("status", () => this.showStatus()),
      post.on("back", () => post.list()),
      post.on("reload", () =>
        this.notices.say({
          code: "modules-changed",
          actions: [{ label: "reload", run: () => location.reload() }],
        }),
      ),
    );
    this.listen(document, "visibilitychange", () => document.visibilityState === "visible" && post.list());
    this.sort.append(
      ...Object.entries(ORDERS).map(([value, { label }]) => element("option", { value, textContent: label })),
    );
    this.sort.addEventListener("change", () => {
      this.order = this.sort.value;
      this.show();
    });
    this.search.addEventListener("input", () => this.show());
    find(root, ".new").addEventListener("click", () => this.begin());
    find(root, ".import").addEventListener("click", () => this.file.click());
    this.file.addEventListener("change", () => {
      this.uploads.bring("network", this.file.files);
      this.file.value = "";
    });
    for (const target of [root, window]) {
      this.listen(target, "dragover", (event) => event.preventDefault());
      this.listen(target, "drop", (event) => {
        if (event.defaultPrevented) return;
        event.preventDefault();
        this.uploads.bring("network", event.dataTransfer?.files);
      });
    }
    this.cards.addEventListener("keydown", (event) => this.move(event));
  }

  showStatus() {
    const { state, full, waiting } = this.post.status,
      connected = state === "connected";
    calm(connected ? "here" : "away");
    this.line.show(connected, connected ? 0 : waiting, full);
  }

  /** Arrows go from card to card, as they stand on the screen. @param {KeyboardEvent} event */
  move(event) {
    const cards = /** @type {HTMLElement[]} */ ([...this.cards.children]);
    const at = cards.indexOf(/** @type {HTMLElement} */ (event.target));
    if (at < 0) return;
    const top = cards[0].offsetTop,
      columns = cards.filter((each) => each.offsetTop === top).length;
    /** @type {{[key: string]: number}} */
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    const to =
      event.key === "Home" ? 0 : event.key === "End" ? cards.length - 1 : at + (steps[event.key] ?? 0);
    if (to === at || !cards[to]) return;
    event.preventDefault();
    cards[to].focus();
  }

  /** @param {string} id */
  open(id) {
    goTo(this.hands.address(id), () => !this.closed);
  }

  begin() {
    // A new one, and not the one that the workbench shows.
    goTo(`${this.context.root}?network=blank`, () => !this.closed);
  }

  /** @param {Entry} entry */
  bin(entry) {
    const cards = [...this.cards.children],
      at = cards.findIndex((each) => /** @type {HTMLElement} */ (each).dataset.id === entry.id);
    this.after = at;
    this.post.manage("bin", entry.id);
    const undo = () => this.post.manage("unbin", entry.id);
    this.notices.say({
      code: "binned",
      fields: { name: entry.name },
      actions: [{ label: "undo", run: undo }],
    });
  }

  show() {
    const { head, root } = this;
    const tree = /** @type {ShadowRoot} */ (root.getRootNode()),
      active = tree.activeElement;
    // A name that is being written is not taken away.
    if (active?.classList.contains("rename")) return;
    const focused = /** @type {HTMLElement|null} */ (active?.closest(".card"))?.dataset.id;
    const wanted = this.search.value.trim().toLowerCase();
    const entries = /** @type {Entry[]} */ (head.entries),
      many = entries.length > MANY;
    this.search.hidden = this.sort.hidden = !many;
    const shown = entries
      .filter(({ name, origin }) => !many || `${name} ${origin}`.toLowerCase().includes(wanted))
      .sort(ORDERS[this.order].order);
    this.cards.replaceChildren(...shown.map((entry) => card(entry, this.hands)));
    find(root, ".empty").hidden = entries.length > 0;
    find(root, ".none").hidden = !entries.length || shown.length > 0;
    this.showBin(head.bin);
    find(root, ".where").textContent = head.all
      ? `Kept on this machine${head.location ? `, in ${head.location}` : ""}.`
      : "These are the experiments that this browser has been at. Keep an experiment’s address to come back to it from elsewhere.";
    const cards = /** @type {HTMLElement[]} */ ([...this.cards.children]);
    const next =
      cards.find((each) => each.dataset.id === focused) ??
      (this.after === undefined ? undefined : cards[Math.min(this.after, cards.length - 1)]);
    if (focused || this.after !== undefined) next?.focus();
    this.after = undefined;
  }

  /** @param {Entry[]} entries */
  showBin(entries) {
    const bin = find(this.root, ".bin");
    bin.hidden = !entries.length;
    find(bin, "summary").textContent = `Bin (${entries.length})`;
    find(bin, "ul").replaceChildren(...entries.map((entry) => binned(entry, this.hands)));
  }

  close() {
    this.closed = true;
    this.line.close();
    for (const undo of this.undoers) undo();
    calm(null);
  }
}

/**
 * Draw the page, once, and return what takes it away.
 * @param {ShadowRoot|HTMLElement} parent @param {Context} context
 */
export function mount(parent, context) {
  /** @type {any} */
  let root = parent.querySelector(".experiments");
  if (!root) {
    const box = document.createElement("template");
    box.innerHTML = markup;
    parent.append(box.content);
    root = parent.querySelector(".experiments");
  }
  root.experiments ??= new Experiments(root, context);
  return () => {
    root.experiments?.close();
    delete root.experiments;
    root.remove();
  };
}
