# SPDX-License-Identifier: AGPL-3.0-or-later
"""The notifications for administrators, brought up to date once a minute.

FreedomBox's notifications are made from the reports that checks leave behind, here because
the web interface alone can. A notification is touched only when something changed, so that
a dismissed one stays dismissed until there is news. A certificate that waits until its key is
visible everywhere is put to use then. The public address is taken over from dynamic DNS, which
looks it up anyway. Users who are missing all at once are reported in the same way.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_noop
from freedombox.modules import dynamicdns

from ..directory.departures import Missing
from ..dns import local_facts
from ..dns import report as dns_report
from ..dns.compare import is_private
from ..dns.memory import Memory
from ..dns.report import OUTGOING, DnsReport, stoppers
from ..errors import MailError
from ..sync import synchronize, tlsa_rollover
from ..words import notices as words
from ..words.dns import short_name
from ..words.text import Sentence
from . import alarm, announce, health_notice, kept_mail_notice, setup_notice

SECONDS = 60
_PREFIX = 'email-records-'
_MISSING = 'email-users-missing'
logger = logging.getLogger(__name__)


def id_of(domain: str) -> str:
    """The name of the notification about a domain.

    It becomes part of an address that takes no dots: with one, no page of FreedomBox's web
    interface could be shown as long as the notification lasts.
    """
    return _PREFIX + domain.replace('.', '=')


def todo(report: DnsReport) -> tuple[str, ...]:
    """The problems of a domain; that no mail leaves is told once for all of them."""
    return tuple(role for role in dns_report.todo(report) if role != OUTGOING)


def summary(report: DnsReport) -> str:
    """The problems as text that changes when they do."""
    return ' '.join(f'{role}:{report.verdicts[role].code}' for role in sorted(todo(report)))


def waiting_keys(report: DnsReport) -> tuple[str, ...]:
    """The names of records of the next signing keys, when nothing else is to be done."""
    roles = todo(report)
    if any(report.verdicts[role].code != 'missing-next' for role in roles):
        return ()
    return tuple(f'{role.removeprefix("dkim-")}._domainkey' for role in sorted(roles))


def _said(report: DnsReport) -> Sentence:
    if keys := waiting_keys(report):
        return Sentence(words.NEW_KEYS, {'records': keys, 'domain': report.domain})
    names = tuple(dict.fromkeys(map(short_name, todo(report))))
    return Sentence(words.DNS_PROBLEMS, {'names': names})


def show(report: DnsReport, shown: Mapping[str, str]) -> None:
    """Notify of a domain, or take the notification back; `shown` are those there are."""
    announce.show(
        id_of(report.domain),
        summary(report),
        shown,
        severity='error' if stoppers(report) - {OUTGOING} else 'warning',
        title=gettext_noop('DNS problems: {domain}'),
        said=[_said(report)],
        link=Sentence(gettext_noop('Show DNS records')),
        page='email:dns',
        about=report.domain,
        domain=report.domain,
    )


def show_missing(missing: Missing | None, shown: Mapping[str, str]) -> None:
    """Notify of users who are missing, or take the notification back; None says nothing new."""
    if missing is None:
        return
    announce.show(
        _MISSING,
        missing.mark,
        shown,
        title=gettext_noop('Users of the mail server are missing'),
        said=[Sentence(words.USERS_MISSING, {'names': missing.names})],
    )


def known_addresses(status: Mapping[str, Any]) -> tuple[str, ...]:
    """The public addresses that FreedomBox's dynamic DNS found last.

    What it keeps comes from another app and from earlier versions of it, so nothing is relied on.
    """
    domains = status.get('domains')
    found = [
        str(address)
        for domain in (domains.values() if isinstance(domains, Mapping) else ())
        if isinstance(domain, Mapping) and domain.get('result')
        for address in _listed(domain.get('ip_addresses'))
    ]
    return tuple(dict.fromkeys(each for each in found if not is_private(each)))


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()


def _follow_addresses() -> None:
    """Remember the public addresses if FreedomBox knows them anyway."""
    memory, known = Memory(), known_addresses(dynamicdns.get_status())
    if known and known != memory.addresses():
        try:
            memory.keep_addresses(known)
        except MailError as error:
            logger.warning('Cannot keep the public address: %s', error)


def follow() -> None:
    """Bring the notifications in step with the latest reports."""
    if not synchronize.is_set_up():
        return
    alarm.follow()
    health_notice.follow()
    setup_notice.follow()
    _follow_addresses()
    shown = announce.shown(_PREFIX)
    show_missing(synchronize.missing_users(), announce.shown(_MISSING))
    try:
        kept_mail_notice.follow()
        names, primary = local_facts.domains()
    except MailError as error:
        logger.warning('Cannot look for kept mail or reports on records: %s', error)
        return
    for gone in shown.keys() - set(map(id_of, names)):
        announce.withdraw(gone)
    for report in filter(None, map(Memory().latest, names)):
        show(report, shown)
    if primary:
        tlsa_rollover.release(primary)
