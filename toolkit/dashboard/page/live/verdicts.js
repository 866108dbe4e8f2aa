// Which output wins for each digit, looked at again only where the lead it had may be used up.
import { Resolver } from "./resolver.js";

/** @typedef {import("./scorer.js").Scorer} Scorer */
/** @typedef {import("../core/types.js").Layer} Layer */

const ROUNDED = 1 - 2 ** -20; // of a lead, what many small amounts may be taken from

export class Verdicts {
  /** @param {number} count of digits @param {number} outputs @param {number} inputs of the last layer */
  constructor(count, outputs, inputs) {
    this.inputs = inputs;
    /** What is left of the winner's lead over the second, if all that has moved since was against it. */
    this.slack = new Float64Array(count);
    /** For each output the most that an input takes of its lead over another, for each unit it moves. */
    this.spread = new Float64Array(outputs * inputs);
    this.values = new Float64Array(outputs);
    this.winners = new Uint16Array(count);
    /** How many were decided exactly in this update. */
    this.resolved = 0;
    /** @type {Resolver | null} */
    this.resolver = null;
  }

  /** The last layer, or who may win, is another. @param {Layer} layer @param {Uint16Array} rivals @param {boolean} falls */
  renew({ weights, in: inputs }, rivals, falls) {
    this.slack.fill(Number.NEGATIVE_INFINITY);
    for (let i = 0; i < inputs; i++) {
      let low = Number.POSITIVE_INFINITY,
        high = Number.NEGATIVE_INFINITY;
      for (const j of rivals) {
        const weight = weights[j * inputs + i];
        if (weight < low) low = weight;
        if (weight > high) high = weight;
      }
      for (const j of rivals) {
        const weight = weights[j * inputs + i];
        // What activations that may fall take is not worked out.
        this.spread[j * inputs + i] = falls ? Number.MAX_VALUE : Math.max(weight - low, high - weight);
      }
    }
  }

  /** Where a digit's winner has its spreads. @param {number} d */
  rowOf(d) {
    return this.winners[d] * this.inputs;
  }

  /** An input of the last layer has moved. @param {number} d @param {number} i @param {number} by */
  loosen(d, i, by) {
    this.slack[d] -= this.spread[this.winners[d] * this.inputs + i] * Math.abs(by);
  }

  /** The network, or who may win, is another. */
  forget() {
    this.resolved = 0;
    this.resolver = null;
  }

  /** Made when there is something to decide. @param {Scorer} scorer */
  #exact(scorer) {
    const { layers, activations, bounds } = scorer;
    this.resolver ??= new Resolver(layers, activations, bounds.constant, bounds.rivals, scorer.firstOf(0));
    return this.resolver;
  }

  /** @param {Scorer} scorer @param {number} from @param {number} to */
  decide(scorer, from, to) {
    const { slack, values, winners } = this,
      { bounds, ranks, tally } = scorer,
      { rivals, lead } = bounds;
    for (let d = from; d < to; d++) {
      if (slack[d] > lead) continue;
      scorer.outputsOf(d, values);
      if (ranks) ranks.fill(values, 0, values);
      let best = rivals[0],
        most = Number.NEGATIVE_INFINITY,
        second = most;
      for (let r = 0; r < rivals.length; r++) {
        const value = values[rivals[r]];
        if (value > most) {
          second = most;
          most = value;
          best = rivals[r];
        } else if (value > second) second = value;
      }
      slack[d] = (most - second) * ROUNDED;
      if (!(slack[d] > lead) && bounds.leavesOpen(values, best)) {
        // With smaller errors the lead would count, though the winner may be another.
        slack[d] = Number.NEGATIVE_INFINITY;
        this.resolved++;
        best = this.#exact(scorer).winner(scorer.sums, d);
      }
      winners[d] = best;
      tally.set(d, best);
    }
  }
}
