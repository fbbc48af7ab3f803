# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of earlier owners of an address, which administrators give to the new owner or delete."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..status import State, Verdict
from .finding import Finding, Remedy


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
    """Kept mail of earlier owners from root's plain values."""
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
    """A finding for each kept mail whose address has a new owner today."""
    for mail in kept:
        params = {'count': mail.messages, 'address': mail.address, 'date': mail.since}
        owner = {'taken_by': mail.taken_by}
        code = 'mail-kept' if mail.complete else 'mail-kept.more'
        yield Finding(
            Verdict(State.LOOK, code, params | owner),
            mail.id,
            (
                Remedy('give', repair='give-mail', about=mail.id, params=owner),
                Remedy('delete-mail', page='email:mail-delete', about=mail.id),
            ),
        )
