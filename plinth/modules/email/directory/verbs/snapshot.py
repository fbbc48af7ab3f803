# SPDX-License-Identifier: AGPL-3.0-or-later
"""A snapshot of users and addresses, the plan that grows from it, and what it came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Self

from ...errors import Reason, Value
from ...system.json_value import JsonValue
from ..accounts import User
from ..alias import Alias
from ..departures import Departures, Missing
from ..domain import Domain
from ..entry import Entry
from ..mailbox import Mailbox
from ..settings import Settings
from ..store import Store
from .aliases import lead_on


@dataclass(frozen=True)
class Snapshot:
    """Everything the plan depends on; `aliases` has those at addresses that matter."""

    settings: Settings
    domains: tuple[Domain, ...]
    users: tuple[User, ...]
    admins: tuple[str, ...]
    mailboxes: Mapping[str, Mailbox]
    aliases: Mapping[str, Alias]
    time: datetime

    @property
    def primary(self) -> str:
        """The primary domain, '' if there is none."""
        names = {domain.name for domain in self.domains if not domain.alias_of}
        return self.settings.primary_domain if self.settings.primary_domain in names else ''

    @property
    def giving(self) -> tuple[str, ...]:
        """The domains in which every user gets a mailbox."""
        found = (domain for domain in self.domains if domain.gives_mailboxes(self.primary))
        return tuple(domain.name for domain in found)


@dataclass(frozen=True)
class ReconcileStep:
    """One entry as it is and as it should be; None where there is none."""

    before: Entry | None
    after: Entry | None

    @property
    def kind(self) -> Literal['added', 'changed', 'removed']:
        """The kind of change."""
        if self.after is None:
            return 'removed'
        return 'changed' if self.before else 'added'

    @property
    def key(self) -> str:
        """The key of the entry."""
        entry = self.after or self.before
        return entry.key if entry else ''

    def apply(self, store: Store) -> None:
        """Do it."""
        if self.before and self.after:
            store.change(self.before, self.after)
        elif self.after:
            store.add(self.after)
        elif self.before:
            if isinstance(self.before, Alias) and self.before.origin == 'freedombox':
                lead_on(store, self.before.address, self.before.destinations[0])
            store.remove(type(self.before), self.before.key)


@dataclass
class ReconcilePlan:
    """The wanted state, grown step by step from a snapshot, and its problems."""

    seen: Snapshot
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    mains: dict[str, Mailbox] = field(default_factory=dict)
    problems: list[Reason] = field(default_factory=list)
    waiting: Departures = field(default_factory=Departures)

    def __post_init__(self) -> None:
        """Start from the snapshot."""
        self.mailboxes = dict(self.seen.mailboxes)
        self.aliases = dict(self.seen.aliases)

    def report(self, key: str, **params: Value) -> None:
        """Note something only a person can put right."""
        self.problems.append(Reason(key, params))

    def steps(self) -> list[ReconcileStep]:
        """The steps to take, mailboxes before the aliases that lead to them."""
        pairs: tuple[tuple[Mapping[str, Entry], Mapping[str, Entry]], ...] = (
            (self.seen.mailboxes, self.mailboxes),
            (self.seen.aliases, self.aliases),
        )
        return [
            ReconcileStep(before.get(key), after.get(key))
            for before, after in pairs
            for key in sorted(before.keys() | after.keys())
            if before.get(key) != after.get(key)
        ]


@dataclass(frozen=True)
class Reconciled(JsonValue):
    """Entries that were added, changed and removed, problems left, and users to ask about."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problems: tuple[Reason, ...] = ()
    waiting: Missing = field(default_factory=Missing)

    @classmethod
    def of(
        cls, plan: ReconcilePlan, steps: Sequence[ReconcileStep], revoked: Sequence[str]
    ) -> Self:
        """The outcome of a plan whose steps were taken, and of app passwords that were revoked."""

        def keys(kind: str) -> tuple[str, ...]:
            return tuple(step.key for step in steps if step.kind == kind)

        removed = (*keys('removed'), *revoked)
        waiting = plan.waiting.missing
        return cls(keys('added'), keys('changed'), removed, tuple(plan.problems), waiting)


@dataclass(frozen=True)
class SyncedDomains(JsonValue):
    """Names of FreedomBox that can be no mail domains, each with the reason, and the outcome."""

    refused: Mapping[str, Reason]
    reconciled: Reconciled
