// The coach, which does not play: the loss's slope for the neuron on show, drawn over its weights in
// colours of its own; with its brush a person takes small steps down that slope, where it paints.
import { COACH_WORDS as words } from "../words/coach.js";
import { floatsOf } from "./base64.js";
import { element, find, setText } from "./dom.js";
import { number } from "./draw.js";

/**
 * @typedef {import("./bench.js").Bench} Bench
 * @typedef {{layer: number, neuron: number, slopes: Float32Array, bias: number|null, top: number, digits: number, set: string, name: string, loss: number|null}} Advice
 */

const NAME = "coach";
const RAISE = "#ffe45c",
  LOWER = "#b77bff";
const LEAST_SHOWN = 0.06; // of the steepest slope
const STEPS = { least: -2, most: 0.3, first: 0.1 }; // powers of ten

class Coach {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    this.of = "all";
    this.wanted = "";
    this.step = STEPS.first;
    /** @type {Advice|null} */
    this.advice = null;
    this.error = "";
    /** @type {any} what the server told last, as it came */
    this.told = null;
    this.scope = element("select", { ariaLabel: words.over, onchange: () => this.ask(this.scope.value) });
    this.showScopes();
    bench.hear("classes-built", () => this.showScopes());
    this.size = element("input", {
      type: "range",
      min: String(STEPS.least),
      max: String(STEPS.most),
      step: "0.05",
      value: String(Math.log10(this.step)),
      title: words.stepTitle,
      oninput: () => {
        this.step = Number((10 ** Number(this.size.value)).toPrecision(2));
        this.bench.dirty();
      },
    });
    this.sized = element("output");
    this.brush = element("button", {
      className: "take-up",
      textContent: words.take_up,
      title: words.take_up_title,
      onclick: () => this.takeUp(!this.inHand),
    });
    this.measured = element("p", { className: "measured" });
    this.rate = element("p", { className: "rate" });
    this.body = element(
      "div",
      { className: "coach" },
      element(
        "p",
        { className: "signs" },
        coloured(words.add, RAISE),
        coloured(words.take, LOWER),
        element("label", {}, `${words.over} `, this.scope),
      ),
      this.measured,
      element(
        "p",
        { className: "steps" },
        this.brush,
        element("label", {}, `${words.step} `, this.size, this.sized),
      ),
      this.rate,
    );
    bench.overlays.add({
      name: NAME,
      label: words.label,
      title: words.title,
      draw: (g, _frame, size) => this.draw(g, size),
      turned: (on) => this.turned(on),
    });
    bench.commands.add(
      {
        name: words.command,
        group: "see",
        also: words.also,
        run: () => bench.overlays.turn(NAME, !bench.overlays.isOn(NAME)),
      },
      { name: words.brush, group: "paint", also: words.also, run: () => this.takeUp(true) },
    );
    this.biasSign = element("span", { className: "coach-bias", hidden: true });
    find(bench.root, ".bias-value").after(this.biasSign);
    bench.slope = () => this.push();
    // In hand since an earlier visit to this page: the coach is not asked yet.
    if (this.inHand) bench.set("tool", "brush");
    bench.hear("answer", () => this.receive());
    bench.hear("select", () => this.forget());
    bench.hear("store", () => this.forget());
    bench.hear("frame", () => this.show());
  }

  /** Let every class be there to choose. */
  showScopes() {
    const { names } = this.bench.digits;
    this.scope.replaceChildren(
      element("option", { value: "all", textContent: words.scopes.all }),
      element("option", { value: "wrong", textContent: words.scopes.wrong }),
      ...names.map((name, label) =>
        element("option", { value: `class-${label}`, textContent: words.scope(name) }),
      ),
    );
    // Of a class that is not there nothing could be said.
    if (this.of.startsWith("class-") && Number(this.of.slice(6)) >= names.length) this.ask("all");
    this.scope.value = this.of;
  }

  get on() {
    return this.bench.overlays.isOn(NAME);
  }

  /** Whether nothing was done since the slope was worked out. */
  get fresh() {
    const { store } = this.bench;
    const current = this.told !== null && store.extra(this.wanted) === this.told;
    return current && !store.stroke && !store.biasDrag && store.outbox.length === 0;
  }

  get inHand() {
    return this.bench.settings.tool === NAME;
  }

  /** @param {boolean} up */
  takeUp(up) {
    if (up && !this.on) this.bench.overlays.turn(NAME, true);
    this.bench.setTool(up ? NAME : "brush");
  }

  /** @param {boolean} on */
  turned(on) {
    const { bench } = this;
    if (on) {
      bench.overlays.turn("provenance", false);
      this.ask(this.of);
      bench.dock.open(NAME, words.card, this.body);
    } else {
      if (this.wanted) bench.wants.drop(this.wanted);
      this.wanted = "";
      if (this.inHand) bench.setTool("brush");
      if (bench.dock.name === NAME) bench.dock.close();
      this.forget();
    }
  }

  /** @param {string} of which digits */
  ask(of) {
    this.of = of;
    const name = `gradient/${of}`;
    if (name === this.wanted) return;
    if (this.wanted) this.bench.wants.drop(this.wanted);
    this.wanted = name;
    this.bench.wants.add(name);
    this.forget();
  }

  forget() {
    this.advice = this.told = null;
    this.error = "";
    this.receive();
  }

  receive() {
    const { store } = this.bench;
    if (!this.wanted || !store?.state) return;
    this.bench.dirty();
    const told = store.extra(this.wanted);
    if (!told || told === this.told) return;
    this.told = told;
    this.error = told.error ?? "";
    if (this.error) this.advice = null;
    else if (told.layer === store.selected[0] && told.neuron === store.selected[1]) {
      const slopes = floatsOf(told.slopes);
      let top = 0;
      for (const slope of slopes) if (Number.isFinite(slope)) top = Math.max(top, Math.abs(slope));
      this.advice = { ...told, slopes, top };
    }
  }

  /** Rate × slope of every weight, so that the steepest moves by one step; null while unknown. */
  push() {
    const { advice } = this;
    if (!advice?.top) {
      if (this.error) this.bench.say({ code: "refused", kind: "error", fields: { text: this.error } });
      else this.bench.say({ code: advice ? "coach-flat" : "coach-waits" });
      return null;
    }
    const rate = this.step / advice.top;
    return Float64Array.from(advice.slopes, (slope) => rate * slope);
  }

  // ---- what is shown ---------------------------------------------------------------------------

  /** @param {CanvasRenderingContext2D} g @param {{cellWidth: number, cellHeight: number, later: boolean}} size */
  draw(g, { cellWidth: w, cellHeight: h, later }) {
    const { advice } = this;
    if (!advice?.top || this.bench.original) return;
    const { columns } = this.bench.store.grid;
    g.save();
    g.globalAlpha = this.fresh ? 1 : 0.35;
    g.lineWidth = 1;
    advice.slopes.forEach((slope, cell) => {
      const share = Math.abs(slope) / advice.top;
      if (!(share > LEAST_SHOWN)) return;
      const x = (cell % columns) * w,
        y = Math.floor(cell / columns) * h;
      if (later) arrow(g, x + w - 13, y + 0.36 * h, h * (0.08 + 0.19 * share), slope > 0);
      else triangle(g, x + w / 2, y + h / 2, 0.46 * Math.min(w, h) * Math.sqrt(share), slope > 0);
    });
    g.restore();
  }

  show() {
    const { advice, biasSign } = this;
    biasSign.hidden = !this.on || !advice?.bias;
    if (advice?.bias) {
      const down = advice.bias > 0;
      setText(biasSign, down ? "▼" : "▲");
      biasSign.title = words.bias(number(advice.bias, 4));
      biasSign.className = `coach-bias ${down ? "lower" : "raise"}`;
      biasSign.style.opacity = this.fresh ? "1" : "0.4";
    }
    if (this.bench.dock.name !== NAME) return;
    setText(this.measured, this.sentence());
    this.measured.classList.toggle("stale", Boolean(advice) && !this.fresh);
    setText(this.sized, number(this.step, 2, false));
    setText(this.rate, advice?.top ? words.rate(number(this.step / advice.top, 2, false)) : "");
    this.brush.classList.toggle("on", this.inHand);
    this.brush.setAttribute("aria-pressed", String(this.inHand));
    if (this.scope.value !== this.of) this.scope.value = this.of;
  }

  sentence() {
    const { advice } = this;
    if (this.error) return this.error;
    if (!advice) return words.working;
    if (!advice.digits) return words.none;
    return `${words.measured(advice)}${advice.top ? "" : ` ${words.flat}`}`;
  }
}

/** @param {string} textContent @param {string} colour */
function coloured(textContent, colour) {
  const node = element("span", {}, element("i"), textContent.slice(1));
  const sign = /** @type {HTMLElement} */ (node.firstChild);
  sign.textContent = textContent[0];
  sign.style.color = colour;
  return node;
}

/**
 * Up where the weight is to be raised, down where it is to be lowered.
 * @param {CanvasRenderingContext2D} g @param {number} x @param {number} y @param {number} r
 * @param {boolean} down
 */
function triangle(g, x, y, r, down) {
  const tip = down ? r : -r;
  g.beginPath();
  g.moveTo(x, y + tip);
  g.lineTo(x - r, y - tip * 0.8);
  g.lineTo(x + r, y - tip * 0.8);
  g.closePath();
  g.fillStyle = down ? LOWER : RAISE;
  g.fill();
  g.strokeStyle = "rgb(0 0 0 / .7)";
  g.stroke();
}

/**
 * @param {CanvasRenderingContext2D} g @param {number} x @param {number} y
 * @param {number} half of its length @param {boolean} down
 */
function arrow(g, x, y, half, down) {
  const to = down ? half : -half;
  for (const [style, width] of /** @type {[string, number][]} */ ([
    ["rgb(0 0 0 / .8)", 6],
    [down ? LOWER : RAISE, 3.5],
  ])) {
    g.strokeStyle = style;
    g.lineWidth = width;
    g.beginPath();
    g.moveTo(x, y - to);
    g.lineTo(x, y + to * 0.7);
    g.stroke();
  }
  g.lineWidth = 1;
  triangle(g, x, y + to * 0.85, 7, down);
}

/** @param {Bench} bench */
export function install(bench) {
  new Coach(bench);
}
