// The page Compare: what comes is said in a sentence.
import { Looking, mountOf } from "../looking/page.js";
import { element } from "../workbench/dom.js";

export const mount = mountOf((root, context) => {
  const looking = new Looking(root, context, { page: "compare", analyses: false });
  looking.content.append(
    element("p", {
      className: "coming",
      textContent:
        "Here two networks will stand side by side: matched neurons, their maps, and the digits that one reads and the other does not.",
    }),
  );
  return looking;
});
