"""``toolkit check``: an exercise's checks on what people handed in."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.output import print_line, say

if TYPE_CHECKING:
    from toolkit.exercises import Exercise, Marked
    from toolkit.experiments import Experiment
    from toolkit.network import Network

_MOST = 10_000


@dataclass(frozen=True)
class _Row:
    """A submission: its name, what its checks came to, or why it could not be read."""

    name: str
    marked: Marked | None
    error: str = ""


def check(arguments: argparse.Namespace) -> int:
    """Mark submissions by an exercise and print a table; without one, list the exercises."""
    from toolkit.exercises import list_exercises, open_exercise

    if arguments.exercise is None:
        found, wrong = list_exercises()
        for exercise in found:
            print_line(f"{exercise.name:<14}{exercise.title}. {exercise.goal}")
        for said in wrong:
            say(said)
        return 1 if wrong else 0
    exercise = open_exercise(arguments.exercise)
    files = list(_files(arguments.networks))
    if not files:
        raise ValueError("NETWORK: expected what to mark, files or a folder of them; got none")
    rows = []
    for number, (name, path, folder) in enumerate(files, 1):
        if len(files) > 3:
            say(f"{number} of {len(files)}: {name}")
        rows.append(_marked(exercise, name, path, folder))
    for line in _csv(exercise, rows) if arguments.csv else _table(exercise, rows):
        print_line(line)
    return 1 if any(row.marked is None for row in rows) else 0


def _files(given: list[str]) -> Iterator[tuple[str, str, Path | None]]:
    """Give each submission's name and where it is, and where a recipe's start may lie.

    Of a folder its files, by name: others' work lies beside them, and is none to start from.
    """
    for one in given:
        path = Path(one)
        if not path.is_dir():
            yield one, one, path.parent
            continue
        found = sorted(each for each in path.iterdir() if each.is_file() and each.name[0] != ".")
        if len(found) > _MOST:
            raise ValueError(f"{one}: expected at most {_MOST:,} files; got {len(found):,}")
        for each in found:
            yield each.name, str(each), None


def _marked(exercise: Exercise, name: str, source: str, folder: Path | None) -> _Row:
    from toolkit.exercises import mark

    try:
        return _Row(name, mark(exercise, _open(source, folder)))
    except (ValueError, OSError) as error:
        said = f"{error.strerror}" if isinstance(error, OSError) and error.strerror else str(error)
        return _Row(name, None, said.removeprefix(f"{Path(source).name}: "))


def _open(source: str, folder: Path | None) -> Experiment | Network:
    """Open a network or a recipe, of whoever handed it in, in a process of its own."""
    from toolkit import apart, shipped
    from toolkit.exercises import pictures
    from toolkit.experiments.recipes import is_recipe_text
    from toolkit.files import read_whole
    from toolkit.formats import LIMITS

    if source in shipped.names():
        return shipped.open_network(source)
    if not Path(source).exists():
        raise ValueError(f"neither a file nor a network that ships ({', '.join(shipped.names())})")
    content, name = read_whole(Path(source), LIMITS.file_bytes), Path(source).name
    if is_recipe_text(content[:4096], name):
        return apart.read_recipe(content, name, pictures.drawn(), folder)
    return apart.read_network(content, name, pictures.drawn())[0].build()


def _table(exercise: Exercise, rows: list[_Row]) -> Iterator[str]:
    yield f"{exercise.title}. {exercise.goal}"
    for number, each in enumerate(exercise.checks, 1):
        yield f"  {number}  {each.says}: {each.wanted}"
    wide = max(10, *(len(row.name) for row in rows))
    columns = range(1, len(exercise.checks) + 1)
    yield f"{'':<{wide}}{''.join(f'{number:>10}' for number in columns)}  solved"
    for row in rows:
        if row.marked is None:
            yield f"{row.name:<{wide}}  {row.error}"
            continue
        cells = (f"{mark.figure} {'✓' if mark.met else '✗'}" for mark in row.marked.marks)
        solved = "yes" if row.marked.solved else "no"
        yield f"{row.name:<{wide}}{''.join(f'{cell:>10}' for cell in cells)}  {solved}"
        for said in dict.fromkeys(mark.error for mark in row.marked.marks if mark.error):
            yield f"{'':<{wide}}  {said}"
    done = sum(row.marked is not None and row.marked.solved for row in rows)
    yield f"{done} of {len(rows)} solved"


def _csv(exercise: Exercise, rows: list[_Row]) -> Iterator[str]:
    yield _record(["submission", "solved", *(each.says for each in exercise.checks), "error"])
    for row in rows:
        if row.marked is None:
            yield _record([row.name, "", *("" for _ in exercise.checks), row.error])
            continue
        values = ["" if mark.value is None else f"{mark.value:.6g}" for mark in row.marked.marks]
        errors = "; ".join(dict.fromkeys(each.error for each in row.marked.marks if each.error))
        yield _record([row.name, "yes" if row.marked.solved else "no", *values, errors])


def _record(cells: list[str]) -> str:
    """Return a line of CSV; a cell that a spreadsheet would take for a formula is made text."""
    text = io.StringIO()
    safe = [f"'{cell}" if cell[:1] in ("=", "+", "-", "@") and not _number(cell) else cell
            for cell in cells]  # fmt: skip
    csv.writer(text, lineterminator="").writerow(safe)
    return text.getvalue()


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"check": check}
