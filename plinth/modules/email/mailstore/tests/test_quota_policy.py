# SPDX-License-Identifier: AGPL-3.0-or-later
"""Refusals when mailboxes are full: only of mail that would reach no one."""

import pytest

from plinth.modules.email.config.mailbox_room import FULL
from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.resolve import resolve
from plinth.modules.email.directory.view import MemoryView
from plinth.modules.email.errors import MailError
from plinth.modules.email.mailstore import fullness
from plinth.modules.email.mailstore.fullness import Fullness, Quotas
from plinth.modules.email.mailstore.quota_policy import PASSES, QuotaPolicy, Sources

MB = 10**6
SMALL, TIGHT = 'small.test', 'tight.test'
ENTRIES = (
    Domain('example.test', quota='2 MB'),
    Domain(SMALL, total_quota='3 MB'),
    Domain('other.test', alias_of='example.test'),
    Mailbox('full@example.test'),
    Mailbox('half@example.test'),
    Mailbox('free@example.test', quota='unlimited'),
    Mailbox('new@example.test'),
    Mailbox('sends-on@example.test', forwards=('x@outside.test',)),
    Mailbox(f'a@{SMALL}'),
    Mailbox(f'b@{SMALL}'),
    Alias('one@example.test', ('full@example.test',)),
    Alias('both@example.test', ('full@example.test', 'half@example.test')),
    Alias('away@example.test', ('x@outside.test',)),
    Alias('mixed@example.test', ('full@example.test', 'x@outside.test')),
    Alias('shop-*@example.test', ('full@example.test',)),
)
USAGES = {
    'full@example.test': 2 * MB,
    'half@example.test': MB,
    'free@example.test': 900 * MB,
    'sends-on@example.test': 2 * MB,
    f'a@{SMALL}': 2 * MB,
    f'b@{SMALL}': MB - 100,
}


def look() -> Fullness:
    domains = {each.name: each for each in ENTRIES if isinstance(each, Domain)}
    own = {each.address: each.quota for each in ENTRIES if isinstance(each, Mailbox) and each.quota}
    return fullness.look(Quotas(domains, own), USAGES)


def asks_dovecot(address: str, size: int) -> bool:
    """Dovecot knows exactly; the new mailbox is empty."""
    return USAGES.get(address, 0) + size > 2 * MB


def answer(recipient: str, size: int = 0, sources: Sources | None = None) -> str:
    view = MemoryView(ENTRIES)
    usual = Sources(look, lambda address: resolve(view, address), asks_dovecot)
    policy = QuotaPolicy(sources or usual)
    return policy.answer({'protocol_state': 'RCPT', 'recipient': recipient, 'size': str(size)})


@pytest.mark.parametrize(
    'recipient',
    ['full@example.test', 'FULL+shop@Example.Test', 'full@other.test', 'one@example.test',
     'shop-x@example.test'],
)  # fmt: skip
def test_mail_that_no_one_would_get(recipient: str) -> None:
    assert answer(recipient) == FULL
    assert FULL.startswith('452 4.2.2 ')


@pytest.mark.parametrize(
    'recipient',
    [
        'half@example.test', 'free@example.test', 'new@example.test', 'both@example.test',
        'away@example.test', 'mixed@example.test', 'sends-on@example.test', 'x@outside.test',
        'unknown@example.test', f'a@{SMALL}', 'no address', '', 'full@example.test\0',
    ],
)  # fmt: skip
def test_all_other_mail_is_taken(recipient: str) -> None:
    assert answer(recipient, 100) == PASSES


def test_the_size_counts_to_the_byte() -> None:
    assert answer('half@example.test', MB) == PASSES
    assert answer('half@example.test', MB + 1) == FULL
    assert answer('both@example.test', MB + 1) == FULL
    assert answer('new@example.test', 2 * MB + 1) == FULL
    assert answer(f'b@{SMALL}', 100) == PASSES
    assert answer(f'b@{SMALL}', 101) == FULL


def test_dovecot_has_the_last_word() -> None:
    view = MemoryView(ENTRIES)
    sources = Sources(look, lambda address: resolve(view, address), lambda _address, _size: False)
    assert answer('full@example.test', 0, sources) == PASSES


def test_dovecot_is_not_asked_where_there_is_room_by_our_own_counts() -> None:
    view, asked = MemoryView(ENTRIES), []

    def is_full(address: str, _size: int) -> bool:
        asked.append(address)
        return True

    sources = Sources(look, lambda address: resolve(view, address), is_full)
    assert answer('both@example.test', 100, sources) == PASSES
    assert not asked


def test_the_room_of_a_domain_counts_to_the_byte() -> None:
    """Also where Dovecot knows of room in a mailbox that our counts call full."""
    own = f'a@{SMALL}'
    domain = Domain(SMALL, total_quota='3 MB')
    found = fullness.look(Quotas({SMALL: domain}, {own: '2 MB'}), {own: 3 * MB - 100})
    view = MemoryView(ENTRIES)
    sources = Sources(
        lambda: found, lambda address: resolve(view, address), lambda _address, _size: False
    )
    assert answer(own, 100, sources) == PASSES
    assert answer(own, 101, sources) == FULL


@pytest.mark.parametrize('error', [MailError('directory-down'), OSError('no socket')])
def test_what_cannot_be_found_out_is_taken(error: Exception) -> None:
    def fails(*_arguments: object) -> bool:
        raise error

    view = MemoryView(ENTRIES)
    found = Sources(look, lambda address: resolve(view, address), fails)
    assert answer('full@example.test', 0, found) == PASSES


def test_other_questions_are_none_of_its_business() -> None:
    policy = QuotaPolicy(Sources(look, lambda _: pytest.fail('asked'), asks_dovecot))
    assert policy.answer({'protocol_state': 'DATA', 'recipient': 'full@example.test'}) == PASSES
