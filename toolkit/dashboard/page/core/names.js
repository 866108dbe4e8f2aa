// What a neuron is called.

/**
 * Layer and index, and the name that a person gave it: “1.3 top bar”.
 * @param {{names?: [number, number, string][]}} state
 * @param {number} layer
 * @param {number} neuron
 */
export function nameOf({ names = [] }, layer, neuron) {
  const named = names.find(([at, index]) => at === layer && index === neuron);
  return `${layer}.${neuron}${named ? ` ${named[2]}` : ""}`;
}
