# SPDX-License-Identifier: AGPL-3.0-or-later
"""The path of an address, worked out without a directory."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.resolve import DEEPEST, FOLLOWED, resolve
from plinth.modules.email.directory.verbs import aliases
from plinth.modules.email.directory.view import Changed, MemoryView
from plinth.modules.email.errors import MailError

PAST = datetime(2020, 1, 1, tzinfo=UTC)
OWN = Domain('own.test')
ENTRIES = (
    OWN,
    Domain('shared.test', alias_of='own.test'),
    Domain('off.test', enabled=False),
    Mailbox('alice@own.test'),
    Mailbox('bob@own.test', forwards=('carol@outside.test',)),
    Mailbox('away@own.test', enabled=False),
    Alias('both@own.test', ('alice@own.test', 'carol@outside.test')),
    Alias('chain@own.test', ('both@shared.test',)),
    Alias('off@own.test', ('alice@own.test',), enabled=False),
    Alias('ended@own.test', ('alice@own.test',), expires=PAST),
    Alias('shop-*@own.test', ('alice@own.test',)),
    Alias('shop-x-*@own.test', ('bob@own.test',)),
    Alias('shop-exact@own.test', ('bob@own.test',)),
    Alias('idle-*@own.test', ('bob@own.test',), enabled=False),
)
VIEW = MemoryView(ENTRIES)
CATCHING = Changed(VIEW, [Alias('*@own.test', ('alice@own.test',))])


@pytest.mark.parametrize(
    ('address', 'kinds', 'accepted'),
    [
        ('alice@own.test', 'mailbox', True),
        ('ALICE+label@Own.test', 'mailbox', True),
        ('alice@shared.test', 'alias-domain mailbox', True),
        ('bob@own.test', 'mailbox remote', True),
        ('away@own.test', 'off', False),
        ('both@own.test', 'alias mailbox remote', True),
        ('chain@own.test', 'alias alias-domain alias mailbox remote', True),
        ('off@own.test', 'off', False),
        ('ended@own.test', 'off', False),
        ('off@shared.test', 'alias-domain off', False),
        ('shop-1@own.test', 'pattern mailbox', True),
        ('shop-x-1@own.test', 'pattern mailbox remote', True),
        ('shop-exact@own.test', 'alias mailbox remote', True),
        ('idle-1@own.test', 'unknown', False),
        ('nobody@own.test', 'unknown', False),
        ('alice@off.test', 'off', False),
        ('x@elsewhere.test', 'remote', True),
    ],
)
def test_paths(address: Any, kinds: Any, accepted: Any) -> None:
    path = resolve(VIEW, address)
    assert ([step.kind for step in path.steps], path.accepted) == (kinds.split(), accepted)
    assert path.to_json()['accepted'] is accepted


def test_a_pattern_that_has_ended_takes_nothing() -> None:
    ended = Alias('shop-y-*@own.test', ('bob@own.test',), expires=PAST)
    path = resolve(Changed(VIEW, [ended]), 'shop-y-1@own.test')
    assert [step.entry for step in path.steps] == ['shop-*@own.test', 'alice@own.test']
    catching = Alias('*@own.test', ('alice@own.test',), expires=PAST)
    assert not resolve(Changed(VIEW, [catching]), 'nobody@own.test').accepted


def test_a_change_that_is_not_saved_is_seen() -> None:
    assert resolve(CATCHING, 'nobody@own.test').mailboxes == ('alice@own.test',)
    assert resolve(CATCHING, 'idle-1@own.test').steps[0].kind == 'catch-all'
    assert not resolve(CATCHING, 'away@own.test').accepted
    removed = Changed(VIEW, removed=[Mailbox('alice@own.test')])
    assert not resolve(removed, 'alice@own.test').accepted


@pytest.mark.parametrize(
    ('alias', 'code'),
    [
        (Alias('new@own.test', ('alice@own.test', 'x@outside.test')), None),
        (Alias('new@own.test', ('alice+label@own.test',)), None),
        (Alias('new@own.test', ('shop-anything@own.test',)), None),
        (Alias('new@own.test', ('away@own.test',)), None),
        (Alias('new@own.test', ('nobody@own.test',)), 'destination-missing'),
        (Alias('new@own.test', ('nobody@shared.test',)), 'destination-missing'),
        (Alias('new@own.test', ('new@shared.test',)), 'alias-loop'),
        (Alias('new@own.test', ('new+label@own.test',)), 'alias-loop'),
        (Alias('both@own.test', ('chain@own.test',)), 'alias-loop'),
        (Alias('new-*@own.test', ('new-x@own.test',)), 'alias-loop'),
        (Alias('*@own.test', ('nobody@own.test',)), 'alias-loop'),
        (Alias('new@own.test', ('alice@own.test',), senders=('alice@own.test',)), None),
        (
            Alias('new@own.test', ('alice@own.test',), senders=('x@own.test',)),
            'sender-missing',
        ),
    ],
)
def test_aliases_that_lead_nowhere_are_refused(alias: Any, code: Any) -> None:
    if code is None:
        aliases.check_alias(VIEW, alias)
        return
    with pytest.raises(MailError) as caught:
        aliases.check_alias(VIEW, alias)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ('address', 'code'),
    [
        ('alice@own.test', 'mailbox-exists'),
        ('both@own.test', 'alias-exists'),
        ('new@shared.test', 'address-invalid'),
        ('new@elsewhere.test', 'domain-missing'),
    ],
)
def test_an_alias_hides_nothing(address: Any, code: Any) -> None:
    with pytest.raises(MailError) as caught:
        aliases.check_free(VIEW, address)
    assert caught.value.code == code


def test_mailboxes_do_not_forward_in_a_circle() -> None:
    bob = Mailbox('bob@own.test', forwards=('alice@own.test',))
    aliases.check_forwards(VIEW, bob)
    circle = Changed(VIEW, [replace(bob, forwards=('alice@own.test',))])
    alice = Mailbox('alice@own.test', forwards=('bob@own.test',))
    with pytest.raises(MailError) as caught:
        aliases.check_forwards(circle, alice)
    assert caught.value.code == 'alias-loop'


def chain(length: int, first: str = 'c') -> Any:
    """Aliases of which each leads to the next, the last one to alice."""
    ends = [*(f'{first}{n}@own.test' for n in range(2, length + 1)), 'alice@own.test']
    return [Alias(f'{first}{n}@own.test', (end,)) for n, end in enumerate(ends, 1)]


def test_a_long_chain_is_no_loop() -> None:
    view = MemoryView([OWN, Mailbox('alice@own.test'), *chain(60)])
    path = resolve(view, 'c1@own.test')
    assert path.mailboxes == ('alice@own.test',)
    assert not path.ends('loop', 'too-long')
    assert path.is_too_long
    assert not resolve(view, 'c50@own.test').is_too_long


@pytest.mark.parametrize('length', [FOLLOWED + 1, FOLLOWED + 500])
def test_a_chain_is_followed_so_far_and_said_to_be_too_long(length: int) -> None:
    path = resolve(MemoryView([OWN, Mailbox('alice@own.test'), *chain(length)]), 'c1@own.test')
    assert path.accepted
    assert (path.ends('loop'), len(path.ends('too-long'))) == ((), 1)


def test_a_path_with_too_many_branches_is_not_said_to_be_whole() -> None:
    wide = [Alias(f'w{n}@own.test', tuple(f'x{m}@outside.test' for m in range(500)))
            for n in range(3)]  # fmt: skip
    all_of_them = Alias('wide@own.test', tuple(each.address for each in wide))
    view = MemoryView([OWN, *wide, all_of_them])
    assert resolve(view, 'wide@own.test').steps[-1].kind == 'too-long'
    assert not resolve(view, 'w0@own.test').is_too_long


@pytest.mark.parametrize('length', [DEEPEST - 1, DEEPEST, DEEPEST + 1, FOLLOWED + 1])
def test_what_would_be_too_long_is_refused_as_that(length: int) -> None:
    view = MemoryView([OWN, Mailbox('alice@own.test'), *chain(length)])
    alias = Alias('new@own.test', ('c1@own.test',))
    box = Mailbox('new@own.test', forwards=('c1@own.test',))
    if length < DEEPEST:
        aliases.check_alias(view, alias)
        aliases.check_forwards(view, box)
        return
    for check in (
        partial(aliases.check_alias, view, alias),
        partial(aliases.check_forwards, view, box),
    ):
        with pytest.raises(MailError, match='more than 20 times') as caught:
            check()
        assert caught.value.code == 'path-invalid'


def test_a_long_circle_is_a_loop() -> None:
    links = chain(30)
    view = MemoryView([OWN, Mailbox('alice@own.test'), *links[:-1]])
    with pytest.raises(MailError) as caught:
        aliases.check_alias(view, replace(links[-1], destinations=('c1@own.test',)))
    assert caught.value.code == 'alias-loop'


NAMES = [f'{name}@own.test' for name in ('a', 'b', 'c', 'd', 'e')]


@given(
    st.dictionaries(
        st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), min_size=1, unique=True)
    )
)
def test_what_is_taken_never_ends_in_a_circle(wanted: Any) -> None:
    view = MemoryView([OWN, Mailbox('end@own.test')])
    for address, destinations in wanted.items():
        try:
            alias = Alias(address, tuple(sorted({*destinations, 'end@own.test'})))
            aliases.check_alias(view, alias)
        except MailError:
            continue
        view.put(alias)
    for address in wanted:
        assert not resolve(view, address).ends('loop')
