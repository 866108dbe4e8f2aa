"""An HDF5 file as groups and arrays by path."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers.hdf5 import arrays, groups, headers
from toolkit.formats.containers.hdf5.attributes import Attributes
from toolkit.formats.containers.hdf5.source import Source
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import quoted
from toolkit.formats.limits import LIMITS, Limits

MAGIC = b"\x89HDF\r\n\x1a\n"

_DEEPEST = 64


class Tree:
    """What an HDF5 file holds.

    Parameters
    ----------
    data : bytes
        The file; begins with :data:`MAGIC`.
    where : str
        What to call it in an error.
    limits : Limits

    Attributes
    ----------
    groups : set of str
        By path without a leading slash; the root is ``""``.
    arrays : list of str

    Raises
    ------
    NetworkFileError
        If it is damaged, of a form that Keras does not write, reaches outside itself, or holds
        more than the limits allow.
    """

    def __init__(self, data: bytes, where: str, limits: Limits = LIMITS) -> None:
        self._source = Source(data, where, limits)
        self._objects = 0
        self._arrays: dict[str, arrays.Array] = {}
        self._attributes = Attributes(self._source)
        self._groups: set[str] = set()
        self._groups_at: set[int] = set()
        self._arrays_at: dict[int, arrays.Array] = {}
        waiting = [("", headers.root_of(self._source), 1)]
        while waiting:
            path, address, depth = waiting.pop()
            for name, child in self._open_group(path, address):
                self._source.describe(len(path) + len(name))
                inner = f"{path}/{name}".lstrip("/")
                if depth > _DEEPEST:
                    raise self._source.refuse(inner, f"is nested more than {_DEEPEST} groups deep")
                if self._open(inner, child):
                    waiting.append((inner, child, depth + 1))

    @property
    def groups(self) -> set[str]:
        """Paths of all groups."""
        return self._groups

    @property
    def arrays(self) -> list[str]:
        """Paths of all arrays."""
        return list(self._arrays)

    def _open(self, path: str, address: int) -> bool:
        """Look at an object; return whether it is a group, still to be opened."""
        source = self._source
        self._objects += 1
        if self._objects > source.limits.tensors:
            raise NetworkFileError(
                f"{source.where}: more than {source.limits.tensors} groups and arrays"
            )
        if path in self._arrays or path in self._groups:
            raise source.refuse(path, "is there twice")
        known = self._arrays_at.get(address)
        if known is not None:
            self._arrays[path] = known
            return False
        messages = headers.messages_of(source, path, address)
        kinds = {kind for kind, _, _ in messages}
        if kinds & {headers.SYMBOLS, headers.LINK_INFO, headers.LINK}:
            return True
        if not {headers.SPACE, headers.TYPE, headers.LAYOUT} <= kinds:
            raise source.refuse(path, "is neither a group nor an array")
        self._arrays[path] = self._arrays_at[address] = arrays.describe(source, path, messages)
        return False

    def _open_group(self, path: str, address: int) -> list[tuple[str, int]]:
        if address in self._groups_at:
            raise self._source.refuse(path, "is linked from two places, or from inside itself")
        self._groups_at.add(address)
        self._groups.add(path)
        messages = headers.messages_of(self._source, path, address)
        for kind, flags, content in messages:
            if kind == headers.ATTRIBUTE and not flags & headers.SHARED:
                self._attributes.keep(path, content)
            elif kind == headers.ATTRIBUTE_INFO and headers.is_dense(content, 2):
                raise self._source.newer(path, "dense attributes")
        return groups.members_of(self._source, path, messages)

    def shape(self, path: str) -> tuple[int, ...]:
        """Return an array's shape.

        Raises
        ------
        NetworkFileError
            If there is no array of that path.
        """
        if path not in self._arrays:
            raise NetworkFileError(f"{self._source.where}: the array {quoted(path)} is missing")
        return self._arrays[path].shape

    def object_of(self, path: str) -> int:
        """Return a number that paths share which lead to one array.

        Raises
        ------
        NetworkFileError
            If there is no array of that path.
        """
        self.shape(path)
        return id(self._arrays[path])

    def read(self, path: str) -> NDArray[np.float32]:
        """Return an array of floats, whatever their size in the file.

        Raises
        ------
        NetworkFileError
            If there is none, it holds no floats, or less or more than its shape says.
        """
        self.shape(path)
        return arrays.read(self._source, path, self._arrays[path])

    def code(self, path: str) -> str | None:
        """Return NumPy's code of an array's numbers, or None where they are of an unusual form.

        Raises
        ------
        NetworkFileError
            If there is no array of that path.
        """
        self.shape(path)
        return arrays.code_of(self._arrays[path])

    def read_as_stored(self, path: str) -> NDArray[Any]:
        """Return an array of numbers, of the type that it has in the file.

        Raises
        ------
        NetworkFileError
            As :meth:`read`.
        """
        self.shape(path)
        return arrays.read_as_stored(self._source, path, self._arrays[path])

    def attributes(self, path: str) -> dict[str, str | list[str]]:
        """Return a group's attributes that are texts, or lists of them; others are left out.

        Raises
        ------
        NetworkFileError
            If one is damaged, or they are longer than the limits' `header_bytes`.
        """
        return self._attributes.all(path)

    def text(self, path: str, name: str) -> bytes | None:
        """Return a text attribute of a group, or None where there is none.

        Raises
        ------
        NetworkFileError
            If it is no text, or longer than the limits' `header_bytes`.
        """
        return self._attributes.text(path, name)

    def texts(self, path: str, name: str) -> list[str] | None:
        """Return an attribute that lists texts, or None where there is none.

        Keras cuts long lists into ``name0``, ``name1`` and so on; they are joined.

        Raises
        ------
        NetworkFileError
            As :meth:`text`.
        """
        return self._attributes.texts(path, name)
