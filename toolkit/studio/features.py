"""What the studio can show and answer beyond the workbench's own: each in a module of its own.

A module here adds to :data:`~toolkit.studio.extras.EXTRAS` and
:data:`~toolkit.studio.questions.QUESTIONS` when it is imported.
"""

from __future__ import annotations

from toolkit.studio import (
    ahead,
    analysis,
    asloaded,
    coach,
    exercises,
    fitting,
    learning,
    looking,
    meaning,
    origins,
    pairs,
    points,
    reading,
    seeing,
    steps,
    tables,
)

__all__ = [
    "ahead",
    "analysis",
    "asloaded",
    "coach",
    "exercises",
    "fitting",
    "learning",
    "looking",
    "meaning",
    "origins",
    "pairs",
    "points",
    "reading",
    "seeing",
    "steps",
    "tables",
]
