// Pages of the fake browser: each with a Post of its own, and what it was told.
import assert from "node:assert/strict";
import { pack } from "../../toolkit/dashboard/page/core/network.js";
import { Post } from "../../toolkit/dashboard/page/core/post.js";
import { ID, stroke } from "./fakeserver.js";

export function open(world, { experiment = ID, storage, visit = true, left, modules = "m1" } = {}) {
  const around = world.around(storage === undefined ? world.storage : storage);
  const post = new Post({ root: "/", modules, around, left });
  const heard = [];
  for (const name of [
    "store",
    "answer",
    "scored",
    "notice",
    "refused",
    "back",
    "takenup",
    "draft-ends",
    "go",
    "reload",
  ]) {
    post.on(name, (...given) => heard.push([name, ...given]));
  }
  post.connect();
  if (visit) post.visit({ experiment, start: { network: "blank" }, view: {} });
  return {
    post,
    around,
    heard,
    said: (name) => heard.filter(([of]) => of === name).map(([, given]) => given),
  };
}

export function opened(world, more) {
  const page = open(world, more);
  world.clock.pass(50);
  assert.ok(page.post.store);
  return page;
}

export const edit = (cell, put, more) => ({ kind: "edit", edit: stroke(cell, put, more) });
export const shows = (post, layers) => assert.deepEqual(pack(post.store.layers), pack(layers));
