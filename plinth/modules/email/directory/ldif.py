# SPDX-License-Identifier: AGPL-3.0-or-later
"""LDIF (RFC 2849): entries as text, read as nothing but data.

A file may come from a stranger: of the format only records with content are taken. What would
make a tool act is refused: changes, controls, and values to be fetched from a URL.

DIAGNOSTICS
    ldif-invalid   not LDIF, or more than content; the detail names the line
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..errors import MailError

LONGEST_VALUE = 64 * 1024
_NAME = re.compile(r'[A-Za-z][A-Za-z0-9-]{0,63}')
_ACTING = frozenset({'changetype', 'control', 'newrdn', 'newsuperior', 'deleteoldrdn'})


@dataclass(frozen=True)
class LdifRecord:
    """One entry: its name and the values of its attributes, in the order of the file."""

    dn: str
    attributes: tuple[tuple[str, bytes], ...]

    def values(self, name: str) -> tuple[bytes, ...]:
        """The values of an attribute; names of attributes know no case."""
        return tuple(value for key, value in self.attributes if key.lower() == name.lower())

    @property
    def classes(self) -> frozenset[str]:
        """The entry's object classes in small letters."""
        return frozenset(
            value.decode('ascii', 'replace').lower() for value in self.values('objectClass')
        )


def _refuse(line: int, why: str) -> MailError:
    return MailError('ldif-invalid', f'line {line}: {why}')  # fmt: skip


def _unfolded(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, whole, with their numbers."""
    number, parts = 0, ['']
    for place, line in enumerate(lines, 1):
        if line.startswith(' ') and place > 1:
            parts.append(line[1:])
            continue
        yield number, ''.join(parts)
        number, parts = place, [line]
    yield number, ''.join(parts)


def _value(number: int, line: str) -> tuple[str, bytes]:
    """The attribute and the value of one line."""
    name, colon, rest = line.partition(':')
    if not colon or not _NAME.fullmatch(name) or rest.startswith('<'):
        raise _refuse(number, 'no attribute with a value')
    if name.lower() in _ACTING:
        raise _refuse(number, f'{name} is more than content')
    encoded = rest.startswith(':')
    try:
        value = base64.b64decode(rest[1:].strip(), validate=True) if encoded else rest.lstrip(' ')
    except (binascii.Error, ValueError) as error:
        raise _refuse(number, 'broken base64') from error
    data = value if isinstance(value, bytes) else value.encode()
    if len(data) > LONGEST_VALUE:
        raise _refuse(number, f'a value of {len(data)} bytes')
    return name, data


def _record(pairs: Sequence[tuple[str, bytes]], number: int) -> LdifRecord:
    name, value = pairs[0]
    if name.lower() != 'dn' or any(key.lower() == 'dn' for key, _value in pairs[1:]):
        raise _refuse(number, 'a record begins with its one dn')
    try:
        return LdifRecord(value.decode(), tuple(pairs[1:]))
    except UnicodeDecodeError as error:
        raise _refuse(number, 'a name that is not UTF-8') from error


def parse(data: bytes) -> Iterator[LdifRecord]:
    """Yield the records of a file. Raises MailError at the first that is not plain content."""
    try:
        lines = data.decode().split('\n')
    except UnicodeDecodeError as error:
        raise _refuse(0, 'not UTF-8') from error
    pairs: list[tuple[str, bytes]] = []
    for number, line in (*_unfolded([each.removesuffix('\r') for each in lines]), (0, '')):
        if not line:
            if pairs:
                yield _record(pairs, number)
            pairs = []
        elif not line.startswith('#') and (pairs or line.rstrip() != 'version: 1'):
            pairs.append(_value(number, line))
