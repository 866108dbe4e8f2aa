// Words of the page Neuron.

export const NEURON_WORDS = {
  weight: "weight",
  weights: {
    title: "Weights that come in",
    caption:
      "Each cell is one incoming weight: ink on a positive one makes the neuron fire, on a negative one holds it back.",
  },
};
