"""Training by gradient descent: gradients, the trainer, deformed digits and the shipped recipes."""

from toolkit.training.augmentation import Augmentation
from toolkit.training.backpropagation import LOSSES, gradients
from toolkit.training.descent import (
    OPTIMIZERS,
    SCHEDULES,
    Epoch,
    TrainingResult,
    train,
)
from toolkit.training.recipes import RECIPES, Recipe, train_recipe

__all__ = [
    "LOSSES",
    "OPTIMIZERS",
    "RECIPES",
    "SCHEDULES",
    "Augmentation",
    "Epoch",
    "Recipe",
    "TrainingResult",
    "gradients",
    "train",
    "train_recipe",
]
