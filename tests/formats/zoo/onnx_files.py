"""ONNX files from PyTorch's two exporters and from skl2onnx."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from tests.formats.zoo.networks import fit, run, trained
from tests.formats.zoo.pen import Zoo
from tests.formats.zoo.pictures import inputs, mnist


def make(zoo: Zoo) -> None:
    exported(zoo)
    sklearn(zoo)
    refused(zoo)


class _Ends(nn.Module):
    """A network with what stands before it and behind it."""

    def __init__(self, net: Any, before: str = "", end: str = "") -> None:
        super().__init__()
        self.net, self.before, self.end = net, before, end

    def forward(self, x: Any) -> Any:
        if self.before == "view":
            x = x.view(x.shape[0], -1)
        elif self.before == "flatten":
            x = torch.flatten(x, 1)
        elif self.before == "standard":
            x = ((x - 0.1307) / 0.3081).reshape(-1, 784)
        elif self.before == "bytes":
            x = x / 255
        x = self.net(x)
        if self.end == "log_softmax":
            return torch.log_softmax(x, 1)
        return torch.softmax(x, 1) if self.end == "softmax" else x


def _write(zoo: Zoo, path: str, model: nn.Module, example: Any, dynamo: bool, **more: Any) -> None:
    model.eval()
    if dynamo:
        shapes = ({0: torch.export.Dim("batch")},)
        program = torch.onnx.export(
            model, (example,), dynamo=True, dynamic_shapes=shapes, verbose=False, **more
        )
        program.save(zoo.place(path), external_data=path.endswith("-external/model.onnx"))
        return
    torch.onnx.export(model, (example,), zoo.place(path), dynamo=False, input_names=["image"],
                      dynamic_axes={"image": {0: "batch"}}, **more)  # fmt: skip


def _run(data: Any, fed: Any) -> Any:
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: fed})


def keep(zoo: Zoo, name: str, model: nn.Module, fed: Any, logits: Any, ends: str = "", **more: Any
         ) -> None:  # fmt: skip
    """Export by both exporters, and keep what onnxruntime answers."""
    for dynamo in (False, True):
        how = "dynamo" if dynamo else "script"
        path = f"onnx/{how}/{name}.onnx"
        try:
            _write(zoo, path, model, torch.from_numpy(fed[:3]), dynamo, **more)
        except Exception as error:
            print("not exported:", path, type(error).__name__, str(error)[:100])
            continue
        outputs = _run(str(zoo.folder / path), fed)[0]
        outputs = np.exp(outputs) if ends == "log_softmax" else outputs
        answers = zoo.answers(logits, outputs)
        zoo.add(path, f"ONNX, PyTorch's {how} exporter", "X", answers, back="onnx")


def exported(zoo: Zoo) -> None:
    pixels = inputs()[0]
    picture = pixels.reshape(-1, 1, 28, 28)
    for activation in (
        "relu",
        "sigmoid",
        "tanh",
        "gelu",
        "gelu_tanh",
        "elu",
        "leaky_relu",
        "leaky_relu(0.2)",
        "silu",
        "softplus",
        "hard_sigmoid",
        "elu(0.5)",
    ):
        net = trained(activation=activation)
        keep(zoo, f"activation-{activation}", net.model, net.fed, net.logits)
    net, standard = trained(), trained(transform="standard")
    for before in ("view", "flatten"):
        for end in ("", "softmax", "log_softmax"):
            keep(zoo, f"{before}-{end or 'logits'}", _Ends(net.model, before, end), picture,
                 net.logits, end)  # fmt: skip
    keep(zoo, "standard", _Ends(standard.model, "standard", "softmax"), picture, standard.logits)
    keep(zoo, "bytes", _Ends(net.model, "bytes", "softmax"), pixels * np.float32(255), net.logits)
    torch.manual_seed(2)
    scaled = nn.Sequential(nn.Linear(784, 16), nn.SELU(), nn.Linear(16, 10))
    keep(zoo, "selu", scaled, pixels, run(scaled, pixels))
    bare = trained(bias=False)
    keep(zoo, "no-bias", bare.model, pixels, bare.logits)
    for opset in (11, 13, 17):
        path = f"onnx/opset/{opset}.onnx"
        _write(zoo, path, net.model, torch.from_numpy(pixels[:3]), False, opset_version=opset)
        zoo.add(path, "ONNX, other opsets", "X", zoo.answers(net.logits), back="onnx")
    for name, layers in {
        "norm-before": lambda: [nn.Linear(784, 16), nn.BatchNorm1d(16), nn.ReLU()],
        "norm-after": lambda: [nn.Linear(784, 16), nn.ReLU(), nn.BatchNorm1d(16)],
        "norm-first": lambda: [nn.BatchNorm1d(784), nn.Linear(784, 16), nn.ReLU()],
        "dropout": lambda: [nn.Linear(784, 16), nn.ReLU(), nn.Dropout(0.3)],
    }.items():
        torch.manual_seed(2)
        model = nn.Sequential(*layers(), nn.Linear(16, 10))
        fit(model, *mnist(), epochs=1)
        with torch.no_grad():
            logits = model(torch.from_numpy(pixels)).numpy()
        keep(zoo, name, model, pixels, logits)
    _write(zoo, "onnx/alone-external/model.onnx", net.model, torch.from_numpy(pixels[:3]), True)
    beside = zoo.folder / "onnx/alone-external/model.onnx.data"
    alone = zoo.place("onnx/external/model.onnx")
    alone.write_bytes((zoo.folder / "onnx/alone-external/model.onnx").read_bytes())
    zoo.refused("onnx/external/model.onnx", "ONNX, external data", "X", "external_data=False",
                "model.onnx.data")  # fmt: skip
    assert beside.exists()
    zoo.add("onnx/alone-external/model.onnx", "ONNX, external data", "X", zoo.answers(net.logits))
    zoo.add("onnx/alone-external", "ONNX, external data", "X", zoo.answers(net.logits))
    half = onnx.load(zoo.folder / "onnx/script/activation-relu.onnx")
    path = "onnx/opset/metadata.onnx"
    half.metadata_props.add(key="author", value="somebody")
    onnx.save(half, zoo.place(path))
    zoo.add(path, "ONNX, other opsets", "X", zoo.answers(net.logits), back="onnx")


def sklearn(zoo: Zoo) -> None:
    """skl2onnx: MLPClassifier, pipelines, linear classifiers."""
    from skl2onnx import to_onnx
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    from tests.formats.zoo.sklearn_files import classifier

    images, labels = mnist()
    pixels = inputs()[0]
    noisy = images[:3000] + np.random.default_rng(0).normal(0, 0.1, (3000, 784)).astype(np.float32)
    cases: dict[str, Any] = {
        activation: classifier(activation)
        for activation in ("relu", "logistic", "tanh", "identity")
    }
    for name, scaler in (("standard-scaler", StandardScaler()), ("min-max", MinMaxScaler())):
        model = make_pipeline(scaler, MLPClassifier((16,), max_iter=15, random_state=1))
        cases[name] = model.fit(noisy, labels[:3000])
    cases["logistic-regression"] = LogisticRegression(max_iter=20).fit(images[:2000], labels[:2000])
    for name, model in cases.items():
        last = model[-1] if hasattr(model, "steps") else model
        outputs = model.predict_proba(pixels)
        for zipmap in (False, True):
            path = f"onnx/sklearn/{name}{'-zipmap' if zipmap else ''}.onnx"
            options = {} if zipmap else {id(last): {"zipmap": False}}
            data = to_onnx(model, images[:1], options=options).SerializeToString()
            zoo.place(path).write_bytes(data)
            if not zipmap:
                outputs = np.asarray(_run(data, pixels)[1])
            logits = np.log(np.maximum(outputs, 1e-30))
            logits = logits.astype(np.float64)
            answers = zoo.answers(logits, outputs)
            zoo.add(
                path,
                "ONNX, skl2onnx",
                "X",
                answers,
                back="onnx",
                **({"expect": "either"} if "scaler" in name or "min" in name else {}),
            )


def refused(zoo: Zoo) -> None:
    cases: dict[str, tuple[nn.Module, tuple[int, ...], list[str]]] = {
        "conv": (nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(2704, 10)),
                 (3, 1, 28, 28), ["Conv"]),
        "lstm": (nn.LSTM(28, 16, batch_first=True), (3, 28, 28), ["LSTM", "understood"]),
        "layer-norm": (nn.Sequential(nn.Linear(784, 16), nn.LayerNorm(16), nn.Linear(16, 10)),
                       (3, 784), ["LayerNorm", "ReduceMean", "understood"]),
        "prelu": (nn.Sequential(nn.Linear(784, 16), nn.PReLU(16), nn.Linear(16, 10)),
                  (3, 784), ["PRelu", "PReLU"]),
        "max-pool": (nn.Sequential(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(196, 10)),
                     (3, 1, 28, 28), ["MaxPool"]),
    }  # fmt: skip
    for name, (model, shape, words) in cases.items():
        path = f"onnx/refused/{name}.onnx"
        _write(zoo, path, model, torch.rand(shape), False)
        zoo.refused(path, "ONNX, refused", "X", *words)
    skip = _Skip()
    _write(zoo, "onnx/refused/skip.onnx", skip, torch.rand(3, 784), False)
    zoo.refused(
        "onnx/refused/skip.onnx", "ONNX, refused", "X", "row", "branch", "Add", "chain", "once"
    )


class _Skip(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.last = (
            nn.Linear(784, 16), nn.Linear(16, 16), nn.Linear(16, 10),
        )  # fmt: skip

    def forward(self, x: Any) -> Any:
        x = torch.relu(self.first(x))
        return self.last(x + torch.relu(self.second(x)))
