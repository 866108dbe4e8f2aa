"""The report as a page to send: readable on a phone, printable, whole in one file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.analysis import composed_maps
from toolkit.report import charts
from toolkit.report.pieces import (
    chart,
    curve,
    digit,
    facts,
    frame,
    number,
    picture,
    points,
    share,
    text,
    weight_map,
)
from toolkit.stamps import Stamp

if TYPE_CHECKING:
    from toolkit.report.record import Report

_MOST_PICTURE_CELLS = 1_000_000
"""Cells of all maps and ideals together, some 2 bytes each in the page: it stays below 5 MB."""
_SHOWN_MISTAKES = 40
_HEALTH = {
    "dead": "dead",
    "always_on": "always on",
    "saturated": "saturated",
}


def page_of(report: Report) -> str:
    """Return the whole page."""
    network = report.network
    name = f"{network['name']}: what its neurons do"
    body = "".join(
        (
            f"<h1>{text(name)}</h1>{_lead(report)}{_made(report)}",
            _hope(report),
            _neurons(report),
            _reading(report),
            _otherwise(report),
            _how(report),
        )
    )
    return frame(name, body)


def summary_of(report: Report) -> str:
    """Return what a notebook shows: the first lines and the first layer's maps."""
    grid, subject = report.subject.grid, report.subject
    maps = subject.layer(1).weights[:64]
    shown = "".join(
        f'<figure style="display:inline-block;margin:4px;font:11px sans-serif">'
        f"{weight_map(values, grid, row['neuron'])}<figcaption>{text(row['neuron'])}: "
        f"{text(row['verdict'])}</figcaption></figure>"
        for values, row in zip(maps, report.neurons, strict=False)
    ).replace('class="map"', 'style="image-rendering:pixelated;width:84px"')
    return f"<div>{_lead(report)}{shown}</div>"


def _lead(report: Report) -> str:
    network = report.network
    kinds = network["kinds"][0]
    found = ", ".join(f"{count} {_many(kind, count)}" for kind, count in kinds.items() if count)
    of = network["hope"]["of"]
    edges = network["hope"]["edges"] + network["hope"]["lines"]
    is_one = "is an edge or a line" if edges == 1 else "are edges or lines"
    images = f"{network['images']:,} images of {network['digits']}"
    reads = f"It reads <b>{network['accuracy']:.2%}</b> of {text(images)}."
    if network["unscored"]:
        reads = f"It was shown {text(images)}, and is {text(network['unscored'])}."
    return (
        f'<p class="lead">{reads} Of the '
        f"{of} neurons of its first layer <b>{edges}</b> {is_one}"
        f"; by their maps they are: {text(found)}.</p>"
    )


def _many(kind: str, count: int) -> str:
    plain = {"diffuse", "noise", "dead"}
    return kind if kind in plain or count == 1 else f"{kind}s"


def _made(report: Report) -> str:
    network = report.network
    shape = "-".join(map(str, network["sizes"]))
    return facts(
        [
            ("network", f"{shape}, {', '.join(network['activations'])}"),
            ("parameters", f"{network['parameters']:,}: " + ", ".join(
                f"layer {each['layer']} {each['weights'] + each['biases']:,}"
                for each in network["layers"]
            )),
            ("checksum", network["checksum"]),
            *((key, value) for key, value in network["provenance"].items()),
        ]
    )  # fmt: skip


def _hope(report: Report) -> str:
    hope = report.network["hope"]
    rows = [(report.network["name"], hope), *hope["others"].items()]
    lines = "".join(
        f'<tr><td class="words">{text(name)}</td><td>{each["edges"]}</td><td>{each["lines"]}</td>'
        f"<td>{each['of']}</td><td>{number(float(np.median(each['scores'])))}</td>"
        f"<td>{number(max(each['scores']))}</td></tr>"
        for name, each in rows
    )
    return (
        "<h2>How far from the hope?</h2><p>The hope is that the first layer picks up on edges. "
        "These are its edges and lines by the same verdict, beside those of other networks on the "
        'same digits.</p><div class="beside"><div class="table"><table><thead><tr>'
        '<th class="words">network</th>'
        "<th>edges</th><th>lines</th><th>of</th><th>median edge score</th><th>highest</th></tr>"
        f"</thead><tbody>{lines}</tbody></table></div>"
        f"{chart(*charts.scores(report))}</div>"
    )


def _neurons(report: Report) -> str:
    cells = report.subject.grid.cells
    most = max(1, _MOST_PICTURE_CELLS // (4 * cells))
    head = "".join(
        f'<th class="words">{name}</th>' if key is None else f'<th data-sort="{key}">{name}</th>'
        for key, name in _HEADS
    )
    lines = "".join(_lines(report, most))
    few = "" if len(report.neurons) <= most else f" Pictures are shown of the first {most}."
    return (
        "<h2>Every neuron</h2><div class='table'><table class='neurons'>"
        "<caption>Map: incoming weights, green positive, red negative, each on its own scale; of "
        "later layers the composed map, a linear approximation. Ideal: the shape that fits best. "
        "Tuning: how much bars of 0 to 180° raise it, from 0 up. "
        "Falls: points of accuracy without it. A click on a head sorts."
        f"{few}</caption><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


_HEADS = (
    ("neuron", "neuron"), (None, "map"), (None, "ideal"), (None, "what it is"),
    ("edge", "edge score"), ("osi", "orientation selectivity"), ("angle", "angle°"),
    (None, "tuning"), ("class", "tells best"),
    ("fires", "fires"), (None, "answers most to"), ("fall", "fall, at its mean"),
    ("zero", "fall, at zero"), (None, "health"),
)  # fmt: skip
_PLAIN = ("neuron", "map", "ideal", "", "edge", "selectivity", "angle°", "tuning", "tells", "fires",
          "answers most to", "fall (mean)", "fall (zero)", "")  # fmt: skip


def _lines(report: Report, most: int) -> Iterator[str]:
    subject, grid = report.subject, report.subject.grid
    maps = [composed_maps(subject, number) for number in range(1, len(subject.layers) + 1)]
    for at, (row, more) in enumerate(zip(report.neurons, report.details, strict=True)):
        shown, ideal, liked = "", "", ""
        if at < most:
            values = maps[row["layer"] - 1][row["index"]]
            shown = weight_map(values, grid, f"map of {row['neuron']}")
            strip = report.found.liked[at]
            if len(strip):
                row_of_digits = np.hstack(list(strip.reshape(len(strip), *grid)))
                liked = picture(row_of_digits, f"digits that {row['neuron']} answers to", "strip6")
            if more["match"] is not None:
                drawn = Stamp.from_dict(more["match"]["stamp"]).render(grid)
                ideal = weight_map(drawn, grid, f"ideal {more['match']['shape']}")
        known = row["best_class"] is not None
        tells = f"{row['best_class']} ({number(row['best_auc'])})" if known else "–"
        name = f"{row['neuron']} {row['name']}".strip()
        told = f"response to bars of {row['neuron']} by angle, 0 to 180°"
        cells: list[tuple[str, Any]] = [
            (text(name), row["layer"] * 10_000 + row["index"]),
            (shown, None),
            (ideal, None),
            (text(more["text"].partition(";")[0]), None),
            (number(row["edge_score"]), row["edge_score"]),
            (number(row["orientation_selectivity"]), row["orientation_selectivity"]),
            (number(row["preferred_angle"], 0), row["preferred_angle"]),
            (curve(more["tuning"]["bars"], told), None),
            (tells, row["best_class"]),
            (share(row["fires"]), row["fires"]),
            (liked, None),
            (points(row["ablation_drop"]), row["ablation_drop"]),
            (points(row["ablation_drop_zero"]), row["ablation_drop_zero"]),
            (text(_health(row)), None),
        ]
        yield "<tr>" + "".join(map(_cell, cells, _PLAIN, _HEADS)) + "</tr>"


def _cell(cell: tuple[str, Any], plain: str, head: tuple[str | None, str]) -> str:
    shown, value = cell
    words = ' class="words"' if head[1] in ("what it is", "health") else ""
    said = f' data-head="{plain}"' if plain and plain != "neuron" else ""
    sorted_by = "" if head[0] is None else f' data-value="{"" if value is None else value}"'
    return f"<td{words}{said}{sorted_by}>{shown}</td>"


def _health(row: dict[str, Any]) -> str:
    said = [name for key, name in _HEALTH.items() if row[key]]
    if row["redundant_with"]:
        said.append(f"much the same as {row['redundant_with']}")
    if row["never_lit_share"] and row["never_lit_share"] >= 0.02:
        said.append(f"{row['never_lit_share']:.0%} of its weight where no training digit is")
    return "; ".join(said)


def _reading(report: Report) -> str:
    grid, network = report.subject.grid, report.network
    shown = "".join(
        f"<figure>{digit(pixels, grid, 'a ' + str(each['label']))}<figcaption>{each['label']} "
        f"read as {each['read']}, {share(each['confidence'])}</figcaption></figure>"
        for pixels, each in list(zip(report.found.pictures, network["mistakes"], strict=True))[
            :_SHOWN_MISTAKES
        ]
    )
    none = "<p>None: it reads every one of these digits.</p>"
    if network["unscored"]:
        return f"<h2>How it reads</h2><p>It is {text(network['unscored'])}.</p>"
    return (
        "<h2>How it reads</h2><div class='charts'>"
        f"{chart(*charts.confusion(report))}{chart(*charts.calibration(report))}</div>"
        f"<h3>What confuses with what</h3>{_pairs(network['pairs'])}"
        "<h3>Most confident mistakes</h3><p class='soft'>What the digit is, what it is read as, "
        f"and how sure.</p><div class='strip'>{shown}</div>{'' if shown else none}"
    )


def _pairs(pairs: list[dict[str, Any]]) -> str:
    if not pairs:
        return "<p>Nothing: no digit is read as another.</p>"
    lines = "".join(
        f'<tr><td class="words">{each["one"]} and {each["other"]}</td>'
        f"<td>{each['one_as_other']}</td><td>{each['other_as_one']}</td>"
        f'<td class="words">{_needed(each)}</td></tr>'
        for each in pairs
    )
    return (
        "<div class='table'><table><caption>How often the first is read as the second and the "
        "other way round, and the hidden neurons that matter most for telling the two apart: "
        "points of accuracy among these two digits alone that are lost with it held at its mean."
        '</caption><thead><tr><th class="words">digits</th><th>first as second</th>'
        '<th>second as first</th><th class="words">most needed</th></tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def _needed(pair: dict[str, Any]) -> str:
    return text(", ".join(f"{each['neuron']} ({points(each['fall'])})" for each in pair["neurons"]))


def _otherwise(report: Report) -> str:
    network = report.network
    lines = "".join(
        f'<tr><td class="words">{text(each["kind"])}</td><td>{each["count"]:,}</td>'
        f"<td>{each['answer']}</td><td>{share(each['answer_share'])}</td>"
        f"<td>{share(each['median'])}</td><td>{share(each['sure'])}</td></tr>"
        for each in network["nonsense"]
    )
    dark = network["never_lit"]
    return (
        "<h2>What is no digit, and digits otherwise</h2><p>A network that reads digits calls "
        "everything a digit. How sure it is of what is none:</p><div class='table'><table><thead>"
        '<tr><th class="words">pictures</th><th>count</th><th>most often a</th><th>how often</th>'
        "<th>median confidence</th><th>surer than 80%</th></tr></thead>"
        f"<tbody>{lines}</tbody></table></div><p>{dark['pixels']} pixels are lit in no digit "
        f"of {text(dark['in'])}; {share(dark['share'])} of the first layer's weight lies on them."
        "</p>"
        f"<div class='charts'>{''.join(chart(*each) for each in charts.robustness(report))}</div>"
    )


def _how(report: Report) -> str:
    network = report.network
    sample = (
        ""
        if network["ablated_on"] == network["images"]
        else f", on {network['ablated_on']:,} of the digits"
    )
    return (
        "<h2>How it was measured</h2><p class='soft'>Verdicts: correlation of a map with ideal "
        "edges, lines, arcs and blobs on the pixels that digits light, and the network's own "
        "answers to bars and edges at every place and angle. Orientation selectivity is 1 where it "
        "answers to one angle alone. A neuron tells a class as well as the area under its ROC "
        "curve says, by its pre-activation: 0.5 is chance. Falls are measured with the neuron's "
        f"activation held at its mean over the digits, or at zero{sample}. Confidence is the "
        "winner's output, of a sigmoid layer (hard or not) its own activation, else its softmax."
        "</p>"
    )
