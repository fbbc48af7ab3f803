# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages that were moved are taught in their order, each into the memory of its mailbox."""

import os
from pathlib import Path

import pytest

from ...errors import MailError
from .. import learning
from ..learning import Kind, Lesson

ALICE, BOB = 'alice@a.test', 'bob@a.test'
MEMORIES = {ALICE: 'a' * 32, BOB: 'b' * 32}


class Pupil:
    """A filter that notes its lessons, and gives no answer to some of them."""

    def __init__(self, *deaf_to: bytes) -> None:
        self.deaf_to = deaf_to
        self.taught: list[tuple[Kind, bytes, str]] = []

    def __call__(self, kind: Kind, message: bytes, memory: str) -> bool:
        if message in self.deaf_to:
            raise MailError('rspamd-down')
        self.taught.append((kind, message, memory))
        return True


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    for kind in learning.KINDS:
        (tmp_path / kind).mkdir()
    return tmp_path


def _put(spool: Path, moment: int, kind: Kind, address: str, message: bytes) -> Path:
    path = spool / kind / f'{moment}'
    path.write_bytes(address.encode() + b'\n' + message)
    os.utime(path, ns=(moment, moment))
    return path


def _learn(spool: Path, pupil: Pupil) -> bool:
    return learning.learn_moved(learning.waiting(spool), MEMORIES, pupil)


def test_each_is_taught_to_the_memory_of_its_mailbox(spool: Path) -> None:
    _put(spool, 2, 'spam', BOB, b'two')
    _put(spool, 1, 'ham', ALICE, b'one')
    pupil = Pupil()
    assert _learn(spool, pupil)
    assert pupil.taught == [('ham', b'one', 'a' * 32), ('spam', b'two', 'b' * 32)]
    assert not learning.waiting(spool)


def test_later_moves_wait_for_the_first_one(spool: Path) -> None:
    """But only those of the same message in the same mailbox."""
    _put(spool, 1, 'spam', ALICE, b'one')
    _put(spool, 2, 'ham', ALICE, b'one')
    _put(spool, 3, 'ham', BOB, b'two')
    pupil = Pupil(b'one')
    assert not _learn(spool, pupil)
    assert pupil.taught == [('ham', b'two', 'b' * 32)]
    assert [path.name for path in learning.waiting(spool)] == ['1', '2']


def test_a_move_waits_for_earlier_ones_of_its_own_mailbox_only(spool: Path) -> None:
    _put(spool, 1, 'spam', ALICE, b'one')
    _put(spool, 2, 'ham', BOB, b'one')
    pupil = Pupil()

    def forgetful(kind: Kind, message: bytes, memory: str) -> bool:
        if memory == MEMORIES[ALICE]:
            raise MailError('rspamd-down')
        return pupil(kind, message, memory)

    assert not learning.learn_moved(learning.waiting(spool), MEMORIES, forgetful)
    assert pupil.taught == [('ham', b'one', MEMORIES[BOB])]


@pytest.mark.parametrize('address', ['', 'gone@a.test', 'Return-Path: <a@b.test>', 'x' * 5000])
def test_a_message_of_no_mailbox_is_taught_to_no_one(spool: Path, address: str) -> None:
    _put(spool, 1, 'spam', address, b'one')
    pupil = Pupil()
    assert _learn(spool, pupil)
    assert not pupil.taught
    assert not learning.waiting(spool)


def test_the_message_begins_behind_the_first_line(spool: Path) -> None:
    path = _put(spool, 1, 'ham', ALICE, b'Subject: \xff\r\n\r\nText\n')
    assert Lesson.read(path).message == b'Subject: \xff\r\n\r\nText\n'


@pytest.mark.parametrize('memory', ['', 'none', '*' * 32])
def test_nothing_is_taught_without_the_name_of_a_memory(memory: str) -> None:
    """Rspamd would take the shared one, or one with the address of a recipient."""
    with pytest.raises(MailError) as caught:
        learning.teach('spam', b'one', memory)
    assert caught.value.code == 'memory-invalid'
