"""Make the test files with the frameworks themselves, and show them what the toolkit writes.

A development script; the tests read what it left in ``files/``.  In an environment of its own::

    python -m venv frameworks
    frameworks/bin/pip install torch keras h5py onnx onnxscript onnxruntime \
        skl2onnx safetensors scikit-learn flax -e .
    frameworks/bin/python -m tests.formats.make_files make
    frameworks/bin/python -m tests.formats.make_files check

``make`` writes each network beside ``<stem>.answers.npz``: inputs and the framework's own outputs.
``check`` writes networks with the toolkit, loads them in the frameworks and compares the outputs.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import numpy as np
from numpy.typing import NDArray

FILES = Path(__file__).parent / "files"
INPUTS = {
    16: np.random.default_rng(16).random((12, 16), dtype=np.float32),
    64: np.random.default_rng(64).random((12, 64), dtype=np.float32),
}


def save(name: str, data: bytes, inputs: NDArray[Any], outputs: NDArray[Any]) -> None:
    """Keep one file with what its framework answers.

    Parameters
    ----------
    name : str
        ``<framework>-<what>.<suffix>``; files of one `<what>` hold one network and share answers.
    data : bytes
    inputs : ndarray, shape (n, inputs)
        As the framework was given them, flattened.
    outputs : ndarray, shape (n, outputs)
    """
    (FILES / name).write_bytes(data)
    answers = FILES / f"{name.partition('.')[0]}.answers.npz"
    np.savez_compressed(answers, inputs=inputs, outputs=np.asarray(outputs, np.float32))
    print(f"{name:40} {len(data):7,} bytes")


def make_torch() -> None:
    """State dicts in PyTorch's zip form, and the same in safetensors."""
    import safetensors.torch
    import torch
    from torch import nn

    torch.manual_seed(1)

    class Named(nn.Module):
        """A module with names of its own, its layers declared out of order."""

        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(64, 8)
            self.fc2 = nn.Linear(8, 10)

        def forward(self, x: Any) -> Any:
            return torch.softmax(self.fc2(torch.relu(self.fc1(x))), 1)

    sequential = nn.Sequential(
        nn.Linear(16, 5), nn.Sigmoid(), nn.Linear(5, 4), nn.Sigmoid(), nn.Linear(4, 3)
    )
    no_bias = nn.Sequential(nn.Linear(16, 5, bias=False), nn.Tanh(), nn.Linear(5, 3, bias=False))
    kinds = {
        "sequential": (sequential, 16),
        "named": (Named(), 64),
        "double": (nn.Sequential(nn.Linear(16, 5), nn.Tanh(), nn.Linear(5, 3)).double(), 16),
        "half": (nn.Sequential(nn.Linear(16, 5), nn.ReLU(), nn.Linear(5, 3)).half(), 16),
        "bfloat16": (nn.Sequential(nn.Linear(16, 5), nn.ReLU(), nn.Linear(5, 3)).bfloat16(), 16),
        "nobias": (no_bias, 16),
    }
    for kind, (model, size) in kinds.items():
        state = model.state_dict()
        buffer = io.BytesIO()
        torch.save(state, buffer)
        # The stored weights, exact in single precision, answer; half's own arithmetic rounds.
        single = model.double()
        with torch.no_grad():
            outputs = single(torch.from_numpy(INPUTS[size]).double()).numpy()
        save(f"torch-{kind}.pt", buffer.getvalue(), INPUTS[size], outputs)
        save(
            f"torch-{kind}.safetensors", safetensors.torch.save(dict(state)), INPUTS[size], outputs
        )
    _make_checkpoints(torch, nn)


def _make_checkpoints(torch: Any, nn: Any) -> None:
    """What else torch.save is given than a state_dict, and the form before version 1.6."""
    import argparse
    import collections
    import datetime
    from pathlib import PurePosixPath

    model = nn.Sequential(
        nn.Linear(16, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 3), nn.BatchNorm1d(3)
    )
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    model(torch.rand(40, 16)).square().sum().backward()
    optimizer.step()
    checkpoint = {
        "epoch": 3, "args": argparse.Namespace(hidden=[6], out=PurePosixPath("runs/1")),
        "seen": collections.Counter("aab"), "classes": {1, 2, 3}, "dtype": torch.float32,
        "device": torch.device("cpu"), "when": datetime.datetime(2026, 1, 2, 3, 4),
        "accuracy": np.float64(0.93), "history": collections.defaultdict(list, {"loss": [0.5]}),
        "model": model.eval().state_dict(), "optimizer": optimizer.state_dict(),
    }  # fmt: skip
    inputs = INPUTS[16]
    whole = nn.Sequential(
        nn.Flatten(), nn.Linear(16, 5), nn.Sequential(nn.LeakyReLU(0.2), nn.Dropout(0.5)),
        nn.Linear(5, 4), nn.GELU(approximate="tanh"), nn.Linear(4, 3),
    )  # fmt: skip
    with torch.no_grad():
        answers = model(torch.from_numpy(inputs)).numpy()
        of_whole = whole.eval()(torch.from_numpy(inputs)).numpy()
    for name, value, outputs, zipped in (
        ("checkpoint", checkpoint, answers, True), ("legacy", checkpoint, answers, False),
        ("whole", whole, of_whole, True),
    ):  # fmt: skip
        buffer = io.BytesIO()
        torch.save(value, buffer, _use_new_zipfile_serialization=zipped)
        save(f"torch-{name}.pt", buffer.getvalue(), inputs, outputs)


def make_keras() -> None:
    """Whole models and weights alone, in each of Keras's three files."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(2)
    kinds: dict[str, tuple[Any, NDArray[np.float32]]] = {
        "sequential": (
            keras.Sequential(
                [
                    layers.Input((16,)),
                    layers.Dense(5, activation="sigmoid"),
                    layers.Dropout(0.2),
                    layers.Dense(4, activation="tanh"),
                    layers.Dense(3, activation="softmax"),
                ]
            ),
            INPUTS[16],
        ),
        "picture": (
            keras.Sequential(
                [
                    layers.Input((8, 8)),
                    layers.Rescaling(1 / 255),
                    layers.Flatten(),
                    layers.Dense(8, name="edges"),
                    layers.ReLU(),
                    layers.Dense(10, use_bias=False),
                    layers.Softmax(),
                ]
            ),
            INPUTS[64].reshape(-1, 8, 8) * np.float32(255),
        ),
    }
    entry = keras.Input((16,))
    hidden = layers.Dense(5, activation="relu")(entry)
    hidden = layers.Activation("tanh")(layers.Dense(4)(hidden))
    kinds["functional"] = (keras.Model(entry, layers.Dense(3)(hidden)), INPUTS[16])
    deep = [layers.Input((16,))]
    deep += [layers.Dense(4, activation="tanh") for _ in range(11)]
    kinds["deep"] = (keras.Sequential([*deep, layers.Dense(3)]), INPUTS[16])
    kept = {"deep": (".weights.h5",), "picture": (".keras", ".h5"), "functional": (".keras",)}
    for kind, (model, inputs) in kinds.items():
        rng = np.random.default_rng(3)
        for variable in model.trainable_variables:
            if len(variable.shape) == 1:
                variable.assign(rng.normal(0, 0.3, variable.shape).astype(np.float32))
        outputs = keras.ops.convert_to_numpy(model(inputs))
        flat = inputs.reshape(len(inputs), -1)
        model.compile("adam", "mse")  # an optimizer's variables are in the file as well
        with tempfile.TemporaryDirectory() as folder:
            for suffix in kept.get(kind, (".keras", ".h5", ".weights.h5")):
                path = Path(folder) / f"model{suffix}"
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    write = model.save_weights if suffix == ".weights.h5" else model.save
                    write(path)
                save(f"keras-{kind}{suffix}", path.read_bytes(), flat, outputs)


def make_onnx() -> None:
    """ONNX from PyTorch's two exporters and from skl2onnx."""
    import onnx as onnx_package
    import torch
    from skl2onnx import to_onnx
    from torch import nn

    torch.manual_seed(4)

    class Viewed(nn.Module):
        """The usual MNIST module: scaled, viewed flat, log-softmax at its end."""

        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(64, 8), nn.Linear(8, 10)

        def forward(self, x: Any) -> Any:
            x = ((x - 0.25) / 0.5).view(x.shape[0], -1)
            return torch.log_softmax(self.fc2(torch.relu(self.fc1(x))), 1)

    layers = (nn.Linear(64, 6), nn.Sigmoid(), nn.Linear(6, 10, bias=False), nn.Softmax(1))
    kinds = {
        "sequential": (nn.Sequential(nn.Flatten(), *layers), False),
        "viewed": (Viewed(), True),
    }
    for kind, (model, log) in kinds.items():
        model.eval()
        batch = torch.from_numpy(INPUTS[64].reshape(-1, 1, 8, 8))
        with torch.no_grad():
            outputs = model(batch).numpy()
        for dynamo in (False, True):
            buffer = io.BytesIO()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if dynamo:
                    shapes = ({0: torch.export.Dim("batch")},)
                    program = torch.onnx.export(model, (batch,), dynamo=True, dynamic_shapes=shapes)
                    data = _without_traces(program.model_proto)
                else:
                    torch.onnx.export(
                        model, (batch,), buffer, dynamo=False, input_names=["image"],
                        dynamic_axes={"image": {0: "batch"}},
                    )  # fmt: skip
                    data = buffer.getvalue()
            name = f"onnx-torch-{kind}-{'dynamo' if dynamo else 'script'}.onnx"
            save(name, data, INPUTS[64], np.exp(outputs) if log else outputs)

    model, _ = kinds["sequential"]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        name = "onnx-torch-beside.onnx"
        path = Path(folder) / name
        torch.onnx.export(model, (batch,), path)  # as the exporter does it by itself
        data = _without_traces(onnx_package.load(path, load_external_data=False))
        (FILES / f"{name}.data").write_bytes(Path(f"{path}.data").read_bytes())
    with torch.no_grad():
        save(name, data, INPUTS[64], model(batch).numpy())

    norm = nn.BatchNorm1d(6)
    with torch.no_grad():
        for values in (norm.weight, norm.running_var):
            values.uniform_(0.5, 2)
        for values in (norm.bias, norm.running_mean):
            values.normal_()
    # With GELU in five nodes, SiLU in two, normalisations behind and before a layer.
    spelt = nn.Sequential(
        nn.Linear(64, 6, bias=False), norm, nn.GELU(), nn.Linear(6, 5), nn.SiLU(),
        nn.Linear(5, 4), nn.Hardsigmoid(), nn.BatchNorm1d(4), nn.Linear(4, 10), nn.Softmax(1),
    )  # fmt: skip
    spelt.eval()
    flat, buffer = torch.from_numpy(INPUTS[64]), io.BytesIO()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(spelt, (flat,), buffer, dynamo=False, opset_version=13,
                          dynamic_axes={"input": {0: "batch"}}, input_names=["input"])  # fmt: skip
        save("onnx-torch-spelt.onnx", buffer.getvalue(), INPUTS[64], spelt(flat).numpy())

    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    logistic = make_pipeline(StandardScaler(), LogisticRegression(max_iter=20))
    logistic.fit(*_digits())
    onnx = to_onnx(logistic, INPUTS[64][:1])
    name = "onnx-sklearn-logistic.onnx"
    save(name, onnx.SerializeToString(), INPUTS[64], logistic.predict_proba(INPUTS[64]))
    two = _fitted("relu", (4,), of=3)
    onnx = to_onnx(two, INPUTS[64][:1])
    name = "onnx-sklearn-two.onnx"
    save(name, onnx.SerializeToString(), INPUTS[64], two.predict_proba(INPUTS[64])[:, 1:])

    mlp = _fitted("tanh", (6, 5))
    options = {id(mlp): {"zipmap": False}}
    onnx = to_onnx(mlp, INPUTS[64][:1], options=options)
    save("onnx-sklearn.onnx", onnx.SerializeToString(), INPUTS[64], mlp.predict_proba(INPUTS[64]))
    onnx = to_onnx(mlp, INPUTS[64][:1])
    name = "onnx-sklearn-zipmap.onnx"
    save(name, onnx.SerializeToString(), INPUTS[64], mlp.predict_proba(INPUTS[64]))
    scaler = StandardScaler().fit(INPUTS[64])
    pipeline = make_pipeline(scaler, mlp)
    onnx = to_onnx(pipeline, INPUTS[64][:1])
    outputs = pipeline.predict_proba(INPUTS[64])
    save("onnx-sklearn-scaled.onnx", onnx.SerializeToString(), INPUTS[64], outputs)


def _without_traces(model: Any) -> bytes:
    """Leave out where on this machine each node's source stands."""
    for holder in (model, model.graph, *model.graph.node, *model.graph.value_info):
        holder.ClearField("metadata_props")
    return bytes(model.SerializeToString())


def _digits() -> Any:
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return (images / 16).astype(np.float32), labels


def _fitted(activation: str, hidden: tuple[int, ...], of: int | None = None) -> Any:
    """Return a classifier of digits, or of one digit and the rest."""
    from sklearn.neural_network import MLPClassifier

    images, labels = _digits()
    model = MLPClassifier(hidden, activation=activation, max_iter=15, random_state=5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(images, labels if of is None else (labels == of).astype(int))


def make_sklearn() -> None:
    """An MLPClassifier's coefficients, arrays in order in a plain ``.npz``."""
    model = _fitted("logistic", (8,))
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {}
    for number, (weights, biases) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        arrays |= {f"coefs_{number}": weights, f"intercepts_{number}": biases}
    np.savez(buffer, **arrays)
    save("sklearn-mlp.npz", buffer.getvalue(), INPUTS[64], model.predict_proba(INPUTS[64]))


def make_flax() -> None:
    """Parameters of a deep row of layers, whose dict JAX sorts as text: ten before two."""
    import pickle

    import jax
    from flax import linen
    from flax.core import freeze
    from flax.traverse_util import flatten_dict

    class Deep(linen.Module):
        @linen.compact
        def __call__(self, x: Any) -> Any:
            for _ in range(11):
                x = linen.tanh(linen.Dense(5)(x))
            return linen.Dense(3)(x)

    model = Deep()
    params = model.init(jax.random.PRNGKey(7), INPUTS[16])
    spread = jax.tree_util.tree_map(
        lambda part: part + 0.1 * np.arange(part.size).reshape(part.shape) % 0.7, params
    )
    outputs = model.apply(spread, INPUTS[16])
    plain = jax.tree_util.tree_map(np.asarray, spread)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **flatten_dict(plain, sep="/"))
    for suffix, data in (
        ("jax.pkl", pickle.dumps(spread)),
        ("frozen.pkl", pickle.dumps(freeze(plain["params"]))),
        ("npz", buffer.getvalue()),
    ):
        save(f"flax-deep.{suffix}", data, INPUTS[16], outputs)


def check_written() -> dict[str, float]:
    """Load what the toolkit writes in the frameworks; return the largest difference of outputs."""
    import keras
    import onnxruntime
    import safetensors.torch
    import torch
    from keras import layers
    from torch import nn

    from toolkit.formats.frameworks import keras as keras_files
    from toolkit.formats.frameworks import onnx as onnx_files
    from toolkit.formats.frameworks import safetensors as safetensors_files
    from toolkit.network import Layer, Network

    differences: dict[str, float] = {}

    def compare(name: str, outputs: Any, expected: NDArray[np.float32]) -> None:
        found = float(np.abs(np.asarray(outputs) - expected).max())
        differences[name] = max(found, differences.get(name, 0.0))

    rng = np.random.default_rng(7)
    for sizes in ((16, 5, 4, 3), (64, 12, 12, 12, 12, 10), (784, 16, 16, 10)):
        for kind in ("sigmoid", "relu", "tanh", "identity"):
            kinds = [kind] * (len(sizes) - 2) + ["softmax"]
            network = Network.random(sizes, kinds, seed=6)
            biased = [
                Layer(each.weights, rng.normal(0, 0.3, each.size).astype(np.float32),
                      each.activation)
                for each in network.layers
            ]  # fmt: skip
            network = Network(tuple(biased), "checked")
            inputs = rng.random((20, sizes[0]), dtype=np.float32)
            expected = network.forward(inputs).outputs

            session = onnxruntime.InferenceSession(
                onnx_files.dumps(network), providers=["CPUExecutionProvider"]
            )
            compare("onnx in onnxruntime", session.run(None, {"pixels": inputs})[0], expected)

            state = safetensors.torch.load(safetensors_files.dumps(network))
            modules: list[Any] = []
            known = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU, "tanh": nn.Tanh,
                     "identity": nn.Identity}  # fmt: skip
            for layer in network.layers:
                modules.append(nn.Linear(layer.inputs, layer.size))
                modules.append(known[layer.activation]() if layer.activation in known
                               else nn.Softmax(1))  # fmt: skip
            model = nn.Sequential(*modules)
            model.load_state_dict(state)
            with torch.no_grad():
                outputs = model(torch.from_numpy(inputs)).numpy()
            compare("safetensors in torch", outputs, expected)

            data = keras_files.dumps(network)
            with tempfile.TemporaryDirectory() as folder:
                for suffix in (".h5", ".weights.h5"):
                    path = Path(folder) / f"network{suffix}"
                    path.write_bytes(data)
                    built = keras.Sequential([layers.Input((sizes[0],))])
                    for layer in network.layers:
                        name = "linear" if layer.activation == "identity" else layer.activation
                        built.add(layers.Dense(layer.size, activation=name))
                    built.load_weights(path)
                    answers = keras.ops.convert_to_numpy(built(inputs))
                    compare(f"{suffix} by keras load_weights", answers, expected)
                whole = keras.models.load_model(Path(folder) / "network.h5")
                answers = keras.ops.convert_to_numpy(whole(inputs))
                compare(".h5 by keras load_model", answers, expected)
    return differences


def main() -> int:
    """Run what the command line asks for."""
    makers: dict[str, Callable[[], None]] = {
        "torch": make_torch, "keras": make_keras, "onnx": make_onnx, "sklearn": make_sklearn,
        "flax": make_flax,
    }  # fmt: skip
    if sys.argv[1:2] == ["make"]:
        FILES.mkdir(exist_ok=True)
        for name in sys.argv[2:] or list(makers):
            makers[name]()
        return 0
    if sys.argv[1:] == ["check"]:
        differences = check_written()
        for name, difference in differences.items():
            print(f"{name:32} {difference:.1e}")
        return int(max(differences.values()) > 1e-5)
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
