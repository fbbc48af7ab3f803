# SPDX-License-Identifier: AGPL-3.0-or-later
"""Archives of strangers unpacked: one file, gzip or zip, of bounded size in bounded time.

The zip format is read from its front, where the one file of a report is; folders and what
macOS adds to each file are passed over. The directory at its end, which can promise millions
of files, is never believed.

DIAGNOSTICS
    report-too-big   the packed file is larger than any honest report
    report-bomb      it would grow past the limit, or shrinks as no text does
    report-many      more than one file is in it
    report-garbage   it is cut off, damaged or encrypted
"""

import struct
import zlib
from dataclasses import dataclass

from .reject_reason import refuse

MOST_PACKED = 2 * 1024 * 1024
MOST_UNPACKED = 4 * 1024 * 1024
HARMLESS = 256 * 1024
"""A file this small may be as repetitive as it likes."""
MOST_RATIO = 300

MOST_ENTRIES = 10
"""Entries of a zip that are looked at."""

_GZIP, _ZIP = b'\x1f\x8b', b'PK\x03\x04'
_FILLING = b'\0 \t\r\n'
"""Bytes that mail programs and tape blocks leave behind a file."""
_PLAIN = (b'<', b'{')
_MARKS = (b'\xef\xbb\xbf', b'\xff\xfe', b'\xfe\xff')
"""Byte order marks of UTF-8 and UTF-16."""
_DESCRIPTOR = b'PK\x07\x08'
_ZIP_HEAD = struct.Struct('<4s5H3L2H')
_ENCRYPTED, _SIZE_FOLLOWS = 0x1, 0x8
_STORED, _DEFLATED = 0, 8


def is_packed(data: bytes) -> bool:
    """Whether data looks like one of the packed forms reports come in."""
    return data.startswith((_GZIP, _ZIP))


def is_plain(data: bytes) -> bool:
    """Whether data looks like XML or JSON, in UTF-8 or UTF-16."""
    start = data[:64].lstrip()
    for mark in _MARKS:
        start = start.removeprefix(mark)
    return start.lstrip(b' \t\r\n\0').startswith(_PLAIN)


def unpack(data: bytes) -> bytes:
    """The one file in packed data, or data that is not packed as it is."""
    if len(data) > (MOST_PACKED if is_packed(data) else MOST_UNPACKED):
        raise refuse('report-too-big', f'{len(data)} bytes')
    if data.startswith(_GZIP):
        text, rest = _inflate(data, 16 + zlib.MAX_WBITS)
        if rest.strip(_FILLING):
            raise refuse('report-many', 'something follows the packed file')
        return text
    return _unzip(data) if data.startswith(_ZIP) else data


def _inflate(data: bytes, form: int) -> tuple[bytes, bytes]:
    """The content of one stream, and the bytes behind it."""
    stream = zlib.decompressobj(form)
    try:
        text = stream.decompress(data, MOST_UNPACKED + 1)
    except zlib.error as error:
        raise refuse('report-garbage', str(error)) from error
    if len(text) > max(HARMLESS, min(MOST_UNPACKED, MOST_RATIO * len(data))):
        raise refuse('report-bomb', f'{len(data)} bytes unpack to {len(text)} and more')
    if not stream.eof:
        raise refuse('report-garbage', 'the packed file is cut off')
    return text, stream.unused_data


@dataclass(frozen=True)
class _Entry:
    """One entry of a zip, read from its local header (APPNOTE.TXT, 4.3.7)."""

    flags: int
    method: int
    size: int
    name: bytes

    @property
    def is_filling(self) -> bool:
        """Whether it is a folder, or a file of macOS beside another."""
        path, _, last = self.name.rpartition(b'/')
        return not last or path.split(b'/')[0] == b'__MACOSX' or last == b'.DS_Store'


def _entry(data: bytes) -> tuple[_Entry, bytes]:
    """The first entry of a zip, and the bytes after its header."""
    try:
        head = _ZIP_HEAD.unpack_from(data)
    except struct.error as error:
        raise refuse('report-garbage', str(error)) from error
    end = _ZIP_HEAD.size + head[9]
    return _Entry(head[2], head[3], head[7], data[_ZIP_HEAD.size : end]), data[end + head[10] :]


def _content(entry: _Entry, body: bytes) -> tuple[bytes, bytes]:
    """The content of an entry, and the bytes behind it."""
    if entry.method == _STORED and entry.name.endswith(b'/'):
        return b'', body
    if entry.method == _DEFLATED and not entry.flags & _ENCRYPTED:
        return _inflate(body, -zlib.MAX_WBITS)
    stored = not entry.flags & (_ENCRYPTED | _SIZE_FOLLOWS)
    if entry.method == _STORED and stored and entry.size <= len(body):
        return body[: entry.size], body[entry.size :]
    raise refuse('report-garbage', f'a zip of a kind no report comes in ({entry.method})')


def _next(rest: bytes) -> bytes:
    """A zip from its next entry on; a length may stand before it (4.3.9)."""
    behind = rest.removeprefix(_DESCRIPTOR)
    for length in (0, 12, 20):
        if behind[length : length + len(_ZIP)] == _ZIP:
            return behind[length:]
    return b''


def _unzip(data: bytes) -> bytes:
    """The one file of a zip."""
    found: list[bytes] = []
    for _number in range(MOST_ENTRIES):
        entry, body = _entry(data)
        text, rest = _content(entry, body)
        if not entry.is_filling:
            found.append(text)
        data = _next(rest)
        if len(found) > 1 or not data:
            break
    if len(found) != 1 or data:
        raise refuse('report-many', f'{len(found)} files in the zip, or many entries')
    return found[0]
