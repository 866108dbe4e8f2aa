// The bias on a picture: each class's weighted sums as a ridge, the threshold where the neuron
// starts to fire, the activation curve over the same axis, and today's digit on it.
import { crisp, number } from "./draw.js";
import { activate } from "./network.js";

const RIGHT = 40, BOTTOM = 15, TOP = 4;

export class BiasView {
  constructor(canvas, { onDrag, onDrop }) {
    this.canvas = canvas;
    const valueAt = (event) => {
      const box = canvas.getBoundingClientRect();
      const t = (event.clientX - box.left) / (box.width - RIGHT);
      const [low, high] = this.range;
      return -(low + Math.max(0, Math.min(1, t)) * (high - low));
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this.range) return;
      canvas.setPointerCapture(event.pointerId);
      this.dragging = this.range;
      onDrag(valueAt(event));
    });
    canvas.addEventListener("pointermove", (event) => this.dragging && onDrag(valueAt(event)));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => { if (this.dragging) { this.dragging = null; onDrop(); } });
    }
  }

  draw({ sums, bias, z, activation, current, style }) {
    const { context: g, width, height } = crisp(this.canvas);
    const ink = style.text, plot = width - RIGHT, floor = height - BOTTOM;
    // While the threshold is dragged the axis must not run away under the pointer.
    const pad = 0.06 * (sums.high - sums.low);
    this.range = this.dragging ?? [Math.min(sums.low, -bias, z - bias) - pad, Math.max(sums.high, -bias, z - bias) + pad];
    const [low, high] = this.range, x = (value) => (plot * (value - low)) / (high - low);
    const rowHeight = (floor - TOP) / 10, threshold = x(-bias);

    g.fillStyle = style.plate;
    g.fillRect(0, 0, width, height);
    g.fillStyle = style.accentFaint;
    g.fillRect(threshold, 0, Math.max(0, plot - threshold), floor);

    const bins = sums.counts[0].length, step = (sums.high - sums.low) / bins;
    let fired = 0, all = 0;
    g.font = `10px ${style.font}`;
    g.textBaseline = "alphabetic";
    for (let digit = 0; digit < 10; digit++) {
      const counts = sums.counts[digit], most = Math.max(...counts, 1), base = TOP + rowHeight * (digit + 1) - 1;
      let over = 0, total = 0;
      g.beginPath();
      g.moveTo(x(sums.low), base);
      counts.forEach((count, k) => {
        const left = sums.low + k * step;
        over += count * Math.max(0, Math.min(1, (left + step + bias) / step));
        total += count;
        g.lineTo(x(left + step / 2), base - (rowHeight * 1.25 * count) / most);
      });
      g.lineTo(x(sums.high), base);
      g.closePath();
      g.globalAlpha = digit === current ? 0.95 : 0.34;
      g.fillStyle = digit === current ? style.accent : ink;
      g.fill();
      g.globalAlpha = digit === current ? 1 : 0.65;
      g.textAlign = "left";
      g.fillText(String(digit), plot + 4, base);
      g.textAlign = "right";
      g.fillText(total ? `${Math.round((100 * over) / total)}%` : "–", width - 2, base);
      g.globalAlpha = 1;
      fired += over;
      all += total;
    }

    // The curve is drawn in its own range: the largest |activation| reaches top or bottom.
    const xs = Float32Array.from({ length: 129 }, (_, k) => low + ((high - low) * k) / 128);
    const name = activation === "softmax" ? "identity" : activation;
    const ys = activate(name, xs.map((value) => value + bias));
    let bottom = Math.min(0, ...ys), top = Math.max(...ys, bottom + 1e-6);
    const y = (a) => floor - 2 - ((floor - TOP - 4) * (a - bottom)) / (top - bottom);
    g.strokeStyle = style.curve;
    g.lineWidth = 1.5;
    g.beginPath();
    ys.forEach((a, k) => g[k ? "lineTo" : "moveTo"](x(xs[k]), y(a)));
    g.stroke();

    g.strokeStyle = style.accent;
    g.lineWidth = 2;
    g.beginPath();
    g.moveTo(threshold, 0);
    g.lineTo(threshold, floor);
    g.stroke();
    g.fillStyle = style.accent;
    g.beginPath();
    g.moveTo(threshold - 6, floor + 7);
    g.lineTo(threshold + 6, floor + 7);
    g.lineTo(threshold, floor - 1);
    g.fill();

    const a = activate(name, Float32Array.of(z))[0];
    g.fillStyle = style.curve;
    g.strokeStyle = style.background;
    g.beginPath();
    g.arc(x(z - bias), y(a), 4.5, 0, 2 * Math.PI);
    g.fill();
    g.stroke();

    g.fillStyle = ink;
    g.globalAlpha = 0.65;
    g.textAlign = "left";
    g.fillText(number(low, 1), 2, height - 4);
    g.textAlign = "right";
    g.fillText(number(high, 1), plot - 2, height - 4);
    g.textAlign = "center";
    const middle = threshold > plot * 0.3 && threshold < plot * 0.7 ? (threshold < plot / 2 ? plot * 0.8 : plot * 0.2) : plot / 2;
    g.fillText("weighted sum", middle, height - 4);
    g.globalAlpha = 1;
    return all ? fired / all : 0;
  }
}
