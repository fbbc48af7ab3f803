# SPDX-License-Identifier: AGPL-3.0-or-later
"""The answer to: is mail working, and what needs the administrator now.

An `Observation` is what was seen, a `Verdict` what it means in words: `judge` makes the one
from the other and looks at nothing else. Whatever could not be seen is None, and never
counts as working.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from freedombox.utils import format_lazy

from . import earlier
from .finding import Finding as Finding
from .finding import Remedy as Remedy
from .status import State as State
from .status import Text as Text
from .versions import Outdated

QUEUE_PATIENCE = timedelta(hours=1)
"""How long a message may wait before a person should hear of it."""
CERTIFICATE_NOTICE = timedelta(days=10)
ROOM_SCARCE_MB = 1024
ROOM_GONE_MB = 100


_ORDER = list(State)


@dataclass(frozen=True)
class Part:
    """One program mail needs, and what it does in plain words."""

    unit: str
    name: str
    does: Text
    failing: Text


PARTS = (
    Part(
        'postfix', 'Postfix', _('takes in and sends out mail'), _('No mail comes in or goes out.')
    ),
    Part(
        'dovecot',
        'Dovecot',
        _('keeps the mailboxes'),
        _('Nobody can read mail. New mail waits until it runs again.'),
    ),
    Part(
        'rspamd',
        'Rspamd',
        _('sorts out spam'),
        _('Mail waits, because it is never delivered unchecked.'),
    ),
    Part(
        'freedombox-email-redis',
        'Redis',
        _('remembers what the spam filter has learned'),
        _('Mail from other servers is put off until Redis runs. Users can still send.'),
    ),
    Part(
        'slapd',
        'OpenLDAP',
        _('knows the users and addresses'),
        _('Mail waits and nobody can log in.'),
    ),
)


@dataclass(frozen=True)
class Queue:
    """Messages that wait for delivery; with `more` set there are more than counted."""

    waiting: int
    more: bool = False
    oldest: datetime | None = None
    reason: str = ''

    def __post_init__(self) -> None:
        if self.waiting < 0:
            raise ValueError('A queue cannot hold fewer than no messages.')


@dataclass(frozen=True)
class Certificate:
    """The certificate a domain's mail services show."""

    domain: str
    trusted: bool
    expires: datetime


@dataclass(frozen=True)
class Records:
    """What others see of a domain: how much of it needs somebody, and whether it stops mail."""

    domain: str
    count: int
    stops_mail: bool


@dataclass(frozen=True)
class Directory:
    """What the directory holds."""

    primary: str | None
    domains: tuple[str, ...]
    mailboxes: int


@dataclass(frozen=True)
class Observation:
    """Everything seen at one moment; None stands for what could not be seen."""

    enabled: bool
    units: Mapping[str, bool] | None = None
    queue: Queue | None = None
    directory: Directory | None = None
    certificates: tuple[Certificate, ...] | None = None
    drift: tuple[str, ...] | None = None
    undone: tuple[str, ...] = ()
    """Settings that may protect mail and are kept as an administrator undid them."""
    room_mb: int | None = None
    outdated: tuple[Outdated, ...] | None = ()
    keys_lost: tuple[str, ...] = ()
    records: tuple[Records, ...] = ()
    kept: tuple[earlier.EarlierMail, ...] = ()
    missing_users: int = 0
    missing_names: str = ''
    missing_mark: str = ''
    reachable: bool = True
    """Whether a domain here can have a public name, so that others can write to it."""


@dataclass(frozen=True)
class Verdict:
    """The answer: does mail work, and what needs attention, worst first."""

    state: State
    headline: Text
    findings: tuple[Finding, ...] = field(default=())


_REPAIR = Remedy(_('Repair'), repair='setup')


def _look_at_services(seen: Observation) -> Iterator[Finding]:
    """Find programs that do not run."""
    if seen.units is None:
        yield Finding(
            'services-unknown',
            State.UNKNOWN,
            _('The state of the mail services could not be read.'),
            _('Reload this page in a minute. If this stays, restart your box.'),
        )
        return
    for part in PARTS:
        if not seen.units.get(part.unit, False):
            yield Finding(
                f'service-down-{part.unit}',
                State.BROKEN,
                format_lazy(_('{name} is not running. It {does}.'), name=part.name, does=part.does),
                part.failing,
                Remedy(_('Start it again'), repair='setup'),
            )


def _runs(seen: Observation, unit: str) -> bool:
    """Return whether a program is not known to be down, so that other causes count."""
    return seen.units is None or seen.units.get(unit, False)


def _look_at_directory(seen: Observation) -> Iterator[Finding]:
    """Find what is missing among domains and mailboxes."""
    if seen.directory is None and _runs(seen, 'slapd'):
        yield Finding(
            'directory-silent',
            State.BROKEN,
            _('The directory of addresses does not answer.'),
            _('Without it mail is not lost, but waits, and nobody can log in to a mailbox.'),
            _REPAIR,
        )
    if seen.directory is None:
        return
    if not seen.directory.domains:
        yield Finding(
            'no-domain',
            State.BROKEN,
            _('There is no domain yet, so nobody has an address.'),
            _('Addresses end with a domain such as example.org. Add yours to this box.'),
            Remedy(_('Add a domain'), page='names:domain-add'),
        )
    elif not seen.reachable:
        yield Finding(
            'no-public-domain',
            State.LOOK,
            _('Only people in your own network can write to you.'),
            _('The one name of this box is a local one. Add a domain that the internet knows.'),
            Remedy(_('Add a domain'), page='names:domain-add'),
        )
    elif not seen.directory.mailboxes:
        yield Finding(
            'no-mailbox',
            State.BROKEN,
            _('There is no mailbox yet.'),
            _('Every user of this box should have one.'),
            _REPAIR,
        )


def _look_at_users(seen: Observation) -> Iterator[Finding]:
    """Find users who are missing, too many at once to believe that they are gone."""
    if not seen.missing_users:
        return
    title = ngettext_lazy(
        '{count} user is missing: {names}.',
        '{count} users are missing at once: {names}.',
        seen.missing_users,
    )
    yield Finding(
        'users-missing',
        State.LOOK,
        format_lazy(title, count=seen.missing_users, names=seen.missing_names),
        _(
            'Their mailboxes and the passwords of their devices stay as they are, should the '
            'directory of users only be damaged. Bring it back, or say that they are gone.'
        ),
        Remedy(_('These users are really gone'), repair='users-are-gone', about=seen.missing_mark),
    )


def _look_at_certificate(certificate: Certificate, now: datetime) -> Finding | None:
    """Find what is wrong with one certificate."""
    remedy = Remedy(_('Get a certificate'), page='letsencrypt:index')
    if certificate.expires <= now:
        return Finding(
            f'certificate-expired-{certificate.domain}',
            State.BROKEN,
            format_lazy(_('The certificate of {domain} has run out.'), domain=certificate.domain),
            _('Mail programs refuse to connect until it is renewed.'),
            remedy,
        )
    if not certificate.trusted:
        return Finding(
            f'certificate-own-{certificate.domain}',
            State.LOOK,
            format_lazy(
                _('{domain} has no certificate that others trust.'), domain=certificate.domain
            ),
            _("Mail programs will warn their users. A certificate from Let's Encrypt is free."),
            remedy,
        )
    if certificate.expires <= now + CERTIFICATE_NOTICE:
        return Finding(
            f'certificate-old-{certificate.domain}',
            State.LOOK,
            format_lazy(_('The certificate of {domain} runs out soon.'), domain=certificate.domain),
            _('It should have been renewed by itself.'),
            remedy,
        )
    return None


def _look_at_certificates(seen: Observation, now: datetime) -> Iterator[Finding]:
    """Find certificates that mail programs will not like."""
    for certificate in seen.certificates or ():
        finding = _look_at_certificate(certificate, now)
        if finding:
            yield finding


def _look_at_records(seen: Observation) -> Iterator[Finding]:
    """Find domains that others do not see as they should."""
    for records in seen.records:
        title = ngettext_lazy(
            '{count} thing about the domain {domain} needs you.',
            '{count} things about the domain {domain} need you.',
            records.count,
        )
        yield Finding(
            f'records-{records.domain}',
            State.BROKEN if records.stops_mail else State.LOOK,
            format_lazy(title, count=records.count, domain=records.domain),
            _('Its DNS records or what belongs to them are not as other mail servers expect.'),
            Remedy(_('See what'), page='email:dns', about=records.domain),
        )


def _look_at_queue(seen: Observation, now: datetime) -> Iterator[Finding]:
    """Find mail that waits too long."""
    queue = seen.queue
    if queue is None or queue.oldest is None or now - queue.oldest < QUEUE_PATIENCE:
        return
    title = format_lazy(
        ngettext_lazy(
            '{count} message waits and has not been delivered yet.',
            '{count} messages wait, some for more than an hour.',
            queue.waiting,
        ),
        count=queue.waiting,
    )
    advice: Text = _('They are tried again by themselves for five days.')
    if queue.reason:
        advice = format_lazy(_('The reason the other side gave: {reason}'), reason=queue.reason)
    yield Finding('queue-old', State.LOOK, title, advice, Remedy(_('Try now'), repair='queue'))


def _look_at_configuration(seen: Observation) -> Iterator[Finding]:
    """Find settings of ours that somebody changed."""
    if not seen.drift:
        return
    yield Finding(
        'drift',
        State.LOOK,
        _('Settings this app takes care of were changed by something else.'),
        format_lazy(_('Changed: {files}. Repair puts them back.'), files=', '.join(seen.drift)),
        _REPAIR,
    )


def _look_at_keys(seen: Observation) -> Iterator[Finding]:
    """Find domains whose mail is not signed, as the private key is gone."""
    for domain in seen.keys_lost:
        yield Finding(
            f'keys-{domain}',
            State.LOOK,
            format_lazy(_('A key that mail of {domain} is signed with is lost.'), domain=domain),
            _(
                'Others may take that mail for spam. Restore a backup of this app, or have the '
                'keys changed: the new ones sign as soon as their records are published.'
            ),
            Remedy(_('See the keys'), page='email:dns', about=domain),
        )


def _look_at_undone(seen: Observation) -> Iterator[Finding]:
    """Find settings that protect mail and are kept as somebody undid them."""
    if not seen.undone:
        return
    yield Finding(
        'undone',
        State.LOOK,
        _('Settings that protect mail are kept as you undid them.'),
        format_lazy(_('This app leaves them alone: {keys}.'), keys=', '.join(seen.undone)),
        Remedy(_('Let the app decide again'), repair='release'),
    )


def _look_at_room(seen: Observation) -> Iterator[Finding]:
    """Find a disk that is nearly full."""
    if seen.room_mb is None or seen.room_mb >= ROOM_SCARCE_MB:
        return
    gone = seen.room_mb < ROOM_GONE_MB
    yield Finding(
        'room',
        State.BROKEN if gone else State.LOOK,
        _('The disk is full.') if gone else _('The disk is nearly full.'),
        format_lazy(
            _('{room} MB are left. When nothing is left, new mail has to wait.'), room=seen.room_mb
        ),
        Remedy(_('See what takes room'), page='storage:index'),
    )


def _look_at_versions(seen: Observation) -> Iterator[Finding]:
    """Find programs that are older than is safe."""
    update = Remedy(_('Update this box'), page='upgrades:index')
    if seen.outdated is None:
        yield Finding(
            'versions-unknown',
            State.UNKNOWN,
            _('Whether the mail programs are safe versions could not be found out.'),
            _('Reload this page in a minute. If this stays, look at the updates of your box.'),
            update,
        )
    for package in seen.outdated or ():
        yield Finding(
            f'outdated-{package.package}',
            State.LOOK,
            format_lazy(
                _('{package} has known security faults.'),
                package=package.package,
            ),
            format_lazy(
                _('Version {installed} is installed; {oldest} or later is safe.'),
                installed=package.installed,
                oldest=package.oldest,
            ),
            update,
        )


def _off() -> Verdict:
    """Return the answer for an app that is switched off."""
    finding = Finding(
        'disabled',
        State.LOOK,
        _('E-mail is switched off on this box.'),
        _('Nobody can send, receive or read mail. Use the switch at the top to turn it on.'),
    )
    return Verdict(State.LOOK, _('E-mail is switched off.'), (finding,))


def _headline(state: State, count: int) -> Text:
    """Return the answer in one sentence."""
    if state is State.LOOK:
        return format_lazy(
            ngettext_lazy(
                'Mail works. {count} thing needs a look.',
                'Mail works. {count} things need a look.',
                count,
            ),
            count=count,
        )
    return {
        State.WORKS: _('Mail works.'),
        State.BROKEN: _('Mail does not work.'),
        State.UNKNOWN: _('Whether mail works could not be found out.'),
    }[state]


def judge(seen: Observation, now: datetime) -> Verdict:
    """Return what an observation means."""
    if not seen.enabled:
        return _off()
    findings = [
        *_look_at_services(seen),
        *_look_at_directory(seen),
        *_look_at_users(seen),
        *earlier.findings(seen.kept),
        *_look_at_room(seen),
        *_look_at_versions(seen),
        *_look_at_certificates(seen, now),
        *_look_at_records(seen),
        *_look_at_keys(seen),
        *_look_at_queue(seen, now),
        *_look_at_configuration(seen),
        *_look_at_undone(seen),
    ]
    findings.sort(key=lambda finding: _ORDER.index(finding.state))
    state = findings[0].state if findings else State.WORKS
    return Verdict(state, _headline(state, len(findings)), tuple(findings))


def part_states(seen: Observation) -> list[tuple[Part, State]]:
    """Return each program with its state."""
    if seen.units is None:
        return [(part, State.UNKNOWN) for part in PARTS]
    return [
        (part, State.WORKS if seen.units.get(part.unit, False) else State.BROKEN) for part in PARTS
    ]
