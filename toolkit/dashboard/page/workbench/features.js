// What the workbench can do beyond painting: each feature a module of its own, installed once.
import * as ahead from "./ahead.js";
import * as asLoaded from "./asloaded.js";
import * as best from "./best.js";
import * as classes from "./classes.js";
import * as coach from "./coach.js";
import * as confusion from "./confusion.js";
import * as doing from "./doing.js";
import * as exercises from "./exercises.js";
import * as fitting from "./fitting.js";
import * as following from "./following.js";
import * as glossary from "./glossary.js";
import * as keeping from "./keeping.js";
import * as meaning from "./meaning/index.js";
import * as moves from "./moves/moves.js";
import * as origins from "./origins.js";
import * as points from "./points.js";
import * as ridges from "./ridges.js";
import * as ridgesOf from "./ridgesof.js";
import * as subset from "./subset.js";
import * as walk from "./walk.js";
import * as why from "./why.js";

/** @typedef {import("./bench.js").Bench} Bench */

/** @type {{install: (bench: Bench) => void}[]} */
export const FEATURES = [
  moves,
  ahead,
  fitting,
  asLoaded,
  meaning,
  points,
  walk,
  exercises,
  glossary,
  coach,
  origins,
  why,
  classes,
  confusion,
  ridges,
  ridgesOf,
  following,
  best,
  subset,
  keeping,
  doing,
];
