// The bar: name, digits, accuracy, undo and redo, the network as loaded, the buttons of the menus.
import { SCORE_WORDS as words } from "../words/score.js";
import { UNSCORED_WORDS } from "../words/see.js";
import { seenBefore, shareOf, shareReason } from "../words.js";
import { find, setText } from "./dom.js";
import { percentPoints } from "./draw.js";

/** @typedef {import("./bench.js").Bench} Bench */

const OPENING_MS = 150; // until then there is nothing to say

export class Bar {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.root = find(bench.root, ".bar");
    /** @type {HTMLButtonElement} */
    this.undo = find(this.root, "[data-do=undo]");
    /** @type {HTMLButtonElement} */
    this.redo = find(this.root, "[data-do=redo]");
    this.hold = find(this.root, "[data-hold]");
    this.accuracy = find(this.root, ".accuracy");
    /** The same for those who hear it. */
    this.said = find(this.root, ".score-said");
    /** What is said of its following the hand. */
    this.follows = "";
    /** What is said where it is on digits that networks learn from. */
    this.seen = "";
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.opening = undefined;
    this.changes = {
      last: find(this.root, ".delta[data-of=last]"),
      start: find(this.root, ".delta[data-of=start]"),
    };
    this.fetched = "";
    /** What each button with `data-do` does. @type {{[name: string]: () => void}} */
    this.actions = {
      undo: () => bench.ask({ kind: "undo" }),
      redo: () => bench.ask({ kind: "redo" }),
      keys: () => bench.keys.show(),
      sign: () => bench.set("strength", -bench.settings.strength),
      dismiss: () => bench.dismissHint(),
      draw: () => bench.digits.setDrawing(!bench.digits.sheet),
      clear: () => bench.digits.setDrawing(true),
      center: () => bench.digits.center(),
      picture: () => bench.files.choose("picture", "image/*"),
    };
    bench.root.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("button");
      if (!button || (!bench.store?.state && button.dataset.do !== "keys")) return;
      if (button.dataset.do) this.actions[button.dataset.do]();
      if (button.dataset.menu) bench.menus.toggle(button);
    });
    this.wireHold();
  }

  wireHold() {
    const { hold, bench } = this;
    hold.addEventListener("pointerdown", () => bench.showOriginal(true));
    for (const end of ["pointerup", "pointerleave", "pointercancel", "blur"]) {
      hold.addEventListener(end, () => bench.showOriginal(false));
    }
    hold.addEventListener("keydown", (event) => {
      if (event.key === " " || event.key === "Enter") bench.showOriginal(true);
    });
    hold.addEventListener("keyup", () => bench.showOriginal(false));
  }

  /** @param {any} state */
  receive(state) {
    find(this.root, ".net-name").textContent = state.name;
    find(this.root, ".digits-name").textContent = state.digits.name;
    this.seen = seenBefore(state.digits.part);
    this.showShare(state.digits);
    this.endOpening();
  }

  /** Choose other digits; many are a second's work, in which it says so. @param {{name: string, label: string}} source */
  chooseDigits({ name, label }) {
    const { bench } = this;
    bench.ask({ kind: "digits", source: name });
    this.endOpening();
    this.opening = setTimeout(
      () => bench.say({ code: "digits-opening", fields: { name: label } }),
      OPENING_MS,
    );
  }

  endOpening() {
    clearTimeout(this.opening);
    this.bench.notices.drop("digits-opening");
  }

  /** On how many digits the network is scored, where that is not all. @param {any} digits */
  showShare({ count, of }) {
    const node = find(this.root, ".share");
    node.hidden = !of || count >= of;
    node.textContent = shareOf(count, of);
    node.title = shareReason(count, of);
  }

  /** The accuracy, which comes before all else. @param {import("./reading.js").Reading} reading @param {number} revision */
  showScore(reading, revision) {
    const { accuracy, changes } = this,
      { unscored, live } = reading,
      share = unscored || `${(100 * (reading.accuracy ?? Number.NaN)).toFixed(2)}%`;
    accuracy.classList.toggle("unscored", Boolean(unscored));
    setText(accuracy, share);
    accuracy.classList.toggle("live", live);
    /** @type {[HTMLElement, number|null, string][]} */
    const told = [
      [changes.last, reading.last, live && reading.open ? words.inHand : words.last],
      [changes.start, reading.start, words.start],
    ];
    for (const [node, value, text] of told) {
      setText(node, value === null ? "" : `${percentPoints(value)} ${text}`);
      const name = `delta ${value && value > 0 ? "up" : value && value < 0 ? "down" : ""}`;
      if (node.className !== name) node.className = name;
    }
    if (reading.note) setText(changes.start, reading.note);
    const title = unscored
      ? UNSCORED_WORDS.title
      : live
        ? words.live
        : `${words.read(reading.correct, reading.images)}.${this.seen}${this.follows}`;
    if (accuracy.title !== title) accuracy.title = title;
    // What stands still is told in words too; what moves with the hand would never stop talking.
    if (live) return;
    accuracy.dataset.revision = String(revision);
    setText(this.said, unscored || `${share} ${changes.last.textContent}`);
  }

  /** @param {any} state */
  receiveRest({ others = 0 }) {
    const node = find(this.root, ".others");
    node.hidden = !others;
    node.textContent = `${others + 1} here`;
    node.title = `${others === 1 ? "Another window is" : `${others} other windows are`} on this experiment; what is done there appears here.`;
  }

  /** How far a download of MNIST is. @param {any} fetch */
  showFetch(fetch) {
    const before = this.fetched,
      { bench } = this;
    this.fetched = fetch?.status ?? "";
    if (fetch?.status === "running") {
      const fields = {
        share: fetch.total ? fetch.done / fetch.total : null,
        left: fetch.seconds_left ?? null,
      };
      bench.say({
        code: "fetching",
        fields,
        actions: [{ label: "cancel", letter: { kind: "fetch", cancel: true } }],
      });
    } else if (fetch && before === "running") {
      bench.notices.drop("fetching");
      const again = [{ label: "try-again", letter: { kind: "fetch" } }];
      if (fetch.status === "done") {
        bench.say({
          code: "fetch-done",
          actions: [{ label: "use-it", letter: { kind: "digits", source: "mnist" } }],
        });
      } else {
        const kind = fetch.status === "failed" ? "error" : "info";
        bench.say({ code: "fetch-ended", kind, fields: { text: fetch.message }, actions: again });
      }
    }
  }

  /** @param {boolean} late whether steps wait longer than they should */
  showSaving(late) {
    find(this.root, ".sync").textContent = late ? "not yet saved…" : "";
  }

  draw() {
    const { store, original } = this.bench;
    this.undo.disabled = !store.canUndo;
    this.redo.disabled = !store.canRedo;
    this.hold.classList.toggle("on", original);
  }
}
