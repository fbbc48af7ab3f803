# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each problem is told once by mail, and once more when it is solved."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lab import settings
from lab.host import wait_for
from tests.conftest import Host

WATCH = ('/usr/lib/freedombox-email/watch-health', '0.2')
KEPT = '/var/lib/freedombox-email/health.json'
SIZE = 'message_size_limit'
pytestmark = pytest.mark.journal_may_say(r'.')  # what is broken here on purpose says so


@pytest.fixture(scope='module', autouse=True)
def _as_it_is(box: Host) -> Iterator[None]:
    """Problems of the lab are told before, and the timer looks at nothing meanwhile."""
    box.run('systemctl', 'stop', 'freedombox-email-health.timer')
    box.run('rm', '-f', KEPT)
    box.run(*WATCH)
    yield
    box.run('systemctl', 'start', 'freedombox-email-health.timer')


def subjects(box: Host) -> list[str]:
    """Subjects of the messages about checks, in the mailbox of the administrator."""
    box.run('postqueue', '-f')
    found = box.run(
        'doveadm', '-f', 'json', 'fetch', '-u', settings.ADMIN.address, 'hdr.subject',
        'mailbox', 'INBOX', 'subject', '[FreedomBox]', check=False,
    )  # fmt: skip
    return [str(each['hdr.subject']) for each in json.loads(found or '[]')]


def told(box: Host, words: str) -> int:
    """How many messages have these words in their subjects."""
    return sum(words in each for each in subjects(box))


def state(box: Host, key: str) -> str:
    """The state of a check by the command."""
    found = json.loads(box.run('freedombox-email', 'check', '--json', check=False))
    return next((str(each['state']) for each in found['checks'] if each['check'] == key), '')


def check_told_once(
    box: Host, key: str, words: str, broken: Callable[[Host], Any], title: str
) -> None:
    """Break something, look three times, make it well, and look three times again."""
    was, solved = told(box, words), told(box, f'Solved: {title}')
    before = state(box, key)
    with broken(box):
        assert state(box, key) not in (before, 'works')
        for _ in range(3):
            box.run(*WATCH)
    for _ in range(3):
        box.run(*WATCH)
    assert state(box, key) == before
    wait_for('both messages', lambda: told(box, f'Solved: {title}') > solved, 60)
    assert (told(box, words), told(box, f'Solved: {title}')) == (was + 1, solved + 1)


@contextmanager
def stopped(box: Host, unit: str) -> Iterator[None]:
    """Keep a service from running."""
    box.run('systemctl', 'mask', '--runtime', unit)
    box.run('systemctl', 'stop', unit)
    try:
        yield
    finally:
        box.run('systemctl', 'unmask', '--runtime', unit)
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
    check_told_once(
        box, 'drift', 'Settings that decide about mail were changed', changed, 'Mail settings'
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ('key', 'unit', 'words', 'title'),
    [
        ('service-rspamd', 'rspamd.service', 'Rspamd is stopped', 'Rspamd'),
        ('service-dovecot', 'dovecot.service', 'Dovecot is stopped', 'Dovecot'),
        ('service-freedombox-email-redis', 'freedombox-email-redis.service', 'Redis is stopped',
         'Redis'),
        ('service-postfix', 'postfix.service', 'Postfix is stopped', 'Postfix'),
        ('service-slapd', 'slapd.service', 'OpenLDAP is stopped', 'OpenLDAP'),
    ],
)  # fmt: skip
def test_a_stopped_service_is_told_once(
    box: Host, key: str, unit: str, words: str, title: str
) -> None:
    check_told_once(box, key, words, without(unit), title)
