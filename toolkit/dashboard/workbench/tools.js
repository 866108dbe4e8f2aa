// What the tools cover, and what covering does. A stroke is a coverage (0..1 a cell) and a way to
// blend, a function of the weights below it: so how often the pointer reports does not matter, and
// a stroke can be laid anew on top when those weights change.

export function dab(cover, grid, row, column, size, soft) {
  const radius = size / 2, reach = Math.ceil(radius) + 1;
  const cells = [];
  for (let r = Math.floor(row) - reach; r <= Math.floor(row) + reach; r++) {
    for (let c = Math.floor(column) - reach; c <= Math.floor(column) + reach; c++) {
      if (r < 0 || c < 0 || r >= grid.rows || c >= grid.columns) continue;
      const under = r === Math.floor(row) && c === Math.floor(column);
      const distance = Math.hypot(r + 0.5 - row, c + 0.5 - column);
      let amount = 0;
      if (size <= 1) amount = under ? 1 : 0;
      else if (soft) amount = distance < radius ? 0.5 + 0.5 * Math.cos((Math.PI * distance) / radius) : 0;
      else amount = distance <= radius ? 1 : 0;
      if (amount > 0) cells.push([r, c, amount]);
    }
  }
  for (const [r, c, amount] of cells) cover(r, c, amount);
}

export function alongLine(from, to, visit) {
  const steps = Math.max(1, Math.ceil(2 * Math.hypot(to[0] - from[0], to[1] - from[1])));
  for (let s = 0; s <= steps; s++) {
    const t = s / steps;
    visit(from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1]));
  }
}

// Writes coverage, and its mirror images: the axis of an even grid lies between two cells.
export function coverer(coverage, grid, mirror) {
  const put = (r, c, amount) => {
    const cell = r * grid.columns + c;
    if (cell < coverage.length && amount > coverage[cell]) coverage[cell] = amount;
  };
  return (r, c, amount) => {
    const r2 = grid.rows - 1 - r, c2 = grid.columns - 1 - c;
    put(r, c, amount);
    if (mirror === "left-right" || mirror === "both") put(r, c2, amount);
    if (mirror === "top-bottom" || mirror === "both") put(r2, c, amount);
    if (mirror === "both") put(r2, c2, amount);
  };
}

export function coverRectangle(cover, grid, from, to) {
  const [top, bottom] = [from[0], to[0]].map(Math.floor).sort((a, b) => a - b);
  const [left, right] = [from[1], to[1]].map(Math.floor).sort((a, b) => a - b);
  for (let r = Math.max(0, top); r <= Math.min(grid.rows - 1, bottom); r++) {
    for (let c = Math.max(0, left); c <= Math.min(grid.columns - 1, right); c++) cover(r, c, 1);
  }
}

// All cells joined edge to edge with the first that hold nearly its weight.
export function coverFill(cover, grid, values, row, column, tolerance) {
  const start = Math.floor(row) * grid.columns + Math.floor(column);
  const seen = new Set([start]), todo = [start];
  while (todo.length) {
    const cell = todo.pop(), r = Math.floor(cell / grid.columns), c = cell % grid.columns;
    cover(r, c, 1);
    for (const [r2, c2] of [[r - 1, c], [r + 1, c], [r, c - 1], [r, c + 1]]) {
      if (r2 < 0 || c2 < 0 || r2 >= grid.rows || c2 >= grid.columns) continue;
      const next = r2 * grid.columns + c2;
      if (next >= values.length || seen.has(next)) continue;
      if (Math.abs(values[next] - values[start]) > tolerance) continue;
      seen.add(next);
      todo.push(next);
    }
  }
}

function smoothed(values, grid, cell) {
  const r = Math.floor(cell / grid.columns), c = cell % grid.columns;
  let sum = 0, count = 0;
  for (let r2 = r - 1; r2 <= r + 1; r2++) {
    for (let c2 = c - 1; c2 <= c + 1; c2++) {
      if (r2 < 0 || c2 < 0 || r2 >= grid.rows || c2 >= grid.columns) continue;
      const other = r2 * grid.columns + c2;
      if (other >= values.length) continue;
      sum += values[other];
      count++;
    }
  }
  return sum / count;
}

// The weights under a stroke: {cells, values}, only those it covers, finite float32.
export function blend(stroke, before) {
  const { mode, strength, coverage, grid } = stroke, cells = [], values = [];
  for (let cell = 0; cell < coverage.length; cell++) {
    const amount = coverage[cell];
    if (!(amount > 0)) continue;
    const old = Number.isFinite(before[cell]) ? before[cell] : 0;
    let value;
    if (mode === "add") value = old + amount * strength;
    else if (mode === "scale") value = old * (1 + amount * (Math.abs(strength) - 1));
    else if (mode === "smooth") value = old + amount * (smoothed(before, grid, cell) - old);
    else value = old + amount * ((mode === "erase" ? 0 : strength) - old);
    value = Math.fround(Number.isFinite(value) ? value : old);
    cells.push(cell);
    values.push(value);
  }
  return { cells, values };
}
