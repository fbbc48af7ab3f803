# SPDX-License-Identifier: AGPL-3.0-or-later
"""Changes of names that were heard and are not followed yet.

FreedomBox says once that a name was taken away. So what was heard is in its database before
anything else happens, and stays there until the mail services have followed: a restart of the
web interface loses nothing. The regular domains of the last time all names were in are there
too: one that has gone since was taken away, even if that could not be heard.
"""

import json
import logging
import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

_HEARD = 'email_names_heard'
_REGULAR = 'email_names_regular'

logger = logging.getLogger(__name__)


def read(key: str) -> Any:
    """A value of this app in FreedomBox's database, None when there is none."""
    from freedombox import kvstore  # needs the database, which root's service has not

    return json.loads(kvstore.get_default(key, 'null'))


def write(key: str, value: Any) -> None:
    """Have FreedomBox's database hold something for us."""
    from freedombox import kvstore

    kvstore.set(key, json.dumps(value))


def _save(key: str, value: Any) -> None:
    """Write something down; if that fails it is followed all the same, unless a restart comes."""
    try:
        write(key, value)
    except Exception:
        logger.exception('Cannot write down that names changed')


def _texts(value: Any) -> set[str]:
    return {str(each) for each in value} if isinstance(value, list) else set()


@dataclass(frozen=True)
class Heard:
    """Names that were taken away, and the users who caused that names are to be looked at."""

    removed: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()

    def __or__(self, other: 'Heard') -> 'Heard':
        return Heard(self.removed | other.removed, self.people | other.people)


@dataclass
class Pending:
    """Changes that were heard and not followed yet; guarded by `lock`."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    timer: threading.Timer | None = None
    waiting: Heard | None = None
    under_way: Heard | None = None
    all_loaded: bool = False

    def hear(
        self,
        removed: Collection[str] = (),
        back: Collection[str] = (),
        people: Collection[str] = (),
    ) -> None:
        """Remember that names changed: some were taken away, some are there again."""
        with self.lock:
            heard = (self.waiting or Heard()) | Heard(frozenset(removed), frozenset(people))
            self.waiting = Heard(heard.removed - frozenset(back), heard.people)
            self._keep()

    def take(self) -> Heard | None:
        """The changes to follow now, None if no name changed; `done` or `failed` comes next."""
        with self.lock:
            self.under_way, self.waiting = self.waiting, None
            return self.under_way

    def done(self) -> None:
        """Forget the changes that were followed."""
        with self.lock:
            self.under_way = None
            self._keep()

    def failed(self) -> None:
        """Remember changes that could not be followed, for the next time."""
        with self.lock:
            if self.under_way:
                self.waiting = (self.waiting or Heard()) | self.under_way
            self.under_way = None

    def recall(self, names: Collection[str]) -> None:
        """Remember changes of before a restart, when all these names are in again."""
        with self.lock:
            self.all_loaded = True
            kept = read(_HEARD)
            if isinstance(kept, dict):
                before = Heard(frozenset(_texts(kept.get('removed'))),
                               frozenset(_texts(kept.get('people'))))  # fmt: skip
                heard = (self.waiting or Heard()) | before
                self.waiting = Heard(heard.removed - frozenset(names), heard.people)

    def _keep(self) -> None:
        """Write down changes to follow; before all names are in, the old note counts."""
        if not self.all_loaded:
            return
        parts = [part for part in (self.waiting, self.under_way) if part is not None]
        value = {
            'removed': sorted({name for part in parts for name in part.removed}),
            'people': sorted({name for part in parts for name in part.people}),
        }
        _save(_HEARD, value if parts else None)


def vanished(regular: Collection[str]) -> set[str]:
    """Regular domains of the last time all were in that are not there any more.

    That none is left is not believed: then the list is more likely lost than empty.
    """
    before = _texts(read(_REGULAR))
    gone = before - set(regular)
    if gone and not regular:
        logger.warning('FreedomBox knows no regular domain any more; mail keeps all of them.')
        return set()
    return gone


def note_regular(regular: Collection[str]) -> None:
    """Write down which regular domains there are, now that all names are in."""
    if regular and _texts(read(_REGULAR)) != set(regular):
        _save(_REGULAR, sorted(regular))
