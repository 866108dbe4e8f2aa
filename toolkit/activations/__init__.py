"""Activation functions by name, their derivatives, and which output neuron wins."""

from toolkit.activations.functions import Float
from toolkit.activations.names import ACTIVATIONS, activation_named, check_activation, family
from toolkit.activations.shapes import (
    backward,
    derivative,
    fires_above,
    kinks,
    non_decreasing,
    ranking,
    straight,
    winner,
)

__all__ = [
    "ACTIVATIONS",
    "Float",
    "activation_named",
    "backward",
    "check_activation",
    "derivative",
    "family",
    "fires_above",
    "kinks",
    "non_decreasing",
    "ranking",
    "straight",
    "winner",
]
