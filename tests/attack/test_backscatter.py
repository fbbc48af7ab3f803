# SPDX-License-Identifier: AGPL-3.0-or-later
"""No message reaches a person in whose name another one wrote: nothing is returned to them."""

import smtplib
from collections.abc import Iterator

import pytest

from lab import dns, life, settings
from lab.settings import LabUser
from tests.conftest import Host
from tests.integration import directory, mail, senders
from tests.integration.managesieve import ManageSieve
from tests.integration.test_forwards import bring

ALICE, BOB = settings.USERS
CAROL, VICTIM = settings.OUTSIDE_USERS
SILENT, OTHER = 'silent.test', 'other.test'


def test_strangers_get_no_notice_of_success(box: Host) -> None:
    with smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=30) as session:
        session.ehlo()
        assert not session.has_extn('dsn')
        session.mail(VICTIM.address)
        assert session.rcpt(BOB.address, ['NOTIFY=SUCCESS'])[0] >= 500


def test_users_get_notices_of_success(box: Host) -> None:
    with mail.submission(box.ip, ALICE.username, ALICE.password) as session:
        assert session.has_extn('dsn')


@pytest.fixture(name='picky', scope='module')
def fixture_picky(box: Host) -> Iterator[LabUser]:
    """A mailbox whose script refuses all, and domains that allow no server to send for them."""
    dns.publish([*life.zones(), senders.zone(SILENT, spf=''), senders.zone(OTHER, spf='')])
    with directory.mailbox(box, f'picky@{ALICE.domain}') as user, ManageSieve(box.ip) as session:
        session.starttls()
        session.login(user.address, user.password)
        session.put('picky', 'require "reject"; reject "Not now.";')
        session.activate('picky')
        yield LabUser(user.address, user.password, user.domain)
    life.publish_zones()


def test_a_script_refuses_mail_of_a_proven_sender(box: Host, outside: Host, picky: LabUser) -> None:
    sent = mail.message(CAROL.address, picky.username)
    assert bring(box.ip, sent.as_bytes(), CAROL.address, picky.username)[0] == 250
    wanted = mail.EmailMessage()
    wanted['Subject'] = f'Rejected: {sent["Subject"]}'
    mail.wait_for(outside.ip, CAROL, wanted, encrypted=False)


@pytest.mark.parametrize('sender', [f'victim@{SILENT}', f'victim@{OTHER}'])
def test_a_refusal_reaches_no_one_who_did_not_write(box: Host, picky: LabUser, sender: str) -> None:
    """The author has signed it, or neither has."""
    journal = box.journal_since()
    sent = mail.message(f'author@{SILENT}', picky.username)
    content = sent.as_bytes() if sender.endswith(SILENT) else senders.signed(sent, SILENT)
    assert bring(box.ip, content, sender, picky.username)[0] == 250
    mail.wait_for(box.ip, picky, sent, 'Junk')
    assert f'to=<{sender}>' not in journal()
