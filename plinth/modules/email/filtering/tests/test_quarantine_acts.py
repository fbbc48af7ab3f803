# SPDX-License-Identifier: AGPL-3.0-or-later
"""Decisions on messages in quarantine: only those there are, and once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ...directory.mailbox import Mailbox
from ...directory.sender_lists import SenderLists
from ...directory.verbs import spam_lists
from ...errors import MailError
from ...mailstore import quarantine
from ...mailstore.quarantine import Quarantine, QuarantinedMessage
from .. import quarantine_acts

START = datetime(2026, 12, 1, tzinfo=UTC)
ALICE = Mailbox('alice@example.test')


@pytest.fixture(name='done')
def fixture_done(monkeypatch: Any) -> list[str]:
    """The acts so far; a message is there until one on it."""
    done: list[str] = []

    def act(name: str) -> Any:
        def once(_mailbox: Mailbox, id_: str) -> None:
            if any(id_ in each for each in done):
                raise MailError('quarantine-missing')
            done.append(f'{name} {id_}')

        return once

    monkeypatch.setattr(quarantine, 'release', act('release'))
    monkeypatch.setattr(quarantine, 'delete', act('delete'))
    return done


def test_a_message_gone_meanwhile_keeps_no_other_back(done: list[str]) -> None:
    quarantine_acts.carry_out(None, ALICE, 'b' * 32, 'delete')  # type: ignore[arg-type]
    count = quarantine_acts.carry_out_all(
        None, ALICE, ['c' * 32, 'b' * 32, 'a' * 32, 'a' * 32], 'release'  # type: ignore[arg-type]
    )  # fmt: skip
    assert count == 2
    assert [each[:9] for each in done] == ['delete bb', 'release a', 'release c']


def test_only_a_proven_sender_is_allowed(done: list[str], monkeypatch: Any) -> None:
    """Of several messages none is moved if one sender is not."""
    allowed: list[str] = []

    def change(_store: object, _address: str, make: Any) -> None:
        allowed.extend(make(SenderLists()).allowed)

    heads = [
        QuarantinedMessage(each * 32, 'x', 'x', START, 1, author=author)
        for each, author in (('a', 'friend@b.test'), ('b', ''))
    ]
    monkeypatch.setattr(spam_lists, 'change_lists', change)
    monkeypatch.setattr(quarantine, 'look', lambda box: Quarantine(box.address, 2, tuple(heads)))
    by_id = {each.id: each for each in heads}
    monkeypatch.setattr(quarantine, 'find', lambda _mailbox, id_: by_id[id_])
    store: Any = None
    with pytest.raises(MailError) as caught:
        quarantine_acts.carry_out_all(store, ALICE, [each.id for each in heads], 'allow')
    assert caught.value.code == 'quarantine-unproven'
    with pytest.raises(MailError):
        quarantine_acts.carry_out(store, ALICE, 'b' * 32, 'allow')
    assert not done + allowed
    quarantine_acts.carry_out(store, ALICE, 'a' * 32, 'allow')
    assert (allowed, done) == (['friend@b.test'], [f'release {"a" * 32}'])


@pytest.mark.parametrize('decision', ['', 'know', 'Release', 'delete '])
def test_no_other_decision(done: list[str], decision: str) -> None:
    with pytest.raises(MailError, match='quarantine'):
        quarantine_acts.carry_out(None, ALICE, 'a', decision)  # type: ignore[arg-type]
    with pytest.raises(MailError, match='quarantine'):
        quarantine_acts.carry_out_all(None, ALICE, ['a' * 32], decision)  # type: ignore[arg-type]
    assert done == []


def test_no_more_than_a_page(done: list[str]) -> None:
    with pytest.raises(MailError, match='too long'):
        quarantine_acts.carry_out_all(
            None, ALICE, list(map(str, range(201))), 'delete'  # type: ignore[arg-type]
        )  # fmt: skip
    assert done == []


def test_no_other_text_names_a_message(done: list[str]) -> None:
    with pytest.raises(MailError, match='quarantine'):
        quarantine_acts.carry_out_all(
            None, ALICE, ['a' * 32, 'x'], 'delete'  # type: ignore[arg-type]
        )  # fmt: skip
    assert done == []
