# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs for domains and settings, with the rules that span several entries.

Each checks what it is given against what is there, and changes the store. The command and
the root actions are thin layers over these functions and those of `aliases` and `mailboxes`.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import MailError, Reason
from ...system.json_value import JsonValue
from ..acts import act
from ..address import LONGEST_DOMAIN, parse_domain
from ..alias import Alias
from ..apppassword import remove_of_mailbox
from ..domain import USER_ALIASES, Domain
from ..entry import now
from ..mailbox import Mailbox
from ..room import AS_IT_IS, OwnRoom, given_room
from ..send_limits import UNCHANGED, OwnLimits, given
from ..store import Store, storing
from ..view import StoreView
from .aliases import check_version, cut_off_domain, own_domain


@storing
def add_domain(store: Store, text: str, alias_of: str = '') -> Domain:
    """Add a mail domain; the first one becomes the primary domain."""
    domain = Domain(
        parse_domain(text),
        alias_of=parse_domain(alias_of) if alias_of else '',
        user_aliases=0 if alias_of else USER_ALIASES,
    )
    if alias_of and store.get(Domain, alias_of).alias_of:
        raise MailError('domain-invalid.alias-of-alias', alias_of=domain.alias_of)
    present = store.find(Domain, domain.name)
    if present and present.gone:
        store.change(present, domain)
    else:
        store.add(domain)
    if not domain.alias_of and not store.settings().primary_domain:
        set_primary(store, domain.name)
    return domain


@act
def set_primary(store: Store, text: str, instead_of: str = '') -> None:
    """Choose the domain in which every FreedomBox user gets a mailbox.

    With `instead_of` only as long as that is the chosen one.
    """
    domain = own_domain(StoreView(store), parse_domain(text))
    settings = store.settings()
    if instead_of and settings.primary_domain != parse_domain(instead_of):
        raise MailError('entry-changed.primary-domain')
    store.change_settings(settings, dataclasses.replace(settings, primary_domain=domain.name))


@act
def set_operator(store: Store, name: str) -> None:
    """Choose the FreedomBox user who gets the mail of the role addresses; '' for any admin."""
    if name:
        store.user(name)
    settings = store.settings()
    store.change_settings(settings, dataclasses.replace(settings, operator=name))


def parse_choice(text: str | None, present: bool | None) -> bool | None:
    """The choice meant by `yes`, `no` or `default`; None leaves it as it is."""
    choices = {None: present, 'yes': True, 'no': False, 'default': None}
    if text not in choices:
        raise MailError('choice-invalid')
    return choices[text]


def parse_target(text: str) -> str:
    """The domain or host that is meant, '' for none."""
    return parse_domain(text) if text else ''


@storing
def edit_domain(
    store: Store,
    text: str,
    *,
    user_mailboxes: str | None = None,
    user_aliases: int | None = None,
    alias_of: str | None = None,
    note: str | None = None,
    mta_sts: str | None = None,
    dmarc: str | None = None,
    limits: OwnLimits = UNCHANGED,
    forwarding: bool | None = None,
    room: OwnRoom = AS_IT_IS,
    client_host: str | None = None,
    version: str = '',
) -> Domain:
    """Change single settings of a domain; those that are None stay as they are.

    `user_mailboxes` is a choice of `parse_choice`.
    """
    present = store.get(Domain, text)
    wanted: dict[str, Any] = {
        'user_aliases': user_aliases,
        'alias_of': None if alias_of is None else parse_target(alias_of),
        'note': None if note is None else note.strip(),
        'mta_sts': mta_sts,
        'dmarc': dmarc,
        'forwarding': forwarding,
        'client_host': None if client_host is None else parse_target(client_host),
    }
    choice = parse_choice(user_mailboxes, present.user_mailboxes)
    fields = {name: value for name, value in wanted.items() if value is not None}
    fields |= given(limits) | given_room(room)
    return change_domain(
        store, dataclasses.replace(present, user_mailboxes=choice, **fields), version
    )


@storing
def change_domain(store: Store, domain: Domain, version: str = '') -> Domain:
    """Change a domain; `version` is that of the domain the person looked at.

    It becomes an alias of another one only as long as it has no addresses of its own.
    """
    present = store.get(Domain, domain.name)
    check_version(present, version)
    if domain.alias_of and domain.alias_of != present.alias_of:
        _check_can_share(store, domain)
    store.change(present, domain)
    return domain


def _check_can_share(store: Store, domain: Domain) -> None:
    """Refuse to let a domain share the addresses of another one where that cannot be."""
    if store.get(Domain, domain.alias_of).alias_of:
        raise MailError('domain-invalid.alias-of-alias', alias_of=domain.alias_of)
    losing = loss(store, domain.name)
    if losing.addresses or losing.sharing or losing.is_primary:
        raise MailError('domain-in-use.no-alias', domain=domain.name)


@dataclass(frozen=True)
class Loss(JsonValue):
    """Entries that stop working when a domain is removed.

    Mail that is stored stays. `leading_here` are aliases in other domains that lose a
    destination, `users` are FreedomBox users who lose the mailbox their short name opens.
    """

    domain: str
    mailboxes: tuple[str, ...]
    aliases: tuple[str, ...]
    sharing: tuple[str, ...]
    leading_here: tuple[str, ...]
    users: tuple[str, ...]
    is_primary: bool
    is_freedombox: bool

    @property
    def addresses(self) -> int:
        """How many addresses there are, without those every domain has."""
        return len(self.mailboxes) + len(self.aliases)


def loss(store: Store, text: str) -> Loss:
    """The entries that would stop working without a domain."""
    domain = store.get(Domain, text)
    mailboxes = store.in_domain(Mailbox, domain.name)
    aliases = [alias for alias in store.in_domain(Alias, domain.name) if alias.origin != 'role']
    leading = store.in_domain(Alias, domain.name, field='destinations')
    return Loss(
        domain.name,
        tuple(mailbox.address for mailbox in mailboxes),
        tuple(alias.address for alias in aliases),
        tuple(other.name for other in store.search(Domain, where={'alias_of': domain.name})),
        tuple(a.address for a in leading if a.domain != domain.name and a.origin != 'role'),
        tuple(mailbox.login for mailbox in mailboxes if mailbox.login),
        store.settings().primary_domain == domain.name,
        domain.origin == 'freedombox' and not domain.gone,
    )


@act
def remove_domain(store: Store, text: str, force: bool = False, version: str = '') -> Domain:
    """Remove a mail domain, with all addresses in it if `force` is set; stored mail stays."""
    domain = store.get(Domain, text)
    check_version(domain, version)
    if not force:
        _refuse_domain_in_use(loss(store, domain.name))
    sharing = store.search(Domain, where={'alias_of': domain.name})
    aliases = store.in_domain(Alias, domain.name)
    mailboxes = store.in_domain(Mailbox, domain.name)
    for entry in (*aliases, *mailboxes, *sharing, domain):
        store.remove(type(entry), entry.key)
    for mailbox in mailboxes:
        remove_of_mailbox(store, mailbox)
    cut_off_domain(store, domain.name)
    _forget_primary(store, domain.name)
    return domain


def _refuse_domain_in_use(losing: Loss) -> None:
    """Refuse to remove a domain in use, with counts of its entries."""
    if losing.addresses or losing.sharing:
        raise MailError(
            'domain-in-use',
            domain=losing.domain,
            mailboxes=len(losing.mailboxes),
            aliases=len(losing.aliases),
            alias_domains=len(losing.sharing),
        )
    if losing.is_freedombox:
        raise MailError('domain-in-use.freedombox', domain=losing.domain)


def _forget_primary(store: Store, name: str) -> None:
    """Let the next usable domain be the primary one if `name` was it."""
    settings = store.settings()
    if settings.primary_domain == name:
        usable = [domain.name for domain in store.search(Domain) if not domain.alias_of]
        following = dataclasses.replace(settings, primary_domain=usable[0] if usable else '')
        store.change_settings(settings, following)


@act
def sync_domains(store: Store, names: Sequence[str], primary: str = '') -> dict[str, Reason]:
    """Follow the list of domains FreedomBox has; return the reason for each left out.

    A domain FreedomBox has no longer is switched off but kept with all its addresses,
    and works again when it returns. What an admin added stays as it is. `primary` is the
    domain to begin with: one chosen before stays the primary one until it is gone.
    """
    wanted, refused = _valid_names(names)
    present = {domain.name: domain for domain in store.search(Domain)}
    for name in wanted:
        if name not in present:
            store.add(Domain(name, origin='freedombox', user_aliases=USER_ALIASES))
        elif present[name].gone:
            store.change(present[name], dataclasses.replace(present[name], enabled=True, gone=None))
    for domain in present.values():
        if domain.origin == 'freedombox' and not domain.gone and domain.name not in wanted:
            store.change(domain, dataclasses.replace(domain, enabled=False, gone=now()))
            _release(store, domain.name, wanted)
    _keep_primary(store, [*_valid_names([primary])[0], *wanted])
    return refused


def _release(store: Store, gone: str, wanted: Sequence[str]) -> None:
    """Let a domain that shared the addresses of one now gone stand for all that did.

    Mail to them would lead to a domain that is not taken here any more.
    """
    sharing = {domain.name: domain for domain in store.search(Domain, where={'alias_of': gone})}
    names = [name for name in wanted if name in sharing]
    for name in names:
        alias_of = '' if name == names[0] else names[0]
        store.change(sharing[name], dataclasses.replace(sharing[name], alias_of=alias_of))


def _keep_primary(store: Store, names: Sequence[str]) -> None:
    """Let the first usable domain be the primary one if that is missing or gone."""
    present = store.find_many(Domain, [store.settings().primary_domain, *names])
    primary = present.get(store.settings().primary_domain)
    usable = [name for name in names if name not in present or not present[name].alias_of]
    if usable and (primary is None or primary.gone):
        if usable[0] not in present:
            store.add(Domain(usable[0], user_aliases=USER_ALIASES))
        set_primary(store, usable[0])


def _valid_names(names: Sequence[str]) -> tuple[list[str], dict[str, Reason]]:
    """The domains in their normal form, and for those that are none the reason."""
    valid: list[str] = []
    refused: dict[str, Reason] = {}
    for name in names:
        try:
            valid.append(parse_domain(name))
        except MailError as error:
            refused[name[:LONGEST_DOMAIN]] = error.reason
    return list(dict.fromkeys(valid)), refused
