// The page Learning: what comes is said in a sentence.
import { Looking, mountOf } from "../looking/page.js";
import { element } from "../workbench/dom.js";

export const mount = mountOf((root, context) => {
  const looking = new Looking(root, context, { page: "learning", analyses: false });
  looking.content.append(
    element("p", {
      className: "coming",
      textContent:
        "Here a network will be watched while it learns: its maps, accuracy and verdicts, epoch by epoch.",
    }),
  );
  return looking;
});
