"""What can be measured anywhere, in the order in which it is."""

from toolkit.benchmarks.parts import (
    analysing,
    cost,
    drawing,
    importing,
    pictures,
    rescoring,
    training,
)
from toolkit.benchmarks.records import Part

PARTS: dict[str, Part] = {
    each.PART.name: each.PART
    for each in (rescoring, training, pictures, importing, cost, analysing, drawing)
}
"""By name."""
