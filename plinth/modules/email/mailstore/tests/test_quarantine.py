# SPDX-License-Identifier: AGPL-3.0-or-later
"""Heads of messages in quarantine, which strangers wrote, and hashes that name them."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.errors import MailError
from plinth.modules.email.mailstore import quarantine
from plinth.modules.email.system import programs
from plinth.modules.email.system.programs import Ran

ALICE = Mailbox('alice@example.test')
ROW = {
    'uid': '7', 'guid': '17.M1.box', 'date.saved.unixtime': '1796046950',
    'hdr.subject.utf8': '<b>\u202e\r\nRelease: x', 'hdr.from.utf8': 'y' * 900,
    'size.virtual': '105', 'hdr.x-freedombox-undecided': '7.9 6.0',
    'hdr.x-freedombox-author': 'friend@b.test',
}  # fmt: skip


def answering(monkeypatch: Any, *rows: dict[str, str], code: int = 0) -> list[Sequence[str]]:
    """The commands that Dovecot is asked; it answers each with these messages."""
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str], **_options: Any) -> Ran:
        commands.append(command)
        return Ran(code, json.dumps(rows) if rows else '', '')

    monkeypatch.setattr(programs, 'run', run)
    return commands


def test_a_head_is_one_plain_line(monkeypatch: Any) -> None:
    answering(monkeypatch, ROW)
    (message,) = quarantine.look(ALICE).messages
    assert message.subject == '<b> Release: x'
    assert len(message.sender) == 200
    assert message.id == quarantine.id_of('17.M1.box')
    assert (message.points, message.likely) == ('7.9', '6.0')
    assert message.author == 'friend@b.test'


@pytest.mark.parametrize('text', ['', '7.9', '7.9 6.0 5.0', 'a b', '7.9 6.0\n1', '99999.9 6.0'])
def test_points_are_two_numbers_or_unknown(monkeypatch: Any, text: str) -> None:
    answering(monkeypatch, {**ROW, 'hdr.x-freedombox-undecided': text})
    (message,) = quarantine.look(ALICE).messages
    assert (message.points, message.likely) == ('', '')


@pytest.mark.parametrize('note', ['', 'unverified'])
def test_a_sender_that_is_not_proven_is_none(monkeypatch: Any, note: str) -> None:
    answering(monkeypatch, {**ROW, 'hdr.x-freedombox-author': note})
    (message,) = quarantine.look(ALICE).messages
    assert message.author == ''


def test_a_mailbox_without_the_folder_has_none(monkeypatch: Any) -> None:
    answering(monkeypatch, code=68)
    assert quarantine.look(ALICE) == quarantine.Quarantine(ALICE.address, 0, ())


@pytest.mark.parametrize('id_', ['', 'x' * 32, '../../etc/passwd', 'a' * 32, 'a' * 33])
def test_no_other_text_names_a_message(monkeypatch: Any, id_: str) -> None:
    answering(monkeypatch, ROW)
    with pytest.raises(MailError) as found:
        quarantine.find(ALICE, id_)
    assert found.value.code == 'quarantine-missing'


def test_a_mailbox_that_is_off(monkeypatch: Any) -> None:
    asked = answering(monkeypatch, ROW)
    with pytest.raises(MailError, match='turned off'):
        quarantine.look(Mailbox('alice@example.test', enabled=False))
    assert asked == []
