// A table of shares as a grid of coloured cells, for mouse, touch and keyboard.
import { element, hasFocus } from "./dom.js";
import { boxOf, crisp, inLines } from "./draw.js";
import { styleOf } from "./frame.js";

/**
 * @typedef {object} Table
 * @property {number} rows
 * @property {number} columns
 * @property {(row: number, column: number) => number} share 0..1, how strongly a cell is coloured
 * @property {(row: number, column: number) => string} text what stands in it, where there is room
 * @property {(row: number, column: number) => string} says what it says in words
 * @property {string[]} heads of the columns
 * @property {string[]} [names] of the columns, empty where one has none: they stand in the heads' place
 * @property {(column: number) => string} [headSays] what a head says in words
 * @property {number} [height] CSS pixels that it takes, and more where names need it
 * @property {string[]} sides of the rows
 * @property {(row: number, column: number) => boolean} [marked]
 * @property {(row: number, column: number) => boolean} [bad] whether a share is one of mistakes
 * @property {number} [chosen] a column that is marked
 * @property {(row: number) => boolean} [apart] whether a row stands back, as of a class not chosen
 */

/** @typedef {{pick: (row: number, column: number) => void, head: (column: number) => void, say: (text: string) => void}} Hands */

const SIDE = 14, // CSS pixels before the first column
  HEAD = 13,
  LINE = 9, // of a name, of which there are two
  ACROSS = 26, // a column this wide has its name across, a narrower one upwards
  UPWARDS = 34,
  LEAST_LINE = 8, // of a row that has its name beside it
  LEAST = 84; // of all rows

export class TableCanvas {
  /**
   * @param {string} name
   * @param {Hands} hands
   * @param {() => import("./frame.js").Style} [style] what it is drawn in, where that is known
   */
  constructor(name, { pick, head, say }, style) {
    this.canvas = element("canvas", { className: "class-table", tabIndex: 0, ariaLabel: name });
    this.canvas.setAttribute("role", "application");
    /** @type {Table|null} */
    this.table = null;
    this.style = style ?? (() => styleOf(this.canvas));
    /** @type {[number, number]|null} row and column; row -1 is the head */
    this.at = null;
    this.say = say;
    /** How high the heads are. */
    this.head = HEAD;
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
    const row = Math.floor(((event.clientY - box.top - this.head) / (box.height - this.head)) * table.rows);
    if (column < 0 || column >= table.columns || row >= table.rows) return null;
    return [Math.max(-1, row), column];
  }

  /** @param {[number, number]|null} at */
  move(at) {
    if (String(at) === String(this.at)) return;
    this.at = at;
    const { table } = this;
    const said = at && table ? (at[0] < 0 ? (table.headSays?.(at[1]) ?? "") : table.says(at[0], at[1])) : "";
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

  /** Let there be room for what stands above the columns. @param {Table} table */
  makeRoom({ names, columns, height }) {
    const { canvas } = this,
      named = names?.some(Boolean);
    const across = (boxOf(canvas).width - SIDE) / columns >= ACROSS;
    const upwards = Math.max(UPWARDS, 0.18 * (height ?? 0));
    this.head = !named ? HEAD : across ? 2 * LINE + 3 : upwards;
    if (height === undefined) return;
    const high = `${Math.round(Math.max(height, LEAST + this.head))}px`;
    if (canvas.style.height !== high) canvas.style.height = high;
  }

  draw() {
    const { table, canvas } = this;
    if (!table || !boxOf(canvas).width) return;
    this.makeRoom(table);
    const { head } = this;
    const { context: g, width, height } = crisp(canvas, boxOf(canvas)),
      { text, accent, bad, font } = this.style();
    const w = (width - SIDE) / table.columns,
      h = (height - head) / table.rows;
    const size = Math.max(7, Math.min(10, Math.floor(Math.min(h - 2, w / 2))));
    g.font = `${size}px ${font}`;
    g.textBaseline = "middle";
    for (let row = 0; row < table.rows; row++) {
      const y = head + row * h;
      g.fillStyle = text;
      const apart = table.apart?.(row) ? 0.4 : 1;
      g.globalAlpha = 0.7 * apart;
      g.textAlign = "left";
      // Of many rows there is room to name some.
      if (row % Math.ceil(LEAST_LINE / h) === 0) g.fillText(table.sides[row], 0, y + h / 2);
      for (let column = 0; column < table.columns; column++) {
        const x = SIDE + column * w,
          share = table.share(row, column);
        g.globalAlpha = apart * (0.07 + 0.93 * Math.max(0, Math.min(1, share)));
        g.fillStyle = table.bad?.(row, column) ? bad : accent;
        g.fillRect(x, y, w - 1, h - 1);
        if (w >= 15 && h > 8) {
          g.globalAlpha = apart * (share > 0.5 ? 1 : 0.8);
          g.fillStyle = share > 0.5 ? "#fff" : text;
          g.textAlign = "center";
          g.fillText(table.text(row, column), x + w / 2, y + h / 2);
        }
        if (table.marked?.(row, column)) frame(g, x, y, w, h, text, 1);
      }
    }
    g.globalAlpha = 0.7;
    g.fillStyle = text;
    g.textAlign = "center";
    const every = w > 11 ? 1 : table.names ? 0 : Math.ceil(LEAST_LINE / w);
    if (every) {
      for (let column = 0; column < table.columns; column += every) {
        g.globalAlpha = column === table.chosen ? 1 : 0.7;
        g.fillStyle = column === table.chosen ? accent : text;
        this.drawHead(g, SIDE + (column + 0.5) * w, w, table.names?.[column] || "", table.heads[column]);
      }
    }
    g.globalAlpha = 1;
    if (table.chosen !== undefined && table.chosen >= 0)
      frame(g, SIDE + table.chosen * w, head, w, height - head, accent, 2);
    if (this.at && (hasFocus(canvas) || this.at)) {
      const [row, column] = this.at;
      frame(g, SIDE + column * w, row < 0 ? 0 : head + row * h, w, row < 0 ? head : h, text, 1.5);
    }
  }

  /**
   * A column's name in two lines, across or upwards, or its number.
   * @param {CanvasRenderingContext2D} g @param {number} x its middle @param {number} w its width
   * @param {string} name @param {string} number
   */
  drawHead(g, x, w, name, number) {
    const { head } = this,
      across = w >= ACROSS;
    if (!name) return g.fillText(number, x, head - HEAD / 2);
    const font = g.font;
    g.font = font.replace(/^\d+px/, `${LINE - 0.5}px`);
    const lines = inLines(g, name, across ? w - 2 : head - 3);
    g.save();
    if (across) g.translate(x, head - 1 - (LINE * lines.length) / 2);
    else {
      g.translate(x, head - 2);
      g.rotate(-Math.PI / 2);
      g.textAlign = "left";
    }
    lines.forEach((line, k) => {
      g.fillText(line, 0, LINE * (k - (lines.length - 1) / 2));
    });
    g.restore();
    g.font = font;
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
