# SPDX-License-Identifier: AGPL-3.0-or-later
"""Unpack what strangers packed: one file, gzip or zip, of bounded size in bounded time.

The zip format is read from its front, where the one file of a report is. The directory at
its end, which can promise millions of files, is never believed.

DIAGNOSTICS
    report-too-big   the packed file is larger than any honest report
    report-bomb      it would grow past the limit, or shrinks as no text does
    report-many      more than one file is in it
    report-garbage   it is cut off, damaged or encrypted
"""

import struct
import zlib

from .refusal import refuse

MOST_PACKED = 2 * 1024 * 1024
MOST_UNPACKED = 4 * 1024 * 1024
HARMLESS = 256 * 1024
"""A file this small may be as repetitive as it likes."""
MOST_RATIO = 300

_GZIP, _ZIP = b'\x1f\x8b', b'PK\x03\x04'
_ZIP_HEAD = struct.Struct('<4s5H3L2H')
_ENCRYPTED, _SIZE_FOLLOWS = 0x1, 0x8
_STORED, _DEFLATED = 0, 8


def is_packed(data: bytes) -> bool:
    """Return whether data looks like one of the packed forms reports come in."""
    return data.startswith((_GZIP, _ZIP))


def unpack(data: bytes) -> bytes:
    """Return the one file in packed data, or data that is not packed as it is."""
    if len(data) > (MOST_PACKED if is_packed(data) else MOST_UNPACKED):
        raise refuse('report-too-big', f'{len(data)} bytes')
    if data.startswith(_GZIP):
        text, rest = _inflate(data, 16 + zlib.MAX_WBITS)
        if rest.strip(b'\0'):
            raise refuse('report-many', 'something follows the packed file')
        return text
    return _unzip(data) if data.startswith(_ZIP) else data


def _inflate(data: bytes, form: int) -> tuple[bytes, bytes]:
    """Return what one stream unpacks to, and the bytes behind it."""
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


def _unzip(data: bytes) -> bytes:
    """Return the one file of a zip."""
    try:
        head = _ZIP_HEAD.unpack_from(data)
    except struct.error as error:
        raise refuse('report-garbage', str(error)) from error
    flags, method, size, name, extra = head[2], head[3], head[7], head[9], head[10]
    body = data[_ZIP_HEAD.size + name + extra :]
    if method == _DEFLATED and not flags & _ENCRYPTED:
        text, rest = _inflate(body, -zlib.MAX_WBITS)
    elif method == _STORED and not flags & (_ENCRYPTED | _SIZE_FOLLOWS) and size <= len(body):
        text, rest = body[:size], body[size:]
    else:
        raise refuse('report-garbage', f'a zip of a kind no report comes in ({method})')
    if _ZIP in rest:
        raise refuse('report-many', 'more than one file in the zip')
    return text
