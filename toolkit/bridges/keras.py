"""Keras models as networks: saved as Keras saves them, and read as a file is."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any

from toolkit.bridges.meaning import decided
from toolkit.formats import NetworkFileError, read
from toolkit.network import Network

_ROOTS = ("keras.", "keras_core.", "tf_keras.", "tensorflow.")
_GRAPHS = ("Sequential", "Functional")


def network_of(model: Any, **choices: Any) -> Network:
    """Return the network of a model; see :meth:`toolkit.Network.from_keras`."""
    bases = type(model).__mro__
    known = [base.__name__ for base in bases if f"{base.__module__}.".startswith(_ROOTS)]
    if not {"Model", *_GRAPHS} & set(known):
        raise NetworkFileError(
            f"Keras: expected a model of Keras; got {type(model).__name__}; a layer alone goes "
            "into keras.Sequential first"
        )
    if not getattr(model, "built", True):
        raise NetworkFileError("Keras: the model has no weights yet; call it on some digits first")
    says_all = bases[0].__name__ in _GRAPHS and bases[0].__name__ in known
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / ("model.keras" if says_all else "model.weights.h5")
        try:
            (model.save if says_all else model.save_weights)(str(path))
        except MemoryError:
            raise
        except Exception as error:  # whatever a stranger's layers raise
            raise NetworkFileError(
                f"Keras: the model could not be saved ({type(error).__name__}: {error})"[:300]
            ) from error
        reading = read(path, f"Keras model {model.name!r}")
    return decided(reading, **choices)
