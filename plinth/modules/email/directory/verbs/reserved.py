# SPDX-License-Identifier: AGPL-3.0-or-later
"""Local parts no user gets by a name or makes an address of, and those of other users.

Reserved are the names for services (RFC 2142), those by which certificate authorities ask
whether to issue a certificate for a domain (Baseline Requirements 3.2.2.4.4, and what
some asked before), those of the system, and ours. A name and all patterns that begin with it
belong to one: beside another user's `boss` no one makes `boss-*`, beside another user's
`boss-*` neither `boss` nor `boss-bank`.

DIAGNOSTICS
    address-reserved    only an administrator can give it to a user
    address-taken       it belongs with a name or pattern of another user
"""

from collections.abc import Iterable

from ...errors import MailError
from ..address import fold
from ..alias import REPORTS, ROLES, Alias
from ..entry import Entry
from ..mailbox import Mailbox
from ..pattern import SEPARATORS, STAR, is_catch_all, is_pattern, patterns_for
from ..person import Owner, Person
from ..store import Store
from ..view import StoreView

RESERVED = frozenset(
    (
        *ROLES,
        REPORTS,
        # Certificate authorities.
        'admin', 'administrator', 'ssladmin', 'ssladministrator', 'sslwebmaster', 'sysadmin',
        'is', 'it', 'mis',
        # RFC 2142 and RFC 2350.
        'support', 'usenet', 'news', 'uucp', 'ftp', 'www', 'cert', 'csirt',
        # The system, and senders of programs.
        'mailer-daemon', 'daemon', 'nobody', 'noreply', 'no-reply', 'bounce', 'bounces',
        # What others read as the address of a domain itself.
        'dmarc', 'dmarc-reports', 'tlsrpt', 'tls-reports', 'smtp-tls-reports',
        'autoconfig', 'autodiscover', 'mta-sts', 'freedombox',
    )
)  # fmt: skip


def is_reserved(address: str) -> bool:
    """Whether the local part of an address or pattern is reserved, or begins with such a name."""
    local = address.rpartition('@')[0]
    return bool(RESERVED & set(_names(local)))


def _names(local: str) -> tuple[str, ...]:
    """The names a local part is about: itself, or those a pattern begins with."""
    if not is_pattern(local):
        return (local,)
    prefix = local.removesuffix(STAR)
    ends = [place for place, sign in enumerate(prefix) if sign in SEPARATORS]
    return tuple(prefix[:end] for end in ends if end)


def check(store: Store, owner: Owner, address: str) -> None:
    """Refuse an owner an address or pattern that is reserved or belongs with another's."""
    if is_reserved(address):
        raise MailError('address-reserved', address=address)
    if not all(owner.owns(entry) for entry in _beside(store, address)) or _is_name(
        store, owner, address
    ):
        raise MailError('address-taken', address=address)


def _beside(store: Store, address: str) -> Iterable[Entry]:
    """The entries an address or pattern belongs with."""
    view, (local, _, domain) = StoreView(store), address.rpartition('@')
    names = _names(local) if is_pattern(local) else ()
    below = () if names else tuple(f'{local}{sign}{STAR}@{domain}' for sign in SEPARATORS)
    above = (each for each in patterns_for(address) if not is_catch_all(each))
    keys = {*(f'{name}@{domain}' for name in names), *below, *above} - {address}
    for key in sorted(keys):
        kinds: tuple[type[Entry], ...] = (Alias,) if is_pattern(key) else (Alias, Mailbox)
        yield from filter(None, (view.find(kind, key) for kind in kinds))


def _is_name(store: Store, owner: Owner, address: str) -> bool:
    """Whether an address or pattern begins with the name of another user, or is one."""
    names = set(_names(address.rpartition('@')[0]))
    own = owner.id if isinstance(owner, Person) else ''
    return any(fold(user.name) in names for user in store.users() if user.id != own)
