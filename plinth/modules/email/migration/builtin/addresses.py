# SPDX-License-Identifier: AGPL-3.0-or-later
"""Addresses of FreedomBox's built-in mail app become entries of the directory.

There an alias is a bare name that holds in every domain of the box, and all domains are the
same. So its aliases become aliases in the primary domain, and its other domains share the
addresses of that one. What is there already, from an earlier try or because an administrator has
decided otherwise, is left alone.
"""

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ...directory.address import parse, parse_own
from ...directory.alias import ROLES, Alias
from ...directory.domain import Domain
from ...directory.mailbox import Mailbox
from ...directory.store import Store
from ...errors import MailError, Reason

LONGEST_NAME = 320


@dataclass(frozen=True)
class Former:
    """An alias of the built-in app: a bare name, and where it leads to.

    A destination is the name of a user or of another alias, or a full address.
    """

    name: str
    destinations: tuple[str, ...]
    owner: str = ''
    enabled: bool = True

    def __post_init__(self) -> None:
        """Refuse text that is no bare name."""
        if not self.name or len(self.name) > LONGEST_NAME or '@' in self.name:
            raise MailError('address-invalid.alias-name', self.name[:80])

    def to_alias(
        self, domain: str, mailboxes: Mapping[str, Mailbox], names: Collection[str]
    ) -> Alias:
        """The entry for it; `mailboxes` has the one of each user."""
        mailbox = mailboxes.get(self.owner)
        leads_to = {self._destination(each, domain, mailboxes, names) for each in self.destinations}
        return Alias(
            str(parse_own(f'{self.name}@{domain}')),
            tuple(sorted(leads_to)),
            enabled=self.enabled,
            owner=mailbox.owner if mailbox else '',
            owner_id=mailbox.owner_id if mailbox else '',
            origin='user' if mailbox else 'admin',
        )

    @staticmethod
    def _destination(
        text: str, domain: str, mailboxes: Mapping[str, Mailbox], names: Collection[str]
    ) -> str:
        """The address a destination stands for; MailError where there is none."""
        if text in mailboxes:
            return mailboxes[text].address
        if text.startswith(('|', '/', ':')):
            raise MailError('destination-invalid.program', text[:80])
        if '@' in text:
            return str(parse(text))
        if text in names or text in ROLES:
            return str(parse_own(f'{text}@{domain}'))
        raise MailError('destination-invalid.unknown', name=text[:80])


def add_aliases(store: Store, formers: Collection[Former]) -> tuple[int, list[Reason]]:
    """Add aliases to the primary domain; their number now, and reasons for missing ones."""
    domain = store.settings().primary_domain
    mailboxes = {box.login: box for box in store.search(Mailbox) if box.login}
    names = {former.name for former in formers}
    count, problems = 0, list[Reason]()
    for former in formers:
        if former.name in ROLES:
            continue
        try:
            _add(store, former.to_alias(domain, mailboxes, names))
            count += 1
        except MailError as error:
            problems.append(
                Reason('not-moved', {'name': former.name, 'why': error.reason.to_json()})
            )
    return count, problems


def _add(store: Store, alias: Alias) -> None:
    """Add an alias unless it is there; one that was changed since stays."""
    if store.find(Mailbox, alias.address):
        raise MailError('mailbox-exists.now', address=alias.address)
    present = store.find(Alias, alias.address)
    if present is None:
        store.add(alias)
    elif present.destinations != alias.destinations:
        raise MailError('alias-exists.other-destinations', address=alias.address)


def share_domains(store: Store, names: Collection[str]) -> tuple[int, list[Reason]]:
    """Let domains share the addresses of the primary one; return how many do, and which not."""
    primary = store.settings().primary_domain
    count, problems = 0, list[Reason]()
    for domain in store.search(Domain):
        if domain.name not in names or domain.name == primary or not domain.enabled:
            continue
        if domain.alias_of == primary or _share(store, domain, primary):
            count += 1
        else:
            problems.append(Reason('domain-keeps', {'domain': domain.name}))
    return count, problems


def _share(store: Store, domain: Domain, primary: str) -> bool:
    """Let one domain share addresses, unless there are any in it but those each must have."""
    aliases = store.in_domain(Alias, domain.name)
    chosen = [alias for alias in aliases if alias.origin != 'role']
    if domain.alias_of or chosen or store.in_domain(Mailbox, domain.name):
        return False
    for alias in aliases:
        store.remove(Alias, alias.address)
    store.change(domain, dataclasses.replace(domain, alias_of=primary))
    return True
