"""Following a PyTorch module's forward pass, one operation after the other, as a row of layers."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.activations import check_activation
from toolkit.bridges.torch_state import State, array_of, at_rest, check_unhooked, hooked_weights
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.limits import LIMITS
from toolkit.formats.meaning.chain import Back, Chain, Step
from toolkit.formats.meaning.reading import Reading

_WHERE = "PyTorch module"
_MODULES = {
    "ReLU": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softmax": "softmax",
    "LogSoftmax": "log_softmax", "GELU": "gelu", "ELU": "elu", "LeakyReLU": "leaky_relu",
    "SiLU": "silu", "Softplus": "softplus", "Hardsigmoid": "hard_sigmoid", "ReLU6": "relu6",
}  # fmt: skip
_FUNCTIONS = {
    **{name: name for name in ("relu", "sigmoid", "tanh", "softmax", "log_softmax", "gelu", "elu",
                               "leaky_relu", "silu", "softplus")},
    "relu_": "relu", "sigmoid_": "sigmoid", "tanh_": "tanh", "hardsigmoid": "hard_sigmoid",
    "relu6": "relu6",
}  # fmt: skip
_PLACES = {
    "relu": ("inplace",), "silu": ("inplace",), "hardsigmoid": ("inplace",),
    "relu6": ("inplace",),
    "softmax": ("dim", "_stacklevel", "dtype"), "log_softmax": ("dim", "_stacklevel", "dtype"),
    "elu": ("alpha", "inplace"), "leaky_relu": ("negative_slope", "inplace"),
    "softplus": ("beta", "threshold"),
}  # fmt: skip
"""What a call of an activation function says by place, after its input."""
_NUMBERS = {"alpha", "negative_slope", "beta", "threshold"}
_MATTER = _NUMBERS | {"dim", "approximate"}
_OF_NO_MATTER = {"input", "inplace", "_stacklevel", "dtype"}
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


def followed(module: Any, torch: Any, prefix: str = "") -> Reading:
    """Return what a module does, step by step; it is left as it is.

    Parameters
    ----------
    module : torch.nn.Module
    torch : module
    prefix : str
        What its parameters' names have before them, for the way back.

    Raises
    ------
    Untraceable
        If PyTorch cannot follow its forward pass: it decides by the numbers that go through.
    NetworkFileError
        If a step is no fully connected layer nor what stands between such.
    """
    if isinstance(module, torch.jit.ScriptModule):
        raise Untraceable("TorchScript")
    check_unhooked(module, Step(type(module).__name__, "module"))
    with at_rest(module):
        try:
            graph = torch.fx.Tracer().trace(module)
        except Exception as error:  # whatever a stranger's forward pass raises
            raise Untraceable(f"{type(error).__name__}: {error}"[:120]) from error
        walk = _Walk(module, torch, prefix)
        try:
            return walk.reading(graph)
        except (ValueError, MemoryError):
            raise
        except Exception as error:  # whatever a stranger's tensors raise
            raise NetworkFileError(
                f"{_WHERE}: {walk.at}: {type(error).__name__}: {error}"[:300]
            ) from error


class _Walk:
    """One pass through a module's operations."""

    def __init__(self, module: Any, torch: Any, prefix: str) -> None:
        self._torch = torch
        self._modules = dict(module.named_modules())
        self._state = State(module, torch, prefix)
        self._name = type(module).__name__
        self._chain = Chain(_WHERE, LIMITS)
        self._current: Any = None  # the operation that gave what the next one takes
        self._constants: dict[Any, Any] = {}
        self._shapes: set[Any] = set()
        self.at = Step(self._name, "module")

    def reading(self, graph: Any) -> Reading:
        for node in graph.nodes:
            name = str(node.target) if node.op == "call_module" else node.name
            step = self.at = Step(name, self._kind(node))
            if node.op == "placeholder":
                if self._current is None:
                    self._current = node
                elif node.users:
                    raise self._chain.refuse(step, "is a second input; only one is understood")
            elif node.op == "get_attr":
                self._constants[node] = _attribute(self._modules[""], node.target)
            elif node.op == "output":
                if node.args[0] is not self._current:
                    raise self._chain.refuse(step, "gives other than what the last layer does")
            elif self._is_shape(node):
                self._shapes.add(node)
            else:
                self._take(step, node)
        kept = self._state.kept()
        back = None if kept is None else Back(".pt", self._state.skeleton, kept, self._state.order)
        return self._chain.done(f"PyTorch module {self._name}", self._name, back=back)

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
            self._activate(step, _FUNCTIONS[step.kind], self._options(step, node))
        elif step.kind not in _PASSED:
            self._operate(step, node)
        elif any(self._is_whole(each) for each in (*node.args, *node.kwargs.values())):
            raise self._chain.refuse(step, "makes whole numbers of what goes through")
        elif step.kind == "dropout" and _training(node):
            self._chain.notes.append(
                "Its dropout is at work at rest, too (training=True); it is left out here."
            )
        self._current = node
        return None

    def _is_whole(self, argument: Any) -> bool:
        return isinstance(argument, self._torch.dtype) and not argument.is_floating_point

    def _compute(self, step: Step, node: Any) -> None:
        """Take an operation on constants alone, such as a matrix turned round."""

        def known(value: Any) -> Any:
            return self._constants.get(value, value) if isinstance(value, Hashable) else value

        if any(each in self._shapes for each in node.all_input_nodes):
            raise self._chain.refuse(step, "makes a constant of what goes through")
        if step.kind.endswith("_") and not step.kind.endswith("__"):
            raise self._chain.refuse(step, "changes the module's own numbers")
        args = [known(each) for each in node.args]
        options = {key: known(value) for key, value in node.kwargs.items()}
        run = getattr(args[0], node.target) if node.op == "call_method" else node.target
        self._constants[node] = run(*args[1:] if node.op == "call_method" else args, **options)

    def _take_module(self, step: Step, module: Any) -> None:
        kind, chain = step.kind, self._chain
        if kind.startswith("Lazy"):
            raise chain.refuse(step, "has no weights yet; call the module on some digits first")
        linear, known = self._torch.nn.Linear, type(module)
        if kind == "ParametrizedLinear":  # a class that PyTorch made of the one it was
            known = known.__bases__[0]
        if known is not getattr(self._torch.nn, known.__name__, None):
            raise chain.refuse(step, f"is of {known.__module__}; only torch.nn's own are "
                               "understood")  # fmt: skip
        check_unhooked(module, step, known is linear)
        if known is linear:
            weights = hooked_weights(module)
            self._dense(
                step, weights.get("weight", module.weight), weights.get("bias", module.bias)
            )
        elif kind == "BatchNorm1d":
            self._normalise(step, module)
        elif kind in _MODULES:
            self._activate(step, _MODULES[kind], vars(module))
        elif kind not in _PASSED:
            why = next((why for part, why in _WHY.items() if part in kind), "is not understood")
            raise chain.refuse(step, f"{why}; only fully connected layers have weight maps")

    def _dense(self, step: Step, weights: Any, biases: Any) -> None:
        """Take a layer; weights (out, in), whichever way round the module keeps them."""
        slots = (self._state.slot(weights), None if biases is None else self._state.slot(biases))
        row = None if biases is None else array_of(biases).reshape(-1)
        self._chain.dense(step, array_of(weights), row, "identity", False, slots)

    def _normalise(self, step: Step, module: Any) -> None:
        if module.running_mean is None:
            raise self._chain.refuse(
                step, "normalises by each batch; only one with running statistics is understood"
            )
        for part in (module.running_mean, module.running_var, module.weight):
            self._state.fold(part)
        mean, spread = (array_of(module.running_mean),
                        np.sqrt(array_of(module.running_var) + module.eps))  # fmt: skip
        affine = module.weight is not None
        scale = array_of(module.weight) / spread if affine else 1 / spread
        shift = array_of(module.bias) if affine else np.zeros_like(mean)
        spare = self._state.spare(module.bias) if affine else ""
        self._chain.affine(step, scale, shift - mean * scale, spare)

    def _activate(self, step: Step, name: str, said: dict[str, Any]) -> None:
        chain = self._chain
        said = {key: said[key] for key in _MATTER if said.get(key) is not None}
        for key in _NUMBERS & set(said):
            if not isinstance(said[key], int | float):
                raise chain.refuse(step, f"its {key} is no plain number")
        if name in ("softmax", "log_softmax") and said.get("dim", -1) not in (1, -1):
            raise chain.refuse(step, f"its dim is {said['dim']}; expected the neurons', 1 or -1")
        if name == "log_softmax":
            chain.log_softmax(step)
            return
        if name == "relu6":  # six times the hard sigmoid of what is three less
            chain.affine(step, 1.0, -3.0)
            chain.activate(step, "hard_sigmoid")
            chain.affine(step, 6.0, 0.0)
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
        plain = {"alpha": 1, "rounding_mode": None}
        for key, value in node.kwargs.items():
            if key not in plain or value != plain[key]:
                raise chain.refuse(step, f"its {key}={value!r:.40} is not understood")
        value, before = self._constant(others[0]), node.args[0] is self._current
        if kind == "matmul":
            if not before:
                raise chain.refuse(step, "multiplies from the left; expected x @ W")
            if value.dim() != 2:
                raise chain.refuse(
                    step, f"expected a matrix of weights; got shape {tuple(value.shape)}"
                )
            self._dense(step, value.t(), None)
            return
        array = array_of(value)
        if not chain.started and array.ndim > 1:
            array = array.reshape(-1)  # one number for each pixel of a picture
        if kind == "add" and chain.takes_biases and array.size > 1 and self._state.name(value):
            chain.add(step, array, self._state.slot(value))
            return
        # What is added after a layer can be given its biases, if it has none of its own.
        spare = ""
        if kind == "add" and chain.started and array.size > 1:
            spare = self._state.spare(value)
        else:
            self._state.fold(value)
        scale, shift = _AFFINE[kind](array, before)
        chain.affine(step, scale, shift, spare)

    def _constant(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, int | float):
            return self._torch.tensor(float(value), dtype=self._torch.float64)
        found = self._constants.get(value) if isinstance(value, self._torch.fx.Node) else None
        if not isinstance(found, self._torch.Tensor):
            raise NetworkFileError(f"{_WHERE}: expected a number or a parameter; got {value!r:.60}")
        return found

    def _options(self, step: Step, node: Any) -> dict[str, Any]:
        """Return what a call of an activation function says besides its input."""
        places = _PLACES.get(step.kind, ())
        by_place = node.args[1:]
        said = dict(zip(places, by_place, strict=False)) | dict(node.kwargs)
        if len(by_place) > len(places) or set(said) - _MATTER - _OF_NO_MATTER:
            raise self._chain.refuse(
                step, f"what it is given besides its input is not understood: "
                f"{', '.join(map(repr, [*by_place, *node.kwargs]))}"[:200]
            )  # fmt: skip
        return said


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


def _training(node: Any) -> bool:
    """Tell whether a call of ``dropout`` drops where the module is at rest."""
    given = dict(zip(("input", "p", "training"), node.args, strict=False)) | dict(node.kwargs)
    return bool(given.get("training", node.op == "call_function")) and given.get("p", 0.5) != 0


def _attribute(module: Any, path: str) -> Any:
    for part in path.split("."):
        module = getattr(module, part)
    return module
