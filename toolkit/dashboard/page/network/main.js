// The page Network: what the whole network does.
import { Looking, mountOf } from "../looking/page.js";
import { NETWORK_WORDS as words } from "../words/network.js";
import { element } from "../workbench/dom.js";
import { Hope } from "./hope.js";
import { MatrixView } from "./matrix.js";
import { Nonsense } from "./nonsense.js";
import { Reads } from "./reads.js";
import { NeuronTable } from "./table.js";

export const mount = mountOf((root, context) => {
  const looking = new Looking(root, context, { page: "network", wants: ["confusion"] });
  const reads = new Reads(looking),
    table = new NeuronTable(looking),
    nonsense = new Nonsense(looking),
    matrices = new MatrixView(looking);
  const hope = new Hope(looking, (kind, layer) => {
    table.look(`${kind} layer ${layer}`, "edge_score", true);
    table.node.scrollIntoView({ block: "start" });
  });
  /** @type {[keyof typeof words.parts, Node[]][]} */
  const parts = [
    ["reads", reads.nodes],
    ["neurons", [table.node]],
    ["hope", hope.nodes],
    ["nonsense", nonsense.nodes],
    ["matrices", matrices.nodes],
  ];
  const jumps = element("nav", { className: "jumps", ariaLabel: words.jump });
  const sections = parts.map(([name, nodes]) => {
    const section = element("section", {}, element("h2", { textContent: words.parts[name] }), ...nodes);
    section.dataset.part = name;
    jumps.append(
      element("button", {
        textContent: words.parts[name],
        onclick: () => section.scrollIntoView({ block: "start", behavior: "smooth" }),
      }),
    );
    return section;
  });
  looking.content.append(jumps, ...sections);
  // The experiment may have been there before the page was.
  if (looking.store?.state) looking.bell.ring("answer");
  return looking;
});
