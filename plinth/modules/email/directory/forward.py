# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forwards that were stopped, and whether mail of a mailbox may be forwarded to other servers.

A stopped forward stands beside the destinations of its mailbox or alias, where no daemon reads it,
until a person chooses destinations anew.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self, cast

from ..errors import MailError
from .address import parse
from .entry import from_time_value, to_time_value

StopCause = Literal['failing', 'denied']
CAUSES: tuple[StopCause, ...] = ('failing', 'denied')
LONGEST_REPLY = 300
MOST_STOPPED = 500


@dataclass(frozen=True)
class StoppedForward:
    """A destination mail no longer goes to, since when, and the cause.

    It fails, with the last `reply` of the other server; or mail may not be forwarded there.
    """

    address: str
    since: datetime
    cause: StopCause
    reply: str = ''

    @classmethod
    def parse(cls, text: str) -> Self:
        """The forward an entry names. Raises MailError if it is none."""
        address, moment, cause, reply = (*text.split(' ', 3), '', '', '')[:4]
        try:
            since = from_time_value(moment)
        except ValueError as error:
            raise MailError('entry-invalid', text[:200]) from error
        if cause not in CAUSES or str(parse(address)) != address or len(reply) > LONGEST_REPLY:
            raise MailError('entry-invalid', text[:200])
        return cls(address, since, cast(StopCause, cause), reply)

    def __str__(self) -> str:
        return f'{self.address} {to_time_value(self.since)} {self.cause} {self.reply}'.rstrip()


def check_stopped(texts: Collection[str]) -> None:
    """Refuse stopped forwards that are none, or too many."""
    if len(texts) > MOST_STOPPED:
        raise MailError('list-too-long', most=MOST_STOPPED)
    for text in texts:
        if str(StoppedForward.parse(text)) != text or not text.isprintable():
            raise MailError('entry-invalid', text[:200])


def plain_reply(text: str) -> str:
    """A reply of another server as one short line."""
    shown = ''.join(character if character.isprintable() else ' ' for character in text)
    return ' '.join(shown.split())[:LONGEST_REPLY].rstrip()


def without(stopped: Collection[str], addresses: Collection[str]) -> tuple[str, ...]:
    """Stopped forwards but for those to some addresses."""
    return tuple(each for each in stopped if each.partition(' ')[0] not in addresses)
