# SPDX-License-Identifier: AGPL-3.0-or-later
"""Groups of mailboxes whose old mail is deleted by one program."""

from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.maintenance.old_mail_deletion import _groups, _query

DOMAINS = {'x.test': Domain('x.test', junk_days='5'), 'y.test': Domain('y.test')}
MAILBOXES = (
    Mailbox('a@x.test'),
    Mailbox('b@x.test', junk_days='never'),
    Mailbox('c@y.test'),
    Mailbox('d@y.test', junk_days='5'),
    Mailbox('e@gone.test'),
)


def test_mailboxes_with_the_same_days_are_together() -> None:
    assert _groups('junk_days', MAILBOXES, DOMAINS) == {
        5: ['a@x.test', 'd@y.test'], 30: ['c@y.test', 'e@gone.test'],
    }  # fmt: skip


def test_any_of_the_folders() -> None:
    assert _query(['Junk', 'Junk E-mail']) == [
        '(', 'mailbox', 'Junk', 'OR', 'mailbox', 'Junk E-mail', ')',
    ]  # fmt: skip
