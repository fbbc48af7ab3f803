# SPDX-License-Identifier: AGPL-3.0-or-later
"""Addresses of the built-in app become entries, once, and never change a decision."""

from typing import Any

import pytest

from ....directory.alias import Alias
from ....directory.domain import Domain
from ....directory.mailbox import Mailbox
from ....directory.settings import Settings
from ....errors import MailError
from ..addresses import Former, add_aliases, share_domains

ALICE = Mailbox('alice@one.test', owner='alice', owner_id='a', login='alice', origin='freedombox')


class Entries:
    """A directory in memory, as far as these functions look at it."""

    def __init__(self, *entries: Any) -> None:
        self.entries = {(type(entry), entry.key): entry for entry in entries}

    def settings(self) -> Settings:
        return Settings('one.test')

    def search(self, kind: Any) -> Any:
        return tuple(entry for (found, _), entry in self.entries.items() if found is kind)

    def find(self, kind: Any, key: str) -> Any:
        return self.entries.get((kind, key))

    def in_domain(self, kind: Any, domain: str) -> Any:
        return tuple(entry for entry in self.search(kind) if entry.domain == domain)

    def add(self, entry: Any) -> None:
        assert (type(entry), entry.key) not in self.entries
        self.entries[type(entry), entry.key] = entry

    def remove(self, kind: Any, key: str) -> None:
        del self.entries[kind, key]

    def change(self, before: Any, after: Any) -> None:
        assert self.entries[type(before), before.key] == before
        self.entries[type(after), after.key] = after


def test_aliases_become_entries_of_their_owner_once() -> None:
    store: Any = Entries(ALICE)
    formers = [
        Former('sales', ('alice',), owner='alice'),
        Former('old', ('alice',), owner='alice', enabled=False),
        Former('team', ('alice', 'Bob@Elsewhere.Test')),
        Former('all', ('team', 'root')),
        Former('postmaster', ('alice',), owner='alice'),
    ]
    assert add_aliases(store, formers) == (4, [])
    before = dict(store.entries)
    assert add_aliases(store, formers) == (4, [])
    assert store.entries == before
    sales = store.find(Alias, 'sales@one.test')
    assert sales == Alias(
        'sales@one.test', ('alice@one.test',), owner='alice', origin='user', owner_id='a'
    )
    assert not store.find(Alias, 'old@one.test').enabled
    team, everyone = store.find(Alias, 'team@one.test'), store.find(Alias, 'all@one.test')
    assert team.destinations == ('alice@one.test', 'bob@elsewhere.test')
    assert everyone.destinations == ('root@one.test', 'team@one.test')
    assert store.find(Alias, 'postmaster@one.test') is None


@pytest.mark.parametrize(
    ('former', 'reason'),
    [
        (Former('script', ('|/bin/program',)), 'a program or a file'),
        (Former('lost', ('nobody-known',)), 'no user or alias'),
        (Former('alice', ('alice',)), 'forward to itself'),
        (Former('taken', ('alice',)), 'other destinations'),
        (Former('a b', ('alice',)), 'spaces'),
    ],
)
def test_what_cannot_be_an_entry_is_named(former: Former, reason: str) -> None:
    mine = Alias('taken@one.test', ('x@elsewhere.test',))
    store: Any = Entries(ALICE, mine)
    count, problems = add_aliases(store, [former])
    assert count == 0
    assert len(problems) == 1
    assert str(problems[0]).startswith(f'{former.name}: ')
    assert reason in str(problems[0])
    assert store.find(Alias, 'taken@one.test') == mine


@pytest.mark.parametrize('name', ['', 'a@b.test', 'x' * 400])
def test_only_bare_names_are_aliases(name: str) -> None:
    with pytest.raises(MailError):
        Former(name, ('alice',))


def test_other_domains_share_the_addresses_of_the_first_one() -> None:
    role = Alias('postmaster@two.test', ('alice@one.test',), origin='role')
    own = Alias('shop@three.test', ('alice@one.test',))
    store: Any = Entries(
        Domain('one.test'), Domain('two.test'), Domain('three.test'), Domain('four.test'),
        Domain('five.test', enabled=False), role, own, ALICE,
    )  # fmt: skip
    names = ['one.test', 'two.test', 'three.test', 'five.test']
    expected = (1, ['three.test has addresses of its own, so it keeps them.'])
    for _time in range(2):
        count, problems = share_domains(store, names)
        assert (count, list(map(str, problems))) == expected
    assert store.find(Domain, 'two.test').alias_of == 'one.test'
    assert store.find(Alias, 'postmaster@two.test') is None
    for name in ('one', 'three', 'four', 'five'):
        assert not store.find(Domain, f'{name}.test').alias_of
