# SPDX-License-Identifier: AGPL-3.0-or-later
"""Entries of the journal in its export format, in parts of any size and with any content."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from ..journal_export import ExportReader
from ..log_events import JournalEntry

START = 1_764_540_000.0


def field(name: bytes, content: bytes) -> bytes:
    """A field as journald writes it (export_format in systemd's documentation)."""
    is_plain = all(byte >= 32 or byte == 9 for byte in content) and _is_text(content)
    if is_plain:
        return name + b'=' + content + b'\n'
    return name + b'\n' + len(content).to_bytes(8, 'little') + content + b'\n'


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def exported(message: bytes, cursor: str = 's=1;i=2') -> bytes:
    """An entry with this text."""
    return (
        field(b'__CURSOR', cursor.encode()) + field(b'__REALTIME_TIMESTAMP', b'1764540000000000')
        + field(b'SYSLOG_IDENTIFIER', b'postfix/qmgr') + field(b'MESSAGE', message)
        + field(b'_PID', b'1') + b'\n'
    )  # fmt: skip


def read(parts: Sequence[bytes]) -> list[JournalEntry]:
    reader = ExportReader()
    return [entry for part in parts for entry in reader.take(part)]


def test_plain_entries() -> None:
    found = read([exported(b'one = 1') + exported(b'two', 'c')])
    assert found == [
        JournalEntry('one = 1', 'postfix/qmgr', START, 's=1;i=2'),
        JournalEntry('two', 'postfix/qmgr', START, 'c'),
    ]


def test_text_that_is_not_utf_8() -> None:
    assert [each.text for each in read([exported(b'caf\xe9')])] == ['caf\ufffd']


def test_content_cannot_be_taken_for_another_entry() -> None:
    inner = b'x\n\n' + exported(b'faked')
    found = read([exported(inner), exported(b'next')])
    assert [each.text for each in found] == [inner.decode(), 'next']


@given(st.lists(st.binary(max_size=60) | st.just(b'\n' * 10), max_size=5), st.data())
def test_any_content_in_any_parts(contents: list[bytes], data: st.DataObject) -> None:
    whole = b''.join(map(exported, contents))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    parts = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert [each.text for each in read(parts)] == [
        each.decode(errors='replace') for each in contents
    ]


@given(st.binary())
def test_anything_is_read(data: bytes) -> None:
    read([data])
