# SPDX-License-Identifier: AGPL-3.0-or-later
"""The link by which the person of a stand-alone mailbox chooses a password.

It goes out by paper, phone or messenger, so it names a host that works for that person, not the
one the administrator happened to use. The first of these that fits:

1. the domain of the mailbox, then the primary domain, when it is a name of this box and has a
   certificate that browsers trust;
2. the domain of the mailbox, when it is a name of this box;
3. the primary domain; without one, the domain of the mailbox.

A name of this box is a domain FreedomBox has in Name Services, for which its web server
answers. An alias domain has no addresses of its own, and a domain an administrator entered for
mail alone may have its web pages elsewhere.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ..directory.address import parse_own
from ..directory.domain import Domain
from ..directory.store import Store
from ..directory.verbs import mailboxes
from ..system import certificates
from ..system.json_value import JsonValue

PATH = '/freedombox/apps/email/password/link/'


def _is_name(domain: Domain | None) -> bool:
    """Whether the web server of this box answers for a domain."""
    return bool(domain and domain.origin == 'freedombox' and not domain.gone)


def host_for(
    mailbox_domain: str, primary: str, domains: Mapping[str, Domain], trusted: Collection[str]
) -> str:
    """The host of a link for a mailbox in a domain; see the rule above."""
    own = domains.get(mailbox_domain)
    wanted = [mailbox_domain] if own and not own.alias_of else []
    names = [name for name in (*wanted, primary) if _is_name(domains.get(name))]
    certified = [name for name in names if name in trusted]
    first = [*certified, *(name for name in names if name == mailbox_domain)]
    return next(iter(first), primary or mailbox_domain)


def trusted_names(names: Collection[str]) -> frozenset[str]:
    """The domains with a certificate of an authority that has not expired."""
    now = datetime.now(UTC)
    return frozenset(
        each.domain
        for each in certificates.installed(sorted(names))
        if each.trusted and each.expires and each.expires > now
    )


def link_for(store: Store, address: str, secret: str, path: str = PATH) -> str:
    """The whole link; the secret stands behind the #, which browsers keep to themselves."""
    domain, primary = address.rpartition('@')[2], store.settings().primary_domain
    names = {domain, primary} - {''}
    host = host_for(domain, primary, store.find_many(Domain, names), trusted_names(names))
    return f'https://{host}{path}#{secret}'


@dataclass(frozen=True)
class ResetLink(JsonValue):
    """A link by which a new password can be chosen once, the secret in it, and its end."""

    link: str
    secret: str
    expires: datetime


def make(store: Store, text: str, hours: int) -> ResetLink:
    """The link for a stand-alone mailbox; an earlier one is void from then on."""
    secret, expires = mailboxes.start_reset(store, text, hours)
    return ResetLink(link_for(store, str(parse_own(text)), secret), secret, expires)
