// Where the page is: which experiment its address names, and how one goes to another.
import * as address from "./address.js";

/** @typedef {import("./bench.js").Bench} Bench */

const WRITE_MS = 200; // browsers take only so many changes of the address a minute
const TELL_MS = 500;

export class Place {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    // Whether Back is to lead from the next experiment to this one.
    this.pushes = false;
    this.written = "";
    /** @type {any} */
    this.timer = 0;
    /** @type {any} */
    this.telling = 0;
  }

  close() {
    clearTimeout(this.timer);
    clearTimeout(this.telling);
  }

  /** Let Streamlit's other pages know which experiment is shown, once it listens. */
  tell() {
    const { bench } = this;
    clearTimeout(this.telling);
    // Its links cannot be followed while it has no connection.
    if (document.querySelector('[data-testid$="NavLink"][disabled]')) {
      this.telling = setTimeout(() => this.tell(), TELL_MS);
    } else if (bench.store) bench.context.tell("experiment", bench.store.experiment);
  }

  /** Coming back from another page, the experiment is there already; the address may want another. */
  arrive() {
    const asked = address.read();
    const { post, store } = this.bench;
    if (store && address.isHere(asked, store)) {
      this.bench.changeStore(store, null);
      this.bench.receive();
      if (Object.keys(asked.view).length) post.visit(this.here(asked.view));
    } else post.visit(asked);
  }

  /** The experiment shown, as it is shown but for what is asked of it. @param {any} asked */
  here(asked) {
    return address.here(this.bench.store, asked);
  }

  /** Go where the address leads, after Back or Forward. */
  visit() {
    const { root, page } = this.bench.context;
    // Streamlit's other pages have addresses of their own.
    if (trimmed(location.pathname) !== trimmed(root + page)) return;
    const asked = address.read();
    const { post, store } = this.bench;
    const draft = store?.state.draft && asked.experiment === null;
    const mine = draft && asked.start?.network === store.state.start?.network;
    post.visit(mine ? this.here(asked.view) : asked);
  }

  /**
   * Show another experiment; Back leads to this one.
   * @param {{experiment?: string|null, start?: any, view?: any}} asked `view`: what of it, beside what stays
   */
  open({ experiment = null, start = null, view: more = {} }) {
    const { post, store } = this.bench;
    if (experiment !== null && experiment === store?.experiment) return;
    this.pushes = true;
    const { palette, gamma, digits } = store?.state ?? {};
    const view = palette ? { palette, gamma } : {};
    const seen = start && digits ? { ...view, digits: digits.source } : view;
    post.visit({ experiment, start, view: { ...seen, ...more } });
  }

  /** A draft was worked on: a reload is to find it. @param {string} experiment */
  name(experiment) {
    address.write({ experiment, network: null, digits: null });
  }

  /** Let the address name what is shown. */
  write() {
    clearTimeout(this.timer);
    const { experiment } = this.bench.store;
    // Another experiment is named at once, so that a reload shows it.
    if (this.written === experiment) this.timer = setTimeout(() => this.writeNow(false), WRITE_MS);
    else {
      this.writeNow(this.pushes);
      this.pushes = false;
    }
    this.written = experiment;
  }

  /** @param {boolean} push */
  writeNow(push) {
    address.write({ ...address.named(this.bench.store), why: null }, push);
  }

  /** Go to another of the pages. @param {string} page */
  goTo(page) {
    const { store, context } = this.bench;
    const query = store ? address.compose(address.named(store), "") : "";
    address.goTo(`${context.root}${page}${query}`, () => !this.bench.closed);
  }
}

/** @param {string} path */
const trimmed = (path) => path.replace(/\/+$/, "");
