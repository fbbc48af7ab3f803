# SPDX-License-Identifier: AGPL-3.0-or-later
"""One act on the directory: no other writer meanwhile, and all of it is done or nothing.

    with store.exclusive(), store.transaction():
        ...

The lock is one for all who write, so what an act has looked at still holds when it writes:
no limit can be raced. The transaction is one of slapd (RFC 5805): nothing of it can be seen
before its end, and when the program ends half-way, nothing of it was ever there.

slapd does not show what waits in a transaction, so the acts themselves would not see what they
have just written. `Pending` is laid over what is read: an entry that was changed or removed is
found as it will be, and one that was added is found by its key. (A search by another field does
not find it, and one that was changed is still found by what it said before.)

slapd 2.6 has faults in transactions, seen with 2.6.10: to remove the last entry below another
fails ("mdb_delete: txn_commit failed"), so each branch has one that stays, and passwords for
devices are removed right after the end; to rename an entry ends slapd, so nothing here does; and
an end that overtakes the last change ends slapd too, so it waits for that: see `settle`.

DIAGNOSTICS
    directory-busy      another program has been writing for a long time
    directory-refused   only root may write
"""

import fcntl
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from ldap3 import Connection

from ..errors import MailError
from . import connection as ldap
from . import controls
from .entry import Entry
from .settings import Settings

LOCK = Path('/run/freedombox-email-directory.lock')
LOCK_SECONDS = 120.0
PAGE_SECONDS = 4.0
"""How long an act waits for others that a page waits for: the web interface has few threads."""
_LOOK_SECONDS = 0.02

Taken = tuple[Entry, Entry | None]
"""An entry that gets a new owner, as it will be and as it is; None where there is none."""
Guard = Callable[[Iterable[Taken]], AbstractContextManager[None]]
guards: list[Guard] = []
"""Context managers around the end of transactions that give something a new owner, as in
`mailstore.kept_mail`."""

Follower = Callable[['Acting', 'PendingEntries'], AbstractContextManager[None]]
followers: list[Follower] = []
"""Context managers around the end of all transactions: what they prepare takes its place once slapd
has made the changes, as in `rules.placement`."""

EntryType = TypeVar('EntryType', bound=Entry)
Result = TypeVar('Result')
Rest = ParamSpec('Rest')


def _open_lock() -> int:
    """The file all writers lock; only root can put one into /run."""
    try:
        return os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise MailError('directory-refused', str(error)) from error


def _wait_for(handle: int, seconds: float) -> None:
    """Get the lock, however often others were faster, but not for ever."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise MailError('directory-busy') from error
            time.sleep(_LOOK_SECONDS)
        else:
            return


@contextmanager
def locked(seconds: float | None = None) -> Iterator[None]:
    """Hold the lock of all who write to the directory, waiting for it so long at the most."""
    handle = _open_lock()
    try:
        _wait_for(handle, LOCK_SECONDS if seconds is None else seconds)
        yield
    finally:
        os.close(handle)


class PendingEntries:
    """Entries as a transaction will leave them, by which it is read meanwhile."""

    def __init__(self) -> None:
        self.identifier: bytes | None = None
        self.settings: Settings | None = None
        self.anchored: set[type[Entry]] = set()
        self.afterwards: list[Callable[[], None]] = []
        self.added: list[Entry] = []
        self.taken: list[Taken] = []
        self._entries: dict[tuple[type[Entry], str], Entry | None] = {}

    def put(self, entry: Entry) -> None:
        """Note an entry that was added or changed."""
        self._entries[type(entry), entry.key] = entry

    def drop(self, kind: type[Entry], key: str) -> None:
        """Note an entry that was removed."""
        self._entries[kind, key] = None

    def of(self, kind: type[EntryType]) -> Mapping[str, EntryType | None]:
        """Entries of a kind that were added, changed or removed (None), by their keys."""
        return {
            key: entry if isinstance(entry, kind) else None
            for (kind_, key), entry in self._entries.items()
            if kind_ is kind
        }

    def over(
        self, kind: type[EntryType], found: Iterable[EntryType], keys: Collection[str] = ()
    ) -> list[EntryType]:
        """Entries that were read as they are now, with those added of the keys asked for.

        What was changed has no version before the end.
        """
        entries: dict[str, Entry | None] = {entry.key: entry for entry in found}
        for kind_, key in self._entries:
            if kind_ is kind and (key in entries or key in keys):
                pending = self._entries[kind, key]
                entries[key] = pending and replace(pending, version='', stamp='')
        return [entry for entry in entries.values() if isinstance(entry, kind)]


class Acting:
    """The part of the store that makes one act of many changes."""

    _connection: Connection
    patience: float | None = None
    """Seconds to wait for other writers, None for as long as it takes in all reason."""
    _pending: PendingEntries | None = None
    _is_exclusive = False

    @property
    def is_acting(self) -> bool:
        """Whether a transaction is under way, so that what was written is not stored yet."""
        return self._pending is not None

    @property
    def _controls(self) -> list[controls.Control]:
        """Controls that go with every change; the first one begins a transaction of slapd."""
        if not self._pending:
            return []
        if self._pending.identifier is None:
            with ldap.mapped_errors():
                self._connection.extended(controls.START_TRANSACTION)
            self._pending.identifier = self._connection.result['responseValue'] or b''
        return [controls.in_transaction(self._pending.identifier)]

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep others from writing; inside itself it is nothing more."""
        if self._is_exclusive:
            yield
            return
        with locked(self.patience):
            self._is_exclusive = True
            try:
                yield
            finally:
                self._is_exclusive = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Have all changes made inside done together at its end, or none of them.

        Inside another one it is a part of that. A caller that catches an error in
        there goes on with the changes before it.
        """
        if self._pending:
            yield
            return
        self._pending = pending = PendingEntries()
        try:
            yield
        except BaseException:
            # Where the connection is lost as well, slapd takes all back by itself.
            with suppress(MailError):
                self._end(pending, commit=False)
            raise
        self._finish(pending)
        for work in pending.afterwards:
            work()

    def _finish(self, pending: PendingEntries) -> None:
        """Have slapd make the changes, once nothing of an earlier owner is in the way."""
        with ExitStack() as stack:
            try:
                for guard in guards if pending.taken else ():
                    stack.enter_context(guard(pending.taken))
                for follower in followers if pending.identifier is not None else ():
                    stack.enter_context(follower(self, pending))
            except BaseException:
                with suppress(MailError):
                    self._end(pending, commit=False)
                raise
            try:
                self._end(pending, commit=True)
            except MailError as error:
                raise self._named_end(error, pending) from error

    def _named_end(self, error: MailError, pending: PendingEntries) -> MailError:
        """Say which entry ended a transaction: slapd looks at its end, and does not tell."""
        raise NotImplementedError

    def _end(self, pending: PendingEntries, commit: bool) -> None:
        """Have slapd make the changes, or forget them; to make none would be an error."""
        self._pending = None
        if pending.identifier is None:
            return
        end = controls.end_transaction(pending.identifier, commit)
        with ldap.mapped_errors(), ldap.patience(self._connection):
            ldap.settle(self._connection)
            self._connection.extended(controls.END_TRANSACTION, end, no_encode=True)


Actor = TypeVar('Actor', bound=Acting)


def act(
    verb: Callable[Concatenate[Actor, Rest], Result],
) -> Callable[Concatenate[Actor, Rest], Result]:
    """The verb as one act: exclusive, and all or nothing."""

    @wraps(verb)
    def whole(store: Actor, /, *arguments: Rest.args, **options: Rest.kwargs) -> Result:
        with store.exclusive(), store.transaction():
            return verb(store, *arguments, **options)

    return whole
