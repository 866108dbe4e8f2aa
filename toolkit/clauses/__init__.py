"""Neurons of later layers by meaning: a sentence about the neurons below becomes weights.

``top arc and left side and not middle bar``, ``at least 2 of (1.3, 1.4, 1.5)``,
``2*loop + tail - bar > 1.5``: each says when a neuron should be on.  Where one
neuron can decide so, it becomes weights and a bias; where none can, the error
says which neurons to make first.
"""

from toolkit.clauses.compiling import Compiled, compile_clause
from toolkit.clauses.describing import describe
from toolkit.clauses.errors import ClauseError
from toolkit.clauses.expressions import Clause, sentence, written
from toolkit.clauses.ranges import measured_ranges, usual_ranges
from toolkit.clauses.reading import read_clause

__all__ = [
    "Clause",
    "ClauseError",
    "Compiled",
    "compile_clause",
    "describe",
    "measured_ranges",
    "read_clause",
    "sentence",
    "usual_ranges",
    "written",
]
