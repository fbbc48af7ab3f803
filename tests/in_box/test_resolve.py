# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where mail goes, asked of Postfix's own tables; run as root inside a FreedomBox."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which('freedombox-email') is None,
    reason='needs root on a FreedomBox with freedombox-email',
)
DOMAIN = 'resolve-test.example'
ALL = f'all@{DOMAIN}'
FAR = [f'p{number}@far.example' for number in range(300)]
MAIN_CF = Path('/etc/postfix/main.cf')


def call(*arguments: str) -> str:
    done = subprocess.run(
        ['freedombox-email', *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def path_of(address: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call('resolve', address, '--json'))['path']
    return found


def processor_seconds() -> float:
    """Processor time of all programs that were run, with those they ran."""
    spent = os.times()
    return spent.children_user + spent.children_system


@pytest.fixture(scope='module', autouse=True)
def _domain() -> Iterator[None]:
    call('domain', 'add', DOMAIN)
    call('alias', 'add', ALL, *FAR)
    yield
    call('domain', 'remove', DOMAIN, '--force')


def test_hundreds_of_destinations_are_looked_up_at_once() -> None:
    before = processor_seconds()
    found = path_of(ALL)
    assert processor_seconds() - before < 2.5, 'a program was started for each'
    assert (found['agrees'], len(found['postfix']['remote'])) == (True, len(FAR))


def test_a_warning_is_no_answer() -> None:
    before = MAIN_CF.read_text()
    MAIN_CF.write_text(f'{before}\nsmtpd_banner = $myhostname\nsmtpd_banner = $myhostname x\n')
    try:
        warned = subprocess.run(['postconf', '-n'], capture_output=True, text=True, check=True)
        assert 'overriding' in warned.stderr
        for address, accepted in ((ALL, True), (f'nobody@{DOMAIN}', False)):
            found = path_of(address)
            assert (found['agrees'], not found['postfix']['refusal']) == (True, accepted)
    finally:
        MAIN_CF.write_text(before)
