// What the workbench does with what comes from the server, through the post.

/** @typedef {import("./bench.js").Bench} Bench */

/** @param {Bench} bench */
export function hearPost(bench) {
  const { post } = bench;
  /** @param {string} event @param {(...arguments_: any[]) => void} handler */
  const on = (event, handler) => bench.undoers.push(post.on(event, handler));
  on("store", (store, before) => bench.changeStore(store, before));
  on("answer", () => bench.receive());
  on("scored", ({ experiment, revision, score }) => {
    if (experiment !== bench.store?.experiment) return;
    bench.readings.takeScore(score, revision);
    bench.readings.showScore();
  });
  on("notice", (notice) => bench.say(notice));
  on("refused", (refused) => bench.refused(refused));
  on("status", () => bench.showStatus());
  on("takenup", ({ count }) => bench.say({ code: "outbox-found", fields: { count } }));
  // The server may be another one by now, whose pages know nothing.
  on("back", () => bench.place.tell());
  on("draft-ends", ({ experiment }) => {
    if (experiment === bench.store?.experiment) bench.place.name(experiment);
  });
  on("go", ({ experiment, notice }) => {
    bench.menus.close();
    // A branch is looked at as what it goes on from.
    const view = notice?.code === "branched" ? bench.place.here({}).view : {};
    bench.place.open({ experiment, view });
    if (notice) bench.say(notice);
  });
  on("history", (head) => bench.menus.showHistory(head));
  on("reload", () => bench.say({ code: "modules-changed", actions: [{ label: "reload" }] }));
  bench.showStatus();
}
