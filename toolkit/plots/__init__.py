"""Matplotlib views: each draws on an ``ax`` and returns it; ``figure_*`` lay several out on a page.

Figures are plain :class:`matplotlib.figure.Figure` objects; pyplot's global
state is never touched, so that a server's threads may draw at the same time.
Colours are those of :mod:`toolkit.palette`; its table says what the marks mean.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from toolkit.plots.figures import (
    FORMATS,
    figure_atlas,
    figure_bytes,
    figure_contributions,
    figure_neuron,
)
from toolkit.plots.learning import animation, film, kinds_over_time, learning
from toolkit.plots.neuron import (
    ablation_by_digit,
    ablation_by_pair,
    answers_by_class,
    auc_bars,
    gradient_picture,
    maximal_input,
    mean_difference,
    neuron_parts,
    outgoing,
    pair_need_bars,
    pixel_parts,
    twins_matrix,
)
from toolkit.plots.pair import cka_matrix, matched_maps
from toolkit.plots.shapes import best_match, score_distribution, tuning_curve
from toolkit.plots.timing import (
    cost_curve,
    figure_costs,
    figure_times_as_long,
    times_as_long,
)
from toolkit.plots.views import (
    atlas,
    contribution_map,
    digit,
    incoming,
    outputs,
    training_curve,
    weight_map,
)
from toolkit.plots.whole import (
    confusion,
    mistaken,
    nonsense_answers,
    nonsense_confidence,
    reliability,
    robustness_curve,
    unlit_shares,
)

__all__ = [
    "FORMATS",
    "Axes",
    "Figure",
    "ablation_by_digit",
    "ablation_by_pair",
    "animation",
    "answers_by_class",
    "atlas",
    "auc_bars",
    "best_match",
    "cka_matrix",
    "confusion",
    "contribution_map",
    "cost_curve",
    "digit",
    "figure_atlas",
    "figure_bytes",
    "figure_contributions",
    "figure_costs",
    "figure_neuron",
    "figure_times_as_long",
    "film",
    "gradient_picture",
    "incoming",
    "kinds_over_time",
    "learning",
    "matched_maps",
    "maximal_input",
    "mean_difference",
    "mistaken",
    "neuron_parts",
    "nonsense_answers",
    "nonsense_confidence",
    "outgoing",
    "outputs",
    "pair_need_bars",
    "pixel_parts",
    "reliability",
    "robustness_curve",
    "score_distribution",
    "times_as_long",
    "training_curve",
    "tuning_curve",
    "twins_matrix",
    "unlit_shares",
    "weight_map",
]
