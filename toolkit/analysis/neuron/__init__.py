"""One neuron: what it answers to, how it is, and which do the same."""

from toolkit.analysis.neuron.answers import AnswerTable, NeuronAnswers, answer_table, answers_to
from toolkit.analysis.neuron.health import Health, health
from toolkit.analysis.neuron.twins import Twins, twins

__all__ = [
    "AnswerTable",
    "Health",
    "NeuronAnswers",
    "Twins",
    "answer_table",
    "answers_to",
    "health",
    "twins",
]
