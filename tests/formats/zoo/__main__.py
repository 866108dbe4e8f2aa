"""``python -m tests.formats.zoo make|check|back|page FOLDER [PART …]``, or ``objects``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import warnings
from importlib import import_module
from pathlib import Path

PARTS = ("torch", "keras", "onnx", "sklearn", "plain", "tensorflow")


def _make(folder: Path, parts: list[str]) -> int:
    os.environ["ZOO"] = str(folder)
    os.environ["KERAS_BACKEND"] = "tensorflow" if parts == ["tensorflow"] else "torch"
    if len(parts) != 1:  # each in a process of its own: not all frameworks get on with one another
        command = [sys.executable, "-m", "tests.formats.zoo", "make", str(folder)]
        return max(subprocess.run([*command, part]).returncode for part in parts or PARTS)
    from tests.formats.zoo.pen import Zoo

    began = time.monotonic()
    zoo = Zoo(folder, parts[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_module(f"tests.formats.zoo.{parts[0]}_files").make(zoo)
    zoo.write()
    print(f"{parts[0]}: {len(zoo.animals)} files, {time.monotonic() - began:.0f} s", flush=True)
    return 0


def main() -> int:
    """Run what the command line asks for."""
    if len(sys.argv) > 2 and sys.argv[1] in ("make", "check", "back", "page"):
        folder, parts = Path(sys.argv[2]), sys.argv[3:]
        if sys.argv[1] == "make":
            return _make(folder, parts)
        return int(import_module(f"tests.formats.zoo.{sys.argv[1]}").main(folder, parts))
    if sys.argv[1:] == ["objects"]:
        return int(import_module("tests.formats.zoo.objects").main())
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
