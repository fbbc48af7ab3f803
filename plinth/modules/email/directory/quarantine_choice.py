# SPDX-License-Identifier: AGPL-3.0-or-later
"""The choice where possible spam goes: of a mailbox, else the usual one of the box, else Junk.

DIAGNOSTICS
    quarantine-invalid   another word than `on` or `off`
"""

from typing import Literal, Protocol, get_args

from ..errors import MailError

QuarantineChoice = Literal['', 'on', 'off']
"""Into quarantine, into Junk, or '' for the usual choice of the box."""
QUARANTINE_CHOICES: tuple[QuarantineChoice, ...] = get_args(QuarantineChoice)


class HasChoice(Protocol):
    """An entry with such a choice."""

    @property
    def quarantine(self) -> str: ...  # noqa: D102


def check_quarantine(text: str) -> None:
    """Refuse text that is no choice."""
    if text not in QUARANTINE_CHOICES:
        raise MailError('quarantine-invalid')


def is_on(mailbox: HasChoice, settings: HasChoice) -> bool:
    """Whether possible spam for a mailbox goes into quarantine."""
    return (mailbox.quarantine or settings.quarantine) == 'on'


def is_usual(settings: HasChoice) -> bool:
    """Whether that holds for mailboxes without a choice of their own."""
    return settings.quarantine == 'on'
