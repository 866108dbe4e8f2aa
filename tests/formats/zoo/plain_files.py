"""NumPy, Nielsen's pickles, JSON, tables, HDF5 and Flax."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import zipfile
from typing import Any

import h5py
import numpy as np
import pandas

from tests.formats.samples import protocol_0
from tests.formats.zoo.networks import Trained, trained
from tests.formats.zoo.pen import Zoo


def make(zoo: Zoo) -> None:
    for activation, squares in (("relu", False), ("sigmoid", True), ("tanh", False)):
        net = trained(activation=activation, squares=squares)
        answers = zoo.answers(net.logits)
        numpy(zoo, net, answers)
        tables(zoo, net, answers)
        told(zoo, net, answers)
        hdf5(zoo, net, answers)
        flax(zoo, net, answers)
        if activation == "sigmoid":
            nielsen(zoo, net)
    refused(zoo)


def numpy(zoo: Zoo, net: Trained, answers: str) -> None:
    pairs = list(zip(net.weights, net.biases, strict=True))
    turned = [(w.T, b) for w, b in pairs]
    both = [("out-in", pairs), ("in-out", turned)]
    for way, some in both:
        cases: dict[str, dict[str, Any]] = {
            "w-b": {k: v for n, (w, b) in enumerate(some, 1)
                    for k, v in ((f"W{n}", w), (f"b{n}", b))},
            "weights": {k: v for n, (w, b) in enumerate(some)
                        for k, v in ((f"weights_{n}", w), (f"biases_{n}", b))},
            "columns": {k: v for n, (w, b) in enumerate(some, 1)
                        for k, v in ((f"W{n}", w), (f"b{n}", b.reshape(-1, 1)))},
            "rows": {k: v for n, (w, b) in enumerate(some, 1)
                     for k, v in ((f"W{n}", w), (f"b{n}", b.reshape(1, -1)))},
            "layers": {k: v for n, (w, b) in enumerate(some)
                       for k, v in ((f"layer{n}.weight", w), (f"layer{n}.bias", b))},
            "double": {k: v.astype(">f8") for n, (w, b) in enumerate(some, 1)
                       for k, v in ((f"W{n}", w), (f"b{n}", b))},
        }  # fmt: skip
        for name, arrays in cases.items():
            path = f"plain/{net.activation}/{way}-{name}.npz"
            np.savez(zoo.place(path), **arrays)
            zoo.add(path, "NumPy", "P", answers, open=True)
        path = f"plain/{net.activation}/{way}-folder"
        for name, array in cases["w-b"].items():
            np.save(zoo.place(f"{path}/{name}.npy"), array)
        zoo.add(path, "NumPy", "P", answers, open=True)
    parameters = {k: v for n, (w, b) in enumerate(pairs, 1)
                  for k, v in ((f"W{n}", w), (f"b{n}", b[:, None]))}  # fmt: skip
    for name, value in {
        "parameters": parameters, "list": [w for pair in pairs for w in pair],
        "dicts": [{"W": w, "b": b} for w, b in pairs],
        "weights-biases": {"weights": net.weights, "biases": net.biases},
    }.items():  # fmt: skip
        for suffix, protocol in ((".pkl", 4), (".pickle", 2)):
            path = f"plain/{net.activation}/{name}{suffix}"
            zoo.place(path).write_bytes(pickle.dumps(value, protocol))
            zoo.add(path, "NumPy, pickled", "P", answers, open=True)
    path = f"plain/{net.activation}/object.npy"
    np.save(zoo.place(path), np.array(parameters, dtype=object), allow_pickle=True)
    zoo.add(path, "NumPy, pickled", "P", answers, open=True, expect="either", words=["savez"])


def tables(zoo: Zoo, net: Trained, answers: str) -> None:
    pairs = list(zip(net.weights, net.biases, strict=True))
    forms: dict[str, Any] = {
        "pandas": lambda array: pandas.DataFrame(array).to_csv(),
        "pandas-no-index": lambda array: pandas.DataFrame(array).to_csv(index=False),
        "pandas-bare": lambda array: pandas.DataFrame(array).to_csv(index=False, header=False),
        "pandas-tabs": lambda array: pandas.DataFrame(array).to_csv(sep="\t"),
        "savetxt": _savetxt,
    }
    for name, form in forms.items():
        texts = {k: form(v) for n, (w, b) in enumerate(pairs, 1)
                 for k, v in ((f"W{n}.csv", w), (f"b{n}.csv", b))}  # fmt: skip
        path = f"plain/{net.activation}/{name}"
        for file, text in texts.items():
            zoo.place(f"{path}/{file}").write_text(text)
        zoo.add(path, "CSV", "P", answers, open=True)
        path = f"plain/{net.activation}/{name}.zip"
        with zipfile.ZipFile(zoo.place(path), "w") as archive:
            for file, text in texts.items():
                archive.writestr(file, text)
        zoo.add(path, "CSV", "P", answers, open=True)


def _savetxt(array: Any) -> str:
    buffer = io.StringIO()
    np.savetxt(buffer, array, delimiter=",")
    return buffer.getvalue()


def told(zoo: Zoo, net: Trained, answers: str) -> None:
    """JSON in the ways that people write it."""
    pairs = list(zip(net.weights, net.biases, strict=True))
    layers = [{"weights": w.tolist(), "biases": b.tolist()} for w, b in pairs]
    last = ["softmax" if net.activation != "sigmoid" else "sigmoid"]
    kinds = [net.activation] * (len(pairs) - 1) + last
    cases: dict[str, Any] = {
        "layers": {"layers": layers},
        "layers-said": {"layers": [{**layer, "activation": kind}
                                   for layer, kind in zip(layers, kinds, strict=True)]},
        "list": layers,
        "short": {"layers": [{"W": w.tolist(), "b": b.tolist()} for w, b in pairs]},
        "in-out": {"layers": [{"weights": w.T.tolist(), "bias": b.tolist()} for w, b in pairs]},
        "state": {k: v.tolist() for k, v in net.state.items()},
        "weights-biases": {"weights": [w.tolist() for w, _ in pairs],
                           "biases": [b.tolist() for _, b in pairs]},
    }  # fmt: skip
    for name, value in cases.items():
        path = f"plain/{net.activation}/{name}.json"
        zoo.place(path).write_text(json.dumps(value))
        zoo.add(path, "JSON", "P", answers, open=True)


def hdf5(zoo: Zoo, net: Trained, answers: str) -> None:
    pairs = list(zip(net.weights, net.biases, strict=True))
    for way in ("out-in", "in-out"):
        for layout in ("flat", "groups", "packed"):
            path = f"plain/{net.activation}/{way}-{layout}.h5"
            with h5py.File(zoo.place(path), "w") as file:
                for number, (weights, biases) in enumerate(pairs, 1):
                    weights = weights if way == "out-in" else weights.T
                    more = {"compression": "gzip"} if layout == "packed" else {}
                    at = f"layer{number}/" if layout == "groups" else ""
                    end = "" if layout == "groups" else str(number)
                    file.create_dataset(f"{at}W{end}", data=weights, **more)
                    file.create_dataset(f"{at}b{end}", data=biases, **more)
            zoo.add(path, "h5py", "P", answers, open=True)


def flax(zoo: Zoo, net: Trained, answers: str) -> None:
    """Parameters of ``flax.linen``: nested dicts of kernels (in, out)."""
    import flax.linen as linen
    import jax
    from flax import serialization, traverse_util

    kinds = {"relu": linen.relu, "sigmoid": linen.sigmoid, "tanh": linen.tanh}

    class Model(linen.Module):
        @linen.compact
        def __call__(self, x: Any) -> Any:
            for size in net.sizes[1:-1]:
                x = kinds[net.activation](linen.Dense(size)(x))
            return linen.Dense(net.sizes[-1])(x)

    variables = Model().init(jax.random.key(0), np.zeros((1, 784), np.float32))
    nested = {"params": {
        f"Dense_{n}": {"kernel": w.T, "bias": b}
        for n, (w, b) in enumerate(zip(net.weights, net.biases, strict=True))
    }}  # fmt: skip
    assert jax.tree.structure(variables) == jax.tree.structure(nested)
    mean = float(np.abs(np.asarray(Model().apply(nested, net.fed)) - net.logits).max())
    assert mean < 1e-3, mean
    flat = {"/".join(key): value for key, value in traverse_util.flatten_dict(nested).items()}
    dotted = {key.replace("/", "."): value for key, value in flat.items()}
    for name, arrays in (("flat", flat), ("dotted", dotted)):
        path = f"plain/{net.activation}/flax-{name}.npz"
        np.savez(zoo.place(path), **arrays)
        zoo.add(path, "Flax", "P", answers, open=True)
    for name, value in (("nested", nested), ("params", nested["params"]), ("flat", flat)):
        path = f"plain/{net.activation}/flax-{name}.pkl"
        zoo.place(path).write_bytes(pickle.dumps(value))
        zoo.add(path, "Flax", "P", answers, open=True)
    if net.activation == "relu":
        zoo.place("plain/refused/flax.msgpack").write_bytes(serialization.to_bytes(nested))
        zoo.refused("plain/refused/flax.msgpack", "Flax", "P", "msgpack")
        as_jax = jax.tree.map(jax.numpy.asarray, nested)
        zoo.place("plain/refused/flax-jax.pkl").write_bytes(pickle.dumps(as_jax))
        zoo.add("plain/refused/flax-jax.pkl", "Flax", "P", answers, open=True, expect="either",
                words=["jax", "numpy"])  # fmt: skip


def nielsen(zoo: Zoo, net: Trained) -> None:
    """The lesson's networks: pickled by Python 2, or as the book's JSON."""
    answers = zoo.answers(net.logits, 1 / (1 + np.exp(-net.logits)))
    weights = [w.astype(np.float64) for w in net.weights]
    biases = [b.astype(np.float64)[:, None] for b in net.biases]
    data = protocol_0(weights, biases)
    cases = {
        "python2.pkl": data,
        "python2.pkl.gz": gzip.compress(data, mtime=0),
        "protocol-2.pkl": pickle.dumps([weights, biases], 2),
        "protocol-4.pkl": pickle.dumps([weights, biases], 4),
        "tuple.pkl": pickle.dumps((weights, biases), 4),
    }
    for name, content in cases.items():
        path = f"plain/nielsen/{name}"
        zoo.place(path).write_bytes(content)
        zoo.add(path, "Nielsen's book", "P", answers)
    value = {"sizes": list(net.sizes), "weights": [w.tolist() for w in weights],
             "biases": [b.tolist() for b in biases], "cost": "QuadraticCost"}  # fmt: skip
    path = "plain/nielsen/network.json"
    zoo.place(path).write_text(json.dumps(value))
    zoo.add(path, "Nielsen's book", "P", answers)


def refused(zoo: Zoo) -> None:
    import scipy.io

    net = trained()
    arrays = {f"W{n}": w for n, w in enumerate(net.weights, 1)}
    scipy.io.savemat(zoo.place("plain/refused/network.mat"), arrays)
    zoo.refused("plain/refused/network.mat", "foreign", "P", "MATLAB")
    cases: dict[str, tuple[bytes, list[str]]] = {
        "digits.csv": (b"5,0,0,3\n4,0,1,2\n", []),
        "empty.npz": (b"", ["empty"]),
        "picture.png": (b"\x89PNG\r\n\x1a\n" + bytes(40), ["PNG"]),
        "page.html": (b"<!DOCTYPE html><html></html>", ["web page"]),
        "lfs.pt": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", ["LFS"]),
    }
    for name, (data, words) in cases.items():
        zoo.place(f"plain/refused/{name}").write_bytes(data)
        expect = "either" if name == "digits.csv" else "refused"
        if expect == "refused":
            zoo.refused(f"plain/refused/{name}", "foreign", "P", *words)
    conv = {"conv1_w": np.zeros((8, 1, 3, 3)), "conv1_b": np.zeros(8)}
    np.savez(zoo.place("plain/refused/conv.npz"), **conv)
    zoo.refused("plain/refused/conv.npz", "foreign", "P", "convolution", "dimension")
    np.savez(zoo.place("plain/refused/mnist.npz"), x_train=np.zeros((60, 28, 28), np.uint8),
             y_train=np.zeros(60, np.uint8))  # fmt: skip
    zoo.refused("plain/refused/mnist.npz", "foreign", "P", "digits", "pictures", "convolution",
                "dimension")  # fmt: skip
