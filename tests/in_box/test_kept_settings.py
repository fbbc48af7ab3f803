# SPDX-License-Identifier: AGPL-3.0-or-later
"""An administrator's own settings in files the app writes too are kept, and count.

Run as root inside a FreedomBox with freedombox-email.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plinth.modules.email.privileged import files
from plinth.modules.email.privileged.setup import refresh

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which('freedombox-email') is None,
    reason='needs root on a FreedomBox with freedombox-email',
)
OVERRIDES = Path('/etc/rspamd/override.d')
OPTIONS = """# mine
dns { timeout = 4s; nameserver = ["127.0.0.53"]; }
local_addrs = [127.0.0.0/8, 10.0.0.0/8];
"""
CONTROLLER = 'password = "$2$not-a-real-one$x";'  # its last line has no end


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@contextmanager
def edited(path: Path, text: str) -> Iterator[None]:
    """Have an administrator's text in a file."""
    before = files.read(str(path))
    path.write_text(text)
    try:
        yield
    finally:
        files.write(str(path), before)
        refresh('test')


def test_own_files_of_rspamd_are_kept_and_ours_win() -> None:
    options, controller = OVERRIDES / 'options.inc', OVERRIDES / 'worker-controller.inc'
    with edited(options, OPTIONS), edited(controller, CONTROLLER):
        assert refresh('test').changed
        assert options.read_text().startswith(OPTIONS)
        assert controller.read_text().startswith(CONTROLLER + '\n')
        seen = run('rspamadm', 'configdump', 'options')
        for theirs in ('"127.0.0.53"', '"10.0.0.0/8"'):
            assert theirs in seen, 'A setting of the administrator was lost.'
        for ours in ('timeout = 1;', 'retransmits = 1;', 'soft_reject_on_timeout = true;'):
            assert ours in seen, 'Mail is not filtered as it should be.'
        seen = run('rspamadm', 'configdump', 'worker')
        assert CONTROLLER.rstrip() in seen
        assert '/run/rspamd/controller.sock mode=0600' in seen
        assert not refresh('test').changed
