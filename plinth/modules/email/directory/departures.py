# SPDX-License-Identifier: AGPL-3.0-or-later
"""Users who own something and are no longer there, and when that is too much to believe.

A directory that is being restored is empty for a while, and a mistyped command can empty it. To
switch off the mailboxes of all and revoke their passwords would make the damage lasting. So
one who leaves is followed at once, but many at once wait for an administrator, and until then
they count as present.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from ..system.json_value import JsonValue
from .accounts import User
from .alias import Alias
from .mailbox import Mailbox

MANY = 3
MOST_NAMED = 5


@dataclass(frozen=True)
class Missing(JsonValue):
    """Users who are missing at once, which an administrator has to confirm."""

    count: int = 0
    names: str = ''
    mark: str = ''


@dataclass(frozen=True)
class Departures:
    """Owners who are gone, out of all who own something, and how many users are left."""

    users: tuple[User, ...] = ()
    owners: int = 0
    left: int = 0

    @property
    def doubtful(self) -> bool:
        """Whether an administrator must say that they are gone.

        That is so for more than a few, for more than one and a third of all, and for the last.
        """
        count = len(self.users)
        return count > MANY or (count > 1 and count * 3 > self.owners) or (count > 0 == self.left)

    @property
    def mark(self) -> str:
        """Text that stands for just these users, so that others are not confirmed with them."""
        names = '\n'.join(sorted(user.id for user in self.users))
        return hashlib.sha256(names.encode()).hexdigest()[:16]

    @property
    def names(self) -> str:
        """The first of their names, and how many more there are."""
        names = sorted(user.name for user in self.users)
        more = f' and {len(names) - MOST_NAMED} more' if len(names) > MOST_NAMED else ''
        return ', '.join(names[:MOST_NAMED]) + more

    @property
    def missing(self) -> Missing:
        """These users as an administrator is asked about them."""
        return Missing(len(self.users), self.names, self.mark if self.users else '')


def find(
    users: Iterable[User], mailboxes: Iterable[Mailbox], aliases: Iterable[Alias]
) -> Departures:
    """Owners of entries in use who are not among the users."""
    present = {user.id for user in users}
    owners = {alias.owner_id: alias.owner for alias in aliases if alias.enabled}
    owners |= {mailbox.owner_id: mailbox.owner for mailbox in mailboxes if not mailbox.gone}
    owners.pop('', None)
    gone = tuple(User(name, id_) for id_, name in sorted(owners.items()) if id_ not in present)
    return Departures(gone, len(owners), len(present))
