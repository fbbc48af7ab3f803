# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where mail to an address goes, as Postfix would take it, and who may send as it.

`resolve` follows an address through the entries of a view the way Postfix follows it
through its tables: an address itself before a pattern, a longer pattern before a shorter
one, the catch-all last, and an address that is switched off before all of these. The view
may hold a change that is not saved, so a form can say what a change would do.

A loop is a path that comes back to an entry it has passed. A path that is merely long is no
loop: it is followed as far as `FOLLOWED` steps deep and `MOST_STEPS` steps in all, well below
what Postfix itself gives up at (1000 each), and ends as `too-long` there. Nothing that would
be `DEEPEST` steps deep is made.
"""

import dataclasses
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ..system.json_value import JsonValue
from .address import Address, parse
from .alias import REPORTS, Alias
from .domain import Domain
from .mailbox import Mailbox
from .pattern import patterns_for
from .store import Store
from .view import DirectoryView, StoreView

DEEPEST = 20
FOLLOWED = 100
MOST_STEPS = 1000

Kind = Literal[
    'mailbox',
    'forward',
    'alias',
    'pattern',
    'catch-all',
    'alias-domain',
    'remote',
    'reports',
    'off',
    'unknown',
    'loop',
    'too-long',
]
REFUSALS: tuple[Kind, ...] = ('off', 'unknown')


@dataclass(frozen=True)
class DeliveryStep(JsonValue):
    """One address on the way: its kind, its entry, and the addresses its mail goes on to.

    `depth` is how many steps lead here; `entry` is the key of the mailbox, alias or domain
    that decides, '' where there is none.
    """

    address: str
    kind: Kind
    depth: int = 0
    entry: str = ''
    to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Path(JsonValue):
    """All steps of an address in the order in which they are taken."""

    address: str
    steps: tuple[DeliveryStep, ...]

    @property
    def accepted(self) -> bool:
        """Whether mail to it is taken in at all."""
        decisive = next((step for step in self.steps if step.kind != 'alias-domain'), None)
        return decisive is not None and decisive.kind not in (*REFUSALS, 'loop')

    def ends(self, *kinds: Kind) -> tuple[str, ...]:
        """The addresses at which the path ends in one of these ways, each once."""
        return tuple(dict.fromkeys(step.address for step in self.steps if step.kind in kinds))

    @property
    def is_too_long(self) -> bool:
        """Whether it has more steps than a path that is about to be made may have."""
        deepest = max(step.depth for step in self.steps)
        return deepest >= DEEPEST or bool(self.ends('too-long'))

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """The mailboxes that get its mail."""
        found = (step.entry for step in self.steps if step.kind == 'mailbox')
        return tuple(dict.fromkeys(found))

    @property
    def remote(self) -> tuple[str, ...]:
        """The addresses elsewhere that get its mail."""
        return self.ends('remote')

    def to_json(self) -> dict[str, Any]:
        """The path as plain values, with what follows from its steps."""
        return {
            'address': self.address,
            'accepted': self.accepted,
            'mailboxes': list(self.mailboxes),
            'remote': list(self.remote),
            'steps': [step.to_json() for step in self.steps],
        }


def without_label(address: Address) -> str:
    """An address of ours without the label behind a plus sign."""
    return f'{address.local.partition("+")[0]}@{address.domain}'


def find_alias(view: DirectoryView, address: str) -> Alias | None:
    """The enabled alias, pattern or catch-all that mail to an address meets.

    Whether a mailbox goes before it or the address is switched off is not looked at.
    """
    for key in (address, *patterns_for(address)):
        alias = view.find(Alias, key)
        if alias and alias.enabled and not alias.ended:
            return alias
    return None


def _kind_of(alias: Alias) -> Kind:
    if alias.is_catch_all:
        return 'catch-all'
    return 'pattern' if alias.is_pattern else 'alias'


def _look(view: DirectoryView, address: Address) -> tuple[Kind, str, tuple[str, ...]]:
    """The kind of one address, the key of its entry, and the addresses its mail goes on to."""
    domain = view.find(Domain, address.domain)
    if domain is None:
        return 'remote', '', ()
    if not domain.enabled:
        return 'off', domain.key, ()
    if domain.alias_of:
        return 'alias-domain', domain.key, (f'{address.local}@{domain.alias_of}',)
    own = without_label(address)
    for exact in (view.find(Alias, own), view.find(Mailbox, own)):
        if exact and (not exact.enabled or (isinstance(exact, Alias) and exact.ended)):
            return 'off', exact.key, ()
        if isinstance(exact, Mailbox):
            kind: Kind = 'mailbox' if exact.keeps_copy else 'forward'
            return kind, exact.key, exact.forwards
    alias = find_alias(view, own)
    if own.startswith(f'{REPORTS}@') and (alias is None or alias.is_pattern):
        return 'reports', '', ()
    return (_kind_of(alias), alias.key, alias.destinations) if alias else ('unknown', '', ())


def _walk(view: DirectoryView, text: str, way: tuple[str, ...]) -> Iterator[DeliveryStep]:
    """The steps from an address on; `way` holds the addresses that lead here."""
    kind, entry, to = _look(view, parse(text))
    mark = text if kind == 'alias-domain' else entry
    if mark in way or len(way) >= FOLLOWED:
        yield DeliveryStep(text, 'loop' if mark in way else 'too-long', len(way), entry)
        return
    yield DeliveryStep(text, kind, len(way), entry, to)
    for destination in to:
        yield from _walk(view, destination, (*way, mark))


def who_may_send(store: Store, text: str) -> tuple[str, ...]:
    """The mailboxes whose logins may send as an address, sorted."""
    view, address = StoreView(store), parse(text)
    domain = view.find(Domain, address.domain)
    if domain is None or not domain.enabled:
        return ()
    own = without_label(Address(address.local, domain.alias_of or domain.name))
    mailbox, exact = view.find(Mailbox, own), view.find(Alias, own)
    if mailbox:
        if not mailbox.enabled:
            return ()
        shared = set() if mailbox.closed else _sending(store, mailbox)
        return tuple(sorted({mailbox.address} | shared | _owned(store, mailbox.owner_id)))
    alias = None if exact and not (exact.enabled and not exact.ended) else find_alias(view, own)
    if alias is None:
        return ()
    roles = alias.destinations if alias.origin == 'role' else ()
    return tuple(sorted({*alias.senders, *roles} | _owned(store, alias.owner_id)))


def _owned(store: Store, identity: str) -> set[str]:
    """The mailboxes in use of the person with an identity; none for ''."""
    found = store.search(Mailbox, where={'owner_id': identity}) if identity else ()
    return {mailbox.address for mailbox in found if mailbox.enabled}


def _sending(store: Store, mailbox: Mailbox) -> set[str]:
    """The mailboxes in use of the members who may send as a shared mailbox."""
    found: set[str] = set()
    for member in mailbox.member_rights:
        if member.sends and member.is_person:
            found |= _owned(store, member.id)
        elif member.sends:
            other = store.find(Mailbox, member.id)
            found |= {member.id} if other and other.stands_alone and other.enabled else set()
    return found


def resolve(view: DirectoryView, text: str) -> Path:
    """The path mail to an address takes, or say why it is no address."""
    address = str(parse(text))
    steps = list(itertools.islice(_walk(view, address, ()), MOST_STEPS + 1))
    if len(steps) > MOST_STEPS:
        steps[-1] = dataclasses.replace(steps[-1], kind='too-long', to=())
    return Path(address, tuple(steps))
