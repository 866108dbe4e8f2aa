// How large the parts are on this screen: the map as large as leaves the rest on one screen.

export const PHONE = 900; // CSS pixels; narrower, the panels stand one below another
const BAR = 42,
  TITLE = 27, // of a layer, and of the map
  VERDICT = 30, // below the digit
  GAP = 10, // between layers
  TILE = 22, // of a small map beside its picture: its frame, its activation, its classes
  BELOW = 8; // under the outputs, and under the bias

const LEAST_ROWS = 1.6, // of a layer's maps: one can be seen to scroll
  LEAST_ALL = 200;

const TOOLS = 112, // the column beside the map, with its gap
  GAPS = 32; // between the three panels
const BIAS = { title: 38, low: 96, usual: 122, high: 160 }; // its picture is what can give way
const ROW = { short: 18, low: 22, high: 32, phone: 28 }; // of an output
const MINIS = [1, 1.5, 2, 2.5, 3, 3.5, 4]; // CSS pixels of a small map's cell
// Small maps are made larger only as long as the large one keeps this share of what it could have.
const LEAST_MAP = 0.8;

export const isPhone = () => window.innerWidth <= PHONE;

/**
 * How much two layers of sixteen and the outputs take, in CSS pixels.
 * @param {number} mini @param {number} row
 */
const panelOf = (mini, row) => ({
  width: 8 * (28 * mini + 6) + 7 * 5 + 4,
  height: 2 * (TITLE + 2 * (28 * mini + TILE) + GAP) + TITLE + 10 * row,
});

/**
 * Sizes for a root element: CSS pixels of a map's cell, of a small map's cell, of the digit, of the
 * network panel, of an output and of the bias's picture.
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
      row: ROW.phone,
      bias: BIAS.usual,
    };
  }
  const row = height < 620 ? ROW.short : height < 890 ? ROW.low : ROW.high;
  const digit = Math.round(Math.max(164, Math.min(340, width * 0.152)));
  const beside = width - digit - GAPS - TOOLS;
  const tall = height - BAR - TITLE - BIAS.title - BELOW;
  const byHeight = (tall - (height < 680 ? BIAS.low : BIAS.usual)) / 28;
  /** @param {number} mini */
  const cellBeside = (mini) => Math.min(byHeight, 30, (beside - panelOf(mini, row).width) / 28);
  const most = cellBeside(MINIS[0]);
  const mini =
    MINIS.findLast(
      (each) =>
        panelOf(each, row).height <= height - BAR - BELOW &&
        cellBeside(each) >= Math.min(most, LEAST_MAP * byHeight),
    ) ?? MINIS[0];
  const cell = Math.max(9, Math.floor(2 * cellBeside(mini)) / 2);
  const rest = beside - 28 * cell;
  const net = Math.max(240, Math.min(rest, panelOf(mini, row).width));
  const bias = Math.round(Math.max(BIAS.low, Math.min(BIAS.high, tall - 28 * cell)));
  return { cell, mini, digit, net, row, bias };
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
  root.classList.toggle("between", found.mini % 1 !== 0);
  // Where a card stands: left of the map, below the digit and what it is read as.
  const map = /** @type {HTMLElement} */ (root.querySelector(".map-panel")).getBoundingClientRect();
  root.style.setProperty("--beside", String(Math.round(map.left + TOOLS)));
  root.style.setProperty("--under", String(Math.round(map.top + TITLE + found.digit + VERDICT)));
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
  const tile = 28 * mini + TILE;
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
