// Whatever breaks, and in whatever order: each letter is done once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeStorage, seeded, World } from "./fakes.js";
import { applied, blank, FakeExperiment, ID, OTHER, stroke } from "./fakeserver.js";
import { edit, open, shows } from "./pages.js";

// Everything at once, for many seeds: two pages of one browser and one of another on two experiments,
// a line that is slow, cut, silent and passes frames on twice, a server that ends and cannot save.
function storm(seed) {
  const world = new World({ seed, delay: 1 + (seed % 5) * 8 });
  world.twice = 0.2;
  const random = seeded(1000 + seed);
  const pick = (count) => Math.floor(random() * count);
  const made = { [ID]: new Map(), [OTHER]: new Map() };
  let marks = 0;
  let pages = [];
  const enter = (storage) => {
    const page = open(world, { experiment: random() < 0.7 ? ID : OTHER, storage });
    page.storage = storage;
    pages.push(page);
  };
  const elsewhere = new FakeStorage();
  const forever = (run) => {
    try {
      run();
    } catch (error) {
      error.message += ` (seed ${seed})`;
      throw error;
    }
  };
  forever(() => {
    enter(world.storage);
    enter(world.storage);
    enter(elsewhere);
    for (let step = 0; step < 120; step++) {
      world.clock.pass(pick(2) ? pick(30) : pick(700));
      const page = pages[pick(pages.length)];
      const { post } = page;
      const { store } = post;
      const what = pick(20);
      if (what < 11 && store) {
        const mark = `${++marks}`;
        const kind = random() < 0.2 ? "undo" : "edit";
        const item = kind === "edit" ? edit(pick(6), 1 + pick(9), { mark }) : { kind, mark };
        if (kind === "edit") store.edit(item.edit);
        else store.tell(item);
        const its = made[store.experiment];
        if (!its.has(post.client)) its.set(post.client, []);
        its.get(post.client).push(mark);
      } else if (what === 11) world.cut();
      else if (what === 12) world.server.restart();
      else if (what === 13) world.server.unsaved = random() < 0.5;
      else if (what === 14) world.silent = random() < 0.5;
      else if (what === 15) {
        if (world.up) world.down();
        else world.up = true;
      } else if (what === 16) {
        page.around.ring("pagehide");
        post.close();
        pages = pages.filter((each) => each !== page);
        enter(page.storage);
      } else if (what === 17)
        post.visit({ experiment: random() < 0.5 ? ID : OTHER, start: { network: "blank" } });
      else if (what === 18) page.around.ring("online");
      else if (store) store.select(1, pick(3));
    }
    Object.assign(world, { up: true, silent: false });
    world.server.unsaved = false;
    world.clock.pass(60_000);
    for (const id of [ID, OTHER]) {
      const experiment = world.server.experiments.get(id);
      if (!experiment) {
        assert.equal(made[id].size, 0);
        continue;
      }
      const all = [...made[id].values()].flat();
      assert.equal(experiment.log.length, all.length, "each once");
      assert.deepEqual([...experiment.log].sort(), all.sort(), "none lost, none strange");
      for (const marksOfOne of made[id].values()) {
        const mine = new Set(marksOfOne);
        assert.deepEqual(
          experiment.log.filter((mark) => mine.has(mark)),
          marksOfOne,
          "each page's in order",
        );
      }
    }
    for (const { post } of pages) {
      assert.equal(post.status.waiting, 0);
      assert.equal(post.store.outbox.length, 0);
      shows(post, world.server.experiments.get(post.store.experiment).layers);
      post.close();
    }
    assert.deepEqual([...world.storage.outboxes, ...elsewhere.outboxes], []);
  });
}

test("through every break each letter is done once, in order, and shown (200 storms)", () => {
  for (let seed = 0; seed < 200; seed++) storm(seed);
});

test("the model of the server applies edits as the page does", () => {
  const experiment = new FakeExperiment(ID, false);
  experiment.do(edit(1, 2));
  assert.deepEqual(experiment.layers, applied(blank(), stroke(1, 2)));
});
