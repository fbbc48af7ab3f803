# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of earlier owners of an address, which administrators give to the new owner or delete."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from freedombox.utils import format_lazy

from ..status import State
from .finding import Finding, Remedy, date


@dataclass(frozen=True)
class EarlierMail:
    """Kept mail of an earlier owner of an address, and who has the address today."""

    id: str
    address: str
    since: datetime
    messages: int
    taken_by: str
    complete: bool = True


def from_root(raw: Iterable[dict[str, Any]]) -> tuple[EarlierMail, ...]:
    """Kept mail of earlier owners from what root saw of it."""
    return tuple(
        EarlierMail(
            each['id'],
            each['address'],
            datetime.fromisoformat(each['since']),
            each['messages'],
            each['taken_by'],
            each['complete'],
        )
        for each in raw
    )


def findings(kept: Iterable[EarlierMail]) -> Iterator[Finding]:
    """Yield a finding for each kept mail whose address somebody has today."""
    for mail in kept:
        title = ngettext_lazy(
            '{count} message from a previous owner of {address} is kept.',
            '{count} messages from a previous owner of {address} are kept.',
            mail.messages,
        )
        if not mail.complete:
            title = _('More than {count} messages from a previous owner of {address} are kept.')
        yield Finding(
            f'mail-kept-{mail.id}',
            State.LOOK,
            format_lazy(title, count=mail.messages, address=mail.address),
            format_lazy(
                _("They are from before {date}. {taken_by} can't see them until you decide."),
                taken_by=mail.taken_by,
                date=date(mail.since),
            ),
            Remedy(
                format_lazy(_('Give to {taken_by}'), taken_by=mail.taken_by),
                repair='give-mail',
                about=mail.id,
            ),
            Remedy(_('Delete messages'), page='email:mail-delete', about=mail.id),
        )
