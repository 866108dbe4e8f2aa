"""What a network offers to whoever uses it from Python: ways in from other libraries, and out.

A class that :class:`~toolkit.network.Network` is made of.  Whatever is needed is loaded when it is
asked for: this module knows no format and no other library.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.activations import Float
from toolkit.shown import shown

_FAINT = 16  # of 255 nobody writes so: such pictures are of another range, as scikit-learn's


def _bridge(name: str) -> Any:
    """Load one of the bridges by name: by way of the package, since this module knows none."""
    return sys.modules["toolkit"].bridge_to(name)


class Doors:
    """Ways into and out of a network, by mixing in.

    What a source leaves open (activation functions, how pixels were scaled, which way round
    weights lie) is tried on digits as for a file; `choices` are `digits`, `activations`, `pixels`
    and `orientation`, as for :func:`toolkit.load`, whose warnings and errors are to be expected.
    """

    if TYPE_CHECKING:  # what the class that it is mixed into has
        sizes: Any
        grid: Any
        forward: Any

    @classmethod
    def from_torch(cls, source: Any, **choices: Any) -> Self:
        """Return what a PyTorch module or ``state_dict`` is.

        Of a module the forward pass is followed step by step (``torch.fx``), so that activation
        functions, normalisations and an input's scaling are known; where it cannot be followed,
        its ``state_dict`` is read as a file's is.

        Parameters
        ----------
        source : torch.nn.Module or mapping of str to torch.Tensor
        **choices
            See :class:`Doors`.

        Raises
        ------
        ValueError
            Names the layer that is no fully connected one, and says why.

        Examples
        --------
        Where PyTorch is installed::

            model = torch.nn.Sequential(torch.nn.Linear(784, 16), torch.nn.ReLU(),
                                        torch.nn.Linear(16, 10))
            network = Network.from_torch(model)
        """
        network: Self = _bridge("torch").network_of(source, **choices)
        return network

    def to_torch(self, *, state_dict: bool = False) -> Any:
        """Return the network as PyTorch's: an ``nn.Sequential`` of linear layers and activations.

        It takes float32 of shape (n, inputs), pixels in [0, 1], and gives what
        :meth:`~toolkit.network.Network.forward` gives as outputs.

        Parameters
        ----------
        state_dict : bool
            Return a dict of tensors instead: under the names, and of the shapes and types, of the
            PyTorch module or file that the network came from, so that it loads there with
            ``strict=True``.  Those of the ``nn.Sequential`` are ``to_torch().state_dict()``.

        Raises
        ------
        ImportError
            If PyTorch is not installed.
        ValueError
            If what the network came from has no place for what it is now, or its names are not
            known: it did not come from PyTorch, or from a module that uses a layer twice or makes
            its weights of others.
        """
        return _bridge("torch").module_of(self, state_dict=state_dict)

    @classmethod
    def from_keras(cls, model: Any, **choices: Any) -> Self:
        """Return what a Keras model is, of Keras 3 or 2, whatever runs it.

        Parameters
        ----------
        model : keras.Model
            A Sequential or functional one says all; of one of a class of its own the weights
            alone are read.
        **choices
            See :class:`Doors`.

        Raises
        ------
        ValueError
            Names the layer that is no fully connected one, and says why.
        """
        network: Self = _bridge("keras").network_of(model, **choices)
        return network

    @classmethod
    def from_sklearn(cls, model: Any, **choices: Any) -> Self:
        """Return what a fitted scikit-learn model is.

        Parameters
        ----------
        model : MLPClassifier, MLPRegressor, LogisticRegression or a Pipeline
            A Pipeline may scale before one of these, by StandardScaler or MinMaxScaler.  What two
            classes share as one output becomes two.
        **choices
            See :class:`Doors`; which pixels it was fitted to, a model does not say.

        Raises
        ------
        ValueError
            If it is another model, or not fitted yet.

        Examples
        --------
        >>> from sklearn.neural_network import MLPClassifier
        >>> from toolkit import Network, open_digits
        >>> digits = open_digits("drawn").subset(slice(1000))
        >>> mlp = MLPClassifier((16,), max_iter=300, random_state=0)
        >>> network = Network.from_sklearn(mlp.fit(digits.images, digits.labels), pixels="unit")
        >>> network
        Network 784-16-10 'MLPClassifier': relu, softmax; 12,730 parameters
        >>> bool((network.predict(digits.images) == mlp.predict(digits.images)).all())
        True
        """
        network: Self = _bridge("sklearn").network_of(model, **choices)
        return network

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, ArrayLike] | Sequence[Any], **choices: Any) -> Self:
        """Return the network whose weights and biases are given.

        Parameters
        ----------
        arrays : mapping of str to array_like, or sequence
            By name (``W1``, ``b1``; ``fc1.weight``, ``fc1.bias``), in order (weights, biases,
            weights, biases), as pairs of both, or as a list of all weights and one of all biases.
        **choices
            See :class:`Doors`.

        Raises
        ------
        ValueError
            If the arrays are no layers each of which takes what the one before gives.

        Examples
        --------
        >>> import numpy as np
        >>> from toolkit import Network
        >>> arrays = {"W1": np.ones((3, 4)), "b1": np.zeros(3), "W2": np.ones((2, 3))}
        >>> Network.from_arrays(arrays, activations=["tanh", "softmax"], pixels="unit").sizes
        (4, 3, 2)
        """
        network: Self = _bridge("arrays").network_of(arrays, **choices)
        return network

    def predict(self, images: ArrayLike) -> NDArray[np.intp] | int:
        """Return which class each picture is read as.

        Parameters
        ----------
        images : array_like, shape (n, inputs), (n, rows, columns), (inputs,) or (rows, columns)
            Ink bright.  Whole numbers are grey values from 0 to 255, whatever the largest is;
            floats are from 0 to 1; booleans are ink or none.

        Returns
        -------
        ndarray of int, shape (n,), or int
            Class numbers, which are the digits; a number for a single picture.

        Raises
        ------
        ValueError
            If a shape or a range is another.

        Warns
        -----
        UserWarning
            If whole numbers go no higher than 16, which is hardly any ink.

        Examples
        --------
        >>> from toolkit import open_digits, open_network
        >>> digits = open_digits("drawn")
        >>> open_network("drawn-sigmoid").predict(digits.images[:3]), digits.labels[:3]
        (array([...]), array([...], dtype=uint8))
        """
        pixels, single = _pixels(images, self.sizes[0], (self.grid.rows, self.grid.columns))
        found: NDArray[np.intp] = self.forward(pixels).predictions
        return int(found[0]) if single else found

    def _repr_html_(self) -> str:
        text: str = _bridge("notebook").card(self)
        return text


def _pixels(images: ArrayLike, inputs: int, grid: tuple[int, int]) -> tuple[Float, bool]:
    """Return pictures as float32 (n, inputs) in [0, 1], and whether it was a single one."""
    try:
        array: NDArray[Any] = np.asarray(images)
    except ValueError as error:
        raise ValueError("images: expected an array of pictures of one size") from error
    shape = array.shape
    single = shape in ((inputs,), grid) and shape[1:] != (inputs,)
    if single:
        array = array[None]
    if array.shape[1:] not in ((inputs,), grid):
        raise ValueError(
            f"images: expected shape (n, {inputs}), (n, {grid[0]}, {grid[1]}), or one picture of "
            f"({inputs},) or ({grid[0]}, {grid[1]}); got {shape}"
        )
    array = array.reshape(len(array), inputs)
    if array.dtype.kind == "b":
        return array.astype(np.float32), single
    if array.dtype.kind not in "iuf":
        raise ValueError(
            f"images: expected whole numbers from 0 to 255 or floats from 0 to 1; got {array.dtype}"
        )
    most = 1.0 if array.dtype.kind == "f" else 255
    if array.size and not (array.min() >= 0 and array.max() <= most):
        low, high = array.min().item(), array.max().item()
        kind, advice = (
            ("floats from 0 to 1", "; divide by the largest that there can be, as 255 or 16")
            if most == 1
            else ("whole numbers from 0 to 255", "")
        )
        raise ValueError(f"images: expected {kind}; got {shown(low)} to {shown(high)}{advice}")
    if most == 255 and array.size and 0 < array.max() <= _FAINT:
        warnings.warn(
            f"images: whole numbers are grey values from 0 to 255; the largest is {array.max()}. "
            "If there can be no larger, divide by it",
            stacklevel=3,
        )
    return (array / np.float32(most)).astype(np.float32), single
