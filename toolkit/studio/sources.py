"""The digit sets that a page may choose, by the names that pages and experiments know them by."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from toolkit.digits import default_source, find_mnist, has_training, kind_of, part_of, parted

_OURS = ("mnist", "drawn")
_PARTS = {"train": "training digits", "all": "all digits"}
_NOTES = {"train": "those that networks learn from", "all": "those to test, and training digits"}
_MNIST_NOTES = {"train": "60,000 that networks learn from", "all": "70,000: to test and to train"}


@dataclass(frozen=True)
class Source:
    """A set of digits on offer; one that is not `ready` is listed with a `note` saying why."""

    name: str
    label: str
    note: str = ""
    ready: bool = True
    fetchable: bool = False


def sources(is_broken: Callable[[str], bool]) -> list[Source]:
    """Return what can be opened on this machine, the preferred one first.

    Parameters
    ----------
    is_broken : callable
        Tells of a source whether it was tried and could not be read.
    """
    mnist = Source("mnist", "MNIST", "10,000 test images")
    if find_mnist() is None:
        mnist = Source("mnist", "MNIST", "fetch it, 11 MB", ready=False, fetchable=True)
    elif is_broken("mnist"):
        mnist = Source("mnist", "MNIST", "damaged; fetch it again", ready=False, fetchable=True)
    found = [*_with_parts("mnist", mnist, is_broken), Source("drawn", "drawn digits", "built in")]
    named, part = parted(os.environ.get("TOOLKIT_DIGITS", ""))
    if named and named not in _OURS:
        broken = is_broken(named)
        note = "cannot be read" if broken else kind_of(named)
        label = Path(named).name or "digits"
        own = Source(public_name(named), label, note, ready=not broken)
        found[:0] = _with_parts(named, own, is_broken)
    elif named == "drawn" and part != "test":
        # Sixty thousand are drawn in some seconds: only for who asked for them.
        found.append(Source(part_of("drawn", part), f"drawn {_PARTS[part]}", _NOTES[part]))
    return found


def _with_parts(source: str, test: Source, is_broken: Callable[[str], bool]) -> list[Source]:
    """Return a source, and the parts that its training digits are in, if it has any."""
    if not test.ready or not _has_training(source, _changed(source)):
        return [test]
    notes = _MNIST_NOTES if source == "mnist" else _NOTES
    parts = [
        Source(
            part_of(test.name, part), f"{test.label}, {label}", notes[part],
            ready=not is_broken(part_of(source, part)),
        )
        for part, label in _PARTS.items()
    ]  # fmt: skip
    return [test, *parts]


@lru_cache(maxsize=16)
def _has_training(source: str, changed: object) -> bool:
    return has_training(source)


def _changed(source: str) -> object:
    """Return what is another when a file was put into a source's folder."""
    path = find_mnist() if source == "mnist" else Path(source).expanduser()
    try:
        return None if path is None else (str(path), path.stat().st_mtime_ns)
    except OSError:
        return None


def public_name(source: str) -> str:
    """Return what a page knows a source by: of a folder or file its own name, and not where it is.

    A few digits tell it from others of that name.
    """
    source, part = parted(source)
    if source in _OURS:
        return part_of(source, part)
    place = hashlib.sha256(os.path.abspath(source).encode(errors="replace")).hexdigest()  # noqa: PTH100
    return part_of(f"{Path(source).name[:40] or 'digits'}-{place[:8]}", part)


def source_of(name: str | None) -> str:
    """Return the source that a page, an experiment or nobody names; raises ValueError."""
    preferred = default_source()
    if not name or name == preferred:
        return preferred
    asked, part = parted(name)
    for source in (parted(preferred)[0], *_OURS):
        if asked in (source, public_name(source)):
            return part_of(source, part)
    raise ValueError(f"digits: expected one of the sources listed; got {str(name)[:60]!r}")


def trace_of(name: str) -> tuple[object, ...]:
    """Return what changes when MNIST is fetched again; other sources are tried each time."""
    folder = find_mnist() if parted(name)[0] == "mnist" else None
    if folder is None:
        return ()
    with contextlib.suppress(OSError):
        found = [(path.name, path.stat()) for path in folder.iterdir()]
        return tuple(sorted((file, there.st_size, there.st_mtime_ns) for file, there in found))
    return ()
