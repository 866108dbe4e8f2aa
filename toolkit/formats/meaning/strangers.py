"""Arrays by name that are no layer's: records of training, digits, whatever else was saved along.

Where names are those of layers, what is called otherwise must not become one by where it stands: a
list of classes behind the last weights looks as its biases do, a confusion matrix as one layer
more.  What is called as records of training are is left out, which is said; anything else is
refused, since it could be a part of the network that is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import quoted, shown_shape

Array = NDArray[Any]

_ROLE = re.compile(
    r"[wb][a-z]{0,2}|[a-z]*(?:weights?|bias|biases|kernels?)|coefs?|intercepts?|thetas?|thresholds?"
)
_BIASES = re.compile(r"b[a-z]{0,2}|[a-z]*bias(?:es)?|intercepts?")
_BY_NUMPY = re.compile(r"arr_[0-9]+")  # as np.savez calls what it is given without a name
_MATRIX = re.compile(r"matrix [0-9]+")  # as a text's that has no name are called here
_LETTERS = re.compile(r"[a-z]+")
_SPLITS = frozenset(("train", "training", "test", "valid", "validation", "val", "dev", "t"))
_RECORDS = frozenset(
    ("accuracy", "accuracies", "acc", "accs", "classes", "confusion", "cost", "costs", "curve",
     "epoch", "epochs", "error", "errors", "history", "label", "labels", "loss", "losses", "lr",
     "lrs", "predictions", "rates", "score", "scores", "sizes", "steps", "target", "targets")
)  # fmt: skip
_BESIDE = _SPLITS | {"best", "class", "final", "hidden", "last", "layer", "learning",
                     "matrix", "names", "rate", "weight", "weights", "sample"}  # fmt: skip
_TOGETHER = ({"class", "names"}, {"learning", "rate"}, {"class", "weights"}, {"class", "weight"},
             {"sample", "weights"}, {"sample", "weight"})  # fmt: skip
_PICTURES = frozenset(("x", "image", "images", "picture", "pictures", "pixels", "data", "features",
                       "inputs", "digits", "xtrain", "xtest", "trainx", "testx"))  # fmt: skip
_LABELS = frozenset(
    ("y", "ytrain", "ytest", "trainy", "testy", "label", "labels", "target", "targets", "classes")
)
_SCALINGS = frozenset(("mean", "means", "mu", "std", "stds", "sigma", "var", "variance"))
_SURELY = frozenset(("x", "image", "images", "picture", "pictures", "pixels"))


def layers_only(
    arrays: Sequence[tuple[str, Array]], where: str, notes: list[str]
) -> list[tuple[str, Array]]:
    """Return the arrays without those that are none of a layer by their names.

    Parameters
    ----------
    arrays : sequence of (str, ndarray)
    where : str
        What to call the file in an error.
    notes : list of str
        What is left out is added.

    Raises
    ------
    NetworkFileError
        If they are digits, or one is called as layers' are not where others are.
    """
    if not any(_is_layers(name) for name, _ in arrays):
        _refuse_digits(arrays, where)
    kept = []
    for name, array in arrays:
        if is_record(name):
            notes.append(f"Left out {quoted(name)}: by its name no part of a layer.")
        else:
            kept.append((name, array))
    # A single number is no layer's whatever it is called, and is left out elsewhere.
    names = [name for name, array in kept if array.ndim]
    known = {name for name in names if _is_layers(name)}
    if all(_BIASES.fullmatch(word) for name in known for word in _tokens(name)):
        known = set()  # as of a, b, c and d
    known = known or {name for name in names if _BY_NUMPY.fullmatch(name)}
    for name, array in kept if known else ():
        if array.ndim and name not in known and not _MATRIX.fullmatch(name):
            usual = next(each for each in names if each in known)
            raise _stranger(name, usual, array.ndim, where)
    return kept


def _stranger(name: str, known: str, rank: int, where: str) -> NetworkFileError:
    tokens = set(_tokens(name))
    advice = (
        "save the layers' arrays without it, or, if it is one of them, call it as they are (W1, "
        "b1, W2, b2)"
    )
    if rank == 1 and tokens & _SCALINGS and tokens <= _SCALINGS | _PICTURES | {"pixel", "input"}:
        advice = (
            "fold a scaling of the pixels into the first layer (as x @ W + b: W / std[:, None] and "
            "b - (mean / std) @ W), and save the layers' arrays alone"
        )
    return NetworkFileError(
        f"{where}: {quoted(name)} is by its name no weights or biases of a layer, as "
        f"{quoted(known)} is; {advice}"
    )


def _refuse_digits(arrays: Sequence[tuple[str, Array]], where: str) -> None:
    """Raise if arrays without one that is called as a layer's are pictures, with labels or not."""
    pictures = [(name, array) for name, array in arrays if _is_of(name, _PICTURES) and array.ndim]
    labels = [(name, array) for name, array in arrays if _is_of(name, _LABELS) and array.ndim]
    if not pictures:
        return
    name, array = pictures[0]
    counts = {label.shape[0] for _, label in labels}
    labelled = any(picture.shape[0] in counts for _, picture in pictures)
    surely = _is_of(name, _SURELY) or array.ndim > 2 or array.dtype.kind in "uib"
    if labelled or (surely and len(pictures) == len(arrays)):
        names = ", ".join(quoted(each) for each, _ in (*pictures[:1], *labels[:1]))
        raise digits(names, array.shape, where)


def digits(names: str, shape: Sequence[int], where: str) -> NetworkFileError:
    """Return the error for pictures where a network was expected."""
    return NetworkFileError(
        f"{where}: a set of digits or other pictures ({names}, of shape {shown_shape(shape)}), not "
        "a network; give it where digits are opened (toolkit.digits.open_digits reads an .npz of "
        "x_test and y_test), or call weights W1, W2 and biases b1, b2"
    )


def _tokens(name: str) -> list[str]:
    """Return a name's words in small letters: of its last part, or of all where that has none."""
    lowered = name.lower().removesuffix(":0")
    last = re.split(r"[./]", lowered)[-1]
    return _LETTERS.findall(last) or _LETTERS.findall(lowered)


def _is_layers(name: str) -> bool:
    """Tell whether a name has a word in it that weights or biases are called by."""
    return not is_record(name) and any(_ROLE.fullmatch(word) for word in _tokens(name))


def is_record(name: str) -> bool:
    """Tell whether a name is one of what is written down beside a network: losses, classes."""
    words = set(_tokens(name))
    named = bool(words & _RECORDS) or any(pair <= words for pair in _TOGETHER)
    return named and words <= _RECORDS | _BESIDE


def _is_of(name: str, kinds: frozenset[str]) -> bool:
    words = set(_tokens(name))
    return bool(words & kinds) and words <= kinds | _SPLITS
