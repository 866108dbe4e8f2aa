// What the page says of how well the network reads, as it is and while a hand changes it.
import { count } from "../words.js";

/** @param {string} side @param {number} n @param {boolean} open */
const flips = (side, n, open) =>
  `${n ? n.toLocaleString("en") : "none"} ${side} ${open ? "so far" : "by the last step"}`;

export const SCORE_WORDS = {
  last: "last step",
  inHand: "so far",
  start: "since loaded",
  loaded: "as it was loaded",
  live: "Live: counted in this page of what is in hand. When you let go, Python's own count takes its place.",
  /** @param {number} correct @param {number} images */
  read: (correct, images) => `${correct.toLocaleString("en")} of ${count(images, "digit")} read right`,
  /** @param {number} n @param {boolean} open whether the hand has not let go */
  gained: (n, open) => flips("gained", n, open),
  /** @param {number} n @param {boolean} open */
  lost: (n, open) => flips("lost", n, open),
};

export const FOLLOWING_WORDS = {
  title: "It follows your hand, counted in this page; when you let go, Python's own count takes its place.",
  /** @param {number} images @param {number} of */
  sample: (images, of) => `live on ${images.toLocaleString("en")} of ${of.toLocaleString("en")}`,
  /** @param {number|null} left seconds */
  loading: (left) => (left === null ? "live soon" : `live in ${Math.max(1, Math.ceil(left))} s`),
  none: "not live",
  menu: "While painting",
  follow: "accuracy follows the hand",
  on: "on",
  off: "off",
  command: "Live accuracy while painting: on or off",
  also: "follow brush worker realtime speed slow machine battery",
};
