# SPDX-License-Identifier: AGPL-3.0-or-later
"""Look at all checks every five minutes, and tell administrators of news once.

A second look follows a minute later if the first one saw a change, so a problem is told after six
minutes at most. Mail goes to the postmaster, whom administrators read, through Postfix: what can't
leave the queue is in their mailbox all the same. What was not told is told at the next look.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ..errors import MailError
from ..sending import box_notice
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


def _is_ours(each: Standing) -> bool:
    """Whether no other message tells of it."""
    return each.kind in check_list.TOLD_HERE


def _tell(standings: Standings) -> Standings:
    """Tell of news, and remember it."""
    news = [each for each in standings.checks if each.is_news(each.told)]
    if _send([each for each in news if _is_ours(each)], standings.domain):
        told = {each.check for each in news}
        checks = [
            replace(each, told=each.state, told_at=standings.looked if each.is_bad else None)
            if each.check in told
            else each
            for each in standings.checks
        ]
        return replace(standings, checks=tuple(checks))
    return standings


def _send(news: Sequence[Standing], domain: str) -> bool:
    """Send the message about news; whether there is nothing left to tell."""
    if not news:
        return True
    if not domain:
        return False
    subject, text = health_message.compose(news, box_zone())
    try:
        box_notice.tell(f'postmaster@{domain}', domain, subject, text)
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
        _keep(_tell(standings))
