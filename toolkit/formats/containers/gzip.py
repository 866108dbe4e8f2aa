"""Gzip, unpacked whole and no further than the limits allow."""

from __future__ import annotations

import zlib

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import mebibytes
from toolkit.formats.limits import LIMITS, Limits

MAGIC = b"\x1f\x8b"


def unzipped(data: bytes, where: str, limits: Limits = LIMITS) -> bytes:
    """Unpack gzip, up to what a file may have.

    Raises
    ------
    NetworkFileError
        If it is damaged, too large, or followed by other data.
    """
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        content = unpacker.decompress(data, limits.file_bytes + 1)
    except zlib.error as error:
        raise NetworkFileError(f"{where}: damaged gzip ({error}); download it again") from error
    if len(content) > limits.file_bytes:
        raise NetworkFileError(
            f"{where}: would unpack to more than {mebibytes(limits.file_bytes)}, which is the "
            "most that is read"
        )
    if not unpacker.eof:
        raise NetworkFileError(f"{where}: damaged gzip (it breaks off); download it again")
    if unpacker.unused_data:
        raise NetworkFileError(f"{where}: data trails behind the gzip's end; save it again")
    return content
