# SPDX-License-Identifier: AGPL-3.0-or-later
"""Full-text search finds words in bodies, and delivery does not pay for it."""

import uuid

from lab import settings
from lab.host import wait_for
from tests.conftest import Host

from . import mail

BOB = settings.USERS[1]
CAROL = settings.OUTSIDE_USERS[0]
INDEX = f'/var/vmail/{BOB.domain}/{BOB.username}/Maildir/fts-flatcurve'


def _index(box: Host) -> str:
    """Return which index files there are, and when they were written."""
    return box.run('find', INDEX, '-type', 'f', '-printf', '%p %T@ %s\\n', check=False)


def test_a_word_in_a_body_is_found_and_was_not_indexed_at_delivery(box: Host) -> None:
    word = f'needle{uuid.uuid4().hex}'
    sent = mail.message(CAROL.address, BOB.address, f'Some hay, the {word}, more hay.\n')
    before = _index(box)
    mail.deliver(box.ip, sent)
    wait_for('the queue to be empty', lambda: not mail.waiting(box, CAROL.address), 20)
    assert _index(box) == before
    with mail.mailbox(box.ip, BOB.username, BOB.password) as session:
        session.select('INBOX', readonly=True)
        assert len(session.search(None, 'BODY', word)[1][0].split()) == 1
        assert session.search(None, 'BODY', word[::-1])[1][0] == b''
    assert _index(box) != before, 'the search did not use an index'
