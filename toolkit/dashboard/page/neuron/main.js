// The page Neuron: what one neuron does, from its map to what is lost without it.
import { Looking, mountOf } from "../looking/page.js";
import { NEURON_WORDS as words } from "../words/neuron.js";
import { element, find, setText } from "../workbench/dom.js";
import { Answers } from "./answers.js";
import { Looks } from "./looks.js";
import { calledAt } from "./parts.js";
import { Place } from "./place.js";
import { Reasons } from "./why.js";

export const mount = mountOf((root, context) => {
  const looking = new Looking(root, context, { page: "neuron", picks: true });
  const title = element("h1", { className: "neuron-title" });
  const looks = new Looks(looking),
    reasons = new Reasons(looking),
    answers = new Answers(looking, (number) => {
      reasons.bar.pick(number);
      reasons.bar.node.scrollIntoView({ behavior: "smooth", block: "center" });
    }),
    place = new Place(looking, () => reasons.digit);
  const parts = [looks, answers, reasons, place];
  const jumps = element("nav", { className: "jumps", ariaLabel: words.jump });
  for (const { node } of parts)
    jumps.append(
      element("button", {
        textContent: find(node, "h2").textContent ?? "",
        onclick: () => node.scrollIntoView({ block: "start", behavior: "smooth" }),
      }),
    );
  looking.content.append(title, jumps, ...parts.map(({ node }) => node));
  const show = () => {
    const { store } = looking;
    if (!store?.state || looking.closed) return;
    const [layer, index] = looking.neuron;
    const output = layer === store.state.sizes.length - 1;
    setText(title, words.title(calledAt(store, layer, index), store.activations[layer - 1], output));
    for (const part of parts) part.show();
  };
  looking.hear("answer", show);
  looking.hear("select", show);
  looking.hear("analysis", show);
  show();
  return looking;
});
