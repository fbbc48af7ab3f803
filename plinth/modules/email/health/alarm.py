# SPDX-License-Identifier: AGPL-3.0-or-later
"""FreedomBox's notification that mail stopped, for administrators who are on other pages.

A problem has to last two looks: a service that restarts is nothing to tell of. Problems of DNS
records have notifications of their own.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_noop

from ..activity.overview import mail_room
from ..activity.root_part import RootPart
from ..maintenance import checker_answers
from ..sending import relay_troubles
from ..status import State
from ..system import systemd
from . import announce, observe
from .condition import judge
from .finding import Finding, Remedy

ID = 'email-broken'
_OTHERS = 'records-'
_last: frozenset[str] = frozenset()


def lasting(
    findings: Sequence[Finding], last: Collection[str]
) -> tuple[frozenset[str], list[Finding]]:
    """The codes of broken findings, and those findings that were broken at the last look too."""
    broken = [
        finding
        for finding in findings
        if finding.state is State.BROKEN and not finding.code.startswith(_OTHERS)
    ]
    codes = frozenset(finding.code for finding in broken)
    return codes, [finding for finding in broken if finding.code in last]


def way(findings: Sequence[Finding]) -> dict[str, Any]:
    """The page that solves the one problem; the overview for several, and where the button is."""
    remedies = [next(iter(finding.remedies), None) for finding in findings]
    match remedies:
        case [Remedy(label=label, page=page, about=about)] if page:
            return {'link': label, 'page': page, 'about': about}
    return {'link': announce.SEE, 'page': announce.OVERVIEW}


def show(findings: Sequence[Finding]) -> None:
    """Notify of problems that last, or take the notification back."""
    announce.show(
        ID,
        ' '.join(sorted(finding.code for finding in findings)),
        announce.shown(ID),
        severity='error',
        title=gettext_noop('Email problems'),
        said=[said for finding in findings for said in (finding.title, finding.advice)],
        **way(findings),
    )


def _room() -> RootPart:
    """Root's part of an alarm's observation, without a call: each one stands in the journal."""
    return RootPart(
        room_mb=mail_room(), unreadable=checker_answers.kept(), relays=relay_troubles.kept()
    )


def follow() -> None:
    """Look once, and tell of findings that have been broken since the last look."""
    global _last
    seen = observe.look(systemd.starts_at_boot('postfix'), as_root=_room)
    condition = judge(seen, datetime.now(UTC))
    _last, found = lasting(condition.findings, _last)
    show(found)
