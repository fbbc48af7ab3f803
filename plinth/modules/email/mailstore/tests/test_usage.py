# SPDX-License-Identifier: AGPL-3.0-or-later
"""Dovecot's notes on what mailboxes hold, also when they are damaged or no files."""

import os
import time
from pathlib import Path

import pytest

from plinth.modules.email.mailstore import usage
from plinth.modules.email.mailstore.usage import Usages, parse

NOTE = b'priv/quota/storage\n6000\npriv/quota/messages\n3\n'


@pytest.mark.parametrize(
    ('content', 'size'),
    [
        (NOTE, 6000),
        (b'priv/quota/messages\n3\npriv/quota/storage\n0\n', 0),
        (b'priv/quota/messages\npriv/quota/storage\n5\n', None),
        (b'priv/quota/storage\n-5\n', None),
        (b'priv/quota/storage\n', None),
        (b'', None),
        (b'\xff\0', None),
    ],
)
def test_a_note(content: bytes, size: int | None) -> None:
    assert parse(content) == size


def test_all_notes(tmp_path: Path) -> None:
    notes = Usages(tmp_path)
    assert notes.look() == {}
    (tmp_path / 'a@x.test').write_bytes(NOTE)
    (tmp_path / 'b@x.test').write_bytes(b'nonsense')
    (tmp_path / 'c@x.test').symlink_to(tmp_path / 'a@x.test')
    os.mkfifo(tmp_path / 'd@x.test')
    (tmp_path / 'e@x.test').mkdir()
    assert notes.look() == {'a@x.test': 6000}
    (tmp_path / 'a@x.test').write_bytes(NOTE.replace(b'6000', b'7000'))
    os.utime(tmp_path / 'a@x.test', ns=(1, 1))
    assert notes.look() == {'a@x.test': 7000}
    usage.forget('a@x.test', tmp_path)
    usage.forget('a@x.test', tmp_path)
    assert notes.look() == {}


def test_no_folder(tmp_path: Path) -> None:
    assert Usages(tmp_path / 'none').look() == {}


def test_a_note_takes_the_place_of_an_older_one_alone(tmp_path: Path) -> None:
    notes = Usages(tmp_path)
    usage.replace('a@x.test', 10, 1000, tmp_path)
    assert notes.look() == {'a@x.test': 10}, 'there was none'
    os.utime(tmp_path / 'a@x.test', ns=(999, 999))
    usage.replace('a@x.test', 20, 1000, tmp_path)
    assert notes.look() == {'a@x.test': 20}
    os.utime(tmp_path / 'a@x.test', ns=(1000, 1000))
    usage.replace('a@x.test', 30, 1000, tmp_path)
    assert Usages(tmp_path).look() == {'a@x.test': 20}, 'Dovecot wrote after it was asked'


def test_what_is_no_file_is_not_written_through(tmp_path: Path) -> None:
    target = tmp_path / 'other'
    target.write_bytes(b'kept')
    os.utime(target, ns=(1, 1))
    (tmp_path / 'notes').mkdir()
    (tmp_path / 'notes/a@x.test').symlink_to(target)
    (tmp_path / 'notes/b@x.test').mkdir()
    for name in ('a@x.test', 'b@x.test'):
        usage.replace(name, 5, time.time_ns() + 10**9, tmp_path / 'notes')
    assert target.read_bytes() == b'kept'
    assert Usages(tmp_path / 'notes').look() == {'a@x.test': 5}
