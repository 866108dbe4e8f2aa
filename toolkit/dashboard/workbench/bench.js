// The workbench: wires the store, the tools and the pictures to the page.
import { Store } from "./store.js";
import { alongLine, coverFill, coverRectangle, coverer, dab } from "./tools.js";
import { colourOf, crisp, drawGrey, drawMap, limitOf, makeLook, number, percentPoints } from "./draw.js";
import { BiasView } from "./bias.js";
import { MENUS, Menu, element, fillKeys } from "./menus.js";
import { forward } from "./network.js";

const TOOLS = {
  brush: ["B", "M3 13c3 0 2-3 4-4l6-6 2 2-6 6c-1 2-4 4-6 2z"],
  erase: ["E", "M6 14h8M3 10l6-6 4 4-6 6H5z"],
  line: ["L", "M3 13L13 3"],
  rectangle: ["R", "M3 4h10v8H3z"],
  fill: ["G", "M7 2l6 6-5 5-6-6zM14 11c1 2 1 3 0 3s-1-1 0-3"],
  pick: ["I", "M3 13l1-3 6-6 2 2-6 6zM10 3l3 3"],
};
const SHEET = 112; // pixels along a side of what one draws on
const PEN = 5.4; // half the pen's width there: as wide as MNIST's pens were
const MAX_FILE = 64 << 20;

const settingsAtStart = {
  tool: "brush", mode: "set", strength: 1, size: 3, soft: true, mirror: "none", scale: "neuron", fixed: 1,
  ghost: false, contributions: false, mean: false, lit: false,
};

class Bench {
  constructor(root, send) {
    this.root = root;
    this.$ = (selector) => root.querySelector(selector);
    this.store = new Store((payload) => this.send(payload));
    this.send = send;
    this.settings = { ...settingsAtStart };
    this.frames = [];
    this.limits = new Map();
    this.undoers = [];
    this.menu = new Menu(this.$(".menu"), root);
    this.bias = new BiasView(this.$(".bias-view"), {
      onDrag: (value) => { this.store.dragBias(...this.store.selected, value); this.dirty(); },
      onDrop: () => this.store.endBias(),
    });
    fillKeys(this.$("dialog.keys"));
    this.buildTools();
    this.wireBar();
    this.wireDigit();
    this.wireMap();
    this.wireKeys();
    this.listen(window, "resize", () => this.fit());
    if (!remembered("hint")) this.$(".hint").hidden = false;
  }

  listen(target, type, handler, options) {
    target.addEventListener(type, handler, options);
    this.undoers.push(() => target.removeEventListener(type, handler, options));
  }

  close() {
    this.closed = true;
    this.store.close();
    clearTimeout(this.fetchTimer);
    this.undoers.forEach((undo) => undo());
  }

  // ---- what arrives from Python ---------------------------------------------------------------

  receive(bytes) {
    const { state, data } = readAnswer(bytes), first = !this.store.state;
    const another = !first && state.desk !== this.store.state.desk;
    if (!this.store.load(state, data)) return;
    this.keepDesk(state, first);
    const palette = `${state.palette} ${state.gamma}`;
    if (this.palette !== palette) this.look = makeLook(data.colours, state.marks);
    this.palette = palette;
    this.means = data.means;
    this.lit = data.lit;
    const { selection } = this.store;
    const asked = this.store.outbox.some((entry) => entry.message?.kind === "select");
    if (first || another || !selection || !asked) this.store.selection = state.selected;
    if (first || this.strengthFor !== state.network.name) {
      this.strengthFor = state.network.name;
      this.limits.clear();
    }
    this.buildNetwork();
    this.showState(data);
    this.fit();
    this.dirty();
  }

  // A reload starts a new session with a new desk; ask for the one that this tab had.
  keepDesk(state, first) {
    let left = null;
    try {
      left = sessionStorage.getItem("weight-map-toolkit.desk");
      if (!first || !left || !state.fresh) sessionStorage.setItem("weight-map-toolkit.desk", state.desk);
    } catch { /* no storage: a reload starts afresh */ }
    if (first && left && left !== state.desk && state.fresh) this.store.tell({ kind: "adopt", desk: left });
  }

  showState(data) {
    const { state } = this.store, { score } = state;
    this.$(".net-name").textContent = state.network.name;
    this.$(".digits-name").textContent = state.digits.name;
    this.$(".accuracy").textContent = `${(100 * score.accuracy).toFixed(2)}%`;
    this.$(".accuracy").title = `${score.correct.toLocaleString("en")} of ${score.images.toLocaleString("en")} digits read right`;
    this.$(".accuracy").dataset.revision = state.revision;
    for (const [of, value, text] of [["last", score.last, "last step"], ["start", score.start, "since loaded"]]) {
      const node = this.$(`.delta[data-of=${of}]`);
      node.textContent = value === null ? "" : `${percentPoints(value)} ${text}`;
      node.className = `delta ${value > 0 ? "up" : value < 0 ? "down" : ""}`;
    }
    // The accuracy first; the rest, a dozen small pictures among it, once that is on the screen.
    clearTimeout(this.showing);
    this.showing = setTimeout(() => { this.showing = 0; this.showRest(data); }, 0);
  }

  showRest(data) {
    const { state } = this.store, { score } = state;
    this.$("[data-do=undo]").disabled = state.history.cursor === 0 && !this.store.outbox.length;
    this.$("[data-do=redo]").disabled = state.history.cursor === state.history.count;
    this.$(".digit-title").textContent = state.digit.title;
    const index = this.$(".digit-index");
    if (index.getRootNode().activeElement !== index) index.value = state.digit.index ?? "";
    index.placeholder = "–";
    this.$(".digit-class").value = state.digit.class ?? "";
    this.$(".center").hidden = !this.drawing;
    this.$(".clear").hidden = !this.drawing;
    this.showPerDigit(score);
    let at = 0;
    for (const side of ["gained", "lost"]) {
      const { count, digits } = score[side];
      this.$(`.${side}-title`).textContent = count ? `${count} ${side} by the last step` : `none ${side} by the last step`;
      this.$(`.thumbs[data-side=${side}]`).replaceChildren(...digits.map((which) => {
        const canvas = element("canvas"), pixels = state.sizes[0];
        drawGrey(canvas, Float32Array.from(data.thumbs.subarray(pixels * at, pixels * ++at), (p) => p / 255), state.grid[1]);
        return element("button", { title: `digit ${which}`, ariaLabel: `Show digit ${which}`, onclick: () => this.ask({ kind: "digit", how: "index", index: which }) }, canvas);
      }));
    }
    // What was said to this page before another one took its place was heard there.
    if (state.notice && state.notice.id !== this.noticed && ["", this.store.client].includes(state.notice.to)) {
      this.noticed = state.notice.id;
      this.notice(state.notice.kind, state.notice.text, state.notice.actions);
    }
    this.showFetch(state.fetch);
    if (state.file && state.file.id !== this.fetched) {
      this.fetched = state.file.id;
      const url = URL.createObjectURL(new Blob([data.file]));
      element("a", { href: url, download: state.file.name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    }
    if (this.$(".menu").dataset.open === "history" && !this.menu.box.hidden) this.openMenu(this.menu.button);
  }

  // A download of MNIST: asks Python how far it is until it ends.
  showFetch(fetch) {
    clearTimeout(this.fetchTimer);
    const before = this.fetchStatus;
    this.fetchStatus = fetch?.status;
    if (fetch?.status === "running") {
      const share = fetch.total ? `${Math.floor((100 * fetch.done) / fetch.total)}%` : "calling";
      const left = fetch.seconds_left === null ? "" : `, ${Math.ceil(fetch.seconds_left)} s left`;
      this.notice("info", `Fetching MNIST: ${share}${left}`, [{ label: "Cancel", ask: { kind: "fetch", cancel: true } }]);
      this.fetchTimer = setTimeout(() => this.store.tell({ kind: "poll" }), 600);
    } else if (fetch && before === "running") {
      const again = { label: "Try again", ask: { kind: "fetch" } };
      if (fetch.status === "done") this.notice("info", "MNIST is here.", [{ label: "Use it", ask: { kind: "digits", source: "mnist" } }]);
      else this.notice(fetch.status === "failed" ? "error" : "info", fetch.message, [again]);
    }
  }

  showPerDigit(score) {
    const box = this.$(".per-digit");
    if (!box.children.length) {
      for (let digit = 0; digit < 10; digit++) {
        box.append(element("div", {}, element("div", { className: "bar-box" }, element("div", { className: "fill" }), element("div", { className: "was" })), element("span", { textContent: digit })));
      }
    }
    [...box.children].forEach((column, digit) => {
      const now = score.per_digit[digit], was = score.per_digit_start[digit];
      column.querySelector(".fill").style.height = `${100 * (now ?? 0)}%`;
      column.querySelector(".was").style.bottom = `calc(${100 * (was ?? 0)}% - 1px)`;
      column.querySelector(".was").hidden = was === null || was === now;
      column.title = now === null ? `no ${digit} in this set` : `${digit}: ${(100 * now).toFixed(1)}% read right` + (was === now ? "" : `, ${percentPoints(now - was)} since loaded`);
    });
  }

  // Ask Python for something.
  ask(message) {
    this.menu.close();
    this.store.tell(message);
    this.dirty();
  }

  notice(kind, text, actions = []) {
    const box = this.$(".notice");
    clearTimeout(this.noticeTimer);
    box.className = `notice ${kind}`;
    const hide = () => { box.hidden = true; };
    const buttons = actions.map(({ label, ask, menu }) =>
      element("button", { textContent: label, onclick: () => { hide(); if (menu) this.showMenu(menu); else this.ask(ask); } }));
    const close = element("button", { textContent: "×", ariaLabel: "Close", onclick: hide });
    box.replaceChildren(element("span", { textContent: text }), ...buttons, close);
    box.hidden = false;
    this.noticeTimer = setTimeout(hide, kind === "error" || actions.length ? 15000 : 8000);
  }

  // ---- the network panel ------------------------------------------------------------------------

  buildNetwork() {
    const { state } = this.store, shape = JSON.stringify([state.sizes, state.functions]);
    if (this.shape === shape) return;
    this.shape = shape;
    const last = state.sizes.length - 1;
    const panel = this.$(".network-panel");
    panel.replaceChildren();
    this.neurons = [];
    this.buildStrip(state.sizes[last]);
    for (let layer = 1; layer <= last; layer++) {
      const choice = element("select", { ariaLabel: `Activation of layer ${layer}`, title: "Activation function" },
        ...state.functions.map((name) => element("option", { value: name, textContent: name })));
      choice.addEventListener("change", () => { this.store.edit({ kind: "activation", layer, activation: choice.value }); this.dirty(); });
      const what = layer === last ? `output` : layer === 1 ? `layer 1` : `layer ${layer} <small>composed, a linear approximation</small>`;
      const title = element("span");
      title.innerHTML = what;
      const box = element("div", { className: layer === last ? "outputs" : "neurons" });
      const row = [];
      for (let j = 0; j < state.sizes[layer]; j++) {
        const button = layer === last ? this.outputRow(layer, j) : this.neuronTile(layer, j);
        button.addEventListener("click", () => this.select(layer, j));
        box.append(button);
        row.push(button);
      }
      this.neurons.push({ row, choice });
      panel.append(element("div", { className: "layer" }, element("h3", {}, title, choice), box));
    }
  }

  // The outputs once more, small, above the map: a phone shows nothing else beside it.
  buildStrip(count) {
    this.strip = Array.from({ length: count }, (_, j) => element("div", {}, element("span", {}, element("i")), String(j)));
    this.$(".strip").replaceChildren(...this.strip);
  }

  neuronTile(layer, j) {
    return element("button", { className: "neuron", title: `neuron ${layer}.${j}`, ariaLabel: `Neuron ${layer}.${j}` },
      element("canvas", { width: 28, height: 28 }), element("div", { className: "level" }, element("i")));
  }

  outputRow(layer, j) {
    return element("button", { className: "output", title: `output ${layer}.${j}`, ariaLabel: `Output ${j}` },
      element("span", { className: "name", textContent: j }), element("span", { className: "track" }, element("i")), element("span", { className: "amount" }));
  }

  select(layer, neuron) {
    this.store.cancelStroke();
    this.store.selection = [layer, neuron];
    this.cursor = null;
    this.ask({ kind: "select", layer, neuron });
    if (window.innerWidth <= 900) this.$(".map-panel").scrollIntoView({ behavior: "smooth" });
  }

  // ---- sizes ------------------------------------------------------------------------------------

  fit() {
    const width = this.root.clientWidth, phone = window.innerWidth <= 900;
    if (!width) return;
    const height = window.innerHeight - this.root.getBoundingClientRect().top - window.scrollY;
    let cell, mini, digit;
    if (phone) {
      cell = Math.floor(width / 28);
      mini = Math.max(1, Math.floor((width / 5 - 12) / 28));
      digit = width;
    } else {
      digit = Math.round(Math.max(200, Math.min(340, width * 0.152)));
      const byHeight = (height - 46 - 27 - 8 - 160) / 28, byWidth = (width - digit - 32 - 100 - (width > 1700 ? 780 : Math.min(552, width * 0.42))) / 28;
      cell = Math.max(9, Math.floor(2 * Math.min(byHeight, byWidth, 30)) / 2);
      const rest = width - digit - 32 - 100 - 28 * cell;
      mini = Math.max(1, Math.min(4, Math.floor((rest / 8 - 11) / 28)));
      const byTall = (height - 46 - 246 - 40 - 2 * 27) / 4 - 18;
      mini = Math.max(1, Math.min(mini, Math.floor(byTall / 28)));
      this.root.style.setProperty("--net", Math.max(240, Math.min(rest, 8 * (28 * mini + 11) + 8)));
    }
    for (const [name, value] of Object.entries({ cell, mini, digit })) this.root.style.setProperty(`--${name}`, value);
    this.cellSize = cell;
    this.dirty();
  }

  // ---- drawing a frame ---------------------------------------------------------------------------

  dirty() {
    if (this.pending || this.closed) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      if (!this.store.state || this.closed) return;
      const start = performance.now();
      this.draw();
      this.frames.push(performance.now() - start);
      if (this.frames.length > 2000) this.frames.shift();
    });
  }

  get shownLayers() {
    return this.original ? this.store.original : this.store.layers;
  }

  limit(layer, values, all) {
    if (this.settings.scale === "fixed") return this.settings.fixed;
    return limitOf(this.settings.scale === "layer" ? all : values);
  }

  draw() {
    const { store } = this, layers = this.shownLayers;
    const trace = this.original ? forward(layers, store.activations, store.digit) : store.trace;
    const maps = this.original ? null : store.composed;
    this.trace = trace;
    this.drawDigit(trace);
    this.drawSurface(layers, trace);
    this.drawBias(layers, trace);
    this.drawNetwork(layers, trace, maps);
    const waiting = store.outbox.length > 0 && store.tries > 2;
    this.$(".sync").textContent = waiting ? "not yet saved…" : "";
    this.root.classList.toggle("lost", store.tries > 4);
    const undo = this.$("[data-do=undo]");
    undo.disabled = store.state.history.cursor === 0 && !store.outbox.some((entry) => entry.stroke || entry.message.kind === "edit");
    for (const button of this.root.querySelectorAll("[data-hold]")) button.classList.toggle("on", !!this.original);
  }

  drawDigit(trace) {
    const { state, digit } = this.store;
    drawGrey(this.$(".digit-view"), digit, state.grid[1]);
    const z = trace.z[trace.z.length - 1];
    const read = z.reduce((best, value, j) => (value > z[best] ? j : best), 0);
    this.read = read;
    const { label } = state.digit;
    const tie = z.every((value) => value === z[0]);
    const verdict = tie ? `${label === null ? "" : `it is a ${label}; `}all ten outputs tie` : label === null ? `read as <b>${read}</b>` : `it is a ${label}, read as <b class="${read === label ? "right" : "wrong"}">${read}</b>`;
    if (this.verdict !== verdict) this.$(".verdict").innerHTML = this.verdict = verdict;
  }

  drawSurface(layers, trace) {
    const { store, settings } = this, [layer, neuron] = store.selected, later = layer > 1;
    this.$(".surface").classList.toggle("later", later);
    this.$(".composed-box").hidden = !later;
    const [gridRows, gridColumns] = store.state.grid;
    this.$(".surface").style.setProperty("--tall", later ? 1 : gridRows / gridColumns);
    this.$(".map-title").textContent = `weights into ${layer}.${neuron}${this.original ? ", as loaded" : ""}`;
    const row = store.row(layer, neuron, layers), { columns } = store.grid;
    const limit = this.limit(layer, row, layers[layer - 1].weights);
    this.shownLimit = limit;
    if (later) this.drawLater(layers, trace, row, limit);
    else {
      const contributions = settings.contributions;
      const values = contributions ? row.map((w, i) => w * store.digit[i]) : row;
      drawMap(this.$(".map"), values, columns, contributions ? limitOf(values) : limit, this.look, settings.lit ? this.lit : null);
    }
    this.drawOver(later);
    this.readout(layers, trace);
    if (this.$(".bias-value").getRootNode().activeElement !== this.$(".bias-value")) {
      this.$(".bias-value").value = number(store.bias(layer, neuron, layers), 3, false);
    }
  }

  // A later neuron: its incoming weights, each as a colour beside the map it comes from.
  drawLater(layers, trace, row, limit) {
    const { store } = this, [layer, neuron] = store.selected;
    const map = this.$(".map"), ratio = window.devicePixelRatio || 1;
    const width = Math.round(map.clientWidth * ratio), height = Math.round(map.clientHeight * ratio);
    if (map.width !== width || map.height !== height) Object.assign(map, { width, height });
    const g = map.getContext("2d"), { rows, columns } = store.grid;
    g.fillStyle = "#000";
    g.fillRect(0, 0, width, height);
    const w = width / columns, h = height / rows, below = trace.a[layer - 2];
    const tiles = this.neurons[layer - 2].row;
    g.imageSmoothingEnabled = false;
    g.textAlign = "center";
    for (let i = 0; i < row.length; i++) {
      const x = (i % columns) * w, y = Math.floor(i / columns) * h, gap = Math.max(1, w * 0.03);
      const [r, gr, b] = colourOf(row[i], limit, this.look);
      g.fillStyle = `rgb(${r} ${gr} ${b})`;
      g.fillRect(x + gap, y + gap, w - 2 * gap, h - 2 * gap);
      const side = Math.min(w - 6 * gap, h - 40 * ratio);
      if (side < 20 * ratio) continue;
      const source = tiles[i].querySelector("canvas");
      g.drawImage(source, x + (w - side) / 2, y + 3 * gap, side, side);
      g.fillStyle = r + gr + b > 330 ? "#000" : "#fff";
      g.font = `${11 * ratio}px sans-serif`;
      const at = y + 3 * gap + side + 14 * ratio;
      g.fillText(number(row[i]), x + w / 2, at);
      g.globalAlpha = 0.75;
      g.fillText(`${layer - 1}.${i}: ${number(below[i], 2, false)}`, x + w / 2, at + 14 * ratio);
      g.globalAlpha = 1;
    }
    const pixels = store.state.sizes[0], composed = store.composed[layer - 1].subarray(neuron * pixels, (neuron + 1) * pixels);
    drawMap(this.$(".composed"), composed, store.state.grid[1], limitOf(composed), this.look);
    const name = layer === 2 ? "W2·W1" : layer === 3 ? "W3·W2·W1" : `W${layer}·…·W1`;
    this.$(".composed-note").textContent = `${name}: what ${layer}.${neuron} would look for if nothing between were curved. A linear approximation.`;
  }

  drawOver(later) {
    const { context: g, width, height } = crisp(this.$(".over"));
    const { store, settings } = this, { rows, columns } = store.grid, w = width / columns, h = height / rows;
    const shade = (values, colour) => {
      for (let i = 0; i < values.length; i++) {
        if (!(values[i] > 0.02)) continue;
        g.fillStyle = `rgb(${colour} / ${0.62 * values[i]})`;
        g.fillRect((i % columns) * w, Math.floor(i / columns) * h, w + 0.3, h + 0.3);
      }
    };
    if (!later) {
      const label = store.state.digit.label ?? this.read;
      const pixels = store.state.sizes[0];
      if (settings.mean) shade(Float32Array.from(this.means.subarray(pixels * label, pixels * (label + 1)), (p) => p / 255), "120 180 255");
      if (settings.ghost) shade(store.digit, "255 255 255");
      if (settings.mirror !== "none") {
        g.strokeStyle = "rgb(255 255 255 / .45)";
        g.setLineDash([5, 5]);
        g.beginPath();
        if (settings.mirror !== "top-bottom") { g.moveTo(width / 2, 0); g.lineTo(width / 2, height); }
        if (settings.mirror !== "left-right") { g.moveTo(0, height / 2); g.lineTo(width, height / 2); }
        g.stroke();
        g.setLineDash([]);
      }
    }
    const hover = this.hover, outline = (r, c, rows2, columns2) => {
      g.strokeStyle = "rgb(0 0 0 / .8)";
      g.lineWidth = 3;
      g.strokeRect(c * w, r * h, columns2 * w, rows2 * h);
      g.strokeStyle = "#fff";
      g.lineWidth = 1.2;
      g.strokeRect(c * w, r * h, columns2 * w, rows2 * h);
    };
    if (this.cursor) outline(this.cursor[0], this.cursor[1], 1, 1);
    if (hover) {
      if (["brush", "erase"].includes(settings.tool) && settings.size > 1 && !later) {
        for (const [style, line] of [["rgb(0 0 0 / .8)", 3], ["#fff", 1.2]]) {
          g.strokeStyle = style;
          g.lineWidth = line;
          g.beginPath();
          g.arc(hover[1] * w, hover[0] * h, (settings.size / 2) * w, 0, 2 * Math.PI);
          g.stroke();
        }
      } else outline(Math.floor(hover[0]), Math.floor(hover[1]), 1, 1);
    }
  }

  readout(layers, trace) {
    const at = this.hover ?? this.cursor, { store } = this, [layer, neuron] = store.selected, node = this.$(".readout");
    const { rows, columns } = store.grid;
    const r = at && Math.floor(at[0]), c = at && Math.floor(at[1]), cell = at && r * columns + c;
    const row = store.row(layer, neuron, layers);
    if (!at || r < 0 || c < 0 || r >= rows || c >= columns || cell >= row.length) {
      const z = trace.z[layer - 1][neuron], a = trace.a[layer - 1][neuron];
      node.textContent = `z ${number(z)} → a ${number(a, 3, false)} · brightest ${number(this.shownLimit, 2, false)}`;
      return;
    }
    const input = layer === 1 ? store.digit[cell] : trace.a[layer - 2][cell], w = row[cell];
    const where = layer === 1 ? `row ${r}, column ${c}` : `from ${layer - 1}.${cell}`;
    node.textContent = `${where} · weight ${number(w, 3)} × input ${number(input, 2, false)} = ${number(w * input, 3)}`;
  }

  drawBias(layers, trace) {
    const { store } = this, [layer, neuron] = store.selected, { sums, digit } = store.state;
    const css = getComputedStyle(this.root), accent = css.getPropertyValue("--st-primary-color").trim() || "#1f6fd6";
    const mine = sums.layer === layer && sums.neuron === neuron;
    this.$(".bias-view").style.opacity = mine ? 1 : 0.4;
    const share = this.bias.draw({
      sums, bias: store.bias(layer, neuron, layers), z: trace.z[layer - 1][neuron],
      activation: store.activations[layer - 1], current: digit.label ?? this.read,
      style: { text: css.color, accent, accentFaint: `color-mix(in srgb, ${accent} 13%, transparent)`,
        plate: css.getPropertyValue("--st-secondary-background-color"), background: css.getPropertyValue("--st-background-color"),
        curve: "#d99a00", font: css.fontFamily },
    });
    this.$(".firing").textContent = mine ? `fires on ${(100 * share).toFixed(share < 0.1 ? 1 : 0)}% of the digits` : "";
  }

  drawNetwork(layers, trace, maps) {
    const { store } = this, { state } = store, last = state.sizes.length - 1, [layer, neuron] = store.selected;
    const pixels = state.sizes[0], columns = state.grid[1];
    for (let k = 1; k <= last; k++) {
      const { row, choice } = this.neurons[k - 1], a = trace.a[k - 1];
      if (choice.value !== store.activations[k - 1]) choice.value = store.activations[k - 1];
      const top = Math.max(1, ...a.map(Math.abs));
      const source = maps ? maps[k - 1] : null;
      const busy = row.length > 64 && store.stroke; // of many maps a stroke redraws its own alone
      for (let j = 0; j < row.length; j++) {
        const node = row[j];
        if (busy && !(k === layer && j === neuron)) continue;
        node.classList.toggle("selected", k === layer && j === neuron);
        if (k === last) {
          const low = Math.min(0, ...a), high = Math.max(...a, low + 1e-9);
          const share = (a[j] - low) / (Math.max(high, low + 1) - low);
          node.querySelector("i").style.transform = `scaleX(${share})`;
          node.querySelector(".amount").textContent = Math.abs(a[j]) < 1000 ? a[j].toFixed(3).replace("-", "−") : number(a[j], 0, false);
          node.classList.toggle("winner", j === this.read);
          node.classList.toggle("truth", j === state.digit.label);
          this.strip[j].className = j === this.read ? "winner" : "";
          this.strip[j].querySelector("i").style.transform = `scaleY(${share})`;
          continue;
        }
        node.querySelector("i").style.transform = `scaleX(${Math.abs(a[j]) / top})`;
        const values = k === 1 ? store.row(1, j, layers) : source?.subarray(j * pixels, (j + 1) * pixels);
        if (values && this.mapChanged(node, values)) {
          const all = k === 1 ? layers[0].weights : source;
          drawMap(node.querySelector("canvas"), values, columns, this.settings.scale === "layer" ? limitOf(all) : this.settings.scale === "fixed" && k === 1 ? this.settings.fixed : limitOf(values), this.look);
        }
      }
    }
  }

  // A small map is drawn again only where something it shows has changed.
  mapChanged(node, values) {
    const look = `${this.settings.scale} ${this.settings.fixed} ${this.palette}`;
    const same = node.shown && node.look === look && this.settings.scale !== "layer" && node.shown.every((value, i) => value === values[i]);
    if (same) return false;
    node.shown = values.slice();
    node.look = look;
    return true;
  }
}

// Python's answer: the length of a JSON text, that text, then the blocks of bytes it lists.
function readAnswer(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const state = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const data = {};
  let at = 4 + length;
  for (const [name, size] of state.blocks) data[name] = bytes.subarray(at, at += size);
  return { state, data };
}

function remembered(name) {
  try { return localStorage.getItem(`weight-map-toolkit.${name}`); } catch { return "yes"; }
}

function remember(name, value) {
  try { localStorage.setItem(`weight-map-toolkit.${name}`, value); } catch { /* private window: ask again next time */ }
}
