# SPDX-License-Identifier: AGPL-3.0-or-later
"""Look at the mail system from the web process.

Every look is on its own: what fails is logged and counts as not seen, so a broken part
shows as a sentence on the page and never as a broken page.
"""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from freedombox.modules.names.components import DomainName

from .. import privileged
from ..activity.root_part import RootPart
from ..backup import last_backup
from ..directory import box_names, recipients
from ..directory.departures import Missing
from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.recipients import Recipients
from ..directory.store import Store
from ..dns.memory import Memory
from ..dns.reached import TESTED
from ..dns.report import OUTGOING, DnsReport, stoppers, todo
from ..system import certificates, helpers, systemd
from ..words.dns import short_name
from ..words.parts import PARTS
from . import client_setup, guess_blockers, machine, reported, versions
from .observation import Directory, Observation, Records

NAMED = 3
"""DNS problems that are named in the list of problems."""
_ELSEWHERE = frozenset({'certificate', 'reach', OUTGOING})
Seen = TypeVar('Seen')
logger = logging.getLogger(__name__)


def _try(look: Callable[[], Seen]) -> Seen | None:
    """The result of a look, None when it fails."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - anything may be broken, that is what is asked
        logger.warning('Cannot look at the mail system (%s): %s', look.__name__, error)
        return None


def units() -> dict[str, bool]:
    """Which of the programs mail needs are running."""
    return systemd.running(part.unit for part in PARTS)


def helping() -> dict[str, bool]:
    """Which helpers of the running services run."""
    return systemd.running(helpers.wanted(systemd.running(helpers.LEADERS)))


def guarded() -> dict[str, bool]:
    """Which of the services run that keep guessers out."""
    return systemd.running(guess_blockers.GUARDS)


def directory() -> Directory:
    """Domains and number of mailboxes."""
    names = {name.lower() for name in DomainName.list_names()}  # none in the command's process
    with Store() as store:
        found = {each.name: each for each in store.search(Domain) if each.enabled}
        primary = store.settings().primary_domain
        asked = [each for name, each in found.items() if box_names.is_public(name)]
        said = {each.name: recipients.of_domain(store, each, primary) for each in asked}
        hosts = tuple(sorted({each.client_host for each in asked} - {'', *found}))
        return Directory(
            primary or None,
            tuple(found),
            store.count(Mailbox),
            tuple(name for name, who in said.items() if who is Recipients.UNDECIDED),
            tuple(name for name, who in said.items() if who is Recipients.NONE),
            hosts,
            tuple(host for host in hosts if names and host not in names),
        )


def to_records(domain: str, report: DnsReport | None, *, trusted: bool = True) -> Records:
    """The problems in the last report on a domain, but for those with a finding of their own.

    `trusted` says whether mail apps trust the certificate of the mail host.
    """
    if report is None:
        return Records(domain, None)
    roles = [role for role in todo(report) if role not in _ELSEWHERE]
    reach = report.verdicts.get('reach')
    stopping = stoppers(report)
    return Records(
        domain,
        report.when,
        len(roles),
        tuple(dict.fromkeys(map(short_name, [*(stopping - _ELSEWHERE), *roles])))[:NAMED],
        keeps_out=bool(stopping - {OUTGOING}),
        outgoing=report.verdicts.get(OUTGOING),
        reach=reach if reach and reach.code in TESTED else None,
        apps=client_setup.worst(report, trusted=trusted),
        verdicts={
            role: report.verdicts[role] for role in reported.ROLES if role in report.verdicts
        },
    )


def records(names: Iterable[str], primary: str = '') -> tuple[Records, ...]:
    """The last check of each domain; DNS is not asked for this."""
    memory, shown = Memory(), certificates.of(primary) if primary else None
    trusted = bool(shown and shown.trusted)
    return tuple(to_records(name, memory.latest(name), trusted=trusted) for name in names)


def root_part() -> RootPart:
    """Root's part, asked for at its door."""
    return RootPart.from_json(privileged.overview_data())


def look(
    enabled: bool,
    missing: Missing | None = None,
    as_root: Callable[[], RootPart] = root_part,
) -> Observation:
    """The observation behind the overview; `as_root` gives root's part."""
    found = _try(directory)
    names = found.domains if found else ()
    root = _try(as_root) or RootPart()
    public = [name for name in names if box_names.is_public(name)]
    used = [name for name in public if found and name not in found.unused]
    hosts = found.client_hosts if found else ()
    return Observation(
        enabled=enabled,
        units=_try(units),
        queue=root.queue,
        directory=found,
        certificates=_try(lambda: certificates.installed([*used, *hosts])),
        drift=root.drift,
        undone=root.undone,
        room_mb=root.room_mb,
        outdated=_try(versions.outdated),
        keys_lost=root.keys_lost,
        kept=root.kept,
        times=root.times,
        unreadable=root.unreadable,
        relays=root.relays,
        records=_try(lambda: records(used, (found and found.primary) or '')),
        reachable=bool(public),
        inodes=_try(machine.free_inodes),
        memory_mb=_try(machine.free_memory_mb),
        synchronized=_try(machine.is_synchronized),
        spam_lists=root.spam_lists,
        spam_memory=root.spam_memory,
        backup=_try(last_backup.kept),
        missing=missing or Missing(),
        guards=_try(guarded),
        helpers=_try(helping),
    )
