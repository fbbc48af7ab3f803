# SPDX-License-Identifier: AGPL-3.0-or-later
"""The writer of a message chooses its label, and can neither hide nor plant the message by it."""

from collections.abc import Iterator

import pytest

from lab import settings
from tests.conftest import Host
from tests.integration import directory, mail

ALICE, BOB = settings.USERS
LEDGER = f'labelled@{settings.DOMAINS[0]}'


@pytest.fixture(autouse=True, scope='module')
def _labels(box: Host) -> Iterator[None]:
    """Have alice use folders for labels, and write to a shared mailbox."""
    box.run('freedombox-email', 'rules', 'labels', ALICE.address, 'on')
    with directory.mailbox(box, LEDGER):
        box.run('freedombox-email', 'members', 'set', LEDGER, ALICE.username, 'read,write')
        yield
    box.run('freedombox-email', 'rules', 'labels', ALICE.address, 'off')


@pytest.mark.parametrize(
    'label',
    ['Sent', 'sent', 'DRAFTS', 'Trash', 'junk', 'Sent/',
     f'Shared/{LEDGER}', f'shared/{LEDGER}/Sent',
     'freedombox-deleted/Messages', 'freedombox-waiting/Waiting'],
)  # fmt: skip
def test_a_label_leads_into_no_folder_of_other_use(box: Host, label: str) -> None:
    sent = mail.message(BOB.address, ALICE.address)
    with mail.submission(box.ip, BOB.username, BOB.password) as session:
        session.sendmail(BOB.address, f'"alice+{label}"@{ALICE.domain}', mail.as_sent(bytes(sent)))
    mail.wait_for(box.ip, ALICE, sent)
