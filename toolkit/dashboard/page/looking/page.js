// What the pages that look into a network have in common: which experiment and neuron it is, the
// pages' links to each other, how the connection is, and how far the analysis is.
import { calm } from "../calm.js";
import { Bell } from "../core/events.js";
import { getPost } from "../core/post.js";
import { PAGES, LOOKING_WORDS as words } from "../words/looking.js";
import * as address from "../workbench/address.js";
import { element, find, setText } from "../workbench/dom.js";
import { makeLook } from "../workbench/draw.js";
import { ConnectionLine, Notices } from "../workbench/notices.js";
import { Wants } from "../workbench/wants.js";

/** @typedef {import("../workbench/bench.js").Context} Context */
/** @typedef {import("../core/post.js").Asked} Asked */
/**
 * What the server says of the analysis of the network: how far it is, and what was found last.
 * `fresh` says whether that is of the network as it is.
 * @typedef {{state: "waiting"|"working"|"done"|"failed", done: number, left: number|null, fresh: boolean, error?: string, neurons?: any[], network?: any, details?: any[], needed?: number}} Analysis
 */

/** @typedef {{neuron?: string, digit?: number, why?: string}} Other */

const WRITE_MS = 200; // browsers take only so many changes of the address a minute
const BUSY_TAGS = new Set(["INPUT", "SELECT", "TEXTAREA", "SUMMARY", "svg", "CANVAS"]);

const markup = `
<div class="looking waiting">
  <header class="head">
    <button class="back"></button>
    <nav class="pages"></nav>
    <span class="pick" hidden>
      <button class="previous">◂</button><select class="which"></select><button class="next">▸</button>
    </span>
    <span class="spring"></span>
    <span class="facts"></span>
    <span class="connection" role="status" hidden></span>
  </header>
  <div class="analysis" role="status" hidden><span></span><progress max="1" hidden></progress></div>
  <main class="content"></main>
  <div class="notices"><div class="notice" role="alert" hidden></div></div>
</div>`;

export class Looking {
  /**
   * @param {HTMLElement} root the page's outermost element
   * @param {Context} context
   * @param {object} given
   * @param {string} given.page its path, a key of PAGES
   * @param {boolean} [given.picks] whether one neuron is looked at, and another can be picked
   * @param {string[]} [given.wants] extras, beside the analysis
   * @param {boolean} [given.analyses] whether the analysis of the whole network is wanted
   */
  constructor(root, context, { page, picks = false, wants = [], analyses = true }) {
    this.root = root;
    this.context = context;
    this.page = page;
    this.picks = picks;
    this.closed = false;
    this.arriving = false;
    /** @type {import("../core/post.js").Post} */
    this.post = getPost({ root: context.root, modules: context.hash });
    this.content = find(root, ".content");
    /** @type {Bell<{answer: [], select: [], store: [], digit: [], analysis: [analysis: Analysis|null], close: []}>} */
    this.bell = new Bell();
    /** @type {(() => void)[]} */
    this.undoers = [];
    /** @type {Map<string, number>} of questions, by their slot: which is the last one asked */
    this.slots = new Map();
    this.palette = "";
    this.look = makeLook(new Uint8Array(3 * 511), {});
    this.told = "";
    this.shape = "";
    this.analysisText = "";
    /** @type {any} */
    this.timer = 0;
    this.notices = new Notices(find(root, ".notice"), (action) => {
      if (action.run) action.run();
      else if (action.visit) this.post.visit({ experiment: action.visit });
      else if (action.label === "reload") location.reload();
    });
    this.line = new ConnectionLine(find(root, ".connection"), this.notices);
    this.wants = new Wants(/** @type {any} */ (this));
    this.#wire();
    this.#hear();
    this.#arrive();
    for (const name of analyses ? ["analysis", "report", ...wants] : wants) this.wants.add(name);
  }

  /** @returns {import("../core/store.js").Store|null} the experiment shown; null until the first answer */
  get store() {
    return this.post.store;
  }

  /** @returns {import("../core/store.js").Store} the experiment shown, where there is one */
  get shown() {
    return /** @type {import("../core/store.js").Store} */ (this.post.store);
  }

  /** @returns {Analysis|null} */
  get analysis() {
    const { store } = this,
      news = store?.extra("analysis");
    if (!news || (news.error !== undefined && news.state === undefined)) return null;
    return { ...news, ...store?.extra("report") };
  }

  /** The neuron looked at: layer and index. @returns {[number, number]} */
  get neuron() {
    return this.shown.selected;
  }

  /** What files are named after. */
  get fileOf() {
    return [this.store?.state.name ?? "network"];
  }

  /** Which network, bit for bit, and which digits: what was found for these holds. */
  get stamp() {
    const { state } = this.shown;
    const layers = state.blocks.filter(([name]) => name.startsWith("layer/")).map(([, hash]) => hash);
    return [state.experiment, ...layers, ...state.activations, state.digits.source, state.digits.count].join(
      " ",
    );
  }

  /**
   * Hear of what happens: an answer was taken, another neuron or digit is shown, another experiment,
   * the analysis got further, the page closes.
   * @template {"answer"|"select"|"store"|"digit"|"analysis"|"close"} Name
   * @param {Name} name @param {(...given: any[]) => void} task
   */
  hear(name, task) {
    this.undoers.push(this.bell.on(name, task));
  }

  /** @param {EventTarget} target @param {string} type @param {(event: any) => void} handler */
  listen(target, type, handler) {
    target.addEventListener(type, handler);
    this.undoers.push(() => target.removeEventListener(type, handler));
  }

  /** @param {import("../words.js").Notice} notice */
  say(notice) {
    this.notices.say(notice);
  }

  /**
   * Ask the server something; of answers to one slot only that of the last question is heard.
   * @param {string} slot
   * @param {{what: string, [more: string]: any}} question
   * @param {(reply: import("../core/asking.js").Reply) => void} then
   * @param {(why: string) => void} [failed]
   */
  async ask(slot, question, then, failed = () => {}) {
    const number = (this.slots.get(slot) ?? 0) + 1;
    this.slots.set(slot, number);
    try {
      const reply = await this.post.ask(question);
      if (!this.closed && this.slots.get(slot) === number) then(reply);
    } catch (error) {
      if (!this.closed && this.slots.get(slot) === number)
        failed(error instanceof Error ? error.message : String(error));
    }
  }

  #wire() {
    const { root } = this;
    const back = find(root, ".back");
    back.textContent = `← ${words.workbench}`;
    back.title = words.backTitle;
    back.addEventListener("click", () => this.goTo(""));
    const links = Object.entries(PAGES).map(([path, { title, about }]) => {
      const link = element("a", { textContent: title, title: about, href: "#" });
      if (path === this.page) link.setAttribute("aria-current", "page");
      link.dataset.page = path;
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        if (path !== this.page) this.goTo(path);
      });
      return link;
    });
    const pages = find(root, ".pages");
    pages.ariaLabel = words.pages;
    pages.append(...links);
    if (this.picks) this.#wirePicker();
  }

  #wirePicker() {
    find(this.root, ".pick").hidden = false;
    /** @type {HTMLSelectElement} */
    const which = find(this.root, ".which");
    which.ariaLabel = words.neuron;
    which.addEventListener("change", () => {
      const [layer, index] = which.value.split(".").map(Number);
      this.select(layer, index);
    });
    for (const [name, by, title] of /** @type {[string, number, string][]} */ ([
      ["previous", -1, words.previous],
      ["next", 1, words.next],
    ])) {
      const button = find(this.root, `.${name}`);
      Object.assign(button, { title, ariaLabel: title, onclick: () => this.step(by) });
    }
    this.listen(window, "keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[/** @type {string} */ (event.key)];
      const at = /** @type {Element|undefined} */ (event.composedPath()[0]);
      if (!by || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
      if (at && BUSY_TAGS.has(at.tagName)) return;
      event.preventDefault();
      this.step(by);
    });
  }

  #hear() {
    const { post, undoers } = this;
    undoers.push(
      post.on("store", () => {
        this.notices.leave();
        this.bell.ring("store");
      }),
      post.on("answer", () => {
        this.arriving = false;
        this.#receive();
      }),
      post.on("notice", (notice, experiment) => {
        if (notice.kind === "error" || experiment === null || notice.code === "opened")
          this.say(/** @type {any} */ (notice));
      }),
      post.on("go", ({ experiment, notice }) => {
        if (notice) this.say(/** @type {any} */ (notice));
        post.visit({ experiment });
      }),
      post.on("status", () => this.#showStatus()),
      post.on("reload", () =>
        this.say({ code: "modules-changed", actions: [{ label: "reload", run: () => location.reload() }] }),
      ),
    );
    this.listen(window, "popstate", () => {
      const trimmed = (/** @type {string} */ path) => path.replace(/\/+$/, "");
      if (trimmed(location.pathname) === trimmed(this.context.root + this.context.page)) this.#arrive();
    });
    this.#showStatus();
  }

  #showStatus() {
    const { state, full, waiting } = this.post.status,
      connected = state === "connected";
    calm(connected ? "here" : "away");
    this.line.show(connected, connected ? 0 : waiting, full);
  }

  /** The experiment may be there already; the address may want another. */
  #arrive() {
    const asked = address.read();
    const { post, store } = this;
    if (store && address.isHere(asked, store)) {
      // Until the answer is there the address is right, and what is shown of before.
      this.arriving = Object.keys(asked.view).length > 0;
      this.#receive();
      if (this.arriving) post.visit(address.here(store, asked.view));
    } else post.visit(/** @type {Asked} */ (asked));
  }

  #receive() {
    const { store } = this;
    if (!store || this.closed) return;
    const { state } = store,
      palette = `${state.palette} ${state.gamma}`;
    if (this.palette !== palette)
      this.look = makeLook(store.blocks.colours, /** @type {any} */ (state.marks));
    this.palette = palette;
    setText(find(this.root, ".facts"), words.facts(state.name, state.sizes, state.digits));
    this.root.classList.remove("waiting");
    if (this.told !== store.experiment) this.context.tell("experiment", store.experiment);
    this.told = store.experiment;
    this.#showPicker();
    this.#showLinks();
    this.#write();
    this.#showAnalysis();
    this.bell.ring("answer");
  }

  #showPicker() {
    if (!this.picks) return;
    const { state } = this.shown;
    /** @type {HTMLSelectElement} */
    const which = find(this.root, ".which");
    const shape = JSON.stringify([state.sizes, state.names]);
    if (shape !== this.shape) {
      this.shape = shape;
      const names = new Map(state.names.map(([layer, index, name]) => [`${layer}.${index}`, name]));
      which.replaceChildren(
        ...state.sizes.slice(1).map((size, k) => {
          const group = element("optgroup", {
            label: k + 2 === state.sizes.length ? "output" : `layer ${k + 1}`,
          });
          for (let j = 0; j < size; j++) {
            const value = `${k + 1}.${j}`,
              name = names.get(value);
            group.append(element("option", { value, textContent: name ? `${value} ${name}` : value }));
          }
          return group;
        }),
      );
    }
    which.value = this.neuron.join(".");
  }

  /** Links lead to what is shown, in another tab too. */
  #showLinks() {
    for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (this.root.querySelectorAll(".pages a")))
      link.href = this.addressOf(link.dataset.page ?? "");
  }

  #showAnalysis() {
    const { analysis } = this,
      text = JSON.stringify(
        analysis && { ...analysis, neurons: undefined, network: undefined, details: undefined },
      );
    const box = find(this.root, ".analysis"),
      bar = /** @type {HTMLProgressElement} */ (find(box, "progress"));
    const state = analysis?.state ?? "done";
    box.hidden = state === "done" && (analysis?.fresh ?? true);
    bar.hidden = state !== "working";
    if (analysis) {
      const { done, left, error, neurons, fresh } = analysis;
      const said =
        state === "failed"
          ? words.failed(error ?? "")
          : state === "working"
            ? words.working(done, left)
            : words.waiting;
      setText(
        find(box, "span"),
        neurons && !fresh && state !== "failed" ? `${words.stale} ${state === "working" ? said : ""}` : said,
      );
      bar.value = done;
    }
    if (text === this.analysisText) return;
    this.analysisText = text;
    this.bell.ring("analysis", analysis);
  }

  // ---- going about ------------------------------------------------------------------------------

  /** Where a page shows the same experiment, neuron and digit, or another one. @param {string} page @param {Other} [other] */
  addressOf(page, other = {}) {
    const { store, context } = this;
    const query = store ? address.compose({ ...address.named(store), ...other }, "") : "";
    return `${context.root}${page}${query}`;
  }

  /** @param {string} page @param {Other} [other] */
  async goTo(page, other = {}) {
    const url = this.addressOf(page, other);
    if (this.store) await this.#shows(/** @type {any} */ (other));
    address.goTo(url, () => !this.closed);
  }

  /** What the next page is to show is shown before one goes: what it asks anew is of this. @param {any} other */
  async #shows({ neuron, digit }) {
    const { shown } = this,
      [layer, index] = String(neuron ?? "")
        .split(".")
        .map(Number);
    if (neuron && index < (shown.state.sizes[layer] ?? 0)) shown.select(layer, index);
    if (typeof digit !== "number" || shown.state.digit.index === digit) return;
    shown.tell({ kind: "digit", how: "index", index: digit });
    for (let k = 0; k < 40 && shown.state.digit.index !== digit; k++)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Look at another neuron. @param {number} layer @param {number} index */
  select(layer, index) {
    this.shown.select(layer, index);
    this.#showPicker();
    this.#showLinks();
    this.#write();
    this.bell.ring("select");
  }

  /** The neuron before or after, through all layers. @param {number} by */
  step(by) {
    const { sizes } = this.shown.state;
    let [layer, index] = this.neuron;
    index += by;
    if (index < 0) {
      layer = layer > 1 ? layer - 1 : sizes.length - 1;
      index = sizes[layer] - 1;
    } else if (index >= sizes[layer]) {
      layer = layer < sizes.length - 1 ? layer + 1 : 1;
      index = 0;
    }
    this.select(layer, index);
  }

  #write() {
    clearTimeout(this.timer);
    if (this.arriving) return;
    this.timer = setTimeout(() => {
      const { store, closed } = this;
      if (!store || closed) return;
      address.write(address.named(store));
    }, WRITE_MS);
  }

  close() {
    this.bell.ring("close");
    this.closed = true;
    clearTimeout(this.timer);
    this.wants.close();
    this.line.close();
    for (const undo of this.undoers) undo();
    calm(null);
  }
}

/**
 * A `mount` for boot.js: draws the page, once, and returns what takes it away.
 * @param {(root: HTMLElement, context: Context) => {close: () => void}} begin
 * @returns {(parent: ShadowRoot|HTMLElement, context: Context) => () => void}
 */
export function mountOf(begin) {
  return (parent, context) => {
    /** @type {any} */
    let root = parent.querySelector(".looking");
    if (!root) {
      const box = document.createElement("template");
      box.innerHTML = markup;
      parent.append(box.content);
      root = parent.querySelector(".looking");
    }
    root.looking ??= begin(root, context);
    return () => {
      root.looking?.close();
      delete root.looking;
      root.remove();
    };
  };
}
