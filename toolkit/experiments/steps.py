"""What an experiment is made of: its id, its steps, its save points."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass

from toolkit.edits import Edit, base, from_dict
from toolkit.network import Network

LONGEST_TEXT = 200
"""Characters of a name."""

LONGEST_WHY = 500
"""Characters of what a step is said to be for."""

_ID = re.compile(r"[0-9a-f]{32}\Z")


def new_id() -> str:
    """Return an id that nobody guesses: 128 random bits."""
    return secrets.token_hex(16)


def check_id(text: object) -> str:
    """Return `text` if it is an experiment's id, 32 lowercase hex digits.

    Raises
    ------
    ValueError
        If it is not.
    """
    if not isinstance(text, str) or not _ID.match(text):
        shown = f"{text[:40]!r}" if isinstance(text, str) else type(text).__name__
        raise ValueError(f"experiment: expected an id of 32 hex digits; got {shown}")
    return text


def storable(text: str, most: int = LONGEST_TEXT) -> str:
    """Return text as every store can hold it: not too long, no lone surrogates, no NUL."""
    return base.storable(text, most)


class Step:
    """One applied edit.

    Parameters
    ----------
    edit, inverse : Edit or str
        The edit and what undoes it; or their dict forms as JSON, read when first asked for.
    client : str
        Who made it.
    made : float
        When, in Unix seconds.
    name : str, optional
        The edit's name, where it is known before the edit is read.
    why : str
        What it is for, in its maker's words; kept with the edit, and read with it.
    on : str
        Source of the digits that the accuracies were measured on; kept with the edit, too.

    Attributes
    ----------
    accuracy_before, accuracy_after : float or None
        In [0, 1], as far as somebody measured them.
    """

    __slots__ = (
        "_edit",
        "_inverse",
        "_name",
        "_on",
        "_why",
        "accuracy_after",
        "accuracy_before",
        "client",
        "made",
    )

    def __init__(
        self,
        edit: Edit | str,
        inverse: Edit | str,
        client: str = "",
        made: float = 0.0,
        accuracy_before: float | None = None,
        accuracy_after: float | None = None,
        *,
        name: str | None = None,
        why: str = "",
        on: str = "",
    ) -> None:
        self._edit = edit
        self._inverse = inverse
        self._name = name
        self._why = why
        self._on = on
        self.client = client
        self.made = made
        self.accuracy_before = accuracy_before
        self.accuracy_after = accuracy_after

    @property
    def edit(self) -> Edit:
        """What was done."""
        if isinstance(self._edit, str):
            record = json.loads(self._edit)
            self._why, self._on = _why_of(record), _on_of(record)
            self._edit = from_dict(record)
        return self._edit

    @property
    def why(self) -> str:
        """What it is for, in its maker's words; empty where nobody said."""
        # Few steps say it, and reading an edit takes long.
        if not self._why and isinstance(self._edit, str) and _WHY_KEY in self._edit:
            self._why = _why_of(json.loads(self._edit))
        return self._why

    @property
    def on(self) -> str:
        """Source of the digits that it was measured on; empty where nobody said."""
        if not self._on and isinstance(self._edit, str):
            # Of thousands of steps this is asked, and reading an edit takes long.
            said = _HEAD.match(self._edit)
            self._on = "" if said is None else _on_of(json.loads(f"{said[0][:-1]}}}"))
        return self._on

    def may_be(self, kind: str) -> bool:
        """Tell whether its edit may be of a kind, or hold one that is.

        An edit that was not read yet, which takes long, is not read for that.
        """
        if isinstance(self._edit, str):
            return f'"kind":"{kind}"' in self._edit
        return self._edit.kind in (kind, "several")

    @property
    def inverse(self) -> Edit:
        """What undoes it."""
        if isinstance(self._inverse, str):
            self._inverse = from_dict(json.loads(self._inverse))
        return self._inverse

    def saying(self, why: str) -> Step:
        """Return the same step with another sentence on what it is for."""
        return Step(
            self.edit, self._inverse, self.client, self.made, self.accuracy_before,
            self.accuracy_after, name=self._name, why=why, on=self.on,
        )  # fmt: skip

    def measured(self, before: float | None, after: float, on: str) -> Step:
        """Return the same step with the accuracies before and after it, on digits of a source."""
        return Step(
            self.edit, self._inverse, self.client, self.made, before, after,
            name=self._name, why=self.why, on=on,
        )  # fmt: skip

    @property
    def name(self) -> str:
        """The edit's name."""
        if self._name is None:
            self._name = self.edit.name
        return self._name

    @property
    def change(self) -> float | None:
        """Accuracy gained by the step, in [−1, 1]; None where it was not measured."""
        if self.accuracy_before is None or self.accuracy_after is None:
            return None
        return self.accuracy_after - self.accuracy_before

    def texts(self) -> tuple[str, str]:
        """Return edit, with what it is for and what it was measured on, and inverse as JSON."""
        return _text(self._edit, why=self._why, on=self._on), _text(self._inverse)

    def __repr__(self) -> str:
        return f"Step {self.name!r}"


def _text(edit: Edit | str, **beside: str) -> str:
    if isinstance(edit, str):
        return edit
    said = {key: value for key, value in beside.items() if value}
    record = {**said, **edit.to_dict()}
    parts = record.pop("edits", None)
    if not parts:
        return _json(record)
    # One after another: to write a long text is one breath, in which a server does nothing else.
    return f'{_json(record)[:-1]},"edits":[{",".join(map(_json, parts))}]}}'


def _json(record: object) -> str:
    return json.dumps(record, separators=(",", ":"), allow_nan=False)


_WHY_KEY = '{"why":'  # as it is written, first of all
_HEAD = re.compile(r'\{(?:"why":"(?:[^"\\]|\\.)*",)?"on":"(?:[^"\\]|\\.)*",')


def _why_of(record: object) -> str:
    why = record.get("why") if isinstance(record, dict) else None
    return storable(why, LONGEST_WHY) if isinstance(why, str) else ""


def _on_of(record: object) -> str:
    on = record.get("on") if isinstance(record, dict) else None
    return storable(on) if isinstance(on, str) else ""


class StoredNetwork:
    """A network that is read from its file's bytes when first asked for."""

    __slots__ = ("_data", "_network")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._network: Network | None = None

    @property
    def network(self) -> Network:
        """The network.

        Raises
        ------
        NetworkFileError
            If the bytes are damaged.
        """
        if self._network is None:
            # Reading files is not needed by those who only make experiments.
            from toolkit.formats.frameworks import npz

            self._network = npz.loads(self._data, "stored network")
            self._data = b""
        return self._network

    @property
    def data(self) -> bytes:
        """Its file's bytes."""
        return self._data or packed(self.network)


def packed(network: Network | StoredNetwork) -> bytes:
    """Return a network as its file's bytes."""
    if isinstance(network, StoredNetwork):
        return network.data
    from toolkit.formats.frameworks import npz

    return npz.dumps(network)


def opened(network: Network | StoredNetwork) -> Network:
    """Return a network that may have to be read first."""
    return network.network if isinstance(network, StoredNetwork) else network


@dataclass(frozen=True, slots=True)
class SavePoint:
    """A network under a name, to come back to.

    Attributes
    ----------
    name : str
    made : float
        When, in Unix seconds.
    cursor : int
        How many steps were in force.
    """

    name: str
    made: float
    cursor: int
    kept: Network | StoredNetwork

    @property
    def network(self) -> Network:
        """The network as it was."""
        return opened(self.kept)
