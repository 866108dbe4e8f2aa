"""Other libraries at the same work, where they are installed.

Each is given its own best form of the digits and the network beforehand, and as many threads as
the toolkit has; what is timed is its work alone.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.digits import DigitSet
from toolkit.network import Float, Network

Forward = Callable[[], NDArray[np.intp]]
"""A full forward pass over all digits; returns the answers, shape (n,)."""

_PACKAGES = {
    "torch": ("PyTorch", "torch"),
    "sklearn": ("scikit-learn", "scikit-learn"),
    "onnxruntime": ("onnxruntime", "onnxruntime"),
    "onnx": ("onnx", "onnx"),
}


class AbsentError(Exception):
    """A peer is not installed, or cannot do this; the message says what to do."""


def library(name: str) -> Any:
    """Import a peer's module.

    Raises
    ------
    AbsentError
    """
    called, package = _PACKAGES[name]
    try:
        return import_module(name)
    except ImportError as error:
        why = "not installed" if isinstance(error, ModuleNotFoundError) else f"fails: {error}"
        raise AbsentError(f"{why}; pip install {package}") from error
    except OSError as error:  # a library of another machine
        raise AbsentError(f"{called} cannot be loaded: {error}") from error


def version_of(name: str) -> str:
    """Return what a peer is called, with its version where it is installed."""
    called = _PACKAGES[name][0]
    try:
        version = str(library(name).__version__)
    except AbsentError:
        return called
    return f"{called} {'.'.join(version.split('+')[0].split('.')[:2])}"


def numpy_version() -> str:
    """Return what the plain way in NumPy is called."""
    return f"NumPy {'.'.join(np.__version__.split('.')[:2])}, every layer anew"


# One full forward pass


def forward_passes(network: Network, digits: DigitSet, threads: int) -> dict[str, Forward | str]:
    """Return each peer's full forward pass, or why there is none.

    Parameters
    ----------
    network : Network
    digits : DigitSet
    threads : int

    Returns
    -------
    dict of str to callable or str
        By the peer's name and version.
    """
    found: dict[str, Forward | str] = {numpy_version(): _numpy_pass(network, digits.images)}
    for name, make in (
        ("torch", _torch_pass),
        ("onnxruntime", _onnx_pass),
        ("sklearn", _sklearn_pass),
    ):
        try:
            found[version_of(name)] = make(network, digits.images, threads)
        except AbsentError as error:
            found[version_of(name)] = str(error)
    return found


_FUNCTIONS: Mapping[str, Callable[[Float], Any]] = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "relu": lambda z: np.maximum(z, 0),
    "softmax": lambda z: z,  # the largest of it is the largest
}


def _numpy_pass(network: Network, images: Float) -> Forward:
    layers = [(np.ascontiguousarray(each.weights.T), each.biases, _FUNCTIONS[each.activation])
              for each in network.layers]  # fmt: skip

    def run() -> NDArray[np.intp]:
        a = images
        for weights, biases, function in layers:
            a = function(a @ weights + biases)
        answers: NDArray[np.intp] = a.argmax(axis=1)
        return answers

    return run


def _torch_pass(network: Network, images: Float, threads: int) -> Forward:
    torch = library("torch")
    torch.set_num_threads(threads)
    model, given = network.to_torch().eval(), torch.from_numpy(images.copy())

    def run() -> NDArray[np.intp]:
        with torch.inference_mode():
            answers: NDArray[np.intp] = model(given).argmax(1).numpy()
        return answers

    return run


def _onnx_pass(network: Network, images: Float, threads: int) -> Forward:
    from toolkit.formats import dumps

    runtime = library("onnxruntime")
    library("onnx")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    session = runtime.InferenceSession(
        dumps(network, ".onnx"), options, providers=["CPUExecutionProvider"]
    )
    given = {session.get_inputs()[0].name: images}

    def run() -> NDArray[np.intp]:
        (outputs,) = session.run(None, given)
        answers: NDArray[np.intp] = outputs.argmax(axis=1)
        return answers

    return run


def _sklearn_pass(network: Network, images: Float, threads: int) -> Forward:
    del threads  # it has no number of its own: NumPy's BLAS works for it
    library("sklearn")
    neural = import_module("sklearn.neural_network")
    functions = {"sigmoid": "logistic", "relu": "relu"}
    model = neural.MLPClassifier(
        network.sizes[1:-1], activation=functions[network.layers[0].activation], batch_size=10
    )
    # It has no door for weights from elsewhere: it learns a step, and is then given others.
    model.partial_fit(images[:10], np.arange(10), classes=np.arange(10))
    model.coefs_ = [np.ascontiguousarray(each.weights.T) for each in network.layers]
    model.intercepts_ = [each.biases.copy() for each in network.layers]

    def run() -> NDArray[np.intp]:
        answers: NDArray[np.intp] = model.predict(images)
        return answers

    return run


# Training

Read = Callable[[Float], NDArray[np.intp]]
"""Reads images (n, inputs): returns the answers, shape (n,)."""

Learn = Callable[[Network, int], Read]
"""Trains from a network, its last function softmax, with a seed; returns what reads digits."""


def torch_training(
    digits: DigitSet, epochs: int, batch: int, *, rate: float, threads: int, fused: bool = False
) -> Learn:
    """Return PyTorch's training by Adam, cross-entropy.

    Parameters
    ----------
    digits : DigitSet
    epochs, batch : int
    rate : float
    threads : int
    fused : bool
        Whether Adam's step is PyTorch's single kernel rather than its default.

    Raises
    ------
    AbsentError
    """
    torch = library("torch")
    torch.set_num_threads(threads)
    images = torch.from_numpy(digits.images.copy())
    labels = torch.from_numpy(digits.labels.astype(np.int64))

    def learn(start: Network, seed: int) -> Read:
        model = start.to_torch()[:-1]  # the loss takes what goes into the softmax
        torch.manual_seed(seed)
        steps = torch.optim.Adam(model.parameters(), lr=rate, fused=fused or None)
        loss = torch.nn.CrossEntropyLoss()
        for _ in range(epochs):
            order = torch.randperm(len(images))
            for at in range(0, len(images), batch):
                chosen = order[at : at + batch]
                steps.zero_grad()
                loss(model(images[chosen]), labels[chosen]).backward()
                steps.step()

        def read(given: Float) -> NDArray[np.intp]:
            with torch.inference_mode():
                answers: NDArray[np.intp] = model(torch.from_numpy(given.copy())).argmax(1).numpy()
            return answers

        return read

    return learn


def sklearn_training(digits: DigitSet, epochs: int, batch: int, *, rate: float) -> Learn:
    """Return scikit-learn's training by Adam, cross-entropy, ReLU; it starts from its own weights.

    Raises
    ------
    AbsentError
    """
    library("sklearn")
    neural = import_module("sklearn.neural_network")
    images, labels = digits.images, digits.labels

    def learn(start: Network, seed: int) -> Read:
        model = neural.MLPClassifier(
            start.sizes[1:-1], alpha=0, batch_size=batch, learning_rate_init=rate,
            max_iter=epochs, tol=0, n_iter_no_change=epochs + 1, random_state=seed,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it did not run until nothing changes
            model.fit(images, labels)
        read: Read = model.predict
        return read

    return learn


# Pictures


def matplotlib_grid(maps: Float, columns: int) -> Callable[[], bytes]:
    """Return matplotlib's own way: an ``imshow`` for each map, shape (n, rows, columns), as PNG."""
    from toolkit.plots import Figure

    down = -(-len(maps) // columns)

    def run() -> bytes:
        figure, buffer = Figure(figsize=(1.2 * columns, 1.2 * down)), io.BytesIO()
        for place, each in enumerate(maps, 1):
            ax = figure.add_subplot(down, columns, place)
            limit = float(abs(each).max()) or 1.0
            ax.imshow(each, cmap="RdYlGn", vmin=-limit, vmax=limit)
            ax.set_axis_off()
        figure.savefig(buffer, format="png")
        return buffer.getvalue()

    return run


def matplotlib_version() -> str:
    """Return what the grid is called."""
    return f"matplotlib {'.'.join(version('matplotlib').split('.')[:2])}, an axes for each"
