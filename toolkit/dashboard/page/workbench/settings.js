// What a hand has set stays when one comes back from another page.
export const settings = {
  tool: "brush",
  mode: "set",
  strength: 1,
  size: 3,
  soft: true,
  mirror: "none",
  scale: "neuron",
  fixed: 1,
  ghost: false,
  contributions: false,
  mean: false,
  lit: false,
};
