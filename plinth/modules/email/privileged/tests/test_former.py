# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading what the built-in app holds."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.directory.carried import Former
from plinth.modules.email.errors import MailError
from plinth.modules.email.privileged import former


@pytest.fixture(name='box', autouse=True)
def fixture_box(tmp_path: Path, monkeypatch: Any) -> Path:
    monkeypatch.setattr(former, 'ROOT', tmp_path / 'mail')
    monkeypatch.setattr(former, 'ALIASES', tmp_path / 'aliases.sqlite3')
    monkeypatch.setattr(former, 'SYSTEM_ALIASES', tmp_path / 'aliases')
    return tmp_path


def test_only_folders_with_mail_are_homes(box: Path) -> None:
    assert former.homes() == []
    for name in ('alice/mail/mailboxes', 'bob', '.hidden/mail/mailboxes'):
        (box / 'mail' / name).mkdir(parents=True)
    (box / 'mail/carol').write_text('a mailbox of another kind')
    assert [home.name for home in former.homes()] == ['alice']


def test_size_is_that_of_messages_on_disk(box: Path) -> None:
    folder = box / 'mail/alice/mail/mailboxes/INBOX/dbox-Mails'
    folder.mkdir(parents=True)
    (folder / 'u.1').write_bytes(b'x')
    (folder / 'u.2').write_bytes(b'x' * 4097)
    (folder / 'dovecot.index.cache').write_bytes(b'x' * 10000)
    assert former.size(box / 'mail/alice') == (3 * 4096, 2)
    assert former.size(box / 'nowhere') == (0, 0)


def write_database(path: Path, columns: str, *rows: Any) -> None:
    base = sqlite3.connect(path)
    base.execute(f'CREATE TABLE alias ({columns}, PRIMARY KEY (name))')
    for row in rows:
        base.execute(f'INSERT INTO alias VALUES ({", ".join("?" * len(row))})', row)
    base.commit()
    base.close()


def test_aliases_of_users_and_of_the_administrator(box: Path) -> None:
    write_database(box / 'aliases.sqlite3', 'name TEXT, value TEXT', ('sales', 'alice'))
    (box / 'aliases').write_text(
        '# Ours: not an alias\n\nsales: bob\nTeam: alice,\n  "bob@x.test"\n\nkeep: \\alice\n'
        'empty:\n:include: x\nname@x.test: alice\n'
    )
    assert former.aliases() == [
        Former('sales', ('alice',), owner='alice'),
        Former('team', ('alice', 'bob@x.test')),
        Former('keep', ('alice',)),
    ]


def test_an_alias_an_old_version_switched_off_stays_off(box: Path) -> None:
    columns = 'name TEXT, value TEXT, status INTEGER'
    write_database(box / 'aliases.sqlite3', columns, ('off', 'alice', 0), ('on', 'alice', 1))
    assert {alias.name: alias.enabled for alias in former.aliases()} == {'off': False, 'on': True}


def test_no_aliases_are_fine_but_a_damaged_file_is_not(box: Path) -> None:
    assert former.aliases() == []
    (box / 'aliases.sqlite3').write_bytes(b'damaged' * 1000)
    with pytest.raises(MailError, match='could not be read'):
        former.aliases()
