"""Keras's files, ``.keras``, ``.weights.h5`` and ``.h5``, read without Keras.

Three layouts are understood.  The older ``.h5``, of Keras 2 and 3, names its layers in order in
the attribute ``layer_names`` and each layer's arrays in ``weight_names``; a whole model also has
its configuration, as JSON, in the attribute ``model_config``.  The newer ``.weights.h5`` keeps
arrays as ``…/dense_1/vars/0`` and says nothing of activation functions.  A ``.keras`` file is a zip
archive of ``config.json`` and such a ``model.weights.h5``.  Layers may be models themselves; what
is affine at rest (batch normalisation, Normalization, Rescaling) is folded into a Dense layer.
"""

from __future__ import annotations

from toolkit.formats.frameworks.keras.back import dumps_back
from toolkit.formats.frameworks.keras.reader import read
from toolkit.formats.frameworks.keras.writer import dumps

__all__ = ["dumps", "dumps_back", "read"]
