# SPDX-License-Identifier: AGPL-3.0-or-later
"""Answers to Postfix about recipients: whether the mailbox mail ends in has room.

Postfix asks about an address as it was given, before aliases. Mail is refused for the time being
only if no one would get it: each way ends in a mailbox of this box that is full. An alias that
also leads elsewhere, or to a mailbox with room, takes it; the copy for the full mailbox then waits
in the queue, where Dovecot's answer (452) keeps it. So no one loses mail because another person's
mailbox is full, and mail that only goes elsewhere is never refused.

What mailboxes hold is known from Dovecot's notes (`usage`), at most some seconds old. They decide
alone as long as a message fits; before a refusal Dovecot is asked, so a mailbox that was emptied
takes mail at once.

DIAGNOSTICS
    DUNNO        there is room, or it cannot be found out
    452 4.2.2    all mailboxes are full
"""

import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..config.mailbox_room import FULL
from ..directory.address import parse
from ..directory.resolve import Kind, Path, without_label
from ..errors import MailError
from .fullness import Fullness

PASSES = 'DUNNO'
FRESH_SECONDS = 10.0
MOST_PATHS = 5000
_ELSEWHERE: tuple[Kind, ...] = ('remote', 'reports', 'loop', 'too-long')
_TROUBLES = (MailError, OSError, ValueError, LookupError)
"""Nothing that goes wrong may keep mail out."""


@dataclass(frozen=True)
class Sources:
    """Where answers come from: fullness, the path of an address, and Dovecot's own word."""

    look: Callable[[], Fullness]
    resolve: Callable[[str], Path]
    is_full: Callable[[str, int], bool]


class QuotaPolicy:
    """Answers to Postfix."""

    def __init__(self, sources: Sources, clock: Callable[[], float] = time.monotonic) -> None:
        self._sources, self._clock = sources, clock
        self._paths: OrderedDict[str, tuple[float, Path]] = OrderedDict()

    def answer(self, asked: Mapping[str, str]) -> str:
        """The action for one question."""
        if asked.get('protocol_state') != 'RCPT':
            return PASSES
        size = asked.get('size', '')
        try:
            return self._judge(asked.get('recipient', ''), int(size) if size.isdecimal() else 0)
        except _TROUBLES as error:
            why = error.reason if isinstance(error, MailError) else error
            print(f'Quota: {type(error).__name__} {why}', file=sys.stderr)
            return PASSES

    def _judge(self, recipient: str, size: int) -> str:
        """The answer about a recipient; a message of unknown size has at least one byte."""
        size = max(size, 1)
        found = self._sources.look()
        if not found.quotas.any or size <= found.least:
            return PASSES
        address = parse(recipient)
        own = without_label(address)
        if address.domain not in found.quotas.domains:
            return PASSES
        if own in found.usages and found.fits(own, size):
            return PASSES
        return FULL if self._all_full(found, own, size) else PASSES

    def _all_full(self, found: Fullness, address: str, size: int) -> bool:
        """Whether each way of an address ends in a mailbox that is full."""
        path = self._path(address)
        mailboxes = path.mailboxes
        if path.ends(*_ELSEWHERE) or not mailboxes:
            return False
        if any(found.fits(each, size) for each in mailboxes):
            return False
        return all(self._is_full(found, each, size) for each in mailboxes)

    def _is_full(self, found: Fullness, address: str, size: int) -> bool:
        """Whether a mailbox is full: its domain by our counts, itself by Dovecot's."""
        total = found.total_room(address.rpartition('@')[2])
        if total is not None and size > total:
            return True
        return self._sources.is_full(address, size)

    def _path(self, address: str) -> Path:
        """The path of an address, remembered for some seconds."""
        now = self._clock()
        when, known = self._paths.get(address, (0.0, None))
        if known and now - when < FRESH_SECONDS:
            return known
        path = self._sources.resolve(address)
        self._paths[address] = now, path
        self._paths.move_to_end(address)
        while len(self._paths) > MOST_PATHS:
            self._paths.popitem(last=False)
        return path
