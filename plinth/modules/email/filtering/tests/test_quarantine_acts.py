# SPDX-License-Identifier: AGPL-3.0-or-later
"""Decisions on messages in quarantine: only those there are, and once."""

from typing import Any

import pytest

from ...directory.mailbox import Mailbox
from ...errors import MailError
from ...mailstore import quarantine
from .. import quarantine_acts

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
