# SPDX-License-Identifier: AGPL-3.0-or-later
"""Recipients of mail to an address: itself before patterns, patterns before the catch-all."""

import json
import smtplib
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from lab import settings
from tests.conftest import Host

from . import mail

# The scanner is started again when there is another domain, in a world without its servers.
pytestmark = pytest.mark.journal_may_say('rspamd.*(resolve|fuzzy)')

ALICE, BOB = settings.USERS
CAROL, _DAVE = settings.OUTSIDE_USERS
DOMAIN, SHARED = settings.DOMAINS[0], 'shared-names.test'
CALL = 'freedombox-email'
DESK = f'desk-test@{DOMAIN}'
DESK_PASSWORD = 'desk password 1'


def add(box: Host, address: str, *rest: str) -> None:
    box.run(CALL, 'alias', 'add', f'{address}@{DOMAIN}', *rest)


@pytest.fixture(scope='module', autouse=True)
def _addresses(box: Host) -> Iterator[None]:
    """Give every user something, and take it away again."""
    aliases = ('shop-*', 'shop-eu-*', 'shop-exact', 'shop-off', '*', 'both')
    add(box, 'shop-*', ALICE.address, '--sender', ALICE.address)
    add(box, 'shop-eu-*', BOB.address)
    add(box, 'shop-exact', BOB.address)
    add(box, 'shop-off', BOB.address, '--off', '--sender', ALICE.address)
    add(box, '*', BOB.address)
    add(box, 'both', ALICE.address, CAROL.address)
    box.run(CALL, 'mailbox', 'add', DESK, stdin=DESK_PASSWORD)
    box.run(CALL, 'domain', 'add', SHARED, '--alias-of', DOMAIN)
    yield
    box.run(CALL, 'domain', 'remove', SHARED)
    box.run(CALL, 'mailbox', 'remove', DESK, '--force', '--delete-mail')
    for address in aliases:
        box.run(CALL, 'alias', 'remove', f'{address}@{DOMAIN}', '--force')


@pytest.mark.parametrize(
    ('local', 'user'),
    [
        ('shop-books', ALICE),
        ('SHOP-Books', ALICE),
        ('shop-books+label', ALICE),
        ('nobody+label', BOB),
        ('shop-exact+label', BOB),
        ('shop-us-books', ALICE),
        ('shop-eu-books', BOB),
        ('shop-exact', BOB),
        ('shop-', BOB),
        ('shopping', BOB),
        ('alice', ALICE),
        ('alice+label', ALICE),
        ('both', ALICE),
    ],
)
def test_mail_reaches_whom_it_should(box: Host, local: str, user: settings.LabUser) -> None:
    for domain in (DOMAIN, SHARED):
        sent = mail.message(CAROL.address, f'{local}@{domain}')
        mail.deliver(box.ip, sent)
        mail.wait_for(box.ip, user, sent)


def test_an_alias_leads_elsewhere_too(box: Host, outside: Host) -> None:
    sent = mail.message(BOB.address, f'both@{DOMAIN}')
    mail.submit(box.ip, BOB, sent)
    mail.wait_for(box.ip, ALICE, sent)
    mail.wait_for(outside.ip, CAROL, sent, encrypted=False)


def answer_to(box: Host, address: str) -> tuple[int, str]:
    """The answer of the box to a recipient on port 25."""
    with smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=30) as session:
        session.ehlo()
        session.mail(CAROL.address)
        code, text = session.rcpt(address)
        return code, text.decode()


@pytest.mark.parametrize('domain', [DOMAIN, SHARED])
@pytest.mark.parametrize('local', ['shop-off', 'shop-off+label', 'SHOP-OFF'])
def test_what_is_off_is_refused_and_not_caught(box: Host, local: str, domain: str) -> None:
    code, text = answer_to(box, f'{local}@{domain}')
    assert (code, '5.2.1' in text) == (550, True)


def test_a_mailbox_that_is_off_is_closed_and_comes_back_with_its_mail(box: Host) -> None:
    user = settings.LabUser(DESK, DESK_PASSWORD, '')
    sent = mail.message(CAROL.address, DESK)
    mail.deliver(box.ip, sent)
    mail.wait_for(box.ip, user, sent)
    box.run(CALL, 'mailbox', 'disable', DESK)
    assert answer_to(box, DESK)[0] == 550
    with (
        pytest.raises(Exception, match='AUTHENTICATIONFAILED'),
        mail.mailbox(box.ip, DESK, DESK_PASSWORD),
    ):
        pass
    shown = json.loads(box.run(CALL, 'mailbox', 'show', DESK, '--json'))['content']
    assert shown['messages'] == 1
    box.run(CALL, 'mailbox', 'enable', DESK)
    assert mail.wait_for(box.ip, user, sent)
    shown = json.loads(box.run(CALL, 'mailbox', 'show', DESK, '--json'))['content']
    assert (shown['messages'], shown['bytes'] > 0, bool(shown['last_login'])) == (1, True, True)


def test_an_alias_works_and_stops_at_once(box: Host) -> None:
    address = f'sudden@{SHARED.replace("shared", "none")}'
    assert answer_to(box, address)[0] == 554  # not a domain of this box
    address = 'sudden@' + settings.DOMAINS[1]
    assert answer_to(box, address)[0] == 550
    box.run(CALL, 'alias', 'add', address, ALICE.address)
    assert answer_to(box, address)[0] == 250
    box.run(CALL, 'alias', 'remove', address)
    assert answer_to(box, address)[0] == 550


def test_an_alias_ends_by_itself(box: Host) -> None:
    address = 'short-lived@' + settings.DOMAINS[1]
    end = datetime.now(UTC) + timedelta(seconds=8)
    box.run(CALL, 'alias', 'add', address, ALICE.address, '--until', end.isoformat())
    try:
        assert answer_to(box, address)[0] == 250
        while answer_to(box, address)[0] == 250:
            assert datetime.now(UTC) < end + timedelta(seconds=3), 'it should have ended'
            time.sleep(0.2)
        assert datetime.now(UTC) > end - timedelta(seconds=1)
        shown = json.loads(box.run(CALL, 'alias', 'list', address, '--json'))['aliases'][0]
        assert (shown['enabled'], shown['ended']) == (False, True)
        later = datetime.now(UTC) + timedelta(days=1)
        box.run(CALL, 'alias', 'change', address, '--until', later.isoformat())
        assert answer_to(box, address)[0] == 250
    finally:
        box.run(CALL, 'alias', 'remove', address)


def test_a_copy_of_all_mail_goes_elsewhere(box: Host, outside: Host) -> None:
    box.run(CALL, 'mailbox', 'forward', BOB.address, CAROL.address)
    try:
        sent = mail.message(ALICE.address, BOB.address)
        mail.submit(box.ip, ALICE, sent)
        mail.wait_for(box.ip, BOB, sent)
        mail.wait_for(outside.ip, CAROL, sent, encrypted=False)
    finally:
        box.run(CALL, 'mailbox', 'forward', BOB.address)


@pytest.mark.parametrize(
    ('user', 'local', 'passes'),
    [
        (ALICE, 'shop-books', True),
        (BOB, 'shop-books', False),
        (ALICE, 'shop-eu-books', False),
        (ALICE, 'shop-exact', False),
        (ALICE, 'shop-off', False),
        (ALICE, 'anybody', False),
        (ALICE, 'bob', False),
    ],
)
@pytest.mark.parametrize('domain', [DOMAIN, SHARED])
def test_who_may_send_as_a_pattern(
    box: Host, outside: Host, user: settings.LabUser, local: str, passes: bool, domain: str
) -> None:
    sender = f'{local}@{domain}'
    sent = mail.message(sender, CAROL.address)
    if passes:
        mail.submit(box.ip, user, sent)
        mail.wait_for(outside.ip, CAROL, sent, encrypted=False)
        return
    for envelope in (sender, user.address):
        with mail.submission(box.ip, user.username, user.password) as session:
            with pytest.raises((smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)):
                session.send_message(sent, from_addr=envelope)
            with suppress(smtplib.SMTPException):
                session.rset()
