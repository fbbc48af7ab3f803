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

from plinth.modules.email.maintenance.setup import refresh
from plinth.modules.email.system import files

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


def test_own_options_of_a_submission_service_are_kept() -> None:
    path = Path('/etc/postfix/master.cf')
    before = path.read_text()
    mine = '  -o smtpd_junk_command_limit=5\n  -o { smtpd_banner = mine, all mine }\n'
    theirs = '  -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n'
    head, service, rest = before.partition('\nsubmission ')
    line, end, rest = rest.partition('\n')
    text = head + service + line + end + mine + theirs + rest
    with edited(path, text):
        changed = refresh('test')
        assert path.read_text() == text.replace(theirs, '')
        assert theirs.strip() in changed.diff, 'The history does not name what was taken away.'
        said = run('postconf', '-P', 'submission/inet/smtpd_junk_command_limit')
        assert said.endswith('= 5\n')
        assert not refresh('test').changed


def test_a_parameter_that_only_a_removed_option_used_hinders_nothing() -> None:
    main, master = Path('/etc/postfix/main.cf'), Path('/etc/postfix/master.cf')
    own = 'mua_client_restrictions = permit_sasl_authenticated, reject\n'
    service = '\nsubmission inet n - y - - smtpd\n'
    before = master.read_text()
    head, _, rest = before.partition('\nsubmission ')
    example = service + '  -o smtpd_client_restrictions=$mua_client_restrictions\n'
    text = head + example + rest.partition('\n')[2]
    with edited(main, main.read_text() + own), edited(master, text):
        refresh('test')
        assert own in main.read_text()
        assert '$mua_client_restrictions' not in master.read_text()


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
