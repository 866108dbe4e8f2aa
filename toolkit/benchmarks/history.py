"""What was measured before: a line of JSON for each change that was meant to move a figure.

In a checkout the lines stand in ``history.jsonl`` beside this module and are committed with the
change.  Where the toolkit is installed its own lines are read from there, and a person's go into
their data folder.
"""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from toolkit import files
from toolkit.benchmarks.records import Figure, Run

SHIPPED = Path(__file__).with_name("history.jsonl")
LEAST = 1.05
"""A figure is called slower, or faster, where it is so by more than this and by its spread."""

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Line:
    """One line: what a run came to.

    Attributes
    ----------
    date, commit, change, kind, digits : str
        When, of what, after which change, on what kind of machine and what it worked on.
    figures : mapping of str to mapping
        By key: ``unit``, ``better``, ``ours`` and, by peer, ``ratios``, each as ``[low, median,
        high]``.
    """

    date: str
    commit: str
    change: str
    kind: str
    digits: str
    figures: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Change:
    """A figure beside the last one of the same kind.

    Attributes
    ----------
    key, says : str
    before : Line
    peer : str
        Whose ratio was compared; empty where the figure itself was, for want of a peer in both.
    then, now : float
        Medians of the ratios, or of the figure.
    verdict : {"slower", "faster", "same"}
        Same where the quartiles overlap, or it differs by less than :data:`LEAST`.
    """

    key: str
    says: str
    before: Line
    peer: str
    then: float
    now: float
    verdict: str


class History:
    """Lines of earlier runs, the oldest first.

    Parameters
    ----------
    lines : iterable of Line
    problems : iterable of str
        What was wrong with lines that were left out.
    """

    def __init__(self, lines: Iterable[Line] = (), problems: Iterable[str] = ()) -> None:
        self.lines, self.problems = tuple(lines), tuple(problems)

    @classmethod
    def read(cls, *paths: Path) -> History:
        """Return what files hold; a line that is none is left out, and said in `problems`."""
        lines: list[Line] = []
        problems: list[str] = []
        for path in paths:
            try:
                texts = path.read_text(encoding="utf-8").splitlines()
            except FileNotFoundError:
                continue
            except (OSError, UnicodeDecodeError) as error:
                problems.append(f"{path.name}: cannot be read: {error}")
                continue
            for number, text in enumerate(texts, 1):
                if not text.strip():
                    continue
                try:
                    lines.append(_line(json.loads(text)))
                except ValueError as error:
                    problems.append(f"{path.name}, line {number}: left out, since {error}")
        return cls(lines, problems)

    def last(self, key: str, kind: str, digits: str) -> Line | None:
        """Return the last line with a figure of the same kind of machine and digits."""
        for line in reversed(self.lines):
            same = line.kind == kind and _content(line.digits) == _content(digits)
            if same and key in line.figures:
                return line
        return None

    def changes(self, run: Run) -> list[Change]:
        """Return each figure of a run that has one before it, beside that one."""
        found = []
        for figure in run.figures:
            before = self.last(figure.key, run.machine.kind, run.digits)
            if before is not None:
                found.append(_change(figure, before))
        return found


def places() -> list[Path]:
    """Return where lines are read from: those that ship, then one's own."""
    return [SHIPPED] if in_checkout() else [SHIPPED, own_file()]


def own_file() -> Path:
    """Return the file that new lines go to."""
    if in_checkout():
        return SHIPPED
    return Path(platformdirs.user_data_dir("weight-map-toolkit")) / "benchmarks.jsonl"


def in_checkout() -> bool:
    """Tell whether the package stands in its own repository rather than installed from a wheel."""
    return (_ROOT / "pyproject.toml").is_file() and (_ROOT / "tests" / "benchmarks").is_dir()


def commit_here() -> str:
    """Return the checkout's commit, with a + where files are changed since; empty elsewhere."""
    if not in_checkout():
        return ""
    try:
        commit, changed = (
            subprocess.run(
                ["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=True,
                stdin=subprocess.DEVNULL,
            ).stdout.strip()
            for arguments in (("rev-parse", "--short=9", "HEAD"), ("status", "--porcelain"))
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f"{commit}+" if changed else commit


def line_of(run: Run, change: str) -> Line:
    """Return the line that a run comes to; points of cost curves are left out.

    Raises
    ------
    ValueError
        If nothing says what changed, or it is more than one line.
    """
    if not change.strip() or not change.isprintable():
        raise ValueError(f"change: expected a line that says what changed; got {change!r}")
    figures = {each.key: _kept(each) for each in run.figures if not each.key.startswith("cost.")}
    return Line(run.date, run.commit, change.strip(), run.machine.kind, run.digits, figures)


def record(path: Path, line: Line) -> None:
    """Append a line to a file, which is written whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    text = json.dumps(
        {"date": line.date, "commit": line.commit, "change": line.change, "kind": line.kind,
         "digits": line.digits, "figures": line.figures},
        ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip
    if before and not before.endswith("\n"):
        before += "\n"
    files.write_whole(path, f"{before}{text}\n".encode())


def _content(digits: str) -> str:
    """Return the checksum, which follows the name: a set may be called otherwise elsewhere."""
    return digits.rpartition(", ")[2]


def _kept(figure: Figure) -> dict[str, Any]:
    result = figure.result
    ours = [_short(each) for each in (result.ours.low, result.ours.median, result.ours.high)]
    ratios = {
        each.peer: [_short(value) for value in (each.ratio.low, each.ratio.median, each.ratio.high)]
        for each in result.beside
        if each.ratio is not None
    }
    return {"unit": result.unit, "better": result.better, "ours": ours, "ratios": ratios}


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _line(data: Any) -> Line:
    if not isinstance(data, dict):
        raise ValueError("it is no JSON object")
    texts = ("date", "commit", "change", "kind", "digits")
    for name in texts:
        if not isinstance(data.get(name), str):
            raise ValueError(f"it has no {name}")
    figures = data.get("figures")
    if not isinstance(figures, dict):
        raise ValueError("it has no figures")
    for key, figure in figures.items():
        if not _is_figure(figure):
            raise ValueError(f"{key} is no figure")
    return Line(**{name: data[name] for name in texts}, figures=figures)


def _is_figure(figure: Any) -> bool:
    return (
        isinstance(figure, dict)
        and figure.get("better") in ("less", "more")
        and isinstance(figure.get("unit"), str)
        and _is_three(figure.get("ours"))
        and isinstance(figure.get("ratios"), dict)
        and all(map(_is_three, figure["ratios"].values()))
    )


def _is_three(values: Any) -> bool:
    return (
        isinstance(values, list)
        and len(values) == 3
        and all(isinstance(each, int | float) and math.isfinite(each) for each in values)
    )


def _change(figure: Figure, before: Line) -> Change:
    kept, old = _kept(figure), before.figures[figure.key]
    peer = next((name for name in kept["ratios"] if name in old["ratios"]), "")
    # A machine drifts, and its peers with it: the ratio is what compares.
    then, now = ((each["ratios"][peer] if peer else each["ours"]) for each in (old, kept))
    more_is_better = bool(peer) == (kept["better"] == "less")
    better, worse = _beyond(now, then), _beyond(then, now)
    if not more_is_better:
        better, worse = worse, better
    verdict = "faster" if better else "slower" if worse else "same"
    return Change(figure.key, figure.says, before, peer, then[1], now[1], verdict)


def _beyond(one: list[float], other: list[float]) -> bool:
    """Tell whether one is above the other by more than both spreads, and by enough."""
    return one[0] > other[2] and one[1] > LEAST * other[1]
