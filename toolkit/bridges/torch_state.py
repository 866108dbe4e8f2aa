"""A PyTorch module's own tensors: what they are at rest, and under which names they go back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.meaning.chain import Step
from toolkit.origin import BFLOAT16, Slot

_WHERE = "PyTorch module"
_NORMS = ("WeightNorm", "SpectralNorm")


@contextmanager
def at_rest(module: Any) -> Iterator[None]:
    """Have a module in its evaluation mode, and each of its parts as it was after it."""
    were = [(part, part.training) for part in module.modules() if hasattr(part, "training")]
    try:
        module.eval()
        yield
    finally:
        for part, was in were:
            part.training = was


def check_unhooked(module: Any, step: Step, is_linear: bool = False) -> None:
    """Refuse a module whose hooks, or a forward of its own, change what PyTorch's steps say.

    Those by which a linear layer makes its weights are none: see :func:`hooked_weights`.
    """
    hooks = [*getattr(module, "_forward_pre_hooks", {}).values(),
             *getattr(module, "_forward_hooks", {}).values()]  # fmt: skip
    if any(not (is_linear and _makes_weights(hook)) for hook in hooks):
        raise step.refused(
            _WHERE, "has hooks, which may change what goes through it; remove them (the handle's "
            "remove()), or give module.state_dict()"
        )  # fmt: skip
    if "forward" in vars(module):
        raise step.refused(
            _WHERE, "has a forward of its own, which is not followed; give module.state_dict()"
        )


def hooked_weights(module: Any) -> dict[str, Any]:
    """Return what a module's hooks would make its weights and biases before the next forward pass.

    As ``torch.nn.utils.weight_norm``, ``spectral_norm`` and ``prune`` do: what stands there is of
    the last.
    """
    made: dict[str, Any] = {}
    for hook in getattr(module, "_forward_pre_hooks", {}).values():
        kind = type(hook).__name__
        if kind == "SpectralNorm":
            made[hook.name] = hook.compute_weight(module, do_power_iteration=False)
        elif kind == "WeightNorm":
            made[hook.name] = hook.compute_weight(module)
        else:
            made[hook._tensor_name] = hook.apply_mask(module)
    return made


def _makes_weights(hook: Any) -> bool:
    kinds = type(hook).__mro__
    if not any(f"{kind.__module__}.".startswith("torch.nn.utils.") for kind in kinds):
        return False
    names = {kind.__name__ for kind in kinds}
    return type(hook).__name__ in _NORMS or "BasePruningMethod" in names


class State:
    """A module's ``state_dict``: which of its tensors are a layer's, and which are kept.

    A tensor is known by where its numbers are, whatever it was named or turned on its way.
    """

    def __init__(self, module: Any, torch: Any, prefix: str) -> None:
        self._torch = torch
        found = module.state_dict(keep_vars=True)
        self._tensors = {f"{prefix}{name}": value for name, value in found.items()}
        self._names: dict[int, list[str]] = {}
        for name, value in self._tensors.items():
            if isinstance(value, torch.Tensor) and not _is_unmade(value) and value.numel():
                if value.device.type == "meta":
                    raise NetworkFileError(
                        f"{_WHERE}: {name!r} is on the meta device, without numbers; give the "
                        "module that they were loaded into"
                    )
                self._names.setdefault(value.data_ptr(), []).append(name)
        self._uses: dict[str, str] = {}
        self._returns = True
        self._pairs: list[tuple[str, str, bool]] = []  # names of one tensor, the later one first
        for first, *others in self._names.values():
            for other in others:
                turned = _lies(self._tensors[first], self._tensors[other])
                self._returns &= turned is not None
                self._pairs.append((other, first, bool(turned)))
        self.order = tuple(self._tensors)

    def name(self, tensor: Any) -> str:
        """Return a tensor's name; empty where it has none, or several."""
        names = self._names.get(tensor.data_ptr(), ())
        return names[0] if len(names) == 1 and tensor.data_ptr() else ""

    def slot(self, tensor: Any) -> Slot | None:
        """Return where a layer's part is kept, given (out, in); None where it cannot go back."""
        names = self._names.get(tensor.data_ptr(), [])
        name = next((name for name in names if name not in self._uses), "")
        turned = _lies(self._tensors[name], tensor) if name else None
        if turned is None or any(self._uses.get(each, "slot") != "slot" for each in names):
            self._returns = False
            return None
        self._uses[name] = "slot"
        kept = self._tensors[name]
        return Slot(name, tuple(kept.shape), _dtype(kept), turned)

    def spare(self, tensor: Any) -> str:
        """Return the name of a tensor that may be given a layer's biases; empty if it has none."""
        name = self.name(tensor)
        if not name or _lies(self._tensors[name], tensor) is None:
            self.fold(tensor)
            return ""
        self._returns &= name not in self._uses
        self._uses[name] = "spare"
        return name

    def fold(self, tensor: Any) -> None:
        """Have a tensor kept as it is: a layer took it in."""
        for name in [] if tensor is None else self._names.get(tensor.data_ptr(), ()):
            self._returns &= self._uses.setdefault(name, "fold") == "fold"

    @property
    def skeleton(self) -> bytes:
        """What :mod:`toolkit.formats.meaning.state_dict` keeps of tensors that are one."""
        said = {"weight_norms": [], "shared": self._pairs, "epsilons": {}}
        return json.dumps(said).encode() if self._pairs else b""

    def kept(self) -> dict[str, NDArray[Any]] | None:
        """Return what is no layer's part, by name; None if not all can go back."""
        if not self._returns or not all(
            isinstance(value, self._torch.Tensor) for value in self._tensors.values()
        ):
            return None
        return {
            name: self._array(value) for name, value in self._tensors.items()
            if self._uses.get(name) != "slot"
        }  # fmt: skip

    def _array(self, tensor: Any) -> NDArray[Any]:
        plain = tensor.detach().cpu()
        if _dtype(tensor) == BFLOAT16:
            return np.asarray(plain.view(self._torch.int16).numpy()).view("V2")
        return np.array(plain.numpy())


def array_of(tensor: Any) -> NDArray[np.float64]:
    """Return a tensor's numbers."""
    if tensor.is_complex():
        raise NetworkFileError(f"{_WHERE}: expected real numbers; got {tensor.dtype}")
    return np.asarray(tensor.detach().cpu().double().numpy())


def _is_unmade(tensor: Any) -> bool:
    return type(tensor).__name__.startswith("Uninitialized")


def _lies(kept: Any, tensor: Any) -> bool | None:
    """Tell whether a tensor lies as the one kept does (False) or turned round (True), else None."""
    if kept.shape == tensor.shape and kept.stride() == tensor.stride():
        return False
    if kept.dim() == tensor.dim() == 2:
        turned = kept.t()
        return (turned.shape == tensor.shape and turned.stride() == tensor.stride()) or None
    rows = kept.numel() == tensor.numel() == max(*kept.shape, *tensor.shape, 1)
    return False if rows and kept.is_contiguous() and tensor.is_contiguous() else None


def _dtype(tensor: Any) -> str:
    said = str(tensor.dtype).rpartition(".")[2]
    return {"float64": "<f8", "float16": "<f2", "bfloat16": BFLOAT16}.get(said, "<f4")
