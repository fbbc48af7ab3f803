# SPDX-License-Identifier: AGPL-3.0-or-later
"""The problems in an observation, each with its consequence and the ways to solve it.

Nothing else is looked at. What could not be seen is a finding of its own, and never counts
as working. Each function belongs to a check in `check_list.py`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from ..status import State, Verdict
from ..system.certificates import Certificate
from ..words.parts import PARTS
from ..words.text import Sentence
from . import client_setup, earlier, guess_blockers, stopped_helpers, unreadable
from .finding import Finding, Remedy
from .observation import Observation, Records

QUEUE_PATIENCE = timedelta(hours=1)
"""How long a message may wait before a person should hear of it."""
CERTIFICATE_NOTICE = timedelta(days=10)
ROOM_SCARCE_MB = 1024
ROOM_GONE_MB = 100
NAMED = 3
"""Domains that are named in one sentence."""
_CANNOT_TELL = Verdict(State.UNKNOWN, 'cannot-tell')
_UNCHECKED = Verdict(State.UNKNOWN, 'unchecked')
_REPAIR = Remedy('repair', repair='setup')
_ADD_DOMAIN = Remedy('add-domain', page='names:domain-add')
_GET_CERTIFICATE = Remedy('get-certificate', page='letsencrypt:index')
_SELF_SIGNED = 'certificate-own'
_OF_ROOT = (
    'queue', 'drift', 'undone', 'room_mb', 'keys_lost', 'kept', 'times', 'unreadable', 'relays',
)  # fmt: skip
_SEEN = ('queue', 'drift', 'undone', 'room_mb', 'keys_lost', 'kept', 'times', 'certificates',
         'unreadable', 'relays', 'records')  # fmt: skip
"""Parts of an observation that are None when they could not be looked at."""
_DECIDING = frozenset({'queue', 'drift', 'room_mb'})
"""Without these it is unknown whether mail is accepted and delivered."""


def _broken(code: str, **params: Any) -> Verdict:
    return Verdict(State.BROKEN, code, params)


def _warning(code: str, **params: Any) -> Verdict:
    return Verdict(State.LOOK, code, params)


def _unknown(code: str, **params: Any) -> Verdict:
    return Verdict(State.UNKNOWN, code, params)


def look_at_services(seen: Observation) -> Iterator[Finding]:
    """Services that are stopped."""
    if seen.units is None:
        yield Finding(_unknown('services-unknown'), answer=_CANNOT_TELL)
        return
    for part in PARTS:
        if not seen.units.get(part.unit, False):
            yield Finding(
                _broken('service-down', name=part.name, failing=Sentence(part.failing)),
                part.unit,
                (Remedy('start', repair='setup', params={'name': part.name}),),
                _broken('service-down', failing=Sentence(part.answer)),
            )


def look_at_the_unseen(seen: Observation) -> Iterator[Finding]:
    """Parts that could not be looked at, which never count as working."""
    unseen = [name for name in _SEEN if getattr(seen, name) is None]
    if set(unseen) >= set(_OF_ROOT):
        yield Finding(_unknown('root-silent'), answer=_CANNOT_TELL)
        unseen = [name for name in unseen if name not in _OF_ROOT]
    for name in unseen:
        answer = _CANNOT_TELL if name in _DECIDING else _UNCHECKED
        yield Finding(_unknown(f'unseen-{name.replace("_", "-")}'), answer=answer)


def _runs(seen: Observation, unit: str) -> bool:
    """Whether a program is not known to be down, so that other causes count."""
    return seen.units is None or seen.units.get(unit, False)


def look_at_directory(seen: Observation) -> Iterator[Finding]:
    """Domains and mailboxes that are missing."""
    if seen.directory is None and _runs(seen, 'slapd'):
        silent = _broken('directory-silent')
        yield Finding(silent, remedies=(_REPAIR,), answer=silent)
    if seen.directory is None:
        return
    if not seen.directory.domains:
        none = _broken('no-domain')
        yield Finding(none, remedies=(_ADD_DOMAIN,), answer=none)
    elif not seen.reachable:
        local = _warning('no-public-domain')
        yield Finding(local, remedies=(_ADD_DOMAIN,), answer=local)
    elif not seen.directory.mailboxes:
        empty = _broken('no-mailbox')
        yield Finding(empty, remedies=(_REPAIR,), answer=empty)


def look_at_recipients(seen: Observation) -> Iterator[Finding]:
    """Domains of which no administrator has said who receives mail there."""
    for domain in seen.directory.undecided if seen.directory else ():
        asked, params = _warning('recipients', domain=domain), {'domain': domain}
        choose = Remedy('choose', page='email:recipients', about=domain, params=params)
        yield Finding(asked, domain, (choose,), asked)


def look_at_users(seen: Observation) -> Iterator[Finding]:
    """Users who are missing, too many at once to believe that they are gone."""
    missing = seen.missing
    if missing.count:
        yield Finding(
            _warning('users-missing', count=missing.count, names=missing.names),
            remedies=(Remedy('confirm-deletion', repair='users-are-gone', about=missing.mark),),
        )


def _look_at_certificate(certificate: Certificate, now: datetime) -> Finding | None:
    """A problem with one certificate."""
    domain, expires = certificate.domain, certificate.expires
    renew = (Remedy('renew', page='letsencrypt:index'),)
    if expires is None:
        return Finding(_unknown('certificate-unread', domain=domain), domain, renew, _UNCHECKED)
    if expires <= now:
        unusable = _warning('certificate', domain=domain)
        return Finding(_broken('certificate-expired', domain=domain), domain, renew, unusable)
    if not certificate.trusted:
        return Finding(_warning(_SELF_SIGNED, domain=domain), domain, (_GET_CERTIFICATE,))
    if expires <= now + CERTIFICATE_NOTICE:
        return Finding(_warning('certificate-old', domain=domain, date=expires), domain, renew)
    return None


def look_at_certificates(seen: Observation, now: datetime) -> Iterator[Finding]:
    """Certificates that mail apps reject."""
    hosts = seen.directory.client_hosts if seen.directory else ()
    for certificate in seen.certificates or ():
        finding = _look_at_certificate(certificate, now)
        if finding and not (certificate.domain in hosts and finding.verdict.code == _SELF_SIGNED):
            yield finding


def look_at_client_hosts(seen: Observation) -> Iterator[Finding]:
    """Names chosen for mail apps that these are not told, for want of a certificate."""
    if seen.directory is None or seen.certificates is None:
        return
    shown = {each.domain for each in seen.certificates if each.trusted or not each.expires}
    for host in seen.directory.client_hosts:
        if host in seen.directory.unnamed_hosts:
            yield Finding(_warning('client-host.unnamed', host=host), host, (_ADD_DOMAIN,))
        elif host not in shown:
            yield Finding(_warning('client-host', host=host), host, (_GET_CERTIFICATE,))


def _answer_to(records: Records, all_domains: Sequence[Records]) -> Verdict | None:
    """The answer while a domain's records have problems; it names the domain."""
    if records.checked is None:
        return _unknown('dns-unchecked', domain=records.domain)
    if not records.keeps_out:
        return None
    if all(each.keeps_out for each in all_domains):
        return _broken('all-kept-out', domains=tuple(each.domain for each in all_domains[:NAMED]))
    return _warning('kept-out', domain=records.domain)


def look_at_records(seen: Observation) -> Iterator[Finding]:
    """Domains with DNS problems, and those that were never checked."""
    found = seen.records or ()
    for records in found:
        domain, answer = records.domain, _answer_to(records, found)
        if records.checked is None:
            check = Remedy('check-now', repair='check', about=domain)
            yield Finding(_unknown('unchecked', domain=domain), domain, (check,), answer)
        elif records.count:
            params = {'count': records.count, 'domain': domain, 'names': records.names}
            fix = Remedy('fix-dns', page='email:dns', about=domain)
            again = Remedy('check-again', repair='check', about=domain)
            verdict = Verdict(records.state, 'records', params)
            yield Finding(verdict, domain, (fix, again), answer, records.checked)


def look_at_client_setup(seen: Observation) -> Iterator[Finding]:
    """Domains whose mail apps can't connect, or don't find their settings."""
    return client_setup.findings(seen.records or ())


def look_at_queue(seen: Observation, now: datetime) -> Iterator[Finding]:
    """Mail that waits too long."""
    queue = seen.queue
    if queue is None or queue.oldest is None or now - queue.oldest < QUEUE_PATIENCE:
        return
    params = {'count': queue.waiting, 'recipient': queue.recipient, 'reason': queue.reason}
    verdict = _warning('queue-old.reason' if queue.reason else 'queue-old', **params)
    show = Remedy('show-queue', page='email:queue')
    yield Finding(verdict, remedies=(show, Remedy('retry', repair='queue')))


def look_at_held_mail(seen: Observation) -> Iterator[Finding]:
    """Mail on hold until an administrator decides."""
    if seen.queue and seen.queue.held:
        show = Remedy('show-held', page='email:activity')
        yield Finding(_warning('mail-held', count=seen.queue.held), remedies=(show,))


def look_at_configuration(seen: Observation) -> Iterator[Finding]:
    """Settings of ours that something else changed."""
    ways = (Remedy('show-changes', page='email:drift'), Remedy('restore', repair='setup'))
    for decides in (True, False):
        drifts = [each for each in seen.drift or () if each.decides is decides]
        keys = ', '.join(key for each in drifts for key in each.keys if key)
        if drifts:
            code = f'{"drift-deciding" if decides else "drift"}{".keys" if keys else ""}'
            params = {'files': ', '.join(each.place for each in drifts), 'keys': keys}
            state = State.UNKNOWN if decides else State.LOOK
            answer = _unknown('drift') if decides else None
            yield Finding(Verdict(state, code, params), remedies=ways, answer=answer)


def look_at_keys(seen: Observation) -> Iterator[Finding]:
    """Domains whose mail is not signed, as the private key is gone."""
    for domain in seen.keys_lost or ():
        show = Remedy('show-keys', page='email:dns', about=domain)
        yield Finding(_warning('keys', domain=domain), domain, (show,))


def look_at_undone(seen: Observation) -> Iterator[Finding]:
    """Settings that protect mail and are kept as an administrator undid them."""
    if seen.undone:
        release = Remedy('release', repair='release')
        yield Finding(_warning('undone', keys=', '.join(seen.undone)), remedies=(release,))


def look_at_room(seen: Observation) -> Iterator[Finding]:
    """A disk that is nearly full."""
    if seen.room_mb is None or seen.room_mb >= ROOM_SCARCE_MB:
        return
    usage = (Remedy('disk-usage', page='storage:index'),)
    if seen.room_mb < ROOM_GONE_MB:
        yield Finding(_broken('room', room=seen.room_mb), '', usage, _broken('room'))
    else:
        yield Finding(_warning('room', room=seen.room_mb), '', usage)


def look_at_files(seen: Observation) -> Iterator[Finding]:
    """Daemons that cannot read their files."""
    return unreadable.findings(seen.unreadable or ())


def look_at_versions(seen: Observation) -> Iterator[Finding]:
    """Programs that are older than is safe."""
    update = (Remedy('updates', page='upgrades:index'),)
    if seen.outdated is None:
        yield Finding(_unknown('versions-unknown'), '', update, _UNCHECKED)
    for each in seen.outdated or ():
        params = {'installed': each.installed, 'oldest': each.oldest}
        verdict = _warning('outdated', package=each.package, **params)
        yield Finding(verdict, each.package, update)


def look_at_kept_mail(seen: Observation) -> Iterator[Finding]:
    """Mail of earlier owners."""
    return earlier.findings(seen.kept or ())


def look_at_guards(seen: Observation) -> Iterator[Finding]:
    """Guesses of passwords that are not counted, and guessers who are not blocked."""
    return guess_blockers.findings(seen.guards)


def look_at_helpers(seen: Observation) -> Iterator[Finding]:
    """Helpers of the services that are stopped."""
    return stopped_helpers.findings(seen.helpers)
