"""Arrays whose numbers an ONNX model keeps in a file beside it."""

from __future__ import annotations

from typing import Any

from toolkit.formats.beside import Beside, is_plain
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import check_size, quoted
from toolkit.formats.limits import Limits

_MOST_DIGITS = 15


class External:
    """The files beside a model, each read once.

    Parameters
    ----------
    beside : callable
        Returns the content of the file of a plain name, or None.
    where : str
        What to call the model in an error.
    limits : Limits
        ``file_bytes`` bounds all of them together.
    """

    def __init__(self, beside: Beside, where: str, limits: Limits) -> None:
        self._beside, self._where, self._limits = beside, where, limits
        self._files: dict[str, memoryview] = {}

    def content(self, tensor: Any, declared: int) -> memoryview:
        """Return an array's bytes.

        Parameters
        ----------
        tensor : onnx.TensorProto
        declared : int
            How many its shape and type ask for.

        Raises
        ------
        NetworkFileError
            If the file is missing or is not what the model says.
        """
        name = f"the array {quoted(tensor.name)}"
        said = {entry.key: entry.value for entry in tensor.external_data}
        location = said.get("location", "")
        if not is_plain(location):
            raise NetworkFileError(
                f"{self._where}: {name} is kept in another file, {quoted(location)}; only a file "
                "beside the model is read. Export the model in one file"
            )
        file = self._file(location, name)
        offset = self._number(said, "offset", name, 0)
        length = self._number(said, "length", name, len(file) - offset)
        if length != declared or offset + length > len(file):
            raise NetworkFileError(
                f"{self._where}: {name} should be {declared} bytes from {offset} of "
                f"{quoted(location)}; the model says {length}, and the file has {len(file)}. "
                "Give the two files that were exported together"
            )
        return file[offset : offset + length]

    def _file(self, location: str, name: str) -> memoryview:
        if location not in self._files:
            content = self._beside(location)
            if content is None:
                raise NetworkFileError(
                    f"{self._where}: {name} is kept in another file, {quoted(location)}, which is "
                    "not there. Give both: in one folder, or a zip archive of the two; or export "
                    "the model in one file: torch.onnx.export(..., external_data=False)"
                )
            held = sum(map(len, self._files.values()))
            check_size(held + len(content), f"{self._where} and what is beside it", self._limits)
            self._files[location] = memoryview(content)
        return self._files[location]

    def _number(self, said: dict[str, str], key: str, name: str, usual: int) -> int:
        text = said.get(key, "")
        if not text:
            return usual
        if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
            raise NetworkFileError(
                f"{self._where}: {name}: its {key} in the other file should be a whole number; "
                f"it is {quoted(text)}"
            )
        return int(text)
