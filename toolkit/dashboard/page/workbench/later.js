// A later neuron on the surface: its incoming weights, each as a colour beside the map it comes from,
// and the map that it would look for if nothing between were curved.
import { find, setText } from "./dom.js";
import { boxOf, colourOf, drawMap, inLines, limitOf, number } from "./draw.js";
import { namesOf } from "./meaning/names.js";

const LEAST = 20; // CSS pixels of a map that is worth drawing

/**
 * Draw the weights into a later neuron, or what each of them adds. The small maps are copied from the network panel, which is
 * drawn before.
 * @param {import("./surface.js").Surface} surface
 * @param {import("./bench.js").Frame} frame
 * @param {Float32Array} values each weight, or each times what comes in
 * @param {number} limit the value shown brightest
 */
export function drawTiles(surface, { trace, maps }, values, limit) {
  const { bench, map } = surface,
    { store } = bench,
    [layer, neuron] = store.selected;
  const ratio = window.devicePixelRatio || 1,
    box = boxOf(map);
  const width = Math.round(box.width * ratio),
    height = Math.round(box.height * ratio);
  if (map.width !== width || map.height !== height) Object.assign(map, { width, height });
  const g = /** @type {CanvasRenderingContext2D} */ (map.getContext("2d")),
    { rows, columns } = store.grid;
  g.fillStyle = "#000";
  g.fillRect(0, 0, width, height);
  const w = width / columns,
    h = height / rows,
    below = trace.a[layer - 2];
  const names = namesOf(store);
  const gap = Math.max(1, w * 0.03),
    room = w - 4 * gap;
  /** How large a map is above so many lines of a name. @param {number} lines */
  const sideOf = (lines) => Math.min(w - 6 * gap, h - (28 + 12 * lines) * ratio);
  g.imageSmoothingEnabled = false;
  g.textAlign = "center";
  for (let i = 0; i < values.length; i++) {
    const x = (i % columns) * w,
      y = Math.floor(i / columns) * h;
    const [red, green, blue] = colourOf(values[i], limit, bench.look);
    g.fillStyle = `rgb(${red} ${green} ${blue})`;
    g.fillRect(x + gap, y + gap, w - 2 * gap, h - 2 * gap);
    // A weight of zero is as black as what lies around it.
    g.strokeStyle = "#4c4c4c";
    g.lineWidth = ratio;
    g.strokeRect(x + gap, y + gap, w - 2 * gap, h - 2 * gap);
    g.font = `${11 * ratio}px sans-serif`;
    // Many have no room for more than their colour.
    if (sideOf(1) < LEAST * ratio) continue;
    const lines = inLines(g, names.get(`${layer - 1}.${i}`) ?? `${layer - 1}.${i}`, room);
    const side = sideOf(lines.length),
      picture = bench.network.picture(layer - 1, i);
    if (side < LEAST * ratio || !picture) continue;
    g.drawImage(picture, x + (w - side) / 2, y + 3 * gap, side, side);
    g.fillStyle = red + green + blue > 330 ? "#000" : "#fff";
    const at = y + 3 * gap + side + 14 * ratio;
    // What it adds, or how that comes about; its name has a line of its own.
    const input = number(below[i], 2, false).replace(/^0\.00\d+$/, "0.00");
    const sum = bench.settings.contributions ? "" : ` × ${input}`;
    g.fillText(`${number(values[i])}${sum}`, x + w / 2, at, room);
    g.globalAlpha = 0.75;
    lines.forEach((line, k) => {
      g.fillText(line, x + w / 2, at + (14 + 12 * k) * ratio);
    });
    g.globalAlpha = 1;
  }
  const composed = maps.map(layer, neuron);
  drawMap(find(surface.root, ".composed"), composed, store.state.grid[1], limitOf(composed), bench.look);
  const product = layer === 2 ? "W2·W1" : layer === 3 ? "W3·W2·W1" : `W${layer}·…·W1`;
  setText(
    find(surface.root, ".composed-note"),
    `${product}: what ${layer}.${neuron} would look for if nothing between were curved. A linear approximation.`,
  );
}
