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
from toolkit.plots.pair import cka_matrix, matched_maps
from toolkit.plots.shapes import best_match, score_distribution, tuning_curve
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
    "animation",
    "atlas",
    "best_match",
    "cka_matrix",
    "confusion",
    "contribution_map",
    "digit",
    "figure_atlas",
    "figure_bytes",
    "figure_contributions",
    "figure_neuron",
    "film",
    "incoming",
    "kinds_over_time",
    "learning",
    "matched_maps",
    "mistaken",
    "nonsense_answers",
    "nonsense_confidence",
    "outputs",
    "reliability",
    "robustness_curve",
    "score_distribution",
    "training_curve",
    "tuning_curve",
    "unlit_shares",
    "weight_map",
]
