// A neuron as a clause: written with the names of the neurons below, tried while it is written, and made so.
import { CLAUSE_WORDS as words } from "../../words/meaning.js";
import { element, setText } from "../dom.js";
import { inkOf, limitOf, number } from "../draw.js";
import { called, namesOf } from "./names.js";
import { Sharpness } from "./sharpness.js";

/** @typedef {import("../bench.js").Bench} Bench */

const PAUSE = 160; // ms after the last key
const MOST_CHIPS = 64;
const WIDE = 256; // bytes of a float32 times the inputs: more are not shown
const JOINTS = ["and", "or", "not", "( )", "at least 2 of ( )"];

export class ClauseView {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.command = words.command;
    this.commandSharpness = words.commandSharpness;
    this.also = words.also;
    this.shown = false;
    /** What the neuron is said to be now: of the selected one, as the server told it last. @type {any} */
    this.known = null;
    this.typed = false;
    this.asked = 0;
    /** The experiment's revision that was asked about last. */
    this.askedAt = 0;
    /** @type {any} what would be set */
    this.tried = null;
    /** @type {{text: string, start: number, end: number, of: string}|null} `of`: with what was written then */
    this.wrong = null;
    /** @type {any} */
    this.timer = 0;
    this.making = false;
    this.at = "";
    /** What was written and not made, by neuron. @type {Map<string, {text: string, sharpness: number, chosen: boolean}>} */
    this.drafts = new Map();
    this.chipsFor = "";
    /** For what the field was made as tall as it is. */
    this.grown = "";

    this.text = element("textarea", {
      rows: 2,
      spellcheck: false,
      placeholder: words.placeholder,
      ariaLabel: words.label,
      maxLength: 1000,
    });
    this.list = element("div", { className: "completions" });
    this.list.setAttribute("role", "listbox");
    this.list.hidden = true;
    /** @type {string[]} */
    this.offered = [];
    this.offer = 0;
    this.echo = element("p", { className: "echo" });
    this.says = element("p", { className: "says" });
    this.says.setAttribute("aria-live", "polite");
    this.steadier = element("button", {
      className: "steadier",
      hidden: true,
      title: words.steadierTitle,
      onclick: () => this.take(this.tried?.steadier),
    });
    this.chips = element("div", { className: "chips" });
    this.row = element("div", { className: "clause-row" });
    this.sharpness = new Sharpness(bench, {
      changed: (typed) => {
        this.typed = true;
        if (typed) this.later();
        else this.ask();
        bench.dirty();
      },
      make: () => this.make(),
      leave: () => this.discard(),
    });
    this.apply = element("button", {
      className: "apply",
      textContent: words.apply,
      title: words.applyTitle,
      onclick: () => this.make(),
    });
    this.back = element("button", { textContent: words.back, onclick: () => this.discard() });
    this.node = element(
      "div",
      { className: "clause" },
      element("div", { className: "clause-text" }, this.text, this.list),
      this.echo,
      this.says,
      this.steadier,
      element("div", { className: "row" }, this.sharpness.label, this.apply, this.back),
      this.sharpness.line,
      this.row,
      this.chips,
      element("p", { className: "clause-help", textContent: words.help }),
    );
    this.text.addEventListener("input", () => {
      this.typed = true;
      this.complete();
      this.later();
    });
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    bench.hear("answer", () => this.hear());
  }

  /** @param {boolean} on */
  show(on) {
    const at = on ? this.bench.store.selected.join(".") : "";
    if (on !== this.shown) {
      if (on) this.bench.wants.add("clause");
      else this.bench.wants.drop("clause");
    }
    this.shown = on;
    if (at === this.at) return;
    if (this.at && this.typed) this.drafts.set(this.at, { text: this.text.value, ...this.sharpness.kept });
    this.at = at;
    this.known = null;
    this.discard();
    const draft = this.drafts.get(at);
    this.text.value = draft?.text ?? "";
    this.drafts.delete(at);
    if (draft) {
      this.sharpness.put(draft.sharpness, draft.chosen);
      this.typed = true;
      this.later();
    }
    this.hear();
  }

  focus() {
    this.text.focus();
    this.text.setSelectionRange(this.text.value.length, this.text.value.length);
  }

  /** The server has told what the neuron is. */
  hear() {
    if (!this.shown) return;
    // What is tried is of the network as it is: a neuron below may be called something else by now.
    if (this.typed && !this.making && this.bench.store.state.revision !== this.askedAt) this.later();
    const told = this.bench.store.extra("clause");
    const [layer, neuron] = this.bench.store.selected;
    if (!told || told.layer !== layer || told.neuron !== neuron) return;
    this.known = told;
    if (!this.typed) {
      if (this.text.value !== told.text) this.text.value = told.text;
      this.sharpness.put(this.standing);
    }
    this.bench.dirty();
  }

  /** That of the clause that the neuron is or comes close to, or else of the one made last. */
  get standing() {
    return this.known?.text ? this.known.sharpness : this.sharpness.last;
  }

  get written() {
    return `${this.sharpness.value} ${this.text.value}`;
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  /**
   * Let the server say what it would come to.
   * @returns {Promise<any>} what would be set; null where it cannot be, or something else was asked since
   */
  async ask() {
    clearTimeout(this.timer);
    const asked = ++this.asked,
      { bench } = this;
    this.askedAt = bench.store.state.revision;
    const [layer, neuron] = bench.store.selected,
      of = this.written,
      text = this.text.value,
      { chosen, value } = this.sharpness;
    /** @type {any} */
    let found;
    try {
      const { head, body } = await bench.post.ask({
        what: "clause",
        layer,
        neuron,
        text,
        sharpness: chosen || !this.known ? value : this.standing,
        as_strong: !chosen,
      });
      found = head;
      if (head.edit) found.row = [...new Float32Array(body.slice().buffer)];
    } catch (error) {
      found = { wrong: error instanceof Error ? error.message : String(error), start: 0, end: 0 };
    }
    if (asked !== this.asked || !this.shown || this.at !== `${layer}.${neuron}`) return null;
    if (found.edit && !this.sharpness.chosen) this.sharpness.put(found.edit.sharpness);
    this.tried = found.edit ? found : null;
    this.wrong = found.edit ? null : { text: found.wrong, start: found.start, end: found.end, of };
    bench.store.show(found.edit ? { ...found.edit, row: found.row, bias: found.bias } : null);
    bench.dirty();
    return this.tried;
  }

  /** What is tried is done; what is made already is not done again. */
  async make() {
    if (this.making || (this.known?.made && !this.typed)) return;
    const { bench } = this,
      edit = this.tried?.edit;
    let tried = edit?.text === this.text.value && edit.sharpness === this.sharpness.value ? this.tried : null;
    if (!tried) {
      this.making = true;
      tried = await this.ask();
      this.making = false;
    }
    if (!tried) return;
    if (this.sharpness.chosen) this.sharpness.last = tried.edit.sharpness;
    bench.store.show(null);
    bench.edit({ ...tried.edit, row: tried.row, bias: tried.bias });
    this.known = { ...this.known, ...tried.edit, sentence: tried.sentence, made: true, biased: null };
    this.forget();
  }

  forget() {
    clearTimeout(this.timer);
    this.asked++;
    this.tried = this.wrong = null;
    this.typed = this.sharpness.chosen = false;
    this.bench.dirty();
  }

  /** Another experiment is shown. */
  forgetAll() {
    this.forget();
    this.drafts.clear();
    this.at = "";
  }

  discard() {
    if (this.tried) this.bench.store?.show(null);
    this.forget();
    this.close();
    this.text.value = this.known?.text ?? "";
    this.sharpness.put(this.standing);
  }

  // ---- names while one writes ---------------------------------------------------------------------

  /** The neurons below with their names. @returns {[string, string][]} */
  get below() {
    const { store } = this.bench,
      [layer] = store.selected,
      names = namesOf(store);
    if (layer < 2) return [];
    return Array.from({ length: store.state.sizes[layer - 1] }, (_, i) => [
      `${layer - 1}.${i}`,
      names.get(`${layer - 1}.${i}`) ?? "",
    ]);
  }

  /** The words before the caret that may become a name. */
  get stem() {
    const before = this.text.value.slice(0, this.text.selectionStart ?? 0);
    const last = before.split(/[(),&|!+*<>]|\b(?:and|or|not|of|but|the)\b/i).at(-1) ?? "";
    return last.replace(/^\s+/, "");
  }

  complete() {
    const stem = this.stem.toLowerCase();
    this.offered = stem
      ? this.below
          .map(([at, name]) => name || at)
          .filter((name) => name.toLowerCase().includes(stem) && name.toLowerCase() !== stem.trimEnd())
          .sort((a, b) => Number(b.toLowerCase().startsWith(stem)) - Number(a.toLowerCase().startsWith(stem)))
          .slice(0, 6)
      : [];
    // What is a name as it stands is left so, unless another is chosen: 1.1 is no 1.10.
    const whole = this.below.some((names) => names.some((name) => name.toLowerCase() === stem.trimEnd()));
    this.offer = whole ? -1 : 0;
    this.list.replaceChildren(
      ...this.offered.map((textContent) => {
        const option = element("button", { textContent, tabIndex: -1 });
        option.setAttribute("role", "option");
        option.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          this.insert(textContent, this.stem.length);
        });
        return option;
      }),
    );
    this.list.hidden = !this.offered.length;
    this.mark();
  }

  mark() {
    for (const [k, option] of [...this.list.children].entries())
      option.classList.toggle("here", k === this.offer);
  }

  close() {
    this.offered = [];
    this.list.hidden = true;
  }

  /** Write something at the caret. @param {string} words_ @param {number} [replaced] characters before it */
  insert(words_, replaced = 0) {
    const { text } = this,
      at = (text.selectionStart ?? text.value.length) - replaced,
      before = text.value.slice(0, at),
      after = text.value.slice(text.selectionEnd ?? at);
    const space = before && !/[\s(!]$/.test(before) ? " " : "";
    const written = `${space}${words_.replace("( )", "()")}`;
    text.value = `${before}${written}${/^[\s),]/.test(after) || !after ? "" : " "}${after}`;
    const caret = before.length + written.length - (words_.endsWith("( )") ? 1 : 0);
    text.focus();
    text.setSelectionRange(caret, caret);
    this.typed = true;
    this.close();
    this.later();
  }

  /** Another text stands there, and is tried as sharp as it was. @param {string} [text] */
  take(text) {
    if (!text) return;
    this.text.value = text;
    this.sharpness.put(this.sharpness.value, true);
    this.typed = true;
    this.close();
    this.text.focus();
    this.ask();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const open = this.offered.length > 0,
      step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.make();
    else if (open && step) {
      const from = this.offer < 0 && step < 0 ? 0 : this.offer;
      this.offer = (from + step + this.offered.length) % this.offered.length;
      this.mark();
    } else if (open && this.offer >= 0 && (event.key === "Enter" || event.key === "Tab"))
      this.insert(this.offered[this.offer], this.stem.length);
    else if (event.key === "Enter") this.make();
    else if (event.key === "Escape" && open) this.close();
    else if (event.key === "Escape") this.discard();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // ---- a frame -------------------------------------------------------------------------------------

  /** @param {import("../bench.js").Frame} frame */
  draw(frame) {
    const { store, look } = this.bench,
      [layer, neuron] = store.selected,
      { known, tried, wrong } = this;
    this.sharpness.draw(wrong ? null : (tried ?? known));
    this.apply.disabled = !this.typed || (wrong !== null && wrong.of === this.written);
    this.back.hidden = !this.typed;
    const sentence = tried?.sentence ?? known?.sentence ?? "";
    setText(
      this.says,
      wrong
        ? wrong.text.replace(/^clause: /, "")
        : sentence
          ? `${words.fires(called(store, layer, neuron), sentence)} ${this.state}`
          : words.none,
    );
    this.says.classList.toggle("wrong", Boolean(wrong));
    this.says.classList.toggle("later", this.offered.length > 0);
    const steadier = tried?.steadier ?? "";
    this.steadier.hidden = !steadier;
    setText(this.steadier, words.steadier(steadier));
    this.drawEcho();
    this.drawChips();
    this.grow();
    const values = store.row(layer, neuron, frame.layers),
      names = namesOf(store);
    if (4 * values.length > WIDE) return;
    const limit = limitOf(values) || 1;
    const cells = [...values].map((value, i) => {
      const at = `${layer - 1}.${i}`;
      const cell = element("span", { textContent: number(value, 1), title: `${at} ${names.get(at) ?? ""}` });
      Object.assign(cell.style, inkOf(Math.max(-1, Math.min(1, value / limit)), look));
      return cell;
    });
    const bias = element("b", { textContent: `bias ${number(store.bias(layer, neuron, frame.layers), 2)}` });
    this.row.replaceChildren(...cells, bias);
  }

  /** How what is said stands to the neuron's weights and its bias. */
  get state() {
    const { known, tried } = this,
      biased = known?.made ? (known.biased ?? null) : null;
    if (tried && biased !== null) return words.unbiased(number(tried.bias, 2), number(biased, 2));
    if (tried) return words.tried;
    if (biased !== null) return words.biased(number(biased, 2));
    return known?.made ? words.made : words.near;
  }

  /** All of the sentence is in sight. */
  grow() {
    const { text } = this,
      now = `${text.clientWidth} ${text.value}`;
    if (now === this.grown) return;
    this.grown = now;
    text.style.height = "0";
    text.style.height = `${text.scrollHeight + text.offsetHeight - text.clientHeight}px`;
  }

  /** The clause once more, with what is wrong in it marked. */
  drawEcho() {
    const { wrong } = this,
      text = this.text.value;
    this.echo.hidden =
      !wrong ||
      this.offered.length > 0 ||
      (wrong.start >= wrong.end && wrong.start < text.length) ||
      !text.trim();
    if (!wrong || this.echo.hidden) return;
    const place = text.slice(wrong.start, wrong.end) || " ";
    this.echo.replaceChildren(
      text.slice(0, wrong.start),
      element("u", { textContent: place }),
      text.slice(wrong.end),
    );
  }

  drawChips() {
    const below = this.below.slice(0, MOST_CHIPS),
      told = JSON.stringify(below);
    if (told === this.chipsFor) return;
    this.chipsFor = told;
    const chip = (/** @type {string} */ textContent, /** @type {string} */ written, title = "") =>
      element("button", { textContent, title, onclick: () => this.insert(written) });
    this.chips.replaceChildren(
      ...JOINTS.map((each) => {
        const button = chip(each, each);
        button.classList.add("joint");
        return button;
      }),
      ...below.map(([at, name]) => chip(name || at, name || at, at)),
    );
  }
}
