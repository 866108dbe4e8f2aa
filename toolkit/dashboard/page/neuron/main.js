// The page Neuron: what one neuron does.
import { mapTable, weightMap } from "../looking/charts/maps.js";
import { Figure } from "../looking/figure.js";
import { Looking, mountOf } from "../looking/page.js";
import { NEURON_WORDS as words } from "../words/neuron.js";

export const mount = mountOf((root, context) => {
  const looking = new Looking(root, context, { page: "neuron", picks: true });
  const map = new Figure({
    id: "weights",
    ...words.weights,
    of: () => [...looking.fileOf, looking.neuron.join(".")],
  });
  looking.content.append(map.node);
  const show = () => {
    const { store, look } = looking;
    if (!store?.state) return;
    const [layer, index] = looking.neuron;
    const given = { values: store.row(layer, index), columns: store.grid.columns, look, unit: words.weight };
    map.show({ draw: (width) => weightMap(given, width), table: () => mapTable(given) });
  };
  looking.hear("answer", show);
  looking.hear("select", show);
  show();
  return looking;
});
