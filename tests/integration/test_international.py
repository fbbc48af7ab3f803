# SPDX-License-Identifier: AGPL-3.0-or-later
"""Addresses and mail with other letters than a to z, in both ways of writing a domain."""

import smtplib
from collections.abc import Iterator

import pytest

from lab import settings
from lab.settings import LabUser
from tests.conftest import Host

from . import directory, mail

BOB = settings.USERS[1]
CAROL = settings.OUTSIDE_USERS[0]
WRITTEN, ENCODED = 'bücher.test', 'xn--bcher-kva.test'
FORMS = [WRITTEN, ENCODED]
pytestmark = pytest.mark.usefixtures('reader', 'plain')
# Long enough for Rspamd, which takes a word or two in which letters are mixed for a trick.
GREETING = 'Viele Grüße aus der Bücherei, und bis zum nächsten Mal an dieser Stelle.\n'


@pytest.fixture(name='domain_with_umlaut', scope='module')
def fixture_domain_with_umlaut(box: Host) -> Iterator[str]:
    with directory.domain(box, WRITTEN):
        yield WRITTEN


@pytest.fixture(name='reader', scope='module')
def fixture_reader(box: Host, domain_with_umlaut: str) -> Iterator[LabUser]:
    """A user with an umlaut on both sides of the @."""
    with directory.mailbox(box, f'jörg@{domain_with_umlaut}') as reader:
        yield LabUser(f'jörg@{domain_with_umlaut}', reader.password, WRITTEN)


@pytest.fixture(name='plain', scope='module')
def fixture_plain(box: Host, domain_with_umlaut: str) -> Iterator[LabUser]:
    """A user with an umlaut in the domain alone."""
    with directory.mailbox(box, f'leser@{domain_with_umlaut}') as plain:
        yield LabUser(f'leser@{domain_with_umlaut}', plain.password, WRITTEN)


@pytest.mark.parametrize('domain', [*FORMS, 'BÜCHER.test', 'XN--Bcher-KVA.test'])
@pytest.mark.parametrize('local_part', ['leser', 'Leser+label', 'jörg', 'JÖRG', 'jörg+ä'])
def test_all_forms_of_an_address_exist(box: Host, local_part: str, domain: str) -> None:
    assert mail.ask(box.ip, f'{local_part}@{domain}') == [250]


@pytest.mark.parametrize('domain', FORMS)
def test_unknown_addresses_are_refused(box: Host, domain: str) -> None:
    assert mail.ask(box.ip, f'nobody@{domain}', f'jürg@{domain}') == [550, 550]


@pytest.mark.parametrize('domain', FORMS)
def test_mail_arrives(box: Host, reader: LabUser, plain: LabUser, domain: str) -> None:
    for local_part, user in (('jörg', reader), ('leser', plain)):
        sent = mail.message(CAROL.address, f'{local_part}@{domain}', GREETING)
        mail.deliver(box.ip, sent)
        assert GREETING.strip().encode() in mail.wait_for(box.ip, user, sent)


def test_mail_of_another_host_arrives(box: Host, outside: Host, plain: LabUser) -> None:
    sent = mail.message(CAROL.address, f'jörg@{WRITTEN}', GREETING)
    outside.run(
        'swaks', '--server', box.ip, '--from', CAROL.address, '--to', f'leser@{ENCODED}',
        '--data', '-', stdin=sent.as_bytes(),
    )  # fmt: skip
    mail.wait_for(box.ip, plain, sent)


@pytest.mark.parametrize('domain', FORMS)
@pytest.mark.parametrize('envelope_domain', FORMS)
def test_owners_log_in_and_send_in_both_forms(
    box: Host, outside: Host, plain: LabUser, domain: str, envelope_domain: str
) -> None:
    address = f'leser@{domain}'
    sent = mail.message(address, CAROL.address, GREETING)
    with mail.submission(box.ip, address, plain.password) as session:
        session.send_message(sent, from_addr=f'leser@{envelope_domain}')
    content = mail.wait_for(outside.ip, CAROL, sent, encrypted=False)
    assert f'd={ENCODED};' in str(mail.parsed(content)['DKIM-Signature'])


@pytest.mark.parametrize('domain', FORMS)
@pytest.mark.parametrize('envelope', [CAROL.address, None])
def test_no_one_outside_can_pose_as_one_of_us(box: Host, domain: str, envelope: str | None) -> None:
    sent = mail.message(f'leser@{domain}', BOB.address)
    code, _ = mail.answer(lambda: mail.deliver(box.ip, sent, envelope))
    assert 500 <= code < 600


@pytest.mark.parametrize('domain', FORMS)
@pytest.mark.parametrize('envelope', [BOB.address, None])
def test_no_other_login_can_pose_as_one_of_us(box: Host, domain: str, envelope: str | None) -> None:
    sent = mail.message(f'leser@{domain}', CAROL.address)
    with mail.submission(box.ip, BOB.username, BOB.password) as session:
        code, _ = mail.answer(lambda: session.send_message(sent, from_addr=envelope))
    assert 500 <= code < 600


def test_bytes_arrive_as_they_were_sent(box: Host) -> None:
    body = GREETING.replace('\n', '\r\n').encode()
    sent = mail.message(CAROL.address, BOB.address)
    head = (
        f'From: {CAROL.address}\r\nTo: {BOB.address}\r\nSubject: {sent["Subject"]}\r\n'
        f'Date: {sent["Date"]}\r\nMessage-ID: {sent["Message-ID"]}\r\nMIME-Version: 1.0\r\n'
        'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
    )
    with smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=30) as session:
        session.ehlo()
        assert session.has_extn('8bitmime')
        assert session.has_extn('smtputf8')
        session.sendmail(
            CAROL.address, BOB.address, head.encode() + body, mail_options=['BODY=8BITMIME']
        )
    assert mail.wait_for(box.ip, BOB, sent).endswith(body)
