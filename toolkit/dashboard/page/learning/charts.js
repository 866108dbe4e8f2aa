// What became of a training over its epochs: accuracy, loss, and how many neurons are what.
import { SERIES } from "../looking/charts/axes.js";
import { lines, linesTable } from "../looking/charts/lines.js";
import { Figure } from "../looking/figure.js";
import { LEARNING_WORDS as words } from "../words/learning.js";
import { element } from "../workbench/dom.js";

const KINDS = ["edge", "line", "arc", "blob", "template", "diffuse", "noise", "dead"];
const HEIGHT = 190; // CSS pixels of a chart

export class Charts {
  /** @param {import("./film.js").Film} film @param {() => string[]} of what files are named after */
  constructor(film, of) {
    this.film = film;
    this.accuracy = new Figure({ id: "accuracy", title: words.accuracy.title, caption: "", of });
    this.losses = new Figure({ id: "loss", ...words.losses, of });
    this.kinds = new Figure({ id: "verdicts", title: words.kinds.title, caption: "", of });
    this.node = element("div", { className: "figures charts" });
    this.node.append(this.accuracy.node, this.losses.node, this.kinds.node);
  }

  close() {
    for (const figure of [this.accuracy, this.losses, this.kinds]) figure.close();
  }

  /** @param {any} told @param {boolean} over */
  show(told, over) {
    const { records } = told,
      { film } = this;
    this.node.hidden = !records?.length;
    if (this.node.hidden) return;
    const last = Math.max(records.length, over ? 1 : told.plan.epochs);
    const marks = over ? [{ at: film.epoch, label: "" }] : [];
    const act = over ? (/** @type {number} */ epoch) => film.goTo(epoch) : undefined;
    const x = {
      label: words.epoch.toLowerCase(),
      low: 0,
      high: last,
      text: (/** @type {number} */ at) => String(at),
    };
    const says = { ...x, text: (/** @type {number} */ at) => `${words.epoch} ${at}` };
    const epochs = records.map((/** @type {unknown} */ _, /** @type {number} */ k) => k + 1);
    const share = (/** @type {number|null} */ value) => (value === null ? Number.NaN : 100 * value);
    const reads = {
      name: words.accuracy.title,
      x: over ? [0, ...epochs] : epochs,
      y: [
        ...(over ? [share(told.start)] : []),
        ...records.map((/** @type {any} */ [, right]) => share(right)),
      ],
    };
    const accuracy = {
      series: [reads],
      x,
      y: { label: words.accuracy.label, low: 0, high: 100 },
      height: HEIGHT,
      marks,
      act,
    };
    const losses = {
      series: [
        {
          name: words.losses.label,
          x: epochs,
          y: records.map((/** @type {any} */ [loss]) => loss ?? Number.NaN),
        },
      ],
      x,
      y: { label: words.losses.label, low: 0 },
      height: HEIGHT,
      marks,
      act,
    };
    this.accuracy.show({
      draw: (width) => lines(accuracy, width),
      table: () => linesTable({ ...accuracy, x: says }),
      caption: words.accuracy.caption(told.digits),
    });
    this.losses.show({ draw: (width) => lines(losses, width), table: () => linesTable(losses) });
    this.#showKinds(told, over, x, marks, act);
  }

  /**
   * @param {any} told @param {boolean} over @param {any} x @param {any[]} marks
   * @param {((epoch: number) => void)|undefined} act
   */
  #showKinds(told, over, x, marks, act) {
    const { kinds } = this;
    kinds.node.hidden = !over || !told.kinds.length;
    if (kinds.node.hidden) return;
    const at = told.kinds.map((/** @type {any[]} */ [epoch]) => epoch);
    const names = new Set(told.kinds.flatMap((/** @type {any[]} */ each) => each.slice(1)));
    const count = (/** @type {string} */ name) =>
      told.kinds.map((/** @type {any[]} */ each) => each.filter((kind) => kind === name).length);
    // Each in a colour of its own, whichever others there are.
    const series = KINDS.map((name, k) => ({ name, x: at, y: count(name), colour: SERIES[k] })).filter(
      ({ name }) => names.has(name),
    );
    const given = {
      series,
      x,
      y: { label: words.kinds.label, low: 0, high: told.size },
      height: HEIGHT,
      marks,
      act,
    };
    kinds.show({
      draw: (width) => lines(given, width),
      table: () => linesTable(given),
      caption: words.kinds.caption(at.length, told.epochs.length),
    });
  }
}
