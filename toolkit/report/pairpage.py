"""The report on two networks as a page to send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis import composed_maps
from toolkit.palette import limit_of
from toolkit.report import charts
from toolkit.report.pieces import chart, digit, facts, frame, number, share, text, weight_map

if TYPE_CHECKING:
    from toolkit.network import Network
    from toolkit.report.pair import PairReport

_MOST_PICTURE_CELLS = 1_000_000
_HEADS = ("neuron", "its map", "its match", "difference", "by weights", "cosine", "by activations",
          "correlation")  # fmt: skip


def page_of(report: PairReport) -> str:
    """Return the whole page."""
    one, other = (each["name"] for each in report.networks)
    name = f"{one} beside {other}"
    body = (
        f"<h1>{text(name)}</h1>{_lead(report)}{_reading(report)}{_alone(report)}"
        f"<h2>Whose neuron is whose</h2>{_neurons(report)}"
    )
    return frame(name, body)


def summary_of(report: PairReport) -> str:
    """Return what a notebook shows."""
    return f"<div>{_lead(report)}</div>"


def _lead(report: PairReport) -> str:
    one, other = report.networks
    pair = report.pair
    return (
        f"<p class='lead'>On {pair['images']:,} images of {text(pair['digits'])} "
        f"{text(one['name'])} reads <b>{one['accuracy']:.2%}</b>, {text(other['name'])} "
        f"<b>{other['accuracy']:.2%}</b>; "
        f"{len(one['right_alone']):,} digits the first alone, {len(other['right_alone']):,} the "
        "second alone.</p>"
        + facts(
            [
                (each["name"], f"{'-'.join(map(str, each['sizes']))}, "
                 f"{', '.join(each['activations'])}; checksum {each['checksum']}")
                for each in report.networks
            ]
        )
    )  # fmt: skip


def _reading(report: PairReport) -> str:
    rows = "".join(
        f'<tr><td class="words">{text(each["name"])}</td>'
        + "".join(f"<td>{share(value)}</td>" for value in each["per_digit"])
        + "</tr>"
        for each in report.networks
    )
    heads = "".join(f"<th>{digit}</th>" for digit in range(len(report.networks[0]["per_digit"])))
    return (
        "<h2>What each reads</h2><div class='table'><table><caption>Share of each digit's images "
        f"read right.</caption><thead><tr><th class='words'>network</th>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div><div class='charts'>{chart(*charts.alike(report))}"
        "</div>"
    )


def _alone(report: PairReport) -> str:
    grid = report.one.grid
    said = []
    for each, pictures in zip(report.networks, report.pictures, strict=True):
        shown = "".join(
            f"<figure>{digit(pixels, grid, f'a {label}')}<figcaption>{label}, not {read}"
            "</figcaption></figure>"
            for pixels, label, read in zip(pictures, each["labels"], each["read"], strict=False)
        )
        first = f", the first {len(pictures)}" if len(pictures) < len(each["labels"]) else ""
        said.append(
            f"<h3>{text(each['name'])} alone reads {len(each['labels']):,}{first}</h3>"
            f"<div class='strip'>{shown}</div>"
        )
    return "".join(said)


def _neurons(report: PairReport) -> str:
    head = "".join(f"<th>{name}</th>" for name in _HEADS)
    return (
        "<div class='table'><table class='neurons'><caption>Each map is divided by its length, so "
        "that networks of large and small weights can be held side by side; a pair and its "
        "difference stand on one scale, that of the brighter. Of later layers they are composed "
        "maps. Matches are an optimal assignment: no other gives a larger sum of similarities. A "
        "dash: one of the two never moves.</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(_lines(report))}</tbody></table></div>"
    )


def _lines(report: PairReport) -> Iterator[str]:
    cells = report.one.grid.cells
    most = max(1, _MOST_PICTURE_CELLS // (3 * cells))
    maps = _maps(report.one), _maps(report.other)
    for at, row in enumerate(report.neurons):
        pictures = ["", "", ""]
        match = row["match_weights"]
        if at < most and match is not None:
            layer, index = row["layer"], row["index"]
            mine = _of_length_one(maps[0][layer - 1][index])
            theirs = _of_length_one(maps[1][layer - 1][int(match.partition(".")[2])])
            apart = mine - theirs
            limit = limit_of(np.stack([mine, theirs]))
            pictures = [
                weight_map(values, report.one.grid, told, limit=limit)
                for values, told in (
                    (mine, f"map of {row['neuron']}"),
                    (theirs, f"map of the other's {match}"),
                    (apart, "difference"),
                )
            ]
        values = (
            text(row["neuron"]),
            *pictures,
            _match(row, "weights"),
            number(row["similarity_weights"]),
            _match(row, "activations"),
            number(row["similarity_activations"]),
        )
        yield (
            "<tr>"
            + "".join(
                f'<td data-head="{head if head != "neuron" else ""}">{value}</td>'
                for head, value in zip(_HEADS, values, strict=True)
            )
            + "</tr>"
        )


def _of_length_one(values: NDArray[np.float32]) -> NDArray[np.float32]:
    length = float(np.linalg.norm(values.astype(np.float64)))
    known = np.isfinite(length) and length > 0
    found: NDArray[np.float32] = values / np.float32(length) if known else values
    return found


def _match(row: dict[str, Any], kind: str) -> str:
    return text(row[f"match_{kind}"] or "–")


def _maps(network: Network) -> list[NDArray[np.float32]]:
    return [composed_maps(network, number) for number in range(1, len(network.layers) + 1)]
