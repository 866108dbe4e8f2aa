// What hands do: pointer, touch, keys, buttons. Extends the workbench with its listeners.

Object.assign(Bench.prototype, {
  set(name, value) {
    this.settings[name] = value;
    this.showSettings();
    if (name === "scale" || name === "fixed") {
      const button = this.menu.button;
      if (button) this.openMenu(button);
    }
    this.dirty();
  },

  showSettings() {
    const { settings } = this;
    for (const button of this.root.querySelectorAll("[data-tool]")) {
      const on = button.dataset.tool === settings.tool;
      button.classList.toggle("on", on);
      button.setAttribute("aria-checked", on);
    }
    this.$(".mode").value = settings.mode;
    this.$(".mirror").value = settings.mirror;
    this.$(".soft").checked = settings.soft;
    this.$(".size").value = settings.size;
    this.$(".size-value").textContent = settings.size;
    const size = Math.abs(settings.strength);
    this.$(".strength").value = Math.log10(size);
    this.$(".strength-value").textContent = number(size, 2, false);
    const sign = this.$(".sign"), plus = settings.strength > 0;
    sign.classList.toggle("plus", plus);
    sign.classList.toggle("minus", !plus);
    sign.classList.toggle("alt", this.store.state ? this.store.state.palette !== "green-red" : false);
    sign.textContent = plus ? "+ fires it" : "− holds back";
    sign.disabled = settings.mode === "scale" || settings.mode === "smooth" || settings.tool === "erase";
    for (const box of this.root.querySelectorAll("[data-overlay]")) box.checked = settings[box.dataset.overlay];
  },

  buildTools() {
    for (const [tool, [key, path]] of Object.entries(TOOLS)) {
      const button = element("button", { title: `${tool} (${key})`, ariaLabel: tool, onclick: () => this.set("tool", tool) });
      button.dataset.tool = tool;
      button.setAttribute("role", "radio");
      button.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${path}"/></svg>`;
      this.$(".tool-grid").append(button);
    }
    const sign = () => Math.sign(this.settings.strength);
    this.$(".mode").addEventListener("change", (event) => this.set("mode", event.target.value));
    this.$(".mirror").addEventListener("change", (event) => this.set("mirror", event.target.value));
    this.$(".soft").addEventListener("change", (event) => this.set("soft", event.target.checked));
    this.$(".size").addEventListener("input", (event) => this.set("size", Number(event.target.value)));
    this.$(".strength").addEventListener("input", (event) => this.set("strength", sign() * round(10 ** Number(event.target.value))));
    for (const box of this.root.querySelectorAll("[data-overlay]")) {
      box.addEventListener("change", () => this.set(box.dataset.overlay, box.checked));
    }
    this.showSettings();
  },

  // Open a menu that has no button of its own, where the network's stands.
  showMenu(name) {
    this.menu.close();
    this.openMenu(this.$("[data-menu=network]"), name);
  },

  openMenu(button, menu = button.dataset.menu) {
    this.$(".menu").dataset.open = menu;
    this.menu.open(button, MENUS[menu]({
      store: this.store, settings: this.settings, ask: (message) => this.ask(message),
      set: (name, value) => this.set(name, value), chooseFile: () => this.chooseFile("upload", ""),
      show: (name) => this.showMenu(name),
    }));
  },

  wireBar() {
    const actions = {
      undo: () => this.ask({ kind: "undo" }),
      redo: () => this.ask({ kind: "redo" }),
      keys: () => this.$("dialog.keys").showModal(),
      sign: () => this.set("strength", -this.settings.strength),
      dismiss: () => { this.$(".hint").hidden = true; remember("hint", "seen"); },
      draw: () => this.setDrawing(!this.drawing),
      clear: () => this.setDrawing(true),
      center: () => this.center(),
      picture: () => this.chooseFile("picture", "image/*"),
    };
    this.actions = actions;
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.do) actions[button.dataset.do]();
      if (button.dataset.menu) {
        const again = this.menu.button === button;
        this.menu.close();
        if (!again) this.openMenu(button);
      }
      if (button.dataset.digit) this.step(button.dataset.digit);
    });
    this.listen(window, "pointerdown", (event) => {
      const path = event.composedPath();
      if (!path.includes(this.menu.box) && !path.some((node) => node.dataset?.menu)) this.menu.close();
    });
    const hold = this.$("[data-hold]");
    const show = (on) => { this.original = on; this.dirty(); };
    hold.addEventListener("pointerdown", () => show(true));
    for (const end of ["pointerup", "pointerleave", "pointercancel", "blur"]) hold.addEventListener(end, () => show(false));
    hold.addEventListener("keydown", (event) => { if (event.key === " " || event.key === "Enter") show(true); });
    hold.addEventListener("keyup", () => show(false));
    this.$(".file").addEventListener("change", (event) => {
      const [file] = event.target.files;
      event.target.value = "";
      if (file) this.sendFile(this.fileKind, file);
    });
    this.root.addEventListener("dragover", (event) => event.preventDefault());
    this.root.addEventListener("drop", (event) => {
      event.preventDefault();
      const [file] = event.dataTransfer.files;
      if (file) this.sendFile(file.type.startsWith("image/") ? "picture" : "upload", file);
    });
  },

  chooseFile(kind, accept) {
    this.menu.close();
    this.fileKind = kind;
    const input = this.$(".file");
    input.accept = accept;
    input.click();
  },

  sendFile(kind, file) {
    if (file.size > MAX_FILE) {
      this.notice("error", `${file.name}: ${(file.size / 2 ** 20).toFixed(0)} MiB; expected at most ${MAX_FILE >> 20} MiB. Choose a smaller file.`);
      return;
    }
    const reader = new FileReader();
    reader.onerror = () => this.notice("error", `${file.name}: could not be read.`);
    reader.onload = () => {
      const data = reader.result.slice(reader.result.indexOf(",") + 1);
      if (kind === "picture") {
        this.setDrawing(false);
        this.ask({ kind: "digit", how: "picture", name: file.name, data });
      } else this.ask({ kind: "upload", name: file.name, data });
    };
    reader.readAsDataURL(file);
  },

  // ---- the digit ----------------------------------------------------------------------------------

  step(how) {
    this.setDrawing(false);
    const which = this.$(".digit-class").value;
    this.ask({ kind: "digit", how, class: which === "" ? null : Number(which) });
  },

  wireDigit() {
    const choice = this.$(".digit-class");
    choice.append(element("option", { value: "", textContent: "any" }));
    for (let digit = 0; digit < 10; digit++) choice.append(element("option", { value: digit, textContent: `a ${digit}` }));
    choice.addEventListener("change", () => this.step("class"));
    const index = this.$(".digit-index");
    const go = () => {
      const which = Number(index.value);
      if (index.value.trim() === "" || !Number.isInteger(which)) {
        this.notice("error", `Digit: expected a whole number from 0 to ${this.store.state.digits.count - 1}; got “${index.value}”.`);
        index.value = this.store.state.digit.index ?? "";
      } else if (which !== this.store.state.digit.index) {
        this.setDrawing(false);
        this.ask({ kind: "digit", how: "index", index: which });
      }
    };
    index.addEventListener("change", go);
    const canvas = this.$(".digit-view");
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientY - box.top) / box.height) * SHEET, ((event.clientX - box.left) / box.width) * SHEET];
    };
    let from = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (!this.drawing || event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      from = at(event);
      this.store.penDown = true;
      this.ink(from, from);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!from) return;
      for (const each of event.getCoalescedEvents?.() ?? [event]) {
        const to = at(each);
        this.ink(from, to);
        from = to;
      }
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => {
        if (!from) return;
        from = null;
        this.store.penDown = false;
        this.tellDrawing();
      });
    }
  },

  tellDrawing() {
    this.ask({ kind: "digit", how: "raw", pixels: toBase64(this.store.digit.map((level) => Math.round(255 * level))) });
  },

  // Begin a drawing on an empty sheet, or leave drawing.
  setDrawing(on) {
    this.drawing = on ? new Float32Array(SHEET ** 2) : null;
    this.$(".digit-view").classList.toggle("drawing", on);
    this.$(".draw").classList.toggle("on", on);
    this.$(".draw").textContent = on ? "drawing" : "draw";
    this.$(".center").hidden = !on;
    this.$(".clear").hidden = !on;
    this.root.querySelector("[data-do=picture]").hidden = on;
    if (on) {
      this.store.digit = new Float32Array(this.store.state.sizes[0]);
      this.store.run();
      this.tellDrawing();
    }
  },

  ink(from, to) {
    const side = SHEET, radius = PEN, sheet = this.drawing;
    alongLine(from, to, (row, column) => {
      for (let r = Math.max(0, Math.floor(row - 2 * radius)); r <= Math.min(side - 1, row + 2 * radius); r++) {
        for (let c = Math.max(0, Math.floor(column - 2 * radius)); c <= Math.min(side - 1, column + 2 * radius); c++) {
          const level = Math.min(1, Math.max(0, 1.25 - 0.55 * (Math.hypot(r + 0.5 - row, c + 0.5 - column) / radius) ** 2));
          sheet[r * side + c] = Math.max(sheet[r * side + c], level);
        }
      }
    });
    const [rows, columns] = this.store.state.grid, digit = new Float32Array(rows * columns), counts = new Float32Array(rows * columns);
    for (let r = 0; r < side; r++) {
      for (let c = 0; c < side; c++) {
        const cell = Math.floor((r * rows) / side) * columns + Math.floor((c * columns) / side);
        digit[cell] += sheet[r * side + c];
        counts[cell]++;
      }
    }
    this.store.digit = digit.map((level, cell) => Math.round((255 * level) / Math.max(1, counts[cell])) / 255);
    this.store.run();
    this.dirty();
  },

  center() {
    const pixels = toBase64(this.drawing.map((level) => Math.round(255 * level)));
    this.setDrawing(false);
    this.ask({ kind: "digit", how: "drawing", pixels });
  },

  // ---- painting -----------------------------------------------------------------------------------

  wireMap() {
    const map = this.$(".map");
    const at = (event) => {
      const box = map.getBoundingClientRect(), { rows, columns } = this.store.grid;
      return [((event.clientY - box.top) / box.height) * rows, ((event.clientX - box.left) / box.width) * columns];
    };
    map.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this.store.state || this.original || this.store.stroke) return;
      map.setPointerCapture(event.pointerId);
      map.focus({ preventScroll: true });
      this.cursor = null;
      this.pointer = event.pointerId;
      this.touch = event.pointerType === "touch";
      this.beginStroke(at(event));
    });
    map.addEventListener("pointermove", (event) => {
      this.hover = at(event);
      if (event.pointerId === this.pointer && this.store.stroke) {
        for (const each of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) this.moveStroke(at(each));
        this.store.paint();
      }
      this.dirty();
    });
    map.addEventListener("pointerleave", () => { this.hover = null; this.dirty(); });
    map.addEventListener("pointerup", (event) => {
      if (event.pointerId !== this.pointer) return;
      this.pointer = null;
      if (this.touch) this.hover = null;
      this.endStroke();
    });
    map.addEventListener("pointercancel", () => { this.pointer = null; this.store.cancelStroke(); this.dirty(); });
    map.addEventListener("contextmenu", (event) => event.preventDefault());
  },

  beginStroke(point) {
    const { settings, store } = this, { rows, columns } = store.grid;
    const cell = Math.floor(point[0]) * columns + Math.floor(point[1]);
    const row = store.row(...store.selected);
    if (!(cell >= 0 && cell < row.length) || point[0] >= rows || point[1] >= columns) return;
    if (settings.tool === "pick") {
      if (row[cell] !== 0 && Number.isFinite(row[cell])) {
        this.set("strength", row[cell]);
        this.set("tool", "brush");
      }
      return;
    }
    const mode = settings.tool === "erase" ? "erase" : settings.mode;
    const stroke = store.beginStroke(settings.tool, mode, settings.strength);
    this.cover = coverer(stroke.coverage, stroke.grid, store.selected[0] === 1 ? settings.mirror : "none");
    this.from = this.last = point;
    this.moveStroke(point);
    store.paint();
    this.dirty();
  },

  moveStroke(point) {
    const { stroke } = this.store, { settings } = this;
    const later = this.store.selected[0] > 1, size = later ? 1 : settings.size;
    const touch = (r, c) => dab(this.cover, stroke.grid, r, c, size, settings.soft);
    if (settings.tool === "brush" || settings.tool === "erase") alongLine(this.last, point, touch);
    else {
      stroke.coverage.fill(0);
      if (settings.tool === "line") alongLine(this.from, point, touch);
      else if (settings.tool === "rectangle") coverRectangle(this.cover, stroke.grid, this.from, point);
      else coverFill(this.cover, stroke.grid, stroke.before, point[0], point[1], 1e-3 * (this.shownLimit || 1));
    }
    this.last = point;
  },

  endStroke() {
    this.store.endStroke();
    if (!this.$(".hint").hidden) this.actions.dismiss();
    this.dirty();
  },

  // ---- keys -----------------------------------------------------------------------------------------

  wireKeys() {
    // Captured at the window: the page around has keys of its own on the same letters.
    this.listen(window, "keydown", (event) => {
      const target = event.composedPath()[0];
      if (event.defaultPrevented || !this.store.state || this.$("dialog.keys").open) return;
      if (target instanceof Element && target.closest("input:not([type=range]):not([type=checkbox]), select, textarea, [contenteditable]")) return;
      if (this.key(event, target)) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    }, true);
    this.listen(window, "keyup", (event) => {
      if (event.key.toLowerCase() === "c" && this.original) { this.original = false; this.dirty(); }
    }, true);
    this.listen(window, "blur", () => { this.original = false; this.dirty(); });
    const bias = this.$(".bias-value");
    bias.addEventListener("change", () => {
      const value = Number(bias.value.trim().replace("−", "-").replace(",", "."));
      if (bias.value.trim() === "" || !Number.isFinite(value) || Math.abs(value) > 3e38) {
        this.notice("error", `Bias: expected a number; got “${bias.value}”.`);
      } else {
        const [layer, neuron] = this.store.selected;
        this.store.edit({ kind: "bias", layer, neuron, value: Math.fround(value) });
      }
      bias.blur();
      this.dirty();
    });
    bias.addEventListener("keydown", (event) => {
      if (event.key === "Escape") bias.blur();
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      event.preventDefault();
      const [layer, neuron] = this.store.selected, step = (event.shiftKey ? 1 : 0.1) * (event.key === "ArrowUp" ? 1 : -1);
      this.store.edit({ kind: "bias", layer, neuron, value: Math.fround(this.store.bias(layer, neuron) + step) });
      bias.value = number(this.store.bias(layer, neuron), 3, false);
      this.dirty();
    });
  },

  key(event, target) {
    const { settings } = this, key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) {
      if (event.altKey) return false;
      if (key === "z") this.ask({ kind: event.shiftKey ? "redo" : "undo" });
      else if (key === "y") this.ask({ kind: "redo" });
      else return false;
      return true;
    }
    if (event.altKey) return false;
    const tool = Object.entries(TOOLS).find(([, [letter]]) => letter.toLowerCase() === key);
    if (tool) this.set("tool", tool[0]);
    else if (key === "x") this.set("strength", -settings.strength);
    else if (key === "[") this.set("size", Math.max(1, settings.size - 1));
    else if (key === "]") this.set("size", Math.min(14, settings.size + 1));
    else if (key === "n") this.step(event.shiftKey ? "previous" : "next");
    else if (key === "w") this.step("wrong");
    else if (key === "c") { this.original = true; this.dirty(); }
    else if (key === "?") this.actions.keys();
    else if (key === "," || key === ".") this.nextNeuron(key === "." ? 1 : -1);
    else if (key === "Escape") {
      if (this.menu.close()) return true;
      this.$(".notice").hidden = true;
      this.cursor = null;
      this.pointer = null;
      this.store.cancelStroke();
      this.dirty();
    } else if (target === this.$(".map")) return this.cursorKey(key);
    else return false;
    return true;
  },

  nextNeuron(step) {
    const { store } = this, [layer, neuron] = store.selected, size = store.state.sizes[layer];
    this.select(layer, (neuron + step + size) % size);
  },

  cursorKey(key) {
    const { store } = this, { rows, columns } = store.grid;
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const change = { "+": 1, "=": 1, "-": -1, "−": -1 };
    if (moves[key]) {
      const [r, c] = this.cursor ?? [Math.floor(rows / 2), Math.floor(columns / 2)];
      const [dr, dc] = this.cursor ? moves[key] : [0, 0];
      this.cursor = [Math.max(0, Math.min(rows - 1, r + dr)), Math.max(0, Math.min(columns - 1, c + dc))];
      this.hover = null;
      this.dirty();
      return true;
    }
    if (!this.cursor) return false;
    const [r, c] = this.cursor, [layer, neuron] = store.selected, cell = r * columns + c;
    if (change[key]) {
      const old = store.row(layer, neuron)[cell], step = 0.1 * Math.abs(this.settings.strength);
      store.edit({ kind: "weights", layer, neuron, cells: [cell], values: [Math.fround((Number.isFinite(old) ? old : 0) + change[key] * step)], tool: "key" });
    } else if (key === " " || key === "Enter") {
      this.beginStroke([r + 0.5, c + 0.5]);
      if (this.store.stroke) this.endStroke();
    } else return false;
    this.dirty();
    return true;
  },
});

function round(value) {
  return Number(value.toPrecision(2));
}

function toBase64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

// Mounted once. What travels to and from Python goes through the courier, a mount of its own, so
// that no answer carries this script again.
export default function ({ parentElement }) {
  const root = parentElement.querySelector(".bench"), post = (globalThis.weightMapPost ??= {});
  if (!root.bench) {
    root.bench = new Bench(root, (payload) => post.send(payload));
    post.deliver = (data) => root.bench.receive(data);
    if (post.data) post.deliver(post.data);
  }
  return () => {
    root.bench?.close();
    delete root.bench;
    delete post.deliver;
  };
}
