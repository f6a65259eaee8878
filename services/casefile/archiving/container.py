"""The container of a package: a ZIP file of which there is one form only.

Nothing is compressed, every entry is written in the ZIP64 form, times are those of 1980, and there is neither a comment
nor anything before, between or behind. So the same entries give the same bytes, with any release, and a byte that is
another one is found. Whatever opens ZIP files opens it.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator

import msgspec

CHUNK = 64 * 1024

_ZIP64, _MADE_ON_UNIX = 45, 3 << 8
_UTF8 = 0x0800
_MIDNIGHT, _FIRST_DAY = 0, (1 << 5) | 1
_MODE = 0o100444 << 16
_BEYOND = 0xFFFFFFFF


class Entry(msgspec.Struct, frozen=True):
    """A file in the container."""

    name: str
    size: int
    crc: int


def entry(name: str, content: bytes) -> Entry:
    """The entry that a file makes."""
    return Entry(name, len(content), zlib.crc32(content))


def head(of: Entry) -> bytes:
    """What stands before the content."""
    name = of.name.encode()
    sizes = struct.pack("<HHQQ", 1, 16, of.size, of.size)
    return (
        struct.pack(
            "<4s5H3I2H", b"PK\3\4", _ZIP64, _UTF8, 0, _MIDNIGHT, _FIRST_DAY, of.crc, _BEYOND, _BEYOND,
            len(name), len(sizes),
        )
        + name
        + sizes
    )  # fmt: skip


def directory(entries: Iterable[Entry]) -> bytes:
    """What stands behind the last content: the list of all entries, and where it begins."""
    written, offset, count = [], 0, 0
    for each in entries:
        name = each.name.encode()
        extra = struct.pack("<HHQQQ", 1, 24, each.size, each.size, offset)
        written.append(
            struct.pack(
                "<4s6H3I5H2I", b"PK\1\2", _MADE_ON_UNIX | _ZIP64, _ZIP64, _UTF8, 0, _MIDNIGHT, _FIRST_DAY, each.crc,
                _BEYOND, _BEYOND, len(name), len(extra), 0, 0, 0, _MODE, _BEYOND,
            )
            + name
            + extra
        )  # fmt: skip
        offset += len(head(each)) + each.size
        count += 1
    listed = b"".join(written)
    end = struct.pack(
        "<4sQ2H2I4Q", b"PK\6\6", 44, _MADE_ON_UNIX | _ZIP64, _ZIP64, 0, 0, count, count, len(listed), offset
    )
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, offset + len(listed), 1)
    last = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, _BEYOND, _BEYOND, 0)
    return listed + end + locator + last


def written(parts: Iterable[tuple[Entry, Iterable[bytes]]]) -> Iterator[bytes]:
    """The container of these entries. Raises ValueError for a content that is not what its entry says."""
    entries = []
    for of, content in parts:
        entries.append(of)
        yield head(of)
        size, crc = 0, 0
        for chunk in content:
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
            yield chunk
        if (size, crc) != (of.size, of.crc):
            raise ValueError(of.name)
    yield directory(entries)
