// How often what is in hand is counted: at every frame, as long as frames come in time.

const LONG = 24, // ms that a frame was waited for, from which on it is late
  SHORT = 18,
  FIRST = 33, // ms between counts to begin with
  MOST = 100, // no slower for frames that are late: a count takes a small part of that
  SHARE = 0.7; // of the time that a worker may be at work, so that a phone stays cool

export class Pace {
  constructor() {
    /** ms between two counts, as frames ask for it, and as the worker does */
    this.frames = 0;
    this.worker = 0;
    this.counted = 0;
    /** ms that frames are waited for, of late; at most a beat, 16.7, where all come in time */
    this.usual = 16;
  }

  /** How long a count took. @param {number} ms */
  took(ms) {
    this.worker = ms > 2 * LONG ? ms / SHARE : 0;
  }

  /**
   * At each frame: how many ms the next count has to wait; 0 for now.
   * @param {boolean} moving whether a hand moves
   * @param {number} waited ms from the asking for the frame to its drawing. Not from one frame to
   *   the next: a pointer that says nothing for a moment asks for none, and none is late.
   * @param {number} [now] ms
   */
  wait(moving, waited, now = performance.now()) {
    if (moving) {
      this.usual += 0.1 * (waited - this.usual);
      if (this.usual > LONG) {
        this.frames = Math.min(MOST, Math.max(FIRST, 1.2 * this.frames));
        this.usual = (LONG + SHORT) / 2; // and see what that does
      } else if (this.usual < SHORT && this.frames) {
        this.frames = this.frames > FIRST ? this.frames / 1.1 : 0;
      }
    }
    const pace = moving ? Math.max(this.frames, this.worker) : 0,
      left = pace - (now - this.counted);
    if (left > 1) return left;
    this.counted = now;
    return 0;
  }
}
