// Draws the atlas: a grid of maps a layer, each a button that opens its neuron.

// Cells are drawn as squares of this many pixels and scaled smoothly from there; in a crowd
// less, to keep a wide layer's canvases from filling the memory.
const PIXELS_PER_CELL = 6;
const CROWD = 300;

function unpack(data) {
  const length = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + length)));
  return [header, data.subarray(4 + length)];
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function drawCells(canvas, colours, rows, columns, pixels) {
  const image = new ImageData(columns, rows);
  for (let cell = 0; cell < rows * columns; cell++) {
    image.data.set(colours.subarray(3 * cell, 3 * cell + 3), 4 * cell);
    image.data[4 * cell + 3] = 255;
  }
  const small = new OffscreenCanvas(columns, rows);
  small.getContext("2d").putImageData(image, 0, 0);
  canvas.width = columns * pixels;
  canvas.height = rows * pixels;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
}

function neuronButton(neuron) {
  const button = element("button");
  button.type = "button";
  button.title = neuron.told;
  button.setAttribute("aria-label", neuron.told);
  button.dataset.neuron = neuron.name;
  const top = element("span", "line");
  top.append(element("b", "", neuron.name), element("span", "", neuron.change));
  const bottom = element("span", "line soft");
  bottom.append(element("span", "", neuron.size));
  button.append(document.createElement("canvas"), top, bottom);
  return button;
}

function legend(header, colours) {
  const line = element("div", "legend");
  const bar = element("span", "bar");
  const canvas = document.createElement("canvas");
  drawCells(canvas, colours, 1, colours.length / 3, 1);
  bar.append(element("span", "", "−"), canvas, element("span", "", "+"));
  line.append(bar, element("span", "soft", header.legend));
  if (header.marks) line.append(element("span", "", header.marks));
  return line;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const [header, colours] = unpack(data);
  let root = parentElement.querySelector(".atlas");
  if (!root) {
    root = element("div", "atlas");
    parentElement.append(root);
  }
  const focused = parentElement.activeElement?.dataset?.neuron;
  root.className = header.large ? "atlas large" : "atlas";

  const count = header.layers.reduce((sum, layer) => sum + layer.neurons.length, 0);
  const pixels = count > CROWD ? 2 : PIXELS_PER_CELL;
  let at = 0;
  const sections = header.layers.map((layer) => {
    const section = element("section");
    const title = element("h3", "", layer.title);
    title.append(element("span", "soft", `${layer.note} · ${layer.scale}`));
    const maps = element("div", "maps");
    for (const neuron of layer.neurons) {
      const button = neuronButton(neuron);
      const length = 3 * layer.rows * layer.columns;
      const cells = colours.subarray(at, at + length);
      drawCells(button.firstChild, cells, layer.rows, layer.columns, pixels);
      at += length;
      button.onclick = () => setTriggerValue("opened", [neuron.layer, neuron.index]);
      maps.append(button);
    }
    section.append(title, maps);
    return section;
  });
  root.replaceChildren(legend(header, colours.subarray(at)), ...sections);
  if (focused) root.querySelector(`[data-neuron="${focused}"]`)?.focus();
}
