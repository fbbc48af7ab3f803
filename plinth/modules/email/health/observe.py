# SPDX-License-Identifier: AGPL-3.0-or-later
"""Look at the mail system from the web process.

Every look is on its own: what fails is logged and counts as not seen, so a broken part
shows as a sentence on the page and never as a broken page.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from .. import privileged
from ..activity.last_times import Times
from ..directory import box_names, recipients
from ..directory.departures import Missing
from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.recipients import Recipients
from ..directory.store import Store
from ..dns.memory import Memory
from ..dns.reached import TESTED
from ..dns.report import DnsReport, stoppers, todo
from ..maintenance import checker_answers
from ..system import certificates, systemd
from ..words.dns import short_name
from ..words.parts import PARTS
from . import earlier, versions
from .observation import ChangedSettings, Directory, Observation, Queue, Records

NAMED = 3
"""DNS problems that are named in the list of problems."""
OUTGOING = 'port-25'
_ELSEWHERE = frozenset({'certificate', 'reach'})
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


def directory() -> Directory:
    """Domains and number of mailboxes."""
    with Store() as store:
        found = {each.name: each for each in store.search(Domain) if each.enabled}
        primary = store.settings().primary_domain
        asked = [each for name, each in found.items() if box_names.is_public(name)]
        said = {each.name: recipients.of_domain(store, each, primary) for each in asked}
        return Directory(
            primary or None,
            tuple(found),
            store.count(Mailbox),
            tuple(name for name, who in said.items() if who is Recipients.UNDECIDED),
            tuple(name for name, who in said.items() if who is Recipients.NONE),
        )


def to_records(domain: str, report: DnsReport | None) -> Records:
    """The problems in the last report on a domain, but for those with a finding of their own."""
    if report is None:
        return Records(domain, None)
    roles = [role for role in todo(report) if role not in _ELSEWHERE]
    reach = report.verdicts.get('reach')
    stopping = stoppers(report)
    return Records(
        domain,
        report.when,
        len(roles),
        tuple(dict.fromkeys(map(short_name, [*stopping, *roles])))[:NAMED],
        keeps_out=bool(stopping - {OUTGOING}),
        keeps_in=OUTGOING in stopping,
        reach=reach if reach and reach.code in TESTED else None,
    )


def records(names: Iterable[str]) -> tuple[Records, ...]:
    """The last check of each domain; DNS is not asked for this."""
    memory = Memory()
    return tuple(to_records(name, memory.latest(name)) for name in names)


def to_queue(raw: dict[str, Any] | None) -> Queue | None:
    """The queue from root's plain values."""
    if raw is None:
        return None
    oldest = raw['oldest']
    since = None if oldest is None else datetime.fromtimestamp(oldest, UTC)
    return Queue(raw['waiting'], raw['more'], since, raw['recipient'], raw['reason'])


def to_drift(raw: Iterable[dict[str, Any]] | None) -> tuple[ChangedSettings, ...] | None:
    """The files that were changed by something else, from root's plain values."""
    if raw is None:
        return None
    return tuple(
        ChangedSettings(each['path'], tuple(each['keys']), each['decides'], each['line'])
        for each in raw
    )


def _tuple(raw: Iterable[str] | None) -> tuple[str, ...] | None:
    """Texts of root, None where they could not be seen."""
    return None if raw is None else tuple(raw)


def look(
    enabled: bool,
    missing: Missing | None = None,
    as_root: Callable[[], dict[str, Any]] | None = None,
) -> Observation:
    """The observation behind the overview; `as_root` gives root's part."""
    found = _try(directory)
    names = found.domains if found else ()
    root: dict[str, Any] = _try(as_root or privileged.overview_data) or {}
    public = [name for name in names if box_names.is_public(name)]
    used = [name for name in public if found and name not in found.unused]
    kept, times, refused = root.get('kept'), root.get('times'), root.get('unreadable')
    return Observation(
        enabled=enabled,
        units=_try(units),
        queue=to_queue(root.get('queue')),
        directory=found,
        certificates=_try(lambda: certificates.installed(used)),
        drift=to_drift(root.get('drift')),
        undone=_tuple(root.get('undone')),
        room_mb=root.get('room_mb'),
        outdated=_try(versions.outdated),
        keys_lost=_tuple(root.get('keys_lost')),
        kept=None if kept is None else earlier.from_root(kept),
        times=None if times is None else Times.from_json(times),
        unreadable=None if refused is None else checker_answers.from_root(refused),
        records=_try(lambda: records(used)),
        reachable=bool(public),
        missing=missing or Missing(),
    )
