# SPDX-License-Identifier: AGPL-3.0-or-later
"""The way from a new app to the first message, in eight steps.

Each step is judged by what was really seen: a port counts as open once mail came in by it. A
step is done, is the next one, or waits for one before it; what cannot be seen is not done.
The list on the overview, the pages of the guide and the notification all judge by this.
"""

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ..directory.box_names import is_public
from ..status import State
from ..system.certificates import Certificate
from ..words import dns
from ..words import health as words
from ..words.text import say
from . import outside
from .finding import Remedy
from .observation import Observation, Records


class Progress(enum.Enum):
    """How far a step is."""

    DONE = 'done'
    NEXT = 'next'
    OPEN = 'open'

    @property
    def word(self) -> str:
        """The word for it; it must do without colour or icon."""
        return say(words.PROGRESS[self.value], {})


@dataclass(frozen=True)
class Network:
    """How the box is connected, as far as that is known."""

    behind_router: bool = False
    changes: bool | None = None
    """Whether its address changes from time to time; None where no one said."""
    dynamic_dns: bool = False
    """Whether FreedomBox keeps a domain at the present address."""


@dataclass(frozen=True)
class SetupStep:
    """One step: done or not, its observation, and the ways to go on."""

    code: str
    is_done: bool
    found: str
    """The code of what was seen."""
    params: Mapping[str, Any] = field(default_factory=dict)
    remedies: tuple[Remedy, ...] = ()
    progress: Progress = Progress.OPEN
    when: datetime | None = None
    """The moment of what was seen."""
    trouble: State | None = None
    """The state of what was seen, where it is a problem."""

    @property
    def state(self) -> State:
        """The state of what was seen; what was not seen is Unknown."""
        return self.trouble or (State.WORKS if self.is_done else State.UNKNOWN)

    @property
    def title(self) -> str:
        """Its name."""
        return say(words.STEPS[self.code], {})

    @property
    def seen(self) -> str:
        """The observation, or the thing to do."""
        return say(words.SEEN[self.found], self.params)


@dataclass(frozen=True)
class Ground:
    """The ground on which steps are judged."""

    seen: Observation
    network: Network
    now: datetime

    @property
    def domain(self) -> str:
        """The primary domain if the internet can know it, else ''."""
        primary = (self.seen.directory and self.seen.directory.primary) or ''
        return primary if primary and is_public(primary) else ''

    @property
    def received(self) -> datetime | None:
        """When the last message came from another mail server."""
        return self.seen.times.received if self.seen.times else None

    @property
    def records(self) -> Records | None:
        """The last check of the primary domain's records."""
        found = (each for each in self.seen.records or () if each.domain == self.domain)
        return next(found, None)

    @property
    def certificate(self) -> Certificate | None:
        """The certificate of the primary domain."""
        found = (each for each in self.seen.certificates or () if each.domain == self.domain)
        return next(found, None)


def _domain(ground: Ground) -> SetupStep:
    if ground.domain:
        return SetupStep('domain', True, 'domain', {'domain': ground.domain})
    add = Remedy('add-domain', page='names:domain-add')
    return SetupStep('domain', False, 'no-domain', remedies=(add,))


def _dns(ground: Ground) -> SetupStep:
    records, domain = ground.records, ground.domain
    if not domain:
        return SetupStep('dns', False, 'needs-domain')
    show = (Remedy('dns-records', page='email:dns', about=domain),)
    if records is None or records.checked is None:
        return SetupStep('dns', False, 'unchecked', remedies=show)
    if not records.count:
        return SetupStep('dns', True, 'records-right', when=records.checked)
    return SetupStep(
        'dns', not records.keeps_out, 'records',
        {'count': records.count, 'names': records.names}, show,
        when=records.checked, trouble=State.BROKEN if records.keeps_out else State.LOOK,
    )  # fmt: skip


def _ports(ground: Ground) -> SetupStep:
    tested = outside.tested(ground.seen)
    ways = tuple(_ways_of_a_router(ground.network))
    if tested and tested.reach and tested.reach.code in outside.SHUT:
        said = {'sentence': dns.said(tested.reach)}
        return SetupStep(
            'ports', False, 'tested', said, ways, when=tested.checked, trouble=State.BROKEN
        )
    if tested:
        return SetupStep('ports', True, 'open-tested', when=tested.checked)
    if ground.received:
        return SetupStep('ports', True, 'open-used', when=ground.received)
    remedies = (Remedy('test-receiving', page='email:test-message'),)
    if not ground.network.behind_router:
        return SetupStep('ports', False, 'public', remedies=remedies)
    return SetupStep('ports', False, _behind_router(ground.network), remedies=(*remedies, *ways))


def _behind_router(network: Network) -> str:
    if network.dynamic_dns:
        return 'router-dynamic'
    return 'router' if network.changes is False else 'router-unsure'


def _ways_of_a_router(network: Network) -> Iterator[Remedy]:
    yield Remedy('router', page='networks:index')
    if not network.dynamic_dns and network.changes is not False:
        yield Remedy('dynamic-dns', page='dynamicdns:index')


_NO_WAY = frozenset({'port-25-shut', 'port-25-partly'})
"""Verdicts on outgoing connections with which some mail stays here."""


def _left_since(sent: datetime | None, checked: datetime | None) -> bool:
    """Whether a message has left after the way out was checked."""
    return bool(sent and checked and sent > checked)


def _out(ground: Ground) -> SetupStep:
    records = ground.records
    found = records.outgoing if records else None
    choose = (Remedy('set-up-sending', page='email:delivery'),)
    sent = ground.seen.times.sent if ground.seen.times else None
    if records and found and found.code in _NO_WAY and not _left_since(sent, records.checked):
        return SetupStep(
            'out', False, found.code, {}, choose, when=records.checked, trouble=State.BROKEN
        )
    if sent:
        return SetupStep('out', True, 'sent', when=sent)
    if records and found and found.code == 'port-25-open':
        return SetupStep('out', True, 'way-open', when=records.checked)
    if not ground.domain:
        return SetupStep('out', False, 'needs-domain')
    relays = found is not None and found.state is State.WORKS  # no connection of our own is needed
    return SetupStep('out', False, 'relay-unused' if relays else 'way-unknown', {}, choose)


def _people(ground: Ground) -> SetupStep:
    directory = ground.seen.directory
    if directory is None or not ground.domain:
        return SetupStep('people', False, 'needs-domain')
    if not directory.mailboxes:
        add = Remedy('add-mailbox', page='email:mailbox-add')
        return SetupStep('people', False, 'no-mailboxes', remedies=(add,), trouble=State.BROKEN)
    ask = (
        Remedy('choose', page='email:recipients', about=each, params={'domain': each})
        for each in directory.undecided[:1]  # the overview has the question for all of them
    )
    ways = (*ask, Remedy('show-addresses', page='email:addresses'))
    return SetupStep('people', True, 'mailboxes', {'count': directory.mailboxes}, ways)


def _certificate(ground: Ground) -> SetupStep:
    found = ground.certificate
    if found and found.trusted and found.expires and found.expires > ground.now:
        return SetupStep('certificate', True, 'trusted')
    if not _dns(ground).is_done:
        return SetupStep('certificate', False, 'needs-dns')
    get = Remedy('get-certificate', page='letsencrypt:index')
    return SetupStep('certificate', False, 'no-certificate', remedies=(get,))


def _message(ground: Ground) -> SetupStep:
    if ground.seen.times is None:
        return SetupStep('message', False, 'log-unread')
    if ground.received:
        return SetupStep('message', True, 'arrived', when=ground.received)
    test = Remedy('test-receiving', page='email:test-message')
    return SetupStep('message', False, 'no-message', remedies=(test,))


def _device(ground: Ground) -> SetupStep:
    times = ground.seen.times
    if times and times.device:
        return SetupStep('device', True, 'logged-in', when=times.device)
    connect = Remedy('connect-device', page='email:my-devices')
    return SetupStep('device', False, 'no-device', remedies=(connect,))


STEPS: tuple[Callable[[Ground], SetupStep], ...] = (
    _domain,
    _ports,
    _out,
    _dns,
    _certificate,
    _people,
    _message,
    _device,
)
CODES = ('domain', 'ports', 'out', 'dns', 'certificate', 'people', 'message', 'device')
"""The codes of the steps in their order; each has a page of the guide."""


def steps(ground: Ground) -> tuple[SetupStep, ...]:
    """All steps in their order, with the next one marked."""
    found = [step(ground) for step in STEPS]
    first = next((step.code for step in found if not step.is_done), '')
    return tuple(_marked(step, first) for step in found)


def _marked(step: SetupStep, first: str) -> SetupStep:
    progress = Progress.NEXT if step.code == first else Progress.OPEN
    return replace(step, progress=Progress.DONE if step.is_done else progress)


def after(found: tuple[SetupStep, ...], code: str) -> SetupStep | None:
    """The first step behind one that is not done; None when all of them are."""
    here = CODES.index(code)
    return next((step for step in found[here + 1 :] if not step.is_done), None)


def next_of(found: tuple[SetupStep, ...]) -> int:
    """The number of the next step, counted from 1; 0 when all are done."""
    open_ones = (number for number, step in enumerate(found, 1) if not step.is_done)
    return next(open_ones, 0)
