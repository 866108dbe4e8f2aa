"""Following a PyTorch module's forward pass, one operation after the other, as a row of layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.activations import check_activation
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.limits import LIMITS
from toolkit.formats.meaning.chain import Back, Chain, Step
from toolkit.formats.meaning.reading import Reading
from toolkit.origin import BFLOAT16, Slot

_WHERE = "PyTorch module"
_MODULES = {
    "ReLU": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softmax": "softmax",
    "LogSoftmax": "log_softmax", "GELU": "gelu", "ELU": "elu", "LeakyReLU": "leaky_relu",
    "SiLU": "silu", "Softplus": "softplus", "Hardsigmoid": "hard_sigmoid",
}  # fmt: skip
_FUNCTIONS = {
    **{name: name for name in ("relu", "sigmoid", "tanh", "softmax", "log_softmax", "gelu", "elu",
                               "leaky_relu", "silu", "softplus")},
    "relu_": "relu", "sigmoid_": "sigmoid", "tanh_": "tanh", "hardsigmoid": "hard_sigmoid",
}  # fmt: skip
_PASSED = {
    "Identity", "Dropout", "AlphaDropout", "Flatten", "dropout", "flatten", "view", "reshape",
    "contiguous", "float", "double", "to", "clone", "detach", "squeeze",
}  # fmt: skip
_LOOKED_AT = {"getattr", "getitem", "size", "len", "dim"}  # a shape, of which no number is made
_WHY = {
    "Conv": "is a convolution", "RNN": "is recurrent", "LSTM": "is recurrent",
    "GRU": "is recurrent", "Norm": "is a normalisation that depends on each input",
    "Attention": "is attention", "Transformer": "is attention", "Embedding": "is an embedding",
    "Pool": "pools", "PReLU": "has a slope for each neuron, which has no equal here",
}  # fmt: skip


class Untraceable(Exception):  # noqa: N818  # no error of the caller's: the state_dict is read then
    """A module's forward pass cannot be followed; says why."""


def followed(module: Any, torch: Any) -> Reading:
    """Return what a module does, step by step.

    Raises
    ------
    Untraceable
        If PyTorch cannot follow its forward pass: it decides by the numbers that go through.
    NetworkFileError
        If a step is no fully connected layer nor what stands between such.
    """
    was_training = module.training
    try:
        module.eval()
        graph = torch.fx.Tracer().trace(module)
    except Exception as error:  # whatever a stranger's forward pass raises
        raise Untraceable(f"{type(error).__name__}: {error}"[:120]) from error
    finally:
        module.train(was_training)
    return _Walk(module, torch).reading(graph)


class _Walk:
    """One pass through a module's operations."""

    def __init__(self, module: Any, torch: Any) -> None:
        self._torch = torch
        self._modules = dict(module.named_modules())
        self._state = module.state_dict(keep_vars=True)
        self._name = type(module).__name__
        self._chain = Chain(_WHERE, LIMITS)
        self._used: list[str] = []
        self._returns = True
        self._current: Any = None  # the operation that gave what the next one takes
        self._constants: dict[Any, tuple[str, Any]] = {}
        self._shapes: set[Any] = set()

    def reading(self, graph: Any) -> Reading:
        for node in graph.nodes:
            step = Step(
                str(node.target) if node.op == "call_module" else node.name, self._kind(node)
            )
            if node.op == "placeholder":
                if self._current is None:
                    self._current = node
                elif node.users:
                    raise self._chain.refuse(step, "is a second input; only one is understood")
            elif node.op == "get_attr":
                self._constants[node] = node.target, _attribute(self._modules[""], node.target)
            elif node.op == "output":
                if node.args[0] is not self._current:
                    raise self._chain.refuse(step, "gives other than what the last layer does")
            elif self._is_shape(node):
                self._shapes.add(node)
            else:
                self._take(step, node)
        return self._chain.done(f"PyTorch module {self._name}", self._name, back=self._back())

    def _kind(self, node: Any) -> str:
        if node.op == "call_module":
            return type(self._modules[node.target]).__name__
        target = node.target
        return target if isinstance(target, str) else getattr(target, "__name__", str(target))

    def _is_shape(self, node: Any) -> bool:
        inputs = node.all_input_nodes
        if inputs and all(each in self._shapes for each in inputs):
            return True
        return self._kind(node) in _LOOKED_AT and inputs == [self._current] and (
            "shape" in node.args or self._kind(node) in ("size", "len", "dim")
        )  # fmt: skip

    def _take(self, step: Step, node: Any) -> None:
        inputs = [each for each in node.all_input_nodes
                  if each not in self._constants and each not in self._shapes]  # fmt: skip
        if inputs != [self._current]:
            if not inputs and node.all_input_nodes:
                return self._compute(step, node)
            raise self._chain.refuse(
                step, "takes other than what the step before gives; only layers in one row are "
                "understood"
            )  # fmt: skip
        if node.op == "call_module":
            self._take_module(step, self._modules[node.target])
        elif step.kind in _FUNCTIONS:
            self._activate(step, _FUNCTIONS[step.kind], _options(node))
        elif step.kind not in _PASSED:
            self._operate(step, node)
        elif any(self._is_whole(each) for each in (*node.args, *node.kwargs.values())):
            raise self._chain.refuse(step, "makes whole numbers of what goes through")
        self._current = node
        return None

    def _is_whole(self, argument: Any) -> bool:
        return isinstance(argument, self._torch.dtype) and not argument.is_floating_point

    def _compute(self, step: Step, node: Any) -> None:
        """Take an operation on constants alone, such as a matrix turned round."""

        def known(value: Any) -> Any:
            return self._constants[value][1] if value in self._constants else value

        if any(each in self._shapes for each in node.all_input_nodes):
            raise self._chain.refuse(step, "makes a constant of what goes through")
        args = [known(each) for each in node.args]
        options = {key: known(value) for key, value in node.kwargs.items()}
        run = getattr(args[0], node.target) if node.op == "call_method" else node.target
        value = run(*args[1:] if node.op == "call_method" else args, **options)
        turned = step.kind in ("t", "view", "reshape", "flatten", "squeeze", "unsqueeze", "to")
        name = next(each for each in node.all_input_nodes if each in self._constants)
        self._constants[node] = self._constants[name][0] if turned else "", value

    def _take_module(self, step: Step, module: Any) -> None:
        kind, chain = step.kind, self._chain
        if kind in ("Linear", "ParametrizedLinear"):
            bias = module.bias
            self._dense(step, (f"{step.name}.weight", module.weight),
                        None if bias is None else (f"{step.name}.bias", bias))  # fmt: skip
        elif kind == "BatchNorm1d":
            self._normalise(step, module)
        elif kind in _MODULES:
            self._activate(step, _MODULES[kind], vars(module))
        elif kind not in _PASSED:
            why = next((why for part, why in _WHY.items() if part in kind), "is not understood")
            raise chain.refuse(step, f"{why}; only fully connected layers have weight maps")

    def _dense(self, step: Step, weights: Any, biases: Any, inputs_first: bool = False) -> None:
        name, matrix = weights
        slots = (self._slot(name, matrix, inputs_first),
                 None if biases is None else self._slot(biases[0], biases[1]))  # fmt: skip
        row = None if biases is None else _array(biases[1]).reshape(-1)
        self._chain.dense(step, _array(matrix), row, "identity", inputs_first, slots)

    def _slot(self, name: str, tensor: Any, turned: bool = False) -> Slot | None:
        kept = self._state.get(name)
        if kept is None or kept.shape != tensor.shape or name in self._used:
            self._returns = False
            return None
        self._used.append(name)
        return Slot(name, tuple(kept.shape), _dtype(kept), turned)

    def _normalise(self, step: Step, module: Any) -> None:
        if module.running_mean is None:
            raise self._chain.refuse(
                step, "normalises by each batch; only one with running statistics is understood"
            )
        mean, spread = _array(module.running_mean), np.sqrt(_array(module.running_var) + module.eps)
        affine = module.weight is not None
        scale = _array(module.weight) / spread if affine else 1 / spread
        shift = _array(module.bias) if affine else np.zeros_like(mean)
        self._chain.affine(step, scale, shift - mean * scale, f"{step.name}.bias" if affine else "")

    def _activate(self, step: Step, name: str, said: dict[str, Any]) -> None:
        chain = self._chain
        if name in ("softmax", "log_softmax") and said.get("dim", -1) not in (1, -1):
            raise chain.refuse(step, f"its dim is {said['dim']}; expected the neurons', 1 or -1")
        if name == "log_softmax":
            chain.log_softmax(step)
            return
        if name == "gelu" and said.get("approximate") == "tanh":
            name = "gelu_tanh"
        if name == "softplus" and (said.get("beta", 1) != 1 or said.get("threshold", 20) < 15):
            raise chain.refuse(step, "softplus with another beta or threshold has no equal here")
        for key, kind in (("alpha", "elu"), ("negative_slope", "leaky_relu")):
            if name == kind and key in said:
                name = check_activation(f"{kind}({float(said[key])!r})")
        chain.activate(step, name)

    def _operate(self, step: Step, node: Any) -> None:
        """Take an operation with a constant: a matrix or a number that is added or multiplied."""
        kind, chain = step.kind.strip("_").removeprefix("i"), self._chain
        before = node.args[0] is self._current
        if step.kind == "linear":
            weights, biases = (self._constant(each) for each in _three(node)[1:])
            self._dense(step, weights, biases)
            return
        others = [each for each in node.args if each is not self._current]
        if len(others) != 1 or (kind not in _AFFINE and kind != "matmul"):
            raise chain.refuse(
                step, "is not understood; only fully connected layers in a row are, with "
                "activation functions, normalisations, Dropout and Flatten"
            )  # fmt: skip
        constant = self._constant(others[0])
        assert constant is not None
        name, value = constant
        if kind == "matmul":
            if not before:
                raise chain.refuse(step, "multiplies from the left; expected x @ W")
            turned = self._state.get(name)
            same = turned is not None and tuple(turned.shape) == tuple(value.shape)
            if same:
                self._dense(step, (name, value), None, inputs_first=True)
            else:  # x @ W.T
                self._dense(step, (name, value.t()), None)
            return
        array = _array(value)
        if not chain.started and array.ndim > 1:
            array = array.reshape(-1)  # one number for each pixel of a picture
        if kind == "add" and name and chain.started and array.size > 1:
            chain.add(step, array, self._slot(name, value))
            return
        scale, shift = _AFFINE[kind](array, before)
        chain.affine(step, scale, shift)

    def _constant(self, value: Any) -> tuple[str, Any] | None:
        if value is None:
            return None
        if value in self._constants:
            return self._constants[value]
        if isinstance(value, int | float):
            return "", self._torch.tensor(float(value), dtype=self._torch.float64)
        raise NetworkFileError(f"{_WHERE}: expected a number or a parameter; got {value!r:.60}")

    def _back(self) -> Back | None:
        if not self._returns:
            return None
        kept = {
            name: self._kept(value) for name, value in self._state.items() if name not in self._used
        }
        return Back(".pt", b"", kept, tuple(self._state))

    def _kept(self, tensor: Any) -> NDArray[Any]:
        plain = tensor.detach().cpu()
        if _dtype(tensor) == BFLOAT16:
            return np.asarray(plain.view(self._torch.int16).numpy()).view("V2")
        return np.array(plain.numpy())


_AFFINE: dict[str, Callable[[NDArray[np.float64], bool], tuple[Any, Any]]] = {
    "add": lambda c, _: (1.0, c),
    "sub": lambda c, before: (1.0, -c) if before else (-1.0, c),
    "mul": lambda c, _: (c, 0.0),
    "truediv": lambda c, before: (1 / c, 0.0) if before else _no_layer(),
    "div": lambda c, before: (1 / c, 0.0) if before else _no_layer(),
}


def _no_layer() -> Any:
    raise NetworkFileError(f"{_WHERE}: divides by what a layer gives, which no layer does")


def _three(node: Any) -> tuple[Any, Any, Any]:
    """Return the arguments of a call of ``linear``, by place or by name."""
    given = dict(zip(("input", "weight", "bias"), node.args, strict=False)) | dict(node.kwargs)
    return given["input"], given["weight"], given.get("bias")


def _options(node: Any) -> dict[str, Any]:
    """Return what a call of an activation function says besides its input."""
    said = dict(node.kwargs)
    names = {"softmax": "dim", "log_softmax": "dim", "elu": "alpha",
             "leaky_relu": "negative_slope"}  # fmt: skip
    name = names.get(getattr(node.target, "__name__", str(node.target)))
    if name is not None and len(node.args) > 1:
        said[name] = node.args[1]
    return {key: value for key, value in said.items() if value is not None}


def _attribute(module: Any, path: str) -> Any:
    for part in path.split("."):
        module = getattr(module, part)
    return module


def _array(tensor: Any) -> NDArray[np.float64]:
    return np.asarray(tensor.detach().cpu().double().numpy())


def _dtype(tensor: Any) -> str:
    said = str(tensor.dtype).rpartition(".")[2]
    return {"float64": "<f8", "float16": "<f2", "bfloat16": BFLOAT16}.get(said, "<f4")
