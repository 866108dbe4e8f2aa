"""A whole network: how sure it is and of what, what it cannot bear, and how it compares."""

from toolkit.analysis.whole.alignment import Matching, match_neurons, matched_distances, rearranged
from toolkit.analysis.whole.calibration import Calibration, calibration
from toolkit.analysis.whole.mistakes import Mistake, confidences, mistakes
from toolkit.analysis.whole.nonsense import KINDS, SURE, Nonsense, nonsense
from toolkit.analysis.whole.robustness import Curve, changed, robustness
from toolkit.analysis.whole.similarity import cka
from toolkit.analysis.whole.unlit import Unlit, unlit_weights

__all__ = [
    "KINDS",
    "SURE",
    "Calibration",
    "Curve",
    "Matching",
    "Mistake",
    "Nonsense",
    "Unlit",
    "calibration",
    "changed",
    "cka",
    "confidences",
    "match_neurons",
    "matched_distances",
    "mistakes",
    "nonsense",
    "rearranged",
    "robustness",
    "unlit_weights",
]
