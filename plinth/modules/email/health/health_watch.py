# SPDX-License-Identifier: AGPL-3.0-or-later
"""Look at all checks every five minutes, and tell administrators of news once.

A second look follows a minute later if the first one saw a change, so a problem is told after six
minutes at most. Mail goes to the postmaster, whom administrators read, through Postfix: what can't
leave the queue is in their mailbox all the same. An address outside is told without Postfix. What
was not told, or in quiet hours, is told at a later look.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ..errors import MailError
from ..sending import box_notice, outside_notice, telling
from ..system import files, systemd
from ..system.box_zone import box_zone
from . import check_list, health_message, observe_as_root, since
from .since import Standing, Standings

PAUSE = 60.0
logger = logging.getLogger(__name__)


def _look(last: Standings | None) -> Standings | None:
    """The standings after one look; None while email is turned off."""
    seen, now = observe_as_root.look(observe_as_root.missing()), datetime.now(UTC)
    found = check_list.checks(seen, now)
    domain = (seen.directory.primary if seen.directory else '') or ''
    return since.follow(last, found, now, check_list.HAS_SUBJECTS, domain) if found else None


def _keep(standings: Standings) -> None:
    files.tell_web(since.PATH, standings.to_json())


def _due(news: Iterable[Standing]) -> list[Standing]:
    """The news to tell now: in quiet hours only what stops mail."""
    hour = datetime.now(box_zone()).hour
    is_quiet = telling.load().is_quiet(hour)
    return [each for each in news if not is_quiet or (each.is_bad and each.stops_mail)]


def _tell_here(standings: Standings) -> Standings:
    """Tell of news by Postfix, and remember it."""
    news = _due(each for each in standings.checks if each.is_news(each.told))
    ours = [each for each in news if each.kind in check_list.TOLD_HERE]
    if not _send(box_notice.tell, f'postmaster@{standings.domain}', standings.domain, ours):
        return standings
    told = {each.check for each in news}

    def remembered(each: Standing) -> Standing:
        if each.check not in told:
            return each
        told_at = standings.looked if each.is_bad else None
        return replace(each, told=each.state, told_at=told_at)

    return replace(standings, checks=tuple(map(remembered, standings.checks)))


def _tell_outside(standings: Standings) -> Standings:
    """Tell of news at the address outside, and remember it; without one nothing is news."""
    address = telling.load().address
    news = _due(each for each in standings.checks if each.is_news(each.told_outside))
    theirs = [each for each in news if each.kind in check_list.TOLD_OUTSIDE]
    if address and not _send(outside_notice.tell, address, standings.domain, theirs):
        return standings
    told = {each.check for each in (news if address else standings.checks)}
    checks = [
        replace(each, told_outside=each.state) if each.check in told else each
        for each in standings.checks
    ]
    return replace(standings, checks=tuple(checks))


def _send(
    tell: Callable[[str, str, str, str], None], to: str, domain: str, news: Sequence[Standing]
) -> bool:
    """Send the message about news; whether there is nothing left to tell."""
    if not news:
        return True
    if not domain:
        return False
    subject, text = health_message.compose(news, box_zone())
    try:
        tell(to, domain, subject, text)
    except MailError as error:
        logger.warning('Administrators were not told of problems: %s', error.detail)
        return False
    return True


def watch(pause: float = PAUSE) -> None:
    """Look, once more after a pause if a state changed, and tell of news."""
    if not systemd.starts_at_boot('postfix'):
        return  # email is turned off
    standings = _look(since.kept())
    if standings and any(each.is_unsure for each in standings.checks):
        _keep(standings)
        time.sleep(pause)
        standings = _look(standings)
    if standings:
        _keep(_tell_outside(_tell_here(standings)))
