# SPDX-License-Identifier: AGPL-3.0-or-later
"""The way from a new app to the first message, in six steps.

Each step is judged by what was really seen: a port counts as open once mail came in by it. A
step is done, is the next one, or waits for one before it; what cannot be seen is not done.
"""

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from freedombox.utils import format_lazy

from ..directory.box_names import is_public
from ..maintenance.certificates import Certificate
from ..words.text import Text, with_box_name
from . import outside
from .finding import Remedy
from .observation import Observation, Records


class Progress(enum.Enum):
    """How far a step is."""

    DONE = 'done'
    NEXT = 'next'
    OPEN = 'open'

    @property
    def word(self) -> Text:
        """The word for it; it must do without colour or icon."""
        return _WORDS[self]


_WORDS = {Progress.DONE: _('Done'), Progress.NEXT: _('Next'), Progress.OPEN: _('Not done')}


@dataclass(frozen=True)
class Network:
    """How the box is connected, as far as that is known."""

    behind_router: bool = False
    changes: bool | None = None
    """Whether its address changes from time to time; None where no one said."""
    dynamic_dns: bool = False
    """Whether FreedomBox keeps a domain at the present address."""


@dataclass(frozen=True)
class Step:
    """One step: whether it is done, what was seen, and where to go on."""

    code: str
    title: Text
    is_done: bool
    seen: Text
    remedies: tuple[Remedy, ...] = ()
    progress: Progress = Progress.OPEN
    when: datetime | None = None
    """The moment of what was seen."""


@dataclass(frozen=True)
class Ground:
    """What the steps are judged by."""

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


def _domain(ground: Ground) -> Step:
    title = _('Domain')
    if ground.domain:
        return Step('domain', title, True, ground.domain)
    return Step(
        'domain', title, False,
        _('Add a domain you own, such as example.org, under System > Name Services.'),
        (Remedy(_('Add domain'), page='names:domain-add'),),
    )  # fmt: skip


def _dns(ground: Ground) -> Step:
    title, records, domain = _('DNS records'), ground.records, ground.domain
    if not domain:
        return Step('dns', title, False, _('Needs the domain first.'))
    remedy = Remedy(_('Show DNS records'), page='email:dns', about=domain)
    if records is None or records.checked is None:
        return Step('dns', title, False, _('Not checked yet.'), (remedy,))
    if not records.count:
        return Step(
            'dns', title, True, _('All required records are correct.'), when=records.checked
        )
    text = format_lazy(
        ngettext_lazy('{count} DNS problem: {names}.', '{count} DNS problems: {names}.',
                      records.count),
        count=records.count, names=', '.join(records.names),
    )  # fmt: skip
    return Step('dns', title, not records.keeps_out, text, (remedy,), when=records.checked)


def _ports(ground: Ground) -> Step:
    title = _('Open ports')
    tested = outside.tested(ground.seen)
    if tested and tested.reach and tested.reach.code in outside.TITLES:
        return Step(
            'ports', title, False, outside.sentence(tested.reach),
            tuple(_ways_of_a_router(ground.network)), when=tested.checked,
        )  # fmt: skip
    if tested:
        text = _('Port 25 is open: another FreedomBox tested it. Ports 80, 443, 465, 587 and 993 '
                 'are not tested.')  # fmt: skip
        return Step('ports', title, True, text, when=tested.checked)
    if ground.received:
        text = _(
            'Port 25 is open: a message arrived. Ports 80, 443, 465, 587 and 993 are not tested.'
        )
        return Step('ports', title, True, text)
    remedies = (Remedy(_('Test receiving'), page='email:test-message'),)
    if not ground.network.behind_router:
        text = with_box_name(_(
            '{box_name} has a public address. Ports 25, 80, 443, 465, 587 and 993 must not be '
            'blocked by your provider.'
        ))  # fmt: skip
        return Step('ports', title, False, text, remedies)
    return Step('ports', title, False, _behind_router(ground.network),
                (*remedies, *_ways_of_a_router(ground.network)))  # fmt: skip


def _behind_router(network: Network) -> Text:
    if network.dynamic_dns:
        return with_box_name(_(
            '{box_name} is behind a router. Forward ports 25, 80, 443, 465, 587 and 993 to it. '
            'Dynamic DNS is set up.'
        ))  # fmt: skip
    if network.changes is False:
        return with_box_name(
            _('{box_name} is behind a router. Forward ports 25, 80, 443, 465, 587 and 993 to it.')
        )
    return with_box_name(_(
        '{box_name} is behind a router. Forward ports 25, 80, 443, 465, 587 and 993 to it. If your '
        'public address changes from time to time, set up Dynamic DNS too.'
    ))  # fmt: skip


def _ways_of_a_router(network: Network) -> Iterator[Remedy]:
    yield Remedy(_('Router settings'), page='networks:index')
    if not network.dynamic_dns and network.changes is not False:
        yield Remedy(_('Set up Dynamic DNS'), page='dynamicdns:index')


def _certificate(ground: Ground) -> Step:
    title, found = _('Certificate'), ground.certificate
    if found and found.trusted and found.expires and found.expires > ground.now:
        return Step(
            'certificate',
            title,
            True,
            with_box_name(_("Mail apps trust {box_name} (Let's Encrypt).")),
        )
    if not _dns(ground).is_done:
        return Step('certificate', title, False, _('Needs the DNS records and port 80 first.'))
    return Step(
        'certificate', title, False,
        _("Get a free certificate from Let's Encrypt. Port 80 must be open."),
        (Remedy(_('Get certificate'), page='letsencrypt:index'),),
    )  # fmt: skip


def _message(ground: Ground) -> Step:
    title = _('Test message')
    if ground.seen.times is None:
        return Step('message', title, False, _("Unknown: the mail log can't be read."))
    if ground.received:
        return Step('message', title, True, _('A message arrived from another mail server.'),
                    when=ground.received)  # fmt: skip
    return Step(
        'message', title, False,
        _('Send yourself a message from a mailbox of another provider.'),
        (Remedy(_('Test receiving'), page='email:test-message'),),
    )  # fmt: skip


def _device(ground: Ground) -> Step:
    title, times = _('First device'), ground.seen.times
    if times and times.device:
        return Step('device', title, True, _('A mail app has logged in.'), when=times.device)
    return Step(
        'device', title, False,
        _('Set up a mail app on your phone or computer.'),
        (Remedy(_('Connect a device'), page='email:my-devices'),),
    )  # fmt: skip


STEPS: tuple[Callable[[Ground], Step], ...] = (
    _domain,
    _dns,
    _ports,
    _certificate,
    _message,
    _device,
)


def steps(ground: Ground) -> tuple[Step, ...]:
    """All steps in their order, with the next one marked."""
    found = [step(ground) for step in STEPS]
    first = next((step.code for step in found if not step.is_done), '')
    return tuple(_marked(step, first) for step in found)


def _marked(step: Step, first: str) -> Step:
    progress = Progress.NEXT if step.code == first else Progress.OPEN
    return replace(step, progress=Progress.DONE if step.is_done else progress)


def next_of(found: tuple[Step, ...]) -> int:
    """The number of the next step, counted from 1; 0 when all are done."""
    open_ones = (number for number, step in enumerate(found, 1) if not step.is_done)
    return next(open_ones, 0)
