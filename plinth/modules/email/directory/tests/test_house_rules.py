# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rules of mailboxes, each with a sentence."""

import dataclasses

from plinth.modules.email.directory.guard import Guard
from plinth.modules.email.directory.house_rules import rules_of
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.words.house_rules import english

ALICE = '01234567-89ab-cdef-0123-456789abcdef'
PLAIN = Mailbox('kid@example.test')


def _said(mailbox: Mailbox) -> list[str]:
    return [english(each.kind, dict(each.params)) for each in rules_of(mailbox, {ALICE: 'alice'})]


def test_a_mailbox_without_rules_has_none() -> None:
    assert _said(PLAIN) == []


def test_a_guard_in_words() -> None:
    guard = Guard((ALICE,), ('a@b.test',), True, True, ('password',), ('1 15:00-19:00',))
    assert _said(dataclasses.replace(PLAIN, **guard.fields())) == [  # type: ignore[arg-type]
        'Guardians: alice',
        'Gets mail from 1 known correspondent and users of this server only',
        'Can send to 1 known correspondent and users of this server only',
        'Open on Monday: 15:00-19:00',
        "The user can't forward mail",
        "The user can't change filters",
    ]


def test_other_rules_in_words() -> None:
    mailbox = dataclasses.replace(
        PLAIN, forwards=tuple(f'{each}@b.test' for each in 'abcdefg'), forwarding=True,
        recipients_day=2, quota='1 GB', closed='Back on Monday.',
    )  # fmt: skip
    assert _said(mailbox) == [
        'A copy of all mail goes to a@b.test, b@b.test, c@b.test, d@b.test, e@b.test, …',
        'Can forward to other mail servers',
        'At most 2 recipients a day',
        'Quota: 1 GB',
        'Logins are rejected: “Back on Monday.”',
    ]
