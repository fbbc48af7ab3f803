# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files of Debian's packages that this app edits, when a newer package brings newer ones.

Run as root inside a FreedomBox with freedombox-email.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from plinth.modules.email.maintenance.setup import wanted_state
from plinth.modules.email.transaction import transaction

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which('freedombox-email') is None,
    reason='needs root on a FreedomBox with freedombox-email',
)
OURS = Path('/etc/dovecot/conf.d/10-auth.conf')
THEIRS = Path('/usr/share/dovecot/conf.d/10-auth.conf')
LEFT = OURS.with_name(OURS.name + '.ucf-dist')
UCF = Path('/var/lib/ucf')


def run(*command: str) -> str:
    return subprocess.run(
        command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env={**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'},
    ).stdout  # fmt: skip


def test_no_file_that_dpkg_asks_about_is_edited() -> None:
    listed = run('dpkg-query', '--show', '--showformat', '${Conffiles}\\n').split()
    asked = {word for word in listed if word.startswith('/etc/')}
    assert '/etc/rspamd/options.inc' in asked, 'nothing was listed'
    state = wanted_state()
    edited = {edit.path for edit in state.edits} | set(state.absent)
    assert {path for path in edited & asked if Path(path).exists()} == set()


@pytest.fixture
def newer() -> Iterator[str]:
    """A newer file of the package; the box as it was afterwards."""
    text, kept = THEIRS.read_text(), OURS.read_text()
    saved = UCF.with_name('ucf.kept')
    shutil.copytree(UCF, saved)
    THEIRS.write_text(f'{text}# A newer package says more.\n')
    yield kept
    THEIRS.write_text(text)
    OURS.write_text(kept)
    LEFT.unlink(missing_ok=True)
    shutil.rmtree(UCF)
    saved.rename(UCF)


def test_a_newer_file_leaves_ours_in_use(newer: str) -> None:
    run('ucf', '--three-way', str(THEIRS), str(OURS))
    assert OURS.read_text() == newer
    run('doveconf', '-n')
    assert transaction.check(wanted_state()) == ()


def test_who_takes_the_newer_file_is_told_and_it_is_repaired(newer: str) -> None:
    OURS.write_text(THEIRS.read_text())
    assert [drift.path for drift in transaction.check(wanted_state())] == [str(OURS)]
    transaction.apply(wanted_state, 'Test', 'tester')
    assert transaction.check(wanted_state()) == ()
    assert '# A newer package says more.' in OURS.read_text(), newer
