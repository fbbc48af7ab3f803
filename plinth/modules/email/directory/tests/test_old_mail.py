# SPDX-License-Identifier: AGPL-3.0-or-later
"""Days after which old mail is deleted: a mailbox before its domain before the usual ones."""

import pytest

from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.old_mail import MOST_DAYS, USUAL, effective_days, normal_days
from plinth.modules.email.errors import MailError


def test_the_nearest_days_hold() -> None:
    mailbox = Mailbox('a@example.test', trash_days='7')
    domain = Domain('example.test', trash_days='9', junk_days='never')
    assert effective_days('trash_days', mailbox, domain) == 7
    assert effective_days('junk_days', mailbox, domain) == 0
    assert effective_days('junk_days', mailbox, None) == int(USUAL['junk_days'])


@pytest.mark.parametrize(
    ('text', 'stored'),
    [('7', '7'), (' 030 ', '30'), ('Never', 'never'), ('', ''), ('3650', '3650')],
)
def test_days(text: str, stored: str) -> None:
    assert normal_days(text) == stored


@pytest.mark.parametrize('text', ['0', '-1', '1.5', '٣', '²', str(MOST_DAYS + 1), 'all', '30d'])
def test_no_days(text: str) -> None:
    with pytest.raises(MailError, match=str(MOST_DAYS)):
        normal_days(text)


def test_entries_hold_only_what_is_normal() -> None:
    with pytest.raises(MailError):
        Domain('example.test', trash_days='007')
