"""Training by gradient descent; how far first layers could reach; the rest beside what is held."""

from toolkit.training.augmentation import Augmentation
from toolkit.training.backpropagation import LOSSES, gradients
from toolkit.training.beside import BESIDE, fitted_above, templates
from toolkit.training.ceilings import Ceiling, Ceilings, ceilings
from toolkit.training.coaching import Advice, advise, small_step
from toolkit.training.descent import (
    OPTIMIZERS,
    SCHEDULES,
    Epoch,
    TrainingResult,
    train,
)
from toolkit.training.fitting import COMPARISONS, Fitted, fit_rest
from toolkit.training.plans import PLANS, Plan, train_plan
from toolkit.training.watched import Learning, watch

__all__ = [
    "BESIDE",
    "COMPARISONS",
    "LOSSES",
    "OPTIMIZERS",
    "PLANS",
    "SCHEDULES",
    "Advice",
    "Augmentation",
    "Ceiling",
    "Ceilings",
    "Epoch",
    "Fitted",
    "Learning",
    "Plan",
    "TrainingResult",
    "advise",
    "ceilings",
    "fit_rest",
    "fitted_above",
    "gradients",
    "small_step",
    "templates",
    "train",
    "train_plan",
    "watch",
]
