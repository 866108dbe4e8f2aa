// The page Compare: two networks side by side.
import { Looking, mountOf } from "../looking/page.js";
import { PAIR_WORDS as words } from "../words/compare.js";
import { element, setText } from "../workbench/dom.js";
import { Choice } from "./choice.js";
import { PairView } from "./pair.js";

export const mount = mountOf((root, context) => {
  const looking = new Looking(root, context, { page: "compare", analyses: false });
  const status = element("span", { className: "status", role: "status" });
  const view = new PairView(looking);
  /** @type {import("./choice.js").Other|null} */
  let other = null;
  let stamp = "";
  const ask = () => {
    if (!other || !looking.store?.state) return;
    stamp = looking.stamp;
    setText(status, words.asks);
    view.wait();
    looking.ask(
      "pair",
      { what: "pair", other },
      ({ head, body }) => {
        setText(status, "");
        view.show(head, body);
      },
      (why) => {
        status.replaceChildren(
          words.failed(why),
          " ",
          element("button", { textContent: words.again, onclick: ask }),
        );
        view.node.hidden = true;
      },
    );
  };
  const choice = new Choice(looking, (chosen) => {
    other = chosen;
    ask();
  });
  // What is compared is the network as it is.
  looking.hear("answer", () => {
    if (stamp && stamp !== looking.stamp) ask();
  });
  choice.node.append(status);
  looking.content.append(choice.node, view.node);
  if (looking.store?.state) looking.bell.ring("answer");
  return looking;
});
