// The page Network: what comes is said in a sentence.
import { Looking, mountOf } from "../looking/page.js";
import { element } from "../workbench/dom.js";

export const mount = mountOf((root, context) => {
  const looking = new Looking(root, context, { page: "network", analyses: false });
  looking.content.append(
    element("p", {
      className: "coming",
      textContent:
        "Here the whole network will be looked at: accuracy, mistakes, every neuron’s row in one table, and how far it is from edges.",
    }),
  );
  return looking;
});
