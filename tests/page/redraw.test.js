// When the bench is drawn: once a frame, and not before a figure that is on its way.
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Redraw } from "../../toolkit/dashboard/page/workbench/redraw.js";

const frames = new Map();
let count = 0;

/** The browser draws its next frame. */
function next() {
  const tasks = [...frames.values()];
  frames.clear();
  for (const task of tasks) task();
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  frames.clear();
  globalThis.requestAnimationFrame = (task) => {
    frames.set(++count, task);
    return count;
  };
  globalThis.cancelAnimationFrame = (number) => frames.delete(number);
});

function bench() {
  const drawn = { times: 0 };
  const redraw = new Redraw(() => {
    drawn.times++;
    return true;
  });
  return { redraw, drawn };
}

test("however much changed, one frame draws it, or the same one earlier", () => {
  const { redraw, drawn } = bench();
  redraw.ask();
  redraw.ask();
  assert.equal(frames.size, 1);
  next();
  assert.deepEqual([drawn.times, redraw.pending, redraw.taken.length], [1, false, 1]);
  redraw.ask();
  redraw.now();
  next();
  assert.deepEqual([drawn.times, redraw.pending], [2, false]);
});

test("what is spared asks for no frame, and is drawn with what comes next", () => {
  const { redraw, drawn } = bench();
  redraw.spare(() => redraw.ask());
  assert.deepEqual([frames.size, redraw.pending], [0, true]);
  redraw.ask();
  next();
  mock.timers.tick(1000);
  assert.deepEqual([drawn.times, frames.size, redraw.pending], [1, 0, false]);
});

test("it is drawn by itself where nothing comes, and not by a page that is closed", () => {
  const { redraw } = bench();
  redraw.spare(() => redraw.ask());
  mock.timers.tick(100);
  assert.equal(frames.size, 1);
  const closed = bench().redraw;
  closed.spare(() => {});
  closed.close();
  mock.timers.tick(100);
  assert.equal(frames.size, 1);
});

test("a frame that was asked for before is drawn, and what fails spares nothing after it", () => {
  const { redraw } = bench();
  redraw.ask();
  redraw.spare(() => {});
  assert.equal(frames.size, 1);
  next();
  assert.throws(() => redraw.spare(() => assert.fail()));
  redraw.ask();
  assert.equal(frames.size, 1);
});
