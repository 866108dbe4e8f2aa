"""PyTorch's modules and state dicts as networks, and networks as PyTorch's.

PyTorch is never imported for an object that came from it: it is there already.
"""

from __future__ import annotations

import importlib
import io
import pickle
import sys
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.bridges.meaning import decided
from toolkit.bridges.torch_steps import Untraceable, followed
from toolkit.formats import read
from toolkit.formats.errors import GuessWarning, NetworkFileError
from toolkit.formats.meaning.state_dict import arrays_back
from toolkit.origin import BFLOAT16

if TYPE_CHECKING:
    from toolkit.formats.meaning.reading import Reading
    from toolkit.network import Network

_WRAPPERS = {"DataParallel": "module", "DistributedDataParallel": "module",
             "OptimizedModule": "_orig_mod"}  # fmt: skip
_KINDS = (".pt", ".pth", ".safetensors")
_PLAIN = {
    "sigmoid": "Sigmoid", "relu": "ReLU", "tanh": "Tanh", "identity": "Identity", "gelu": "GELU",
    "elu": "ELU", "leaky_relu": "LeakyReLU", "silu": "SiLU", "softplus": "Softplus",
    "hard_sigmoid": "Hardsigmoid",
}  # fmt: skip


def network_of(source: Any, **choices: Any) -> Network:
    """Return the network of a module or a state dict; see :meth:`toolkit.Network.from_torch`."""
    if isinstance(source, Mapping):
        return decided(_as_file(dict(source)), **choices)
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(source, torch.nn.Module):
        raise NetworkFileError(
            f"PyTorch: expected a module or a state_dict; got {type(source).__name__}"
        )
    module, prefix = source, ""
    while type(module).__name__ in _WRAPPERS:
        inside = _WRAPPERS[type(module).__name__]
        module, prefix = getattr(module, inside), f"{prefix}{inside}."
    name = type(module).__name__
    try:
        reading = followed(module, torch, prefix)
    except Untraceable as error:
        if choices.get("activations") is None:
            warnings.warn(
                f"PyTorch module {name}: its forward pass could not be followed ({error}), so its "
                "activation functions are guessed, as for a state_dict; choose them by "
                "activations=",
                GuessWarning,
                stacklevel=3,
            )
        network = decided(_as_file(source.state_dict()), **choices)
        return network.renamed(
            name, forward=f"could not be followed ({error}); decided as for a state_dict"
        )
    return decided(reading, **choices).renamed(name)


def _as_file(state: dict[str, Any]) -> Reading:
    """Read a state dict as the file that PyTorch makes of it."""
    torch = sys.modules.get("torch")
    if torch is None or not any(isinstance(value, torch.Tensor) for value in state.values()):
        raise NetworkFileError(
            "PyTorch: expected a state_dict, a dict of tensors by name; a dict of arrays goes to "
            "Network.from_arrays"
        )
    buffer = io.BytesIO()
    try:
        kept = {
            name: value.detach().cpu() if isinstance(value, torch.Tensor) else value
            for name, value in state.items()
        }
        torch.save(kept, buffer)
    except (RuntimeError, TypeError, AttributeError, pickle.PicklingError) as error:
        raise NetworkFileError(
            f"PyTorch: the state_dict could not be written ({error})"[:300]
        ) from error
    return read(buffer.getvalue(), "state_dict")


def module_of(network: Network, *, state_dict: bool = False) -> Any:
    """Return a module, or a dict of tensors; see :meth:`toolkit.Network.to_torch`."""
    try:
        torch: Any = importlib.import_module("torch")
    except ImportError as error:
        raise ImportError("to_torch needs PyTorch; pip install torch") from error
    origin = network.origin
    if state_dict:
        if origin is None or origin.kind not in _KINDS:
            raise ValueError(
                "state_dict: the names of a module of your own are not known: the network is not "
                "from PyTorch, or from a module that uses a layer or parameter twice or makes its "
                "weights of others; to_torch().state_dict() has the names of an nn.Sequential"
            )
        return {name: _tensor(torch, array) for name, array in arrays_back(network).items()}
    modules = []
    for layer in network.layers:
        linear = torch.nn.utils.skip_init(torch.nn.Linear, layer.inputs, layer.size)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(layer.weights.copy()))
            linear.bias.copy_(torch.from_numpy(layer.biases.copy()))
        modules.append(linear)
        if layer.activation != "identity":
            modules.append(_activation(torch.nn, layer.activation))
    return torch.nn.Sequential(*modules)


def _activation(nn: Any, name: str) -> Any:
    if name == "softmax":
        return nn.Softmax(-1)
    if name == "gelu_tanh":
        return nn.GELU("tanh")
    kind, _, number = name.partition("(")
    known = getattr(nn, _PLAIN[kind])
    return known(float(number.rstrip(")"))) if number else known()


def _tensor(torch: Any, array: np.ndarray[Any, Any]) -> Any:
    if array.dtype.str.endswith("V2"):
        return torch.from_numpy(array.view("<i2").copy()).view(getattr(torch, BFLOAT16))
    native = array.astype(array.dtype.newbyteorder("="))
    return torch.from_numpy(np.array(native, order="C"))
