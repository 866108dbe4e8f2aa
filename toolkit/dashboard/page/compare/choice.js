// Which network the one shown is compared with: one that ships, a point of this experiment, another
// experiment, or a file. The address says which, so that a reload keeps it.
import { PAIR_WORDS as words } from "../words/compare.js";
import { percent } from "../words.js";
import { element } from "../workbench/dom.js";
import { Uploads } from "../workbench/uploads.js";

/** @typedef {import("../looking/page.js").Looking} Looking */
/** @typedef {{network?: string, experiment?: string, step?: number, point?: string}} Other */

const NAME = "with"; // in the address

/**
 * What a choice's value means; null where it means nothing.
 * @param {string} value
 * @returns {Other|null}
 */
export function otherOf(value) {
  const at = value.indexOf(":");
  const [kind, rest] = [value.slice(0, at), value.slice(at + 1)];
  if (at < 0 || !rest) return null;
  if (kind === "step") return /^\d{1,9}$/.test(rest) ? { step: Number(rest) } : null;
  return kind === "network" || kind === "experiment" || kind === "point" ? { [kind]: rest } : null;
}

/**
 * What to compare with where nothing was chosen: what it was before it was worked on, or a network
 * that ships and is another one.
 * @param {{history: {cursor: number}, shipped: string[], start: any, origin?: string}} state
 */
export function usual({ history, shipped, start }) {
  if (history.cursor > 0) return "step:0";
  const own = start?.network;
  const other = ["mnist-sigmoid", "mnist-relu", ...shipped].find(
    (name) => name !== own && shipped.includes(name),
  );
  return other ? `network:${other}` : "step:0";
}

export class Choice {
  /** @param {Looking} looking @param {(other: Other) => void} chosen */
  constructor(looking, chosen) {
    this.looking = looking;
    this.chosen = chosen;
    this.value = new URLSearchParams(location.search).get(NAME) ?? "";
    /** @type {[string, string][]} */
    this.points = [];
    /** @type {{id: string, name: string, accuracy: number|null}[]} */
    this.entries = [];
    this.shape = "";
    this.select = element("select", {
      className: "other",
      ariaLabel: words.choose,
      onchange: () => this.choose(this.select.value),
    });
    this.file = element("input", { type: "file", multiple: true, hidden: true });
    this.file.addEventListener("change", () => this.#send());
    const button = element("button", {
      textContent: words.file,
      title: words.fileTitle,
      onclick: () => this.file.click(),
    });
    this.uploading = element("div", { className: "uploading", hidden: true });
    this.node = element(
      "p",
      { className: "choose" },
      element("label", {}, `${words.with} `, this.select),
      button,
      this.file,
      this.uploading,
    );
    const { post, context } = looking;
    this.uploads = new Uploads(this.uploading, {
      address: (kind, name) =>
        `${context.root}weight-maps/upload?${new URLSearchParams({ kind, name, client: post.client })}`,
      say: (notice) => looking.say(notice),
      done: ({ experiment }) => {
        if (!experiment) return;
        this.choose(`experiment:${experiment}`);
        post.list();
      },
    });
    for (const target of [looking.root, window]) {
      looking.listen(target, "dragover", (event) => event.preventDefault());
      looking.listen(target, "drop", (event) => {
        if (event.defaultPrevented) return;
        event.preventDefault();
        this.uploads.bring("network", event.dataTransfer?.files);
      });
    }
    looking.undoers.push(
      post.on("history", (head) => {
        if (head.experiment !== looking.store?.experiment) return;
        this.points = head.save_points.map((/** @type {any[]} */ [name]) => [`point:${name}`, name]);
        this.fill();
      }),
      post.on("experiments", (head) => {
        this.entries = head.entries;
        this.fill();
      }),
    );
    looking.hear("store", () => this.begin());
    looking.hear("answer", () => {
      if (!this.shape) this.begin();
      else this.fill();
    });
  }

  #send() {
    this.uploads.bring("network", this.file.files);
    this.file.value = "";
  }

  /** Another experiment is shown: what may be chosen is another, too. */
  begin() {
    const { looking } = this,
      { store, post } = looking;
    if (!store?.state) return;
    this.shape = store.experiment;
    this.points = [];
    post.history(store.experiment);
    post.list();
    if (!otherOf(this.value) || this.value === `experiment:${store.experiment}`)
      this.value = usual(/** @type {any} */ (store.state));
    this.fill();
    this.chosen(/** @type {Other} */ (otherOf(this.value)));
  }

  /** @param {string} value */
  choose(value) {
    const other = otherOf(value);
    if (!other) return;
    this.value = value;
    const query = new URLSearchParams(location.search);
    query.set(NAME, value);
    history.replaceState(history.state, "", `${location.pathname}?${query}${location.hash}`);
    this.fill();
    this.chosen(other);
  }

  fill() {
    const { store } = this.looking;
    if (!store?.state) return;
    const state = /** @type {any} */ (store.state);
    const experiments = this.entries
      .filter(({ id }) => id !== store.experiment)
      .map(({ id, name, accuracy }) => [
        `experiment:${id}`,
        accuracy === null ? name : `${name}, ${percent(accuracy)}`,
      ]);
    /** @type {[string, string[][]][]} */
    const groups = [
      [words.groups.points, [["step:0", words.loaded], ...this.points]],
      [words.groups.shipped, state.shipped.map((/** @type {string} */ name) => [`network:${name}`, name])],
      [words.groups.experiments, experiments],
    ];
    const known = groups.some(([, options]) => options.some(([value]) => value === this.value));
    const told = JSON.stringify([groups, this.value]);
    if (told === this.select.dataset.told) return;
    this.select.dataset.told = told;
    this.select.replaceChildren(
      ...groups
        .filter(([, options]) => options.length)
        .map(([label, options]) =>
          element(
            "optgroup",
            { label },
            ...options.map(([value, textContent]) => element("option", { value, textContent })),
          ),
        ),
    );
    // One that no list names: an address from elsewhere.
    if (!known)
      this.select.prepend(
        element("option", { value: this.value, textContent: this.value.replace(/^\w+:/, "") }),
      );
    this.select.value = this.value;
  }
}
