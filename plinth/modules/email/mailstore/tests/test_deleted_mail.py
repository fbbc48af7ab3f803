# SPDX-License-Identifier: AGPL-3.0-or-later
"""Heads of deleted messages, which strangers wrote, and numbers that name them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.errors import MailError
from plinth.modules.email.mailstore import content, deleted_mail
from plinth.modules.email.system import programs
from plinth.modules.email.system.programs import Ran

ALICE = Mailbox('alice@example.test')
ROW = {
    'uid': '7', 'date.saved.unixtime': '1796046950', 'hdr.subject.utf8': '<b>\u202e\r\nx',
    'hdr.from.utf8': 'y' * 900, 'size.virtual': '105',
}  # fmt: skip


@pytest.fixture(name='asked')
def fixture_asked(tmp_path: Path, monkeypatch: Any) -> list[Sequence[str]]:
    """The commands that Dovecot is asked; it answers with one message."""
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str], **_options: Any) -> Ran:
        commands.append(command)
        return Ran(0, json.dumps([ROW]), '')

    monkeypatch.setattr(programs, 'run', run)
    monkeypatch.setattr(content, 'MAIL_ROOT', tmp_path)
    (tmp_path / 'example.test/alice/deleted').mkdir(parents=True)
    return commands


def test_a_head_is_one_plain_line(asked: list[Sequence[str]]) -> None:
    (message,) = deleted_mail.look(ALICE).messages
    assert message.uid == 7
    assert message.subject == '<b>   x'
    assert len(message.sender) == 200
    assert len(asked) == 2


def test_a_mailbox_without_deleted_mail_costs_nothing(asked: list[Sequence[str]]) -> None:
    assert deleted_mail.look(Mailbox('bob@example.test')).total == 0
    assert asked == []


def test_a_mailbox_that_is_off(asked: list[Sequence[str]]) -> None:
    with pytest.raises(MailError, match='turned off'):
        deleted_mail.look(Mailbox('alice@example.test', enabled=False))
    assert asked == []


@pytest.mark.parametrize('uids', [[0], [-1], [2**32], [*range(1, 600)]])
def test_numbers_that_name_no_message(uids: list[int], asked: list[Sequence[str]]) -> None:
    with pytest.raises(MailError):
        deleted_mail.restore(None, ALICE, uids)  # type: ignore[arg-type]
    assert asked == []
