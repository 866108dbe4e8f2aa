// The page Learning: train a network, watch how far it is, and go through what it was like.
import { short } from "../looking/charts/scale.js";
import { Figure } from "../looking/figure.js";
import { Looking, mountOf } from "../looking/page.js";
import { save } from "../looking/take.js";
import { LEARNING_WORDS as words } from "../words/learning.js";
import { goTo } from "../workbench/address.js";
import { element, remember, remembered, setText } from "../workbench/dom.js";
import { Charts } from "./charts.js";
import { Film } from "./film.js";
import { Form } from "./form.js";
import { coloursOf, mapsOf, mapsTable } from "./maps.js";

const MOST_MAPS = 64;
const BUSY_TAGS = new Set(["INPUT", "SELECT", "TEXTAREA", "svg"]);
const NAME = "learning";

/** @typedef {import("../workbench/bench.js").Context} Context */

class LearningPage extends Looking {
  /** @param {HTMLElement} root @param {Context} context */
  constructor(root, context) {
    super(root, context, { page: NAME, analyses: false, wants: [NAME] });
    this.shownText = "";
    this.wasUnderWay = false;
    this.lost = false;
    this.first = 0;
    this.film = new Film(this, () => this.showEpoch());
    this.form = new Form((plan) => this.begin(plan));
    this.filled = false;
    this.asked = ""; // the experiment for which a training was asked after
    this.part = this.#parts();
    this.progress = element("div", { className: "under-way", role: "status", hidden: true });
    this.scrub = element("div", { className: "scrub", hidden: true });
    this.charts = new Charts(this.film, () => [...this.#named(), words.allEpochs]);
    this.#lay();
    this.hear("answer", () => this.receive());
    this.hear("store", () => {
      this.film.clear();
      this.shownText = "";
      this.wasUnderWay = this.lost = false;
    });
    this.hear("close", () => {
      this.film.clear();
      maps.close();
      this.charts.close();
    });
    const { maps } = this.part;
    this.undoers.push(this.post.on("back", () => this.film.resume()));
    this.listen(window, "keydown", (event) => this.key(event));
    this.receive();
  }

  /** What the page is made of. */
  #parts() {
    const of = () => [...this.#named(), words.epochFile(this.film.epoch)];
    const { film } = this;
    const button = (
      /** @type {string} */ textContent,
      /** @type {string} */ title,
      /** @type {() => any} */ onclick,
    ) => element("button", { textContent, title, onclick });
    const slider = element("input", { type: "range", min: "0", ariaLabel: words.epoch });
    slider.addEventListener("input", () => {
      film.pause();
      film.go(Number(slider.value));
    });
    const which = element("select", { ariaLabel: words.maps.which, hidden: true });
    which.addEventListener("change", () => {
      this.first = Number(which.value);
      this.showEpoch();
    });
    const own = element(
      "select",
      { ariaLabel: words.maps.scale },
      ...Object.entries(words.maps.scales).map(([value, textContent]) =>
        element("option", { value, textContent }),
      ),
    );
    own.addEventListener("change", () => this.showEpoch());
    return {
      wrong: element("p", { className: "wrong", role: "alert", hidden: true }),
      bar: element("progress", {}),
      said: element("span", {}),
      stop: button("", "", () => this.order({ do: "stop" })),
      news: element("p", { className: "news", hidden: true }),
      empty: element("p", { className: "coming", textContent: words.empty, hidden: true }),
      player: button("", words.playTitle, () => (film.playing ? film.pause() : film.play())),
      slider,
      here: element("span", { className: "here" }),
      gif: button(words.gif, words.gifTitle, () => this.take("gif")),
      csv: button(words.csv, "", () => this.take("csv")),
      open: button(words.open, words.openTitle, () => this.open()),
      which,
      own,
      maps: new Figure({
        id: "maps",
        title: words.maps.title,
        caption: "",
        of,
        controls: [which, element("label", { className: "choice" }, `${words.maps.scale} `, own)],
      }),
    };
  }

  #lay() {
    const { wrong, bar, said, stop, news, empty, player, slider, here, gif, csv, open } = this.part;
    const { maps } = this.part;
    player.className = "play";
    this.progress.append(bar, said, stop, element("p", { className: "note", textContent: words.onward }));
    this.scrub.append(player, slider, here, element("span", { className: "takes" }, open, gif, csv));
    this.content.append(
      this.form.node,
      wrong,
      this.progress,
      news,
      empty,
      this.scrub,
      maps.node,
      this.charts.node,
    );
  }

  /** What the server says of the training of this experiment. @returns {any} */
  get training() {
    return this.store?.extra(NAME) ?? null;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[/** @type {string} */ (event.key)];
    const at = /** @type {Element|undefined} */ (event.composedPath()[0]);
    if (!by || !this.film.run || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey)
      return;
    if (at && BUSY_TAGS.has(at.tagName)) return;
    event.preventDefault();
    this.film.pause();
    this.film.go(this.film.at + by);
  }

  // ---- what is asked for ------------------------------------------------------------------------

  /** @param {{[field: string]: any}} fields @param {(reply: any) => void} [then] */
  order(fields, then = () => {}) {
    this.complain("");
    this.ask(
      `learning ${fields.do}`,
      { what: NAME, ...fields },
      ({ head }) => then(head),
      (why) => this.complain(why),
    );
  }

  /** @param {string} why */
  complain(why) {
    const { wrong } = this.part;
    wrong.hidden = !why;
    setText(wrong, why);
  }

  /** @param {{[field: string]: string|number}} plan */
  begin(plan) {
    this.lost = false;
    this.order({ do: "begin", ...plan });
  }

  open() {
    this.order({ do: "open", epoch: this.film.epoch }, ({ experiment }) =>
      goTo(`${this.context.root}?experiment=${experiment}`, () => !this.closed),
    );
  }

  /** @param {"gif"|"csv"} kind */
  async take(kind) {
    const { gif } = this.part;
    this.complain("");
    if (kind === "gif") Object.assign(gif, { disabled: true, textContent: words.filming });
    try {
      const url = `${this.context.root}weight-maps/learning/${this.film.run}?kind=${kind}`;
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(String(answer.status));
      const named = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("content-disposition") ?? "");
      save(await answer.blob(), named ? decodeURIComponent(named[1]) : `learning.${kind}`);
    } catch {
      this.complain(words.noFile);
    }
    Object.assign(gif, { disabled: false, textContent: words.gif });
  }

  // ---- what is shown ----------------------------------------------------------------------------

  receive() {
    const { training: told } = this;
    if (!told) return;
    const text = JSON.stringify(told) + this.palette;
    if (text === this.shownText) return;
    this.shownText = text;
    const { status } = told,
      underWay = status === "waiting" || status === "running";
    this.lost = status === "none" && (this.lost || this.wasUnderWay);
    this.wasUnderWay = underWay;
    this.#comeBack(told);
    if (told.plan && !this.filled) {
      this.form.fill(told.plan);
      this.filled = true;
    }
    this.form.go.disabled = underWay;
    setText(this.form.go, told.epochs ? words.again : words.go);
    this.#showProgress(told, underWay);
    this.#showNews(told, underWay);
    if (told.epochs) this.film.load(told);
    else this.film.clear();
    this.#showWhich(told);
    this.showEpoch();
  }

  /**
   * A network that ships is another experiment at each load, until it is changed: this browser knows its
   * training again by its name.
   * @param {any} told
   */
  #comeBack(told) {
    const { state, experiment } = this.shown;
    if (!state.draft) return;
    const name = `learning.${state.start?.network ?? ""}`;
    if (told.run) remember(name, told.run);
    const known = told.run ? null : remembered(name);
    if (!known || this.asked === experiment) return;
    this.asked = experiment;
    this.ask(
      "learning adopt",
      { what: NAME, do: "adopt", run: known },
      () => {},
      () => {},
    );
  }

  /** @param {any} told @param {boolean} underWay */
  #showProgress(told, underWay) {
    const { bar, said, stop } = this.part,
      { progress } = this;
    progress.hidden = !underWay;
    if (!underWay) return;
    const { records, plan, looking } = told,
      waits = told.status === "waiting" && told.before > 0;
    const last = records.at(-1);
    if (looking) Object.assign(bar, { max: looking[1], value: looking[0] });
    else if (last) Object.assign(bar, { max: plan.epochs, value: records.length });
    else bar.removeAttribute("value");
    setText(
      said,
      waits
        ? words.waits(told.before, told.wait)
        : looking
          ? words.looking(looking[0], looking[1])
          : told.ending
            ? words.ending
            : last
              ? words.progress(records.length, plan.epochs, last[1], told.left)
              : words.soon,
    );
    setText(stop, told.status === "waiting" ? words.stopWaiting : looking ? words.skip : words.stop);
    stop.disabled = told.ending && !looking;
  }

  /** @param {any} told @param {boolean} underWay */
  #showNews(told, underWay) {
    const { news, empty } = this.part;
    const { status, text, replaced, digits, every } = told;
    const said = [
      this.lost ? words.lost : "",
      status === "stopped" ? words.stopped : "",
      status === "failed" ? words.failed(text) : "",
      status === "done" && text ? words.early(text) : "",
      replaced ? words.replaced(digits) : "",
      every > 1 ? words.every(every) : "",
      told.kinds && !told.kinds.length ? words.kinds.none : "",
    ].filter(Boolean);
    news.hidden = !said.length;
    setText(news, said.join(" "));
    empty.hidden = underWay || Boolean(told.epochs) || said.length > 0;
  }

  /** @param {any} told */
  #showWhich(told) {
    const { which } = this.part;
    which.hidden = !(told.size > MOST_MAPS);
    if (which.hidden) this.first = 0;
    if (which.hidden || which.length === Math.ceil(told.size / MOST_MAPS)) return;
    const firsts = Array.from({ length: Math.ceil(told.size / MOST_MAPS) }, (_, k) => k * MOST_MAPS);
    which.replaceChildren(
      ...firsts.map((first) =>
        element("option", {
          value: String(first),
          textContent: words.maps.some(first, Math.min(told.size, first + MOST_MAPS) - 1),
        }),
      ),
    );
    which.value = String(this.first);
  }

  /** The epoch that is shown, in the line above, in the maps and in the charts. */
  showEpoch() {
    const { training: told, film } = this;
    if (!told) return;
    const over = Boolean(film.run);
    const { slider, here, player, maps } = this.part,
      { scrub } = this;
    scrub.hidden = !over;
    maps.node.hidden = !over;
    if (over) {
      const { epoch } = film,
        last = told.records.length;
      const [loss, accuracy] = epoch ? told.records[epoch - 1] : [null, told.start];
      slider.max = String(film.epochs.length - 1);
      slider.value = String(film.at);
      const said = [
        words.at(epoch, last),
        ...(epoch === 0 ? [words.start] : epoch === told.best ? [words.best] : []),
        ...(accuracy === null ? [] : [words.reads(accuracy)]),
        ...(loss === null ? [] : [words.loss(loss)]),
      ];
      setText(here, said.join(" · "));
      slider.setAttribute("aria-valuetext", said.join(", "));
      setText(player, film.playing ? `⏸ ${words.pause}` : `▶ ${words.play}`);
      this.#showMaps(told);
    }
    this.charts.show(told, over);
  }

  /** What files of it are named after: the network that was trained. */
  #named() {
    return [this.training?.name ?? "network"];
  }

  /**
   * Verdicts at an epoch, and which epoch's they are: those of before where there are none of its own.
   * @param {any} told @param {number} epoch
   * @returns {[number, string[]]|null}
   */
  kindsAt(told, epoch) {
    const before = told.kinds.filter((/** @type {any[]} */ [at]) => at <= epoch).at(-1);
    return before ? [before[0], before.slice(1)] : null;
  }

  /** @param {any} told */
  #showMaps(told) {
    const { film } = this,
      { look } = this,
      { maps, own } = this.part;
    const levels = film.maps[film.at],
      top = film.tops[film.at];
    if (!levels) {
      maps.wait();
      return;
    }
    const alone = own.value === "each",
      limit = alone ? told.limits[film.at] : told.limit;
    const [of, kinds] = this.kindsAt(told, film.epoch) ?? [film.epoch, null];
    const given = {
      levels,
      grid: told.grid,
      first: this.first,
      count: Math.min(MOST_MAPS, told.size - this.first),
      kinds,
      before: of < film.epoch,
      colours: coloursOf(look, top / limit),
      says: words.maps.neuron,
      bar: { limit, look },
    };
    maps.show({
      draw: (width) => mapsOf(given, width),
      table: () => mapsTable(given, top),
      caption: words.maps.caption(alone, short(limit, 2), kinds && given.before ? of : null, kinds !== null),
    });
  }
}

export const mount = mountOf((root, context) => new LearningPage(root, context));
