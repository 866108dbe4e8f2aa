"""Training by gradient descent: gradients, the trainer, deformed digits and the shipped plans."""

from toolkit.training.augmentation import Augmentation
from toolkit.training.backpropagation import LOSSES, gradients
from toolkit.training.coaching import Advice, advise, small_step
from toolkit.training.descent import (
    OPTIMIZERS,
    SCHEDULES,
    Epoch,
    TrainingResult,
    train,
)
from toolkit.training.plans import PLANS, Plan, train_plan

__all__ = [
    "LOSSES",
    "OPTIMIZERS",
    "PLANS",
    "SCHEDULES",
    "Advice",
    "Augmentation",
    "Epoch",
    "Plan",
    "TrainingResult",
    "advise",
    "gradients",
    "small_step",
    "train",
    "train_plan",
]
