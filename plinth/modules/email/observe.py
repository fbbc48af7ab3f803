# SPDX-License-Identifier: AGPL-3.0-or-later
"""Look at the mail system from the web process.

Every look is on its own: what fails is logged and counts as not seen, so a broken part
shows as a sentence on the page and never as a broken page.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from . import certificates, domains, earlier, privileged, unitstate, upkeep, versions
from .directory.domain import Domain
from .directory.mailbox import Mailbox
from .directory.store import Store
from .dns.memory import Memory
from .dns.report import stops_mail, todo
from .overview import PARTS, Directory, Observation, Queue, Records

Seen = TypeVar('Seen')
logger = logging.getLogger(__name__)


def _try(look: Callable[[], Seen]) -> Seen | None:
    """Return what a look finds, None when it fails."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - anything may be broken, that is what is asked
        logger.warning('Cannot look at the mail system (%s): %s', look.__name__, error)
        return None


def units() -> dict[str, bool]:
    """Return which of the programs mail needs are running."""
    return unitstate.running(part.unit for part in PARTS)


def directory() -> Directory:
    """Return domains and number of mailboxes."""
    with Store() as store:
        names = tuple(domain.name for domain in store.search(Domain) if domain.enabled)
        primary = store.settings().primary_domain or None
        return Directory(primary, names, store.count(Mailbox))


def records(names: Iterable[str]) -> tuple[Records, ...]:
    """Return the domains whose latest report needs somebody; nobody is asked for this."""
    memory, found = Memory(), []
    for name in names:
        report = memory.latest(name)
        # The certificate has a finding of its own.
        things = [role for role in todo(report) if role != 'certificate'] if report else []
        if report and things:
            found.append(Records(name, len(things), stops_mail(report)))
    return tuple(found)


def to_queue(raw: dict[str, Any] | None) -> Queue | None:
    """Return the queue from what root saw of it."""
    if raw is None:
        return None
    oldest = raw['oldest']
    since = None if oldest is None else datetime.fromtimestamp(oldest, UTC)
    return Queue(raw['waiting'], raw['more'], since, raw['reason'])


def look(enabled: bool) -> Observation:
    """Return everything the overview is judged by."""
    found = _try(directory)
    names = found.domains if found else ()
    root: dict[str, Any] = _try(privileged.overview_data) or {}
    public = [name for name in names if domains.is_public(name)]
    missing = upkeep.missing_users() or upkeep.Missing()
    certified = _try(lambda: certificates.installed(public))
    return Observation(
        enabled=enabled,
        units=_try(units),
        queue=to_queue(root.get('queue')),
        directory=found,
        certificates=certified,
        drift=tuple(root['drift']) if root.get('drift') is not None else None,
        undone=tuple(root.get('undone') or ()),
        room_mb=root.get('room_mb'),
        outdated=_try(versions.outdated),
        keys_lost=tuple(root.get('keys_lost') or ()),
        kept=earlier.from_root(root.get('kept') or ()),
        records=_try(lambda: records(public)) or (),
        reachable=bool(public),
        missing_users=missing.count,
        missing_names=missing.names,
        missing_mark=missing.mark,
    )
