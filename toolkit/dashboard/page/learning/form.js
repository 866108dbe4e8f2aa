// The form that says how a network is to be trained.
import { LEARNING_WORDS as words } from "../words/learning.js";
import { element } from "../workbench/dom.js";

const COUNTS = [500, 1000, 2000, 5000, 10_000, 60_000];

/** @param {string} text @param {HTMLElement} field @param {string} [title] */
function labelled(text, field, title = "") {
  field.ariaLabel = text;
  return element("label", { title }, element("span", { textContent: text }), field);
}

/** @param {string} value @param {string} inputMode */
const number = (value, inputMode = "numeric") => element("input", { value, inputMode, autocomplete: "off" });

/** @param {[string, string][]} options @param {string} value */
function choice(options, value) {
  const field = element(
    "select",
    {},
    ...options.map(([name, textContent]) => element("option", { value: name, textContent })),
  );
  field.value = value;
  return field;
}

export class Form {
  /** @param {(plan: {[field: string]: string|number}) => void} begin */
  constructor(begin) {
    /** @type {{[name: string]: HTMLInputElement|HTMLSelectElement}} */
    this.fields = {
      begin: choice(Object.entries(words.begins), "fresh"),
      seed: number("1"),
      epochs: number("20"),
      rate: number("0.01", "decimal"),
      decay: number("0.05", "decimal"),
      batch: number("100"),
      activation: choice(/** @type {[string, string][]} */ (words.activations), "as it is"),
      count: choice(
        COUNTS.map((n) => [String(n), words.counts(n)]),
        // All of MNIST's: twenty epochs read 95 of 100 right, where 10,000 digits come to 92.
        "60000",
      ),
    };
    const { fields } = this;
    // Until it is known how this experiment's training is.
    this.go = element("button", { type: "submit", className: "go", textContent: words.go, disabled: true });
    this.node = element(
      "form",
      { className: "plan", ariaLabel: words.form, noValidate: true },
      labelled(words.begin, fields.begin),
      labelled(words.seed, fields.seed, words.seedTitle),
      labelled(words.epochs, fields.epochs, words.epochsTitle),
      labelled(words.rate, fields.rate, words.rateTitle),
      labelled(words.decay, fields.decay, words.decayTitle),
      labelled(words.batch, fields.batch, words.batchTitle),
      labelled(words.activation, fields.activation, words.activationTitle("as it is")),
      labelled(words.count, fields.count),
      this.go,
      element("p", { className: "note", textContent: `${words.decayNote} ${words.untouched}` }),
    );
    fields.activation.addEventListener("change", () => this.#title());
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      begin(this.plan);
    });
  }

  #title() {
    const { activation } = this.fields;
    /** @type {HTMLElement} */ (activation.parentElement).title = words.activationTitle(activation.value);
  }

  /** What was filled in; what is no number goes as it is, and is refused in words. */
  get plan() {
    /** @type {{[field: string]: string|number}} */
    const plan = {};
    for (const [name, field] of Object.entries(this.fields)) {
      const value = field.value.trim();
      const text = field instanceof HTMLSelectElement && name !== "count";
      plan[name] = text || value === "" || Number.isNaN(Number(value)) ? value : Number(value);
    }
    return plan;
  }

  /** Show how a training was begun. @param {{[field: string]: any}} plan */
  fill(plan) {
    for (const [name, field] of Object.entries(this.fields)) field.value = String(plan[name] ?? field.value);
    this.#title();
  }
}
