# SPDX-License-Identifier: AGPL-3.0-or-later
"""All that reports tell, gathered from samples, stories, the directory and the checks."""

from datetime import UTC, date, datetime, timedelta, tzinfo

from django.conf import settings

from ..activity import mailbox_use, traffic_history
from ..activity.hourly_counts import KINDS
from ..activity.overview import mail_room
from ..activity.period import Period
from ..activity.samples import Samples
from ..directory import apppassword
from ..directory.apppassword import AppPassword
from ..directory.mailbox import Mailbox
from ..directory.person import of_mailbox
from ..directory.store import Store
from ..mailstore import fullness
from ..status import State
from . import package_updates, report_texts, since
from .report_texts import MonthOfMail, StoredMail
from .since import Standing, Standings

_LARGEST = 5


def _begin(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _is_within(moment: datetime, period: Period, zone: tzinfo) -> bool:
    return period.first <= moment.astimezone(zone).date() <= period.last


def _standings(found: Standings | None, period: Period, zone: tzinfo) -> tuple[Standing, ...]:
    """Problems there are now, and those solved in the period as far as that is known."""
    return tuple(
        each
        for each in (found.checks if found else ())
        if each.is_bad or (each.solved and _is_within(each.solved, period, zone))
    )


def _passed(found: Standings | None) -> tuple[int, int] | None:
    if found is None or datetime.now(UTC) - found.looked > since.FRESH:
        return None
    return sum(each.state is State.WORKS for each in found.checks), len(found.checks)


def _speak() -> None:
    """Have sentences of checks in English, for a program of root's has no reader's language."""
    if not settings.configured:
        settings.configure(USE_I18N=False, USE_TZ=True)


def month_of(store: Store, samples: Samples, period: Period, zone: tzinfo) -> MonthOfMail:
    """The month of all mail."""
    _speak()
    begin, end = _begin(period.first, zone), _begin(period.last + timedelta(days=1), zone)
    hours = samples.hours(begin.timestamp(), end.timestamp()).values()
    part = traffic_history.part_of(begin, hours)
    used = samples.used_on(period.last)
    before = samples.used_in_all(period.first, period.first).get(period.first)
    total = sum(used.values()) if used else None
    largest = sorted(used.items(), key=lambda each: -each[1])[:_LARGEST]
    made = (each.created for each in store.search(AppPassword))
    found = since.kept()
    return MonthOfMail(
        store.settings().primary_domain or '',
        {kind: getattr(part, kind) for kind in KINDS},
        part.queue,
        total,
        None if total is None or before is None else total - before,
        mail_room() * 10**6,
        dict(largest),
        sum(_is_within(moment, period, zone) for moment in made),
        _standings(found, period, zone),
        _passed(found),
        package_updates.updates(period.first, period.last),
    )


def weekly(
    store: Store, samples: Samples, mailbox: Mailbox, period: Period, zone: tzinfo, language: str
) -> tuple[str, str]:
    """Subject and text of the weekly report on a mailbox."""
    use = mailbox_use.look(mailbox, period.first, period.days, zone)
    now = samples.used_on(period.last).get(mailbox.address)
    before = samples.used_on(period.first - timedelta(days=1)).get(mailbox.address)
    grown = None if now is None or before is None else now - before
    quota = fullness.quotas(store).of(mailbox.address)
    stored = StoredMail(now, str(quota) if quota.bytes else '', grown)
    owned = apppassword.of_owner(store, of_mailbox(store, mailbox))
    made = [each for each in owned if _is_within(each.created, period, zone)]
    return report_texts.weekly(use, stored, made, period, language)


def usage(mailbox: Mailbox, period: Period, zone: tzinfo, language: str) -> tuple[str, str]:
    """Subject and text of the report on the use of a mailbox."""
    use = mailbox_use.look(mailbox, period.first, period.days, zone)
    return report_texts.usage(use, period, language)
