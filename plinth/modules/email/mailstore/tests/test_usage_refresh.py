# SPDX-License-Identifier: AGPL-3.0-or-later
"""Storage used as Dovecot tells it, summed by mailbox."""

from plinth.modules.email.mailstore.usage_refresh import sums


def test_folders_of_a_mailbox_count_together() -> None:
    rows = [
        {'username': 'a@x.test', 'mailbox': 'INBOX', 'vsize': '10'},
        {'username': 'b@x.test', 'mailbox': 'INBOX', 'vsize': '0'},
        {'username': 'a@x.test', 'mailbox': 'Junk', 'vsize': '5'},
    ]
    assert sums(rows) == {'a@x.test': 15, 'b@x.test': 0}
    assert sums([]) == {}
