"""``toolkit compare``: two networks side by side."""

from __future__ import annotations

import argparse

from toolkit.cli.inputs import digits_for, open_network
from toolkit.cli.output import images_of, print_json, print_line, say
from toolkit.fits import SHELL, fits

_SHOWN = 8


def compare(arguments: argparse.Namespace) -> int:
    """Print what each of two networks reads, and which of their neurons differ most."""
    from toolkit.analysis import compare as compared

    digits = digits_for(arguments.digits, arguments.split)
    one, other = (open_network(name, digits) for name in (arguments.network, arguments.other))
    fit = fits(one, digits, SHELL)
    fit.check()
    if fit.share:
        say(fit.share)
    laid = fit.lay(digits)
    found = compared(one, other, laid)
    numbers = fit.numbers
    alone = [numbers[which].tolist() for which in (found.only_one, found.only_other)]
    furthest = found.furthest(_SHOWN)
    if arguments.json:
        print_json(
            {
                "digits": digits.name,
                "networks": [
                    {
                        "name": network.name,
                        "accuracy": score.accuracy,
                        "per_digit": score.per_digit.tolist(),
                        "right_alone": right,
                    }
                    for network, score, right in zip(
                        (one, other), (found.one, found.other), alone, strict=True
                    )
                ],
                "neurons": [
                    {"neuron": f"{layer}.{index}", "distance": distance}
                    for layer, index, distance in furthest
                ],
            }
        )
        return 0
    print_line(f"on {digits.name}, {images_of(len(laid), len(digits))}")
    for name, score, right in zip(
        (arguments.network, arguments.other), (found.one, found.other), alone, strict=True
    ):
        each = " ".join(f"{share:4.0%}" for share in score.per_digit)
        print_line(
            f"{name}: {score.accuracy:.2%}; of 0 to 9: {each}; alone right on {len(right):,}"
        )
    said = ", ".join(f"{layer}.{index} ({distance:.3g})" for layer, index, distance in furthest)
    print_line(f"neurons whose weights are furthest apart: {said or 'none, they are the same'}")
    return 0
