# SPDX-License-Identifier: AGPL-3.0-or-later
"""A click that meets another person's long change is answered soon, and nothing is half done."""

import re
import time
from collections.abc import Iterator

import pytest

from lab.web import BoxPage, Browser
from tests.conftest import Host

LOCK = '/run/freedombox-email-directory.lock'
HOLDER = 'test-holds-the-lock.service'
SOON = 12.0
"""Seconds for four of waiting and the page after, on a busy machine; others go on for 120."""
ADD = '/freedombox/apps/email/aliases/add/'
BUSY = 'Another change is in progress. Try again in a minute.'


@pytest.fixture(scope='module')
def web(box: Host) -> Browser:
    """An administrator's session."""
    return box.browser()


@pytest.fixture
def _held(box: Host) -> Iterator[None]:
    """Have another program write to the directory for a long time."""
    box.run('systemd-run', '-q', f'--unit={HOLDER}', 'flock', LOCK, 'sleep', '120')
    while box.succeeds('flock', '-n', LOCK, 'true'):
        pass
    try:
        yield
    finally:
        box.run('systemctl', 'stop', HOLDER)


def timed(web: Browser, page: BoxPage, **values: str) -> tuple[float, BoxPage]:
    """Press the button of a form; return how long the answer took, and the answer."""
    form = page.form()
    began = time.monotonic()
    answer = web.submit(page, form, **values)
    return time.monotonic() - began, answer


@pytest.mark.usefixtures('_held')
def test_a_form_says_that_another_change_is_under_way(web: Browser, box: Host) -> None:
    address = 'busy@example.test'
    values = {'local': 'busy', 'domain': 'example.test', 'destinations': 'alice@example.test'}
    seconds, answer = timed(web, web.get(ADD), **values)
    assert BUSY in answer.text
    assert answer.form(has_field='local').fields['local'] == ['busy'], 'the form was emptied'
    assert seconds < SOON
    assert address not in box.run('freedombox-email', 'alias', 'list')


@pytest.mark.usefixtures('_held')
def test_a_command_waits_longer(box: Host) -> None:
    command = 'freedombox-email alias change info@example.test --note x'
    assert not box.succeeds('timeout', '6', *command.split()), 'it did not wait'


@pytest.mark.journal_may_say('Service Unavailable')
def test_pages_say_soon_that_the_directory_hangs(web: Browser, box: Host) -> None:
    box.run('systemctl', 'kill', '--signal=STOP', 'slapd')
    try:
        began = time.monotonic()
        answer = web.get(ADD)
        assert time.monotonic() - began < 2 * SOON
        assert re.search('directory|LDAP', answer.text)
    finally:
        box.run('systemctl', 'kill', '--signal=CONT', 'slapd')
