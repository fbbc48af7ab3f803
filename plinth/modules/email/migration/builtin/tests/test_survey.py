# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading what the built-in app holds."""

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.errors import MailError
from plinth.modules.email.migration.builtin import survey
from plinth.modules.email.migration.builtin.addresses import Former


@pytest.fixture(name='box', autouse=True)
def fixture_box(tmp_path: Path, monkeypatch: Any) -> Path:
    monkeypatch.setattr(survey, 'ROOT', tmp_path / 'mail')
    monkeypatch.setattr(survey, 'ALIASES', tmp_path / 'aliases.sqlite3')
    monkeypatch.setattr(survey, 'SYSTEM_ALIASES', tmp_path / 'aliases')
    return tmp_path


def test_only_folders_with_mail_are_homes(box: Path) -> None:
    assert survey.homes() == []
    for name in ('alice/mail/mailboxes', 'bob', '.hidden/mail/mailboxes'):
        (box / 'mail' / name).mkdir(parents=True)
    (box / 'mail/carol').write_text('a mailbox of another kind')
    assert [home.name for home in survey.homes()] == ['alice']


def test_size_is_that_of_messages_on_disk(box: Path) -> None:
    folder = box / 'mail/alice/mail/mailboxes/INBOX/dbox-Mails'
    folder.mkdir(parents=True)
    (folder / 'u.1').write_bytes(b'x')
    (folder / 'u.2').write_bytes(b'x' * 4097)
    (folder / 'dovecot.index.cache').write_bytes(b'x' * 10000)
    assert survey.size(box / 'mail/alice') == (3 * 4096, 2)
    assert survey.size(box / 'nowhere') == (0, 0)


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
    assert survey.aliases() == [
        Former('sales', ('alice',), owner='alice'),
        Former('team', ('alice', 'bob@x.test')),
        Former('keep', ('alice',)),
    ]


def test_an_alias_an_old_version_switched_off_stays_off(box: Path) -> None:
    columns = 'name TEXT, value TEXT, status INTEGER'
    write_database(box / 'aliases.sqlite3', columns, ('off', 'alice', 0), ('on', 'alice', 1))
    assert {alias.name: alias.enabled for alias in survey.aliases()} == {'off': False, 'on': True}


@pytest.fixture(name='elsewhere')
def fixture_elsewhere(box: Path) -> Path:
    """Provide a database that is not where the built-in app keeps its own."""
    write_database(box / 'elsewhere', 'name TEXT, value TEXT', ('secret', 'alice'))
    return box / 'elsewhere'


@pytest.mark.parametrize('plant', ['symlink', 'link', 'mkfifo'])
def test_no_file_of_others_is_read(elsewhere: Path, plant: str) -> None:
    if plant == 'mkfifo':
        os.mkfifo(survey.ALIASES)
    else:
        getattr(os, plant)(elsewhere, survey.ALIASES)
    with pytest.raises(MailError) as caught:
        survey.aliases()
    assert caught.value.code == 'path-not-plain'


def test_a_link_put_there_at_the_last_moment_is_not_followed(
    elsewhere: Path, monkeypatch: Any
) -> None:
    write_database(survey.ALIASES, 'name TEXT, value TEXT', ('sales', 'alice'))
    connect = sqlite3.connect

    def late(*arguments: Any, **options: Any) -> Any:
        survey.ALIASES.unlink()
        survey.ALIASES.symlink_to(elsewhere)
        return connect(*arguments, **options)

    monkeypatch.setattr('plinth.modules.email.migration.builtin.survey.sqlite3.connect', late)
    assert [alias.name for alias in survey.aliases()] == ['sales']


def test_the_link_to_a_folder_is_not_followed(box: Path, monkeypatch: Any) -> None:
    (box / 'real').mkdir()
    write_database(box / 'real/aliases.sqlite3', 'name TEXT, value TEXT', ('sales', 'alice'))
    (box / 'folder').symlink_to(box / 'real')
    monkeypatch.setattr(survey, 'ALIASES', box / 'folder/aliases.sqlite3')
    with pytest.raises(MailError) as caught:
        survey.aliases()
    assert caught.value.code == 'path-not-plain'


ENDLESS = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) '
VIEWS = {
    'never ends': ENDLESS + 'SELECT max(i) AS name, 1 AS value FROM n',
    'too many': ENDLESS + "SELECT 'x' || i AS name, 'alice' AS value FROM n LIMIT 30000",
    'too long': "SELECT hex(zeroblob(900000)) AS name, 'alice' AS value",
    'no such columns': 'SELECT 1 AS one',
}


@pytest.mark.parametrize('view', VIEWS.values(), ids=VIEWS)
def test_no_database_holds_root_up(view: str) -> None:
    base = sqlite3.connect(survey.ALIASES)
    base.execute(f'CREATE VIEW alias AS {view}')
    base.close()
    with pytest.raises(MailError) as caught:
        survey.aliases()
    assert caught.value.code == 'former-unreadable'


def test_a_change_that_a_crash_cut_short_is_taken_back(box: Path) -> None:
    write_database(box / 'live', 'name TEXT, value TEXT', ('sales', 'alice'))
    base = sqlite3.connect(box / 'live', isolation_level=None)
    base.executescript('PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN')
    base.executemany(
        'INSERT INTO alias VALUES (?, ?)', ((f'half {n}', 'x' * 2000) for n in range(200))
    )
    for suffix in ('', '-journal'):
        shutil.copy(box / f'live{suffix}', box / f'aliases.sqlite3{suffix}')
    base.close()
    assert [alias.name for alias in survey.aliases()] == ['sales']


def test_a_file_beyond_all_measure_is_not_read(monkeypatch: Any) -> None:
    monkeypatch.setattr(survey, 'MOST_BYTES', 1000)
    write_database(survey.ALIASES, 'name TEXT, value TEXT', ('sales', 'alice'))
    with pytest.raises(MailError, match='unexpected type'):
        survey.aliases()


def test_no_aliases_are_fine_but_a_damaged_file_is_not(box: Path) -> None:
    assert survey.aliases() == []
    (box / 'aliases.sqlite3').write_bytes(b'damaged' * 1000)
    with pytest.raises(MailError, match='could not be read'):
        survey.aliases()
