// How large the parts are on this screen: the map as large as leaves the rest on one screen.

const PHONE = 900; // CSS pixels; narrower, the panels stand one below another

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
 * @returns {number|null} CSS pixels of a cell; null while it is not shown
 */
export function fit(root) {
  const width = root.clientWidth;
  if (!width) return null;
  const height = window.innerHeight - root.getBoundingClientRect().top - window.scrollY;
  const found = sizes(width, height);
  for (const [name, value] of Object.entries(found)) {
    if (value !== null) root.style.setProperty(`--${name}`, String(value));
  }
  return found.cell;
}
