# SPDX-License-Identifier: AGPL-3.0-or-later
"""The directory is asked while slapd stops and starts; run as root on a FreedomBox."""

import itertools
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plinth.modules.email.directory import connection as ldap
from plinth.modules.email.directory.store import Store
from plinth.modules.email.errors import MailError
from plinth.modules.email.sending.limits import FRESH_SECONDS
from plinth.modules.email.sending.limits_service import DirectoryLook

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not Path('/run/slapd/ldapi').exists(),
    reason='needs root on a FreedomBox',
)

RESTART = ('restart',)
CRASH = ('kill', '--kill-whom=main', '--signal=SEGV')


def systemctl(*arguments: str) -> None:
    subprocess.run(['systemctl', *arguments, 'slapd'], check=True, timeout=30)


@pytest.fixture(autouse=True)
def users() -> Iterator[None]:
    """Restart what asks slapd for users: it would refuse the next logins."""
    yield
    systemctl('start')
    subprocess.run(['systemctl', 'restart', 'nslcd'], check=True, timeout=20)  # it may miss SIGTERM


@pytest.mark.parametrize('how', [RESTART, CRASH], ids=['restart', 'crash'])
def test_a_question_waits_for_a_directory_that_comes_back(how: tuple[str, ...]) -> None:
    with ThreadPoolExecutor() as pool:
        happened = pool.submit(systemctl, *how)
        asked = 0
        while not happened.done() or asked < 20:
            with Store():
                asked += 1
        happened.result()


@pytest.mark.parametrize('how', [RESTART, CRASH], ids=['restart', 'crash'])
def test_a_connection_that_is_kept_is_opened_again(how: tuple[str, ...]) -> None:
    look = DirectoryLook(itertools.count(step=2 * int(FRESH_SECONDS)).__next__)
    first = look('nobody@example.test')
    systemctl(*how)
    assert look('nobody@example.test') == first
    systemctl('stop')
    with pytest.raises(MailError) as caught:
        look('nobody@example.test')
    assert caught.value.code == 'directory-down'
    systemctl('start')
    assert look('nobody@example.test') == first
    look.close()


def main_process() -> int:
    """The main process of slapd, as systemd knows it."""
    shown = ['systemctl', 'show', '-P', 'MainPID', 'slapd']
    return int(subprocess.run(shown, check=True, capture_output=True, text=True).stdout)


@pytest.mark.parametrize('_time', range(5))
def test_a_question_waits_for_a_crash_that_systemd_has_not_noticed(_time: int) -> None:
    systemctl('restart')  # after many crashes it would wait longer and longer
    asked = 0
    with ThreadPoolExecutor() as pool:
        happened = pool.submit(os.kill, main_process(), signal.SIGSEGV)
        while not happened.done() or asked < 20:
            with Store():
                asked += 1


def test_no_one_waits_for_a_directory_that_is_switched_off() -> None:
    systemctl('stop')
    began = time.monotonic()
    with pytest.raises(MailError) as caught:
        ldap.connect()
    assert caught.value.code == 'directory-down'
    assert time.monotonic() - began < 1
