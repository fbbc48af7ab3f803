# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs for forwards to other servers: whether they may be, and those that are stopped.

Whether mail of a mailbox may be forwarded to other servers is a switch of the mailbox, or else of
its domain. Where it may not, such forwards are refused, and those that are there are
stopped; they go on when they may be again. What administrators make, aliases, has no switch.

DIAGNOSTICS
    forward-denied   mail of the mailbox may not be forwarded to other servers
"""

import dataclasses

from ...errors import MailError
from ..acts import act
from ..alias import Alias
from ..domain import Domain
from ..entry import now
from ..forward import StopCause, StoppedForward, plain_reply, without
from ..mailbox import MOST_FORWARDS, Mailbox
from ..store import Store
from ..view import DirectoryView, StoreView

Forwarding = Alias | Mailbox


def may_leave(view: DirectoryView, mailbox: Mailbox) -> bool:
    """Whether mail of a mailbox may be forwarded to other servers."""
    if mailbox.forwarding is not None:
        return mailbox.forwarding
    domain = view.find(Domain, mailbox.domain)
    return domain is None or domain.forwarding is not False


def is_outside(view: DirectoryView, address: str) -> bool:
    """Whether an address is at another server."""
    return view.find(Domain, address.rpartition('@')[2]) is None


def check_may_leave(view: DirectoryView, mailbox: Mailbox) -> None:
    """Refuse forwards to other servers where they may not be."""
    if may_leave(view, mailbox):
        return
    for destination in mailbox.forwards:
        if is_outside(view, destination):
            raise MailError('forward-denied', address=mailbox.address, destination=destination)


def _mark(address: str, cause: StopCause, reply: str = '') -> str:
    return str(StoppedForward(address, now(), cause, plain_reply(reply)))


def settled(view: DirectoryView, mailbox: Mailbox) -> Mailbox:
    """A mailbox whose forwards are as its switch wants them: stopped, or going on again."""
    if may_leave(view, mailbox):
        found = [StoppedForward.parse(each) for each in mailbox.stopped]
        again = [each.address for each in found if each.cause == 'denied']
        going = tuple(sorted({*mailbox.forwards, *again}))[:MOST_FORWARDS]
        return dataclasses.replace(
            mailbox,
            forwards=going if again else mailbox.forwards,
            stopped=without(mailbox.stopped, again),
        )
    ending = [each for each in mailbox.forwards if is_outside(view, each)]
    return dataclasses.replace(
        mailbox,
        forwards=tuple(each for each in mailbox.forwards if each not in ending),
        stopped=(
            *without(mailbox.stopped, ending), *(_mark(each, 'denied') for each in ending)
        ),
    )  # fmt: skip


@act
def settle(store: Store, domain: str = '') -> None:
    """Have the forwards of all mailboxes, or of those in a domain, follow their switches."""
    view = StoreView(store)
    for mailbox in store.in_domain(Mailbox, domain) if domain else store.search(Mailbox):
        if mailbox.forwards or mailbox.stopped:
            store.change(mailbox, settled(view, mailbox))


@act
def stop_failing(store: Store, address: str, reply: str) -> tuple[Forwarding, ...]:
    """Stop all forwards to an address that fails; the mailboxes and aliases as they are then.

    An alias that leads nowhere else is switched off, so that senders are told.
    """
    mark, changed = _mark(address, 'failing', reply), list[Forwarding]()
    for mailbox in store.search(Mailbox, where={'forwards': address}):
        left = tuple(each for each in mailbox.forwards if each != address)
        stopped = (*without(mailbox.stopped, [address]), mark)
        after = dataclasses.replace(mailbox, forwards=left, stopped=stopped)
        store.change(mailbox, after)
        changed.append(after)
    for alias in store.search(Alias, where={'destinations': address}):
        left = tuple(each for each in alias.destinations if each != address)
        stopped = (*without(alias.stopped, [address]), mark)
        off = dataclasses.replace(
            alias,
            destinations=left or alias.destinations,
            enabled=alias.enabled and bool(left),
            stopped=stopped,
        )
        store.change(alias, off)
        changed.append(off)
    return tuple(changed)
