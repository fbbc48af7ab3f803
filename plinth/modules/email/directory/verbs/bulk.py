# SPDX-License-Identifier: AGPL-3.0-or-later
"""Many entries at once: compared with the directory, checked as a whole, made in one step.

A `Site` is a list of entries of all kinds but passwords, as a file declares them. `plan` compares
it with the directory and checks everything as if it were there already, so entries may
lead to each other in any order. `carry_out` makes all of it true in one transaction of the
directory server (RFC 5805): either everything is done or nothing. Run again, it finds nothing.

What a site does not name stays as it is, and so does what an entry in it does not say.

DIAGNOSTICS
    site-invalid     something in it cannot be; `Fault` has the line and the reason of each
    entry-changed    another person changed something at the same time; nothing was done
"""

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeVar

from ...errors import MailError, Reason
from ...system.json_value import JsonValue
from ..alias import Alias
from ..domain import Domain
from ..entry import Entry
from ..mailbox import Mailbox
from ..relay import Relay
from ..route import RouteRule
from ..store import Store
from ..view import MemoryView
from .aliases import check_alias, check_expiry, check_forwards, own_domain
from .forward_rules import check_may_leave
from .routes import check_links

MOST_NAMED = 100
MOST_SHOWN = 1000
_TAKEN, _CHECKED, _SENT, _ALL = 5, 10, 85, 100
"""How many hundredths of the time of an import are over after its parts, as measured."""
OnProgress = Callable[[int], None]
"""Takes the hundredths of the work that are done."""
Verb = Literal['add', 'change']
FieldValue = str | int | bool | tuple[str, ...] | None
"""A field of an entry as plain values."""
Item = TypeVar('Item')


@dataclass(frozen=True)
class Wanted:
    """One entry as a file declares it: its fields, and the line it stands on."""

    kind: type[Entry]
    fields: dict[str, Any]
    line: int
    password_hash: str = ''


@dataclass(frozen=True)
class Fault(JsonValue):
    """The error on one line."""

    line: int
    reason: Reason


@dataclass(frozen=True)
class ChangeSummary(JsonValue):
    """A change of one entry: its fields before and after, and whether its password changes."""

    verb: Verb
    kind: str
    key: str
    differences: Mapping[str, tuple[FieldValue, FieldValue]]
    password: bool


@dataclass(frozen=True)
class ImportSummary(JsonValue):
    """A plan in numbers, and the beginning of its changes and faults."""

    added: int
    changed: int
    kinds: Mapping[str, int]
    """The number of changed entries of each kind."""
    changes: tuple[ChangeSummary, ...]
    wrong: int
    faults: tuple[Fault, ...]

    @property
    def needs_following(self) -> bool:
        """Whether mail services must be told, which look up only addresses themselves."""
        return any(self.kinds.get(kind.NOUN) for kind in (Domain, Relay, RouteRule))


@dataclass(frozen=True)
class ImportPreview(ImportSummary):
    """A plan that is shown before it is carried out, and the mark by which it is known then."""

    mark: str


@dataclass(frozen=True)
class EntryChange:
    """One entry before and after; `before` is None for a new one."""

    before: Entry | None
    after: Entry
    line: int = 0
    password_hash: str = ''

    @property
    def verb(self) -> Verb:
        """The kind of change."""
        return 'change' if self.before else 'add'

    def differences(self) -> dict[str, tuple[Any, Any]]:
        """The fields that differ, each before and after."""
        before, after = self.before.to_json() if self.before else {}, self.after.to_json()
        return {
            name: (before.get(name), value)
            for name, value in after.items()
            if name != 'version' and before.get(name) != value and (before or value)
        }

    def summary(self) -> ChangeSummary:
        """The change without what only root may know."""
        return ChangeSummary(
            self.verb,
            self.after.NOUN,
            self.after.key,
            self.differences(),
            bool(self.password_hash),
        )


@dataclass
class ImportPlan:
    """The changes to make, and the faults in the way of them."""

    changes: list[EntryChange] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def mark(self) -> str:
        """A mark that differs for any other plan, and for the same one made earlier."""
        return hashlib.sha256(repr(self.changes).encode()).hexdigest()

    def summary(self, most: int = MOST_SHOWN) -> ImportSummary:
        """The plan as plain values; of a long one only the beginning."""
        verbs = Counter(change.verb for change in self.changes)
        return ImportSummary(
            added=verbs['add'],
            changed=verbs['change'],
            kinds=Counter(change.after.NOUN for change in self.changes),
            changes=tuple(change.summary() for change in self.changes[:most]),
            wrong=len(self.faults),
            faults=tuple(self.faults[:most]),
        )

    def preview(self, most: int) -> ImportPreview:
        """The plan as it is shown before it is carried out."""
        return ImportPreview(**vars(self.summary(most)), mark=self.mark())

    def check(self) -> None:
        """Refuse a plan with faults."""
        if self.faults:
            first, count = self.faults[0], len(self.faults)
            lines = [
                f'line {each.line}: {each.reason.sentence}' for each in self.faults[:MOST_NAMED]
            ]
            raise MailError(
                'site-invalid.lines' if count > 1 else 'site-invalid.line',
                '\n'.join(lines) if count > 1 else '',
                count=count, line=first.line, why=first.reason.to_json(),
            )  # fmt: skip


def _merge(view: MemoryView, wanted: Wanted) -> EntryChange:
    """The change that makes an entry as a line says."""
    kind = wanted.kind
    key = kind.normal_key(str(wanted.fields[kind.KEY]))
    before = view.find(kind, key)
    fields = {**wanted.fields, kind.KEY: key}
    if before is None:
        return EntryChange(None, kind(**fields), wanted.line, wanted.password_hash)
    if (
        isinstance(before, Alias)
        and before.origin == 'role'
        and before.destinations != fields.get('destinations')
    ):
        fields['origin'] = 'admin'
    after = dataclasses.replace(before, **fields)
    return EntryChange(before, after, wanted.line, wanted.password_hash)


def _check_free(view: MemoryView, change: EntryChange) -> None:
    """Refuse a new address that something else has, or that is in no domain of ours."""
    after = change.after
    if isinstance(after, Domain):
        target = view.find(Domain, after.alias_of) if after.alias_of else None
        if after.alias_of and (target is None or target.alias_of):
            raise MailError('domain-missing', domain=after.alias_of)
        return
    if isinstance(after, Relay | RouteRule):
        return
    own_domain(view, after.key.rpartition('@')[2])
    others: tuple[type[Entry], ...] = (Alias,) if isinstance(after, Mailbox) else (Mailbox,)
    for other in others:
        present = view.find(other, after.key)
        if present and not (isinstance(present, Alias) and present.origin == 'role'):
            raise MailError(f'{other.NOUN}-exists.key', key=after.key)


def _ends_otherwise(change: EntryChange) -> bool:
    """Whether an alias is new, or gets another end or state."""
    return bool({'expires', 'enabled'} & change.differences().keys())


def _check_links(view: MemoryView, change: EntryChange) -> None:
    """Refuse an entry that leads nowhere or has ended, in the directory as it will be."""
    after = change.after
    if isinstance(after, Alias):
        if _ends_otherwise(change):
            check_expiry(after)
        check_alias(view, after)
    elif isinstance(after, Mailbox):
        check_forwards(view, after)
        check_may_leave(view, after)
    check_links(view, after)


def _reporting(
    items: Sequence[Item], on_progress: OnProgress, first: int, last: int
) -> Iterator[Item]:
    """Yield items, and report how far that is between two percentages."""
    said = -1
    for number, item in enumerate(items):
        percent = first + (last - first) * number // len(items)
        if percent != said:
            on_progress(percent)
            said = percent
        yield item


def nothing(_percent: int) -> None:
    """Show no progress."""


class Planner:
    """Works out a plan, noting every fault instead of stopping at the first."""

    def __init__(
        self,
        view: MemoryView,
        on_progress: OnProgress = nothing,
        users: Mapping[str, str] | None = None,
        hashes: Mapping[str, str] | None = None,
    ) -> None:
        self._view = view
        self._on_progress = on_progress
        self._users = users or {}
        self._hashes = hashes or {}
        self.plan = ImportPlan()

    def _noting(self, line: int, work: Callable[[], None]) -> None:
        """Do something, or note its error."""
        try:
            work()
        except MailError as error:
            self.plan.faults.append(Fault(line, error.reason))

    def _take(self, wanted: Wanted, seen: set[tuple[type[Entry], str]]) -> None:
        """Take in one line."""
        change = self._complete(_merge(self._view, wanted))
        mark = (wanted.kind, change.after.key)
        if mark in seen:
            raise MailError(f'{wanted.kind.NOUN}-exists.line', key=change.after.key)
        seen.add(mark)
        if change.before is None:
            _check_free(self._view, change)
        if change.before != change.after or change.password_hash:
            self.plan.changes.append(change)
            self._view.put(change.after)

    def _complete(self, change: EntryChange) -> EntryChange:
        """Complete a change by fields a line leaves out; MailError where that is impossible."""
        after, owner = change.after, getattr(change.after, 'owner', '')
        known = not owner or owner in self._users or self._stands_alone(after)
        if not known and change.before != after:
            raise MailError('user-missing.named', user=owner)
        if isinstance(after, Alias):
            owner_id = self._users.get(owner, after.owner_id if owner else '')
            after = dataclasses.replace(after, owner_id=owner_id)
            return dataclasses.replace(change, after=after)
        if not isinstance(after, Mailbox):
            return change
        same = change.password_hash == self._hashes.get(after.key, '')
        change = dataclasses.replace(change, password_hash='' if same else change.password_hash)
        before = change.before
        if isinstance(before, Mailbox) and before.owner != owner:
            raise MailError('owner-invalid')
        if before is None and bool(owner) == bool(change.password_hash):
            raise MailError('owner-invalid.both')
        with_id = dataclasses.replace(after, owner_id=self._users.get(owner, ''))
        return change if before else dataclasses.replace(change, after=with_id)

    def _stands_alone(self, entry: Entry) -> bool:
        """Whether a stand-alone mailbox owns an alias."""
        mailbox = self._view.find(Mailbox, entry.owner) if isinstance(entry, Alias) else None
        return bool(mailbox and mailbox.owns(entry))

    def work(self, site: Sequence[Wanted]) -> ImportPlan:
        """The plan for a site."""
        seen: set[tuple[type[Entry], str]] = set()
        order = {Relay: 0, Domain: 1, Mailbox: 2, Alias: 3, RouteRule: 4}
        ordered = sorted(site, key=lambda each: order[each.kind])
        for wanted in _reporting(ordered, self._on_progress, 0, _TAKEN):
            self._noting(wanted.line, partial(self._take, wanted, seen))
        for change in _reporting(self.plan.changes, self._on_progress, _TAKEN, _CHECKED):
            self._noting(change.line, partial(_check_links, self._view, change))
        self.plan.faults.sort(key=lambda fault: fault.line)
        return self.plan


def plan(store: Store, site: Sequence[Wanted], on_progress: OnProgress = nothing) -> ImportPlan:
    """The changes that make a site true, and the faults in the way of them."""
    users = {user.name: user.id for user in store.users()}
    hashes = store.password_hashes() if any(each.password_hash for each in site) else {}
    return Planner(MemoryView.of(store), on_progress, users, hashes).work(site)


def _replaced(store: Store, changes: Sequence[EntryChange]) -> Iterator[Alias]:
    """Yield the aliases of the operator that new mailboxes take the place of."""
    new = [
        each.after.key for each in changes if not each.before and isinstance(each.after, Mailbox)
    ]
    yield from (alias for alias in store.find_many(Alias, new).values())


def carry_out(store: Store, plan_: ImportPlan, on_progress: OnProgress = nothing) -> None:
    """Make a plan true, all of it or nothing."""
    plan_.check()
    if plan_.changes:
        _send(store, plan_.changes, on_progress)
    on_progress(_ALL)


def _send(store: Store, changes: Sequence[EntryChange], on_progress: OnProgress) -> None:
    """Have the directory server make changes in one transaction."""
    replaced = list(_replaced(store, changes))
    with store.transaction():
        for alias in replaced:
            store.remove(Alias, alias.key, alias.stamp)
        for change in _reporting(changes, on_progress, _CHECKED, _SENT):
            if change.before is None:
                store.add(change.after, change.password_hash)
            else:
                store.change(change.before, change.after)
                if change.password_hash:
                    store.set_password_hash(change.after.key, change.password_hash)
        on_progress(_SENT)
