// Who wants to hear of something. What must not be missed waits for its first listener.

const MOST_WAITING = 20;

/** @template {Record<string, any[]>} Events */
export class Bell {
  /** @param {(keyof Events)[]} patient events that wait until somebody listens */
  constructor(patient = []) {
    this.patient = new Set(patient);
    /** @type {Map<keyof Events, Set<Function>>} */
    this.listeners = new Map();
    /** @type {[keyof Events, any[]][]} */
    this.waiting = [];
  }

  /**
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {(...given: Events[Name]) => void} task
   * @returns {() => void} stops it
   */
  on(name, task) {
    const tasks = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, tasks.add(task));
    const missed = this.waiting.filter(([of]) => of === name);
    this.waiting = this.waiting.filter(([of]) => of !== name);
    for (const [, given] of missed) call(task, given);
    return () => tasks.delete(task);
  }

  /**
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {Events[Name]} given
   */
  ring(name, ...given) {
    const tasks = [...(this.listeners.get(name) ?? [])];
    for (const task of tasks) call(task, given);
    if (!tasks.length && this.patient.has(name)) {
      this.waiting = [...this.waiting, /** @type {[keyof Events, any[]]} */ ([name, given])].slice(
        -MOST_WAITING,
      );
    }
  }
}

/**
 * A listener that fails is no reason for letters to stay.
 * @param {Function} task
 * @param {any[]} given
 */
function call(task, given) {
  try {
    task(...given);
  } catch (error) {
    console.error(error);
  }
}
