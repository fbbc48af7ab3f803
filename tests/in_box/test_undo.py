# SPDX-License-Identifier: AGPL-3.0-or-later
"""Changes of the real settings: none is forgotten, each has a name, and an undo lasts.

Run as root inside a FreedomBox with freedombox-email; uses its real history.
"""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.activity import overview
from plinth.modules.email.directory.store import Store
from plinth.modules.email.directory.verbs import domains
from plinth.modules.email.dkim import key_state
from plinth.modules.email.maintenance.setup import refresh, settings_release
from plinth.modules.email.system import files
from plinth.modules.email.transaction import transaction

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which('freedombox-email') is None,
    reason='needs root on a FreedomBox with freedombox-email',
)
MAIN_CF = Path('/etc/postfix/main.cf')
DOMAINS = ('undo-test-one.example', 'undo-test-two.example')


def call(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ['freedombox-email', *words], env=os.environ | more,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def data(*words: str) -> Any:
    done = call(*words, '--json')
    return json.loads(done.stdout)


def latest() -> Any:
    return data('history')['changes'][0]


def wait_until(holds: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.1)


@contextmanager
def without_domains() -> Iterator[None]:
    """Remove the test's domains, also those a killed run has left."""
    for name in DOMAINS:
        call('domain', 'remove', name, '--force')
    try:
        yield
    finally:
        for name in DOMAINS:
            call('domain', 'remove', name, '--force')


def _waits(process: subprocess.Popen[str]) -> bool:
    """Whether a process has the lock's file open."""
    fds = Path(f'/proc/{process.pid}/fd')
    return any(os.path.realpath(each) == str(transaction.LOCK) for each in fds.iterdir())


def test_a_domain_added_while_a_change_waits_is_signed() -> None:
    with without_domains():
        with files.locked(transaction.LOCK, 60):
            command = ['freedombox-email', 'domain', 'add', DOMAINS[0]]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            wait_until(lambda: _waits(process), 'The command does not wait for the lock.')
            with Store() as store:
                domains.add_domain(store, DOMAINS[1])
        process.communicate(timeout=120)
        assert process.returncode == 0
        signed = [name for name in DOMAINS if key_state.signing(name)]
        assert signed == list(DOMAINS), 'Mail of a domain leaves without a signature.'


def test_the_history_names_who_gave_the_command() -> None:
    with without_domains():
        assert call('domain', 'add', DOMAINS[0], SUDO_USER='www-data').returncode == 0
        assert latest()['who'] == 'www-data'
        assert call('domain', 'remove', DOMAINS[0], SUDO_USER='no such user').returncode == 0
        assert latest()['who'] == 'root'
        refused = call('undo', str(latest()['id']), '--unsafe')
        assert refused.returncode == 4
        assert 'dkim_signing.conf' in refused.stderr


def test_a_setting_that_was_undone_is_left_alone() -> None:
    assert call('drift').returncode == 0
    before = MAIN_CF.read_text()
    mine = re.sub(r'(?m)^(message_size_limit =).*', r'\1 12345678', before)
    assert mine != before
    try:
        MAIN_CF.write_text(mine)
        number = refresh('test').id
        assert 'message_size_limit = 12345678' not in MAIN_CF.read_text()
        assert call('undo', str(number)).returncode == 0
        assert MAIN_CF.read_text() == mine
        assert not refresh('test').changed, 'The next change takes the undo back.'
        said = call('drift')
        assert (said.returncode, data('drift')['differences']) == (0, [])
        assert (
            f'Not managed since change {number} was reverted: {MAIN_CF}: message_size_limit'
            in said.stdout
        )
        assert f'Not managed since change {number}' in call('history', str(number)).stdout
        assert call('release', str(number)).returncode == 0
        assert 'message_size_limit = 12345678' not in MAIN_CF.read_text()
        assert 'Kept' not in call('drift').stdout
    finally:
        call('release', str(number))
        MAIN_CF.write_text(before)
        refresh('test')


def test_the_page_offers_to_decide_again_about_what_protects() -> None:
    before = MAIN_CF.read_text()
    try:
        MAIN_CF.write_text(re.sub(r'(?m)^(disable_vrfy_command =).*', r'\1 no', before))
        number = str(refresh('test').id)
        assert call('undo', number).returncode == 4
        assert call('undo', number, '--unsafe').returncode == 0
        seen = overview.overview_data()
        assert (seen.drift, seen.undone) == ((), ('disable_vrfy_command',))
        settings_release(['tester', 'nobody-there'])
        assert latest()['who'] == 'tester'
        assert MAIN_CF.read_text() == before
        assert overview.overview_data().undone == ()
    finally:
        call('release', number)
        MAIN_CF.write_text(before)
        refresh('test')
