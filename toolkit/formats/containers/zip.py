"""Zip archives, read strictly: what the directory declares is checked before anything unpacks.

Python's own reader forgives what a network's file never needs: members that
share bytes, data before, between or behind them, a directory that says another
name than the member's own header.  This one does not.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import check_size, mebibytes, quoted
from toolkit.formats.limits import LIMITS, Limits

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_END64_LOCATOR = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_HEADER = struct.Struct("<4s5H3L2H")

_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _DESCRIPTOR, _STRONG, _UTF8 = 0x1, 0x8, 0x40, 0x800
_IN_EXTRA16, _IN_EXTRA32 = 0xFFFF, 0xFFFFFFFF
_ZIP64_FIELD = 1
_MOST_COMMENT = 0xFFFF
_MOST_DESCRIPTOR = 24


@dataclass(frozen=True)
class Member:
    """One member as the directory declares it.

    Attributes
    ----------
    name : str
        For finding and for messages; never a path to open.
    size : int
        Unpacked, in bytes.
    """

    name: str
    size: int
    _packed: int
    _method: int
    _checksum: int
    _header_at: int
    _flags: int
    _raw_name: bytes


class Archive:
    """The members of a zip archive.

    Parameters
    ----------
    data : bytes
    where : str
        What to call the file in an error.
    limits : Limits

    Attributes
    ----------
    members : dict of str to Member
        In the directory's order.

    Raises
    ------
    NetworkFileError
        If it is damaged, encrypted, holds a name twice, bytes that belong to no member, or
        more than the limits allow.
    """

    def __init__(self, data: bytes, where: str, limits: Limits = LIMITS) -> None:
        check_size(len(data), where, limits)
        self._data = data
        self._where = where
        self._starts: dict[str, int] = {}
        count, size, at, end = self._find_directory()
        if count > limits.tensors:
            raise NetworkFileError(f"{where}: {count} members; at most {limits.tensors} are read")
        if size > limits.header_bytes:
            raise NetworkFileError(
                f"{where}: its list of members is far too long: {size >> 10} KiB; at most "
                f"{limits.header_bytes >> 10} KiB are read"
            )
        if at + size != end:
            raise self._damaged("its directory is not where its end says")
        members = self._read_directory(count, at, end)
        if len({member.name for member in members}) != len(members):
            raise NetworkFileError(f"{where}: expected every array once; two have one name")
        if any(member._flags & (_ENCRYPTED | _STRONG) for member in members):
            raise NetworkFileError(f"{where}: is encrypted; save it without a password")
        declared = sum(member.size for member in members)
        if declared > limits.decoded_bytes:
            raise NetworkFileError(
                f"{where}: would unpack to {mebibytes(declared)}; at most "
                f"{mebibytes(limits.decoded_bytes)} are read"
            )
        self._check_places(members, at)
        self.members = {member.name: member for member in members}

    def read(self, name: str) -> bytes:
        """Unpack one member.

        Parameters
        ----------
        name : str
            A key of `members`.

        Raises
        ------
        NetworkFileError
            If its content is not what the directory declares.
        """
        member = self.members[name]
        packed = self._packed(member)
        if member._method == _STORED:
            content = bytes(packed)
        else:
            unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                content = unpacker.decompress(packed, member.size + 1)
            except zlib.error as error:
                raise self._damaged(f"{quoted(name)}: {error}") from error
            if not unpacker.eof or unpacker.unused_data:
                raise self._damaged(f"{quoted(name)} is not the length that is declared")
        if len(content) != member.size or zlib.crc32(content) != member._checksum:
            raise self._damaged(f"{quoted(name)} is not what its length or checksum says")
        return content

    def head(self, name: str, count: int) -> bytes:
        """Unpack a member's first bytes; whether they are what was packed is for :meth:`read`.

        Raises
        ------
        NetworkFileError
            If they do not unpack.
        """
        member = self.members[name]
        packed = self._packed(member)
        if member._method == _STORED:
            return bytes(packed[:count])
        try:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, count)
        except zlib.error as error:
            raise self._damaged(f"{quoted(name)}: {error}") from error

    def _packed(self, member: Member) -> memoryview:
        start = self._starts[member.name]
        return memoryview(self._data)[start : start + member._packed]

    def _damaged(self, how: str) -> NetworkFileError:
        return NetworkFileError(
            f"{self._where}: damaged, or no zip archive ({how}); save or download it again"
        )

    def _find_directory(self) -> tuple[int, int, int, int]:
        """Return the members' number, and the directory's size, start and end."""
        data = self._data
        at = data.rfind(b"PK\x05\x06", max(0, len(data) - _END.size - _MOST_COMMENT))
        if at < 0 or at + _END.size > len(data):
            raise self._damaged("its end is missing")
        _, disk, first_disk, here, count, size, start, comment = _END.unpack_from(data, at)
        if at + _END.size + comment != len(data):
            raise self._damaged("data trails behind its end")
        if disk or first_disk or here != count:
            raise self._damaged("it is one part of several")
        end = at
        locator_at = at - _END64_LOCATOR.size
        if locator_at >= 0 and data[locator_at : locator_at + 4] == b"PK\x06\x07":
            _, _, end, _ = _END64_LOCATOR.unpack_from(data, locator_at)
            if end + _END64.size != locator_at or data[end : end + 4] != b"PK\x06\x06":
                raise self._damaged("its 64-bit end is not where its locator says")
            _, _, _, _, disk, first_disk, here, count64, size64, start64 = _END64.unpack_from(
                data, end
            )
            narrow = ((count, count64, _IN_EXTRA16), (size, size64, _IN_EXTRA32),
                      (start, start64, _IN_EXTRA32))  # fmt: skip
            if any(short not in (long, mark) for short, long, mark in narrow):
                raise self._damaged("its two ends contradict one another")
            count, size, start = count64, size64, start64
        return count, size, start, end

    def _read_directory(self, count: int, at: int, end: int) -> list[Member]:
        members = []
        data = self._data
        for _ in range(count):
            if at + _ENTRY.size > end or data[at : at + 4] != b"PK\x01\x02":
                raise self._damaged("its directory breaks off")
            entry = _ENTRY.unpack_from(data, at)
            flags, method, checksum = entry[3], entry[4], entry[7]
            sizes = [entry[9], entry[8], entry[16]]
            name_at = at + _ENTRY.size
            extra_at = name_at + entry[10]
            at = extra_at + entry[11] + entry[12]
            if at > end:
                raise self._damaged("its directory breaks off")
            size, packed, header_at = self._widen(sizes, data[extra_at : extra_at + entry[11]])
            raw_name = data[name_at:extra_at]
            try:
                name = raw_name.decode("utf-8")
            except UnicodeDecodeError:
                name = raw_name.decode("latin-1")
            if method not in (_STORED, _DEFLATED):
                raise NetworkFileError(
                    f"{self._where}: expected members stored or deflated; got another compression: "
                    f"{quoted(name)} is packed by method {method}"
                )
            members.append(Member(name, size, packed, method, checksum, header_at, flags, raw_name))
        if at != end:
            raise self._damaged("its directory holds more than it declares")
        return members

    def _widen(self, sizes: list[int], extra: bytes) -> list[int]:
        """Replace sizes that do not fit 32 bits by those of the 64-bit extra field."""
        wanting = [index for index, size in enumerate(sizes) if size == _IN_EXTRA32]
        at = 0
        while wanting and at + 4 <= len(extra):
            kind, length = struct.unpack_from("<2H", extra, at)
            if (
                kind == _ZIP64_FIELD
                and length >= 8 * len(wanting)
                and at + 4 + length <= len(extra)
            ):
                for index, value in zip(
                    wanting, struct.unpack_from(f"<{len(wanting)}Q", extra, at + 4), strict=True
                ):
                    sizes[index] = value
                return sizes
            at += 4 + length
        return sizes

    def _check_places(self, members: list[Member], directory_at: int) -> None:
        """Find where each member's data start; they must follow one another up to the directory."""
        data, expected, slack = self._data, 0, 0
        for member in sorted(members, key=lambda member: member._header_at):
            at = member._header_at
            if not expected <= at <= expected + slack:
                raise self._damaged(
                    f"{quoted(member.name)} overlaps another, or bytes before it are nobody's"
                )
            if at + _HEADER.size > directory_at or data[at : at + 4] != b"PK\x03\x04":
                raise self._damaged(f"{quoted(member.name)} is not where the directory says")
            header = _HEADER.unpack_from(data, at)
            start = at + _HEADER.size + header[9] + header[10]
            raw_name = data[at + _HEADER.size : at + _HEADER.size + header[9]]
            if raw_name != member._raw_name or header[3] != member._method:
                raise self._damaged(f"{quoted(member.name)} contradicts the directory")
            if member._method == _STORED and member._packed != member.size:
                raise self._damaged(f"{quoted(member.name)} is not the length that is declared")
            expected = start + member._packed
            slack = _MOST_DESCRIPTOR if member._flags & _DESCRIPTOR else 0
            if expected > directory_at:
                raise self._damaged(f"{quoted(member.name)} is longer than the file")
            self._starts[member.name] = start
        if not expected <= directory_at <= expected + slack:
            raise self._damaged("bytes before its directory are nobody's")
