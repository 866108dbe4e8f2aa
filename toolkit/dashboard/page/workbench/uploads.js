// Files on their way to the server, with how far they are, how long it takes yet, and a way to stop.
import { sending } from "../words.js";
import { together } from "./bundle.js";
import { element, find } from "./dom.js";
import { fetched } from "./fetching.js";
import { raise } from "./notices.js";

const MOST_BYTES = 64 << 20; // what the server takes
const QUIET_MS = 400; // a file that takes no longer is not reported on

/**
 * @typedef {import("../words.js").Notice} Notice
 * @typedef {{experiment?: string, shown?: boolean, notice?: Notice}} Answer
 */

export class Uploads {
  /**
   * @param {HTMLElement} box where progress is shown
   * @param {{address: (kind: string, name: string) => string, say: (notice: Notice) => void, done: (answer: Answer, kind: string) => void}} hands
   */
  constructor(box, { address, say, done }) {
    this.box = box;
    this.address = address;
    this.say = say;
    this.done = done;
    /** @type {XMLHttpRequest|null} */
    this.request = null;
    this.name = "";
  }

  get busy() {
    return this.request !== null;
  }

  /**
   * One file of those chosen together, or null where they cannot be sent.
   * @param {ArrayLike<File>|null|undefined} files
   */
  async gathered(files) {
    const all = Array.from(files ?? []),
      bytes = all.reduce((sum, { size }) => sum + size, 0);
    if (all.length > 1 && bytes > MOST_BYTES) {
      this.fail({ code: "upload-too-large", fields: { file: all[0].name, bytes, most: MOST_BYTES } });
      return null;
    }
    try {
      return await together(all);
    } catch {
      this.fail({ code: "upload-failed", fields: { file: all[0].name } }); // moved, or a folder
      return null;
    }
  }

  /** @param {"upload"|"network"|"picture"} kind @param {FileList|null|undefined} files */
  async bring(kind, files) {
    const file = await this.gathered(kind === "picture" ? Array.from(files ?? []).slice(0, 1) : files);
    if (file) this.send(kind, file);
  }

  /** @param {"upload"|"network"|"picture"} kind @param {File} file */
  send(kind, file) {
    const name = file.name || "file";
    if (file.size > MOST_BYTES) {
      this.fail({ code: "upload-too-large", fields: { file: name, bytes: file.size, most: MOST_BYTES } });
      return;
    }
    if (this.request) {
      this.fail({ code: "upload-busy", fields: { file: this.name } });
      return;
    }
    if (navigator.onLine === false) {
      this.fail({ code: "upload-offline", fields: { file: name } });
      return;
    }
    const request = new XMLHttpRequest(),
      started = performance.now();
    this.request = request;
    this.name = name;
    const timer = setTimeout(() => this.show(0, null), QUIET_MS);
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      const seconds = (performance.now() - started) / 1000;
      if (seconds < QUIET_MS / 1000) return;
      this.show(loaded / Math.max(1, total), loaded ? ((total - loaded) * seconds) / loaded : null);
    });
    request.upload.addEventListener("load", () => {
      if (this.request === request && !this.box.hidden) this.show(1, null);
    });
    const end = () => {
      clearTimeout(timer);
      this.box.hidden = true;
      this.request = null;
    };
    request.addEventListener("load", () => {
      end();
      this.answered(request, kind, name);
    });
    request.addEventListener("error", () => {
      end();
      this.fail({ code: "upload-failed", fields: { file: name } });
    });
    request.addEventListener("abort", () => {
      end();
      this.say({ code: "upload-cancelled", fields: { file: name } });
    });
    request.open("POST", this.address(kind === "picture" ? "picture" : "network", name));
    request.setRequestHeader("X-Weight-Maps", "1");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(file);
  }

  /** @param {XMLHttpRequest} request @param {string} kind @param {string} name */
  answered(request, kind, name) {
    /** @type {Answer} */
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      // Whatever answered, it was not the toolkit.
    }
    if (request.status === 200 && (answer.experiment || answer.shown)) this.done(answer, kind);
    else
      this.fail(answer.notice ?? { code: "upload-failed", fields: { file: name, status: request.status } });
  }

  /** @param {Notice} notice */
  fail(notice) {
    this.say({ kind: "error", ...notice });
  }

  cancel() {
    this.request?.abort();
  }

  /** @param {number} share @param {number|null} left seconds */
  show(share, left) {
    if (this.box.hidden || !this.box.firstChild) {
      this.box.replaceChildren(
        element("span", { className: "text" }),
        element("progress", { max: 1 }),
        element("button", { textContent: "Cancel", onclick: () => this.cancel() }),
      );
      this.box.hidden = false;
      raise(this.box);
    }
    const [text, bar] = this.box.children;
    text.textContent = sending(this.name, share, left);
    if (share < 1) /** @type {HTMLProgressElement} */ (bar).value = share;
    else bar.removeAttribute("value");
  }
}

/** @typedef {import("./bench.js").Bench} Bench */

/** Files of the workbench: chosen or dropped on their way in, downloads on their way out. */
export class Files {
  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    /** @type {"upload"|"picture"} what the next file chosen is for */
    this.kind = "upload";
    /** @type {string[]} downloads that wait until all is saved */
    this.asked = [];
    /** @type {HTMLInputElement} */
    this.input = find(bench.root, ".file");
    this.uploads = new Uploads(find(bench.root, ".uploading"), {
      address: (kind, name) => {
        const query = new URLSearchParams({
          kind,
          name,
          client: bench.post.client,
          experiment: bench.store?.experiment ?? "",
        });
        return `${bench.context.root}weight-maps/upload?${query}`;
      },
      say: (notice) => bench.say(notice),
      done: ({ experiment }) => {
        if (experiment) bench.open({ experiment });
      },
    });
    this.input.addEventListener("change", () => this.bring(this.kind, this.input.files));
    for (const target of [bench.root, window]) {
      bench.listen(target, "dragover", (event) => event.preventDefault());
      bench.listen(target, "drop", (event) => {
        if (event.defaultPrevented) return;
        event.preventDefault();
        const files = event.dataTransfer?.files;
        this.bring(files?.[0]?.type.startsWith("image/") ? "picture" : "upload", files);
      });
    }
  }

  /** @param {"upload"|"picture"} kind @param {string} accept */
  choose(kind, accept) {
    this.bench.menus.close();
    this.kind = kind;
    this.input.accept = accept;
    this.input.multiple = kind === "upload"; // a model, and the numbers beside it
    this.input.click();
  }

  /** @param {"upload"|"picture"} kind @param {FileList|null|undefined} files */
  bring(kind, files) {
    if (kind === "picture") this.bench.digits.setDrawing(false);
    this.uploads.bring(kind, files);
    this.input.value = "";
  }

  /** @param {"upload"|"picture"} kind @param {File} file */
  send(kind, file) {
    if (kind === "picture") this.bench.digits.setDrawing(false);
    this.uploads.send(kind, file);
  }

  /** Save the experiment as a file, once all of it is with the server. @param {string} what */
  download(what) {
    this.bench.menus.close();
    this.asked.push(what);
    const { waiting } = this.bench.post.status;
    if (waiting) this.bench.say({ code: "download-waits", fields: { count: waiting } });
    else this.sendDownloads();
  }

  async sendDownloads() {
    const { store, context } = this.bench;
    for (const what of this.asked.splice(0)) {
      const url = `${context.root}weight-maps/download/${store.experiment}?what=${encodeURIComponent(what)}`;
      const problem = await fetched(url, { name: "network", problem: { code: "download-failed" } });
      const changed = what === "back" ? (store.state?.back?.changed ?? []) : [];
      if (problem) this.bench.say({ kind: "error", ...problem });
      else if (changed.length) this.bench.say({ code: "back-functions", fields: { changed } });
    }
  }
}
