# SPDX-License-Identifier: AGPL-3.0-or-later
"""Dovecot's notes on what mailboxes hold, also when they are damaged or no files."""

import os
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
