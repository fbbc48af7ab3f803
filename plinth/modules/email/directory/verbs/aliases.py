# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs for aliases, with the rules that span several entries.

DIAGNOSTICS
    address-invalid, pattern-invalid   the address cannot be one of ours
    domain-missing       it is in a domain this box does not have
    alias-exists         there is an alias with this address
    mailbox-exists       the alias would hide a mailbox
    destination-invalid, destination-repeated
                         no destination, too many, one that is no address, one twice
    destination-missing  a destination is in a domain of this box but does not exist
    alias-loop           mail would come back to where it started
    path-invalid         mail would be passed on too many times
    sender-missing       an allowed sender has no mailbox here
    expiry-invalid       the moment it ends is past already
    limit-reached        a user has as many aliases as they may have
    alias-in-use         every domain must have this address
    address-in-use       aliases lead to it
    entry-changed        another person changed it since it was looked at
"""

import dataclasses
from collections.abc import Collection, Iterable
from datetime import datetime

from ...errors import MailError
from ..acts import act
from ..address import parse, parse_domain
from ..alias import MOST_DESTINATIONS, MOST_SENDERS, Alias
from ..domain import Domain
from ..ending import already
from ..entry import Entry, Origin, check_number, now, parse_time
from ..mailbox import Mailbox
from ..pattern import catch_all_of, parse_alias
from ..resolve import DEEPEST, Path, resolve
from ..store import Store, storing
from ..view import Changed, DirectoryView, StoreView

NO_VERSION = 'none'
"""The version of what was seen not to be there."""
_NAMED = 3
"""Aliases that are named in one sentence."""


def normal_destinations(texts: Collection[str]) -> tuple[str, ...]:
    """Destinations in their normal form and order; none may be there twice."""
    if len(texts) > MOST_DESTINATIONS:
        raise MailError('destination-invalid.too-many', most=MOST_DESTINATIONS)
    found = [str(parse(text.strip())) for text in texts]
    repeated = next((each for each in found if found.count(each) > 1), None)
    if repeated:
        raise MailError('destination-repeated.named', repeated=repeated)
    return tuple(sorted(found))


def normal_senders(texts: Collection[str]) -> tuple[str, ...]:
    """Those who may send as an alias in their normal form and order."""
    check_number(texts, MOST_SENDERS)
    return tuple(sorted({str(parse(text)) for text in texts}))


def make_alias(
    address: str,
    destinations: Collection[str],
    *,
    enabled: bool = True,
    owner: str = '',
    senders: Collection[str] = (),
    expires: datetime | None = None,
    origin: Origin = 'admin',
    note: str = '',
    owner_id: str = '',
) -> Alias:
    """An alias from text as people give it, without a look at the directory."""
    return Alias(
        parse_alias(address.strip()),
        normal_destinations(destinations),
        enabled,
        owner,
        normal_senders(senders),
        expires,
        origin,
        note.strip(),
        owner_id,
    )


def own_domain(view: DirectoryView, name: str) -> Domain:
    """The domain an address is about to be made in."""
    domain = view.find(Domain, name)
    if domain is None:
        raise MailError('domain-missing.add-first', name=name)
    if domain.alias_of:
        raise MailError('address-invalid.alias-domain', name=name, alias_of=domain.alias_of)
    return domain


def check_free(view: DirectoryView, address: str) -> None:
    """Refuse an address something is at, other than an alias made for the operator."""
    own_domain(view, address.rpartition('@')[2])
    if view.find(Mailbox, address):
        raise MailError('mailbox-exists', address=address)
    present = view.find(Alias, address)
    if present and present.origin != 'role':
        raise MailError('alias-exists', address=address)


def check_alias(view: DirectoryView, alias: Alias) -> None:
    """Refuse an alias that would lead nowhere or in a circle, or has an unknown sender.

    `view` is what there is; the alias itself need not be in it.
    """
    after = Changed(view, [dataclasses.replace(alias, enabled=True, expires=None)])
    for destination in alias.destinations:
        _check_destination(resolve(after, destination), alias.address)
    for sender in alias.senders:
        if view.find(Mailbox, sender) is None:
            raise MailError('sender-missing', sender=sender)


def check_forwards(view: DirectoryView, mailbox: Mailbox) -> None:
    """Refuse to forward the mail of a mailbox to an unknown address or in a circle."""
    after = Changed(view, [dataclasses.replace(mailbox, enabled=True)])
    for destination in mailbox.forwards:
        _check_destination(resolve(after, destination), mailbox.address)


def _check_destination(path: Path, address: str) -> None:
    """Refuse one destination that is unknown or leads back."""
    if path.ends('loop'):
        raise MailError(
            'alias-loop',
            ' → '.join(step.address for step in path.steps),
            through=path.address,
            address=address,
        )
    if path.is_too_long:
        raise MailError(
            'path-invalid',
            ' → '.join(step.address for step in path.steps[:DEEPEST]),
            address=address,
            most=DEEPEST,
            through=path.address,
        )
    first = next(step for step in path.steps if step.kind != 'alias-domain')
    if first.kind == 'unknown':
        raise MailError('destination-missing', through=path.address)


def check_expiry(alias: Alias) -> None:
    """Refuse an alias that would have expired already."""
    if alias.enabled and alias.ended:
        raise MailError('expiry-invalid')


def owned_in(store: Store, alias: Alias) -> int:
    """How many aliases the owner of one made in its domain."""
    whose = {'owner_id': alias.owner_id} if alias.owner_id else {'owner': alias.owner}
    made = store.search(Alias, where={**whose, 'origin': 'user'})
    return sum((each.domain, each.owner_id) == (alias.domain, alias.owner_id) for each in made)


def _check_limit(store: Store, alias: Alias) -> None:
    """Refuse one more alias than a user may make in a domain."""
    limit = store.get(Domain, alias.domain).user_aliases
    if owned_in(store, alias) >= limit:
        variant = 'domain' if limit else 'administrators'
        raise MailError(f'limit-reached.{variant}', limit=limit, domain=alias.domain)


@storing
def add(store: Store, alias: Alias) -> Alias:
    """Add an alias; on an address made for the operator it takes over from then on.

    One with origin `user` counts against the limit of its owner.
    """
    view = StoreView(store)
    alias = dataclasses.replace(alias, warned=already(alias.expires))
    check_free(view, alias.address)
    check_expiry(alias)
    check_alias(view, alias)
    if alias.origin == 'user':
        _check_limit(store, alias)
    present = view.find(Alias, alias.address)
    if present:
        store.change(present, alias)
    else:
        store.add(alias)
    return alias


@storing
def change(store: Store, alias: Alias, version: str = '') -> Alias:
    """Change an alias; `version` is that of the alias the person looked at."""
    present = store.get(Alias, alias.address)
    check_version(present, version)
    if alias == present:
        return present
    if present.origin == 'role':
        alias = dataclasses.replace(alias, origin='admin')
    if (alias.enabled, alias.expires) != (present.enabled, present.expires):
        check_expiry(alias)
    if alias.expires != present.expires:
        alias = dataclasses.replace(alias, warned=already(alias.expires))
    check_alias(StoreView(store), alias)
    store.change(present, alias)
    return alias


@storing
def edit(
    store: Store,
    text: str,
    *,
    destinations: Collection[str] | None = None,
    enabled: bool | None = None,
    senders: Collection[str] | None = None,
    expires: str | None = None,
    note: str | None = None,
    version: str = '',
) -> Alias:
    """Change single fields of an alias; those that are None stay as they are.

    `expires` is the end as people give it, '' for none. An alias that had ended is on again when
    it is given another end.
    """
    present = store.get(Alias, text)
    if enabled is None:
        enabled = present.enabled or (expires is not None and present.ended)
    wanted = dataclasses.replace(
        present,
        destinations=present.destinations
        if destinations is None
        else normal_destinations(destinations),
        enabled=enabled,
        senders=present.senders if senders is None else normal_senders(senders),
        expires=present.expires if expires is None else parse_time(expires),
        note=present.note if note is None else note,
        stopped=present.stopped
        if destinations is None and (present.enabled or not enabled)
        else (),
    )
    return change(store, wanted, version)


def set_catch_all(
    store: Store, domain: str, destinations: Collection[str], version: str = ''
) -> Alias | None:
    """Set or remove the catch-all of a domain; None when there is none afterwards.

    The version `NO_VERSION` says that no one was chosen before.
    """
    address, wanted = catch_all_of(parse_domain(domain)), normal_destinations(destinations)
    with store.exclusive():
        present = store.find(Alias, address)
        if present and wanted:
            return edit(store, address, version=version, destinations=wanted, enabled=True)
        if present:
            remove(store, address, version=version)
        elif version not in ('', NO_VERSION):
            raise changed(address)
        elif wanted:
            return add(store, make_alias(address, wanted))
    return None


@act
def switch_off_ended(store: Store) -> tuple[Alias, ...]:
    """Switch off the aliases whose end has come; return them."""
    ended = store.ending(Alias, now())
    for alias in ended:
        store.change(alias, dataclasses.replace(alias, enabled=False))
    return ended


def changed(key: str) -> MailError:
    """The error that an entry was changed since it was read."""
    return MailError('entry-changed', key=key)


def check_version(present: Entry, version: str) -> None:
    """Refuse to change an entry that was changed since the person saw it."""
    if version and present.version != version:
        raise changed(present.key)


def leading_to(store: Store, address: str) -> tuple[Alias, ...]:
    """The aliases that name an address as a destination or a sender."""
    found = {
        alias.address: alias
        for field in ('destinations', 'senders')
        for alias in store.search(Alias, where={field: address})
    }
    return tuple(found[key] for key in sorted(found))


def check_unused(store: Store, address: str) -> None:
    """Refuse to remove an address that aliases lead to."""
    using = [alias.address for alias in leading_to(store, address) if alias.origin != 'role']
    named = ', '.join(using[:_NAMED])
    if len(using) > _NAMED:
        raise MailError('address-in-use.more', address=address, aliases=named, count=len(using))
    if using:
        raise MailError('address-in-use', address=address, aliases=named)


def cut_off(store: Store, address: str) -> None:
    """Take an address out of all aliases; those that led nowhere else are removed."""
    for alias in leading_to(store, address):
        _without(store, alias, {address})
    for mailbox in store.search(Mailbox, where={'forwards': address}):
        _not_forwarding(store, mailbox, {address})


def disown(store: Store, mailbox: Mailbox) -> None:
    """Leave the aliases of a stand-alone mailbox to the administrators when it goes."""
    if mailbox.stands_alone:
        for alias in store.search(Alias, where={'owner': mailbox.address}):
            if mailbox.owns(alias):
                store.change(alias, dataclasses.replace(alias, owner='', origin='admin'))


def lead_on(store: Store, address: str, target: str) -> None:
    """Have all that leads to an address lead to another one, before the first is removed."""

    def led(named: Iterable[str], itself: str) -> tuple[str, ...]:
        others = dict.fromkeys(target if each == address else each for each in named)
        return tuple(each for each in others if each != itself)

    for alias in leading_to(store, address):
        to, senders = led(alias.destinations, alias.address), led(alias.senders, '')
        if to:
            store.change(alias, dataclasses.replace(alias, destinations=to, senders=senders))
    for mailbox in store.search(Mailbox, where={'forwards': address}):
        forwards = led(mailbox.forwards, mailbox.address)
        store.change(mailbox, dataclasses.replace(mailbox, forwards=forwards))


def cut_off_domain(store: Store, domain: str) -> None:
    """Take all addresses of a domain out of all aliases, as `cut_off` does."""
    for field in ('destinations', 'senders'):
        for alias in store.in_domain(Alias, domain, field):
            named = (*alias.destinations, *alias.senders)
            _without(store, alias, {each for each in named if each.endswith(f'@{domain}')})
    for mailbox in store.in_domain(Mailbox, domain, 'forwards'):
        gone = {each for each in mailbox.forwards if each.endswith(f'@{domain}')}
        _not_forwarding(store, mailbox, gone)


def _not_forwarding(store: Store, mailbox: Mailbox, gone: Collection[str]) -> None:
    """Take addresses out of those a mailbox forwards to."""
    left = tuple(each for each in mailbox.forwards if each not in gone)
    store.change(mailbox, dataclasses.replace(mailbox, forwards=left))


def _without(store: Store, alias: Alias, gone: Collection[str]) -> None:
    """Take addresses out of an alias, or remove it when none is left."""
    left = tuple(each for each in alias.destinations if each not in gone)
    senders = tuple(each for each in alias.senders if each not in gone)
    if left:
        store.change(alias, dataclasses.replace(alias, destinations=left, senders=senders))
    else:
        store.remove(Alias, alias.address, alias.stamp)


@act
def remove(store: Store, text: str, force: bool = False, version: str = '') -> Alias:
    """Remove an alias, but none that every mail domain must have.

    One that others lead to is only removed with `force`, and then taken out of them.
    """
    alias = store.get(Alias, text)
    check_version(alias, version)
    if alias.origin == 'role':
        raise MailError('alias-in-use', address=alias.address)
    if not force:
        check_unused(store, alias.address)
    store.remove(Alias, alias.address, alias.stamp)
    cut_off(store, alias.address)
    return alias
