# SPDX-License-Identifier: AGPL-3.0-or-later
"""FreedomBox's own users and groups, as they stand in its directory beside ours.

DIAGNOSTICS
    user-missing    there is no user of this name
    user-invalid    no one can have this name
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ldap3 import LEVEL
from ldap3.utils.dn import escape_rdn

from ..errors import MailError
from . import connection as ldap
from .address import fold
from .entry import check_user_name
from .filters import equals
from .suffix import SUFFIX

RawAttributes = Mapping[str, Sequence[bytes]]

_USERS_DN = f'ou=users,{SUFFIX}'
_LOCKED = b'000001010000Z'


@dataclass(frozen=True)
class User:
    """A FreedomBox user; `id`, the entryUUID, stays the same when the user gets another name."""

    name: str
    id: str
    locked: bool = False

    @property
    def has_plain_name(self) -> bool:
        """Whether the name cannot be taken for an address; FreedomBox allows any."""
        return '@' not in self.name


def _to_user(raw: RawAttributes) -> User:
    """The user an LDAP search found."""
    locked = _LOCKED in raw.get('pwdAccountLockedTime', ())
    return User(raw['uid'][0].decode(), raw['entryUUID'][0].decode(), locked)


class Accounts:
    """Users and groups, over the connection of a store."""

    _uri: str

    def _raw(
        self, base: str, filter_: str, attributes: Sequence[str], scope: str = LEVEL
    ) -> Iterator[RawAttributes]:
        """The attributes of entries that a search finds."""
        raise NotImplementedError

    def _users(self, condition: str) -> tuple[User, ...]:
        """The users that meet a filter, sorted by name."""
        attributes = ['uid', 'entryUUID', 'pwdAccountLockedTime']
        found = self._raw(_USERS_DN, f'(&(objectClass=posixAccount){condition})', attributes)
        return tuple(sorted((_to_user(raw) for raw in found), key=lambda user: user.name))

    def users(self) -> tuple[User, ...]:
        """All FreedomBox users, sorted by name."""
        return self._users('')

    def user(self, name: str) -> User:
        """The FreedomBox user of exactly this name, or say that there is none.

        slapd takes more for the same name than people do, such as full-width letters.
        """
        check_user_name(name)
        for user in self._users(equals('uid', name)):
            if fold(user.name) == fold(name):
                return user
        raise MailError('user-missing', name[:80])

    def account_password_fits(self, user: User, password: str) -> bool:
        """Whether a user could log in with this password now."""
        dn = f'uid={escape_rdn(user.name)},{_USERS_DN}'
        return not user.locked and ldap.password_fits(self._uri, dn, password)

    def admins(self) -> tuple[str, ...]:
        """The names in the group of administrators, in the directory's order."""
        found = self._raw(
            f'ou=groups,{SUFFIX}', '(&(objectClass=posixGroup)(cn=admin))', ['memberUid']
        )
        return tuple(name.decode() for raw in found for name in raw.get('memberUid', ()))
