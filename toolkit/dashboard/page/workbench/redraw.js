// When the bench is drawn: in the next frame after something changed, once however much that was.

const MOST_FRAMES = 2000;
// A figure that is on its way is there sooner; where none comes, what was spared is drawn then.
const SPARED_MS = 60;

export class Redraw {
  /** @param {() => boolean} draw tells whether there was anything to draw */
  constructor(draw) {
    this.draw = draw;
    /** @type {number[]} how long each frame took to draw, in ms */
    this.taken = [];
    this.frame = 0;
    /** ms from the asking for the frame that is drawn to its drawing: more than a beat where frames are late */
    this.waited = 0;
    this.asked = 0;
    /** @type {any} */
    this.later = 0;
    this.sparing = false;
    this.closed = false;
  }

  /** Whether something is still to be drawn. */
  get pending() {
    return Boolean(this.frame || this.later);
  }

  /** Something changed. */
  ask() {
    if (this.frame || this.closed || this.sparing) return;
    this.#settle();
    this.asked = performance.now();
    this.frame = requestAnimationFrame(() => this.now());
  }

  /** Draw at once, in the midst of a frame. */
  now() {
    const start = performance.now();
    this.waited = this.frame ? start - this.asked : 0;
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (this.closed) return;
    if (!this.draw()) return;
    this.taken.push(performance.now() - start);
    if (this.taken.length > MOST_FRAMES) this.taken.shift();
  }

  /**
   * Do what changes next to nothing of what is shown, and whose answer is on the screen within
   * milliseconds where the browser has no frame to draw: a page that just drew one waits for the
   * next, a page at rest does not.
   * @param {() => void} task
   */
  spare(task) {
    this.sparing = true;
    try {
      task();
    } finally {
      this.sparing = false;
    }
    this.soon();
  }

  /** Something changed that can wait for a figure that is on its way. */
  soon() {
    if (!this.pending) this.later = setTimeout(() => this.ask(), SPARED_MS);
  }

  #settle() {
    clearTimeout(this.later);
    this.later = 0;
  }

  close() {
    this.closed = true;
    this.#settle();
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }
}
