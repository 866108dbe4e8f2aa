"""What one page shows: the neuron selected, the digit that goes in, the colours."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.digits import DigitSet, to_mnist_form
from toolkit.network import Network
from toolkit.palette import PALETTES
from toolkit.scoring import Score
from toolkit.studio.extras import check_wanted
from toolkit.studio.library import Laid
from toolkit.studio.notices import Notice

GAMMAS = (1.0, 0.5)
"""Exponents of brightness on offer: linear, and one that lifts small weights out of the dark."""
SHEET = (112, 112)
"""Rows and columns of the sheet that a person draws a digit on."""
_LONGEST_TITLE = 60


class View:
    """One page's view of an experiment.

    Parameters
    ----------
    network : Network
    laid : Laid
    seed : int
        For the random digits and noise it deals.
    """

    def __init__(self, network: Network, laid: Laid, seed: int = 0) -> None:
        self.palette = next(iter(PALETTES))
        self.gamma = 1.0
        self.selected = (1, 0)
        self.digit_class: int | None = None
        self.wanted: tuple[str, ...] = ()
        self._rng = np.random.default_rng(seed)
        self._laid = laid
        self._network = network
        self._show_digit(0)

    def lay(self, laid: Laid) -> None:
        """Show the digits of another set."""
        before, self._laid = self._laid, laid
        if laid is not before and laid.digits.checksum != before.digits.checksum:
            self._show_digit(0)

    def _show_digit(self, number: int) -> None:
        self.digit_index: int | None = number
        self.digit: NDArray[np.uint8] = self._laid.picture(number)
        self.digit_title: dict[str, Any] = {"code": "digit", "fields": {"index": number}}

    def _show_own(self, pixels: NDArray[np.uint8], code: str, **fields: str) -> None:
        self.digit_index, self.digit = None, pixels
        self.digit_title = {"code": code, "fields": fields}

    def _show_ink(self, ink: NDArray[np.float32], code: str, **fields: str) -> None:
        self._show_form(np.rint(to_mnist_form(ink) * 255).astype(np.uint8), code, **fields)

    def _show_form(self, form: NDArray[np.uint8], code: str, **fields: str) -> None:
        digit = DigitSet(form[None], np.zeros(1, np.uint8))
        self._show_own(digit.fitted(self._laid.digits.grid).pixels[0], code, **fields)

    @property
    def label(self) -> int | None:
        """Class of the digit shown, None for one that is from no set."""
        return None if self.digit_index is None else int(self._laid.whole.labels[self.digit_index])

    def arrange(self, asked: Mapping[str, Any]) -> list[Notice]:
        """Show what an address asks for, and return what in it could not be shown."""
        problems = []
        if "neuron" in asked:
            text = str(asked["neuron"])[:20]
            layer, _, index = text.partition(".")
            try:
                self.select(int(layer), int(index))
            except ValueError:
                problems.append(Notice("no-such-neuron", {"neuron": text}, "error"))
        if "digit" in asked:
            text = str(asked["digit"])[:20]
            try:
                self._pick_index(int(text))
            except ValueError:
                problems.append(Notice("no-such-digit", {"digit": text}, "error"))
        if "palette" in asked:
            try:
                self.set_palette(asked["palette"])
            except ValueError:
                fields = {"palette": str(asked["palette"])[:20], "known": list(PALETTES)}
                problems.append(Notice("no-such-palette", fields, "error"))
        if asked.get("gamma") in GAMMAS:
            self.gamma = float(asked["gamma"])
        if "wants" in asked:
            with contextlib.suppress(ValueError):  # no reason not to let a page in
                self.wanted = check_wanted(asked["wants"])
        return problems

    def select(self, layer: object, index: object) -> None:
        """Select neuron ``layer.index``; raises ValueError if there is none."""
        self._network.check_neuron(layer, index)  # type: ignore[arg-type]  # it checks
        self.selected = (int(layer), int(index))  # type: ignore[call-overload]

    def set_palette(self, name: object) -> None:
        """Use another palette; raises ValueError if there is none of that name."""
        if not isinstance(name, str) or name not in PALETTES:
            raise ValueError(f"palette: expected one of {', '.join(PALETTES)}; got {name!r:.60}")
        self.palette = name

    def do(self, item: Mapping[str, Any], score: Score) -> Notice | None:
        """Do what a letter about the view asks for.

        Parameters
        ----------
        item : mapping
            Of kind select, palette, want or digit.
        score : Score
            Which digits are read wrong now.

        Returns
        -------
        Notice or None
            Something to tell.

        Raises
        ------
        ValueError
            If it asks for what is not there.
        """
        match item["kind"]:
            case "select":
                self.select(item.get("layer", 0), item.get("neuron", 0))
            case "want":
                self.wanted = check_wanted(item.get("what"))
            case "palette":
                if "name" in item:
                    self.set_palette(item["name"])
                if "gamma" in item:
                    if isinstance(item["gamma"], bool) or item["gamma"] not in GAMMAS:
                        raise ValueError(
                            f"gamma: expected one of {GAMMAS}; got {item['gamma']!r:.40}"
                        )
                    self.gamma = float(item["gamma"])
            case _:
                return self._do_digit(item, score)
        return None

    def show_picture(self, form: NDArray[np.uint8], name: str) -> None:
        """Show a digit from a picture's file.

        Parameters
        ----------
        form : ndarray of uint8, shape (784,)
            The digit in MNIST's form.
        name : str
            The file's.
        """
        self._show_form(form, "picture", name=name[:_LONGEST_TITLE])

    def _pick_index(self, index: object) -> None:
        if isinstance(index, bool) or not isinstance(index, int):
            raise ValueError(f"digit: expected a whole number; got {index!r:.40}")
        count = self._laid.of
        if not 0 <= index < count:
            raise ValueError(f"digit: expected 0 to {count - 1:,}; got {index:,}")
        self._show_digit(index)

    def _do_digit(self, item: Mapping[str, Any], score: Score) -> Notice | None:
        how, which = item.get("how"), item.get("class")
        most = self._laid.whole.classes - 1
        if which is not None and (
            isinstance(which, bool) or not isinstance(which, int) or not 0 <= which <= most
        ):
            raise ValueError(f"class: expected 0 to {most}; got {which!r:.40}")
        match how:
            case "index":
                self._pick_index(item.get("index"))
            case "next" | "previous" | "random" | "wrong" | "class":
                self.digit_class = which
                return self._step(str(how), which, score)
            case "noise":
                noise = self._rng.integers(0, 256, self._network.sizes[0], dtype=np.uint8)
                self._show_own(noise, "noise")
            case "raw":
                rows, columns = self._laid.digits.grid
                self._show_own(_pixels(item.get("pixels"), (rows, columns)).ravel(), "drawing")
            case "drawing":
                sheet = _pixels(item.get("pixels"), SHEET)
                self._show_ink(sheet.astype(np.float32) / np.float32(255), "drawing")
            case _:
                raise ValueError(f"how: expected a way to pick a digit; got {how!r:.40}")
        return None

    def _step(self, how: str, which: int | None, score: Score) -> Notice | None:
        laid = self._laid
        pool = np.arange(laid.of) if which is None else laid.by_class[which]
        if not len(pool):
            return Notice("no-such-class", {"class": which})
        if how == "random":
            self._show_digit(int(self._rng.choice(pool)))
            return None
        if how == "wrong":
            if score.unscored:
                return Notice("refused", {"text": score.unscored})
            pool = np.intersect1d(laid.numbers[score.wrong], pool)
            if not len(pool):
                return Notice("all-right", {"class": which, "sample": len(laid.numbers) < laid.of})
        back = how == "previous"
        here = self.digit_index if self.digit_index is not None else -1
        at = int(np.searchsorted(pool, here, side="left" if back else "right"))
        self._show_digit(int(pool[(at - 1 if back else at) % len(pool)]))
        return None


def _pixels(data: object, shape: tuple[int, int]) -> NDArray[np.uint8]:
    if not isinstance(data, str):
        raise ValueError(f"drawing: expected its pixels as text; got {type(data).__name__}")
    try:
        raw = base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise ValueError("drawing: arrived damaged; draw it again") from error
    if len(raw) != shape[0] * shape[1]:
        raise ValueError(f"drawing: expected {shape[0]}×{shape[1]} pixels; got {len(raw)} bytes")
    return np.frombuffer(raw, np.uint8).reshape(shape)
