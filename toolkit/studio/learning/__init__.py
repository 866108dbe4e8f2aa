"""Learning, watched: trainings that pages begin, look at and take away."""

from toolkit.studio.learning.replies import KINDS, take_away

__all__ = ["KINDS", "take_away"]
