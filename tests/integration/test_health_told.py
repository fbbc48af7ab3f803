# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each problem is told once by mail, and once more when it is solved."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lab import settings
from lab.host import wait_for
from tests.conftest import Host

from . import mail

WATCH = ('/usr/lib/freedombox-email/watch-health', '0.2')
KEPT = '/var/lib/freedombox-email/health.json'
SIZE = 'message_size_limit'
KEYS = '/var/lib/freedombox-email/keys'
MESSAGES = ('mailbox', 'INBOX', 'subject', '[FreedomBox]')
CODE = 'Code to confirm this address'
CAROL = settings.OUTSIDE_USERS[0]
MAIN = settings.USERS[0].domain
pytestmark = pytest.mark.journal_may_say(r'.')  # what is broken here on purpose says so


@pytest.fixture(scope='module', autouse=True)
def _as_it_is(box: Host) -> Iterator[None]:
    """Problems of the lab are told before, and the timer looks at nothing meanwhile."""
    # A look that is under way would tell of the first problem too.
    box.run('systemctl', 'stop', 'freedombox-email-health.timer', 'freedombox-email-health.service')
    box.run('rm', '-f', KEPT)
    box.run('doveadm', 'expunge', '-u', settings.ADMIN.address, *MESSAGES)
    box.run(*WATCH)
    yield
    box.run('systemctl', 'start', 'freedombox-email-health.timer')


def messages(box: Host) -> list[str]:
    """Subjects and texts of the messages about checks, in the mailbox of the administrator."""
    box.run('postqueue', '-f')
    found = box.run(
        'doveadm', '-f', 'json', 'fetch', '-u', settings.ADMIN.address, 'hdr.subject text.utf8',
        *MESSAGES, check=False,
    )  # fmt: skip
    read = json.loads(found or '[]', strict=False)
    return [' '.join(map(str, each.values())).replace('\r\n', '\n') for each in read]


def told(box: Host, title: str, is_solved: bool) -> int:
    """How many messages say that something is broken, or that it is solved."""
    found = messages(box)
    solved = sum(f'* {title}\n' in each.partition('olved:')[2] for each in found)
    every = sum(f'* {title}\n' in each for each in found)
    return solved if is_solved else every - solved


def state(box: Host, key: str) -> str:
    """The state of a check by the command."""
    found = json.loads(
        box.run('sh', '-c', 'freedombox-email check --json 2>/dev/null', check=False)
    )
    return next((str(each['state']) for each in found['checks'] if each['check'] == key), '')


def check_told_once(box: Host, key: str, title: str, broken: Callable[[Host], Any]) -> None:
    """Break something, look three times, make it well, and look three times again."""
    was, solved = told(box, title, is_solved=False), told(box, title, is_solved=True)
    before = state(box, key)
    with broken(box):
        assert state(box, key) not in (before, 'works')
        for _ in range(3):
            box.run(*WATCH)
    for _ in range(3):
        box.run(*WATCH)
    assert state(box, key) == before
    # Postfix looks into the folder of mail that was handed in once a minute.
    wait_for('the last message', lambda: told(box, title, is_solved=True) > solved, 150)
    wait_for('the first message', lambda: told(box, title, is_solved=False) > was, 150)
    assert told(box, title, is_solved=False) == was + 1
    assert told(box, title, is_solved=True) == solved + 1


@contextmanager
def stopped(box: Host, unit: str) -> Iterator[None]:
    """Keep a service from running."""
    box.run('systemctl', 'stop', unit)
    try:
        yield
    finally:
        box.run('systemctl', 'start', unit)


@contextmanager
def changed(box: Host) -> Iterator[None]:
    """Change a setting outside this app."""
    before = box.run('postconf', '-h', SIZE).strip()
    box.run('postconf', '-e', f'{SIZE}={int(before) + 1}')
    try:
        yield
    finally:
        box.run('postconf', '-e', f'{SIZE}={before}')


def without(unit: str) -> Callable[[Host], Any]:
    """The way to stop a service."""
    return lambda box: stopped(box, unit)


def test_changed_settings_are_told_once(box: Host) -> None:
    check_told_once(box, 'drift', 'Mail settings', changed)


def texts_outside(outside: Host, subject: str) -> list[str]:
    """The messages in a mailbox outside with this in their subject."""
    with mail.mailbox(outside.ip, CAROL.username, CAROL.password, encrypted=False) as session:
        session.select('INBOX')
        found = session.search(None, 'SUBJECT', f'"{subject}"')[1][0].split()
        parts = [session.fetch(number, '(RFC822)')[1][0] for number in found]
        return [mail.parsed(part[1]).get_content() for part in parts if isinstance(part, tuple)]


@pytest.fixture(name='told_outside')
def fixture_told_outside(box: Host, outside: Host) -> Iterator[Host]:
    """The server of an address outside that is told, after its code was entered."""
    privileged(box, f"telling.choose('{CAROL.address}', None, None)")
    wait_for('the code', lambda: len(texts_outside(outside, CODE)) > 0, 60)
    code = re.findall(r'Code: +(\d{6})', texts_outside(outside, CODE)[-1])[-1]
    assert load(box)['address'] == '', 'not before the code'
    privileged(box, f"telling.confirm('{code}')")
    yield outside
    privileged(box, "telling.choose('', None, None)")


def privileged(box: Host, call: str) -> None:
    """Do as root's action does."""
    box.run('python3', '-c', f'from plinth.modules.email.sending import telling; {call}')


def load(box: Host) -> dict[str, Any]:
    """The choices in force."""
    found: dict[str, Any] = json.loads(box.run('cat', '/var/lib/freedombox-email/telling.json'))
    return found


def test_an_address_outside_is_told_without_postfix(box: Host, told_outside: Host) -> None:
    assert load(box)['address'] == CAROL.address
    box.run(*WATCH)
    before = len(texts_outside(told_outside, 'Postfix is stopped'))
    with stopped(box, 'postfix.service'):
        for _ in range(3):
            box.run(*WATCH)
        found = texts_outside(told_outside, 'Postfix is stopped')
        assert len(found) == before + 1, 'told once, while Postfix is stopped'
    assert "Mail can't be sent or received." in found[-1]
    for _ in range(2):
        box.run(*WATCH)
    assert len(texts_outside(told_outside, 'Solved: Postfix')) > 0


@pytest.mark.long
@pytest.mark.parametrize(
    ('unit', 'title'),
    [
        ('rspamd', 'Rspamd'),
        ('dovecot', 'Dovecot'),
        ('freedombox-email-redis', 'Redis'),
        ('postfix', 'Postfix'),
        ('slapd', 'OpenLDAP'),
    ],
)
def test_a_stopped_service_is_told_once(box: Host, unit: str, title: str) -> None:
    check_told_once(box, f'service-{unit}', title, without(f'{unit}.service'))


@pytest.mark.long
@pytest.mark.parametrize(
    ('key', 'unit', 'title'),
    [
        ('helpers', 'freedombox-email-limits.socket', 'Background services'),
        ('guards', 'fail2ban.service', 'Protection against guessed passwords'),
    ],
)
def test_a_stopped_helper_is_told_once(box: Host, key: str, unit: str, title: str) -> None:
    check_told_once(box, key, title, without(unit))


@contextmanager
def moved(box: Host, folder: str) -> Iterator[None]:
    """A folder that is not where it should be."""
    box.run('mv', folder, f'{folder}.away')
    try:
        yield
    finally:
        box.run('sh', '-c', f'rm -rf {folder} && mv {folder}.away {folder}')


@pytest.mark.long
def test_a_lost_signing_key_is_told_once(box: Host) -> None:
    title = f'Signing keys (DKIM) of {MAIN}'
    check_told_once(box, f'keys-{MAIN}', title, lambda box: moved(box, KEYS))


@contextmanager
def expired(box: Host) -> Iterator[None]:
    """Have a certificate of last year where mail services read theirs."""
    place = f'/etc/dovecot/letsencrypt/{MAIN}/cert.pem'
    box.run('cp', '-a', place, f'{place}.kept')
    try:
        box.run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', f'/CN={MAIN}',
                '-not_before', '20250101000000Z', '-not_after', '20250201000000Z',
                '-keyout', '/dev/null', '-out', place)  # fmt: skip
        yield
    finally:
        box.run('mv', f'{place}.kept', place)


@pytest.mark.long
def test_an_expired_certificate_is_told_once(box: Host) -> None:
    """The certificate of the lab is a warning before and after, so it is never solved."""
    title = f'Certificate for {MAIN}'
    was = told(box, title, is_solved=False)
    with expired(box):
        assert state(box, f'certificate-{MAIN}') == 'broken'
        for _ in range(3):
            box.run(*WATCH)
        wait_for('the message', lambda: told(box, title, is_solved=False) > was, 150)
        assert told(box, title, is_solved=False) == was + 1


@pytest.mark.long
@pytest.mark.parametrize(('days', 'expected'), [(1, 'works'), (60, 'look')])
def test_the_age_of_the_last_backup_counts(box: Host, days: int, expected: str) -> None:
    kept = '/var/lib/freedombox-email/backup.json'
    made = datetime.now(UTC) - timedelta(days=days)
    box.run('tee', kept, stdin=json.dumps({'made': made.isoformat()}))
    try:
        assert state(box, 'backup') == expected
    finally:
        box.run('rm', kept)
