# SPDX-License-Identifier: AGPL-3.0-or-later
"""Saving and loading the mail directory, with OpenLDAP's tools replaced."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.errors import MailError
from plinth.modules.email.privileged import backup

TREE = b'dn: ou=mail,dc=thisbox\nou: mail\n'


class Slapd:
    """A directory that is one lump of LDIF."""

    def __init__(self, tree: bytes) -> None:
        self.tree = tree
        self.fails: dict[str, int] = {}
        self.calls: list[str] = []

    def run(self, command: list[str], given: bytes = b'') -> subprocess.CompletedProcess[bytes]:
        name = command[0]
        self.calls.append(name)
        code = self.fails.pop(name, 0)
        if not code and name == 'ldapdelete':
            code = 0 if self.tree else 32
            self.tree = b''
        if not code and name == 'ldapadd':
            self.tree = given
        if not code and name == 'ldapsearch' and not self.tree:
            code = 32
        out = self.tree if name == 'ldapsearch' and not code else b''
        return subprocess.CompletedProcess(command, code, out, b'its own words')


@pytest.fixture(name='slapd')
def fixture_slapd(monkeypatch: Any) -> Slapd:
    slapd = Slapd(TREE)
    monkeypatch.setattr(backup, '_run', slapd.run)
    monkeypatch.setattr(backup, '_people', lambda: {'alice': 'id-new', 'carol': 'id-carol'})
    return slapd


def test_there_and_back(slapd: Slapd, tmp_path: Path) -> None:
    file = tmp_path / 'backups/tree.ldif'
    backup.dump(file)
    slapd.tree = b'dn: something else\n'
    backup.load(file)
    assert slapd.tree == TREE


@pytest.mark.usefixtures('slapd')
def test_only_root_reads_the_file(tmp_path: Path) -> None:
    backup.dump(tmp_path / 'tree.ldif')
    assert (tmp_path / 'tree.ldif').stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ['tree.ldif']


def test_a_box_without_mail_can_be_saved_and_loaded(slapd: Slapd, tmp_path: Path) -> None:
    slapd.tree = b''
    backup.dump(tmp_path / 'tree.ldif')
    assert (tmp_path / 'tree.ldif').read_bytes() == b''


def test_a_silent_directory_leaves_the_old_file(slapd: Slapd, tmp_path: Path) -> None:
    file = tmp_path / 'tree.ldif'
    file.write_text('old')
    slapd.fails['ldapsearch'] = 255
    with pytest.raises(MailError) as caught:
        backup.dump(file)
    assert (caught.value.code, caught.value.detail) == ('dump-failed', 'its own words')
    assert file.read_text() == 'old'


def test_a_bad_file_changes_nothing(slapd: Slapd, tmp_path: Path) -> None:
    (tmp_path / 'tree.ldif').write_text('rubbish')
    slapd.fails['ldapadd'] = 68
    with pytest.raises(MailError) as caught:
        backup.load(tmp_path / 'tree.ldif')
    assert caught.value.code == 'load-failed'
    assert slapd.tree == TREE


def test_a_tree_that_cannot_be_removed_stays(slapd: Slapd, tmp_path: Path) -> None:
    (tmp_path / 'tree.ldif').write_bytes(TREE)
    slapd.fails['ldapdelete'] = 50
    with pytest.raises(MailError, match='as it was'):
        backup.load(tmp_path / 'tree.ldif')
    assert slapd.tree == TREE
    assert 'ldapadd' not in slapd.calls


def test_no_file(slapd: Slapd, tmp_path: Path) -> None:
    with pytest.raises(MailError) as caught:
        backup.load(tmp_path / 'tree.ldif')
    assert caught.value.code == 'load-no-file'
    assert slapd.calls == []


def entry(key: str, owner: str, identity: str) -> str:
    return f'dn: {key},ou=mail,dc=thisbox\nfbxMailOwner: {owner}\nfbxMailOwnerId: {identity}\n'


OF_ALICE = entry('fbxMailAddress=alice@one.test,ou=mailboxes', 'alice', 'id-old')
OF_BOB = entry('fbxMailAddress=bob@one.test,ou=mailboxes', 'bob', 'id-bob')
SENDING = entry('fbxMailUse=send,fbxMailKeyId=abcd,ou=passwords', 'her name of long ago', 'id-old')


def test_people_of_another_box_are_known_by_their_names(slapd: Slapd, tmp_path: Path) -> None:
    (tmp_path / 'tree.ldif').write_text('\n'.join([OF_ALICE, OF_BOB, SENDING]))
    backup.load(tmp_path / 'tree.ldif')
    moved = (OF_ALICE, OF_BOB, SENDING)
    assert slapd.tree.decode() == '\n'.join(each.replace('id-old', 'id-new') for each in moved)


def test_on_the_same_box_nobody_gets_what_was_of_another_with_the_name(
    slapd: Slapd, tmp_path: Path
) -> None:
    of_carol = entry('fbxMailAddress=carol@one.test,ou=mailboxes', 'carol', 'id-carol')
    tree = '\n'.join([OF_ALICE, of_carol])
    (tmp_path / 'tree.ldif').write_text(tree)
    backup.load(tmp_path / 'tree.ldif')
    assert slapd.tree.decode() == tree
