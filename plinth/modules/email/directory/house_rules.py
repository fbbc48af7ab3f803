# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rules of all mailboxes, as one table shows them (acceptable use).

A rule is a kind with values; its sentence is in `words/house_rules.py`. Mailboxes without any rule
are left out. A new kind of rule gets a function here, a line in `KINDS` and a sentence.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..errors import Value
from .entry import last_day
from .guard import ACTS, Guard
from .mailbox import Mailbox
from .open_hours import written_times
from .send_limits import LIMIT_ATTRIBUTES
from .store import Store

FIELDS = (
    'forwards', 'stopped', 'forwarding', 'away', 'sorting', 'guard_rules', 'members', 'closed',
    'quota', 'expires', *LIMIT_ATTRIBUTES,
)  # fmt: skip
"""The fields of mailboxes that are rules."""
MOST = 10_000
MOST_NAMES = 5
"""Names in one sentence; the page of the mailbox has all of them."""


@dataclass(frozen=True)
class HouseRule:
    """One rule of a mailbox: its kind, and the values of its sentence."""

    kind: str
    params: Mapping[str, Value]


@dataclass(frozen=True)
class MailboxRules:
    """A mailbox and its rules."""

    address: str
    owner: str
    rules: tuple[HouseRule, ...]


Names = Mapping[str, str]
"""Names of users by their identities."""


def _listed(values: tuple[str, ...]) -> str:
    """The first of some names."""
    return ', '.join(values[:MOST_NAMES]) + (', …' if len(values) > MOST_NAMES else '')


def _forwards(mailbox: Mailbox, _names: Names) -> Iterator[HouseRule]:
    if mailbox.forwards:
        yield HouseRule('forward', {'to': _listed(mailbox.forwards)})
    if mailbox.stopped:
        to = tuple(each.address for each in mailbox.stopped_forwards)
        yield HouseRule('forward-stopped', {'to': _listed(to)})
    if mailbox.forwarding is not None:
        yield HouseRule('forward-yes' if mailbox.forwarding else 'forward-no', {})


def _sorting(mailbox: Mailbox, _names: Names) -> Iterator[HouseRule]:
    vacation = mailbox.vacation
    if vacation and vacation.enabled:
        last = vacation.last_day
        yield HouseRule('vacation-days', {'last': f'{last}'}) if last else HouseRule('vacation', {})
    active = [each for each in mailbox.filters if each.enabled]
    if active:
        yield HouseRule('filters', {'count': len(active)})
    forwarded = tuple(each.forward for each in active if each.forward)
    if forwarded:
        yield HouseRule('filters-forward', {'to': _listed(forwarded)})


def _hours(guard: Guard) -> Iterator[HouseRule]:
    for day in range(1, 8):
        ranges = guard.open_hours.on(day)
        if ranges:
            yield HouseRule(f'guard-open-{day}', {'times': written_times(ranges)})


def _guarded(mailbox: Mailbox, names: Names) -> Iterator[HouseRule]:
    guard = mailbox.guard
    if guard is None:
        return
    found = tuple(names.get(each, each) for each in guard.guardians)
    yield from [HouseRule('guardians', {'names': _listed(found)})] if found else []
    if guard.receives_known:
        yield HouseRule('guard-receives', {'count': len(guard.known)})
    if guard.writes_known:
        yield HouseRule('guard-writes', {'count': len(guard.known)})
    yield from _hours(guard)
    for act in ACTS:
        if (act in guard.may) == (act == 'release'):
            yield HouseRule('guard-release' if act == 'release' else f'guard-no-{act}', {})


def _members(mailbox: Mailbox, names: Names) -> Iterator[HouseRule]:
    if mailbox.members:
        found = tuple(names.get(each, each) for each in mailbox.members)
        yield HouseRule('members', {'names': _listed(found)})


def _limits(mailbox: Mailbox, _names: Names) -> Iterator[HouseRule]:
    for field in LIMIT_ATTRIBUTES:
        most = int(getattr(mailbox, field))
        if most:
            yield HouseRule(f'limit-{field}', {'count': most})
    if mailbox.quota:
        yield HouseRule('quota', {'size': mailbox.quota})
    if mailbox.expires:
        yield HouseRule('expires', {'day': f'{last_day(mailbox.expires)}'})
    if mailbox.closed:
        yield HouseRule('closed', {'sentence': mailbox.closed})


KINDS: tuple[Callable[[Mailbox, Names], Iterator[HouseRule]], ...] = (
    _guarded, _forwards, _sorting, _members, _limits,
)  # fmt: skip


def rules_of(mailbox: Mailbox, names: Names) -> tuple[HouseRule, ...]:
    """The rules of a mailbox."""
    return tuple(rule for kind in KINDS for rule in kind(mailbox, names))


def all_rules(store: Store, most: int = MOST) -> tuple[tuple[MailboxRules, ...], int]:
    """The first mailboxes that have rules, by one search, and how many more there are."""
    names = {user.id: user.name for user in store.users()}
    found = store.having_any(Mailbox, FIELDS, most)
    shown = (
        MailboxRules(each.address, each.owner, rules_of(each, names)) for each in found.entries
    )
    return tuple(each for each in shown if each.rules), found.total - len(found.entries)
