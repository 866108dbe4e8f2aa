// What the page's core needs of the browser, in one place, so that it also runs where none is.

/**
 * As much of a WebSocket as is used.
 * @typedef {object} Socket
 * @property {number} readyState
 * @property {number} bufferedAmount
 * @property {string} binaryType
 * @property {((event: any) => any) | null} onopen
 * @property {((event: any) => any) | null} onmessage
 * @property {((event: any) => any) | null} onclose
 * @property {((event: any) => any) | null} onerror
 * @property {(frame: Uint8Array<ArrayBuffer>) => void} send
 * @property {() => void} close
 */

/**
 * @typedef {object} Surroundings
 * @property {(url: string) => Socket} connect
 * @property {string} origin with ws or wss, without a path
 * @property {Storage | null} storage
 * @property {() => number} now milliseconds
 * @property {(task: () => void, wait: number) => any} later
 * @property {(timer: any) => void} cancel
 * @property {() => string} name a new random one
 * @property {(type: string, task: (event: any) => void) => () => void} listen to the window or document
 * @property {() => boolean} visible
 * @property {(task: () => void) => void} painted does it once what is shown now is on the screen
 * @property {(path: string) => Promise<boolean>} full asks a server that let no socket in whether it is full
 */

/** @returns {Surroundings} */
export function browser() {
  return {
    connect: (url) => new WebSocket(url),
    origin: location.origin.replace(/^http/, "ws"),
    storage: storage(),
    now: () => Date.now(),
    later: (task, wait) => setTimeout(task, wait),
    cancel: (timer) => clearTimeout(timer),
    name: () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join(""),
    listen(type, task) {
      const target = type === "visibilitychange" ? document : window;
      target.addEventListener(type, task);
      return () => target.removeEventListener(type, task);
    },
    full: async (path) => (await (await fetch(path, { cache: "no-store" })).json()).full === true,
    painted,
    visible: () => document.visibilityState === "visible",
  };
}

function storage() {
  try {
    return localStorage;
  } catch {
    return null; // forbidden by the person
  }
}

const PATIENCE_MS = 50;

/** @param {() => void} task */
function painted(task) {
  let done = false;
  const once = () => {
    if (!done) task();
    done = true;
  };
  // No frame is drawn of what nobody sees.
  if (document.visibilityState !== "visible") return queueMicrotask(once);
  requestAnimationFrame(() => setTimeout(once));
  setTimeout(once, PATIENCE_MS);
}
