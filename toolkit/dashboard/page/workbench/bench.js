// The workbench: wires the experiment shown, the tools and the panels together, and draws frames.
// It lives as long as the page is mounted; the connection and what is unsent outlive it.
import { calm } from "../calm.js";
import { Bell } from "../core/events.js";
import { beginGesture } from "../core/gesture.js";
import { DOWNHILL } from "../core/modes.js";
import { getPost } from "../core/post.js";
import { toolNamed } from "../tools/index.js";
import { Bar } from "./bar.js";
import { BiasPanel } from "./biaspanel.js";
import { Commands } from "./commands.js";
import { DigitPanel } from "./digit.js";
import { Dock } from "./dock.js";
import { find, remember, remembered } from "./dom.js";
import { limitOf, makeLook, onBoxes } from "./draw.js";
import { FEATURES } from "./features.js";
import { fit, isPhone } from "./fit.js";
import { frameOf, styleOf } from "./frame.js";
import { hearPost } from "./hearing.js";
import { Keys } from "./keys.js";
import { Menus } from "./menus.js";
import { NetworkPanel } from "./network.js";
import { ConnectionLine, Notices, Tray } from "./notices.js";
import { Overlays } from "./overlays.js";
import { Place } from "./place.js";
import { Readings } from "./reading.js";
import { Redraw } from "./redraw.js";
import { settings } from "./settings.js";
import { Sheet } from "./sheet.js";
import { Stamping } from "./stamps/stamping.js";
import { Surface } from "./surface.js";
import { Toolbox } from "./toolbox.js";
import { Files } from "./uploads.js";
import { Wants } from "./wants.js";

/**
 * @typedef {import("./frame.js").Frame} Frame
 * @typedef {import("../words.js").Notice} Notice
 * @typedef {import("../words.js").Action} Action
 * @typedef {import("./surface.js").Hand} Hand
 * @typedef {{page: string, root: string, hash: string, tell: (name: string, value: unknown) => void}} Context
 */

/** The experiment that Streamlit's other pages know of. @type {string|null} */
let told = null;

export class Bench {
  /** @param {HTMLElement} root @param {Context} context */
  constructor(root, context) {
    this.root = root;
    this.context = context;
    /** @type {any} */
    this.post = getPost({ root: context.root, modules: context.hash });
    this.settings = settings;
    /** When it is drawn. */
    this.redraw = new Redraw(() => this.draw());
    this.frames = this.redraw.taken;
    /** @type {any} */
    this.resting = 0;
    this.original = false;
    this.closed = false;
    this.palette = "";
    /** @type {import("./meaning/views.js").Views|null} */
    this.views = null;
    /** @type {Map<string, import("./keeping.js").Kept>} of the view, what a reload brings back */
    this.keeps = new Map();
    this.look = makeLook(new Uint8Array(3 * 511), {});
    /** @type {import("../core/gesture.js").Gesture|null} */
    this.gesture = null;
    /** @type {(() => void)[]} */
    this.undoers = [];
    /** @type {() => ArrayLike<number>|null} what the coach's tool steps down */
    this.slope = () => null;
    /** CSS pixels of the window; to ask for it in a frame would have the page laid out in its middle. */
    this.wide = window.innerWidth;
    this.readings = new Readings(this);
    /** What the last frame was drawn in. */
    this.style = styleOf(root);
    /** @type {import("./following.js").Following|null} */
    this.following = null;
    /** @type {ReadonlySet<number>} scored alone; none for all */
    this.classesChosen = new Set();
    this.unsavedSaid = "";
    /** @type {Bell<{answer: [], select: [], change: [], frame: [frame: Frame], store: [], close: [], classes: [], "classes-built": [], reading: [reading: import("./reading.js").Reading]}>} */
    this.bell = new Bell();
    this.notices = new Notices(find(root, ".notice"), (action) => this.act(action));
    this.line = new ConnectionLine(find(root, ".connection"), this.notices);
    this.tray = new Tray(find(root, ".refused"), this.notices, () =>
      this.root.focus({ preventScroll: true }),
    );
    this.stamping = new Stamping(this);
    /** @type {Hand|null} what has the map for a while, in the tool's place */
    this.lent = null;
    this.digits = new DigitPanel(this);
    this.surface = new Surface(this);
    this.biases = new BiasPanel(this);
    this.network = new NetworkPanel(this);
    this.toolbox = new Toolbox(this);
    this.menus = new Menus(this);
    this.bar = new Bar(this);
    this.keys = new Keys(this);
    this.files = new Files(this);
    this.place = new Place(this);
    this.wants = new Wants(this);
    this.overlays = new Overlays(this);
    this.commands = new Commands(this);
    this.dock = new Dock(this);
    this.sheet = new Sheet(this);
    for (const feature of FEATURES) feature.install(this);
    if (!remembered("hint")) find(root, ".hint").hidden = false;
    this.listen(window, "resize", () => this.fit());
    this.undoers.push(onBoxes(() => this.redraw.now()));
    this.listen(window, "popstate", () => this.place.visit());
    this.listen(window, "beforeunload", (event) => {
      const { waiting, kept } = this.post.status;
      if (waiting && !kept) event.preventDefault();
    });
    this.fit();
    hearPost(this);
    this.place.arrive();
  }

  /** What was said to the person, newest last. */
  get heard() {
    return this.notices.heard;
  }

  /** @returns {any} the experiment shown; null until the first answer */
  get store() {
    return this.post.store;
  }

  /** Whether something is to be drawn. */
  get pending() {
    return this.redraw.pending;
  }

  /** Whether more is to appear without anybody doing anything. */
  get showing() {
    return Boolean(this.resting || this.post.asked || this.files.uploads.busy);
  }

  get tool() {
    return toolNamed(this.settings.tool);
  }

  /** What takes the pointer on the map, where that does not paint. @returns {Hand|null} */
  get hand() {
    return this.lent ?? (this.tool.stands ? this.stamping : null);
  }

  get bias() {
    return this.biases.view;
  }

  get fileKind() {
    return this.files.kind;
  }

  set fileKind(kind) {
    this.files.kind = kind;
  }

  /** @param {EventTarget} target @param {string} type @param {(event: any) => void} handler @param {any} [options] */
  listen(target, type, handler, options) {
    target.addEventListener(type, handler, options);
    this.undoers.push(() => target.removeEventListener(type, handler, options));
  }

  /**
   * Let a feature hear of what happens: an answer was taken, a neuron selected, a frame is to be drawn
   * and was, other figures are to be shown, another experiment, the page closed.
   * @template {"answer"|"select"|"change"|"frame"|"reading"|"store"|"close"|"classes"|"classes-built"} Name
   * @param {Name} name @param {(...given: any[]) => void} task
   */
  hear(name, task) {
    this.undoers.push(this.bell.on(name, task));
  }

  close() {
    this.bell.ring("close");
    this.wants.close();
    this.gesture?.end();
    this.closed = true;
    this.place.close();
    clearTimeout(this.resting);
    this.redraw.close();
    this.line.close();
    for (const undo of this.undoers) undo();
    this.stopStore?.();
    calm(null);
  }

  // ---- what comes from the server --------------------------------------------------------------

  /** Show another experiment. @param {{experiment?: string|null, start?: any}} asked */
  open(asked) {
    this.menus.close();
    this.place.open(asked);
  }

  /** @param {any} store @param {any} before */
  changeStore(store, before) {
    this.stopStore?.();
    this.stopStore = store.onChange(() => this.dirty());
    this.gesture = null;
    if (before) {
      this.notices.leave();
      this.surface.forget();
      this.digits.setDrawing(false);
      this.digits.verdict = "";
    }
    if (told !== store.experiment) this.place.tell();
    told = store.experiment;
    this.bell.ring("store");
  }

  receive() {
    const { store } = this,
      { state } = store,
      palette = `${state.palette} ${state.gamma}`;
    if (this.palette !== palette) this.look = makeLook(store.blocks.colours, state.marks);
    this.palette = palette;
    this.network.receive(state);
    this.bar.receive(state);
    this.readings.take(state);
    this.readings.showScore();
    this.toolbox.show();
    this.fit();
    this.place.write();
    // The accuracy first; the rest, a dozen small pictures among it, once that is on the screen.
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.resting = 0;
      if (!this.closed) this.receiveRest();
    }, 0);
    this.root.classList.remove("waiting");
    this.dirty();
  }

  receiveRest() {
    const { state } = this.store;
    this.digits.receive(state);
    this.readings.showRest();
    this.bar.receiveRest(state);
    this.bar.showFetch(state.fetch);
    this.menus.refresh();
    this.bell.ring("answer");
  }

  /** @param {any} refused */
  refused({ item, notice }) {
    // What was drawn and cannot be laid is shown until it was seen; of a wish, why not is enough.
    if (item?.kind === "edit") this.tray.add({ item, notice });
    else this.say(notice);
  }

  showStatus() {
    const { state, full, waiting, kept, unsaved, tries } = this.post.status,
      connected = state === "connected";
    calm(connected ? "here" : "away");
    this.line.show(connected, waiting, full);
    this.bar.showSaving(connected && waiting > 0 && (tries > 2 || unsaved !== null));
    if (unsaved && this.unsavedSaid !== unsaved.fields?.code) this.say(unsaved);
    this.unsavedSaid = unsaved?.fields?.code ?? "";
    if (waiting && !kept && !this.storageSaid) {
      this.storageSaid = true;
      this.say({ code: "storage-full", kind: "error" });
    }
    if (!waiting) {
      this.storageSaid = false;
      this.files.sendDownloads();
    }
    this.dirty();
  }

  // ---- asking and saying -------------------------------------------------------------------------

  /** Ask the server for something. @param {any} item a letter */
  ask(item) {
    this.menus.close();
    this.notices.settle();
    this.store.tell(item);
    this.dirty();
  }

  /** Change the network by an edit described. @param {any} edit */
  edit(edit) {
    this.notices.settle();
    this.store.edit(edit);
    this.dirty();
  }

  /** @param {Notice} notice */
  say(notice) {
    this.notices.say(notice);
  }

  /** Do what a notice's button says. @param {Action} action */
  act(action) {
    if (action.run) action.run();
    else if (action.letter) this.ask(action.letter);
    else if (action.visit) this.open({ experiment: action.visit });
    else if (action.command) this.commands.runNamed(action.command);
    else if (action.menu) this.menus.openNamed(action.menu);
    else if (action.page) this.place.goTo(action.page);
    else if (action.label === "reload") location.reload();
  }

  // ---- hands -------------------------------------------------------------------------------------

  /** @param {keyof typeof settings} name @param {any} value */
  set(name, value) {
    /** @type {any} */ (this.settings)[name] = value;
    this.toolbox.show();
    if (name === "strength" && this.stamping.stands) this.stamping.stand();
    if (name === "scale" || name === "fixed") this.menus.refresh(true);
    this.dirty();
  }

  /** @param {string} name */
  setTool(name) {
    const before = this.tool;
    this.lent?.cancel();
    this.lent = null;
    this.set("tool", name);
    if (this.tool.stands) {
      this.surface.map.focus({ preventScroll: true });
      this.stamping.stand();
    } else if (before.stands) this.stamping.drop();
  }

  /** @param {number} layer @param {number} neuron @param {boolean} [scroll] to its weights */
  select(layer, neuron, scroll = isPhone()) {
    const before = this.store.selected[0];
    this.dropStroke();
    this.menus.close();
    this.store.select(layer, neuron);
    if (before !== layer) this.surface.forget();
    else this.surface.cursor = null;
    this.place.write();
    this.bell.ring("select");
    this.dirty();
    if (scroll) find(this.root, ".map-panel").scrollIntoView({ behavior: "smooth" });
  }

  /** @param {[number, number]} point @param {number} shownLimit */
  beginStroke(point, shownLimit) {
    this.store.show(null);
    /** @param {number} value */
    const pick = (value) => {
      if (value === 0 || !Number.isFinite(value)) return;
      this.set("strength", value);
      this.setTool("brush");
    };
    const { store, settings } = this;
    const slope = this.tool?.mode === DOWNHILL ? this.slope() : null;
    this.gesture = beginGesture({ store, settings, point, shownLimit, pick, slope });
    this.dirty();
  }

  /** @param {[number, number][]} points */
  moveStroke(points) {
    this.gesture?.move(points);
    this.dirty();
  }

  endStroke() {
    if (!this.gesture) return;
    // It stands there as of its last move: what else changes is drawn with the answer.
    this.redraw.spare(() => {
      this.gesture?.end();
      this.gesture = null;
      this.dismissHint();
    });
  }

  dropStroke() {
    this.gesture?.cancel();
    this.gesture = null;
    this.store?.cancelStroke();
    this.dirty();
  }

  dismissHint() {
    const hint = find(this.root, ".hint");
    if (hint.hidden) return;
    hint.hidden = true;
    remember("hint", "seen");
  }

  /** Show the network as it was loaded. @param {boolean} on */
  showOriginal(on) {
    if (this.original === on) return;
    this.original = on;
    this.dirty();
  }

  // ---- a frame -----------------------------------------------------------------------------------

  fit() {
    this.wide = window.innerWidth;
    const place = fit(this.root);
    if (!place) return;
    this.network.lay(place);
    this.dirty();
  }

  dirty() {
    this.redraw.ask();
  }

  /**
   * The weight that is brightest on the map of some.
   * @param {ArrayLike<number>} values @param {() => number} all the largest of their layer @returns {number}
   */
  limit(values, all) {
    if (this.settings.scale === "fixed") return this.settings.fixed;
    return this.settings.scale === "layer" ? all() : limitOf(values);
  }

  draw() {
    if (!this.store?.state || !this.network.shape) return false;
    this.bell.ring("change");
    const frame = frameOf(this);
    this.style = frame.style;
    this.readings.showScore();
    // What came with an answer follows when that accuracy is on the screen.
    if (!this.resting) this.readings.showRest();
    this.digits.draw(frame.trace, frame.read);
    // The small maps before the large one, which copies them.
    this.network.draw(frame);
    this.surface.draw(frame);
    this.biases.draw(frame);
    this.bar.draw();
    this.bell.ring("frame", frame);
    return true;
  }
}
