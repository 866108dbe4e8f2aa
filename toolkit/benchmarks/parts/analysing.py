"""The accuracy without each neuron, beside a full forward pass for each."""

from __future__ import annotations

from functools import partial

import numpy as np

from toolkit.analysis.ablation import ablations
from toolkit.benchmarks.clock import alone
from toolkit.benchmarks.parts.measuring import beside
from toolkit.benchmarks.records import Job, Part, Result, job
from toolkit.benchmarks.setting import Setting
from toolkit.digits import DigitSet
from toolkit.network import Network, winner
from toolkit.shipped import open_network


def _measure(setting: Setting) -> Result:
    network, digits = open_network("mnist-sigmoid"), setting.test
    responses = network.forward(digits.images)
    return beside(
        setting,
        alone(partial(ablations, network, responses, digits.labels, "mean")),
        {"a full pass for each": alone(partial(_one_by_one, network, digits))},
    )


def _one_by_one(network: Network, digits: DigitSet) -> list[float]:
    """Return the accuracy with each neuron at its mean, by a full forward pass for each."""
    found = []
    for layer in range(1, len(network.layers) + 1):
        for index in range(network.layer(layer).size):
            a = digits.images
            for number, each in enumerate(network.layers, 1):
                z = a @ each.weights.T + each.biases
                a = z if number == len(network.layers) else each.activate(z)
                if number == layer:
                    a[:, index] = a[:, index].mean()
            found.append(float(np.mean(winner(z) == digits.labels)))
    return found


def _jobs(setting: Setting) -> list[Job]:
    neurons = sum(open_network("mnist-sigmoid").sizes[1:])
    says = f"accuracy without each of {neurons} neurons, {len(setting.test):,} digits"
    return [job("analysing.ablations", says, partial(_measure, setting))]


PART = Part("analysing", "the accuracy without each neuron", _jobs)
