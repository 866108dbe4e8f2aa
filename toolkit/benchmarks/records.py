"""A run's figures as plain records, which JSON holds as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from toolkit.benchmarks.clock import Spread
from toolkit.benchmarks.machine import Machine

if TYPE_CHECKING:
    from toolkit.benchmarks.setting import Setting

SCHEMA = 1
"""Of a run as JSON."""


@dataclass(frozen=True)
class Beside:
    """A peer, measured in turn with ours.

    Attributes
    ----------
    peer : str
        With its version: ``"PyTorch 2.14"``.
    theirs : Spread or None
        In the figure's unit; None where it was not measured.
    ratio : Spread or None
        Theirs over ours, round by round; where less is better, above 1 ours is the better.
    accuracy : float or None
        What its work came to, as the result's own.
    absent : str
        Why it was not measured, and what to do.
    """

    peer: str
    theirs: Spread | None = None
    ratio: Spread | None = None
    accuracy: float | None = None
    absent: str = ""


@dataclass(frozen=True)
class Limit:
    """The least time that what has to be moved and computed takes on this machine.

    Attributes
    ----------
    memory, multiply_adds, exponentials : float
        Seconds for each alone, at the rates that were measured beside it.
    seconds : float
        The largest of them.
    share : float
        This over the time taken; 1 is what the machine gives.
    """

    memory: float
    multiply_adds: float
    exponentials: float
    seconds: float
    share: float


@dataclass(frozen=True)
class Result:
    """What was measured.

    Attributes
    ----------
    ours : Spread
    unit : str
        ``"s"``, ``"bytes"``, ``"MiB"``, ``"1/s"`` or ``"%"``.
    better : {"less", "more"}
    beside : tuple of Beside
    accuracy : float or None
        What the timed work came to, 0 to 1, to be seen beside that of the peers'.
    limit : Limit or None
    note : str
        What else is to be known of it.
    """

    ours: Spread
    unit: str = "s"
    better: str = "less"
    beside: tuple[Beside, ...] = ()
    accuracy: float | None = None
    limit: Limit | None = None
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A result under the name by which it is found again.

    Attributes
    ----------
    key : str
        Its part and what it is: ``"rescoring.stroke.sigmoid.60000"``.
    says : str
        The same in words.
    result : Result
    """

    key: str
    says: str
    result: Result


@dataclass(frozen=True)
class Job:
    """Measures one figure or several that come of the same work.

    Attributes
    ----------
    figures : mapping of str to str
        Key and words of each.
    measure : callable
        Returns the results by key; one that could not be had is left out.
    """

    figures: Mapping[str, str]
    measure: Callable[[], Mapping[str, Result]]


def job(key: str, says: str, measure: Callable[[], Result]) -> Job:
    """Return the job of a single figure."""
    return Job({key: says}, lambda: {key: measure()})


@dataclass(frozen=True)
class Part:
    """What can be asked for by name.

    Attributes
    ----------
    name, says : str
    jobs : callable
        Of a :class:`Setting`; quick, since the work is the jobs'.
    """

    name: str
    says: str
    jobs: Callable[[Setting], list[Job]]


@dataclass(frozen=True)
class Run:
    """All that one call of the benchmark measured.

    Attributes
    ----------
    date : str
        ISO 8601, UTC.
    version, commit : str
        The toolkit's; the commit is empty outside a checkout, and ends in ``+`` where files are
        changed since.
    machine : Machine
    load : float
        Of the machine when it began, in processes that want a core; 0 where the system has none.
    digits : str
        What was scored and learned from.
    rates : mapping of str to float
        What the machine gave: ``bytes`` a second, ``multiply_adds``, ``exponentials``.
    figures : tuple of Figure
    unmeasured : mapping of str to str
        By part, why nothing of it was measured.
    """

    date: str
    version: str
    commit: str
    machine: Machine
    load: float
    digits: str
    rates: Mapping[str, float]
    figures: tuple[Figure, ...]
    unmeasured: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON holds it: ``schema``, and the attributes by their names."""
        figures = [{"key": each.key, "says": each.says, **asdict(each.result)}
                   for each in self.figures]  # fmt: skip
        head = {
            "schema": SCHEMA, "date": self.date, "version": self.version, "commit": self.commit,
            "machine": {**asdict(self.machine), "kind": self.machine.kind}, "load": self.load,
            "digits": self.digits, "rates": dict(self.rates),
        }  # fmt: skip
        return {**head, "figures": figures, "unmeasured": dict(self.unmeasured)}


def run_from_json(data: Any) -> Run:
    """Return the run that :meth:`Run.as_json` gave.

    Raises
    ------
    ValueError
        If it is another thing, or of another schema.
    """
    if not isinstance(data, Mapping) or data.get("schema") != SCHEMA:
        raise ValueError(f"expected a run of schema {SCHEMA}, as toolkit bench --json prints it")
    try:
        figures = tuple(
            Figure(each["key"], each["says"], _result(each)) for each in data["figures"]
        )
        machine = Machine(**{key: value for key, value in data["machine"].items() if key != "kind"})
        return Run(
            data["date"], data["version"], data["commit"], machine, data["load"], data["digits"],
            data["rates"], figures, data["unmeasured"],
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a whole run: {error}") from error


def _result(each: Mapping[str, Any]) -> Result:
    beside = tuple(
        Beside(peer["peer"], _spread(peer["theirs"]), _spread(peer["ratio"]), peer["accuracy"],
               peer["absent"])
        for peer in each["beside"]
    )  # fmt: skip
    ours = _spread(each["ours"])
    if ours is None:
        raise KeyError("ours")
    limit = None if each["limit"] is None else Limit(**each["limit"])
    return Result(ours, each["unit"], each["better"], beside, each["accuracy"], limit, each["note"])


def _spread(value: Mapping[str, Any] | None) -> Spread | None:
    return None if value is None else Spread(**value)
