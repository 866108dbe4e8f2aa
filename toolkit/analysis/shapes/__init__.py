"""Is it an edge?  The ideal shape that a map is most like, what is measured, and a verdict."""

from toolkit.analysis.shapes.matching import Match, Matches, match_maps
from toolkit.analysis.shapes.probing import Tuning, orientation_tuning
from toolkit.analysis.shapes.verdicts import ALIKE, VERDICTS, Verdict, verdicts

__all__ = [
    "ALIKE",
    "VERDICTS",
    "Match",
    "Matches",
    "Tuning",
    "Verdict",
    "match_maps",
    "orientation_tuning",
    "verdicts",
]
