// What the page calls activation functions, and says of each.
import { family } from "../core/activations.js";

/** As a column or a formula has it, and one sentence. @type {Record<string, [sign: string, says: string]>} */
const FUNCTIONS = {
  sigmoid: ["σ", "From 0 to 1, and one half where z is 0."],
  relu: ["ReLU", "z where it is above 0, else 0."],
  tanh: ["tanh", "From −1 to 1, and 0 where z is 0."],
  identity: ["", "z as it is."],
  softmax: ["softmax", "The layer’s neurons together: each from 0 to 1, and in all they come to 1."],
  leaky_relu: ["leaky ReLU", "z where it is above 0, else z times a slope."],
  elu: ["ELU", "z where it is above 0; below, it falls off to −α."],
  gelu: [
    "GELU",
    "z times the share of a normal distribution below z: a smooth ReLU that dips to −0.17 before it rises.",
  ],
  gelu_tanh: ["GELU", "GELU worked out by tanh, as some frameworks do: within 0.0005 of it."],
  silu: ["SiLU", "z times its own sigmoid: a smooth ReLU that dips to −0.28 before it rises."],
  softplus: ["softplus", "log(1 + eᶻ): a smooth ReLU that is never 0, and 0.69 where z is 0."],
  hard_sigmoid: ["hard σ", "A sigmoid of straight lines: 0 up to z = −3, z/6 + ½, and 1 from z = 3 on."],
};

const PARAMETERS = /** @type {Record<string, string>} */ ({ leaky_relu: "slope", elu: "α" });

/** How formulas write it. @param {string} activation */
export const signOf = (activation) => FUNCTIONS[family(activation)[0]]?.[0] ?? activation;

/** What a list calls it. @param {string} activation */
export const nameOf = (activation) =>
  ({ sigmoid: "sigmoid", identity: "identity", gelu_tanh: "GELU by tanh", hard_sigmoid: "hard sigmoid" })[
    activation
  ] ?? signOf(activation);

/** One sentence. @param {string} activation */
export function saysOf(activation) {
  const [kind, by] = family(activation);
  const parameter = PARAMETERS[kind] ? ` Its ${PARAMETERS[kind]} is ${String(by).replace("-", "−")}.` : "";
  return `${FUNCTIONS[kind]?.[1] ?? ""}${parameter}`;
}

/** Whether what it gives may be below 0. @param {string} activation */
export const signed = (activation) =>
  !["sigmoid", "relu", "softmax", "softplus", "hard_sigmoid"].includes(family(activation)[0]);

/** What a is above where z is above 0, in words; nothing where it does not show. @param {string} activation */
function above(activation) {
  const [kind, by] = family(activation);
  if (kind === "softmax" || by < 0) return "";
  if (kind === "sigmoid" || kind === "hard_sigmoid") return "½";
  return kind === "softplus" ? "0.69" : "0";
}

/** When a neuron fires, by its activation function. @param {string} activation */
export function fires(activation) {
  const [kind] = family(activation),
    threshold = above(activation);
  if (kind === "sigmoid" || kind === "hard_sigmoid")
    return `For a ${kind === "sigmoid" ? "" : "hard "}sigmoid its activation is above one half there.`;
  if (kind === "softmax") return "Of a softmax that says nothing about its activation.";
  return threshold
    ? `Its activation is above ${threshold} there.`
    : "That says nothing about the sign of its activation.";
}

/** The same in a few words. @param {string} activation */
export function firesBriefly(activation) {
  const threshold = above(activation);
  return `% of a class on which each fires: ${threshold ? `a above ${threshold}` : "z above 0"}`;
}

export const FUNCTION_WORDS = {
  /** @param {string} activation */
  title: (activation) =>
    `Activation function${activation ? `. ${nameOf(activation)}: ${saysOf(activation)}` : ""}`,
};
