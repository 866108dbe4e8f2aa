// What is said of live scoring.

/** Why nothing is scored while one paints, by the reason's code. @type {Record<string, string>} */
export const LIVE_OFF = {
  "no-worker": "not scored while painting: this browser runs no workers",
  memory: "not scored while painting: this device has too little memory",
  "save-data": "not scored while painting: this browser is set to save data",
  "slow-line": "not scored while painting: the line is too slow to fetch the digits",
  "no-digits": "not scored while painting: the digits could not be fetched",
  "not-finite": "not scored while painting: a weight or bias is not finite",
  "too-large": "not scored while painting: the weights are too large",
  unscored: "not scored: the network has another number of outputs than the digits have classes",
  crashed: "not scored while painting: the scorer of this page has failed",
};
