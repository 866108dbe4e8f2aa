"""One neuron: what it answers to, why, how it is, and which do the same."""

from toolkit.analysis.neuron.answers import AnswerTable, NeuronAnswers, answer_table, answers_to
from toolkit.analysis.neuron.attribution import (
    Contribution,
    PixelSplit,
    largest_contributions,
    pixel_split,
)
from toolkit.analysis.neuron.gradients import gradient_map
from toolkit.analysis.neuron.health import Health, health, health_of
from toolkit.analysis.neuron.maximising import Maximised, maximise
from toolkit.analysis.neuron.twins import Twins, twins, twins_of

__all__ = [
    "AnswerTable",
    "Contribution",
    "Health",
    "Maximised",
    "NeuronAnswers",
    "PixelSplit",
    "Twins",
    "answer_table",
    "answers_to",
    "gradient_map",
    "health",
    "health_of",
    "largest_contributions",
    "maximise",
    "pixel_split",
    "twins",
    "twins_of",
]
