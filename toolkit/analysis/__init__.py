"""What a neuron and a network do: arrays and plain records, no pictures."""

from toolkit.analysis.ablation import Usefulness, usefulness
from toolkit.analysis.blame import Blame, blame
from toolkit.analysis.classes import ClassTable, class_table, class_tables
from toolkit.analysis.comparison import Comparison, compare
from toolkit.analysis.digits import class_means, never_lit
from toolkit.analysis.neurons import composed_maps, contributions, layer_inputs
from toolkit.analysis.remarks import Remark, remarks
from toolkit.analysis.statistics import LayerStatistics, layer_statistics, norms
from toolkit.analysis.steepness import Steepness, steepness
from toolkit.analysis.subset import SubsetScore, subset_score
from toolkit.analysis.sums import ClassHistogram, histogram_by_class, weighted_sums
from toolkit.analysis.thresholds import Threshold, firing_on, separate

__all__ = [
    "Blame",
    "ClassHistogram",
    "ClassTable",
    "Comparison",
    "LayerStatistics",
    "Remark",
    "Steepness",
    "SubsetScore",
    "Threshold",
    "Usefulness",
    "blame",
    "class_means",
    "class_table",
    "class_tables",
    "compare",
    "composed_maps",
    "contributions",
    "firing_on",
    "histogram_by_class",
    "layer_inputs",
    "layer_statistics",
    "never_lit",
    "norms",
    "remarks",
    "separate",
    "steepness",
    "subset_score",
    "usefulness",
    "weighted_sums",
]
