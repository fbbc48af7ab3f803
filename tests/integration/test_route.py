# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail leaves by a real relay: all of it, or that of a domain, a mailbox or a destination."""

import html
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import Any

import pytest

from lab import dns, life, relay, settings, strict
from lab.host import wait_for
from tests.conftest import Host

from . import mail

ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
SECRETS = '/var/lib/freedombox-email/relays'
COMMAND = 'freedombox-email'
BY_RELAY = b'by relay.outside.test'
FIRST = 'lab'
FAILURES = '/var/lib/freedombox-email/direct-failures.json'
TOLD = '/var/lib/freedombox-email/relay-troubles.json'
TROUBLES = {
    'password': ('login', 'authentication failed', '535'),
    'sender': ('sender', 'Sender address rejected', '553'),
    'down': ('unreachable', 'Connection refused', 'connect to'),
}
"""The code of each trouble, the words in Postfix's list, and the answer of the relay."""


def add(box: Host, name: str, *options: str, password: str = relay.USER.password) -> None:
    """Add a relay, with a login at the one of the lab."""
    given = options or ('--host', relay.NAME)
    box.run(COMMAND, 'relay', 'add', name, *given, '--login', relay.USER.username,
            stdin=f'{password}\n')  # fmt: skip


def route(box: Host, way: str, *scope: str) -> None:
    """Choose a way."""
    box.run(COMMAND, 'route', 'set', way, *(scope or ('--all',)))


def begin_again(box: Host) -> None:
    """Take back all choices, and remove all relays but the first one."""
    found = json.loads(box.run(COMMAND, 'route', 'show', '--json'))
    for key in found['senders']:
        route(box, 'default', '--mailbox' if '@' in key else '--domain', key)
    for place in found['destinations']:
        route(box, 'default', '--destination', place)
    if found['all'] != 'direct':
        route(box, 'default')
    names = set(box.run(COMMAND, 'relay', 'list', '--names').split()) - {FIRST}
    for name in names if len(names) > 1 else ():
        box.run(COMMAND, 'relay', 'change', name, '--backup')
    for name in names:
        box.run(COMMAND, 'relay', 'remove', name)


@pytest.fixture(scope='module', autouse=True)
def _relay(box: Host) -> Iterator[None]:
    """The relay of the lab, trusted by the box, which can send by it."""
    relay.start()
    relay.trusted_by(box.machine)
    begin_again(box)
    if FIRST not in box.run(COMMAND, 'relay', 'list', '--names').split():
        add(box, FIRST)
    yield
    box.run(COMMAND, 'relay', 'remove', FIRST)
    relay.stop()
    relay.distrusted_by(box.machine)


@pytest.fixture(autouse=True)
def _as_before(box: Host, outside: Host) -> Iterator[None]:
    """A box with one relay and no choice afterwards, and empty queues."""
    yield
    begin_again(box)
    for host in (box, outside):
        host.run('postsuper', '-d', 'ALL', check=False)


@contextmanager
def listed(box: Host, outside: Host) -> Iterator[None]:
    """The other host refuses the box as one in a line of homes."""
    refusal = f'check_client_access inline:{{{{{box.ip}=550 5.7.1 Listed as a line of homes}}}}'
    outside.run('postconf', '-e', f'smtpd_client_restrictions={refusal}')
    outside.run('systemctl', 'reload', 'postfix')
    try:
        yield
    finally:
        outside.run('postconf', '-X', 'smtpd_client_restrictions')
        outside.run('systemctl', 'reload', 'postfix')


def send(box: Host, sender: settings.LabUser = ALICE, **headers: str) -> EmailMessage:
    """Send a message to the other host."""
    sent = mail.message(headers.pop('address', sender.address), CAROL.address, **headers)
    mail.submit(box.ip, sender, sent)
    return sent


def arrived(outside: Host, sent: EmailMessage) -> bytes:
    """The message as it arrived."""
    return mail.wait_for(outside.ip, CAROL, sent, encrypted=False)


def went_by_relay(outside: Host, sent: EmailMessage) -> bool:
    """Whether a message arrived by the relay."""
    return BY_RELAY in arrived(outside, sent)


def reasons(box: Host) -> str:
    """Why the messages in the queue wait, as Postfix lists them."""
    return box.run('postqueue', '-p')


def wait_until_put_off(box: Host, words: str) -> None:
    """Wait until a message waits for a reason that has these words."""
    with suppress(TimeoutError):
        wait_for('a message to be put off', lambda: words in reasons(box), 60)
    assert words in reasons(box), reasons(box)


def trouble_seen(box: Host) -> dict[str, Any]:
    """The one trouble with a relay that a look at the queue finds."""
    box.run('systemctl', 'start', 'freedombox-email-relays.service')
    (found,) = json.loads(box.run('cat', TOLD))['found']
    return dict(found)


def trouble_seen_gone(box: Host) -> None:
    """See no trouble any more."""
    box.run('systemctl', 'start', 'freedombox-email-relays.service')
    assert not json.loads(box.run('cat', TOLD))['found']


def notices(box: Host) -> list[str]:
    """FreedomBox's notifications that mail stopped, with the time of their last change."""
    script = (
        'import sqlite3\n'
        'for row in sqlite3.connect("/var/lib/plinth/plinth.sqlite3").execute(\n'
        '    "select * from freedombox_storednotification where id = \'email-broken\'"):\n'
        '    print(*(str(each).replace(chr(10), " ") for each in row))'
    )
    return box.run('python3', '-c', script).splitlines()


def test_mail_of_a_mailbox_goes_by_the_relay_after_a_login_over_tls(
    box: Host, outside: Host
) -> None:
    route(box, 'relay:lab', '--mailbox', ALICE.address)
    read = box.journal_since()
    content = arrived(outside, send(box))
    assert BY_RELAY in content
    assert b'DKIM-Signature:' in content
    assert f'Verified TLS connection established to {relay.NAME}' in read()
    assert f'sasl_username={relay.USER.username}' in relay.log()
    assert box.run('stat', '-c', '%a %U', SECRETS).split() == ['700', 'root']
    assert not went_by_relay(outside, send(box, BOB))


def test_the_conversation_in_words(box: Host) -> None:
    route(box, 'relay:lab', '--mailbox', ALICE.address)
    lines = box.run(COMMAND, 'route', 'test', '--from', ALICE.address, '--to', CAROL.address)
    for words in (
        f'Mail goes to the relay lab, as set for the mailbox {ALICE.address}.',
        f'Connected to {relay.NAME}', 'Encrypted with TLSv1.3', f'valid for {relay.NAME}',
        f'Login accepted as {relay.USER.username}', f'Sender accepted: {ALICE.address}',
        f'Recipient accepted: {CAROL.address}', 'No message was sent.',
    ):  # fmt: skip
        assert words in lines
    assert relay.USER.password not in lines
    assert 'never leaves' in box.run(COMMAND, 'route', 'test', '--to', BOB.address)
    direct = box.run(COMMAND, 'route', 'test', '--from', BOB.address, '--to', CAROL.address)
    assert f'Connected to mail.{CAROL.domain}' in direct
    assert 'The certificate was not checked.' in direct
    assert not mail.waiting(box, ALICE.address)


@pytest.mark.long
def test_the_direct_way_first_and_the_relay_where_it_fails(box: Host, outside: Host) -> None:
    route(box, 'fallback:lab', '--mailbox', ALICE.address)
    assert not went_by_relay(outside, send(box)), 'the direct way works'
    with listed(box, outside):
        assert went_by_relay(outside, send(box)), 'refused for reasons of policy'


@pytest.mark.parametrize(
    'trouble',
    [pytest.param('password', marks=pytest.mark.long),
     pytest.param('sender', marks=pytest.mark.long), 'down'],
)  # fmt: skip
def test_mail_waits_and_leaves_after_the_fix(box: Host, outside: Host, trouble: str) -> None:
    kind, words, said = TROUBLES[trouble]
    route(box, 'relay:lab', '--mailbox', ALICE.address)
    read = box.journal_since()
    spoil(box, trouble)
    try:
        sent = send(box)
        wait_until_put_off(box, words)
        found = trouble_seen(box)
        assert (found['relay'], found['kind'], found['count']) == ('lab', kind, 1)
        assert said in found['said']
        state = box.run(COMMAND, 'status', '--json', check=False)
        assert 'relay-lab' in state
        assert said in json.dumps(json.loads(state))
        test = ('route', 'test', '--from', ALICE.address, '--to', CAROL.address, '--json')
        assert not json.loads(box.run(COMMAND, *test, check=False))['works']
    finally:
        mend(box, trouble)
    assert went_by_relay(outside, sent)
    assert 'status=bounced' not in read()
    assert not mail.waiting(box, ''), 'a message was returned'


def spoil(box: Host, trouble: str) -> None:
    """Have the relay refuse our mail, or be down."""
    if trouble == 'password':
        box.run(COMMAND, 'relay', 'change', FIRST, '--password', stdin='wrong\n')
    elif trouble == 'sender':
        relay.only_senders('elsewhere.test')
    else:
        relay.stop()


def mend(box: Host, trouble: str) -> None:
    """Put it right; after a new password Postfix tries by itself."""
    if trouble == 'password':
        password = f'{relay.USER.password}\n'
        box.run(COMMAND, 'relay', 'change', FIRST, '--password', stdin=password)
    else:
        relay.start()
        box.run('postqueue', '-f')


@pytest.mark.long
def test_choices_for_all_a_domain_a_mailbox_and_a_destination(box: Host, outside: Host) -> None:
    assert not went_by_relay(outside, send(box)), 'nothing was chosen yet'
    route(box, 'relay:lab', '--domain', ALICE.domain)
    route(box, 'direct', '--mailbox', ALICE.address)
    assert not went_by_relay(outside, send(box, ALICE))
    assert went_by_relay(outside, send(box, BOB))
    route(box, 'direct', '--domain', ALICE.domain)
    route(box, 'relay:lab', '--destination', CAROL.domain)
    assert went_by_relay(outside, send(box, ALICE)), 'a destination comes first'
    route(box, 'default', '--destination', CAROL.domain)
    route(box, 'relay:lab')
    assert not went_by_relay(outside, send(box, BOB))
    route(box, 'default', '--domain', ALICE.domain)
    assert went_by_relay(outside, send(box, BOB)), 'for all mail'
    route(box, 'direct', '--destination', CAROL.domain)
    assert not went_by_relay(outside, send(box, BOB))
    refused = box.run(COMMAND, 'route', 'set', 'relay:lab', '--destination', BOB.domain,
                      check=False)  # fmt: skip
    assert 'never leaves' in refused
    sent = mail.message(ALICE.address, BOB.address)
    mail.submit(box.ip, ALICE, sent)
    assert BY_RELAY not in mail.wait_for(box.ip, BOB, sent)


@pytest.mark.long
def test_tls_from_the_start_and_backups_in_turn(box: Host, outside: Host) -> None:
    add(box, 'second', '--host', relay.NAME, '--tls', 'implicit')
    add(box, 'first', '--host', relay.NAME, '--port', '466', '--tls', 'implicit', '--backup',
        'second')  # fmt: skip
    route(box, 'relay:first', '--mailbox', ALICE.address)
    assert went_by_relay(outside, send(box))


@pytest.mark.long
def test_a_wrong_certificate_is_refused_and_no_password_sent(box: Host) -> None:
    # The same host by another name, which its certificate does not have.
    add(box, 'other', '--host', f'mail.{settings.OUTSIDE_DOMAIN}')
    route(box, 'relay:other', '--mailbox', ALICE.address)
    since = len(relay.log())
    send(box)
    wait_until_put_off(box, 'Server certificate not verified')
    found = trouble_seen(box)
    assert (found['relay'], found['kind'], found['count']) == ('other', 'certificate', 1)
    page = html.unescape(box.browser().get('/freedombox/apps/email/delivery/').text)
    assert 'The certificate of the relay other is not valid.' in page
    test = box.run(COMMAND, 'route', 'test', '--from', ALICE.address, '--to', CAROL.address,
                   check=False)  # fmt: skip
    assert "isn't valid" in test
    assert 'no password was sent' in test
    assert 'sasl' not in relay.log()[since:].lower()
    box.run(COMMAND, 'relay', 'change', 'other', '--host', relay.NAME, '--password',
            stdin=f'{relay.USER.password}\n')  # fmt: skip
    wait_for('the message to leave', lambda: not mail.waiting(box, ALICE.address), 60)


@pytest.mark.long
def test_mail_that_waits_takes_another_way_at_once(box: Host, outside: Host) -> None:
    route(box, 'relay:lab', '--domain', ALICE.domain)
    relay.stop()
    try:
        sent = send(box)
        wait_until_put_off(box, 'Connection refused')
        route(box, 'direct', '--domain', ALICE.domain)
        assert not went_by_relay(outside, sent)
    finally:
        relay.start()


@pytest.mark.long
def test_the_administrator_is_told_once(box: Host) -> None:
    route(box, 'relay:lab', '--mailbox', ALICE.address)
    relay.stop()
    try:
        send(box)
        wait_until_put_off(box, 'Connection refused')
        trouble_seen(box)
        wait_for('a notification', lambda: len(notices(box)) == 1, 200)
        first = notices(box)
        assert 'Connection refused' in first[0]
        assert 'relay-lab' in first[0]
        send(box)
        trouble_seen(box)
        # The notifications are looked at once a minute.
        moment = time.monotonic() + 70
        wait_for('another look', lambda: time.monotonic() > moment, 80, 5)
        assert notices(box) == first, 'and not touched again'
    finally:
        relay.start()
    box.run('postqueue', '-f')
    wait_for('the messages to leave', lambda: not mail.waiting(box, ALICE.address), 60)
    trouble_seen_gone(box)
    wait_for('the notification to go', lambda: not notices(box), 150)


@pytest.mark.long
def test_passwords_are_for_root_alone_and_in_no_record(box: Host) -> None:
    secret = 'c0rrect-h0rse-battery'
    read = box.journal_since()
    add(box, 'secret', password=secret)
    route(box, 'relay:secret', '--mailbox', ALICE.address)
    send(box)
    wait_until_put_off(box, 'authentication failed')
    box.run(COMMAND, 'route', 'test', '--from', ALICE.address, check=False)
    assert secret not in read()
    files = [f'{SECRETS}/secret.{each}' for each in ('login', 'password')]
    modes = box.run('stat', '-c', '%a %U', SECRETS, *files).split()
    assert modes == ['700', 'root', '600', 'root', '600', 'root']
    holding = box.run('grep', '-rl', secret, '/etc', '/var/lib', '/var/log', '/run', check=False)
    assert sorted(line for line in holding.splitlines() if line.startswith('/')) == files
    for said in (('relay', 'list', '--json'), ('route', 'show', '--json'), ('export',)):
        assert secret not in box.run(COMMAND, *said)
    dump = box.run('ldapsearch', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///', '-b',
                   'ou=mail,dc=thisbox')  # fmt: skip
    assert 'fbxMailRelayHost: relay.outside.test' in dump
    assert secret not in dump
    route(box, 'default', '--mailbox', ALICE.address)
    box.run(COMMAND, 'relay', 'remove', 'secret')
    assert not box.run('grep', '-rl', secret, SECRETS, check=False).strip()


@pytest.mark.long
@pytest.mark.parametrize(
    ('setting', 'usual', 'recipient', 'words'),
    [('message_size_limit=1000', 'message_size_limit=104857600', CAROL.address, 'message size'),
     ('smtputf8_enable=no', 'smtputf8_enable=yes', f'jörg@{CAROL.domain}', 'SMTPUTF8 is required')],
    ids=['too large', 'Unicode'],
)  # fmt: skip
def test_a_message_the_relay_cannot_take_is_returned_at_once(
    box: Host, outside: Host, setting: str, usual: str, recipient: str, words: str
) -> None:
    """A refusal that is not about our settings must not wait for five days."""
    route(box, 'relay:lab', '--mailbox', ALICE.address)
    sent = mail.message(ALICE.address, recipient, body='x' * 1000)
    change = ('postconf', '-c', '/etc/postfix-relay', '-e')
    outside.run(*change, setting)
    outside.run('systemctl', 'reload', relay.UNIT)
    read = box.journal_since()
    try:
        mail.submit(box.ip, ALICE, sent)
        wait_for('a notice', lambda: f'status=bounced ({words}' in read('-t', 'postfix/smtp'), 60)
    finally:
        outside.run(*change, usual)
        outside.run('systemctl', 'reload', relay.UNIT)


@pytest.mark.long
def test_a_destination_that_fails_again_and_again_is_left_to_the_relay(
    box: Host, outside: Host
) -> None:
    route(box, 'fallback:lab', '--domain', ALICE.domain)
    box.run('rm', '-f', FAILURES)
    with listed(box, outside):
        for _each in range(3):
            assert went_by_relay(outside, send(box))
        box.run('systemctl', 'start', 'freedombox-email-relays.service')
        assert f'to {CAROL.domain}' in box.run(COMMAND, 'route', 'show')
    assert went_by_relay(outside, send(box)), 'the direct way was tried'
    route(box, 'direct', '--mailbox', BOB.address)
    assert not went_by_relay(outside, send(box, BOB)), 'another choice is as it was'
    box.run('rm', '-f', FAILURES)
    box.run('systemctl', 'start', 'freedombox-email-relays.service')
    assert not went_by_relay(outside, send(box)), 'the direct way has its chance again'


@pytest.mark.long
def test_another_server_that_offers_a_login_gets_no_password(box: Host, outside: Host) -> None:
    route(box, 'fallback:lab', '--mailbox', ALICE.address)
    options = ('smtpd_sasl_auth_enable=yes', 'smtpd_sasl_type=dovecot', 'smtpd_tls_auth_only=no',
               'smtpd_sasl_path=/var/spool/postfix-relay/private/auth')  # fmt: skip
    outside.run('postconf', '-F', 'smtp/inet/chroot=n')
    outside.run('postconf', '-e', *options)
    outside.run('systemctl', 'reload', 'postfix')
    read = outside.journal_since()
    try:
        assert not went_by_relay(outside, send(box))
        said = read()
        assert 'client=' in said
        assert not [each for each in ('sasl_method', 'sasl_username', ' auth=') if each in said]
    finally:
        outside.run('postconf', '-X', *(each.partition('=')[0] for each in options))
        outside.run('postconf', '-F', 'smtp/inet/chroot=y')
        outside.run('systemctl', 'reload', 'postfix')


@pytest.mark.long
def test_no_direct_connection_at_all(box: Host, outside: Host) -> None:
    """Port 25 is shut on the way out: mail goes by the relay, and the test says so."""
    route(box, 'fallback:lab', '--mailbox', ALICE.address)
    shut = ('meta', 'nfproto', 'ipv4', 'tcp', 'dport', '25', 'ip', 'daddr', outside.ip, 'drop')
    box.run('nft', 'add', 'table', 'inet', 'labshut')
    box.run('nft', 'add chain inet labshut out { type filter hook output priority 0 ; }')
    box.run('nft', 'add', 'rule', 'inet', 'labshut', 'out', *shut)
    try:
        test = box.run(COMMAND, 'route', 'test', '--from', ALICE.address, '--to', CAROL.address)
        assert 'does not answer on port 25' in test
        assert 'mail goes to the relay lab' in test
        assert f'Login accepted as {relay.USER.username}' in test
        assert went_by_relay(outside, send(box))
    finally:
        box.run('nft', 'delete', 'table', 'inet', 'labshut')


def spf(box: Host, domain: str) -> str:
    """The rules a domain's records should have."""
    records = json.loads(box.run(COMMAND, 'dns', 'show', domain, '--json'))['records']
    return str(next(each['value'] for each in records if each['role'] == 'spf'))


@pytest.mark.long
def test_the_dns_page_wants_the_rules_that_fit(box: Host) -> None:
    first, second = settings.DOMAINS
    assert spf(box, first) == 'v=spf1 mx ~all'
    add(box, 'ruled', '--host', relay.NAME, '--spf', 'include:spf.outside.test')
    route(box, 'relay:ruled', '--domain', first)
    assert spf(box, first) == 'v=spf1 include:spf.outside.test ~all'
    assert spf(box, second) == 'v=spf1 mx ~all'
    route(box, 'fallback:ruled', '--domain', second)
    assert spf(box, second) == 'v=spf1 mx include:spf.outside.test ~all'
    report = box.run(COMMAND, 'dns', 'check', second, check=False)
    assert "don't contain include:spf.outside.test" in report
    report = box.run(COMMAND, 'dns', 'check', first, check=False)
    assert 'Not needed: all mail of this domain leaves by a relay.' in report


@pytest.mark.long
def test_a_host_that_takes_spf_seriously_accepts_what_was_wanted(box: Host) -> None:
    strict.up()
    domain = settings.DOMAINS[1]
    add(box, 'ruled', '--host', relay.NAME, '--spf', f'ip4:{settings.OUTSIDE_IP}')
    route(box, 'relay:ruled', '--domain', domain)
    rules = spf(box, domain).replace('~all', '-all')
    others = [zone for zone in life.zones() if zone.domain != domain]
    try:
        for senders, taken in (('v=spf1 mx -all', False), (rules, True)):
            records = life.key_records(domain)[domain]
            zone = dns.MailZone(domain, box.ip, senders=senders[7:-5], records=records)
            dns.publish([*others, zone, strict.ZONE])
            assert sent_to_strict(box, domain) is taken, senders
    finally:
        life.publish_zones()


def sent_to_strict(box: Host, domain: str) -> bool:
    """Whether mail from a domain reaches the strict host by the relay."""
    since = len(relay.log())
    sent = mail.message(f'postmaster@{domain}', f'{CAROL.username}@{strict.DOMAIN}')
    box.run('sendmail', '-f', f'postmaster@{domain}', f'{CAROL.username}@{strict.DOMAIN}',
            stdin=sent.as_bytes())  # fmt: skip
    said: list[str] = []

    def ended() -> bool:
        said[:] = re.findall(rf'to=<{CAROL.username}@{strict.DOMAIN}>.*status=(\w+)',
                             relay.log()[since:])  # fmt: skip
        return bool(said)

    wait_for('the relay to pass it on', ended, 60)
    return said[0] == 'sent'


@pytest.mark.long
def test_relays_and_ways_are_exported_and_restored(box: Host) -> None:
    add(box, 'saved')
    route(box, 'relay:saved', '--destination', CAROL.domain)
    route(box, 'fallback:saved', '--domain', settings.DOMAINS[1])
    text = box.run(COMMAND, 'export')
    assert f'host: {relay.NAME}' in text
    begin_again(box)
    box.run('tee', '/root/site.yaml', stdin=text)
    box.run(COMMAND, 'apply', '/root/site.yaml')
    shown = box.run(COMMAND, 'route', 'show')
    assert f'to {CAROL.domain}' in shown
    assert f'from {settings.DOMAINS[1]}' in shown
    assert 'no password' in box.run(COMMAND, 'relay', 'list')
