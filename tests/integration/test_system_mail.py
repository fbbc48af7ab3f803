# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of the box's own programs reaches the admin, or the user it is for."""

import uuid
from datetime import UTC, datetime

import pytest

from lab import settings
from lab.host import wait_for
from lab.settings import LabUser
from tests.conftest import Host

from . import mail

ADMIN, (ALICE, _) = settings.ADMIN, settings.USERS


@pytest.mark.parametrize(
    ('recipient', 'user'),
    [('root', ADMIN), ('root@localhost', ADMIN), ('root@box', ADMIN), ('postmaster', ADMIN),
     ('mail@localhost', ADMIN), ('nobody-known', ADMIN), ('alice', ALICE),
     ('alice@localhost', ALICE)],
)  # fmt: skip
def test_local_names_reach_someone(box: Host, recipient: str, user: LabUser) -> None:
    sent = mail.message('root', recipient)
    del sent['From']
    box.run('sendmail', recipient, stdin=sent.as_bytes())
    content = mail.wait_for(box.ip, user, sent)
    assert 'root@example.test' in str(mail.parsed(content)['From'])


def test_a_user_of_the_system_can_write(box: Host) -> None:
    sent = mail.message('www-data', 'root')
    box.run('runuser', '-u', 'www-data', '--', 'sendmail', 'root', stdin=sent.as_bytes())
    mail.wait_for(box.ip, ADMIN, sent)


def test_what_cron_prints_reaches_the_admin(box: Host) -> None:
    mark = f'cron-{datetime.now(UTC).timestamp()}'
    # As cron(8) hands over what a job printed; waiting for its minute would prove no more.
    text = f'From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@box> {mark}\n\nprinted\n'
    box.run('/usr/sbin/sendmail', '-FCronDaemon', '-i', '-B8BITMIME', '-oem', 'root', stdin=text)

    def arrived() -> bool:
        with mail.mailbox(box.ip, ADMIN.username, ADMIN.password) as session:
            session.select('INBOX', readonly=True)
            return bool(session.search(None, 'HEADER', 'Subject', f'"{mark}"')[1][0])

    wait_for('the mail of cron', arrived, 20)


def test_system_mail_for_elsewhere_is_from_a_real_address(box: Host, outside: Host) -> None:
    carol = outside.users[0]
    sent = mail.message('root', carol.address)
    box.run('sendmail', carol.address, stdin=sent.as_bytes())
    content = mail.parsed(mail.wait_for(outside.ip, carol, sent, encrypted=False))
    assert content['Return-Path'] == '<root@example.test>'
    assert content['DKIM-Signature']


@pytest.mark.parametrize('name', ['MAILER-DAEMON', 'double-bounce'])
@pytest.mark.parametrize('domain', ['example.test', 'second.test'])
def test_answers_to_notices_reach_the_admin(box: Host, name: str, domain: str) -> None:
    sent = mail.message(ALICE.address, f'{name}@{domain}')
    mail.submit(box.ip, ALICE, sent)
    mail.wait_for(box.ip, ADMIN, sent)


def test_a_notice_comes_from_an_address_that_can_be_answered(box: Host) -> None:
    sent = mail.message(ALICE.address, f'nobody-{uuid.uuid4()}@{settings.OUTSIDE_DOMAIN}')
    mail.submit(box.ip, ALICE, sent)

    def notice() -> list[str]:
        with mail.mailbox(box.ip, ALICE.username, ALICE.password) as session:
            session.select('INBOX', readonly=True)
            (numbers,) = session.search(None, 'BODY', f'"{sent["To"]}"')[1]
            found = [session.fetch(each.decode(), '(RFC822.HEADER)')[1] for each in numbers.split()]
        return [str(mail.parsed(parts[0][1])['From']) for parts in found]

    wait_for('the notice', notice, 30)
    assert notice() == ['Mail Delivery System <MAILER-DAEMON@example.test>']
