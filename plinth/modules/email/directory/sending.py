# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which addresses a mailbox may send as: `resolve.who_may_send`, asked the other way round.

Only single addresses are listed, so no wildcards, no labels behind a plus sign, and none in a
domain that is an alias of another one. Standard addresses (RFC 2142) are left out too: an
administrator has seven of them in each domain.
"""

from contextlib import suppress

from ..errors import MailError
from .address import Address, parse
from .alias import Alias
from .domain import Domain
from .mailbox import Mailbox
from .pattern import is_pattern
from .resolve import who_may_send
from .store import Store


def mailbox_of(store: Store, login: str) -> Mailbox | None:
    """The mailbox in use that a login opens, as Dovecot finds it (`config.dovecot`)."""
    if '@' not in login:
        found = store.search(Mailbox, where={'login': login})
        return next((mailbox for mailbox in found if mailbox.enabled), None)
    with suppress(MailError):
        address = parse(login)
        domain = store.find(Domain, address.domain)
        if domain is not None and domain.enabled:
            own = str(Address(address.local, domain.alias_of or domain.name))
            return _in_use(store, own) or _in_use(store, _renamed(store, own))
    return None


def _in_use(store: Store, address: str) -> Mailbox | None:
    """The mailbox with this address; None when there is none or it is off."""
    mailbox = store.find(Mailbox, address) if address else None
    return mailbox if mailbox is not None and mailbox.enabled else None


def _renamed(store: Store, address: str) -> str:
    """The address of the person whose former name this was, '' when there is none."""
    alias = store.find(Alias, address)
    if alias is None or alias.origin != 'freedombox' or not alias.enabled:
        return ''
    return alias.destinations[0]


def addresses_of(store: Store, mailbox: Mailbox) -> tuple[str, ...]:
    """The addresses a mailbox may send as, its own first."""
    granted = [*store.search(Alias, where={'senders': mailbox.address})]
    who = mailbox.holder
    others = [each.address for each in store.search(Mailbox, where={'members': who})]
    if mailbox.owner_id:
        where = {'owner_id': mailbox.owner_id}
        granted += store.search(Alias, where=where)
        others += [each.address for each in store.search(Mailbox, where=where)]
    names = {*others, *(alias.address for alias in granted if not is_pattern(alias.address))}
    names.discard(mailbox.address)
    allowed = (name for name in sorted(names) if mailbox.address in who_may_send(store, name))
    return (mailbox.address, *allowed)
