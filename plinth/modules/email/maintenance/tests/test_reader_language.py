# SPDX-License-Identifier: AGPL-3.0-or-later
"""The language of a message: the user's choice, else that of the system, else English."""

import sqlite3
from pathlib import Path

import pytest

from plinth.modules.email.maintenance.reader_language import language_of, translated


@pytest.fixture(name='database')
def fixture_database(tmp_path: Path) -> Path:
    path = tmp_path / 'plinth.sqlite3'
    with sqlite3.connect(path) as made:
        made.executescript(
            'CREATE TABLE auth_user (id INTEGER, username TEXT);'
            'CREATE TABLE freedombox_userprofile (user_id INTEGER, language TEXT);'
            "INSERT INTO auth_user VALUES (1, 'alice'), (2, 'bob'), (3, 'eve'), (4, 'tao');"
            "INSERT INTO freedombox_userprofile VALUES (1, 'de'), (2, NULL), (3, '../x'),"
            " (4, 'zh-hans');"
        )
    made.close()
    return path


@pytest.mark.parametrize(
    ('user', 'language'),
    [('alice', 'de'), ('bob', 'fr_CA'), ('eve', ''), ('tao', 'zh_hans'), ('', 'fr_CA'),
     ("x' OR 1 --", 'fr_CA')],
)  # fmt: skip
def test_the_language_of_a_user(database: Path, tmp_path: Path, user: str, language: str) -> None:
    system = tmp_path / 'locale'
    system.write_text('LC_ALL=C\nLANG="fr_CA.UTF-8"\n')
    assert language_of(user, database, system) == language


def test_nothing_is_known(tmp_path: Path) -> None:
    assert language_of('alice', tmp_path / 'none', tmp_path / 'none') == ''
    assert not (tmp_path / 'none').exists()
    assert translated('Hello {name}', 'de', tmp_path) == 'Hello {name}'
    assert translated('Hello', '', tmp_path) == 'Hello'
