# SPDX-License-Identifier: AGPL-3.0-or-later
"""Networks of logins: which are new, and what is noted of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.authentication import country, login_history
from plinth.modules.email.authentication.login_history import (
    MOST_NETWORKS,
    MOST_NOTICES,
    TELL,
    LoginHistory,
    LoginWatch,
    network,
    watch,
)

ALICE, BOB = 'alice@example.test', 'bob@example.test'


@pytest.mark.parametrize(
    ('address', 'expected'),
    [
        ('192.0.2.77', '192.0.2.0/24'),
        ('::ffff:192.0.2.77', '192.0.2.0/24'),
        ('2001:db8:1:2::3', '2001:db8:1::/48'),
        ('fe80::1%eth0', 'fe80::/48'),
        ('127.0.0.1', ''),
        ('::1', ''),
        ('::ffff:127.0.0.1', ''),
        ('somewhere', ''),
        ('', ''),
    ],
)
def test_networks(address: str, expected: str) -> None:
    assert network(address) == expected


@given(st.ip_addresses())
def test_a_network_holds_its_address(address: Any) -> None:
    found = network(str(address))
    assert not found or network(found.partition('/')[0]) in (found, '')


@pytest.fixture(name='_closed', autouse=True)
def fixture_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close each file that a test opens."""
    opened: list[LoginHistory] = []
    first = LoginHistory.__init__

    def noted(self: LoginHistory, *arguments: Any) -> None:
        first(self, *arguments)
        opened.append(self)

    monkeypatch.setattr(LoginHistory, '__init__', noted)
    yield
    for each in opened:
        each.close()


class World:
    """A watch, and the notes it has written."""

    def __init__(self, folder: Path, countries: dict[str, str] | None = None) -> None:
        self.now, self.folder = 1_800_000_000.0, folder / TELL
        self.folder.mkdir(exist_ok=True)
        history = LoginHistory(folder / 'logins', lambda: self.now)
        self.watch = LoginWatch(history, self.folder, lambda ip: (countries or {}).get(ip, ''))

    def see(self, remote: str, login: str = ALICE, owner: str = '') -> None:
        self.watch.see(login, remote, 'imap', 'k7f3', owner)

    def notes(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text()) for path in self.folder.glob('[0-9a-f]*')]


def test_a_second_network_is_told_of_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    for remote in ('192.0.2.1', '192.0.2.200', '127.0.0.1', ''):
        world.see(remote)
    assert world.notes() == [], 'the first network is the owner'
    for _ in range(3):
        world.see('198.51.100.7')
    (note,) = world.notes()
    assert (note['login'], note['remote'], note['key_id'], note['service']) == (
        ALICE, '198.51.100.7', 'k7f3', 'imap',
    )  # fmt: skip


def test_each_login_has_networks_of_its_own(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.see('192.0.2.1')
    world.see('198.51.100.7', BOB)
    world.see('192.0.2.1', BOB)
    assert [note['login'] for note in world.notes()] == [BOB]


def test_the_mailboxes_of_a_person_have_them_together(tmp_path: Path) -> None:
    world = World(tmp_path)
    other = 'alice@other.test'
    world.see('192.0.2.1', ALICE, 'id of alice')
    world.see('192.0.2.1', other, 'id of alice')
    assert world.notes() == []
    world.see('198.51.100.7', other, 'id of alice')
    world.see('198.51.100.7', ALICE, 'id of alice')
    assert [note['login'] for note in world.notes()] == [other], 'a mailbox that is never opened'
    for login in (ALICE, other):
        world.see('203.0.113.9', login, login_history.NO_OWNER)
    assert len(world.notes()) == 1, 'each stands alone'


def test_networks_are_known_after_a_start(tmp_path: Path) -> None:
    for _ in range(2):
        world = World(tmp_path)
        world.see('192.0.2.1')
        world.see('198.51.100.7')
    assert len(world.notes()) == 1


def test_a_password_tried_from_everywhere_makes_few_notices(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(100):
        world.see(f'192.0.{number}.1')
    assert len(world.notes()) == MOST_NOTICES
    world.now += 2 * login_history.DAY
    world.see('198.51.100.1')
    assert len(world.notes()) == MOST_NOTICES + 1


def test_a_new_country_counts_and_the_first_one_does_not(tmp_path: Path) -> None:
    world = World(tmp_path, {'192.0.2.1': 'AT', '198.51.100.1': 'AT', '198.51.100.9': 'NZ'})
    world.see('192.0.2.1')
    assert world.notes() == []
    world.see('198.51.100.1')
    assert [note['country'] for note in world.notes()] == ['AT'], 'a new network at home'
    world.see('198.51.100.9')
    assert sorted(note['country'] for note in world.notes()) == ['AT', 'NZ'], 'a known network'


def test_old_networks_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_history, 'MOST_NETWORKS', 3)
    history = LoginHistory(tmp_path / 'h', iter(range(1, 100)).__next__)
    for number in range(5):
        history.is_new(ALICE, f'network {number}')
    assert history._count('seen', ALICE) == 3
    assert MOST_NETWORKS > 100


def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / 'logins.sqlite3').write_bytes(b'SQLite format 3\0' + b'x' * 9999)
    assert watch(tmp_path, lambda _ip: '') is not None


def test_no_folder_keeps_no_one_from_their_mail(tmp_path: Path) -> None:
    assert watch(tmp_path / 'none', lambda _ip: '') is None
    world = World(tmp_path)
    world.see('192.0.2.1')
    (tmp_path / TELL).rmdir()
    world.see('198.51.100.7')


def test_the_file_does_not_hold_where_a_person_was(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.see('192.0.2.1')
    world.watch._history.close()
    assert b'192.0.2' not in (tmp_path / 'logins').read_bytes()


@pytest.mark.parametrize('address', ['', 'x', '192.0.2.1', '2001:db8::1', '::ffff:8.8.8.8'])
def test_without_a_database_there_are_no_countries(address: str) -> None:
    assert country.of(address) in ('', 'US'), 'US where a database is installed'
