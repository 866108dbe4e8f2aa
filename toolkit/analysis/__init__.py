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
from toolkit.analysis.whole import (
    Calibration,
    Curve,
    Matching,
    Mistake,
    Nonsense,
    Unlit,
    calibration,
    cka,
    confidences,
    match_neurons,
    matched_distances,
    mistakes,
    nonsense,
    rearranged,
    robustness,
    unlit_weights,
)

__all__ = [
    "Blame",
    "Calibration",
    "ClassHistogram",
    "ClassTable",
    "Comparison",
    "Curve",
    "LayerStatistics",
    "Matching",
    "Mistake",
    "Nonsense",
    "Remark",
    "Steepness",
    "SubsetScore",
    "Threshold",
    "Unlit",
    "Usefulness",
    "blame",
    "calibration",
    "cka",
    "class_means",
    "class_table",
    "class_tables",
    "compare",
    "composed_maps",
    "confidences",
    "contributions",
    "firing_on",
    "histogram_by_class",
    "layer_inputs",
    "layer_statistics",
    "match_neurons",
    "matched_distances",
    "mistakes",
    "never_lit",
    "nonsense",
    "norms",
    "rearranged",
    "remarks",
    "robustness",
    "separate",
    "steepness",
    "subset_score",
    "unlit_weights",
    "usefulness",
    "weighted_sums",
]
