"""What skl2onnx writes of scikit-learn's linear models, and behind any classifier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from toolkit.formats.frameworks.onnx.way_back import WayBack
from toolkit.formats.guard import quoted
from toolkit.formats.meaning.chain import Chain, Step

ANSWERS = {"ArgMax", "TopK", "ZipMap", "ArrayFeatureExtractor", "Binarizer"}
"""Nodes that name the winner; what they are given is what a network answers here."""
LINEAR = {"LinearClassifier", "LinearRegressor"}
ONE_OF_TWO = "The file gives 1 − p and p of two classes; its one output, p, is what is shown."
_FUNCTIONS = {b"NONE": "identity", b"SOFTMAX": "softmax", b"LOGISTIC": "sigmoid"}

Attributes = Callable[..., dict[str, Any]]


def take_linear(
    step: Step, node: Any, index: int, chain: Chain, way_back: WayBack, attributes: Attributes
) -> str:
    """Take a linear model, one layer; return the value that its scores are."""
    said = attributes(
        step, node, coefficients=[], intercepts=[], post_transform=b"NONE", targets=1
    )  # fmt: skip
    classifier = step.kind == "LinearClassifier"
    labels = sum(
        len(each.ints) + len(each.strings)
        for each in node.attribute
        if each.name in ("classlabels_ints", "classlabels_strings")
    )
    rows = labels if classifier else said["targets"]
    intercepts = np.array(said["intercepts"], np.float32)
    if classifier and intercepts.size:
        rows = intercepts.size
    if rows < 1 or not said["coefficients"] or len(said["coefficients"]) % rows:
        raise chain.refuse(
            step, f"{len(said['coefficients'])} coefficients are not {rows} rows of one length"
        )
    function = _FUNCTIONS.get(said["post_transform"])
    two = classifier and rows == 1 and labels == 2
    if function is None or (two and function != "sigmoid") or (classifier and rows != labels > 2):
        raise chain.refuse(
            step, f"{quoted(said['post_transform'].decode('latin-1'))} of {rows} scores for "
            f"{labels} classes has no equal here",
        )  # fmt: skip
    weights = np.array(said["coefficients"], np.float32).reshape(rows, -1)
    slot = way_back.attribute(index, "coefficients", weights)
    chain.dense(step, weights, None, slots=(slot, None))
    if intercepts.size:
        chain.add(step, intercepts, way_back.attribute(index, "intercepts", intercepts))
    chain.activate(step, function)
    if two:
        chain.notes.append(ONE_OF_TWO)
    return str(node.output[1] if classifier and len(node.output) > 1 else node.output[0])


def takes_share(step: Step, chain: Chain, norm: bytes) -> bool:
    """Tell whether a normalisation of what a classifier gives changes nothing that is shown."""
    if norm != b"L1" or chain.function not in ("softmax", "sigmoid"):
        return False
    if chain.function == "sigmoid":
        chain.end(
            step, "The file divides its outputs by their sum; they are shown before that, in the "
            "same order.",
        )  # fmt: skip
    return True
