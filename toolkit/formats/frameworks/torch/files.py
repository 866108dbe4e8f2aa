"""Which form a PyTorch file is of, and what it holds."""

from __future__ import annotations

from functools import partial
from typing import Any

from toolkit.formats.containers import inert_pickle
from toolkit.formats.containers.json_text import json_of
from toolkit.formats.containers.stand_ins import Storage
from toolkit.formats.containers.zip import Archive
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.torch.checkpoint import reading_of
from toolkit.formats.frameworks.torch.storages import Storages
from toolkit.formats.frameworks.torch.writer import MARK
from toolkit.formats.guard import Budget, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning import mark
from toolkit.formats.meaning.reading import Reading

_ADVICE = "load it in PyTorch and torch.save the model's state_dict()"
_LEGACY = bytes.fromhex("80028a0a6cfc9c46f9206aa850192e")  # PyTorch's number before version 1.6
_LEGACY_PROTOCOL = 1001
_COUNT = 8  # bytes before each storage of the legacy form: how many numbers it has
_ITEMS = {
    "Float": 4, "Double": 8, "Half": 2, "BFloat16": 2, "Long": 8, "Int": 4, "Short": 2, "Char": 1,
    "Byte": 1, "Bool": 1, "ComplexFloat": 8, "ComplexDouble": 16, "QInt8": 1, "QUInt8": 1,
    "QInt32": 4, "Untyped": 1,
}  # fmt: skip


def is_torch(archive: Archive) -> bool:
    """Tell whether an archive is PyTorch's, by its members' names."""
    return any(name.rpartition("/")[2] == "data.pkl" for name in archive.members)


def is_legacy_tar(data: bytes) -> bool:
    """Tell whether bytes are a tar archive, PyTorch's form of 2016."""
    return data[257:262] == b"ustar"


def is_legacy(data: bytes) -> bool:
    """Tell whether bytes are of PyTorch's form before version 1.6."""
    return data.startswith(_LEGACY)


def refuse_tar(where: str) -> NetworkFileError:
    """Return the error for a tar archive."""
    return NetworkFileError(
        f"{where}: a tar archive, as PyTorch wrote in its first versions; {_ADVICE} again"
    )


def read(archive: Archive, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read a state_dict, a checkpoint that holds one, or a whole module.

    Parameters
    ----------
    archive : Archive
        One that :func:`is_torch`.

    Raises
    ------
    NetworkFileError
        Also if it is TorchScript, holds no network, or tensors that do not lie in their storage.
    """
    pickles = [name for name in archive.members if name.rpartition("/")[2] == "data.pkl"]
    root = pickles[0].rpartition("/")[0]
    root = f"{root}/" if root else ""
    if f"{root}constants.pkl" in archive.members or any(
        name.startswith(f"{root}code/") for name in archive.members
    ):
        raise NetworkFileError(
            f"{where}: a TorchScript program, whose code would have to be executed; {_ADVICE} "
            "instead"
        )
    if len(pickles) > 1:
        raise NetworkFileError(f"{where}: holds two data.pkl; {_ADVICE} again")
    order = "<"
    if f"{root}byteorder" in archive.members:
        order = {b"little": "<", b"big": ">"}.get(archive.read(f"{root}byteorder"), "")
        if not order:
            raise NetworkFileError(f"{where}: says nothing of its byte order; {_ADVICE} again")
    if archive.members[pickles[0]].size > limits.header_bytes:
        raise NetworkFileError(
            f"{where}: its data.pkl has {archive.members[pickles[0]].size >> 10} KiB; at most "
            f"{limits.header_bytes >> 10} KiB are read; {_ADVICE} alone"
        )
    value = inert_pickle.loads(archive.read(pickles[0]), Budget(limits, where), torch=True)
    folder = f"{root}data/"

    def size(key: str) -> int | None:
        member = archive.members.get(folder + key)
        return None if member is None else member.size

    def content(key: str) -> bytes:
        return archive.read(folder + key)

    make = partial(Storages, size, content, order)
    if root + MARK not in archive.members:
        return reading_of(value, make, where, limits)
    said = json_of(archive.read(root + MARK), f"{where}: {MARK}", limits)
    own = mark.of(said, where)
    return own.on(reading_of(value, make, where, limits, said))


def read_legacy(data: bytes, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read what :func:`read` does from the form before version 1.6.

    Pickles follow one another (a number, a version, the machine's sizes, the object, the
    storages' keys), then each storage: how many numbers it has, and the numbers, lowest byte
    first.

    Parameters
    ----------
    data : bytes
        Of which :func:`is_legacy` says so.

    Raises
    ------
    NetworkFileError
        As for :func:`read`.
    """
    budget = Budget(limits, where)
    at, values = len(_LEGACY), []
    storages: dict[str, Storage] = {}
    for _ in range(4):
        value, at, found = inert_pickle.load_one(data, at, budget)
        storages |= found
        values.append(value)
    version, machine, value, keys = values
    if version != _LEGACY_PROTOCOL or not isinstance(machine, dict) or not isinstance(keys, list):
        raise _broken(where, "its parts are not those of this form")
    if machine.get("little_endian") is not True:
        raise NetworkFileError(f"{where}: was written with the highest byte first; {_ADVICE} again")
    places = _places(data, at, keys, storages, where)
    view = memoryview(data)

    def size(key: str) -> int | None:
        place = places.get(key)
        return None if place is None else place[1] - place[0]

    def content(key: str) -> memoryview:
        return view[slice(*places[key])]

    return reading_of(value, partial(Storages, size, content, "<"), where, limits)


def _places(
    data: bytes, at: int, keys: list[Any], storages: dict[str, Storage], where: str
) -> dict[str, tuple[int, int]]:
    """Return where each storage's numbers start and stop; together they fill the file."""
    places: dict[str, tuple[int, int]] = {}
    for key in keys:
        if not isinstance(key, str) or key not in storages or key in places:
            raise _broken(where, f"its list of storages names {quoted(key)}")
        if at + _COUNT > len(data):
            raise _broken(where, "it breaks off")
        count = int.from_bytes(data[at : at + _COUNT], "little")
        start = at + _COUNT
        at = start + count * _ITEMS[storages[key].kind.removesuffix("Storage")]
        if at > len(data):
            raise _broken(where, "it breaks off")
        places[key] = (start, at)
    if at != len(data):
        raise _broken(where, f"{len(data) - at} bytes trail behind its end")
    return places


def _broken(where: str, how: str) -> NetworkFileError:
    return NetworkFileError(f"{where}: damaged ({how}); save or download it again")
