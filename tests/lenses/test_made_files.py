# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files as administrators write them, made up for this: no line of theirs is lost.

Each file below `made/` is taken for the one of the box and given all that this app sets in it.
The programs then read what comes out.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from plinth.modules.email.config.state import (
    DovecotConf,
    DovecotSetting,
    LastLine,
    MainCf,
    MasterCf,
    WantedState,
)
from plinth.modules.email.config.system import system_state
from plinth.modules.email.config.tests.golden import SETS
from plinth.modules.email.system.files import File
from plinth.modules.email.transaction.editor import drift
from plinth.modules.email.transaction.plan import edited

pytestmark = pytest.mark.skipif(
    not shutil.which('doveconf') or not shutil.which('postconf'),
    reason='Postfix and Dovecot are not installed.',
)
MADE = Path(__file__).with_name('made')
FILES = sorted(path for path in MADE.rglob('*') if path.is_file())
STATE: WantedState = system_state(SETS['three-domains'])
DOVECOT = DovecotConf(
    '/probe',
    (
        DovecotSetting('login_greeting', 'Ours.'),
        DovecotSetting('first_valid_uid', '200'),
        DovecotSetting('process_limit', '77', (('service', 'imap'),)),
        DovecotSetting('auto', 'create', (('namespace', 'inbox'), ('mailbox', 'My own box'))),
        DovecotSetting('imap_sieve', 'yes', (('protocol', 'imap'), ('mail_plugins', ''))),
    ),
)
Wanted = MainCf | MasterCf | DovecotConf | LastLine


def wanted_in(path: Path) -> Wanted:
    """The settings of this app in a file of this kind."""
    kind = path.parent.name
    if kind == 'dovecot':
        return DOVECOT
    if kind == 'rspamd':
        return next(edit for edit in STATE.edits if isinstance(edit, LastLine))
    names = {'main.cf': MainCf, 'master.cf': MasterCf}
    return next(edit for edit in STATE.edits if isinstance(edit, names[kind]))  # type: ignore[return-value]


def names(wanted: Wanted) -> set[str]:
    """The names of all that is ours."""
    match wanted:
        case MainCf(values=values):
            return set(values)
        case MasterCf(services=services, absent=absent):
            options = {name for service in services for name, _value in service.options}
            return options | {each.name for each in services} | {name for name, _kind in absent}
        case DovecotConf(settings=settings):
            return {setting.key for setting in settings}
    return set()


def entries(text: str) -> Iterator[tuple[str, str]]:
    """Each line, and the first word of the entry it is part of; a comment is its own."""
    head = ''
    for line in text.split('\n'):
        if line.strip() and not line[0].isspace() and not line.startswith('#'):
            head = re.split(r'[\s=]', line)[0]
        yield line, '' if line.lstrip().startswith('#') else head


def lost(before: str, after: str, ours: set[str]) -> list[str]:
    """Lines that are gone and say nothing of what is ours."""
    left = after.split('\n')
    gone = []
    for line, head in entries(before):
        if line in left:
            left.remove(line)
        elif head not in ours and not any(re.search(rf'\b{name}\b', line) for name in ours):
            gone.append(line)
    return gone


def test_there_are_enough() -> None:
    assert len(FILES) >= 40


@pytest.mark.parametrize('path', FILES, ids=lambda path: f'{path.parent.name}-{path.name}')
def test_no_line_is_lost(path: Path, tmp_path: Path) -> None:
    wanted, text = wanted_in(path), path.read_text()
    now = edited(wanted, File('file', text.encode()))
    assert lost(text, now.text, names(wanted)) == []
    assert edited(wanted, now) == now
    if not isinstance(wanted, LastLine):
        assert drift(wanted, now.text) == ()
    match wanted:
        case MainCf():
            read_by_postfix(
                tmp_path, now.text, Path('/usr/share/postfix/master.cf.dist').read_text()
            )
        case MasterCf():
            read_by_postfix(tmp_path, 'compatibility_level = 3.6\n', now.text)
        case DovecotConf():
            read_by_dovecot(tmp_path, now.text)


def read_by_postfix(folder: Path, main: str, master: str) -> None:
    """Have Postfix's own program read both of its files."""
    (folder / 'main.cf').write_text(main)
    (folder / 'master.cf').write_text(master)
    for option in ('-n', '-M', '-P'):
        done = subprocess.run(
            ['postconf', '-c', folder, option], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def read_by_dovecot(folder: Path, text: str) -> None:
    """Have Dovecot's own program read a file, as far as its certificates allow."""
    path = folder / 'dovecot.conf'
    path.write_text(f'dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n{text}')
    done = subprocess.run(
        ['doveconf', '-n', '-c', path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert 'login_greeting = Ours.' in done.stdout
