"""Reading a stranger's file in a process of its own, with bounds on memory and time.

The readers are written to be safe by themselves; this is the second wall, for a
server that must not slow down or fall over whatever it is handed.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from threading import BoundedSemaphore
from typing import Any

import numpy as np

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.limits import LIMITS
from toolkit.formats.meaning.reading import RawLayer, Reading
from toolkit.grid import Grid

SECONDS = 20
"""After which a reading is given up."""
MEMORY_BYTES = 2 << 30
"""Of address space, the interpreter and its libraries included."""

_AT_ONCE = BoundedSemaphore(2)
_COMMAND = ("-m", "toolkit.formats.apart")
_REFUSED = 3


def read_apart(data: bytes, where: str) -> Reading:
    """Read a file's bytes as :func:`toolkit.formats.read` does, in a child process.

    At most two run at once; a further one waits.

    Parameters
    ----------
    data : bytes
    where : str
        What to call the file in an error.

    Raises
    ------
    NetworkFileError
        If it cannot be read as a network, or takes too much memory or time.
    """
    if len(data) > LIMITS.file_bytes:
        raise NetworkFileError(
            f"{where}: {len(data) >> 20} MiB; at most {LIMITS.file_bytes >> 20} MiB are read"
        )
    command = [sys.executable, *_COMMAND, where]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with _AT_ONCE:
        try:
            done = subprocess.run(
                command, input=data, capture_output=True, timeout=SECONDS, env=environment
            )
        except subprocess.TimeoutExpired:
            raise NetworkFileError(f"{where}: took longer than {SECONDS} seconds to read") from None
    if done.returncode == _REFUSED:
        raise NetworkFileError(done.stderr.decode("utf-8", "replace").strip())
    if done.returncode:
        raise NetworkFileError(f"{where}: took more memory or time than a network's file may")
    return _unpack(done.stdout)


def _pack(reading: Reading) -> bytes:
    said = {
        "format": reading.format,
        "name": reading.name,
        "provenance": dict(reading.provenance),
        "notes": list(reading.notes),
        "input_map": reading.input_map,
        "layers": [
            {
                "activation": layer.activation,
                "inputs_first": layer.inputs_first,
                "name": layer.name,
                "grid": None if layer.grid is None else list(layer.grid),
                "biased": layer.biases is not None,
            }
            for layer in reading.layers
        ],
    }
    arrays: dict[str, Any] = {"said": np.frombuffer(json.dumps(said).encode(), np.uint8)}
    for number, layer in enumerate(reading.layers):
        arrays[f"weights_{number}"] = layer.weights
        if layer.biases is not None:
            arrays[f"biases_{number}"] = layer.biases
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _unpack(data: bytes) -> Reading:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        said = json.loads(arrays["said"].tobytes())
        layers = tuple(
            RawLayer(
                arrays[f"weights_{number}"],
                arrays[f"biases_{number}"] if layer["biased"] else None,
                layer["activation"],
                layer["inputs_first"],
                layer["name"],
                Grid(*layer["grid"]) if layer["grid"] else None,
            )
            for number, layer in enumerate(said["layers"])
        )
    mapped = said["input_map"]
    return Reading(
        said["format"],
        layers,
        said["name"],
        said["provenance"],
        tuple(said["notes"]),
        (mapped[0], mapped[1]) if mapped else None,
    )


def _bound_this_process() -> None:
    try:
        import resource
    except ImportError:  # not on Windows, where the time limit alone holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _child() -> int:
    from toolkit.formats import read

    _bound_this_process()
    where = sys.argv[1]
    try:
        answer = _pack(read(sys.stdin.buffer.read(), where))
    except NetworkFileError as error:
        print(error, file=sys.stderr)
        return _REFUSED
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(_child())
