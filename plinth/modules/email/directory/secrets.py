# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ways to open a mailbox: passwords, those for devices, links to choose one, and its hours."""

from contextlib import suppress
from datetime import datetime
from functools import partial

from ldap3 import MODIFY_REPLACE, SUBTREE
from ldap3.core import exceptions

from . import connection as ldap
from . import entry_errors
from .entry import Entry, from_time_value, to_time_value
from .filters import equals
from .mailbox import Mailbox
from .names import DECOY_DN, branch_dn, entry_dn
from .suffix import BASE_DN
from .writing import Writing


class Secrets(Writing):
    """A connection to slapd that reads and writes passwords."""

    def password_hashes(self, address: str = '') -> dict[str, str]:
        """The hashed passwords of mailboxes, or of one, by address; only root sees any."""
        one = equals('fbxMailAddress', address) if address else ''
        found = self._raw(
            branch_dn(Mailbox), f'(&(userPassword=*){one})', ['fbxMailAddress', 'userPassword']
        )
        return {raw['fbxMailAddress'][0].decode(): raw['userPassword'][0].decode() for raw in found}

    def set_password_hash(self, address: str, password_hash: str, stamp: str = '') -> None:
        """Give a mailbox another password, already hashed in a form slapd knows.

        A link by which a new one could be chosen is void from then on.
        """
        self._modify(
            Mailbox,
            address,
            {
                'userPassword': [(MODIFY_REPLACE, [password_hash])],
                'fbxMailResetHash': [(MODIFY_REPLACE, [])],
                'fbxMailResetExpires': [(MODIFY_REPLACE, [])],
            },
            stamp,
        )

    def password_fits(self, address: str, password: str) -> bool:
        """Whether a login with the password of a mailbox would succeed.

        Without an address it takes the time of a wrong password, by a decoy that no password opens.
        """
        dn = entry_dn(Mailbox, address) if address else DECOY_DN
        return ldap.password_fits(self._uri, dn, password)

    def app_password_fits(self, entry: Entry, password: str) -> bool:
        """Whether a password is that of the entry of an app password."""
        return ldap.password_fits(self._uri, entry_dn(type(entry), entry.key), password)

    def add_password(self, entry: Entry, password_hash: str) -> None:
        """Add an app password: an entry and, below one for reading, one for sending."""
        self.add(entry, password_hash)
        if getattr(entry, 'use', '') != 'read':
            return
        attributes = {**entry.to_attributes(), 'userPassword': (password_hash,)}
        sending = {**attributes, 'fbxMailUse': ('send',)}
        with entry_errors.named(type(entry), entry.key):
            dn = entry_dn(type(entry), entry.key)
            self._connection.add(
                f'fbxMailUse=send,{dn}', [entry.OBJECT_CLASS], sending, self._controls
            )

    def remove_password(self, kind: type[Entry], key: str) -> None:
        """Remove both entries of an app password; in a transaction right after its end.

        slapd cannot remove an entry in one that was the last below another.
        """
        if self._pending:
            self._pending.drop(kind, key)
            self._pending.afterwards.append(partial(self.remove_password, kind, key))
            return
        with suppress(exceptions.LDAPNoSuchObjectResult):
            self._connection.delete(f'fbxMailUse=send,{entry_dn(kind, key)}')
        self.remove(kind, key)

    def last_uses(self, which: str) -> dict[tuple[str, str], datetime]:
        """The last uses of app passwords that meet a filter, by key and service."""
        found = self._raw(
            f'ou=passwords,{BASE_DN}',
            f'(&{which}(pwdLastSuccess=*))',
            ['fbxMailKeyId', 'fbxMailUse', 'pwdLastSuccess'],
            SUBTREE,
        )
        return {
            (raw['fbxMailKeyId'][0].decode(), raw['fbxMailUse'][0].decode()): from_time_value(
                raw['pwdLastSuccess'][0].decode()
            )
            for raw in found
        }

    def set_reset_hash(self, address: str, reset_hash: str, expires: datetime) -> None:
        """Keep the hash of a secret by which a mailbox can get another password."""
        self._modify(
            Mailbox,
            address,
            {
                'fbxMailResetHash': [(MODIFY_REPLACE, [reset_hash])],
                'fbxMailResetExpires': [(MODIFY_REPLACE, [to_time_value(expires)])],
            },
        )

    def set_out_of_hours(self, address: str, sentence: str) -> None:
        """Have logins to a mailbox refused with a sentence until its hours begin, or '' not."""
        values = [sentence] if sentence else []
        self._modify(Mailbox, address, {'fbxMailOutOfHours': [(MODIFY_REPLACE, values)]})

    def out_of_hours(self) -> dict[str, str]:
        """The sentences of mailboxes that are outside of their hours, by address."""
        names = ['fbxMailAddress', 'fbxMailOutOfHours']
        found = self._raw(branch_dn(Mailbox), '(fbxMailOutOfHours=*)', names)
        return {raw[names[0]][0].decode(): raw[names[1]][0].decode() for raw in found}

    def find_reset(self, reset_hash: str) -> Mailbox | None:
        """The mailbox with a link of this hash."""
        found = self._entries(Mailbox, equals('fbxMailResetHash', reset_hash))
        return found[0] if found else None
