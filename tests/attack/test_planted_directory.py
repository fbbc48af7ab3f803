# SPDX-License-Identifier: AGPL-3.0-or-later
"""The web process lays a file where a backup brings the directory back, and has root load it."""

from collections.abc import Iterator

import pytest

from lab.settings import USERS
from tests.conftest import Host

from . import webprocess

pytestmark = webprocess.REFUSALS
DATA = '/var/lib/plinth/backups-data'
ASIDE = '/var/lib/plinth/backups-data-aside'
FILE = f'{DATA}/email-directory.ldif'
ADMINS = 'cn=admin,ou=groups,dc=thisbox'
NEW_ADMIN = f"""dn: {ADMINS}
changetype: modify
add: memberUid
memberUid: {USERS[0].username}
"""


@pytest.fixture(autouse=True)
def _own_folder(box: Host) -> Iterator[None]:
    """Let the web process have a folder of its own where FreedomBox's was."""
    box.run('rm', '-rf', ASIDE)
    # The web process may do this itself where its folder is no overlay, as a lab's is.
    box.run('mv', DATA, ASIDE)
    webprocess.run(box, 'mkdir', DATA)
    yield
    box.run('rm', '-rf', DATA)
    box.run('mv', ASIDE, DATA)


def members(box: Host) -> str:
    """The entry of the group of administrators."""
    return box.run('ldapsearch', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///', '-LLL', '-b', ADMINS)


def aliases(box: Host) -> str:
    """All aliases."""
    return box.run('freedombox-email', 'alias', 'list', '--json')


def test_a_planted_file_makes_no_one_an_administrator(box: Host) -> None:
    before = members(box), aliases(box)
    box.run('tee', FILE, stdin=NEW_ADMIN)
    box.run('chown', 'plinth:', FILE)
    answer = webprocess.ask_root(box, 'directory_load')
    assert members(box) == before[0], 'a file of the web process has made an administrator'
    assert answer == {'code': 'path-not-plain'}
    assert aliases(box) == before[1]


def test_a_foreign_backup_makes_no_one_an_administrator(box: Host) -> None:
    """FreedomBox extracts a backup as root, so the file in it is root's."""
    before = members(box), aliases(box)
    box.run('tee', FILE, stdin=NEW_ADMIN)
    box.run('chown', '-R', 'root:', DATA)
    answer = webprocess.ask_root(box, 'directory_load')
    assert members(box) == before[0], 'a foreign backup has made an administrator'
    assert answer == {'code': 'ldif-invalid'}
    assert aliases(box) == before[1]


@pytest.mark.parametrize('target', ['/etc/shadow', '/var/lib/freedombox-email/lock'])
def test_a_link_leads_nowhere(box: Host, target: str) -> None:
    webprocess.run(box, 'ln', '-s', target, FILE)
    assert webprocess.ask_root(box, 'directory_load') == {'code': 'path-not-plain'}


def test_a_pipe_holds_no_one_up(box: Host) -> None:
    webprocess.run(box, 'mkfifo', FILE)
    assert webprocess.ask_root(box, 'directory_load') == {'code': 'path-not-plain'}


def test_with_nothing_planted_there_is_nothing_to_load(box: Host) -> None:
    assert webprocess.ask_root(box, 'directory_load') == {'code': 'load-no-file'}
