// What the cards of exercises and of steps say.
import { count } from "../words.js";

export const EXERCISES = {
  command: "Exercises…",
  group: "learn",
  also: "lesson task school teach practice",
  list: "Exercises",
  intro:
    "Seven, from the first minute to an evening. Each measures what your network does; there is never one solution.",
  /** @param {number} minutes */
  minutes: (minutes) => (minutes < 60 ? `${minutes} min` : `${Math.round(minutes / 60)} h`),
  /** @param {string} said */
  wrong: (said) => `Not listed: ${said}`,
  solved: "solved",
  all: "‹ all",
  start: "start it",
  startTitle: "Open what it begins with, as an experiment of its own; what you have is kept",
  startAnew: "start anew",
  begun: "Begun before:",
  /** @param {number} steps @param {string} when */
  goOn: (steps, when) => `go on after ${count(steps, "step")}, ${when}`,
  goOnTitle: "Open it as you left it; what you have is kept",
  check: "check",
  checkTitle: "Measure the network as it is now",
  checking: "measuring…",
  /** @param {number} left */
  hint: (left) => (left === 1 ? "last hint" : "a hint"),
  hintTitle: "One at a time",
  wants: (/** @type {string} */ wanted) => wanted,
  notice: "What to notice",
  yes: "Solved.",
  /** @param {number} met @param {number} all */
  notYet: (met, all) => `Not yet: ${met} of ${all}.`,
  /** @param {string} verdict */
  past: (verdict) => `It is another network now; when it was measured: ${verdict}`,
};

export const STEPS = {
  command: "Walk through the steps…",
  next: "Next step",
  previous: "Previous step",
  group: "history",
  also: "recipe replay step by step why",
  card: "Step by step",
  none: "Nothing was done yet. A recipe that is opened, or what you do, is walked through here.",
  shipped: "This network comes with the recipe that made it.",
  /** @param {number} steps */
  openShipped: (steps) => `Open its ${steps} steps`,
  openShippedTitle: "As an experiment of its own, walked through from here",
  /** @param {number} at @param {number} all */
  of: (at, all) => `${at} of ${all}`,
  start: "as it began",
  noWhy: "What is it for? A sentence here goes into the recipe.",
  whyTitle: "What this step is for",
  note: "Painting here drops the steps that come after; “Branch from here” keeps them.",
  first: "to the start",
  last: "to the last step",
};
