"""How a network reads without some of its neurons."""

from toolkit.analysis.ablation.falls import (
    Ablated,
    Ablations,
    PairNeeds,
    Usefulness,
    ablation,
    ablations,
    pair_needs,
    usefulness,
)
from toolkit.analysis.ablation.holding import without

__all__ = [
    "Ablated",
    "Ablations",
    "PairNeeds",
    "Usefulness",
    "ablation",
    "ablations",
    "pair_needs",
    "usefulness",
    "without",
]
