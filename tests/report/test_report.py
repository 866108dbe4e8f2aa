"""The report on one network."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from toolkit import Network, open_digits, open_network, score
from toolkit.analysis import never_lit
from toolkit.analysis.ablation import pair_needs, without
from toolkit.analysis.neuron import answer_table, answers_to, health
from toolkit.analysis.shapes import ALIKE
from toolkit.analysis.whole import nonsense
from toolkit.digits import DigitSet
from toolkit.network import Layer
from toolkit.report import Report, analyse
from toolkit.report.record import COLUMNS


@pytest.fixture(scope="module")
def digits() -> DigitSet:
    return open_digits("drawn").subset(slice(0, 10_000, 20))


TOLD: list[tuple[float, str]] = []


@pytest.fixture(scope="module")
def report(digits: DigitSet) -> Report:
    TOLD.clear()
    return analyse(
        open_network("mnist-sigmoid"), digits, others=("random",),
        progress=lambda done, doing: TOLD.append((done, doing)),
    )  # fmt: skip


def test_each_neuron_has_a_row_of_plain_values(report: Report) -> None:
    assert [row["neuron"] for row in report.neurons] == [
        f"{layer}.{index}" for layer, size in ((1, 16), (2, 16), (3, 10)) for index in range(size)
    ]
    assert len(report.details) == len(report.neurons)
    for row in report.neurons:
        assert set(row) == set(COLUMNS)
        assert all(isinstance(each, str | bool | int | float | None) for each in row.values())


def test_the_figures_are_those_of_a_full_evaluation(report: Report, digits: DigitSet) -> None:
    network = open_network("mnist-sigmoid")
    plain = score(network, digits)
    assert report.network["accuracy"] == plain.accuracy
    assert report.network["confusion"] == plain.confusion.tolist()
    assert report.network["hope"]["threshold"] == ALIKE
    sure = [each.sure for each in nonsense(network, digits.pixels)]
    assert [each["sure"] for each in report.network["nonsense"]] == sure, "as the page tells it"
    responses = network.forward(digits.images)
    for layer, index in ((1, 3), (2, 7), (3, 1)):
        row = next(each for each in report.neurons if each["neuron"] == f"{layer}.{index}")
        for key, replacement in (("ablation_drop", "mean"), ("ablation_drop_zero", "zero")):
            changed = without(network, responses, [(layer, index)], replacement)
            fall = plain.accuracy - score(changed, digits).accuracy
            assert row[key] == pytest.approx(fall, abs=1e-12)


def test_every_column_is_what_its_analysis_found(report: Report, digits: DigitSet) -> None:
    network = open_network("mnist-sigmoid")
    responses, dark = network.forward(digits.images), never_lit(digits.pixels)
    tables = answer_table(responses, digits.labels)
    for row, more in zip(report.neurons, report.details, strict=True):
        layer, index = row["layer"], row["index"]
        verdict = report.found.verdicts[layer - 1][index]
        healthy = health(network, responses, layer, dark)[index]
        table = tables[layer - 1]
        expected = {
            "verdict": verdict.kind, "score": verdict.score, "edge_score": verdict.edge_score,
            "orientation_selectivity": verdict.tuning.selectivity,
            "preferred_angle": verdict.tuning.preferred_angle,
            "row": verdict.tuning.place[0], "column": verdict.tuning.place[1],
            "best_class": table.best_class[index], "best_auc": table.auc[index].max(),
            "selectivity": table.selectivity[index], "fires": table.fires[index],
            "dead": healthy.dead, "always_on": healthy.always_on, "saturated": healthy.saturated,
            "never_lit_share": healthy.never_lit_share, "smoothness": healthy.smoothness,
            "symmetry": healthy.symmetry[0], "bias": network.layer(layer).biases[index],
        }  # fmt: skip
        for name, value in expected.items():
            number = isinstance(value, float | np.floating)
            known = pytest.approx(float(value), rel=1e-5, abs=1e-6) if number else value
            assert row[name] == known, name
        likes = answers_to(responses.pre_activations[layer - 1][:, index], digits.labels, count=6)
        assert more["most"] == likes.most.tolist() and more["least"] == likes.least.tolist()


def test_the_pairs_confused_most_come_with_the_neurons_that_tell_them_apart(
    report: Report, digits: DigitSet
) -> None:
    network = open_network("mnist-sigmoid")
    confusion = np.array(report.network["confusion"])
    pairs = report.network["pairs"]
    counts = [each["one_as_other"] + each["other_as_one"] for each in pairs]
    assert counts == sorted(counts, reverse=True) and counts[0] == max(
        confusion[one, other] + confusion[other, one] for one in range(10) for other in range(one)
    )
    first = pairs[0]
    needs = pair_needs(
        network, network.forward(digits.images), digits.labels, first["one"], first["other"]
    )
    best = max(float(falls.max()) for falls in needs.falls[:-1])
    assert first["neurons"][0]["fall"] == pytest.approx(best)
    assert f"{first['neurons'][0]['neuron']} (" in report.to_html()


def test_json_says_what_the_record_says_and_csv_the_table(report: Report) -> None:
    said = json.loads(report.to_json())
    assert said == report.to_dict()
    lines = list(csv.DictReader(io.StringIO(report.to_csv())))
    assert [line["neuron"] for line in lines] == [row["neuron"] for row in report.neurons]
    for line, row in zip(lines, said["neurons"], strict=True):
        assert line["verdict"] == row["verdict"]
        assert float(line["edge_score"]) == pytest.approx(row["edge_score"])


class _Page(HTMLParser):
    """Collects what a page would fetch, and whether its tags close."""

    VOID = frozenset({"meta", "img", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_fetches_nothing_and_is_small(report: Report) -> None:
    page = report.to_html()
    read = _Page(page)
    assert not read.open
    assert read.fetched and all(each.startswith("data:image/") for each in read.fetched)
    assert not re.search(r"url\(|@import|<link|<iframe", page)
    assert len(page.encode()) < 2_000_000
    for row in report.neurons:
        assert f"map of {row['neuron']}" in page


def test_names_from_a_file_are_text_in_the_page_and_no_formula_in_the_table(
    digits: DigitSet,
) -> None:
    network = Network(
        open_network("blank").layers, "<script>alert(1)</script>", names={(1, 0): "=1+1"}
    )
    report = analyse(network, digits.subset(slice(100)), others=())
    assert "<script>alert" not in report.to_html() and "<script>alert" not in report._repr_html_()
    line = next(csv.DictReader(io.StringIO(report.to_csv())))
    assert line["name"] == "'=1+1" and line["verdict"] == "dead"


def test_broken_wide_and_other_networks_have_a_report_too(digits: DigitSet) -> None:
    few = digits.subset(slice(0, 500, 5))
    broken = open_network("mnist-relu")
    weights = broken.layer(1).weights.copy()
    weights[3], weights[4, 5] = np.nan, np.inf
    other = Network(
        (Layer(np.eye(10, 64), np.zeros(10), "tanh"), Layer(np.eye(10), np.zeros(10), "softmax"))
    )
    single = Network((Layer(np.eye(10, 784), np.zeros(10), "identity"),))
    for network in (broken.with_layer(1, weights=weights), other, single):
        report = analyse(network, few, others=())
        assert len(report.neurons) == sum(network.sizes[1:])
        json.loads(report.to_json())
    assert not _Page(analyse(other, few, others=()).to_html()).open


def test_progress_rises_to_the_end_and_says_what_comes(report: Report) -> None:
    shares = [done for done, _ in TOLD]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == pytest.approx(1)
    assert len({doing for _, doing in TOLD}) >= 6


def test_what_does_not_fit_is_refused_by_name(digits: DigitSet) -> None:
    with pytest.raises(ValueError, match="digits: expected one or more"):
        analyse(open_network("blank"), digits.subset(slice(0)))
    with pytest.raises(ValueError, match=r"unlit: expected shape \(784,\)"):
        analyse(open_network("blank"), digits, unlit=np.zeros(3, bool))


def test_pixels_that_its_training_never_lit_can_be_given(digits: DigitSet) -> None:
    network = open_network("random")
    dark = np.zeros(784, bool)
    dark[:100] = True
    said = analyse(network, digits.subset(slice(100)), unlit=dark, others=()).network["never_lit"]
    size = np.abs(network.layer(1).weights)
    assert said["pixels"] == 100
    assert said["in"] == "the digits given"
    assert said["share"] == pytest.approx(
        float((size[:, dark].sum(1) / size.sum(1)).mean()), rel=1e-4
    )
    assert never_lit(digits.pixels).sum() != 100
