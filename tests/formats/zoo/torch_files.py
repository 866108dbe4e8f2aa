"""PyTorch's files: state dicts of many networks, and one network in many wrappings."""

from __future__ import annotations

import argparse
import collections
import datetime
import enum
import io
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import nn

from tests.formats.zoo.networks import Trained, fit, run, trained
from tests.formats.zoo.pen import Zoo
from tests.formats.zoo.pictures import inputs, mnist

_SIZES = ((784, 16, 16, 10), (784, 32, 10), (784, 30, 10), (784, 64, 32, 10), (784, 100, 10))


class Colour(enum.Enum):
    RED = 1


def make(zoo: Zoo) -> None:
    open_scalings(zoo)
    other_inputs(zoo)
    wrappings(zoo)
    kinds(zoo)
    normalised(zoo)
    buffers(zoo)
    parametrised(zoo)
    hand_written(zoo)
    refused(zoo)


def _logits(zoo: Zoo, net: Trained) -> str:
    return zoo.answers(net.logits)


def open_scalings(zoo: Zoo) -> None:
    """State dicts that say neither the activation functions nor how pixels were scaled."""
    chosen = [
        (sizes, activation, transform)
        for activation in ("relu", "sigmoid", "tanh")
        for sizes in _SIZES
        for transform in ("unit", "standard", "half", "bytes", "inverted")
        if transform != "bytes" or sizes[1] in (16, 100)
    ]
    chosen += [
        (sizes, activation, transform)
        for activation in ("gelu", "elu", "leaky_relu", "silu")
        for sizes in _SIZES[:2]
        for transform in ("unit", "standard", "half")
    ]
    for number, (sizes, activation, transform) in enumerate(chosen):
        net = trained(sizes, activation, transform, seed=number)
        name = f"torch/open/{activation}-{'-'.join(map(str, sizes[1:-1]))}-{transform}.pt"
        torch.save(net.state, zoo.place(name))
        zoo.add(name, "PyTorch, scaling open", "M", _logits(zoo, net), open=True, back="torch")
    squares = trained(activation="sigmoid", squares=True)
    torch.save(squares.state, zoo.place("torch/open/squares.pt"))
    zoo.add("torch/open/squares.pt", "PyTorch, scaling open", "M", _logits(zoo, squares), open=True)


def other_inputs(zoo: Zoo) -> None:
    """Other pictures than MNIST's, other numbers of classes."""
    for kind, size in (("eight", 64), ("padded", 1024), ("colours", 2352)):
        for activation in ("relu", "sigmoid"):
            net = trained((size, 16, 16, 10), activation, kind=kind)
            name = f"torch/inputs/{kind}-{activation}.pt"
            torch.save(net.state, zoo.place(name))
            zoo.add(name, "PyTorch, other pictures", "M", _logits(zoo, net), open=True, inputs=kind)
    for transform in ("standard", "half"):
        net = trained((1024, 16, 16, 10), "relu", transform, kind="padded")
        name = f"torch/inputs/padded-{transform}.pt"
        torch.save(net.state, zoo.place(name))
        zoo.add(name, "PyTorch, other pictures", "M", _logits(zoo, net), open=True, inputs="padded")
    for classes in (2, 3, 5):
        net = trained((784, 16, 16, classes), "relu")
        name = f"torch/inputs/classes-{classes}.pt"
        torch.save(net.state, zoo.place(name))
        zoo.add(name, "PyTorch, other pictures", "C", _logits(zoo, net), open=True)


class _Model(nn.Module):
    def __init__(self, net: Trained) -> None:
        super().__init__()
        self.fc1, self.fc2, self.fc3 = net.linears

    def forward(self, x: Any) -> Any:
        return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(x)))))


def wrappings(zoo: Zoo) -> None:
    """One network, in every checkpoint that people write."""
    net = trained()
    answers = _logits(zoo, net)
    state = _Model(net).state_dict()
    adam = torch.optim.Adam(net.model.parameters(), 0.003)
    net.model(torch.rand(3, 784)).sum().backward()
    adam.step = adam.step  # its state is made by a step, which would change the weights
    steps = {
        **adam.state_dict(),
        "state": {n: {"step": torch.tensor(3.0), "exp_avg": torch.rand(16, 16),
                      "exp_avg_sq": torch.rand(16, 16)} for n in range(6)},
    }  # fmt: skip
    best = {key: value + 0 for key, value in state.items()}
    default: Any = collections.defaultdict(list, {"loss": [0.3, 0.2]})
    cases: dict[str, Any] = {
        "plain": state,
        "dict": dict(state),
        **{
            f"under-{name}": {name: state, "epoch": 3}
            for name in ("state_dict", "model_state_dict", "model", "net", "network", "weights",
                         "params", "module", "model_state", "best_model", "best_state_dict",
                         "model_weights", "ema", "student")
        },
        "state-model": {"state": {"model": state, "optimizer": steps}, "epoch": 2},
        "epoch-tuple": (7, state),
        "state-tuple": (state, {"loss": 0.25}),
        "list-of-one": [state],
        "with-optimizer": {"model_state_dict": state, "optimizer_state_dict": steps, "loss": 0.25},
        "namespace": {"model": state, "args": argparse.Namespace(lr=0.1, hidden=[16, 16])},
        "path": {"model": state, "path": PurePosixPath("/data/mnist")},
        "counter": {"model": state, "seen": collections.Counter("aab")},
        "defaultdict": {"model": state, "history": default},
        "set": {"model": state, "classes": {1, 2, 3}, "frozen": frozenset((4,))},
        "dtype": {"model": state, "dtype": torch.float32, "device": torch.device("cpu")},
        "numpy-numbers": {"model": state, "accuracy": np.float64(0.93), "curve": np.arange(3.0)},
        "date": {"model": state, "when": datetime.datetime(2026, 1, 2, 3, 4)},
        "enum": {"model": state, "colour": Colour.RED},
        "size": {"model": state, "shape": torch.Size([28, 28]), "slice": slice(1, 3)},
        "complex": {"model": state, "z": 1 + 2j, "bytes": b"abc", "array": bytearray(b"ab")},
        "rng": {"model": state, "rng": torch.get_rng_state(), "numpy": np.random.MT19937(0).state},
        "beside": {**state, "epoch": 3, "args": argparse.Namespace(lr=0.1)},
        "beside-numbers": {**state, "step": torch.tensor(100), "best": torch.tensor(0.91)},
        "lightning": {
            "epoch": 1, "global_step": 400, "pytorch-lightning_version": "2.5.0",
            "state_dict": {f"model.{key}": value for key, value in state.items()},
            "loops": {"fit_loop": {"state_dict": {}}}, "callbacks": {},
            "optimizer_states": [steps], "lr_schedulers": [],
            "hyper_parameters": {"lr": 0.003, "hidden": (16, 16)},
        },
        "parameters": {key: nn.Parameter(value) for key, value in state.items()},
        "list-of-tensors": list(state.values()),
        "ddp": {f"module.{key}": value for key, value in state.items()},
        "compiled": {f"_orig_mod.{key}": value for key, value in state.items()},
        "ddp-compiled": {f"module._orig_mod.{key}": value for key, value in state.items()},
        "prefix": {f"backbone.net.{key}": value for key, value in state.items()},
        "reversed": dict(reversed(state.items())),
        "criterion": {**state, "criterion.weight": torch.ones(10)},
        "ignite": {"model": state, "optimizer": steps, "trainer": {"epoch": 1, "iteration": 5}},
        "same-twice": {"model": state, "best_model": best, "epoch": 3},
        "numpy-values": {key: value.numpy() for key, value in state.items()},
        "lists": {"weights": [w.clone() for k, w in state.items() if "weight" in k],
                  "biases": [w.clone() for k, w in state.items() if "bias" in k]},
        "nested-modules": {
            f"{key[:3]}": {part: state[f"{key[:3]}.{part}"] for part in ("weight", "bias")}
            for key in state if key.endswith("weight")
        },
    }  # fmt: skip
    for name, value in cases.items():
        path = f"torch/wrapped/{name}.pt"
        torch.save(value, zoo.place(path))
        unsure = {"same-twice": "either", "enum": "either", "list-of-one": "either"}
        zoo.add(path, "PyTorch, wrapped", "T", answers, open=True, back="torch",
                expect=unsure.get(name, "right"))  # fmt: skip
    legacy = ("plain", "under-model", "namespace", "with-optimizer", "ddp", "list-of-tensors",
              "parameters", "lightning")  # fmt: skip
    for name in legacy:
        path = f"torch/legacy/{name}.pth"
        torch.save(cases[name], zoo.place(path), _use_new_zipfile_serialization=False)
        zoo.add(path, "PyTorch, legacy form", "T", answers, open=True, back="torch")
    for protocol in (3, 4, 5):
        path = f"torch/wrapped/protocol-{protocol}.pt"
        torch.save(state, zoo.place(path), pickle_protocol=protocol)
        zoo.add(path, "PyTorch, wrapped", "T", answers, open=True, back="torch")
    for name in ("plain", "ddp", "prefix"):
        path = f"torch/safetensors/{name}.safetensors"
        kept = {key: value.contiguous() for key, value in cases[name].items()}
        safetensors.torch.save_file(kept, zoo.place(path), {"format": "pt"})
        zoo.add(path, "PyTorch, safetensors", "T", answers, open=True, back="safetensors")
    whole = {
        "sequential": net.model,
        "own-class": _Model(net),
        "in-checkpoint": {"model": net.model, "epoch": 1},
    }
    for name, model in whole.items():
        path = f"torch/whole/{name}.pt"
        torch.save(model, zoo.place(path))
        zoo.add(path, "PyTorch, whole modules", "T", answers, open=True, expect="either",
                words=["state_dict"])  # fmt: skip


def kinds(zoo: Zoo) -> None:
    """Other kinds of numbers, and tensors that share or turn a storage."""
    for activation in ("relu", "sigmoid"):
        net = trained(activation=activation)
        for kind in (torch.float64, torch.float16, torch.bfloat16):
            model = nn.Sequential(*net.model).to(kind)
            short = str(kind).rpartition(".")[2]
            answers = zoo.answers(run(model, net.fed))
            state = model.state_dict()
            for suffix in (".pt", ".pth", ".safetensors"):
                path = f"torch/kinds/{activation}-{short}{suffix}"
                if suffix == ".safetensors":
                    safetensors.torch.save_file(state, zoo.place(path))
                else:
                    torch.save(state, zoo.place(path),
                               _use_new_zipfile_serialization=suffix == ".pt")  # fmt: skip
                zoo.add(path, "PyTorch, kinds of numbers", "T", answers, open=True,
                        back=suffix[1:])  # fmt: skip
            net.model.to(torch.float32)
    net = trained(seed=0)
    answers = _logits(zoo, net)
    flat = torch.cat([value.reshape(-1) for value in net.state.values()])
    parts = flat.split([value.numel() for value in net.state.values()])
    shared = {key: part.reshape(value.shape)
              for (key, value), part in zip(net.state.items(), parts, strict=True)}  # fmt: skip
    turned = {key: value.t().contiguous().t() if value.ndim == 2 else value
              for key, value in net.state.items()}  # fmt: skip
    for name, state in (("one-storage", shared), ("turned", turned)):
        path = f"torch/kinds/{name}.pt"
        torch.save(state, zoo.place(path))
        zoo.add(path, "PyTorch, kinds of numbers", "T", answers, open=True, back="torch")
    plain = trained(bias=False)
    torch.save(plain.state, zoo.place("torch/kinds/no-biases.pt"))
    zoo.add("torch/kinds/no-biases.pt", "PyTorch, kinds of numbers", "T", _logits(zoo, plain),
            open=True, back="torch")  # fmt: skip
    for sizes in ((784, 10), (784, 20, 20, 20, 20, 10)):
        net = trained(sizes)
        path = f"torch/kinds/layers-{len(sizes) - 1}.pt"
        torch.save(net.state, zoo.place(path))
        zoo.add(path, "PyTorch, kinds of numbers", "T", _logits(zoo, net), open=True, back="torch")


class _Scaled(nn.Module):
    """Scales its input by buffers."""

    def __init__(self, net: Trained, mean: Any, std: Any, names: tuple[str, str]) -> None:
        super().__init__()
        self.names = names
        self.register_buffer(names[0], mean)
        self.register_buffer(names[1], std)
        self.net = nn.Sequential(*net.model)

    def forward(self, x: Any) -> Any:
        mean, std = (getattr(self, name).reshape(-1).to(x.dtype) for name in self.names)
        return self.net((x - mean) / std)


def buffers(zoo: Zoo) -> None:
    """Networks that keep the pixels' mean and standard deviation."""
    net = trained(transform="standard")
    mean, std = torch.tensor([0.1307]), torch.tensor([0.3081])
    shapes: dict[str, tuple[int, ...]] = {"one": (1,), "none": (), "four": (1, 1, 1, 1)}
    images = torch.from_numpy(mnist()[0])
    means, stds = images.mean(0), images.std(0) + 0.1
    for name, shape in shapes.items():
        for names in (("mean", "std"), ("pixel_mean", "pixel_std")):
            model = _Scaled(net, mean.reshape(shape), std.reshape(shape), names)
            path = f"torch/buffers/{name}-{names[0]}.pt"
            torch.save(model.state_dict(), zoo.place(path))
            zoo.add(path, "PyTorch, mean and std", "T", zoo.answers(run(model, inputs()[0])),
                    open=True, back="torch")  # fmt: skip
    torch.manual_seed(0)
    plain = Trained((784, 16, 16, 10), "relu", "unit", nn.Sequential(*trained().model))
    model = _Scaled(plain, means, stds, ("mean", "std"))
    for linear in model.net:
        if isinstance(linear, nn.Linear):
            linear.reset_parameters()
    fit(model, *mnist())
    torch.save(model.state_dict(), zoo.place("torch/buffers/each-pixel.pt"))
    zoo.add(
        "torch/buffers/each-pixel.pt",
        "PyTorch, mean and std",
        "T",
        zoo.answers(run(model, inputs()[0])),
        open=True,
        expect="either",
        words=["mean"],
    )


def normalised(zoo: Zoo) -> None:
    """Batch normalisation, wherever people put it."""
    norm = nn.BatchNorm1d
    cases: dict[str, Any] = {
        "before-activation": lambda a: [nn.Linear(784, 16), norm(16), a(), nn.Linear(16, 16),
                                        norm(16), a(), nn.Linear(16, 10)],
        "after-activation": lambda a: [nn.Linear(784, 16), a(), norm(16), nn.Linear(16, 16),
                                       a(), norm(16), nn.Linear(16, 10)],
        "first": lambda a: [norm(784), nn.Linear(784, 16), a(), nn.Linear(16, 10)],
        "last": lambda a: [nn.Linear(784, 16), a(), nn.Linear(16, 10), norm(10)],
        "no-bias": lambda a: [nn.Linear(784, 16, bias=False), norm(16), a(), nn.Linear(16, 10)],
        "not-affine": lambda a: [nn.Linear(784, 16), norm(16, affine=False), a(),
                                 nn.Linear(16, 10)],
    }  # fmt: skip
    for name, layers in cases.items():
        for short, kind in (("relu", nn.ReLU), ("sigmoid", nn.Sigmoid), ("tanh", nn.Tanh)):
            torch.manual_seed(1)
            model = nn.Sequential(*layers(kind))
            fit(model, *mnist())
            path = f"torch/norm/{name}-{short}.pt"
            torch.save(model.state_dict(), zoo.place(path))
            answers = zoo.answers(run(model, inputs()[0]))
            zoo.add(path, "PyTorch, batch normalisation", "T", answers, open=True, back="torch")
            if short == "relu":
                path = path.replace(".pt", ".safetensors")
                safetensors.torch.save_file(model.state_dict(), zoo.place(path))
                zoo.add(path, "PyTorch, batch normalisation", "T", answers, open=True,
                        back="safetensors")  # fmt: skip


def parametrised(zoo: Zoo) -> None:
    """A weight as length times direction."""
    torch.manual_seed(1)
    first = nn.utils.parametrizations.weight_norm(nn.Linear(784, 16))
    model = nn.Sequential(first, nn.ReLU(), nn.Linear(16, 10))
    fit(model, *mnist())
    torch.save(model.state_dict(), zoo.place("torch/kinds/weight-norm.pt"))
    zoo.add(
        "torch/kinds/weight-norm.pt",
        "PyTorch, kinds of numbers",
        "T",
        zoo.answers(run(model, inputs()[0])),
        open=True,
        expect="either",
        words=["parametri"],
    )


def hand_written(zoo: Zoo) -> None:
    """``nn.Parameter`` used as x @ W + b."""
    for activation in ("relu", "sigmoid"):
        net = trained(activation=activation)
        answers = _logits(zoo, net)
        pairs = list(zip(net.weights, net.biases, strict=True))
        for style, of in (("W{}", "b{}"), ("w{}", "b{}"), ("weight{}", "bias{}"),
                          ("W_{}", "b_{}"), ("layers.{}.W", "layers.{}.b")):  # fmt: skip
            state = {}
            for number, (weights, biases) in enumerate(pairs, 1):
                state[style.format(number)] = torch.from_numpy(weights.T.copy())
                state[of.format(number)] = torch.from_numpy(biases.copy())
            path = f"torch/hand/{activation}-{style.replace('{}', 'n')}.pt"
            torch.save(state, zoo.place(path))
            zoo.add(path, "PyTorch, x @ W + b", "T", answers, open=True, back="torch")
        state = {f"b{n}": torch.from_numpy(b[None].copy()) for n, (_, b) in enumerate(pairs, 1)}
        state |= {f"W{n}": torch.from_numpy(w.T.copy()) for n, (w, _) in enumerate(pairs, 1)}
        path = f"torch/hand/{activation}-row-biases.pt"
        torch.save(state, zoo.place(path))
        zoo.add(path, "PyTorch, x @ W + b", "T", answers, open=True, back="torch")


def refused(zoo: Zoo) -> None:
    """What has no weight maps."""
    full = nn.Linear(16, 10)
    cases: dict[str, tuple[Any, list[str]]] = {
        "conv": (nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2704, 10)),
                 ["convolution"]),
        "conv1d": (nn.Sequential(nn.Conv1d(28, 4, 3), nn.Flatten(), nn.Linear(104, 10)),
                   ["convolution"]),
        "rnn": (nn.RNN(28, 16), ["recurrent"]),
        "lstm": (nn.LSTM(28, 16), ["recurrent"]),
        "gru": (nn.GRU(28, 16), ["recurrent"]),
        "attention": (nn.TransformerEncoderLayer(28, 4, 32), ["attention"]),
        "layer-norm": (nn.Sequential(nn.Linear(784, 16), nn.LayerNorm(16), nn.ReLU(), full),
                       ["layer norm", "normalisation"]),
        "group-norm": (nn.Sequential(nn.Linear(784, 16), nn.GroupNorm(4, 16), nn.ReLU(), full),
                       ["norm"]),
        "prelu": (nn.Sequential(nn.Linear(784, 16), nn.PReLU(16), full), ["PReLU"]),
        "prelu-one": (nn.Sequential(nn.Linear(784, 16), nn.PReLU(), full), ["PReLU"]),
        "embedding": (nn.Sequential(nn.Embedding(100, 16), full), ["embedding", "chain"]),
        "spectral-norm": (nn.Sequential(nn.utils.parametrizations.spectral_norm(
            nn.Linear(784, 16)), nn.ReLU(), full), ["parametri"]),
        "branches": (nn.ModuleDict({"left": nn.Linear(784, 16), "right": nn.Linear(784, 16),
                                    "head": nn.Linear(32, 10)}), ["chain", "twice"]),
    }  # fmt: skip
    for name, (model, words) in cases.items():
        path = f"torch/refused/{name}.pt"
        torch.save(model.state_dict(), zoo.place(path))
        zoo.refused(path, "PyTorch, refused", "T", *words)
    loose: dict[str, tuple[Any, list[str]]] = {
        "empty": ({}, ["state_dict"]),
        "optimizer": (torch.optim.Adam([nn.Parameter(torch.rand(2))]).state_dict(), ["state_dict"]),
        "images": (torch.randint(0, 255, (60, 28, 28), dtype=torch.uint8), ["state_dict"]),
        "data-set": ((torch.zeros(60, 28, 28, dtype=torch.uint8), torch.zeros(60).long()),
                     ["state_dict", "digit", "picture", "dimension"]),
        "sparse": ({"0.weight": torch.eye(10).to_sparse(), "0.bias": torch.zeros(10)},
                   ["sparse", "state_dict", "understood"]),
        "text": ("accuracy 97%", ["state_dict"]),
    }  # fmt: skip
    for name, (value, words) in loose.items():
        path = f"torch/refused/{name}.pt"
        torch.save(value, zoo.place(path))
        zoo.refused(path, "PyTorch, refused", "T", *words)
    net = trained()
    script = torch.jit.trace(net.model, torch.rand(2, 784))
    script.save(str(zoo.place("torch/refused/script.pt")))
    zoo.refused("torch/refused/script.pt", "PyTorch, refused", "T", "TorchScript")
    program = torch.export.export(net.model, (torch.rand(2, 784),))
    torch.export.save(program, zoo.place("torch/refused/program.pt2"))
    zoo.refused("torch/refused/program.pt2", "PyTorch, refused", "T", "pt2", "exported program",
                "torch.export")  # fmt: skip
    try:
        quantised = torch.ao.quantization.quantize_dynamic(nn.Sequential(*net.model), {nn.Linear})
        torch.save(quantised.state_dict(), zoo.place("torch/refused/quantised.pt"))
        zoo.refused("torch/refused/quantised.pt", "PyTorch, refused", "T", "quanti")
    except (RuntimeError, AttributeError) as error:
        print("no quantised file:", error)
    buffer = io.BytesIO()
    torch.save(net.state, buffer)
    zoo.place("torch/refused/cut.pt").write_bytes(buffer.getvalue()[:20_000])
    zoo.refused("torch/refused/cut.pt", "PyTorch, refused", "T", "zip", "damaged", "cut", "ends")
