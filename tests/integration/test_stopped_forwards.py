# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forwards that fail are stopped and owners told; the switch stops and allows other servers."""

import json
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from lab import settings
from lab.settings import LabUser
from tests.conftest import Host

from . import directory, mail
from .managesieve import ManageSieve
from .test_forwards import TURNING, bring, turning_back

ALICE = settings.USERS[0]
CAROL, DAVE = settings.OUTSIDE_USERS
DOMAIN = 'switch.test'
GONE = f'gone@{CAROL.domain}'
STATE = '/var/lib/freedombox-email/forwards.json'
UNIT = 'freedombox-email-forwards.service'
DAY = 24 * 3600
_RELOAD = 'newaliases; postmulti -i - -p reload'
"""A process of Postfix may not see that the table has changed."""


@pytest.fixture(autouse=True)
def _nothing_failed_before(box: Host) -> Iterator[None]:
    box.run('rm', '-f', STATE)
    yield
    box.run('rm', '-f', STATE)


@pytest.fixture(name='mailbox', scope='module')
def fixture_mailbox(box: Host) -> Iterator[LabUser]:
    """A mailbox in a domain of its own."""
    with directory.domain(box, DOMAIN), directory.mailbox(box, f'erin@{DOMAIN}') as user:
        yield LabUser(user.address, user.password, DOMAIN)


def forwards(box: Host, text: str) -> list[dict[str, Any]]:
    """The forwards the command lists."""
    found: list[dict[str, Any]] = json.loads(
        box.run('freedombox-email', 'forwards', '--json', text)
    )['forwards']
    return found


def fail(box: Host, address: str) -> None:
    """Have the box try in vain to forward a message."""
    journal = box.journal_since()
    sent = mail.message(DAVE.address, address)
    assert bring(box.ip, sent.as_bytes(), DAVE.address, address)[0] == 250
    mail.until(
        'the forward to fail',
        lambda: f'to=<{GONE}>' in journal() and 'status=bounced' in journal(), 30,
    )  # fmt: skip


def days_ago(box: Host, days: float) -> None:
    """Have the failures in the file begin some days earlier."""
    state = json.loads(box.run('cat', STATE))
    for each in state['failing'].values():
        each['since'] -= days * DAY
    box.run('tee', STATE, stdin=json.dumps(state))


def notice(subject: str) -> EmailMessage:
    """The message to look for."""
    wanted = EmailMessage()
    wanted['Subject'] = subject
    return wanted


def test_a_forward_that_fails_for_days_is_stopped_and_its_owner_told(box: Host) -> None:
    address = f'failing@{ALICE.domain}'
    with directory.alias(box, address, GONE):
        fail(box, address)
        box.run('systemctl', 'start', UNIT)
        (found,) = forwards(box, address)
        assert (found['state'], 'User unknown' in found['reply']) == ('failing', True)
        days_ago(box, 4)
        fail(box, address)
        box.run('systemctl', 'start', UNIT)
        assert forwards(box, address)[0]['state'] == 'failing', 'four days are not enough'
        days_ago(box, 2)
        fail(box, address)
        box.run('systemctl', 'start', UNIT)
        assert forwards(box, address)[0]['state'] == 'stopped'
        assert mail.ask(box.ip, address) == [550]
        told = notice(f'Forwarding turned off: {address}')
        text = mail.parsed(mail.wait_for(box.ip, settings.ADMIN, told)).get_content()
        assert GONE in text
        assert 'User unknown' in text
        box.run('freedombox-email', 'alias', 'change', address, '--to', CAROL.address, '--on')
        assert forwards(box, address)[0]['state'] == 'works'


@pytest.mark.long
def test_a_mailbox_goes_on_without_the_forward_that_failed(box: Host, mailbox: LabUser) -> None:
    address = mailbox.username
    box.run('freedombox-email', 'mailbox', 'forward', address, GONE, CAROL.address)
    fail(box, address)
    box.run('systemctl', 'start', UNIT)
    days_ago(box, 6)
    fail(box, address)
    box.run('systemctl', 'start', UNIT)
    states = {each['destination']: each['state'] for each in forwards(box, address)}
    assert states == {GONE: 'stopped', CAROL.address: 'works'}
    mail.wait_for(box.ip, mailbox, notice(f'Forwarding turned off: {address}'))
    box.run('freedombox-email', 'mailbox', 'forward', address)


@pytest.mark.long
@pytest.mark.usefixtures('mailbox')
def test_one_success_starts_the_count_anew(box: Host, outside: Host) -> None:
    address = f'coming@{DOMAIN}'
    with directory.alias(box, address, GONE):
        fail(box, address)
        box.run('systemctl', 'start', UNIT)
        days_ago(box, 6)
        outside.run('sh', '-c', f'echo "gone: {CAROL.username}" >>/etc/aliases; {_RELOAD}')
        try:
            sent = mail.message(DAVE.address, address)
            assert bring(box.ip, sent.as_bytes(), DAVE.address, address)[0] == 250
            mail.wait_for(outside.ip, CAROL, sent, encrypted=False)
        finally:
            outside.run('sh', '-c', f'sed -i /^gone:/d /etc/aliases; {_RELOAD}')
        box.run('systemctl', 'start', UNIT)
        assert forwards(box, address)[0]['state'] == 'works'


def _is_through(box: Host, mailbox: LabUser) -> bool:
    """Whether no message to the mailbox or its forward is in the queue."""
    queue = box.run('postqueue', '-j')
    return not any(address in queue for address in (mailbox.username, CAROL.address))


def _arrives(box: Host, outside: Host, mailbox: LabUser) -> bool:
    """Whether a message to the mailbox reaches the other server too."""
    sent = mail.message(DAVE.address, mailbox.username)
    assert bring(box.ip, sent.as_bytes(), DAVE.address, mailbox.username)[0] == 250
    mail.wait_for(box.ip, mailbox, sent)
    mail.until('the message to be through', lambda: _is_through(box, mailbox), 30)
    with mail.mailbox(outside.ip, CAROL.username, CAROL.password, encrypted=False) as session:
        return bool(mail.numbers(session, sent))


@pytest.mark.parametrize(
    ('off', 'on'),
    [
        (('domain', 'change', DOMAIN, '--forwarding', 'no'),
         ('domain', 'change', DOMAIN, '--forwarding', 'yes')),
        pytest.param(
            ('mailbox', 'forwarding', f'erin@{DOMAIN}', 'no'),
            ('mailbox', 'forwarding', f'erin@{DOMAIN}', 'default'), marks=pytest.mark.long,
        ),
    ],
    ids=['domain', 'mailbox'],
)  # fmt: skip
def test_the_switch_stops_forwards_and_lets_them_go_on(
    box: Host, outside: Host, mailbox: LabUser, off: tuple[str, ...], on: tuple[str, ...]
) -> None:
    address = mailbox.username
    box.run('freedombox-email', 'mailbox', 'forward', address, CAROL.address)
    assert _arrives(box, outside, mailbox)
    box.run('freedombox-email', *off)
    try:
        assert forwards(box, address)[0]['state'] == 'denied'
        assert not _arrives(box, outside, mailbox)
        assert not box.succeeds('freedombox-email', 'mailbox', 'forward', address, DAVE.address)
        assert box.succeeds('freedombox-email', 'mailbox', 'forward', address, ALICE.address)
        box.run('freedombox-email', 'mailbox', 'forward', address)
    finally:
        box.run('freedombox-email', *on)
        box.run('freedombox-email', 'mailbox', 'forward', address)


def _script(box: Host, mailbox: LabUser, script: str) -> None:
    with ManageSieve(box.ip) as session:
        session.starttls()
        session.login(mailbox.username, mailbox.password)
        session.put('forward', script)
        session.activate('forward')


def _kept(box: Host, mailbox: LabUser) -> int:
    """How often a message to the mailbox is in its inbox."""
    sent = mail.message(DAVE.address, mailbox.username)
    assert bring(box.ip, sent.as_bytes(), DAVE.address, mailbox.username)[0] == 250
    mail.wait_for(box.ip, mailbox, sent)
    mail.until('the message to be through', lambda: _is_through(box, mailbox), 30)
    with mail.mailbox(box.ip, mailbox.username, mailbox.password) as session:
        return len(mail.numbers(session, sent))


def test_a_script_forwards_as_the_switch_allows(box: Host, outside: Host, mailbox: LabUser) -> None:
    _script(box, mailbox, f'redirect "{CAROL.address}";')
    try:
        sent = mail.message(DAVE.address, mailbox.username)
        assert bring(box.ip, sent.as_bytes(), DAVE.address, mailbox.username)[0] == 250
        found = mail.parsed(mail.wait_for(outside.ip, CAROL, sent, encrypted=False))
        assert found['Return-Path'].startswith('<SRS0=')
        assert found['Return-Path'].endswith(f'@{DOMAIN}>')
        assert f'd={DOMAIN}' in found['ARC-Seal']
        results = ' '.join(found['ARC-Authentication-Results'].split())
        assert results.startswith(f'i=1; {ALICE.domain};')
        assert 'dmarc=pass' in results
        box.run('freedombox-email', 'mailbox', 'forwarding', mailbox.username, 'no')
        assert _kept(box, mailbox) == 1
        _script(box, mailbox, f'require "copy"; # redirect\nredirect :copy "{CAROL.address}";')
        assert _kept(box, mailbox) == 1, 'the script and the app both kept it'
    finally:
        box.run('freedombox-email', 'mailbox', 'forwarding', mailbox.username, 'default')
        _script(box, mailbox, 'keep;')


@pytest.mark.long
def test_a_loop_of_a_script_ends(box: Host, outside: Host) -> None:
    journal = box.journal_since()
    with directory.mailbox(box, f'whirl@{ALICE.domain}') as user:
        mailbox = LabUser(user.address, user.password, ALICE.domain)
        _script(box, mailbox, f'redirect "{TURNING}";')
        with turning_back(outside, user.address, CAROL.username):
            sent = mail.message(DAVE.address, user.address)
            assert bring(box.ip, sent.as_bytes(), DAVE.address, user.address)[0] == 250
            mail.wait_for(box.ip, mailbox, sent)
            assert journal().count(f'to=<{TURNING}>') == 1
