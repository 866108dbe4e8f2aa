// How large the parts are on this screen: the map as large as leaves the rest on one screen.

const PHONE = 900; // CSS pixels; narrower, the panels stand one below another
const BAR = 42,
  TITLE = 27, // of a layer
  GAP = 10, // between layers
  BELOW = 8; // under the outputs

const LEAST_ROWS = 1.6, // of a layer's maps: one can be seen to scroll
  LEAST_ALL = 200;

export const isPhone = () => window.innerWidth <= PHONE;

/**
 * Sizes for a root element: CSS pixels of a map's cell, of a small map's cell, of the digit and of
 * the network panel.
 * @param {number} width of the root
 * @param {number} height from its top to the screen's bottom
 */
export function sizes(width, height) {
  if (isPhone()) {
    return {
      cell: Math.floor(width / 28),
      mini: Math.max(1, Math.floor((width / 5 - 12) / 28)),
      digit: width,
      net: null,
    };
  }
  const digit = Math.round(Math.max(200, Math.min(340, width * 0.152)));
  const beside = width - digit - 32 - 100;
  const byHeight = (height - 46 - 27 - 8 - 160) / 28;
  const byWidth = (beside - (width > 1700 ? 780 : Math.min(552, width * 0.42))) / 28;
  const cell = Math.max(9, Math.floor(2 * Math.min(byHeight, byWidth, 30)) / 2);
  const rest = beside - 28 * cell;
  const byTall = (height - 46 - 246 - 40 - 2 * 27) / 4 - 18;
  const mini = Math.max(1, Math.min(4, Math.floor((rest / 8 - 11) / 28), Math.floor(byTall / 28)));
  const net = Math.max(240, Math.min(rest, 8 * (28 * mini + 11) + 8));
  return { cell, mini, digit, net };
}

/**
 * Lay a root element out.
 * @param {HTMLElement} root
 * @returns {(ReturnType<typeof sizes> & {height: number})|null} null while it is not shown
 */
export function fit(root) {
  const width = root.clientWidth;
  if (!width) return null;
  const height = window.innerHeight - root.getBoundingClientRect().top - window.scrollY;
  const found = sizes(width, height);
  for (const [name, value] of Object.entries(found)) {
    if (value !== null) root.style.setProperty(`--${name}`, String(value));
  }
  return { ...found, height };
}

/**
 * How high the maps of each hidden layer may stand, so that the outputs below them are in sight: as
 * high as they are, where that leaves room for all; else the higher ones give way, and scroll.
 * @param {number[]} counts of neurons
 * @param {{height: number, mini: number, net: number|null}} place as `fit` found it
 * @param {number} row CSS pixels of an output
 * @param {number} outputs how many there are
 * @returns {{own: (number|null)[], all: number|null}} CSS pixels for each layer and for all of them,
 * null where none is needed
 */
export function layerHeights(counts, { height, mini, net }, row, outputs) {
  if (net === null) return { own: counts.map(() => null), all: null };
  const tile = 28 * mini + 16;
  const columns = Math.max(1, Math.floor((net + 1) / (28 * mini + 11)));
  const whole = counts.map((count) => Math.ceil(count / columns) * tile);
  const all = height - BAR - (TITLE + row * outputs + GAP) - BELOW;
  let room = all - counts.length * TITLE - (counts.length - 1) * GAP;
  if (whole.reduce((sum, each) => sum + each, 0) <= room) return { own: counts.map(() => null), all: null };
  // The lowest first: what it does not need is the others'.
  const own = /** @type {(number|null)[]} */ (counts.map(() => null));
  const order = whole.map((_, at) => at).sort((a, b) => whole[a] - whole[b]);
  let total = 0;
  for (const [done, at] of order.entries()) {
    const share = Math.max(LEAST_ROWS * tile, room / (order.length - done));
    if (whole[at] > share) own[at] = Math.floor(share);
    const taken = Math.min(whole[at], share);
    room -= taken;
    total += taken + TITLE + GAP;
  }
  return { own, all: total - GAP > all + 1 ? Math.max(Math.floor(all), LEAST_ALL) : null };
}
