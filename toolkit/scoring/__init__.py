"""Score a network on a digit set, and keep the score current as edits arrive."""

from toolkit.scored import Score
from toolkit.scoring.scorer import Scorer, score

__all__ = ["Score", "Scorer", "score"]
