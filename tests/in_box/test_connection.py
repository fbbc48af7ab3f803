# SPDX-License-Identifier: AGPL-3.0-or-later
"""The directory is asked while slapd stops and starts; run as root on a FreedomBox."""

import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plinth.modules.email.directory import connection as ldap
from plinth.modules.email.directory.store import Store
from plinth.modules.email.errors import MailError

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not Path('/run/slapd/ldapi').exists(),
    reason='needs root on a FreedomBox',
)

RESTART = ('restart',)
CRASH = ('kill', '--kill-whom=main', '--signal=SEGV')


def systemctl(*arguments: str) -> None:
    subprocess.run(['systemctl', *arguments, 'slapd'], check=True, timeout=60)


@pytest.fixture(autouse=True)
def users() -> Iterator[None]:
    """Restart what asks slapd for users: it would refuse the next logins."""
    yield
    systemctl('start')
    subprocess.run(['systemctl', 'restart', 'nslcd'], check=True, timeout=60)


@pytest.mark.parametrize('how', [RESTART, CRASH], ids=['restart', 'crash'])
def test_a_question_waits_for_a_directory_that_comes_back(how: tuple[str, ...]) -> None:
    with ThreadPoolExecutor() as pool:
        happened = pool.submit(systemctl, *how)
        asked = 0
        while not happened.done() or asked < 20:
            with Store():
                asked += 1
        happened.result()


def test_no_one_waits_for_a_directory_that_is_switched_off() -> None:
    systemctl('stop')
    began = time.monotonic()
    with pytest.raises(MailError) as caught:
        ldap.connect()
    assert caught.value.code == 'directory-down'
    assert time.monotonic() - began < 1
