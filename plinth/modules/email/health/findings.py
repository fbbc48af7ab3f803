# SPDX-License-Identifier: AGPL-3.0-or-later
"""The problems in an observation, each with its consequence and the ways to solve it.

Nothing else is looked at. What could not be seen is a finding of its own, and never counts
as working. To add a finding, add a function to `LOOKS` and a row to `tests/test_verdict.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from freedombox.utils import format_lazy

from ..maintenance.certificates import Certificate
from ..status import State
from ..words.parts import PARTS
from ..words.text import Text, with_box_name
from . import earlier, outside, unreadable
from .finding import Answer, Finding, Remedy, date
from .observation import Observation, Records

QUEUE_PATIENCE = timedelta(hours=1)
"""How long a message may wait before a person should hear of it."""
CERTIFICATE_NOTICE = timedelta(days=10)
ROOM_SCARCE_MB = 1024
ROOM_GONE_MB = 100
NAMED = 3
"""Domains that are named in one sentence."""
_CANNOT_TELL = Answer(State.UNKNOWN, _("Can't tell whether mail is working."))
_UNCHECKED = Answer(State.UNKNOWN, _('Mail is working, but not everything could be checked.'))
_RELOAD = with_box_name(_('Reload this page in a minute. If this persists, restart {box_name}.'))
_REPAIR = Remedy(_('Repair'), repair='setup')


def _look_at_services(seen: Observation) -> Iterator[Finding]:
    """Find services that are stopped."""
    if seen.units is None:
        yield Finding(
            'services-unknown',
            State.UNKNOWN,
            _("The state of the mail services can't be read."),
            _RELOAD,
            answer=_CANNOT_TELL,
        )
        return
    for part in PARTS:
        if not seen.units.get(part.unit, False):
            yield Finding(
                f'service-down-{part.unit}',
                State.BROKEN,
                format_lazy(_('{name} is stopped.'), name=part.name),
                part.failing,
                Remedy(format_lazy(_('Start {name}'), name=part.name), repair='setup'),
                answer=Answer(State.BROKEN, part.answer),
            )


_UNSEEN = {
    'queue': _("The mail queue can't be read."),
    'drift': _("The mail settings can't be compared with the expected ones."),
    'undone': _("The list of settings you have undone can't be read."),
    'room_mb': _("The free disk space can't be read."),
    'keys_lost': _("The signing keys (DKIM) can't be checked."),
    'kept': _("The mail of removed mailboxes can't be read."),
    'times': _("The mail log can't be read."),
    'certificates': _("The certificates can't be read."),
    'unreadable': _("Can't tell whether the mail services would start again."),
    'records': _("The results of DNS checks can't be read."),
}
_OF_ROOT = frozenset(
    {'queue', 'drift', 'undone', 'room_mb', 'keys_lost', 'kept', 'times', 'unreadable'}
)
_DECIDING = frozenset({'queue', 'drift', 'room_mb'})
"""Without these it is unknown whether mail is accepted and delivered."""


def _look_at_the_unseen(seen: Observation) -> Iterator[Finding]:
    """Find what could not be looked at, which never counts as working."""
    unseen = {name for name in _UNSEEN if getattr(seen, name) is None}
    if unseen >= _OF_ROOT:
        yield Finding(
            'root-silent',
            State.UNKNOWN,
            _("The FreedomBox service that checks the mail system isn't answering."),
            _RELOAD,
            answer=_CANNOT_TELL,
        )
        unseen -= _OF_ROOT
    for name in _UNSEEN:
        if name in unseen:
            answer = _CANNOT_TELL if name in _DECIDING else _UNCHECKED
            code = f'unseen-{name}'.replace('_', '-')
            yield Finding(code, State.UNKNOWN, _UNSEEN[name], _RELOAD, answer=answer)


def _runs(seen: Observation, unit: str) -> bool:
    """Return whether a program is not known to be down, so that other causes count."""
    return seen.units is None or seen.units.get(unit, False)


def _look_at_directory(seen: Observation) -> Iterator[Finding]:
    """Find what is missing among domains and mailboxes."""
    if seen.directory is None and _runs(seen, 'slapd'):
        yield Finding(
            'directory-silent',
            State.BROKEN,
            _("The user directory (LDAP) isn't answering."),
            _("No mail is lost, but nothing is delivered and users can't log in."),
            _REPAIR,
            answer=Answer(State.BROKEN, _("Mail is held, and users can't log in.")),
        )
    if seen.directory is None:
        return
    add = Remedy(_('Add domain'), page='names:domain-add')
    if not seen.directory.domains:
        yield Finding(
            'no-domain',
            State.BROKEN,
            _('Add a domain to get started.'),
            _('Email addresses end in a domain you own, such as example.org.'),
            add,
            answer=Answer(State.BROKEN, _('Email needs a domain.')),
        )
    elif not seen.reachable:
        yield Finding(
            'no-public-domain',
            State.LOOK,
            _('No one outside your network can send you mail.'),
            with_box_name(_('{box_name} has only a local name. Add a public domain.')),
            add,
            answer=Answer(State.LOOK, _('Mail is working inside your network only.')),
        )
    elif not seen.directory.mailboxes:
        yield Finding(
            'no-mailbox',
            State.BROKEN,
            _('There are no mailboxes yet.'),
            _('Every FreedomBox user gets a mailbox. Run Repair to create the missing ones.'),
            _REPAIR,
            answer=Answer(State.BROKEN, _('No one has a mailbox yet.')),
        )


def _look_at_recipients(seen: Observation) -> Iterator[Finding]:
    """Find domains of which no administrator has said who receives mail there."""
    for domain in seen.directory.undecided if seen.directory else ():
        yield Finding(
            f'recipients-{domain}',
            State.LOOK,
            format_lazy(_('Who receives mail at {domain}?'), domain=domain),
            _('Mail to this domain is rejected until you choose.'),
            Remedy(
                format_lazy(_('Choose for {domain}'), domain=domain),
                page='email:recipients',
                about=domain,
            ),
            answer=Answer(
                State.LOOK,
                format_lazy(
                    _('Mail is working, but no one receives mail at {domain} yet.'), domain=domain
                ),
            ),
        )


def _look_at_users(seen: Observation) -> Iterator[Finding]:
    """Find users who are missing, too many at once to believe that they are gone."""
    if not seen.missing.count:
        return
    title = ngettext_lazy(
        '{count} user is missing: {names}.',
        '{count} users are missing: {names}.',
        seen.missing.count,
    )
    yield Finding(
        'users-missing',
        State.LOOK,
        format_lazy(title, count=seen.missing.count, names=seen.missing.names),
        _(
            'Their mailboxes and app passwords are kept, because the user directory may be '
            'damaged. Restore it, or confirm that these users were deleted.'
        ),
        Remedy(
            _('Confirm deletion of these users'), repair='users-are-gone', about=seen.missing.mark
        ),
    )


def _unusable(certificate: Certificate) -> Answer:
    """The answer while a certificate keeps mail programs out."""
    sentence = _("Mail is working, but mail apps can't connect to {domain}.")
    return Answer(State.LOOK, format_lazy(sentence, domain=certificate.domain))


def _look_at_certificate(certificate: Certificate, now: datetime) -> Finding | None:
    """Find a problem with one certificate."""
    domain = certificate.domain
    remedy = Remedy(_('Renew certificate'), page='letsencrypt:index')
    if certificate.expires is None:
        return Finding(
            f'certificate-unread-{domain}',
            State.UNKNOWN,
            format_lazy(_("The certificate for {domain} can't be read."), domain=domain),
            _('Mail apps may refuse to connect.'),
            remedy,
            answer=_UNCHECKED,
        )
    if certificate.expires <= now:
        return Finding(
            f'certificate-expired-{domain}',
            State.BROKEN,
            format_lazy(_('The certificate for {domain} has expired.'), domain=domain),
            _('Most mail apps will refuse to connect.'),
            remedy,
            answer=_unusable(certificate),
        )
    if not certificate.trusted:
        return Finding(
            f'certificate-own-{domain}',
            State.LOOK,
            format_lazy(_('{domain} uses a self-signed certificate.'), domain=domain),
            _(
                'Phones and mail apps will warn or refuse. Get a free certificate from '
                "Let's Encrypt."
            ),
            Remedy(_('Get certificate'), page='letsencrypt:index'),
        )
    if certificate.expires <= now + CERTIFICATE_NOTICE:
        return Finding(
            f'certificate-old-{domain}',
            State.LOOK,
            format_lazy(
                _('The certificate for {domain} expires on {date}.'),
                domain=domain,
                date=date(certificate.expires),
            ),
            _('Automatic renewal has not worked.'),
            remedy,
        )
    return None


def _look_at_certificates(seen: Observation, now: datetime) -> Iterator[Finding]:
    """Find certificates that mail apps reject."""
    for certificate in seen.certificates or ():
        finding = _look_at_certificate(certificate, now)
        if finding:
            yield finding


def _answer_to(records: Records, all_domains: Sequence[Records]) -> Answer | None:
    """The answer while a domain's records have problems; it names the domain."""
    if records.checked is None:
        sentence = _('Mail is working on {box_name}. The DNS of {domain} has not been checked.')
        return Answer(State.UNKNOWN, with_box_name(sentence, domain=records.domain))
    if records.keeps_in:
        return Answer(State.BROKEN, with_box_name(_("Mail can't leave {box_name}.")))
    if not records.keeps_out:
        return None
    if all(each.keeps_out for each in all_domains):
        names = ', '.join(each.domain for each in all_domains[:NAMED])
        return Answer(
            State.BROKEN, format_lazy(_('Mail for {domains} is not arriving.'), domains=names)
        )
    sentence = _('Mail is working, but {domain} receives nothing.')
    return Answer(State.LOOK, format_lazy(sentence, domain=records.domain))


def _look_at_records(seen: Observation) -> Iterator[Finding]:
    """Find domains with DNS problems, and those that were never checked."""
    found = seen.records or ()
    for records in found:
        domain, answer = records.domain, _answer_to(records, found)
        again = Remedy(_('Check again'), repair='check', about=domain)
        if records.checked is None:
            yield Finding(
                f'unchecked-{domain}',
                State.UNKNOWN,
                format_lazy(_('The DNS of {domain} has not been checked yet.'), domain=domain),
                with_box_name(_('Other mail servers find {box_name} by its DNS records.')),
                Remedy(_('Check now'), repair='check', about=domain),
                answer=answer,
            )
        elif records.count:
            title = ngettext_lazy(
                '{count} DNS problem for {domain}: {names}.',
                '{count} DNS problems for {domain}: {names}.',
                records.count,
            )
            yield Finding(
                f'records-{domain}',
                records.state,
                format_lazy(
                    title, count=records.count, domain=domain, names=', '.join(records.names)
                ),
                _('Records are missing or wrong, or another check failed.'),
                Remedy(_('Fix DNS'), page='email:dns', about=domain),
                again,
                answer,
                records.checked,
            )


def _look_at_reach(seen: Observation) -> Iterator[Finding]:
    """Find a box that other mail servers cannot reach, or have not so far."""
    return outside.findings(seen)


def _look_at_queue(seen: Observation, now: datetime) -> Iterator[Finding]:
    """Find mail that waits too long."""
    queue = seen.queue
    if queue is None or queue.oldest is None or now - queue.oldest < QUEUE_PATIENCE:
        return
    title = format_lazy(
        ngettext_lazy(
            'A message to {recipient} has been waiting for more than an hour.',
            '{count} messages are waiting. The oldest, to {recipient}, has been waiting for more '
            'than an hour.',
            queue.waiting,
        ),
        count=queue.waiting,
        recipient=queue.recipient,
    )
    advice: Text = _('Delivery is retried for up to 5 days.')
    if queue.reason:
        advice = format_lazy(_('Postfix reports: “{reason}”'), reason=queue.reason)
    yield Finding('queue-old', State.LOOK, title, advice, Remedy(_('Retry now'), repair='queue'))


def _look_at_configuration(seen: Observation) -> Iterator[Finding]:
    """Find settings of ours that something else changed."""
    drifts = seen.drift or ()
    for decides in (True, False):
        files = [each.place for each in drifts if each.decides is decides]
        keys = [key for each in drifts if each.decides is decides for key in each.keys if key]
        if not files:
            continue
        yield Finding(
            'drift-deciding' if decides else 'drift',
            State.UNKNOWN if decides else State.LOOK,
            _('Settings that decide about mail were changed outside this app.')
            if decides
            else _('Mail settings were changed outside this app.'),
            format_lazy(_('In {files}: {keys}.'), files=', '.join(files), keys=', '.join(keys))
            if keys
            else format_lazy(_('In {files}.'), files=', '.join(files)),
            Remedy(_('Show changes'), page='email:drift'),
            Remedy(_('Restore settings'), repair='setup'),
            Answer(State.UNKNOWN, _("Can't tell whether all mail is accepted."))
            if decides
            else None,
        )


def _look_at_keys(seen: Observation) -> Iterator[Finding]:
    """Find domains whose mail is not signed, as the private key is gone."""
    for domain in seen.keys_lost or ():
        yield Finding(
            f'keys-{domain}',
            State.LOOK,
            format_lazy(_('A signing key (DKIM) of {domain} is lost.'), domain=domain),
            _(
                'Mail may be treated as spam. Restore a backup of this app, or replace the keys: '
                'the new ones are used as soon as their records are published.'
            ),
            Remedy(_('Show signing keys'), page='email:dns', about=domain),
        )


def _look_at_undone(seen: Observation) -> Iterator[Finding]:
    """Find settings that protect mail and are kept as an administrator undid them."""
    if not seen.undone:
        return
    yield Finding(
        'undone',
        State.LOOK,
        _('Settings that protect mail are still undone.'),
        format_lazy(
            _('You have undone these settings, and this app no longer manages them: {keys}.'),
            keys=', '.join(seen.undone),
        ),
        Remedy(_('Restore these settings'), repair='release'),
    )


def _look_at_room(seen: Observation) -> Iterator[Finding]:
    """Find a disk that is nearly full."""
    if seen.room_mb is None or seen.room_mb >= ROOM_SCARCE_MB:
        return
    gone = seen.room_mb < ROOM_GONE_MB
    yield Finding(
        'room',
        State.BROKEN if gone else State.LOOK,
        format_lazy(_('Only {room} MB of disk space left.'), room=seen.room_mb),
        _('When the disk is full, new mail is put off until there is space.'),
        Remedy(_('Show disk usage'), page='storage:index'),
        answer=Answer(State.BROKEN, _('New mail is put off: the disk is nearly full.'))
        if gone
        else None,
    )


def _look_at_files(seen: Observation) -> Iterator[Finding]:
    """Find daemons that cannot read their files."""
    return unreadable.findings(seen.unreadable or ())


def _look_at_versions(seen: Observation) -> Iterator[Finding]:
    """Find programs that are older than is safe."""
    update = Remedy(_('Install updates'), page='upgrades:index')
    if seen.outdated is None:
        yield Finding(
            'versions-unknown',
            State.UNKNOWN,
            _("The versions of the mail services can't be read."),
            _('Reload this page in a minute. If this persists, check for software updates.'),
            update,
            answer=_UNCHECKED,
        )
    for package in seen.outdated or ():
        yield Finding(
            f'outdated-{package.package}',
            State.LOOK,
            format_lazy(
                _('{package} has known security problems.'),
                package=package.package,
            ),
            format_lazy(
                _('Version {installed} is installed; {oldest} or later is safe.'),
                installed=package.installed,
                oldest=package.oldest,
            ),
            update,
        )


def _look_at_kept_mail(seen: Observation) -> Iterator[Finding]:
    """Find mail of earlier owners."""
    return earlier.findings(seen.kept or ())


def findings(seen: Observation, now: datetime) -> Iterator[Finding]:
    """Every problem in an observation."""
    for look in LOOKS:
        yield from look(seen)
    yield from _look_at_certificates(seen, now)
    yield from _look_at_queue(seen, now)


LOOKS: tuple[Callable[[Observation], Iterator[Finding]], ...] = (
    _look_at_services,
    _look_at_directory,
    _look_at_the_unseen,
    _look_at_recipients,
    _look_at_users,
    _look_at_kept_mail,
    _look_at_room,
    _look_at_versions,
    _look_at_records,
    _look_at_reach,
    _look_at_keys,
    _look_at_files,
    _look_at_configuration,
    _look_at_undone,
)
