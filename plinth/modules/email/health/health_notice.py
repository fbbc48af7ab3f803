# SPDX-License-Identifier: AGPL-3.0-or-later
"""FreedomBox's notifications of warnings, and of problems that are solved.

They are made of the last look of root's program, which tells the same by mail. What stops mail has
a notification of its own, a minute after it happened (`alarm.py`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.utils.translation import gettext_noop

from ..status import State
from ..words import notices as words
from ..words.text import Sentence
from . import announce, check_list, since
from .since import REMEMBERED, Standing

WARNINGS, SOLVED = 'email-warnings', 'email-solved'
_PAGE = Sentence(gettext_noop('Show all checks'))


def warnings(standings: Sequence[Standing]) -> list[Standing]:
    """Warnings that were told by mail."""
    return [each for each in standings if each.state is State.LOOK and each.told_at]


def solved(standings: Sequence[Standing], now: datetime) -> list[Standing]:
    """Problems that were told, and are solved since a short time."""
    return [
        each
        for each in standings
        if not each.is_bad and each.solved and now - each.solved < REMEMBERED
    ]


def _news(found: Sequence[Standing]) -> str:
    """Text that changes when there is news."""
    return ' '.join(f'{each.check}:{each.solved or each.since:%s}' for each in found)


def follow() -> None:
    """Bring both notifications in step with the last look."""
    last = since.kept()
    ours = [each for each in last.checks if each.kind in check_list.TOLD_HERE] if last else []
    bad, well = warnings(ours), solved(ours, datetime.now(UTC))
    announce.show(
        WARNINGS,
        _news(bad),
        announce.shown(WARNINGS),
        title=gettext_noop('Email warnings'),
        said=[said for each in bad for said in (each.sentence, *each.advice)],
        link=_PAGE,
        page='email:health',
    )
    announce.show(
        SOLVED,
        _news(well),
        announce.shown(SOLVED),
        severity='info',
        title=gettext_noop('Email problems solved'),
        said=[Sentence(words.SOLVED, {'title': each.title}) for each in well],
        link=_PAGE,
        page='email:health',
    )
