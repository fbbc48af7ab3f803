# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages of strangers become short plain lines, whatever is in them."""

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.mailstore import content, waiting
from plinth.modules.email.mailstore.waiting import WaitingMessage, id_of, plain_line, read_message

_LONG = 'x' * 5000


def read(head: bytes) -> WaitingMessage:
    """A message with such a head."""
    return read_message('0' * 32, head + b'\n\n', 0.0, 7)


@given(some.binary(max_size=400))
def test_any_head_is_read_as_plain_lines(head: bytes) -> None:
    for name in (b'Subject: ', b'From: ', b'X-FreedomBox-Author: ', b''):
        found = read(name + head)
        for text in (found.sender, found.subject, found.author):
            assert len(text) <= 200
            assert all(unicodedata.category(each)[0] != 'C' for each in text)
        assert WaitingMessage.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ('subject', 'shown'),
    [
        ('=?utf-8?q?Gr=C3=BC=C3=9Fe?=', 'Grüße'),
        ('=?utf-8?b?YQpiDWM=?=', 'a b c'),
        ('=?utf-8?q?pay=E2=80=AEfdp=2Eexe?=', 'pay fdp.exe'),
        (_LONG, f'{"x" * 199}…'),
        ('<script>alert(1)</script>', '<script>alert(1)</script>'),
    ],
)
def test_subjects(subject: str, shown: str) -> None:
    assert read(b'Subject: ' + subject.encode()).subject == shown


@pytest.mark.parametrize(
    ('head', 'author'),
    [
        (b'X-FreedomBox-Author: carol@outside.test', 'carol@outside.test'),
        (b'X-FreedomBox-Author: unverified', ''),
        (b'X-FreedomBox-Author: a@b.test\nX-FreedomBox-Author: carol@outside.test', ''),
        (b'From: carol@outside.test', ''),
    ],
)
def test_only_one_line_names_the_author(head: bytes, author: str) -> None:
    assert read(head).author == author


def test_a_message_keeps_its_name() -> None:
    assert id_of('1.M2.box,S=3,W=4') == id_of('1.M2.box,S=3,W=4:2,S')
    assert id_of('1.M2.box,S=3,W=4') != id_of('1.M2.box,S=3,W=5')
    assert plain_line('') == ''


def test_messages_wait_for_sixty_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, 'MAIL_ROOT', tmp_path)
    monkeypatch.setattr(waiting, 'LOCK', tmp_path / 'lock')
    folder = tmp_path / 'example.test/kid/freedombox-waiting/.Waiting/new'
    folder.mkdir(parents=True)
    for name, days in (('old', 61), ('young', 59)):
        (folder / name).write_bytes(b'Subject: x\n\n')
        os.utime(folder / name, (0, 10_000_000 - days * 86_400))
    assert waiting.expire(Mailbox('kid@example.test'), 10_000_000) == 1
    assert [each.name for each in folder.iterdir()] == ['young']
