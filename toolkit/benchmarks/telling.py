"""A run as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.benchmarks.clock import Spread
from toolkit.benchmarks.history import Change, History
from toolkit.benchmarks.records import Beside, Figure, Limit, Run

MANY = 20
"""Of so many runs or more the 95th percentile is said."""

_WIDE = 64


def about(run: Run) -> Iterator[str]:
    """Say on what a run was: machine, rates, digits, and whether others were at work."""
    machine = run.machine
    yield (
        f"{machine.processor}, {machine.cores} cores, {machine.threads} used; {machine.system}, "
        f"Python {machine.python}, NumPy {machine.numpy} with {machine.blas}"
    )
    yield (
        f"at most {run.rates['bytes'] / 1e9:.1f} GB moved, "
        f"{run.rates['multiply_adds'] / 1e9:.1f} billion multiply-adds, "
        f"{run.rates['exponentials'] / 1e9:.2f} billion exponentials a second; {run.digits}"
    )
    if run.load > 0.5:
        yield (
            f"others were at work (load {run.load:.1f}): trust the ratios, which are of the same "
            "moments, rather than the times"
        )
    for name, why in run.unmeasured.items():
        yield f"{name}: not measured; {why}"


def figure_lines(figure: Figure) -> Iterator[str]:
    """Say what a figure is, its peers below it, then its limit."""
    result = figure.result
    yield f"{figure.says:<{_WIDE}} {amounts(result.ours, result.unit)}{_right(result.accuracy)}"
    for each in result.beside:
        yield f"    {_peer(each, result.unit)}"
    if result.limit is not None:
        yield f"    {_limit(result.limit)}"
    if result.note:
        yield f"    ({result.note})"


def history_lines(run: Run, history: History) -> Iterator[str]:
    """Say what is slower and faster than what was last recorded on this kind of machine."""
    yield from history.problems
    changes = history.changes(run)
    if not changes:
        yield "nothing was recorded on this kind of machine before, so there is none to compare"
        return
    for each in changes:
        if each.verdict != "same":
            yield _change(each)
    same = sum(each.verdict == "same" for each in changes)
    new = len(run.figures) - len(changes)
    yield (
        f"{same} of {len(changes)} figures as last recorded on this kind of machine, within their "
        "spread" + (f"; {new} not recorded yet" if new else "")
    )


def amount(value: float, unit: str) -> str:
    """Return a value with its unit, as people say it."""
    if unit == "s":
        return f"{value:.2f} s" if value >= 1 else f"{_three(1e3 * value)} ms"
    if unit == "bytes":
        return f"{value / 1e6:.2f} MB" if value >= 1e6 else f"{value / 1e3:.1f} kB"
    if unit == "%":
        return f"{value:.1f}%"
    return f"{value:,.4g} {unit.replace('1/s', 'a second')}"


def amounts(spread: Spread, unit: str) -> str:
    """Return a median with its quartiles, and of many runs the 95th percentile."""
    if spread.runs == 1:
        return amount(spread.median, unit)
    low, high, p95 = (_bare(each, spread.median, unit)
                      for each in (spread.low, spread.high, spread.p95))  # fmt: skip
    found = f"{amount(spread.median, unit)} ({low}–{high})"
    return f"{found}, 95th percentile {p95}" if spread.runs >= MANY else found


def _bare(value: float, like: float, unit: str) -> str:
    """Return a value without its unit, in the unit that another is said in."""
    if unit == "s":
        return f"{value:.2f}" if like >= 1 else _three(1e3 * value)
    if unit == "bytes":
        return f"{value / 1e6:.2f}" if like >= 1e6 else f"{value / 1e3:.1f}"
    return f"{value:,.4g}"


def _three(value: float) -> str:
    """Return three digits of a number, or all before its point."""
    return f"{value:.3g}" if value < 100 else f"{value:,.0f}"


def _right(accuracy: float | None) -> str:
    return "" if accuracy is None else f", {accuracy:.2%} right"


def _peer(each: Beside, unit: str) -> str:
    if each.theirs is None or each.ratio is None:
        return f"{each.peer}: {each.absent}"
    low, middle, high = map(_three, (each.ratio.low, each.ratio.median, each.ratio.high))
    ratio = f"×{middle} ({low}–{high})"
    return f"{each.peer:<{_WIDE - 4}} {amounts(each.theirs, unit)}, {ratio}{_right(each.accuracy)}"


def _limit(limit: Limit) -> str:
    kinds = {
        "memory": limit.memory,
        "multiply-adds": limit.multiply_adds,
        "exponentials": limit.exponentials,
    }
    most = max(kinds, key=lambda kind: kinds[kind])
    others = ", ".join(
        f"{kind} {amount(value, 's')}" for kind, value in kinds.items() if value and kind != most
    )
    return (
        f"at the least {amount(limit.seconds, 's')} by {most}"
        + (f" ({others})" if others else "")
        + f": {share_of(limit)} of what the machine gives"
    )


def share_of(limit: Limit) -> str:
    """Return the share that is reached, in words where it is hardly any."""
    return f"{limit.share:.0%}" if limit.share >= 0.01 else "under 1%"


def _change(each: Change) -> str:
    what = f"×{each.then:.3g} of {each.peer}, now ×{each.now:.3g}"
    if not each.peer:
        what = f"{each.then:.3g}, now {each.now:.3g}, without a peer, so it may be the machine"
    return (
        f"{each.verdict.upper()}: {each.says}: {what} (recorded {each.before.date[:10]}, "
        f"“{each.before.change}”)"
    )
