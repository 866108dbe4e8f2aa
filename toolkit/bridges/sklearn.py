"""Fitted scikit-learn models as networks."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.bridges.meaning import decided
from toolkit.formats.errors import GuessWarning, NetworkFileError
from toolkit.formats.limits import LIMITS
from toolkit.formats.meaning.chain import Chain, Step
from toolkit.network import Network

_ACTIVATIONS = {"identity": "identity", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu",
                "softmax": "softmax"}  # fmt: skip
_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_SHOWN = 60
_WHERE = "scikit-learn"


def network_of(model: Any, **choices: Any) -> Network:
    """Return the network of a model; see :meth:`toolkit.Network.from_sklearn`."""
    steps = [step for _, step in model.steps] if hasattr(model, "steps") else [model]
    chain = Chain(_WHERE, LIMITS)
    for step in steps[:-1]:
        _scale(chain, step)
    last = steps[-1]
    kind = type(last).__name__
    step = Step(kind, kind)
    if not _is_of(last, "sklearn."):
        raise NetworkFileError(
            f"{_WHERE}: expected an MLPClassifier, MLPRegressor, LogisticRegression or a Pipeline "
            f"that ends in one; got {kind}"
        )
    if kind in ("MLPClassifier", "MLPRegressor"):
        _take_mlp(chain, step, last)
    elif kind in ("LogisticRegression", "LogisticRegressionCV"):
        _take_linear(chain, step, last)
    else:
        raise chain.refuse(
            step, "is not understood; only MLPClassifier, MLPRegressor and LogisticRegression are, "
            "which are fully connected layers"
        )  # fmt: skip
    _warn_of_classes(last)
    return decided(
        chain.done(f"scikit-learn {kind}", kind, _provenance(chain, step, last)), **choices
    )


def _is_of(model: Any, root: str) -> bool:
    return any(base.__module__.startswith(root) for base in type(model).__mro__)


def _fitted(chain: Chain, step: Step, model: Any, name: str) -> Any:
    found = getattr(model, name, None)
    if found is None:
        raise chain.refuse(step, "is not fitted yet; call its fit first")
    return found


def _scale(chain: Chain, scaler: Any) -> None:
    kind = type(scaler).__name__
    step = Step(kind, kind)
    if kind == "StandardScaler":
        spread = _fitted(chain, step, scaler, "n_features_in_") and scaler.scale_
        mean = scaler.mean_ if scaler.with_mean else np.float64(0)
        spread = np.float64(1) if spread is None else spread
        chain.scale(step, 1 / spread, -mean / spread)
    elif kind == "MinMaxScaler":
        if scaler.clip:
            raise chain.refuse(step, "clips what it scales, which no layer does")
        chain.scale(step, _fitted(chain, step, scaler, "scale_"), scaler.min_)
    elif scaler not in (None, "passthrough"):
        raise chain.refuse(
            step, "comes before the network; only StandardScaler and MinMaxScaler are understood "
            "there"
        )  # fmt: skip


def _take_mlp(chain: Chain, step: Step, model: Any) -> None:
    weights, biases = _fitted(chain, step, model, "coefs_"), model.intercepts_
    hidden, last = model.activation, model.out_activation_
    for name in (hidden, last):
        if name not in _ACTIVATIONS:
            raise chain.refuse(step, f"activation {name!r} is not among {', '.join(_ACTIVATIONS)}")
    for number, (matrix, vector) in enumerate(zip(weights, biases, strict=True), 1):
        layer = Step(f"layer {number}", step.kind)
        is_last = number == len(weights)
        activation = _ACTIVATIONS[last if is_last else hidden]
        matrix, vector = np.asarray(matrix), np.asarray(vector)
        if is_last and vector.size == 1:
            if last != "logistic":
                raise chain.refuse(step, "has one output that is no class's")
            matrix, vector, activation = _two(chain, matrix.T, vector)
            matrix = matrix.T
        if is_last:
            order = _order(model)
            matrix, vector = matrix[:, order], vector[order]
        chain.dense(layer, matrix, vector, activation, inputs_first=True)


def _take_linear(chain: Chain, step: Step, model: Any) -> None:
    weights, biases = _fitted(chain, step, model, "coef_"), np.asarray(model.intercept_)
    if hasattr(weights, "toarray"):  # after sparsify()
        weights = weights.toarray()
    # Some solvers fit a class against the others, each by itself.
    apart = getattr(model, "solver", "") == "liblinear" or (
        getattr(model, "multi_class", "") == "ovr"
    )
    activation = "sigmoid" if apart else "softmax"
    if len(weights) == 1:
        weights, biases, activation = _two(chain, weights, biases)
    biases, order = np.broadcast_to(biases, len(weights)), _order(model)
    chain.dense(step, np.asarray(weights)[order], biases[order], activation)


def _numbers(model: Any) -> list[int] | None:
    """Return a model's classes as numbers, whole or in words; None where they are no numbers."""
    found = []
    for label in getattr(model, "classes_", ()):
        text = str(label).strip().lower()
        try:
            number = _WORDS.index(text) if text in _WORDS else int(float(text))
            if text not in _WORDS and number != float(text):
                return None
        except (ValueError, OverflowError):
            return None
        found.append(number)
    return found


def _order(model: Any) -> Any:
    """Return which output is which digit, if there is one for each from zero on."""
    numbers = _numbers(model)
    if not numbers or sorted(numbers) != list(range(len(numbers))):
        return slice(None)
    return np.argsort(numbers)


def _warn_of_classes(model: Any) -> None:
    numbers = _numbers(model)
    if numbers and sorted(numbers) != list(range(len(numbers))):
        shown = ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")
        warnings.warn(
            f"{_WHERE}: its classes are {shown}; here they are counted from 0 in that order, so "
            "they are not the digits' own",
            GuessWarning,
            stacklevel=4,
        )


def _two(
    chain: Chain, weights: NDArray[Any], biases: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], str]:
    """Return two classes' outputs in place of the one that scikit-learn keeps.

    The sigmoid of z is the second part of the softmax of 0 and z.
    """
    chain.notes.append("Its one output, of two classes, became two.")
    return np.vstack([np.zeros_like(weights), weights]), np.append(0.0, biases), "softmax"


def _provenance(chain: Chain, step: Step, model: Any) -> dict[str, str]:
    said = {"made with": f"scikit-learn {step.kind}"}
    if step.kind == "MLPRegressor":
        said["outputs"] = "a regression's: numbers, the largest of which is taken for the answer"
    classes = getattr(model, "classes_", None)
    if classes is not None and isinstance(_order(model), slice):
        said["classes"] = ", ".join(map(str, list(classes)[:_SHOWN]))
    return said
