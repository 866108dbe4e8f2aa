// A table of shares as a grid of coloured cells, for mouse, touch and keyboard.
import { element, hasFocus } from "./dom.js";
import { crisp } from "./draw.js";

/**
 * @typedef {object} Table
 * @property {number} rows
 * @property {number} columns
 * @property {(row: number, column: number) => number} share 0..1, how strongly a cell is coloured
 * @property {(row: number, column: number) => string} text what stands in it, where there is room
 * @property {(row: number, column: number) => string} says what it says in words
 * @property {string[]} heads of the columns
 * @property {string[]} sides of the rows
 * @property {(row: number, column: number) => boolean} [marked]
 * @property {(row: number, column: number) => boolean} [bad] whether a share is one of mistakes
 * @property {number} [chosen] a column that is marked
 * @property {(row: number) => boolean} [apart] whether a row stands back, as of a class not chosen
 */

const SIDE = 14, // CSS pixels before the first column
  HEAD = 13;

export class TableCanvas {
  /**
   * @param {string} name
   * @param {{pick: (row: number, column: number) => void, head: (column: number) => void, say: (text: string) => void}} hands
   */
  constructor(name, { pick, head, say }) {
    this.canvas = element("canvas", { className: "class-table", tabIndex: 0, ariaLabel: name });
    this.canvas.setAttribute("role", "application");
    /** @type {Table|null} */
    this.table = null;
    /** @type {[number, number]|null} row and column; row -1 is the head */
    this.at = null;
    this.say = say;
    /** @param {[number, number]} at */
    const take = ([row, column]) => (row < 0 ? head(column) : pick(row, column));
    this.canvas.addEventListener("pointermove", (event) => this.move(this.cellOf(event)));
    this.canvas.addEventListener("pointerleave", () => this.move(null));
    this.canvas.addEventListener("click", (event) => {
      const at = this.cellOf(event);
      if (at) take(at);
    });
    this.canvas.addEventListener("keydown", (event) => {
      const { table } = this;
      if (!table) return;
      if ((event.key === "Enter" || event.key === " ") && this.at) take(this.at);
      else {
        const [row, column] = STEPS[/** @type {keyof typeof STEPS} */ (event.key)] ?? [0, 0];
        if (!row && !column) return;
        const [r, c] = this.at ?? [0, -column];
        this.move([
          Math.max(-1, Math.min(table.rows - 1, r + row)),
          Math.max(0, Math.min(table.columns - 1, c + column)),
        ]);
      }
      event.preventDefault();
      event.stopPropagation();
    });
    this.canvas.addEventListener("blur", () => this.move(null));
    // Else what was drawn for another size is stretched.
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  /** @param {MouseEvent} event @returns {[number, number]|null} */
  cellOf(event) {
    const { table } = this;
    if (!table) return null;
    const box = this.canvas.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left - SIDE) / (box.width - SIDE)) * table.columns);
    const row = Math.floor(((event.clientY - box.top - HEAD) / (box.height - HEAD)) * table.rows);
    if (column < 0 || column >= table.columns || row >= table.rows) return null;
    return [Math.max(-1, row), column];
  }

  /** @param {[number, number]|null} at */
  move(at) {
    if (String(at) === String(this.at)) return;
    this.at = at;
    const said = at && this.table ? (at[0] < 0 ? "" : this.table.says(at[0], at[1])) : "";
    this.canvas.title = said;
    this.say(said);
    this.draw();
  }

  /** @param {Table} table */
  show(table) {
    this.table = table;
    if (this.at && this.at[0] >= 0 && this.at[1] < table.columns) this.say(table.says(...this.at));
    this.draw();
  }

  draw() {
    const { table, canvas } = this;
    if (!table || !canvas.clientWidth) return;
    const { context: g, width, height } = crisp(canvas),
      css = getComputedStyle(canvas);
    const accent = css.getPropertyValue("--st-primary-color").trim() || "#1f6fd6";
    const bad = css.getPropertyValue("--bad").trim() || "#d64545";
    const w = (width - SIDE) / table.columns,
      h = (height - HEAD) / table.rows;
    const size = Math.max(7, Math.min(10, Math.floor(Math.min(h - 2, w / 2))));
    g.font = `${size}px ${css.fontFamily}`;
    g.textBaseline = "middle";
    for (let row = 0; row < table.rows; row++) {
      const y = HEAD + row * h;
      g.fillStyle = css.color;
      const apart = table.apart?.(row) ? 0.4 : 1;
      g.globalAlpha = 0.7 * apart;
      g.textAlign = "left";
      g.fillText(table.sides[row], 0, y + h / 2);
      for (let column = 0; column < table.columns; column++) {
        const x = SIDE + column * w,
          share = table.share(row, column);
        g.globalAlpha = apart * (0.07 + 0.93 * Math.max(0, Math.min(1, share)));
        g.fillStyle = table.bad?.(row, column) ? bad : accent;
        g.fillRect(x, y, w - 1, h - 1);
        if (w >= 15 && h > 8) {
          g.globalAlpha = apart * (share > 0.5 ? 1 : 0.8);
          g.fillStyle = share > 0.5 ? "#fff" : css.color;
          g.textAlign = "center";
          g.fillText(table.text(row, column), x + w / 2, y + h / 2);
        }
        if (table.marked?.(row, column)) frame(g, x, y, w, h, css.color, 1);
      }
    }
    g.globalAlpha = 0.7;
    g.fillStyle = css.color;
    g.textAlign = "center";
    if (w > 11) {
      for (let column = 0; column < table.columns; column++) {
        g.globalAlpha = column === table.chosen ? 1 : 0.7;
        g.fillStyle = column === table.chosen ? accent : css.color;
        g.fillText(table.heads[column], SIDE + (column + 0.5) * w, HEAD / 2);
      }
    }
    g.globalAlpha = 1;
    if (table.chosen !== undefined && table.chosen >= 0)
      frame(g, SIDE + table.chosen * w, HEAD, w, height - HEAD, accent, 2);
    if (this.at && (hasFocus(canvas) || this.at)) {
      const [row, column] = this.at;
      frame(g, SIDE + column * w, row < 0 ? 0 : HEAD + row * h, w, row < 0 ? HEAD : h, css.color, 1.5);
    }
  }
}

/** @type {{[key: string]: [number, number]}} */
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * @param {CanvasRenderingContext2D} g @param {number} x @param {number} y @param {number} w
 * @param {number} h @param {string} colour @param {number} line
 */
function frame(g, x, y, w, h, colour, line) {
  g.globalAlpha = 1;
  g.strokeStyle = colour;
  g.lineWidth = line;
  g.strokeRect(x + line / 2 - 0.5, y + line / 2 - 0.5, w - line, h - line);
}
