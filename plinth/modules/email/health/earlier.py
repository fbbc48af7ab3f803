# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of earlier owners of an address, which administrators give to the new owner or delete."""

from collections.abc import Iterable, Iterator

from ..mailstore.kept_mail import KeptMail
from ..status import State, Verdict
from .finding import Finding, Remedy


def findings(kept: Iterable[KeptMail]) -> Iterator[Finding]:
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
