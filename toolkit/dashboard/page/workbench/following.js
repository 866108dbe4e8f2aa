// Follows what is in hand: while a stroke, a drag or a try goes on, and until the server has answered,
// this page's own scorer counts how the network on show reads the digits. What the server then says
// takes its place, and must be the same.
import { isInHand, isOpen } from "../core/hand.js";
import { Live } from "../live/live.js";
import { LIVE_OFF } from "../words/live.js";
import { FOLLOWING_WORDS as words } from "../words/score.js";
import { find, remember, remembered, setText } from "./dom.js";
import { item, label } from "./entries.js";
import { Pace } from "./pace.js";
import { liveReading } from "./reading.js";

/**
 * @typedef {import("./bench.js").Bench} Bench
 * @typedef {import("../live/live.js").Result} Result
 */

const BEGINS = 400; // ms after the first answer: the page is on the screen before it fetches the digits

export class Following {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.on = remembered("live") !== "off";
    /** @type {Live|null} */
    this.live = null;
    /** @type {(() => void)[]} */
    this.drops = [];
    /** How often neurons fire is wanted where that is shown. @type {(() => void)|null} */
    this.fires = null;
    /** @type {Result|null} of the network that the server has */
    this.base = null;
    /** Of the digits gained and lost, by their number. @type {Map<number, Uint8Array>} */
    this.pictures = new Map();
    /** How often what was counted here was not what Python found of the same weights. */
    this.disagreements = 0;
    this.pace = new Pace();
    /** @type {any} */
    this.timer = 0;
    /** Where a count is put off. @type {any} */
    this.later = 0;
    this.note = find(bench.root, ".live-said");
    bench.hear("change", () => this.follow());
    bench.hear("answer", () => this.begin());
    bench.hear("store", () => this.let());
    bench.hear("close", () => this.end());
    bench.commands.add({
      name: words.command,
      group: "see",
      also: words.also,
      run: () => this.turn(!this.on),
    });
    this.show();
  }

  /** In the menu that says how things are shown. */
  entries() {
    const text = this.on ? this.said : "";
    return [
      label(words.menu),
      item(words.follow, this.on ? words.on : words.off, () => this.turn(!this.on), {
        className: this.on ? "here" : "",
      }),
      ...(text ? [label(text)] : []),
    ];
  }

  /** Whether what is in hand is counted here: nobody else need be asked then. */
  get counts() {
    return this.live?.status.state === "ready";
  }

  /** @param {boolean} on */
  turn(on) {
    this.on = on;
    remember("live", on ? "on" : "off");
    if (on) this.begin();
    else this.end();
    this.show();
    this.bench.menus.refresh(true);
    this.bench.dirty();
  }

  begin() {
    const { bench } = this;
    if (!this.on || this.live || this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = 0;
      if (bench.closed || !this.on) return;
      const live = new Live(bench.context);
      this.live = live;
      this.drops = [
        live.want("flips"),
        live.want("pictures"),
        live.want("ridges"),
        live.bell.on("result", (result) => this.hear(result)),
        live.bell.on("status", ({ state }) => {
          if (state !== "ready") this.let();
          this.show();
          bench.dirty();
        }),
      ];
      this.show();
      bench.dirty();
    }, BEGINS);
  }

  end() {
    clearTimeout(this.timer);
    this.timer = 0;
    for (const drop of this.drops) drop();
    this.drops = [];
    this.fires = null;
    this.live?.close();
    this.live = null;
    this.let();
  }

  /** What was counted is of nothing any more. */
  let() {
    this.base = null;
    this.bench.readings.live = null;
  }

  /** A frame is about to be drawn. */
  follow() {
    const { bench, live, pace } = this,
      { store, original } = bench;
    if (!isInHand(store)) bench.readings.live = null;
    if (!live || original) return;
    const wait = pace.wait(isOpen(store), bench.redraw.waited);
    clearTimeout(this.later);
    this.later = wait ? setTimeout(() => bench.dirty(), wait) : 0;
    if (wait) return;
    const tables = [...bench.wants.counts.keys()].some((name) => name.startsWith("classes/"));
    if (tables) this.fires ??= live.want("fires");
    else {
      this.fires?.();
      this.fires = null;
    }
    live.follow(store);
  }

  /** @param {Result} result */
  hear(result) {
    const { bench, live } = this,
      { store, readings } = bench,
      { settled } = readings;
    if (!live || !store?.state || live.followed !== store || !settled || bench.closed) return;
    this.pace.took(result.ms);
    this.keepPictures(result);
    if (!isInHand(store)) {
      if (live.current) this.settle(result);
    } else if (live.current || !result.settled) readings.live = liveReading(result, settled, this, store);
    // With nothing in hand any more Python's own figure is on its way, and is not to wait for a frame.
    if (isOpen(store)) bench.dirty();
    else bench.redraw.soon();
  }

  /** @param {Result} result which brings those alone that the one before had not */
  keepPictures({ gained, lost, pictures }) {
    const known = new Map([...this.pictures, ...(pictures ?? [])]);
    this.pictures = new Map();
    for (const each of [...(gained?.digits ?? []), ...(lost?.digits ?? [])]) {
      const picture = known.get(each);
      if (picture) this.pictures.set(each, picture);
    }
  }

  /** The server and this page have the same network: have they found the same? @param {Result} result */
  settle(result) {
    this.base = result;
    const { score, revision } = this.bench.store.state,
      { correct, images, confusion, outputs } = result;
    if (score.unscored || images !== score.images) return;
    const right = score.per_digit.map((/** @type {unknown} */ _, /** @type {number} */ label) => {
      const row = confusion.subarray(label * outputs, (label + 1) * outputs),
        of = row.reduce((sum, each) => sum + each, 0);
      return of ? row[label] / of : null;
    });
    if (correct === score.correct && String(right) === String(score.per_digit)) return;
    this.disagreements++;
    console.warn(
      `live, revision ${revision}: ${correct} of ${images} digits read right, ${right}; Python: ${score.correct}, ${score.per_digit}`,
    );
  }

  /** What is to be said of it, where that is not all as it should be. */
  get said() {
    const { live } = this,
      { status, result } = live ?? {};
    if (!status || status.state === "loading") return words.loading(status?.left ?? null);
    if (status.state === "off") return LIVE_OFF[status.reason] ?? status.reason;
    return result && result.images < result.of ? words.sample(result.images, result.of) : "";
  }

  /** Beside the accuracy. */
  show() {
    const { note, bench, live, on, said } = this,
      { accuracy } = bench.bar,
      status = live?.status ?? { state: "loading" },
      ready = on && status.state === "ready";
    accuracy.classList.toggle("alone", !on);
    accuracy.classList.toggle("follows", ready);
    bench.bar.follows = ready ? ` ${words.title}` : "";
    // Of what is turned off, or not scored, nothing need be said there.
    const unscored = status.state === "off" && status.reason === "unscored";
    note.hidden = !on || unscored || !said;
    setText(note, status.state === "off" ? words.none : said);
    note.title = status.state === "off" ? said : words.title;
  }
}

/** @param {Bench} bench */
export function install(bench) {
  bench.following = new Following(bench);
}
