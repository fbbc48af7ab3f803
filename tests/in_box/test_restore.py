# SPDX-License-Identifier: AGPL-3.0-or-later
"""A saved directory comes back wholly or not at all, and is never more than data."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plinth.modules.email.backup import dump
from plinth.modules.email.directory import apppassword
from plinth.modules.email.directory.password import hash_password
from plinth.modules.email.directory.store import Store
from plinth.modules.email.directory.suffix import BASE_DN
from plinth.modules.email.directory.verbs import aliases, domains, mailboxes
from plinth.modules.email.directory.verbs.reconcile import reconcile
from plinth.modules.email.errors import MailError

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not Path('/run/slapd/ldapi').exists(),
    reason='needs root on a FreedomBox',
)

DOMAIN = 'restore-test.example'
MANY = 1000


def whole() -> list[str]:
    """All entries as text, sorted; without those that only hold a place."""
    command = [*dump._COMMAND, '-b', BASE_DN, '(!(ou=anchor))']
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    entries = (sorted(entry.splitlines()) for entry in text.split('\n\n') if entry.strip())
    return sorted('\n'.join(lines) for lines in entries)


@pytest.fixture(scope='module', autouse=True)
def _as_it_was() -> Iterator[None]:
    """Bring everything back as it was before, whatever happened."""
    with Store() as store:
        forget(store)
    before = dump._read_tree()
    yield
    dump.load(before)


def forget(store: Store) -> None:
    """Remove what a run that was killed has left."""
    try:
        domains.remove_domain(store, DOMAIN, force=True)
    except MailError as error:
        if error.code != 'domain-missing':
            raise


@pytest.fixture(name='saved')
def fixture_saved() -> Iterator[bytes]:
    """Save a directory with something of every kind in it."""
    with Store() as store:
        domains.add_domain(store, DOMAIN, '')
        aliases.add(store, aliases.make_alias(f'one@{DOMAIN}', ['a=b#c@outside.test']))
        aliases.add(store, aliases.make_alias(f'grüße-*@{DOMAIN}', ['x@outside.test']))
        domains.edit_domain(store, DOMAIN, limits={'recipients_hour': 7, 'first_time_day': 8})
        mailboxes.add(store, f'shop@{DOMAIN}', password_hash=hash_password('correct horse'))
        mailboxes.change(store, f'shop@{DOMAIN}', closed='Grüße', limits={'recipients_day': 9})
        reconcile(store)  # or the web interface does, in the middle of a test
        saved = dump._read_tree()
    yield saved
    with Store() as store:  # slapd may have crashed and come back since
        forget(store)


def test_there_and_back(saved: bytes) -> None:
    before = whole()
    with Store() as store:
        aliases.remove(store, f'one@{DOMAIN}')
        mailboxes.change(store, f'shop@{DOMAIN}', closed='', limits={'recipients_day': 0})
        aliases.add(store, aliases.make_alias(f'two@{DOMAIN}', ['y@outside.test']))
        domains.set_operator(store, '')
    assert dump.load(saved) == ()
    assert whole() == before


def test_the_way_back(saved: bytes) -> None:
    with Store() as store:
        aliases.add(store, aliases.make_alias(f'later@{DOMAIN}', ['y@outside.test']))
    before = whole()
    dump.load(saved)
    assert whole() != before
    dump.load(dump.BEFORE.read_bytes())
    assert whole() == before


HOSTILE = {
    'makes an administrator': 'dn: cn=admin,ou=groups,dc=thisbox\nchangetype: modify\n'
    'add: memberUid\nmemberUid: alice\n',
    'opens the configuration': 'dn: olcDatabase={0}config,cn=config\nchangetype: modify\n'
    'replace: olcAccess\nolcAccess: to * by * manage\n',
    'adds a user': 'dn: uid=eve,ou=users,dc=thisbox\nobjectClass: account\n'
    'objectClass: posixAccount\nuid: eve\ncn: eve\nuidNumber: 0\ngidNumber: 0\n'
    'homeDirectory: /root\n',
    'fetches a file': f'dn: fbxMailAddress=f@{DOMAIN},ou=aliases,{BASE_DN}\n'
    'fbxMailNote:< file:///etc/shadow\n',
    'is rubbish': 'rubbish\n',
}


@pytest.mark.parametrize('record', HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_does_more_changes_nothing(saved: bytes, record: str) -> None:
    before = whole()
    with pytest.raises(MailError) as caught:
        dump.load(saved + b'\n' + record.encode())
    assert caught.value.code in ('ldif-invalid', 'tree-foreign')
    assert whole() == before


def test_only_a_file_of_root_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of FreedomBox's files is the web process's, which may put anything there."""
    planted = tmp_path / 'backups-data/email-directory.ldif'
    planted.parent.mkdir()
    planted.write_text('rubbish')
    monkeypatch.setattr(dump, 'DIRECTORY_DUMP', str(tmp_path / 'none'))
    monkeypatch.setattr(dump, 'EARLIER_DUMP', str(planted))
    assert dump.saved() == b'rubbish'
    os.chown(planted, 33, 33)
    with pytest.raises(MailError, match='unexpected type'):
        dump.saved()
    planted.unlink()
    planted.symlink_to('/etc/shadow')
    with pytest.raises(MailError, match='unexpected type'):
        dump.saved()
    planted.unlink()
    os.mkfifo(planted)
    with pytest.raises(MailError, match='unexpected type'):
        dump.saved()


def test_app_passwords_come_and_go(saved: bytes) -> None:
    with Store() as store:
        user = store.users()[0].name
    before = whole()
    made = subprocess.run(
        ['freedombox-email', 'app-password', 'add', user, 'restore test'],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert made.stdout
    with_one = dump._read_tree()
    dump.load(saved)
    assert whole() == before
    dump.load(with_one)
    with Store() as store:
        assert 'restore test' in {each.label for each in apppassword.of_owner(store)}
    dump.load(saved)


def _many(saved: bytes) -> bytes:
    """A directory with thousands of aliases more."""
    entries = (
        f'dn: fbxMailAddress=n{n}@{DOMAIN},ou=aliases,{BASE_DN}\nobjectClass: fbxMailAlias\n'
        f'fbxMailAddress: n{n}@{DOMAIN}\nfbxMailDestination: n{n}@outside.test\n'
        f'fbxMailEnabled: TRUE\nfbxMailOrigin: admin\n'
        for n in range(MANY)
    )
    return saved + b'\n' + '\n'.join(entries).encode()


def _in_background(content: bytes, folder: Path) -> subprocess.Popen[bytes]:
    """Load a directory in a process that can be killed."""
    file = folder / 'saved.ldif'
    file.write_bytes(content)
    code = (
        'import pathlib, sys\nfrom plinth.modules.email.backup import dump\n'
        'dump.load(pathlib.Path(sys.argv[1]).read_bytes())\n'
    )
    return subprocess.Popen([sys.executable, '-c', code, str(file)])


def _is_at_work() -> bool:
    """Whether slapd is down, or works on anything besides this question."""
    found = subprocess.run(
        ['ldapsearch', '-LLL', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///',
         '-b', 'cn=Connections,cn=Monitor', '(monitorConnectionOpsExecuting>=1)', '1.1'],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return found.returncode != 0 or found.stdout.count('dn: ') > 1


@pytest.mark.parametrize('part', [0.5, 0.8, 0.97])
def test_killed_at_any_moment_it_is_the_old_tree_or_the_new(
    saved: bytes, tmp_path: Path, part: float
) -> None:
    old = whole()
    content, began = _many(saved), time.monotonic()
    _in_background(content, tmp_path).wait()
    lasted, new = time.monotonic() - began, whole()
    assert len(new) == len(old) + MANY
    dump.load(saved)
    assert whole() == old
    process = _in_background(content, tmp_path)
    time.sleep(lasted * part)  # a moment to be killed at, nothing is waited for
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 60
    while _is_at_work() and time.monotonic() < deadline:
        time.sleep(0.1)  # it goes on by itself with what it has begun, or comes back after a crash
    assert whole() in (old, new), 'half a directory was left'


SYSTEM_ALIASES = Path('/etc/aliases')


@pytest.fixture(name='brought')
def fixture_brought() -> Iterator[str]:
    """Bring an alias of the system, as FreedomBox does when it extracts a backup."""
    before = SYSTEM_ALIASES.read_bytes()
    SYSTEM_ALIASES.write_bytes(before + b'\nrestore-test: nobody\n')
    yield 'restore-test'
    SYSTEM_ALIASES.write_bytes(before)
    subprocess.run(['newaliases'], check=True)


@pytest.mark.parametrize('has_directory', [True, False])
def test_postfix_reads_the_system_aliases_that_came_back(brought: str, has_directory: bool) -> None:
    """Also those of a backup of the built-in app, which has no directory."""
    dump.directory_forget_dump()
    if has_directory:
        dump.directory_dump()
        dump.directory_load()
    else:
        with pytest.raises(MailError, match='contains no mail directory'):
            dump.directory_load()
    maps = ['postconf', '-hx', 'alias_maps']
    table = subprocess.run(maps, capture_output=True, text=True, check=True).stdout.strip()
    done = subprocess.run(
        ['postalias', '-q', brought, table], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == 'nobody'
