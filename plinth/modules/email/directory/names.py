# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names of entries of the mail directory in FreedomBox's slapd (RFC 4514)."""

from ldap3.utils.dn import escape_rdn

from .alias import Alias
from .domain import Domain
from .entry import Entry
from .mailbox import Mailbox
from .suffix import BASE_DN

BRANCHES = ('domains', 'mailboxes', 'aliases', 'passwords', 'relays', 'routes')
DECOY_DN = f'cn=decoy,ou=passwords,{BASE_DN}'
KINDS = (Domain, Mailbox, Alias)
ANCHOR = 'anchor'
"""The entry that stays in a branch: slapd cannot remove the last one in a transaction."""


def branch_dn(kind: type[Entry]) -> str:
    """The name of the entry all entries of a kind are below."""
    return f'ou={kind.BRANCH},{BASE_DN}'


def entry_dn(kind: type[Entry], key: str) -> str:
    """The name of an entry; `key` is in its normal form."""
    return f'{kind.ATTRIBUTES[kind.KEY]}={escape_rdn(key)},{branch_dn(kind)}'
