# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs of the directory with the rules that span several entries.

Each takes text as people give it, checks it against what is there, and changes the
store. The command and the root actions are thin layers over these functions.
"""

import dataclasses
from collections.abc import Sequence

from ..errors import MailError
from .address import parse, parse_domain, parse_own
from .alias import Alias
from .domain import Domain
from .entry import now
from .mailbox import Mailbox
from .store import Store


def _mail_domain(store: Store, name: str) -> Domain:
    """Return the domain an address is about to be made in."""
    domain = store.find(Domain, name)
    if domain is None:
        raise MailError(
            'domain-missing', f'{name} is not a mail domain of this box. Add the domain first.'
        )
    if domain.alias_of:
        raise MailError(
            'address-invalid',
            f'{name} shares the addresses of {domain.alias_of}. Make the address there.',
        )
    return domain


def add_domain(store: Store, text: str, alias_of: str = '') -> Domain:
    """Add a mail domain; the first one becomes the primary domain."""
    domain = Domain(parse_domain(text), alias_of=parse_domain(alias_of) if alias_of else '')
    if alias_of and store.get(Domain, alias_of).alias_of:
        raise MailError(
            'domain-invalid',
            f'{domain.alias_of} is an alias itself. Name the domain it stands for.',
        )
    present = store.find(Domain, domain.name)
    if present and present.gone:
        store.change(present, domain)
    else:
        store.add(domain)
    if not domain.alias_of and not store.settings().primary_domain:
        set_primary(store, domain.name)
    return domain


def set_primary(store: Store, text: str) -> None:
    """Choose the domain in which every FreedomBox user gets a mailbox."""
    domain = _mail_domain(store, parse_domain(text))
    settings = store.settings()
    store.change_settings(settings, dataclasses.replace(settings, primary_domain=domain.name))


def set_operator(store: Store, name: str) -> None:
    """Choose the FreedomBox user who gets the mail of the role addresses; '' for any admin."""
    if name and name not in {user.name for user in store.users()}:
        raise MailError('user-missing', 'There is no such FreedomBox user.', name[:80])
    settings = store.settings()
    store.change_settings(settings, dataclasses.replace(settings, operator=name))


def remove_domain(store: Store, text: str, force: bool = False) -> Domain:
    """Remove a mail domain, with all addresses in it if `force` is set; stored mail stays."""
    domain = store.get(Domain, text)
    mailboxes = store.in_domain(Mailbox, domain.name)
    aliases = store.in_domain(Alias, domain.name)
    sharing = store.search(Domain, where={'alias_of': domain.name})
    if not force:
        chosen = [alias for alias in aliases if alias.origin != 'role']
        _refuse_domain_in_use(domain, len(mailboxes), len(chosen), len(sharing))
    for entry in (*aliases, *mailboxes, *sharing, domain):
        store.remove(type(entry), entry.key)
    _forget_primary(store, domain.name)
    return domain


def _refuse_domain_in_use(domain: Domain, mailboxes: int, aliases: int, sharing: int) -> None:
    """Say what would stop working without a domain."""
    if mailboxes or aliases or sharing:
        raise MailError(
            'domain-in-use',
            f'{domain.name} is in use: mailboxes {mailboxes}, aliases {aliases}, domains sharing '
            f'its addresses {sharing}. Remove these first, or force the removal of all.',
        )
    if domain.origin == 'freedombox' and not domain.gone:
        raise MailError(
            'domain-in-use',
            f'{domain.name} is a domain of FreedomBox. Remove it there and mail to it ends too.',
        )


def _forget_primary(store: Store, name: str) -> None:
    """Let the next usable domain be the primary one if `name` was it."""
    settings = store.settings()
    if settings.primary_domain == name:
        usable = [domain.name for domain in store.search(Domain) if not domain.alias_of]
        following = dataclasses.replace(settings, primary_domain=usable[0] if usable else '')
        store.change_settings(settings, following)


def sync_domains(store: Store, names: Sequence[str], primary: str = '') -> dict[str, str]:
    """Follow the list of domains FreedomBox has; return the reason for each left out.

    A domain FreedomBox has no longer is switched off but kept with all its addresses,
    and works again when it returns. What an admin added stays as it is. `primary` is the
    domain to begin with: one chosen before stays the primary one until it is gone.
    """
    wanted, refused = _valid_names(names)
    present = {domain.name: domain for domain in store.search(Domain)}
    for name in wanted:
        if name not in present:
            store.add(Domain(name, origin='freedombox'))
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
            store.add(Domain(usable[0]))
        set_primary(store, usable[0])


def _valid_names(names: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return the domains in their normal form, and for those that are none the reason."""
    valid: list[str] = []
    refused: dict[str, str] = {}
    for name in names:
        try:
            valid.append(parse_domain(name))
        except MailError as error:
            refused[name] = error.sentence
    return list(dict.fromkeys(valid)), refused


def _free_address(store: Store, text: str) -> str:
    """Return an address nothing is at, other than an alias made for the operator."""
    address = parse_own(text)
    _mail_domain(store, address.domain)
    if store.find(Mailbox, str(address)):
        raise MailError('mailbox-exists', f'The mailbox {address} exists already.')
    alias = store.find(Alias, str(address))
    if alias and alias.origin != 'role':
        raise MailError('alias-exists', f'The alias {address} exists already.')
    return str(address)


def _user_id(store: Store, name: str) -> str:
    """Return the entryUUID of a FreedomBox user."""
    for user in store.users():
        if user.name == name:
            return user.id
    raise MailError('user-missing', 'There is no such FreedomBox user.', name[:80])


def add_mailbox(store: Store, text: str, owner: str = '', password_hash: str = '') -> Mailbox:
    """Add a mailbox for a FreedomBox user, or a stand-alone one with a hashed password."""
    if bool(owner) == bool(password_hash):
        raise MailError('owner-invalid', 'A mailbox has either an owner or a password of its own.')
    address = _free_address(store, text)
    owner_id = _user_id(store, owner) if owner else ''
    mailbox = Mailbox(address, owner=owner, owner_id=owner_id)
    if store.find(Alias, address):
        store.remove(Alias, address)
    store.add(mailbox, password_hash)
    return mailbox


def set_password(store: Store, text: str, password_hash: str) -> Mailbox:
    """Give a stand-alone mailbox another password."""
    mailbox = store.get(Mailbox, text)
    if not mailbox.stands_alone:
        raise MailError(
            'owner-invalid',
            f'{mailbox.address} belongs to the FreedomBox user {mailbox.owner}, '
            'whose password is changed on the page of the user.',
        )
    store.set_password_hash(mailbox.address, password_hash)
    return mailbox


def remove_mailbox(store: Store, text: str) -> Mailbox:
    """Remove a mailbox; stored mail stays."""
    mailbox = store.get(Mailbox, text)
    if mailbox.login:
        raise MailError(
            'mailbox-in-use',
            f'{mailbox.address} is the mailbox of the FreedomBox user {mailbox.owner}. '
            'Remove the user first.',
        )
    store.remove(Mailbox, mailbox.address)
    return mailbox


def add_alias(store: Store, text: str, destinations: Sequence[str]) -> Alias:
    """Add an alias; on an address made for the operator it takes over from then on."""
    address = _free_address(store, text)
    alias = Alias(address, tuple(sorted({str(parse(item)) for item in destinations})))
    present = store.find(Alias, address)
    if present:
        store.change(present, alias)
    else:
        store.add(alias)
    return alias


def remove_alias(store: Store, text: str) -> Alias:
    """Remove an alias, but none that every mail domain must have."""
    alias = store.get(Alias, text)
    if alias.origin == 'role':
        raise MailError(
            'alias-in-use',
            f'Every mail domain needs {alias.address}. Add an alias with this address '
            'to choose who gets its mail.',
        )
    store.remove(Alias, alias.address)
    return alias
